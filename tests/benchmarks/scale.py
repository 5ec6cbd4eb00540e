"""What a run over very many short paragraphs costs: CPU seconds, memory and disk, per million of them.

    python -m tests.benchmarks.scale 1000000
    python -m tests.benchmarks.scale 10000000 --workers 1 --memory 4
    python -m tests.benchmarks.scale 1000000 --raw FOLDER --no-run     makes pages for tests/benchmarks/run_speed.py

Paragraphs are made up: 20 to 40 syllables of words drawn by rank, as words are frequent (Zipf 1949), a quarter of them
copies of earlier ones, word by word or with one edit, in pages of 5 to 20, as JSONL. What a paragraph says follows from
its number and the seed alone, so that a copy is made without the text that it copies: memory does not grow, and the
first million of ten is the million. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tests.benchmarks.match_peers import SYLLABLES
from tests.benchmarks.run_cost import list_command, size_of, watch

Numbers = npt.NDArray[np.uint64]

COPIES: Final = 0.25
WORDS: Final = 40_000
"""A dictionary of Vietnamese has about as many; the most frequent 300 have one syllable, the others two."""
SHORT_WORDS: Final = 300
MIN_WORDS, MAX_WORDS = 13, 25
"""Of 1.6 syllables: 20 to 40."""
BLOCK: Final = 1 << 16
"""Paragraphs made at a time."""
PAGES_PER_FILE: Final = 20_000
SITES: Final = 200
EDITS: Final = ("none", "none", "none", "figure", "word", "drop", "dateline", "tail")
NAMED, COUNTED, PAUSED = 8, 9, 10
"""Of 64 draws of a word, so many are a name; then a number; then end a clause."""


def draw(seed: int, numbers: Numbers, what: int) -> Numbers:
    """64 bits for each number, other ones for each `what`: splitmix64 (Steele, Lea and Flood 2014)."""
    start = (seed * 0xD1342543DE82EF95 + what * 0xDA942042E4DD58B5) % 2**64
    state = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


COPY, WHICH, LENGTH, EDIT, PLACE, FIGURE, PAGE, FIRST_WORD, FIRST_LOOK = 1, 2, 3, 4, 5, 6, 7, 100, 200


def find_origins(seed: int, numbers: Numbers) -> Numbers:
    """The paragraph that each says again; itself if it is new."""
    origins = numbers.copy()
    ahead = np.arange(len(numbers))
    while len(ahead):
        its = origins[ahead]
        is_copy = (draw(seed, its, COPY) < np.uint64(COPIES * 2**64)) & (its > 0)
        ahead, its = ahead[is_copy], its[is_copy]
        origins[ahead] = draw(seed, its, WHICH) % its
    return origins


class Generator:
    """Makes paragraphs by their number."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        every = np.arange(WORDS, dtype=np.uint64)
        first, second = (draw(seed, every, what) % np.uint64(len(SYLLABLES)) for what in (1, 2))
        self.words = [
            SYLLABLES[a] if n < SHORT_WORDS else f"{SYLLABLES[a]} {SYLLABLES[b]}"
            for n, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
        ]
        weights = np.cumsum(1 / (np.arange(WORDS) + 10))
        self.edges = weights / weights[-1]

    def make(self, numbers: Numbers) -> Iterator[str]:
        """The paragraphs of these numbers."""
        origins = find_origins(self.seed, numbers)
        words = [self._draw_words(origins, FIRST_WORD + place) for place in range(MAX_WORDS)]
        looks = [draw(self.seed, origins, FIRST_LOOK + place).tolist() for place in range(MAX_WORDS)]
        lengths = MIN_WORDS + draw(self.seed, origins, LENGTH) % np.uint64(MAX_WORDS - MIN_WORDS + 1)
        edits = (draw(self.seed, numbers, EDIT) % np.uint64(len(EDITS))).tolist()
        places, figures = (draw(self.seed, numbers, what).tolist() for what in (PLACE, FIGURE))
        is_copy = (origins != numbers).tolist()
        rows = zip(zip(*words, strict=True), zip(*looks, strict=True), lengths.tolist(), strict=True)
        for n, (ranks, its_looks, length) in enumerate(rows):
            said = [self._write(*both) for both in zip(ranks[:length], its_looks[:length], strict=True)]
            if is_copy[n]:
                self._edit(said, EDITS[edits[n]], places[n] % length, figures[n])
            text = " ".join(said)
            yield f"{text[0].upper()}{text[1:].rstrip(',')}."

    def _draw_words(self, origins: Numbers, what: int) -> list[int]:
        share = draw(self.seed, origins, what) / 2.0**64
        return np.minimum(np.searchsorted(self.edges, share), WORDS - 1).tolist()

    def _write(self, rank: int, look: int) -> str:
        """A word as it stands in its paragraph."""
        word, chance = self.words[rank], look & 63
        if chance < NAMED:
            return word.title()
        if chance < COUNTED:
            return str(2 + (look >> 6) % 997)
        return word + "," if chance < PAUSED else word

    def _edit(self, said: list[str], edit: str, place: int, figure: int) -> None:
        if edit == "figure":
            said[place] = str(2 + figure % 9997)
        elif edit == "word":
            said[place] = self.words[figure % WORDS]
        elif edit == "drop":
            del said[place]
        elif edit == "dateline":
            said.insert(0, "Bến Sậy -")
        elif edit == "tail":
            said += [self.words[(figure >> (8 * n)) % WORDS] for n in range(5)]


def make_paragraphs(count: int, seed: int) -> Iterator[str]:
    """So many, in order."""
    generator = Generator(seed)
    for start in range(0, count, BLOCK):
        yield from generator.make(np.arange(start, min(start + BLOCK, count), dtype=np.uint64))


def make_pages(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Records of 5 to 20 paragraphs."""
    paragraphs = make_paragraphs(count, seed)
    sizes = draw(seed, np.arange(1 + count // 5, dtype=np.uint64), PAGE)
    ends = accumulate(5 + int(size) % 16 for size in sizes)
    done = 0
    for number, (size, end) in enumerate(zip(sizes.tolist(), ends, strict=True)):
        lines = list(islice(paragraphs, min(end, count) - done))
        yield {
            "id": f"{number:08d}",
            "url": f"https://site{(size >> 8) % SITES:03d}.example/{number}",
            "published_at": f"2024-{1 + (size >> 16) % 12:02d}-{1 + (size >> 24) % 28:02d}",
            "text": "\n".join(lines),
        }
        done += len(lines)
        if done >= count:
            return


def write_raw(folder: Path, count: int, seed: int) -> None:
    """Write the pages as JSONL."""
    folder.mkdir(parents=True)
    file = None
    for number, page in enumerate(make_pages(count, seed)):
        if number % PAGES_PER_FILE == 0:
            if file:
                file.close()
            file = (folder / f"pages-{number // PAGES_PER_FILE:05d}.jsonl").open("w", encoding="utf-8")
        assert file is not None
        file.write(json.dumps(page, ensure_ascii=False) + "\n")
    if file:
        file.close()


def main() -> None:
    """Make pages, run over them, and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paragraphs", type=int)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--memory", type=float, help="GB, as for decant run")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--work", type=Path, help="where to make folders; the temporary folder by default")
    parser.add_argument("--raw", type=Path, help="keep the pages here, or take those that are here")
    parser.add_argument("--no-run", action="store_true", help="only make the pages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.work) as name:
        raw, out = arguments.raw or Path(name) / "raw", Path(name) / "clean"
        if not raw.exists():
            write_raw(raw, arguments.paragraphs, arguments.seed)
        if arguments.no_run:
            return
        options = ["--workers", str(arguments.workers), "--json"]
        options += ["--memory", str(arguments.memory)] if arguments.memory else []
        cost = watch(list_command(raw, out, options), out)
        told = {"paragraphs": arguments.paragraphs, "workers": arguments.workers}
        told |= cost.tell(size_of(raw)) | {"corpus_mb": round(size_of(out) / 1e6, 1)}
    millions = arguments.paragraphs / 1e6
    told["cpu_seconds_per_million"] = round(cost.cpu_seconds / millions, 1)
    told["disk_peak_bytes_per_paragraph"] = round(cost.disk_bytes / arguments.paragraphs)
    if cost.exit == 0:
        said = json.loads(cost.said)
        told |= {
            "kept": said["paragraphs_kept"],
            "removed": said["paragraphs_removed"],
            "pairs_not_examined": said["pairs_not_examined"],
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
