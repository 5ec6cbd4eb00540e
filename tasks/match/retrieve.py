"""Retrieve: which texts are worth comparing, by buckets of equal keys, found by sorting.

Three ways in. *Bands* of MinHash values bring near-equal texts together, *word bands* short ones that say the same
in another order; *phrases* chosen by winnowing bring a text together with a longer one that holds it. Items are
numbered by rank, so that in every pair the left item is the better one. What an item is compared with depends on
the buckets of its own keys alone: so the lists of some items can be derived without those of the others.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import (
    LOW,
    Buckets,
    Flags,
    Items,
    Pairs,
    Probe,
    Values,
    add_runs,
    count_runs,
    is_among,
    join,
    number_runs,
    pair_all,
    pair_with_best,
    sort_buckets,
    split,
)
from tasks.match.options import MatchOptions
from tasks.match.signature import BANDS

PHRASE_SHARE: Final = 0.25
"""A text is looked for in a longer one that has this share of its rare phrases: .3 finds .02 fewer
pairs, .2 takes twice the decisions (`tests/benchmarks/match_recall.py`)."""
MAX_PHRASE_BUCKET: Final = 30
"""A phrase in more texts than this is a stock phrase. (Measured on 17,159 paragraphs of news: 50 finds .953 of
contained pairs, 20 finds .935, 12 finds .895; the pairs to be counted grow in proportion.)"""
MAX_ASKED: Final = 16
"""Phrases of a text that others are searched for, about: four of sixteen shared make a candidate. (Measured at a million
paragraphs: with 12 chance pairs link 8,466 texts to one component, with 16 no more than 236; 8 find no more.)"""
PHRASES_AT_ONCE: Final = 8_000_000
"""Phrases sorted at a time: about 300 MB."""
BYTES_PER_PHRASE: Final = 16
"""Memory that the pairs of one phrase take (measured at a million paragraphs: 0.8 pairs a phrase, twice 8 bytes each
while they are sorted); with `max_index_mb` it sets how many rounds are made, each for some of the items."""
MERGE_PAIRS: Final = 8_000_000
"""Pairs that wait before they are merged with those found so far: 64 MB."""


class Keys(NamedTuple):
    """The keys of all items, item by item.

    Attributes:
        bands: n x 32.
        loose: The items that have word bands, rising.
        word_bands: Theirs, as many x 32.
        phrases: Those of all items, one after the other.
        phrase_counts: How many of them each item has.
    """

    bands: npt.NDArray[np.uint32]
    loose: Items
    word_bands: npt.NDArray[np.uint32]
    phrases: Values
    phrase_counts: Items

    def list_bands(self) -> Iterator[tuple[Values, Items]]:
        """Band by band the values, and the items that have them."""
        every = np.arange(len(self.bands))
        for band in range(BANDS if len(self.bands) else 0):
            yield self.bands[:, band], every
        for band in range(BANDS if len(self.loose) else 0):
            yield self.word_bands[:, band], self.loose

    def list_owners(self) -> npt.NDArray[np.uint32]:
        """The item of each phrase."""
        return np.repeat(np.arange(len(self.phrase_counts), dtype=np.uint32), self.phrase_counts)

    def tell_asked(self) -> Flags:
        """Whether a phrase is one by which its item is looked for: of a long text a sample, the least hashes."""
        return np.asarray(self.phrases <= np.repeat(limit_asked(self.phrase_counts), self.phrase_counts))

    def select_phrases(self, wanted: Flags) -> "Phrases":
        """The phrases of some items."""
        items = np.flatnonzero(wanted)
        counts = self.phrase_counts[items]
        starts = (np.cumsum(self.phrase_counts) - self.phrase_counts)[items]
        places = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        return self._tell_phrases(places, np.repeat(items, counts))

    def tell_phrases(self, places: Items) -> "Phrases":
        """Some phrases, by their places."""
        return self._tell_phrases(places, np.searchsorted(np.cumsum(self.phrase_counts), places, "right"))

    def _tell_phrases(self, places: Items, owners: Items) -> "Phrases":
        values = self.phrases[places]
        asked = values <= limit_asked(self.phrase_counts[owners])
        return Phrases(values, owners.astype(np.uint32), np.asarray(asked))


class Phrases(NamedTuple):
    """Some phrases, in the order of their items.

    Attributes:
        values: Their hashes.
        owners: The item of each.
        is_asked: Whether it is one by which its item is looked for.
    """

    values: Values
    owners: npt.NDArray[np.uint32]
    is_asked: Flags


def limit_asked(phrase_counts: Items) -> Values:
    """The greatest hash of a phrase by which an item is looked for that has so many."""
    last = np.minimum(MAX_ASKED / np.maximum(1, phrase_counts), 1.0) * (2**32 - 1)
    return last.astype(np.uint32)


class Candidates(NamedTuple):
    """What each item has to be compared with, and what was left out.

    Attributes:
        left: The better-ranked item of each pair; pairs are sorted by right item, then left.
        right: The other.
        by_phrase: True where only phrases brought the two together.
        rare: For each item how many rare phrases it was looked for by.
        left_out: For each item the pairs beyond `max_candidates`, of which it is the right one.
        crowd: Pairs in oversized buckets that were not compared, counted in each bucket.
        stock: Phrases in so many texts that nothing was looked for by them.
    """

    left: Items
    right: Items
    by_phrase: Flags
    rare: Items
    left_out: Items
    crowd: int
    stock: int

    @property
    def unexamined(self) -> int:
        """Pairs that share a key and were not compared."""
        return self.crowd + int(self.left_out.sum())

    def to_frame(self) -> pl.DataFrame:
        """The pairs as a table of `left`, `right` and `by_phrase`."""
        return pl.DataFrame({"left": self.left, "right": self.right, "by_phrase": self.by_phrase})

    def without(self, is_huge: Flags) -> "Candidates":
        """The pairs of which neither item is huge: a decision costs the square of what differs."""
        kept = ~(is_huge[self.left] | is_huge[self.right])
        return self._replace(left=self.left[kept], right=self.right[kept], by_phrase=self.by_phrase[kept])


def retrieve(keys: Keys, options: MatchOptions, wanted: Flags | None = None) -> Candidates:
    """What to compare items with: a function of the keys, not of how they are stored or worked through.

    Args:
        keys: Those of all items.
        options: Limits.
        wanted: The items whose lists are derived; all by default. `crowd` counts the buckets met, `stock` is 0 then.
    """
    by_bands = _Lists(len(keys.bands), options)
    every, crowd = _pair_by_bands(keys, options, wanted, by_bands)
    by_phrases = _Lists(len(keys.bands), options)
    stock = _pair_by_phrases(keys, every, options, wanted, by_phrases)
    near, inside = (np.concatenate(lists.kept) for lists in (by_bands, by_phrases))
    by_phrase = np.repeat([False, True], [len(near), len(inside)])
    left, right = split(np.concatenate([near, inside]))
    order = np.lexsort((left, right))
    left_out = by_bands.left_out + by_phrases.left_out
    return Candidates(left[order], right[order], by_phrase[order], by_phrases.rare, left_out, crowd, stock)


class _Lists:
    """Pairs as they are found, no more than `max_candidates` for each right item.

    Of more, half are the best-ranked, where the kept copy of a cluster is, and half those that share most, where
    the same facts are.
    """

    def __init__(self, count: int, options: MatchOptions) -> None:
        self.most = options.max_candidates
        self.kept = [np.empty(0, np.uint64)]
        self.left_out = np.zeros(count, np.int64)
        self.rare = np.zeros(count, np.int64)

    def add(self, pairs: Pairs, shared: Items) -> None:
        """All pairs of some right items, with how many keys each shares."""
        left, right = split(pairs)
        sizes = np.bincount(right, minlength=len(self.left_out))
        is_full = sizes[right] > self.most
        self.kept.append(pairs[~is_full])
        if not is_full.any():
            return
        left, right, pairs, shared = left[is_full], right[is_full], pairs[is_full], shared[is_full]
        best = self.most - self.most // 2
        by_rank = np.lexsort((left, right))
        is_kept = np.zeros(len(pairs), np.bool_)
        is_kept[by_rank] = number_runs(right[by_rank]) < best
        rest = np.flatnonzero(~is_kept)
        by_share = rest[np.lexsort((left[rest], -shared[rest], right[rest]))]
        is_kept[by_share] = number_runs(right[by_share]) < self.most - best
        self.kept.append(pairs[is_kept])
        self.left_out += np.bincount(right[~is_kept], minlength=len(self.left_out))


def _pair_by_bands(
    keys: Keys, options: MatchOptions, wanted: Flags | None, lists: _Lists
) -> tuple[Pairs, int]:
    """Pairs that share a band into `lists`; returns all of them, sorted, and how many in crowds were left out.

    Of all oversized buckets of an item together it is compared with the best few: of a page printed a thousand
    times with other numbers every band is such a bucket, and each has other best ones.
    """
    near, shared = np.empty(0, np.uint64), np.empty(0, np.int64)
    crowded = np.empty(0, np.uint64)
    waiting: list[Pairs] = []
    crowd = 0
    for values, items in keys.list_bands():
        if wanted is not None:
            found = Probe(values[wanted[items]]).find(values)
            values, items = values[found], items[found]  # noqa: PLW2901 - the bucket members that matter
        pairs, with_best, skipped = pair_bucket_members(values, items, options)
        crowd += skipped
        if wanted is not None:
            pairs, with_best = pairs[wanted[split(pairs)[1]]], with_best[wanted[split(with_best)[1]]]
        crowded = _keep_best(np.concatenate([crowded, with_best]), options.max_bucket_best)
        waiting.append(pairs)
        if sum(map(len, waiting)) > MERGE_PAIRS:
            near, shared = add_runs(near, shared, np.concatenate(waiting))
            waiting = []
    near, shared = add_runs(near, shared, np.concatenate([np.empty(0, np.uint64), *waiting]))
    lists.kept.append(crowded)
    alone = ~is_among(near, np.sort(crowded))
    lists.add(near[alone], shared[alone])
    return count_runs(np.concatenate([near, crowded]))[0], crowd


def _keep_best(pairs: Pairs, best: int) -> Pairs:
    """For each right item the pairs with its best left items."""
    left, right = split(count_runs(pairs)[0])
    order = np.lexsort((left, right))
    left, right = left[order], right[order]
    kept = number_runs(right) < best
    return join(left[kept], right[kept])


def _pair_by_phrases(
    keys: Keys, known: Pairs, options: MatchOptions, wanted: Flags | None, lists: _Lists
) -> int:
    """Pairs of which the left holds enough rare phrases of the right, and that the bands do not know, into `lists`.

    A phrase that more than `MAX_PHRASE_BUCKET` texts have is a stock phrase: it says nothing, as a stop word does, and is
    no key; returns how many there are.
    """
    if wanted is None:
        phrases, owners, is_asked = keys.phrases, keys.list_owners(), keys.tell_asked()
    else:
        asking = keys.select_phrases(wanted)
        places, slots = Probe(asking.values[asking.is_asked]).locate(keys.phrases)
        # Most are stock phrases, which bring nobody together.
        is_rare = np.bincount(slots) <= MAX_PHRASE_BUCKET
        phrases, owners, is_asked = keys.tell_phrases(places[is_rare[slots]])
        is_asked &= wanted[owners]
    rounds = 1 + len(phrases) * BYTES_PER_PHRASE // (options.max_index_mb * 2**20)
    stock = 0
    for number in range(rounds):
        asks = is_asked & (owners % rounds == number) if rounds > 1 else is_asked
        found_pairs, is_rare, stock = _count_shared(phrases, owners, asks)
        rare = np.bincount(owners[asks & is_rare], minlength=len(lists.rare))
        lists.rare += rare
        pairs, shared = count_runs(found_pairs)
        enough = shared >= PHRASE_SHARE * rare[(pairs & LOW).astype(np.int64)]
        enough[enough] = ~is_among(pairs[enough], known)
        lists.add(pairs[enough], shared[enough])
    return stock


def _count_shared(phrases: Values, owners: npt.NDArray[np.uint32], asks: Flags) -> tuple[Pairs, Flags, int]:
    """A pair for each rare phrase that an asking item shares; which phrases are rare; how many are not."""
    found = [np.empty(0, np.uint64)]
    is_rare = np.ones(len(phrases), np.bool_)
    stock = 0
    edges = np.linspace(0, 2**32, 1 + len(phrases) // PHRASES_AT_ONCE + 1)
    for low, high in pairwise(edges):
        chosen = np.flatnonzero((phrases >= low) & (phrases < high))
        buckets = sort_buckets(phrases[chosen], np.arange(len(chosen)))
        is_stock = buckets.sizes > MAX_PHRASE_BUCKET
        stock += int(is_stock.sum())
        is_rare[chosen[buckets.select(is_stock).list_members()]] = False
        own = chosen[buckets.members.astype(np.int64)]
        flagged = (owners[own].astype(np.uint64) << np.uint64(1)) | asks[own]
        found += _pair_asked(buckets.select(~is_stock)._replace(members=flagged))
    return np.concatenate(found), is_rare, stock


def _pair_asked(buckets: Buckets) -> Iterator[Pairs]:
    """Pairs whose right item asks for the phrase, its lowest bit; the bits are taken off."""
    for pairs in pair_all(buckets):
        kept = pairs[(pairs & np.uint64(1)).astype(np.bool_)]
        yield ((kept >> np.uint64(33)) << np.uint64(32)) | ((kept & LOW) >> np.uint64(1))


def pair_bucket_members(
    values: Values, items: npt.NDArray[Any], options: MatchOptions
) -> tuple[Pairs, Pairs, int]:
    """Pairs of items with an equal value; of a bucket over `max_bucket` each with the best few only.

    Returns:
        The pairs of buckets that are not oversized, those of oversized ones, both in no order, and how many pairs
        of the latter were left out.

    >>> pairs, *_ = pair_bucket_members(np.array([7, 9, 7], np.uint32), np.arange(3), MatchOptions())
    >>> [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]
    [(0, 2)]
    """
    buckets = sort_buckets(values, items)
    is_large = buckets.sizes > options.max_bucket
    large = buckets.select(is_large)
    none = np.empty(0, np.uint64)
    pairs = np.concatenate([none, *pair_all(buckets.select(~is_large))])
    with_best = np.concatenate([none, *pair_with_best(large, options.max_bucket_best)])
    return pairs, with_best, count_skipped(large.sizes, options)


def count_skipped(sizes: Items, options: MatchOptions) -> int:
    """Pairs of oversized buckets that are not compared."""
    left_out = np.maximum(sizes - options.max_bucket_best, 0)[sizes > options.max_bucket]
    return int((left_out * (left_out - 1) // 2).sum())
