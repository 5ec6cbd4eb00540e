"""Count which syllables stand beside which in Vietnamese prose, for `tasks.match.neighbours`.

    python tests/quality/neighbour_train.py TEXTS.jsonl.gz ... [--to tasks/match/neighbours.bin]

Each line of the input is an object with a text of its own in `text`. Counted are texts, not occurrences, and pairs
with nothing but a blank between them that are not both in capitals, so that neither names nor what one text repeats
weigh in. What is written holds no text: per pair of syllables a hash of 28 bits, how many texts have it, as a power of
two, and whether either of the two tells the other.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tasks.match.lexicon import word_key
from tasks.match.neighbours import (
    BUCKETS,
    MAX_LEVEL,
    MIN_SHARE,
    TABLE,
    TELLS_LAST,
    TELLS_NEXT,
    find_place,
)
from tasks.match.syllable import is_syllable

MIN_TEXTS = 3
"""A pair that fewer texts have may be a slip itself."""
RUN = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")


def read_texts(file: Path) -> Iterator[str]:
    """The texts of a file, a line each."""
    with (
        gzip.open(file, "rt", encoding="utf-8")
        if file.suffix == ".gz"
        else file.open(encoding="utf-8") as lines
    ):
        for line in lines:
            yield json.loads(line)["text"]


def list_pairs(text: str) -> set[tuple[str, str]]:
    """Keys of syllables that stand side by side.

    >>> sorted(list_pairs("Sông Lưu lên, sông cạn"))
    [('lưu', 'lên'), ('sông', 'can5')]
    """
    return {
        (word_key(one), word_key(other))
        for run in RUN.findall(text)
        for one, other in pairwise(run.split(" "))
        if (one.islower() or other.islower()) and is_syllable(word_key(one)) and is_syllable(word_key(other))
    }


def pack(counts: Counter[tuple[str, str]]) -> bytes:
    """The table: how many entries each bucket has, a byte each, then two bytes for each entry."""
    nexts, lasts = Counter[str](), Counter[str]()
    for (left, right), count in counts.items():
        nexts[left] += count
        lasts[right] += count
    buckets: list[dict[int, int]] = [{} for _ in range(BUCKETS)]
    for (left, right), count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count >= MIN_TEXTS:  # of two with one hash the more frequent counts
            bucket, tag = find_place(left, right)
            told = TELLS_NEXT * (count >= MIN_SHARE * nexts[left]) | TELLS_LAST * (
                count >= MIN_SHARE * lasts[right]
            )
            buckets[bucket][tag] = tag << 6 | min(MAX_LEVEL, count.bit_length() - 1) << 2 | told
    sizes = bytes(map(len, buckets))
    return sizes + b"".join(
        entry.to_bytes(2, "big") for bucket in buckets for entry in sorted(bucket.values())
    )


def main() -> None:
    """Count, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXTS.jsonl")
    parser.add_argument("--to", type=Path, default=TABLE, metavar="FILE")
    options = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    read = 0
    for file in options.texts:
        for text in read_texts(file):
            counts.update(list_pairs(text))
            read += 1
    options.to.write_bytes(pack(counts))
    kept = sum(count >= MIN_TEXTS for count in counts.values())
    print(f"{read} texts, {kept} pairs of syllables in at least {MIN_TEXTS} of them: {options.to}")  # noqa: T201 (a command)


if __name__ == "__main__":
    main()
