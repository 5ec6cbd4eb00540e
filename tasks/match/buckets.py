"""Buckets: items with an equal value, found by sorting, and the pairs within them."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Items = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Values = npt.NDArray[np.uint32]
Pairs = npt.NDArray[np.uint64]
"""The left item in the high 32 bits, the right one in the low."""

LOW: Final = np.uint64(0xFFFFFFFF)
HALF: Final = np.uint64(32)


class Buckets(NamedTuple):
    """Items with equal values, next to each other; buckets of one are left out.

    Attributes:
        members: All items by value, then by number.
        starts: Where each bucket begins in `members`.
        sizes: How many it has.
    """

    members: Pairs
    starts: Items
    sizes: Items

    def select(self, chosen: Flags) -> "Buckets":
        """Some of the buckets."""
        return Buckets(self.members, self.starts[chosen], self.sizes[chosen])

    def list_places(self) -> Items:
        """The places of all members of the buckets, bucket by bucket."""
        before = np.cumsum(self.sizes) - self.sizes
        return np.repeat(self.starts - before, self.sizes) + np.arange(int(self.sizes.sum()))

    def list_members(self) -> Items:
        """All members of the buckets."""
        return self.members[self.list_places()].astype(np.int64)


def sort_buckets(values: Values, items: npt.NDArray[Any]) -> Buckets:
    """The buckets of more than one item.

    >>> buckets = sort_buckets(np.array([7, 9, 7], np.uint32), np.arange(3))
    >>> buckets.list_members().tolist(), buckets.sizes.tolist()
    ([0, 2], [2])
    """
    packed = np.sort((values.astype(np.uint64) << HALF) | items.astype(np.uint64))
    starts, sizes = find_runs((packed >> HALF).astype(np.uint32))
    return Buckets(packed & LOW, starts[sizes > 1], sizes[sizes > 1])


def find_runs(values: npt.NDArray[Any]) -> tuple[Items, Items]:
    """Where each run of equal values begins, and how long it is.

    >>> [column.tolist() for column in find_runs(np.array([4, 4, 7]))]
    [[0, 2], [2, 1]]
    """
    starts = np.flatnonzero(
        np.concatenate([np.ones(min(1, len(values)), np.bool_), values[1:] != values[:-1]])
    )
    return starts, np.diff(np.append(starts, len(values)))


def pair_all(buckets: Buckets) -> Iterator[Pairs]:
    """All pairs within each bucket, by their distance in it: one pass for each distance."""
    places = buckets.list_places()
    last = np.repeat(buckets.starts + buckets.sizes, buckets.sizes)
    distance = 1
    while len(places):
        inside = places + distance < last
        places, last = places[inside], last[inside]
        yield (buckets.members[places] << HALF) | buckets.members[places + distance]
        distance += 1


def pair_with_best(buckets: Buckets, best: int) -> Iterator[Pairs]:
    """Every member of each bucket with the best few of it: one pass for each of the few."""
    places = buckets.list_places()
    first = np.repeat(buckets.starts, buckets.sizes)
    for place in range(best):
        after = places > first + place
        yield (buckets.members[first[after] + place] << HALF) | buckets.members[places[after]]


def split(pairs: Pairs) -> tuple[Items, Items]:
    """The left and the right items."""
    return (pairs >> HALF).astype(np.int64), (pairs & LOW).astype(np.int64)


def join(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> Pairs:
    """Pairs of left and right items."""
    return (left.astype(np.uint64) << HALF) | right.astype(np.uint64)


def count_runs(pairs: Pairs) -> tuple[Pairs, Items]:
    """The distinct pairs, sorted, and how often each occurs."""
    pairs = np.sort(pairs)
    starts, sizes = find_runs(pairs)
    return pairs[starts], sizes


def number_runs(groups: Items) -> Items:
    """The place of each element in its run of equal ones.

    >>> number_runs(np.array([4, 4, 7, 4])).tolist()
    [0, 1, 0, 0]
    """
    starts, sizes = find_runs(groups)
    return np.arange(len(groups)) - np.repeat(starts, sizes)


def is_among(values: npt.NDArray[Any], known: npt.NDArray[Any]) -> Flags:
    """Which values are among the known, which are sorted."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[places] == values)


class Probe:
    """Tells which of very many hashes are among some: most are sorted out by one look at a small table.

    Args:
        known: the hashes looked for, of 32 or 64 bits.
    """

    BITS: Final = 22
    """Of a hash at most, for the place in the table: four megabytes, which a cache holds."""
    AT_ONCE: Final = 2**18
    """Values looked up at a time: what is made of them stays in the cache as well."""
    SPARSE: Final = 6
    """Bits above those that would give each hash a place of its own: one look in 64 is followed by a search."""

    def __init__(self, known: npt.NDArray[Any]) -> None:
        self.known = np.unique(known)
        bits = min(self.BITS, self.SPARSE + len(self.known).bit_length())
        self.shift = known.dtype.type(known.dtype.itemsize * 8 - bits)
        self.table = np.zeros(2**bits, np.bool_)
        self.table[self.known >> self.shift] = True

    def find(self, values: npt.NDArray[Any]) -> Items:
        """The places of those that are among the known.

        >>> Probe(np.array([5, 9], np.uint32)).find(np.array([9, 8, 5, 9], np.uint32)).tolist()
        [0, 2, 3]
        """
        return self.locate(values)[0]

    def locate(self, values: npt.NDArray[Any]) -> tuple[Items, Items]:
        """The places of those that are among the known, and which of them, in rising order, each is."""
        found, which = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(values) if len(self.known) else 0, self.AT_ONCE):
            some = values[start : start + self.AT_ONCE]
            likely = np.flatnonzero(self.table[some >> self.shift])
            some = some[likely]
            slots = np.minimum(np.searchsorted(self.known, some), len(self.known) - 1)
            is_known = self.known[slots] == some
            found.append(start + likely[is_known])
            which.append(slots[is_known])
        return np.concatenate(found), np.concatenate(which)
