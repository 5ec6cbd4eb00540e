"""Retrieve: which texts are worth comparing, by buckets of equal keys, found by sorting.

Three ways in. *Bands* of MinHash values bring near-equal texts together, *word bands* short ones that say the same
in another order, if their sketches agree; *phrases* chosen by winnowing bring a text together with a longer one that
holds it. Items are numbered by rank, so that in every pair the left item is the better one. What an item is compared
with depends on the buckets of its own keys alone: so the lists of some items can be derived without those of the others.

Two passes, so that neither the keys nor the pairs of all items are in memory together. The first goes through the
buckets and puts each pair where its right item belongs; the second goes through the right items, some at a time.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import (
    HALF,
    LOW,
    Buckets,
    Flags,
    Items,
    Pairs,
    Probe,
    Values,
    count_runs,
    find_runs,
    is_among,
    join,
    number_runs,
    pair_all,
    pair_with_best,
    sort_buckets,
    split,
)
from tasks.match.keys import Keys, list_owners, list_values, tell_asked
from tasks.match.options import MatchOptions
from tasks.match.shelf import Shelf
from tasks.match.signature import FINE_BITS

PHRASE_SHARE: Final = 0.25
"""A text is looked for in a longer one that has this share of its rare phrases: .3 finds .02 fewer
pairs, .2 takes twice the decisions (`tests/benchmarks/match_recall.py`)."""
MAX_PHRASE_BUCKET: Final = 30
"""A phrase in more texts than this is a stock phrase. (Measured on 17,159 paragraphs of news: 50 finds .953 of
contained pairs, 20 finds .935, 12 finds .895; the pairs to be counted grow in proportion.)"""
BYTES_PER_ITEM: Final = 2**15
"""Memory that the pairs of one item take at most, about, while they are sorted and counted (500 pairs of a short text among
ten million, at 64 bytes); with `max_index_mb` it sets how many items are gone through at a time."""
MAX_STRIPES: Final = 4096
MAX_WORD_BUCKET: Final = 16
"""Short texts that share three values of a word band and are all paired; of more, those that share four. (In 38,357
lines of one outlet, with 24 draws of the permutations, no `same` pair is missed because of it, and one contained pair of
182; with 10 two. At a million made-up paragraphs 16 has 3.4 million pairs of sketches looked at, 50 has 6.3.)"""
COARSE: Final = np.uint32(2**32 - 2**FINE_BITS)
"""The part of a word band that is made of three values."""


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
    met = _Met(keys, options)
    crowd = _meet_by_bands(keys, options, wanted, met) + _meet_by_words(keys, options, wanted, met)
    stock = _meet_by_phrases(keys, wanted, met)
    by_bands, by_phrases = (_Lists(keys.count, options) for _ in range(2))
    for stripe in range(met.stripes):
        known = _list_by_bands(met, stripe, options, by_bands)
        _list_by_phrases(met, stripe, known, by_phrases)
    met.clear()
    near, inside = (np.concatenate(lists.kept) for lists in (by_bands, by_phrases))
    by_phrase = np.repeat([False, True], [len(near), len(inside)])
    left, right = split(np.concatenate([near, inside]))
    order = np.lexsort((left, right))
    left_out = by_bands.left_out + by_phrases.left_out
    return Candidates(left[order], right[order], by_phrase[order], met.rare, left_out, crowd, stock)


class _Met:
    """Pairs that share a key, one for each key, by stripes: right items with numbers next to each other.

    Attributes:
        bands: Of buckets of bands of either kind.
        crowds: Those with the best few of oversized buckets.
        phrases: Of rare phrases, where the right item asks for them.
        rare: For each item how many rare phrases it asks for.
    """

    def __init__(self, keys: Keys, options: MatchOptions) -> None:
        at_once = options.max_index_mb * 2**20 // BYTES_PER_ITEM
        self.items = max(at_once, -(-keys.count // MAX_STRIPES))
        self.stripes = max(1, -(-keys.count // self.items))
        self.bands, self.crowds, self.phrases = (
            Shelf(self.stripes, np.uint64, keys.folder / name if keys.folder else None)
            for name in ("met-bands", "met-crowds", "met-phrases")
        )
        self.rare = np.zeros(keys.count, np.int64)

    def put(self, shelf: Shelf, pairs: Pairs) -> None:
        """Pairs to the stripes of their right items."""
        shelf.deal((pairs & LOW).astype(np.int64) // self.items, pairs)

    def clear(self) -> None:
        """Delete the files."""
        for shelf in (self.bands, self.crowds, self.phrases):
            shelf.clear()


class _Lists:
    """Pairs as they are found, no more than `max_candidates` for each right item.

    Of more, half are the best-ranked, where the kept copy of a cluster is, and half those that share most, where
    the same facts are.
    """

    def __init__(self, count: int, options: MatchOptions) -> None:
        self.most = options.max_candidates
        self.kept = [np.empty(0, np.uint64)]
        self.left_out = np.zeros(count, np.int64)

    def add(self, pairs: Pairs, shared: Items) -> None:
        """All pairs of some right items near each other, with how many keys each shares."""
        left, right = split(pairs)
        first = int(right.min()) if len(right) else 0
        is_full = np.bincount(right - first)[right - first] > self.most
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
        beyond = np.bincount(right[~is_kept] - first)
        self.left_out[first : first + len(beyond)] += beyond


def _meet_by_bands(keys: Keys, options: MatchOptions, wanted: Flags | None, met: _Met) -> int:
    """Pairs that share a band of shingles into `met`; returns how many in crowds were left out."""
    crowd = 0
    for values, items in keys.list_bands():
        if wanted is not None:
            found = Probe(values[wanted[items]]).find(values)
            values, items = values[found], items[found]  # noqa: PLW2901 - the bucket members that matter
        pairs, with_best, skipped = pair_bucket_members(values, items, options)
        crowd += skipped
        for shelf, its in ((met.bands, pairs), (met.crowds, with_best)):
            met.put(shelf, its if wanted is None else its[wanted[split(its)[1]]])
    return crowd


def _meet_by_words(keys: Keys, options: MatchOptions, wanted: Flags | None, met: _Met) -> int:
    """Pairs of short texts that share a word band, and most of their words, into `met`; returns how many in crowds were left out.

    Most that share a word band are chance, and chance grows with the square of the corpus: of 768,562 such pairs among
    a million made-up paragraphs 28,161 are alike, and the others link 165,288 texts to one component.
    """
    crowd = 0
    sketches = keys.read_sketches()
    is_wanted = None if wanted is None else wanted[sketches.items]
    for values, _ in keys.list_word_bands():
        numbers = sketches.numbers
        if is_wanted is not None:
            found = Probe((values & COARSE)[is_wanted[numbers]]).find(values & COARSE)
            values, numbers = values[found], numbers[found]  # noqa: PLW2901 - the bucket members that matter
        pairs, with_best, skipped = pair_by_words(values, numbers, options)
        crowd += skipped
        for shelf, its in ((met.bands, pairs), (met.crowds, with_best)):
            met.put(shelf, sketches.name(its if is_wanted is None else its[is_wanted[split(its)[1]]]))
    return crowd


def _list_by_bands(met: _Met, stripe: int, options: MatchOptions, lists: _Lists) -> Pairs:
    """Pairs of a stripe that share bands into `lists`; returns them with those beyond its limits, sorted.

    Of all oversized buckets of an item together it is compared with the best few: of a page printed a thousand
    times with other numbers every band is such a bucket, and each has other best ones.
    """
    near, shared = count_runs(met.bands.read(stripe))
    crowded = _keep_best(met.crowds.read(stripe), options.max_bucket_best)
    lists.kept.append(crowded)
    known = count_runs(np.concatenate([near, crowded]))[0]
    alone = ~is_among(near, np.sort(crowded))
    lists.add(near[alone], shared[alone])
    return known


def _keep_best(pairs: Pairs, best: int) -> Pairs:
    """For each right item the pairs with its best left items."""
    left, right = split(count_runs(pairs)[0])
    order = np.lexsort((left, right))
    left, right = left[order], right[order]
    kept = number_runs(right) < best
    return join(left[kept], right[kept])


def _meet_by_phrases(keys: Keys, wanted: Flags | None, met: _Met) -> int:
    """A pair for each rare phrase that an item asks for and another has, into `met`; returns the stock phrases.

    A phrase that more than `MAX_PHRASE_BUCKET` texts have says nothing, as a stop word does, and is no key.
    """
    stock = 0
    for every in keys.list_phrases():
        phrases, asks = np.sort(every), None
        if wanted is not None:
            asks = tell_asked(phrases) & wanted[list_owners(phrases)]
            found = Probe(list_values(phrases[asks])).find(list_values(phrases))
            phrases = phrases[found]
            asks = asks[found]
        values = list_values(phrases)
        starts, sizes = find_runs(values)
        is_stock = sizes > MAX_PHRASE_BUCKET
        stock += int(is_stock.sum())
        asked = phrases[(tell_asked(phrases) if asks is None else asks) & np.repeat(~is_stock, sizes)]
        met.rare += np.bincount(list_owners(asked), minlength=len(met.rare))
        several = ~is_stock & (sizes > 1)
        for pairs in _pair_asked(Buckets(phrases & LOW, starts[several], sizes[several])):
            its = pairs if wanted is None else pairs[wanted[(pairs & LOW).astype(np.int64)]]
            met.put(met.phrases, its)
    return 0 if wanted is not None else stock


def _list_by_phrases(met: _Met, stripe: int, known: Pairs, lists: _Lists) -> None:
    """Pairs of a stripe of which the left holds enough rare phrases of the right, and that are not known, into `lists`."""
    pairs, shared = count_runs(met.phrases.read(stripe))
    enough = shared >= PHRASE_SHARE * met.rare[(pairs & LOW).astype(np.int64)]
    enough[enough] = ~is_among(pairs[enough], known)
    lists.add(pairs[enough], shared[enough])


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


def pair_by_words(values: Values, items: npt.NDArray[Any], options: MatchOptions) -> tuple[Pairs, Pairs, int]:
    """`pair_bucket_members` by word bands: by three values where they bring few together, else by four.

    >>> fine, other = np.uint32(0x700), np.uint32(0x701)
    >>> pairs, *_ = pair_by_words(np.array([fine, other]), np.arange(2), MatchOptions())
    >>> [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]
    [(0, 1)]
    """
    shift, fine = np.uint64(FINE_BITS), np.uint64(~COARSE)
    every = values.astype(np.uint64)
    packed = ((every & ~fine) << HALF) | (items.astype(np.uint64) << shift) | (every & fine)
    packed.sort()
    starts, sizes = find_runs(packed >> (HALF + shift))
    is_large = sizes > limit_word_bucket(options)
    several = ~is_large & (sizes > 1)
    buckets = Buckets((packed >> shift) & LOW, starts[several], sizes[several])
    crowded = packed[np.repeat(is_large, sizes)]
    finer = ((crowded >> HALF) & ~fine) | (crowded & fine)
    pairs, with_best, skipped = pair_bucket_members(
        finer.astype(np.uint32), (crowded >> shift) & LOW, options
    )
    return np.concatenate([pairs, *pair_all(buckets)]), with_best, skipped


def limit_word_bucket(options: MatchOptions) -> int:
    """Texts that share three values of a word band and are all paired: what is an oversized bucket by four is one by three."""
    return min(MAX_WORD_BUCKET, options.max_bucket)


def count_skipped(sizes: Items, options: MatchOptions) -> int:
    """Pairs of oversized buckets that are not compared."""
    left_out = np.maximum(sizes - options.max_bucket_best, 0)[sizes > options.max_bucket]
    return int((left_out * (left_out - 1) // 2).sum())
