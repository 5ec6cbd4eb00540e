"""Batches: classes that have nothing to do with each other may be judged apart."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Items = npt.NDArray[np.int64]


def find_components(count: int, left: Items, right: Items) -> Items:
    """For each item the least item that it is connected with, itself included.

    Labels sink along edges and along themselves until nothing changes: a few passes over all edges.

    >>> find_components(5, np.array([0, 3]), np.array([2, 4])).tolist()
    [0, 1, 0, 3, 3]
    """
    labels = np.arange(count)
    while True:
        lower = np.minimum(labels[left], labels[right])
        before = labels.copy()
        np.minimum.at(labels, labels[left], lower)
        np.minimum.at(labels, labels[right], lower)
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
        if np.array_equal(labels, before):
            return labels


def cut_batches(components: Items, sizes: Items, max_size: int) -> Items:
    """For each item the number of its batch: whole components, in order, up to a size together.

    Args:
        components: The component of each item.
        sizes: The size of each item.
        max_size: What a batch may have; a larger component is a batch of its own.

    Returns:
        Batch numbers from 0; components stay whole.
    """
    labels, inverse = np.unique(components, return_inverse=True)
    totals = np.bincount(inverse, sizes, len(labels))
    return _fill(totals.tolist(), max_size)[inverse]


def _fill(totals: Sequence[float], max_size: int) -> Items:
    batch, filled = 0, 0.0
    numbers = []
    for total in totals:
        if filled and filled + total > max_size:
            batch, filled = batch + 1, 0.0
        filled += total
        numbers.append(batch)
    return np.array(numbers, np.int64)
