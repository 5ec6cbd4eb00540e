"""Touched: whose lists may be others now that some classes came, went, or changed their rank.

What an item is compared with depends on the buckets of its keys alone. So a list stays as it is unless one of
its buckets has a class that moved, and even then in most cases: in a bucket that was no crowd and is none, only pairs
with the class that moved come and go; in a crowd only its best few count; a stock phrase counts for nobody.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from tasks.match.buckets import Flags, Items, Probe, Values, count_runs, join, number_runs, split
from tasks.match.keys import Keys, Sentences, list_owners, list_values, tell_asked
from tasks.match.options import MatchOptions
from tasks.match.retrieve import (
    COARSE,
    MAX_PHRASE_BUCKET,
    PHRASE_SHARE,
    count_skipped,
    limit_word_bucket,
)


class Moved(NamedTuple):
    """Classes that are not there as they were.

    Attributes:
        is_moved: Of the classes that there are now, those that are new or have another best paragraph.
        is_new: Those that are new.
        gone: The keys of the classes that are no longer there.
        gone_sentences: Their sentences.
    """

    is_moved: Flags
    is_new: Flags
    gone: Keys
    gone_sentences: Sentences


class Touched(NamedTuple):
    """What has to be derived again.

    Attributes:
        wanted: Classes whose candidates may be others.
        long: Long classes whose sentences may be held by others.
        crowd: Pairs in oversized buckets that are left out now, more than before.
        stock: Stock phrases, more than before.
    """

    wanted: Flags
    long: Flags
    crowd: int
    stock: int


def find_touched(
    keys: Keys, sentences: Sentences, moved: Moved, rare: Items, options: MatchOptions
) -> Touched:
    """The classes whose lists may be others; those that moved are among them.

    Args:
        keys: Of all classes there are now.
        sentences: Theirs.
        moved: The classes that moved.
        rare: For each class the rare phrases it was looked for by, as `retrieve` counted before; 0 for new ones.
        options: Limits.
    """
    wanted = moved.is_moved.copy()
    crowd = _touch_by_bands(keys, moved, options, wanted)
    _touch_by_words(keys, moved, options, wanted)
    stock = _touch_by_phrases(keys, moved, rare, wanted)
    hashes, counts = sentences
    owners = np.repeat(np.arange(len(counts)), counts)
    touched = Probe(np.concatenate([hashes[moved.is_moved[owners]], moved.gone_sentences[0]])).find(hashes)
    has_touched = np.zeros(len(counts), np.bool_)
    has_touched[owners[touched]] = True
    return Touched(wanted, has_touched & (counts >= options.min_long_sentences), crowd, stock)


def _touch_by_bands(keys: Keys, moved: Moved, options: MatchOptions, wanted: Flags) -> int:
    """Mark the classes in `wanted`; returns how many more pairs of oversized buckets are left out."""
    crowd = 0
    for (values, items), (gone, _) in zip(
        chain(keys.list_bands(), keys.list_word_bands()),
        chain(moved.gone.list_bands(), moved.gone.list_word_bands()),
        strict=True,
    ):
        touched = np.concatenate([values[moved.is_moved[items]], gone])
        if not len(touched):
            continue
        places = Probe(touched).find(values)
        members = items[places]
        buckets = _Sizes(values[places], gone, moved.is_new[members])
        crowd += count_skipped(buckets.now, options) - count_skipped(buckets.before, options)
        stays_large = (buckets.now > options.max_bucket) & (buckets.before > options.max_bucket)
        order = np.lexsort((members, buckets.slots))
        is_best = np.empty(len(order), np.bool_)
        is_best[order] = number_runs(buckets.slots[order]) < options.max_bucket_best
        # One that was there before may have been among the best; where its place was is not known any more.
        counts = moved.is_moved[members] & (is_best | ~moved.is_new[members])
        stirred = ~stays_large
        stirred[buckets.slots[counts]] = True
        stirred[buckets.gone_slots] = True
        wanted[members[stirred[buckets.slots]]] = True
    return crowd


def _touch_by_words(keys: Keys, moved: Moved, options: MatchOptions, wanted: Flags) -> None:
    """Mark the classes in `wanted` that share three values of a word band with one that moved.

    Where more than a few share them, before and now, they count for nobody.
    """
    for (values, items), (gone, _) in zip(keys.list_word_bands(), moved.gone.list_word_bands(), strict=True):
        coarse, gone_coarse = values & COARSE, gone & COARSE
        touched = np.concatenate([coarse[moved.is_moved[items]], gone_coarse])
        places = Probe(touched).find(coarse) if len(touched) else np.empty(0, np.int64)
        members = items[places]
        buckets = _Sizes(coarse[places], gone_coarse, moved.is_new[members])
        counts = np.minimum(buckets.now, buckets.before) <= limit_word_bucket(options)
        wanted[members[counts[buckets.slots]]] = True


def _touch_by_phrases(keys: Keys, moved: Moved, rare: Items, wanted: Flags) -> int:
    """Mark the classes in `wanted`; returns how many more stock phrases there are."""
    stock, found = 0, [np.empty(0, np.uint64)]
    for every, gone in zip(keys.list_phrases(), moved.gone.list_phrases(), strict=True):
        owners = list_owners(every)
        probe = Probe(list_values(np.concatenate([every[moved.is_moved[owners]], gone])))
        places, slots = probe.locate(list_values(every))
        phrases, own = every[places], owners[places]
        gone_slots = np.searchsorted(probe.known, list_values(gone))
        count = len(probe.known)
        now = np.bincount(slots, minlength=count)
        came = np.bincount(slots[moved.is_new[own]], minlength=count)
        before = now - came + np.bincount(gone_slots, minlength=count)
        is_stock, was_stock = now > MAX_PHRASE_BUCKET, before > MAX_PHRASE_BUCKET
        stock += int(is_stock.sum()) - int(was_stock.sum())
        # What is, and was, a stock phrase brings nobody together: most of them.
        counts = ~(is_stock & was_stock)[slots]
        phrases, own, slots = phrases[counts], own[counts], slots[counts]
        asks = tell_asked(phrases)
        wanted[own[asks & (is_stock != was_stock)[slots]]] = True
        # Pairs of a class that moved or went, and one that asks for a phrase of it.
        moving = moved.is_moved[own]
        stays = asks & ~wanted[own] & ~(is_stock | was_stock)[slots]
        movers = np.concatenate([own[moving], list_owners(gone) + len(wanted)])
        mover_slots = np.concatenate([slots[moving], gone_slots])
        found.append(_pair_slots(mover_slots, movers, slots[stays], own[stays]))
    pairs, shared = count_runs(np.concatenate(found))
    right = split(pairs)[1]
    wanted[right[shared >= PHRASE_SHARE * rare[right]]] = True
    return stock


class _Sizes:
    """The buckets of touched values, as they are and as they were.

    Args:
        values: All that there are of the touched values.
        gone: Those that went.
        is_new: Which of `values` came.

    Attributes:
        slots: The bucket of each value.
        gone_slots: The bucket of each value that went.
        now: The size of each bucket.
        before: What it was.
    """

    def __init__(self, values: Values, gone: Values, is_new: Flags) -> None:
        known, slots = np.unique(np.concatenate([values, gone]), return_inverse=True)
        self.slots, self.gone_slots = slots[: len(values)], slots[len(values) :]
        self.now = np.bincount(self.slots, minlength=len(known))
        went = np.bincount(self.gone_slots, minlength=len(known))
        self.before = self.now - np.bincount(self.slots[is_new], minlength=len(known)) + went


def _pair_slots(slots: Items, movers: Items, their_slots: Items, others: Items) -> np.ndarray:
    """A pair of each mover and each other in the same slot."""
    order = np.argsort(their_slots, kind="stable")
    their_slots, others = their_slots[order], others[order]
    starts = np.searchsorted(their_slots, slots)
    counts = np.searchsorted(their_slots, slots, side="right") - starts
    shift = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return join(np.repeat(movers, counts), others[shift + np.arange(len(shift))])
