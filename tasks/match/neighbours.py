"""Which syllables stand beside which in Vietnamese news: of two spellings, the one that never stands there is a slip."""

from functools import cache, lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.numerals import NUMBER_WORDS
from tasks.match.spelling import load_bands
from tasks.match.syllable import is_syllable

TABLE: Final = Path(__file__).with_name("neighbours.bin")
"""Pairs of syllables that stand side by side, and in how many of 35,440 Vietnamese news articles of 2017, as a power of
two; pairs in fewer than three are left out. Written by `tests/quality/neighbour_train.py`."""
BUCKETS, TAGS, MAX_LEVEL = 1 << 18, 1 << 10, 15
TELLS_NEXT, TELLS_LAST = 1, 2
MIN_SHARE: Final = 0.05
"""From this share on of all that stands beside a syllable another makes a word with it: `luật` tells `pháp` before it."""
MIN_CHARS = 3
MIN_TIMES_LIKELIER = 64
"""Of 26 words that stood in two spellings in two copies of a paragraph, 11 were so much likelier than the other and made
a word with a neighbour, or stood for a rare one: all 11 were right, and the others slips."""
MAX_RARE_BAND = 1
"""Once in a hundred thousand words, or rarer."""


class Bond(NamedTuple):
    """How two syllables stand side by side.

    Attributes:
        texts: In about how many articles; 1 for fewer than three.
        tells_next: The first is followed by the second so often that it tells what comes.
        tells_last: The second comes after the first so often that it tells what came.
    """

    texts: int
    tells_next: bool
    tells_last: bool


NONE: Final = Bond(1, tells_next=False, tells_last=False)


def find_place(left: str, right: str) -> tuple[int, int]:
    """Bucket and tag of a pair of keys: 18 and 10 bits of its hash."""
    hashed = int.from_bytes(blake2b(f"{left} {right}".encode(), digest_size=4).digest(), "big")
    return hashed % BUCKETS, hashed // BUCKETS % TAGS


class Table(NamedTuple):
    """Two bytes an entry, and where each bucket begins; an entry has ten bits of tag, four of level, two of what is told."""

    entries: bytes
    starts: list[int]


def open_table(data: bytes) -> Table:
    """A table as it was written: the sizes of all buckets, a byte each, then the entries."""
    return Table(data[BUCKETS:], [0, *accumulate(data[:BUCKETS])])


@cache
def _read_table() -> Table:
    """The table, read once: package data that no run changes."""
    return open_table(TABLE.read_bytes())


@lru_cache(maxsize=1 << 14)
def find_bond(left: str, right: str) -> Bond:
    """How two syllables, by their keys, stand side by side in the news.

    >>> find_bond(word_key("pháp"), word_key("luật"))
    Bond(texts=2048, tells_next=True, tells_last=True)
    """
    return look_up(_read_table(), left, right)


def look_up(table: Table, left: str, right: str) -> Bond:
    """What a table has of two keys; of keys that it has not, one in some 700 pairs gets what it has of another."""
    bucket, tag = find_place(left, right)
    entries, starts = table
    for at in range(2 * starts[bucket], 2 * starts[bucket + 1], 2):
        entry = entries[at] << 8 | entries[at + 1]
        if entry >> 6 == tag:
            return Bond(1 << (entry >> 2 & MAX_LEVEL), bool(entry & TELLS_NEXT), bool(entry & TELLS_LAST))
    return NONE


@lru_cache(maxsize=1 << 14)
def may_be_slip(a: str, b: str) -> bool:
    """Whether of two words in small letters one may be the other with a slip that only the words around it tell.

    Words that count, deny, bound or turn a statement are never taken for a slip.

    >>> may_be_slip("pháp", "phát"), may_be_slip("không", "khống"), may_be_slip("tám", "tấm")
    (True, False, False)
    """
    if a[0] != b[0] or max(len(a), len(b)) < MIN_CHARS or OSA.distance(a, b, score_cutoff=1) > 1:
        return False
    return all(_is_plain(word) for word in (a, b)) and word_key(a) != word_key(b)


def _is_plain(word: str) -> bool:
    key = word_key(word)
    if not (word.isalpha() and word.islower() and is_syllable(key)) or key in NUMBER_WORDS:
        return False
    phrase = load_lexicon().phrases.get((key,))
    return phrase is None or phrase.kind in (Kind.CONTENT, Kind.FREE)


def is_slip_between(a: str, b: str, before: str, after: str) -> bool:
    """Whether one of two words is a slip of the other between two words that both texts have, "" for none.

    The other must be far likelier there, and either make a word with one of the two, or be the slip of a word that is rare and
    stands there nowhere: `tàu chờ than` is no slip of `tàu chở than`.

    >>> is_slip_between("pháp", "phát", "do", "luật"), is_slip_between("chở", "chờ", "tàu", "than")
    (True, False)
    """
    if not may_be_slip(a, b):
        return False
    one, other = (_find_bonds(word_key(word), before, after) for word in (a, b))
    if _count(one) < _count(other):
        a, b, one, other = b, a, other, one
    if _count(one) < MIN_TIMES_LIKELIER * _count(other):
        return False
    is_word = (one[0].tells_next and one[0].texts >= MIN_TIMES_LIKELIER * other[0].texts) or (
        one[1].tells_last and one[1].texts >= MIN_TIMES_LIKELIER * other[1].texts
    )
    return is_word or (load_bands().get(word_key(b), 0) <= MAX_RARE_BAND and _count(other) <= 1 << 1)


def _find_bonds(key: str, before: str, after: str) -> tuple[Bond, Bond]:
    left, right = word_key(before), word_key(after)
    return (find_bond(left, key) if left else NONE, find_bond(key, right) if right else NONE)


def _count(bonds: tuple[Bond, Bond]) -> int:
    return bonds[0].texts * bonds[1].texts
