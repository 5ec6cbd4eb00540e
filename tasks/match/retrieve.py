"""Retrieve: which texts are worth comparing, by buckets of equal keys, found by sorting.

Two ways in. *Bands* of MinHash values bring near-equal texts together; *phrases* chosen by winnowing
bring a text together with a longer one that holds it. Items are numbered by rank, so that in every
pair the left item is the better one.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.options import MatchOptions
from tasks.match.signature import BANDS

Pairs = npt.NDArray[np.uint64]
"""Sorted, each once: the left item in the high 32 bits, the right one in the low."""

PHRASE_SHARE: Final = 0.25
"""A text is looked for in a longer one that has this share of its rare phrases: .3 finds .02 fewer
pairs, .2 takes twice the decisions (`tests/benchmarks/match_recall.py`)."""
MAX_PHRASE_BUCKET: Final = 30
"""A phrase in more texts than this is a stock phrase. (Measured on 17,159 paragraphs of news: 50 finds .953 of
contained pairs, 20 finds .935, 12 finds .895; the pairs to be counted grow in proportion.)"""
MAX_ASKED: Final = 16
"""Phrases of a text that others are searched for, about: four of sixteen shared make a candidate. (Measured at a million
paragraphs: with 12 chance pairs link 8,466 texts to one component, with 16 no more than 236; 8 find no more.)"""
LOW: Final = np.uint64(0xFFFFFFFF)
PHRASES_AT_ONCE: Final = 8_000_000
"""Phrases sorted at a time: about 300 MB."""
BYTES_PER_PHRASE: Final = 16
"""Memory that the pairs of one phrase take (measured at a million paragraphs: 0.8 pairs a phrase, twice 8 bytes each
while they are sorted); with `max_index_mb` it sets how many rounds are made, each for some of the items."""
MERGE_PAIRS: Final = 8_000_000
"""Pairs that wait before they are merged with those found so far: 64 MB."""


class Candidates(NamedTuple):
    """Pairs of items to decide, sorted by right item, then left.

    Attributes:
        left: The better-ranked item of each pair.
        right: The other.
        by_phrase: True where only phrases brought the two together.
        unexamined: How many pairs in oversized buckets were left out.
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    by_phrase: npt.NDArray[np.bool_]
    unexamined: int

    def to_frame(self) -> pl.DataFrame:
        """The pairs as a table of `left`, `right` and `by_phrase`."""
        return pl.DataFrame({"left": self.left, "right": self.right, "by_phrase": self.by_phrase})

    def without(self, is_huge: npt.NDArray[np.bool_]) -> "Candidates":
        """The pairs of which neither item is huge: a decision costs the square of what differs."""
        kept = ~(is_huge[self.left] | is_huge[self.right])
        return Candidates(self.left[kept], self.right[kept], self.by_phrase[kept], self.unexamined)


class Keys(NamedTuple):
    """The keys of all items, item by item.

    Attributes:
        bands: n x 32.
        phrases: Those of all items, one after the other.
        phrase_counts: How many of them each item has.
    """

    bands: npt.NDArray[np.uint32]
    phrases: npt.NDArray[np.uint32]
    phrase_counts: npt.NDArray[np.int64]


class Buckets(NamedTuple):
    """Items with equal values, next to each other; buckets of one are left out.

    Attributes:
        members: All items by value, then rank.
        starts: Where each bucket begins in `members`.
        sizes: How many it has.
    """

    members: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]

    def select(self, chosen: npt.NDArray[np.bool_]) -> "Buckets":
        """Some of the buckets."""
        return Buckets(self.members, self.starts[chosen], self.sizes[chosen])

    def list_places(self) -> npt.NDArray[np.int64]:
        """The places of all members of the buckets, bucket by bucket."""
        before = np.cumsum(self.sizes) - self.sizes
        return np.repeat(self.starts - before, self.sizes) + np.arange(int(self.sizes.sum()))

    def list_members(self) -> npt.NDArray[np.int64]:
        """All members of the buckets."""
        return self.members[self.list_places()].astype(np.int64)


def retrieve(keys: Keys, options: MatchOptions) -> Candidates:
    """The pairs to decide: a function of the keys, not of how they are stored or worked through."""
    near, unexamined = _pair_by_bands(keys.bands, options)
    inside = _pair_by_phrases(keys, near, options)
    pairs = np.concatenate([near, inside])
    by_phrase = np.repeat([False, True], [len(near), len(inside)])
    left, right = (pairs >> np.uint64(32)).astype(np.int64), (pairs & LOW).astype(np.int64)
    order = np.lexsort((left, right))
    return Candidates(left[order], right[order], by_phrase[order], unexamined)


def _pair_by_bands(bands: npt.NDArray[np.uint32], options: MatchOptions) -> tuple[Pairs, int]:
    """Pairs that share a band; and how many pairs of oversized buckets were left out, counted in each bucket.

    From all oversized buckets together an item is compared with `max_bucket_best` others, the best.
    """
    items = np.arange(len(bands), dtype=np.uint64)
    near, crowded = np.empty(0, np.uint64), np.empty(0, np.uint64)
    waiting: list[Pairs] = []
    unexamined = 0
    for band in range(BANDS if len(bands) else 0):
        pairs, with_best, skipped = pair_bucket_members(bands[:, band], items, options)
        crowded = _keep_best(np.concatenate([crowded, with_best]), options.max_bucket_best)
        waiting.append(pairs)
        unexamined += skipped
        if sum(map(len, waiting)) > MERGE_PAIRS or band == BANDS - 1:
            near, waiting = _run_lengths(np.concatenate([near, *waiting]))[0], []
    return _run_lengths(np.concatenate([near, crowded]))[0], unexamined


def _keep_best(pairs: Pairs, best: int) -> Pairs:
    """For each right item the pairs with its best left items."""
    by_right = _run_lengths((pairs << np.uint64(32)) | (pairs >> np.uint64(32)))[0]
    right = by_right >> np.uint64(32)
    kept = np.ones(len(by_right), np.bool_)
    kept[best:] = right[best:] != right[: len(right) - best]
    by_right = by_right[kept]
    return (by_right << np.uint64(32)) | (by_right >> np.uint64(32))


def _pair_by_phrases(keys: Keys, known: Pairs, options: MatchOptions) -> Pairs:
    """Pairs of which the left holds enough rare phrases of the right, and that are not known from the bands.

    A phrase that more than `MAX_PHRASE_BUCKET` texts have is a stock phrase: it says nothing, as a stop word does, and is
    no key. Of a long text only a sample of phrases is asked for, those with the least hashes: the same in every text.
    """
    owners = np.repeat(np.arange(len(keys.phrase_counts), dtype=np.uint32), keys.phrase_counts)
    last_asked = np.minimum(MAX_ASKED / np.maximum(1, keys.phrase_counts), 1.0) * (2**32 - 1)
    is_asked = keys.phrases <= np.repeat(last_asked.astype(np.uint32), keys.phrase_counts)
    asked = np.bincount(owners[is_asked], minlength=len(keys.phrase_counts))
    rounds = 1 + len(keys.phrases) * BYTES_PER_PHRASE // (options.max_index_mb * 2**20)
    found = [np.empty(0, np.uint64)]
    for number in range(rounds):
        asks = is_asked & (owners % rounds == number)
        pairs, stock = _count_shared(keys.phrases, owners, asks)
        pairs, shared = _run_lengths(pairs)
        needed = PHRASE_SHARE * (asked - stock)[(pairs & LOW).astype(np.int64)]
        pairs = pairs[shared >= needed]
        found.append(pairs[~_is_among(pairs, known)])
    return np.concatenate(found)


def _count_shared(
    phrases: npt.NDArray[np.uint32],
    owners: npt.NDArray[np.uint32],
    asks: npt.NDArray[np.bool_],
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """A pair for each rare phrase that an asking item shares; and how many stock phrases each item asks for."""
    found = [np.empty(0, np.uint64)]
    stock = np.zeros(int(owners.max(initial=0)) + 1, np.int64)
    edges = np.linspace(0, 2**32, 1 + len(phrases) // PHRASES_AT_ONCE + 1)
    for low, high in pairwise(edges):
        chosen = (phrases >= low) & (phrases < high)
        flagged = (owners[chosen].astype(np.uint64) << np.uint64(1)) | asks[chosen]
        buckets = _sort_buckets(phrases[chosen], flagged)
        is_stock = buckets.sizes > MAX_PHRASE_BUCKET
        members = buckets.select(is_stock).list_members()
        stock += np.bincount(members >> 1, members & 1, len(stock)).astype(np.int64)
        found += _pair_asked(buckets.select(~is_stock))
    return np.concatenate(found), stock


def _run_lengths(pairs: Pairs) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """The distinct pairs, sorted, and how often each occurs."""
    pairs = np.sort(pairs)
    is_first = np.ones(len(pairs), np.bool_)
    is_first[1:] = pairs[1:] != pairs[:-1]
    starts = np.flatnonzero(is_first)
    return pairs[starts], np.diff(np.append(starts, len(pairs)))


def _pair_asked(buckets: Buckets) -> Iterator[Pairs]:
    """Pairs whose right item asks for the phrase, its lowest bit; the bits are taken off."""
    for pairs in _pair_all(buckets):
        kept = pairs[(pairs & np.uint64(1)).astype(np.bool_)]
        yield ((kept >> np.uint64(33)) << np.uint64(32)) | ((kept & LOW) >> np.uint64(1))


def _is_among(pairs: Pairs, known: Pairs) -> npt.NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(pairs), np.bool_)
    places = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
    return np.asarray(known[places] == pairs)


def _sort_buckets(values: npt.NDArray[np.uint32], items: npt.NDArray[np.uint64]) -> Buckets:
    packed = np.sort((values.astype(np.uint64) << np.uint64(32)) | items)
    value = (packed >> np.uint64(32)).astype(np.uint32)
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(value)), np.bool_), value[1:] != value[:-1]]))
    sizes = np.diff(np.append(starts, len(value)))
    return Buckets(packed & LOW, starts[sizes > 1], sizes[sizes > 1])


def pair_bucket_members(
    values: npt.NDArray[np.uint32], items: npt.NDArray[np.uint64], options: MatchOptions
) -> tuple[Pairs, Pairs, int]:
    """Pairs of items with an equal value; of a bucket over `max_bucket` each with the best few only.

    Returns:
        The pairs of buckets that are not oversized, those of oversized ones, both in no order, and how many pairs
        of the latter were left out.

    >>> pairs, *_ = pair_bucket_members(np.array([7, 9, 7], np.uint32), np.arange(3, dtype=np.uint64),
    ...                                MatchOptions())
    >>> [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]
    [(0, 2)]
    """
    buckets = _sort_buckets(values, items)
    is_large = buckets.sizes > options.max_bucket
    large = buckets.select(is_large)
    none = np.empty(0, np.uint64)
    pairs = np.concatenate([none, *_pair_all(buckets.select(~is_large))])
    with_best = np.concatenate([none, *_pair_with_best(large, options.max_bucket_best)])
    left_out = large.sizes - options.max_bucket_best
    return pairs, with_best, int((left_out * (left_out - 1) // 2).sum())


def _pair_with_best(buckets: Buckets, best: int) -> Iterator[Pairs]:
    """Every member of each bucket with the best few of it."""
    members = buckets.members
    for start, size in zip(buckets.starts.tolist(), buckets.sizes.tolist(), strict=True):
        for place in range(start, start + best):
            yield (members[place] << np.uint64(32)) | members[place + 1 : start + size]


def _pair_all(buckets: Buckets) -> Iterator[Pairs]:
    """All pairs within each bucket, by their distance in it: one pass for each distance."""
    places = buckets.list_places()
    last = np.repeat(buckets.starts + buckets.sizes, buckets.sizes)
    distance = 1
    while len(places):
        inside = places + distance < last
        places, last = places[inside], last[inside]
        yield (buckets.members[places] << np.uint64(32)) | buckets.members[places + distance]
        distance += 1
