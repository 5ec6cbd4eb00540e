"""The retrieval keys of many items, from the columns of `sign` to rows of numbers that need not lie in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import HALF, LOW, Flags, Items, Values
from tasks.match.shelf import Shelf
from tasks.match.signature import BANDS, SKETCH_BITS
from tasks.match.sketches import Sketches

KEY_COLUMNS: Final = ("bands", "word_bands", "sketch", "phrases", "sentences")
Sentences = tuple[npt.NDArray[np.uint64], Items]
"""The sentence hashes of all items, one item after the other, and how many each has."""
Phrases = npt.NDArray[np.uint64]
"""Phrases as numbers that sort by their hash, then by their item: the hash in the high 32 bits, then the item, and in
the lowest bit whether it is one by which the item is looked for."""
Found = npt.NDArray[np.uint32]

MAX_ASKED: Final = 16
"""Phrases of a text that others are searched for, about: four of sixteen shared make a candidate. (Measured at a million
paragraphs: with 12 chance pairs link 8,466 texts to one component, with 16 no more than 236; 8 find no more.)"""
ITEMS_PER_RANGE: Final = 200_000
"""Items whose phrases are sorted at a time, in so many ranges of hashes: some 20 phrases an item, 32 MB."""
MAX_RANGES: Final = 1024


def list_values(phrases: Phrases) -> Values:
    """The hash of each phrase."""
    return (phrases >> HALF).astype(np.uint32)


def list_owners(phrases: Phrases) -> Items:
    """The item of each phrase."""
    return ((phrases & LOW) >> np.uint64(1)).astype(np.int64)


def tell_asked(phrases: Phrases) -> Flags:
    """Whether a phrase is one by which its item is looked for: of a long text a sample, the least hashes."""
    return (phrases & np.uint64(1)).astype(np.bool_)


def limit_asked(phrase_counts: Items) -> Values:
    """The greatest hash of a phrase by which an item is looked for that has so many."""
    last = np.minimum(MAX_ASKED / np.maximum(1, phrase_counts), 1.0) * (2**32 - 1)
    return last.astype(np.uint32)


def count_ranges(items: int) -> int:
    """In how many ranges of hashes the phrases of so many items are gone through: a power of two.

    >>> count_ranges(1000), count_ranges(1_000_000)
    (1, 8)
    """
    return int(min(MAX_RANGES, 1 << max(0, (items - 1) // ITEMS_PER_RANGE).bit_length()))


class Keys:
    """The keys of items that come in any order; a band, or a range of phrases, is in memory at a time.

    Args:
        count: How many items there are.
        folder: Where keys go that are too many for memory; without it they stay there.
        ranges: As `count_ranges` gives them; those of keys that are held against each other are as many.
    """

    def __init__(self, count: int, folder: Path | None = None, ranges: int | None = None) -> None:
        self.count, self.folder = count, folder
        self.ranges = ranges or count_ranges(count)
        self._items: list[Found] = []
        self._loose: list[Found] = []
        self._bands, self._word_bands = (Shelf(BANDS, np.uint32, self._name(n)) for n in ("bands", "words"))
        self._sketches = Shelf(SKETCH_BITS // 64, np.uint64, self._name("sketches"))
        self._phrases = Shelf(self.ranges, np.uint64, self._name("phrases"))

    def _name(self, name: str) -> Path | None:
        return self.folder / name if self.folder else None

    def add(self, items: Items, bands: Values) -> None:
        """Bands of some items, as many x 32."""
        self._items.append(items.astype(np.uint32))
        _add_columns(self._bands, bands)

    def add_loose(self, items: Items, word_bands: Values, sketches: npt.NDArray[np.uint64]) -> None:
        """Word bands of some items, as many x 32, and their sketches, as many x 2."""
        self._loose.append(items.astype(np.uint32))
        _add_columns(self._word_bands, word_bands)
        _add_columns(self._sketches, sketches)

    def add_phrases(self, items: Items, phrases: Values, counts: Items) -> None:
        """Phrases of some items, one item after the other, and how many each has."""
        owners, limits = np.repeat(items, counts), np.repeat(limit_asked(counts), counts)
        packed = (phrases.astype(np.uint64) << HALF) | (owners.astype(np.uint64) << np.uint64(1))
        packed |= phrases <= limits
        shift = 65 - self.ranges.bit_length()
        ranges = packed >> np.uint64(shift) if shift < 64 else np.zeros(len(packed))
        self._phrases.deal(ranges.astype(np.int64), packed)

    def list_bands(self) -> Iterator[tuple[Values, Found]]:
        """Band by band the values, and the items that have them, in no order."""
        items = np.concatenate([np.empty(0, np.uint32), *self._items])
        for band in range(BANDS):
            yield self._bands.read(band), items

    def list_word_bands(self) -> Iterator[tuple[Values, Found]]:
        """The same of word bands, of the items that have any, always in one order."""
        items = self._list_loose()
        for band in range(BANDS):
            yield self._word_bands.read(band), items

    def read_sketches(self) -> Sketches:
        """Of the items that have word bands, in the order in which these come."""
        return Sketches(self._list_loose(), tuple(self._sketches.read(n) for n in range(SKETCH_BITS // 64)))

    def _list_loose(self) -> Found:
        return np.concatenate([np.empty(0, np.uint32), *self._loose])

    def list_phrases(self) -> Iterator[Phrases]:
        """Range by range the phrases, in no order; all of one hash are in one range."""
        for number in range(self.ranges):
            yield self._phrases.read(number)

    def clear(self) -> None:
        """Forget all, and delete the files."""
        for shelf in (self._bands, self._word_bands, self._sketches, self._phrases):
            shelf.clear()


class KeyReader:
    """Gathers the keys of items that come in any order; the arguments are those of `Keys`."""

    def __init__(self, count: int, folder: Path | None = None, ranges: int | None = None) -> None:
        self.keys = Keys(count, folder, ranges)
        self.sentences = _Ragged(count, np.uint64)

    def add(self, items: Items, columns: pl.DataFrame) -> None:
        """The keys of some items, as `sign` gives them."""
        bands, word_bands = (
            join_bytes(columns[name]).view("<u4").reshape(-1, BANDS) for name in ("bands", "word_bands")
        )
        self.keys.add(items, bands)
        sketches = join_bytes(columns["sketch"]).view("<u8").reshape(-1, SKETCH_BITS // 64)
        is_loose = (columns["word_bands"].bin.size() > 0).to_numpy()
        self.keys.add_loose(items[is_loose], word_bands, sketches)
        counts = columns["phrases"].bin.size().cast(pl.Int64).to_numpy() // 4
        self.keys.add_phrases(items, join_bytes(columns["phrases"]).view("<u4"), counts)
        self.sentences.add(items, columns["sentences"])

    def join(self) -> tuple[Keys, Sentences]:
        """All of them; the sentences item by item."""
        return self.keys, self.sentences.join()


def read_keys(columns: pl.DataFrame, ranges: int | None = None) -> tuple[Keys, Sentences]:
    """The keys of items in the order of the rows."""
    reader = KeyReader(columns.height, ranges=ranges)
    reader.add(np.arange(columns.height), columns)
    return reader.join()


def _add_columns(shelf: Shelf, values: npt.NDArray[Any]) -> None:
    """Each column of a table to the end of a row."""
    for row, its in enumerate(np.ascontiguousarray(values.T)):
        shelf.add(row, its)


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
        self.pieces.append((items, counts, join_bytes(column).view(self.dtype)))

    def join(self) -> tuple[npt.NDArray[Any], Items]:
        """All lists one after the other, and the length of each."""
        starts = np.cumsum(self.counts) - self.counts
        joined = np.empty(int(self.counts.sum()), self.dtype)
        while self.pieces:
            items, counts, values = self.pieces.pop()
            shift = np.repeat(starts[items] - (np.cumsum(counts) - counts), counts)
            joined[shift + np.arange(len(values))] = values
        return joined, self.counts


def join_bytes(column: pl.Series) -> npt.NDArray[np.uint8]:
    """All bytes of a column, one row after the other."""
    return column.cast(pl.List(pl.UInt8)).explode(empty_as_null=False).to_numpy()
