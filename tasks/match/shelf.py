"""Shelf: rows of numbers that grow at their ends, in memory while they are few and in files when they are many."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tasks.match.buckets import Items

HELD_BYTES: Final = 32 * 2**20
"""Of all rows of a shelf together before they go to their files: a corpus of some 100,000 paragraphs meets no disk."""


class Shelf:
    """Rows of numbers of one type, each read as a whole.

    What is read is no view of a file: a mapped page counts as memory of the process that looks at it.

    Args:
        rows: How many.
        dtype: Of the numbers.
        folder: Where their files lie, one for each row; made when it is needed. Without it all stays in memory.

    >>> shelf = Shelf(2, np.uint32)
    >>> shelf.add(1, np.array([7], np.uint32))
    >>> shelf.add(1, np.array([8, 9], np.uint32))
    >>> shelf.read(0).tolist(), shelf.read(1).tolist()
    ([], [7, 8, 9])
    """

    def __init__(self, rows: int, dtype: type[np.unsignedinteger[Any]], folder: Path | None = None) -> None:
        self.dtype, self.folder = np.dtype(dtype), folder
        self._held: list[list[npt.NDArray[Any]]] = [[] for _ in range(rows)]
        self._held_bytes = 0
        self._is_stored = np.zeros(rows, np.bool_)

    def __len__(self) -> int:
        return len(self._held)

    def add(self, row: int, values: npt.NDArray[Any]) -> None:
        """Put numbers at the end of a row."""
        if not len(values):
            return
        self._held[row].append(values)
        self._held_bytes += values.nbytes
        if self.folder is not None and self._held_bytes > HELD_BYTES:
            self._put_away(self.folder)

    def deal(self, rows: Items, values: npt.NDArray[Any]) -> None:
        """Put each number at the end of its row."""
        if len(self) == 1:
            self.add(0, values)
            return
        order = np.argsort(rows.astype(np.uint16), kind="stable")  # of 16 bits: counted, not compared
        values = values[order]
        ends = np.cumsum(np.bincount(rows, minlength=len(self))).tolist()
        for row, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            self.add(row, values[start:end])

    def read(self, row: int) -> npt.NDArray[Any]:
        """All numbers of a row, in the order in which they came."""
        stored = [np.fromfile(self._name(row), self.dtype)] if self._is_stored[row] else []
        return np.concatenate([np.empty(0, self.dtype), *stored, *self._held[row]])

    def clear(self) -> None:
        """Forget all, and delete the files."""
        for row in np.flatnonzero(self._is_stored):
            self._name(int(row)).unlink()
        self._is_stored[:] = False
        self._held = [[] for _ in self._held]
        self._held_bytes = 0

    def _put_away(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for row, held in enumerate(self._held):
            if held:
                with self._name(row).open("ab") as file:
                    np.concatenate(held).astype(self.dtype, copy=False).tofile(file)
                self._is_stored[row] = True
        self._held = [[] for _ in self._held]
        self._held_bytes = 0

    def _name(self, row: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{row:05d}"
