"""Export: a table of the corpus as a plain file, rows in the order of its key."""

import os
from pathlib import Path

import polars as pl

from tasks.errors import StoreError, UsageError
from tasks.schemas import TABLES
from tasks.store import Store

FORMATS = ("parquet", "jsonl", "csv")


def export_table(store: Store, name: str, to: Path, file_format: str) -> int:
    """Write a table; returns its rows. A file that was there stays whole until the new one is.

    Args:
        store: the corpus.
        name: of a table.
        to: the file.
        file_format: one of FORMATS. CSV writes lists as JSON.

    Raises:
        UsageError: there is no such table or format.
        StoreError: there is no corpus, or the file cannot be written.
    """
    if name not in TABLES:
        raise UsageError(f"There is no table {name!r}. The tables are: {', '.join(TABLES)}.")
    if file_format not in FORMATS:
        raise UsageError(f"There is no format {file_format!r}. The formats are: {', '.join(FORMATS)}.")
    store.require_corpus()
    rows = read_table(store, name)
    # Beside the file, so that the rename is one step; a device has no room beside it.
    # A link stays one: what it names is written.
    is_device = to.is_symlink() or (to.exists() and not to.is_file())
    pending = to if is_device else to.with_name(f".{to.name}.{os.getpid()}.pending")
    try:
        write_rows(rows, pending, file_format)
        if not is_device:
            pending.replace(to)
    except (OSError, pl.exceptions.ComputeError) as error:
        if not is_device:
            pending.unlink(missing_ok=True)
        raise StoreError(
            f"{to} cannot be written ({error}). Check the folder and the free space of its disk."
        ) from error
    return rows.height


def guess_format(to: Path | None) -> str:
    """The format that a file's name asks for; Parquet if it asks for none, and JSONL for standard output.

    >>> guess_format(Path("ledger.csv")), guess_format(None)
    ('csv', 'parquet')
    """
    if to and str(to) == "-":
        return "jsonl"
    ending = to.suffix.removeprefix(".").lower() if to else ""
    return ending if ending in FORMATS else FORMATS[0]


def read_table(store: Store, name: str) -> pl.DataFrame:
    """All rows of a table of the contract, in the order of its key."""
    table = TABLES[name]
    rows = store.runs if name == "runs" else store.scan(name).select(table.schema.names()).collect()
    return rows.sort(table.key)


def write_rows(rows: pl.DataFrame, file: Path, file_format: str) -> None:
    """Write rows in one of FORMATS."""
    if file_format == "parquet":
        rows.write_parquet(file, compression="zstd")
    elif file_format == "jsonl":
        rows.write_ndjson(file)
    else:
        nested = [name for name, dtype in rows.schema.items() if dtype.is_nested()]
        rows.with_columns(write_nested(rows[name]) for name in nested).write_csv(file)


def write_nested(column: pl.Series) -> pl.Series:
    """A column of lists as JSON texts."""
    return (
        column.to_frame("item")
        .select(pl.struct("item").struct.json_encode())["item"]
        .rename(column.name)
        .str.slice(len('{"item":'))
        .str.head(-1)
    )
