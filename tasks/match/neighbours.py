"""Which syllables stand beside which in Vietnamese news: of two spellings, the one that never stands there is a slip."""

from functools import cache, lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Final

from rapidfuzz.distance import OSA

from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.numerals import NUMBER_WORDS
from tasks.match.syllable import is_syllable

TABLE: Final = Path(__file__).with_name("neighbours.bin")
"""Pairs of syllables that stand side by side, and in how many of 35,440 Vietnamese news articles of 2017, as a power of
two; pairs in fewer than three are left out. Written by `tests/quality/neighbour_train.py`."""
BUCKETS, MAX_LEVEL = 1 << 16, 15
MIN_CHARS = 3
MIN_TIMES_LIKELIER = 128
"""Of 26 words that were written otherwise in one of two copies of a paragraph, all 13 that were so much likelier than
what stood for them were the right ones, and the others slips; truer pairs, such as `truyền thông` and `truyền thống`,
differ less than tenfold."""


def find_place(left: str, right: str) -> tuple[int, int]:
    """Bucket and tag of a pair of keys: 16 and 12 bits of its hash."""
    hashed = int.from_bytes(blake2b(f"{left} {right}".encode(), digest_size=4).digest(), "big")
    return hashed >> 16, hashed & 0xFFF


@cache
def _read_table() -> tuple[bytes, list[int]]:
    """The entries, and where each bucket begins: package data that no run changes."""
    data = TABLE.read_bytes()
    return data[BUCKETS:], [0, *accumulate(data[:BUCKETS])]


@lru_cache(maxsize=1 << 14)
def weigh(left: str, right: str) -> int:
    """In about how many articles two syllables, by their keys, stand side by side; 1 where in fewer than three.

    >>> weigh(word_key("pháp"), word_key("luật")) > 1000, weigh(word_key("phát"), word_key("luật")) < 10
    (True, True)
    """
    bucket, tag = find_place(left, right)
    entries, starts = _read_table()
    levels = [
        entries[at + 1] & 15
        for at in range(2 * starts[bucket], 2 * starts[bucket + 1], 2)
        if (entries[at] << 8 | entries[at + 1]) >> 4 == tag
    ]
    return 1 << max(levels, default=0)


@lru_cache(maxsize=1 << 14)
def may_be_slip(a: str, b: str) -> bool:
    """Whether of two words in small letters one may be the other with a slip that only the words around them tell.

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

    >>> is_slip_between("pháp", "phát", "do", "luật"), is_slip_between("thông", "thống", "truyền", "tốt")
    (True, False)
    """
    if not may_be_slip(a, b):
        return False
    one, other = (_weigh_between(word_key(word), before, after) for word in (a, b))
    return max(one, other) >= MIN_TIMES_LIKELIER * min(one, other)


def _weigh_between(key: str, before: str, after: str) -> int:
    left, right = word_key(before), word_key(after)
    return (weigh(left, key) if left else 1) * (weigh(key, right) if right else 1)
