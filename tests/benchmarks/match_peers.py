"""CPU seconds of the match step beside those of the libraries that others deduplicate with, on one corpus in one run.

    python -m tests.benchmarks.match_peers                 40,000 paragraphs of a seeded generator
    python -m tests.benchmarks.match_peers FOLDER          every line of the .txt, .jsonl and .jsonl.gz files below it

Each peer runs by its published recipe (word 3-grams made in Python, 128 permutations, LSH at .7, a query per text) in
an environment of its own, which is made once under `--cache`. It is timed from texts in memory to the list of
duplicates, without start-up and imports. Ours is keys, retrieval and decisions, with kernels loaded before. Peers
stop where our decisions begin: they name candidates, and do not say which of two texts holds the other.

text-dedup is no peer here: its environment brings Spark, and it did not install in four minutes.
"""

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tasks.match import MatchOptions, match, sign
from tests.benchmarks.match_cost import Line, make_table

PEERS: Final = {"rensa": ("rensa==0.5.0",), "datasketch": ("datasketch==2.0.0",)}
SHINGLES: Final = """
import json, sys, time
texts = json.load(open(sys.argv[1], encoding="utf-8"))
def shingle(text):
    words = text.lower().split()
    return {" ".join(words[n:n + 3]) for n in range(max(1, len(words) - 2))}
"""
RECIPES: Final = {
    "rensa": """
from rensa import RMinHash, RMinHashLSH
started = time.process_time()
index, hashes = RMinHashLSH(threshold=0.7, num_perm=128, num_bands=16), []
for n, text in enumerate(texts):
    made = RMinHash(num_perm=128, seed=42)
    made.update(list(shingle(text)))
    index.insert(n, made)
    hashes.append(made)
found = sum(any(other != n and made.jaccard(hashes[other]) >= 0.7 for other in index.query(made))
            for n, made in enumerate(hashes))
""",
    "datasketch": """
from datasketch import MinHash, MinHashLSH
started = time.process_time()
index, hashes = MinHashLSH(threshold=0.7, num_perm=128), []
for n, text in enumerate(texts):
    made = MinHash(num_perm=128)
    made.update_batch([part.encode() for part in shingle(text)])
    index.insert(n, made)
    hashes.append(made)
found = sum(len(index.query(made)) > 1 for made in hashes)
""",
}
TELL: Final = "print(json.dumps([time.process_time() - started, found]))\n"

ONSETS: Final = "b c ch d đ g h k kh l m n ng nh ph s t th tr v x".split()  # noqa: SIM905 - read as a line
RIMES: Final = (  # noqa: SIM905 - read as a line
    "a an ang anh ao ay ăm ăn ăng âm ân âu e em en eo ê êm ên ênh i im in inh o om on ong ô ôm ôn ông ơ ơi ơm u ung "
    "ua uôn uông ư ưa ưng ươi ương iên iêu"
).split()
SYLLABLES: Final = [onset + rime for rime in RIMES for onset in ONSETS]
WEIGHTS: Final = [1 / (rank + 10) for rank in range(len(SYLLABLES))]
"""By rank, as words are frequent (Zipf 1949)."""
PARAGRAPHS: Final = 40_000
COPIES: Final = 0.5
"""Of the generated paragraphs so many are edited copies of earlier ones."""


def generate(count: int, seed: int = 7) -> Iterator[str]:
    """Paragraphs of made-up news, half of them copies with a figure, a name, a word or a tail changed."""
    chance = random.Random(seed)  # noqa: S311 - a corpus, not a secret
    mixed = chance.sample(SYLLABLES, len(SYLLABLES))

    def draw(size: int) -> list[str]:
        return chance.choices(mixed, WEIGHTS, k=size)

    known: list[list[str]] = []
    for _ in range(count):
        if known and chance.random() < COPIES:
            words = list(chance.choice(known))
            at = chance.randrange(len(words))
            change = chance.choice(["figure", "word", "drop", "dateline", "tail"])
            if change == "figure":
                words[at] = str(chance.randrange(2, 9999))
            elif change == "word":
                words[at] = draw(1)[0]
            elif change == "drop":
                del words[at]
            elif change == "dateline":
                words = ["Bến", "Sậy", "-", *words]
            else:
                words = [*words, *draw(8)]
        else:
            words = draw(chance.randrange(20, 120))
            for at in range(0, len(words), 9):
                words[at] = chance.choice([words[at].title(), str(chance.randrange(2, 999)), words[at] + ","])
            known.append(words)
        yield " ".join(words).capitalize() + "."


def read_lines(folder: Path) -> Iterator[str]:
    """Every line that is not blank of every text below a folder."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.suffix == ".txt":
            yield from file.read_text("utf-8").splitlines()
        elif file.suffix in {".jsonl", ".gz"}:
            with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as records:
                for record in map(json.loads, records):
                    text = record["text"]
                    yield from text if isinstance(text, list) else text.splitlines()


def time_ours(texts: Sequence[str]) -> tuple[float, int]:
    """CPU seconds of the step, and how many paragraphs go."""
    lines: list[Line] = [(str(n), 0, text) for n, text in enumerate(texts)]
    table, options = make_table(lines), MatchOptions()
    match(sign(table.head(10_000), options=options), options=options)  # loads or compiles the kernels
    started = time.process_time()
    matched = match(sign(table, options=options), options=options)
    return time.process_time() - started, matched.verdicts.height


def time_peer(name: str, texts: Path, cache: Path) -> tuple[float, int]:
    """CPU seconds of a peer, and how many texts it takes for duplicates."""
    home = cache / name
    if not (home / "done").exists():
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *PEERS[name]]
        subprocess.run(pip, check=True)
        (home / "done").touch()
    script = home / "recipe.py"
    script.write_text(SHINGLES + RECIPES[name] + TELL, "utf-8")
    told = subprocess.run(
        [home / "bin" / "python", script, texts], check=True, capture_output=True, text=True
    ).stdout
    seconds, found = json.loads(told)
    return seconds, found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "match-peers")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    arguments = parser.parse_args()
    lines = read_lines(arguments.folder) if arguments.folder else generate(PARAGRAPHS)
    texts = [line.strip() for line in lines if line.strip()]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    arguments.cache.mkdir(parents=True, exist_ok=True)
    file = arguments.cache / "texts.json"
    file.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    measured = {"decant": time_ours(texts)}
    measured |= {name: time_peer(name, file, arguments.cache) for name in arguments.peers}
    sys.stdout.write(f"{len(texts)} paragraphs, {megabytes:.1f} MB\n")
    sys.stdout.write(f"{'':12}{'CPU s':>8}{'MB/CPU s':>10}{'duplicates':>12}\n")
    for name, (seconds, found) in measured.items():
        sys.stdout.write(f"{name:12}{seconds:8.2f}{megabytes / seconds:10.2f}{found:12}\n")


if __name__ == "__main__":
    main()
