"""In order: the rows of a table by its key, however large it is.

A table lies in parts, as its files came, and each part fits in memory; what is handed on is in the order of the key.
So the rows are dealt to ranges of the key, about as many as there are parts, and each range is sorted by itself.
"""

import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.dealer import Dealer, read_dealt
from tasks.schemas import TABLES
from tasks.selection import Selection
from tasks.store import Store

SAMPLE: Final = 64
"""Of so many keys one is looked at to cut the ranges: they hold some thousand of them."""
MAX_WHOLE: Final = 4
"""Parts that are sorted at once: a gigabyte at the most."""


def sort_table(store: Store, name: str, folder: Path, selection: Selection | None = None) -> list[Path]:
    """Write the rows of a table, in the order of its key, to files that each fit in memory.

    Args:
        store: the corpus.
        name: of a table.
        folder: an empty one, for the files.
        selection: which documents; all by default.

    Returns:
        The files, one at least.
    """
    files = []
    for number, rows in enumerate(_sort(store, name, folder, selection or Selection())):
        files.append(folder / f"{number:06d}.parquet")
        rows.write_parquet(files[-1], compression="lz4")
    return files


def read_in_order(store: Store, name: str, selection: Selection | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a table in the order of its key, some at a time; one frame at least."""
    with tempfile.TemporaryDirectory(prefix="decant-") as folder:
        yield from _sort(store, name, Path(folder), selection or Selection())


def _sort(store: Store, name: str, folder: Path, selection: Selection) -> Iterator[pl.DataFrame]:
    table, choose = TABLES[name], selection.choose(store, name)
    parts = [file.part for file in store.files(name)]
    columns, key = table.schema.names(), list(table.key)
    if name == "runs" or len(parts) <= MAX_WHOLE:
        rows = store.runs.lazy() if name == "runs" else store.scan(name).select(columns)
        yield choose(rows).collect().sort(key)
        return
    scans = [choose(store.scan(name, [part]).select(columns)) for part in parts]
    edges = _find_edges([scan.select(key).gather_every(SAMPLE) for scan in scans], len(parts))
    folders = [folder / f"range-{number:06d}" for number in range(edges.height + 1)]
    with Dealer(folders, "rows") as dealer:
        for scan in scans:
            rows_of_part = scan.collect().sort(key)
            dealer.deal(rows_of_part, _number_ranges(rows_of_part.select(key), edges))
    for its in folders:
        yield read_dealt(its, "rows", table.schema).sort(key)
        for file in its.glob("*"):
            file.unlink()


def _find_edges(samples: list[pl.LazyFrame], count: int) -> pl.DataFrame:
    """The keys at which all ranges but the first begin."""
    keys = pl.concat(sample.collect() for sample in samples)
    keys = keys.sort(keys.columns)
    return keys[[number * keys.height // count for number in range(1, count)] if keys.height else []].unique(
        maintain_order=True
    )


def _number_ranges(keys: pl.DataFrame, edges: pl.DataFrame) -> npt.NDArray[np.int64]:
    """The range of each key, of keys that are sorted: how many edges are not above it."""
    starts = [bisect_left(range(keys.height), edge, key=keys.row) for edge in edges.rows()]
    return np.repeat(np.arange(len(starts) + 1), np.diff([0, *starts, keys.height]))
