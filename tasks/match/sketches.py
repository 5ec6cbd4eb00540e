"""Sketches: of two short texts, do their words nearly all agree? Told without reading the texts."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tasks.match.buckets import Flags, Items, Pairs, join, split

LEAST_SHARE: Final = (2, 5)
"""Of the bits that two sketches have together so many must be in both: two of five. (Measured on 13,637 short lines of
one outlet that share a word band: no pair with half of its words in common is lost, of 2,396; with .45 two are, and 28
contained pairs of 182 are missed instead of 21. Of a million made-up paragraphs 28,649 pairs pass, 685 of them with
less than half of their bits in common; with .35 4,841, with .45 49.)"""
AT_ONCE: Final = 2**18
"""Pairs looked at together: what is made of them stays in the cache."""


class Sketches:
    """The sketches of all short texts, which have new numbers here: from 0 on, in the order of their items.

    Args:
        items: Theirs, in any order.
        halves: Two numbers of 64 bits each, in the same order.

    Attributes:
        items: In rising order: the item of each number.
        numbers: The number of each of the items as they were given.
    """

    def __init__(self, items: npt.NDArray[Any], halves: tuple[npt.NDArray[np.uint64], ...]) -> None:
        order = np.argsort(items)
        self.items = items[order]
        self.numbers = np.empty(len(order), np.uint32)
        self.numbers[order] = np.arange(len(order), dtype=np.uint32)
        self._halves = [half[order] for half in halves]
        self._bits = sum((np.bitwise_count(half) for half in self._halves), np.zeros(len(order), np.int16))

    def name(self, pairs: Pairs) -> Pairs:
        """Pairs of items instead of pairs of numbers, those that are alike."""
        found = [np.empty(0, np.uint64)]
        for start in range(0, len(pairs), AT_ONCE):
            left, right = split(pairs[start : start + AT_ONCE])
            alike = self._are_alike(left, right)
            found.append(join(self.items[left[alike]], self.items[right[alike]]))
        return np.concatenate(found)

    def _are_alike(self, left: Items, right: Items) -> Flags:
        """Whether enough of the bits that either has are in both."""
        both = sum((np.bitwise_count(half[left] & half[right]) for half in self._halves), np.int16(0))
        least, of = LEAST_SHARE
        # Of x bits in both and y in the two together y - x are in either.
        return np.asarray((least + of) * both >= least * (self._bits[left] + self._bits[right]))
