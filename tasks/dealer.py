"""Dealer: rows of tables to the folders where they belong, many at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

HELD_BYTES: Final = 64 * 2**20
"""Rows that wait until they are dealt: the files grow with the size of a corpus, not with its square, as one for each
part in each batch would."""


class Dealer:
    """Collects rows, and writes those of each folder to files of its own, `NAME-00000.parquet` and so on.

    Args:
        folders: by number; made when they get something.
        name: of the files.

    Use it in a `with` statement: what waits is written at its end.
    """

    def __init__(self, folders: Sequence[Path], name: str) -> None:
        self.folders, self.name = folders, name
        self._waiting: list[pl.DataFrame] = []
        self._waiting_bytes = self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()

    def deal(self, rows: pl.DataFrame, numbers: npt.NDArray[np.int64]) -> None:
        """Rows of one table, and the folder of each by its number; those below 0 are left out."""
        self._waiting.append(rows.with_columns(pl.Series("number", numbers)).filter(pl.col("number") >= 0))
        self._waiting_bytes += int(self._waiting[-1].estimated_size())
        if self._waiting_bytes > HELD_BYTES:
            self._write()

    def _write(self) -> None:
        if not self._waiting:
            return
        for number, rows in split_rows(pl.concat(self._waiting)).items():
            self.folders[number].mkdir(parents=True, exist_ok=True)
            rows.write_parquet(
                self.folders[number] / f"{self.name}-{self._files:05d}.parquet", compression="lz4"
            )
        self._waiting, self._waiting_bytes = [], 0
        self._files += 1


def read_dealt(folder: Path, name: str, schema: pl.Schema) -> pl.DataFrame:
    """What was dealt to a folder, in the order in which it came; no rows, of that schema, if nothing was."""
    files = sorted(folder.glob(f"{name}-*.parquet"))
    return pl.concat(pl.read_parquet(file, glob=False) for file in files) if files else schema.to_frame()


def split_rows(table: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The rows of a table by its column `number`, which is left out."""
    groups = table.partition_by("number", as_dict=True, include_key=False, maintain_order=True)
    return {int(str(number)): rows for (number,), rows in groups.items()}
