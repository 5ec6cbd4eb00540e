"""Export: a table of the corpus as a plain file, rows in the order of its key."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import polars as pl

from tasks.errors import StoreError, UsageError
from tasks.in_order import read_in_order, sort_table
from tasks.schemas import TABLES, Table
from tasks.selection import Selection
from tasks.store import Store

FORMATS = ("parquet", "jsonl", "csv")
PACKED_FORMATS = ("jsonl", "csv")
PACKINGS: dict[str, Literal["gzip", "zstd"]] = {".gz": "gzip", ".zst": "zstd"}
CANNOT_WRITE = "{to} cannot be written ({error}). Check the folder and the free space of its disk."
GROUP_ROWS = 100_000
"""Rows of a group in a Parquet file, which readers hold in memory."""
FORMULA = r"^[=+\-@\t\r]"
"""What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV injection)."""


def export_table(
    store: Store, name: str, to: Path, file_format: str, selection: Selection | None = None
) -> int:
    """Write a table; returns its rows. A file that was there stays whole until the new one is.

    Args:
        store: the corpus.
        name: of a table.
        to: the file; `.gz` or `.zst` at its end packs JSONL and CSV.
        file_format: one of FORMATS. CSV writes lists as JSON, and texts that begin like a formula after a `'`.
        selection: which documents; all by default.

    Raises:
        UsageError: there is no such table or format.
        StoreError: there is no corpus, or the file cannot be written.
    """
    table = find_table(name)
    check_format(file_format)
    store.require_corpus()
    with find_room(to) as folder:
        files = sort_table(store, table.name, Path(folder), selection)
        rows = pl.scan_parquet(files, glob=False)
        write_file(rows, to, file_format)
        return int(rows.select(pl.len()).collect().item())


def is_device(to: Path) -> bool:
    """Whether there is no room beside a place; a link counts, which stays one: what it names is written."""
    return to.is_symlink() or (to.exists() and not to.is_file())


def find_room(to: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder for what is only there for a while: beside a file, and wherever the system has it for a device.

    Raises:
        StoreError: there is none.
    """
    try:
        return tempfile.TemporaryDirectory(prefix=".decant-", dir=None if is_device(to) else to.parent)
    except OSError as error:
        raise StoreError(CANNOT_WRITE.format(to=to, error=error)) from error


def find_table(name: str) -> Table:
    """A table of the contract.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in TABLES:
        raise UsageError(f"There is no table {name!r}. The tables are: {', '.join(TABLES)}.")
    return TABLES[name]


def check_format(file_format: str) -> None:
    """Refuse a format that there is not.

    Raises:
        UsageError: it is none of FORMATS.
    """
    if file_format not in FORMATS:
        raise UsageError(f"There is no format {file_format!r}. The formats are: {', '.join(FORMATS)}.")


def guess_format(to: Path | None) -> str:
    """The format that a file's name asks for; Parquet if it has no ending, and JSONL for standard output.

    Raises:
        UsageError: the name ends in what is no format, or packs Parquet, which is packed within.

    >>> guess_format(Path("ledger.csv")), guess_format(Path("a.jsonl.zst")), guess_format(None)
    ('csv', 'jsonl', 'parquet')
    """
    if to and str(to) == "-":
        return "jsonl"
    suffixes = [suffix.lower() for suffix in to.suffixes] if to else []
    if not suffixes:
        return FORMATS[0]
    is_packed = suffixes[-1] in PACKINGS
    ending = (["", *suffixes[:-1]] if is_packed else suffixes)[-1].removeprefix(".")
    if ending not in (PACKED_FORMATS if is_packed else FORMATS):
        endings = ", ".join([f".{name}" for name in FORMATS] + [f".jsonl{packing}" for packing in PACKINGS])
        raise UsageError(
            f"{to} ends in no format. Let it end in {endings} (or .csv with these), or say --format."
        )
    return ending


def read_table(store: Store, name: str, selection: Selection | None = None) -> pl.DataFrame:
    """Rows of a table of the contract, in the order of its key, all at once."""
    return pl.concat(read_in_order(store, name, selection))


@contextlib.contextmanager
def replacing(to: Path) -> Iterator[Path]:
    """A file to write instead, which takes the place of `to` once it is whole.

    Raises:
        StoreError: it cannot be written.
    """
    # Beside the file, so that the rename is one step.
    pending = to if is_device(to) else to.with_name(f".{to.name}.{os.getpid()}.pending")
    try:
        yield pending
        if pending != to:
            pending.replace(to)
    except (OSError, pl.exceptions.ComputeError) as error:
        if pending != to:
            pending.unlink(missing_ok=True)
        raise StoreError(CANNOT_WRITE.format(to=to, error=error)) from error


def write_file(rows: pl.LazyFrame, to: Path, file_format: str) -> None:
    """Write rows in one of FORMATS, some at a time, packed if the name of the file says so."""
    packing: Literal["uncompressed", "gzip", "zstd"] = PACKINGS.get(to.suffix.lower(), "uncompressed")
    with replacing(to) as pending:
        if file_format == "parquet":
            rows.sink_parquet(pending, compression="zstd", row_group_size=GROUP_ROWS)
        elif file_format == "jsonl":
            rows.sink_ndjson(pending, compression=packing, check_extension=False)
        else:
            flatten(rows).sink_csv(pending, compression=packing, check_extension=False)


def flatten(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Columns that a spreadsheet can hold: lists as JSON, and nothing that it would take for a formula."""
    schema = rows.collect_schema()
    nested = [name for name, dtype in schema.items() if dtype.is_nested()]
    texts = [name for name, dtype in schema.items() if dtype == pl.String]
    return rows.with_columns(
        *(write_nested(name) for name in nested),
        *(
            pl.when(pl.col(name).str.contains(FORMULA))
            .then("'" + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ),
    )


def write_nested(name: str) -> pl.Expr:
    """A column of lists as JSON texts."""
    item = pl.struct(pl.col(name).alias("item")).struct.json_encode()
    return item.str.slice(len('{"item":')).str.head(-1).alias(name)


def read_file(file: Path, name: str) -> pl.DataFrame:
    """A file that `export_table` wrote, or that somebody else says is a table.

    Raises:
        UsageError: it cannot be read, or is CSV, which has no types.
    """
    file_format = guess_format(file)
    if file_format == "csv":
        raise UsageError("A CSV file has no types that could be checked. Export Parquet or JSONL.")
    declared = find_table(name).schema
    try:
        if file_format == "parquet":
            return pl.read_parquet(file, glob=False)
        try:
            rows = pl.read_ndjson(file, infer_schema_length=None)
        except pl.exceptions.ComputeError as error:
            if "empty" not in str(error):
                raise
            return declared.to_frame()  # no row says anything of types
        return rows.with_columns(
            read_json_type(pl.col(column), declared[column])
            for column, dtype in rows.schema.items()
            if column in declared and is_same_in_json(dtype, declared[column])
        )
    except (OSError, pl.exceptions.PolarsError) as error:
        first_line = str(error).strip().split("\n")[0]
        raise UsageError(f"{file} cannot be read ({first_line}). Name a Parquet or JSONL file.") from error


def read_json_type(column: pl.Expr, declared: pl.DataType) -> pl.Expr:
    """A column of JSON as what it is declared to be."""
    if isinstance(declared, pl.Datetime):
        return column.cast(pl.String).str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return column.cast(declared, strict=False)


def is_same_in_json(found: pl.DataType, declared: pl.DataType) -> bool:
    """Whether JSON, which has few types, writes both alike."""
    if found == pl.Null:
        return True
    if isinstance(declared, pl.Datetime):
        return found == pl.String
    return (found.is_numeric() and declared.is_numeric()) or (found.is_nested() and declared.is_nested())
