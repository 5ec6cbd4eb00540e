"""The retrieval keys of many items, from the columns of `sign` to arrays."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import Items
from tasks.match.retrieve import Keys
from tasks.match.signature import BANDS

KEY_COLUMNS: Final = ("bands", "word_bands", "phrases", "sentences")
Sentences = tuple[npt.NDArray[np.uint64], Items]
"""The sentence hashes of all items, one item after the other, and how many each has."""


class KeyReader:
    """Gathers the keys of `count` items that come in any order; about 300 bytes an item."""

    def __init__(self, count: int) -> None:
        # Band by band they are gone through: a band lies in one piece.
        self.bands = np.empty((count, BANDS), np.uint32, order="F")
        self.word_bands = _Ragged(count, np.uint32)
        self.phrases = _Ragged(count, np.uint32)
        self.sentences = _Ragged(count, np.uint64)

    def add(self, items: Items, columns: pl.DataFrame) -> None:
        """The keys of some items, as `sign` gives them."""
        self.bands[items] = _join_bytes(columns["bands"]).view("<u4").reshape(-1, BANDS)
        self.word_bands.add(items, columns["word_bands"])
        self.phrases.add(items, columns["phrases"])
        self.sentences.add(items, columns["sentences"])

    def join(self) -> tuple[Keys, Sentences]:
        """All of them, item by item."""
        word_bands, counts = self.word_bands.join()
        of_loose = np.asfortranarray(word_bands.reshape(-1, BANDS))
        keys = Keys(self.bands, np.flatnonzero(counts), of_loose, *self.phrases.join())
        return keys, self.sentences.join()


def read_keys(columns: pl.DataFrame) -> tuple[Keys, Sentences]:
    """The keys of items in the order of the rows."""
    reader = KeyReader(columns.height)
    reader.add(np.arange(columns.height), columns)
    return reader.join()


class _Ragged:
    """Lists of numbers for items that come in any order, laid out in theirs."""

    def __init__(self, count: int, dtype: type[np.unsignedinteger[Any]]) -> None:
        self.dtype = np.dtype(dtype)
        self.counts = np.zeros(count, np.int64)
        self.pieces: list[tuple[Items, Items, npt.NDArray[Any]]] = []

    def add(self, items: Items, column: pl.Series) -> None:
        """The lists of some items, as bytes."""
        counts = column.bin.size().cast(pl.Int64).to_numpy() // self.dtype.itemsize
        self.counts[items] = counts
        self.pieces.append((items, counts, _join_bytes(column).view(self.dtype)))

    def join(self) -> tuple[npt.NDArray[Any], Items]:
        """All lists one after the other, and the length of each."""
        starts = np.cumsum(self.counts) - self.counts
        joined = np.empty(int(self.counts.sum()), self.dtype)
        while self.pieces:
            items, counts, values = self.pieces.pop()
            shift = np.repeat(starts[items] - (np.cumsum(counts) - counts), counts)
            joined[shift + np.arange(len(values))] = values
        return joined, self.counts


def _join_bytes(column: pl.Series) -> npt.NDArray[np.uint8]:
    """All bytes of a column, one row after the other."""
    return column.cast(pl.List(pl.UInt8)).explode(empty_as_null=False).to_numpy()
