"""Tables: every row of a CSV, TSV or Parquet file is a record, its columns are the fields."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO

import polars as pl

from tasks.charset import decode
from tasks.read.fields import Fields, find_field
from tasks.read.packing import Bounded, Budget, as_path
from tasks.read.records import (
    MIB,
    SPLIT,
    Fault,
    Found,
    ReadOptions,
    Records,
    name_text,
    read_lines,
)

DELIMITERS = ",;\t|"


def read_tsv(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """Columns between tabs, quoted as in CSV."""
    return read_csv(stream, options, "\t")


def read_csv(stream: IO[bytes], options: ReadOptions, delimiter: str = "") -> Iterator[Found]:
    """Columns between commas (or semicolons, tabs, bars: whichever the header has most of), quoted as in RFC 4180.

    A row whose quotes or columns are not right costs itself alone. Rows are parsed as bytes, and each is decoded
    by itself: no charset that a CSV file comes in uses the bytes of delimiters and quotes for anything else.
    """
    csv.field_size_limit(options.max_document_bytes)
    lines = _Lines(stream, options.max_document_bytes)
    if lines.error:
        yield Fault(0, lines.error)
        return
    header = lines.peek()
    if not header.strip():
        return
    delimiter = delimiter or max(DELIMITERS, key=header.count)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        names = name_columns(lines.decode(next(rows)))
    except csv.Error as error:
        yield Fault(0, explain_row(1, str(error)))
        return
    if fault := find_missing_text(names, options.fields):
        yield Fault(0, fault)
        return
    whole = {find_field(names, wanted) for wanted in (options.fields.text, options.fields.html)}
    records = Records(options)
    while True:
        first = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            if lines.error:
                yield records.fault(lines.error)
            return
        except csv.Error as error:
            yield records.fault(explain_row(first, str(error)))
            continue
        if lines.pop_cut():
            yield records.fault(
                f"The row at line {first} is longer than {options.max_document_mib} MiB. {SPLIT}"
            )
        elif len(row) > len(names):
            yield records.fault(explain_row(first, f"{len(row)} columns where the header has {len(names)}"))
        elif len(row) < len(names) and lines.ends_open:
            yield records.fault(
                f"The row at line {first} has {len(row)} of {len(names)} columns, and the file ends in it: it may have "
                "been cut off. If it is whole, end it with a line break."
            )
        elif row:
            cells = zip(names, lines.decode(row), strict=False)
            fields = {name: cell for name, cell in cells if cell or name in whole}
            yield records.make(fields, f"The row at line {first}")


def explain_row(line: int, error: str) -> str:
    """The sentence for a row that is none."""
    if "unexpected end" in error:
        return (
            f"A quote that is opened in the row at line {line} is never closed, so nothing after it could be read. "
            "Close it, or write it twice if it is part of the text."
        )
    return f"The row at line {line} is no CSV ({error}). Put its texts in quotes, and write a quote in them twice."


def name_columns(names: Sequence[str]) -> list[str]:
    """Names of columns, none of them twice.

    >>> name_columns(["text", "tag", "tag"])
    ['text', 'tag', 'tag (1)']
    """
    named: list[str] = []
    for name in names:
        times, free = 0, name
        while free in named:
            times += 1
            free = f"{name} ({times})"
        named.append(free)
    return named


def find_missing_text(names: Sequence[str], fields: Fields) -> str:
    """What is wrong with a header that names neither text nor page; empty if it does."""
    if find_field(names, fields.text) or find_field(names, fields.html):
        return ""
    return f"No column is known to hold the text. {name_text(list(names))}"


class _Lines:
    """Lines of a table as Latin-1, a character for each byte, so that they can be cut before they are decoded."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        buffered = io.BufferedReader(Bounded(stream), MIB)
        sample = buffered.peek()[:MIB]
        decoded = decode(sample[: len(sample) // 4 * 4])
        self.error = decoded.error
        self._charset = decoded.charset or "utf-8"
        self._limit = limit
        self._lines = read_lines(buffered, limit)
        if self._charset.startswith(("utf-16", "utf-32")):
            # Two bytes a letter would not survive being cut at delimiters.
            self._lines = self._recode(buffered)
        self._was_cut = False
        self.ends_open = False
        """Whether the last line has been given, and has no end."""
        self._next = next(self._lines, b"")

    def _recode(self, wide: IO[bytes]) -> Iterator[bytes]:
        """Lines as UTF-8, as far as they can be read."""
        with io.TextIOWrapper(wide, self._charset, "surrogatepass", newline="\n") as text:
            try:
                while line := text.readline(self._limit):
                    yield line.removeprefix("\ufeff").encode("utf-8", "backslashreplace")
            except UnicodeDecodeError:
                self.error = f"From here on this is no {self._charset.upper()}; it may have been cut off. Save it as UTF-8."

    def peek(self) -> str:
        """The first line."""
        return self._next.decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        while line := self._next:
            self._was_cut |= len(line) > self._limit
            self._next = next(self._lines, b"")
            self.ends_open = not self._next and not line.endswith((b"\n", b"\r"))
            yield line.decode("latin-1")

    def pop_cut(self) -> bool:
        """Whether a line since the last call was too long, and its end was left out."""
        was_cut, self._was_cut = self._was_cut, False
        return was_cut

    def decode(self, row: Sequence[str]) -> list[str]:
        """The cells of a row in their charset: UTF-8, or else that of the beginning of the file."""
        content = [cell.encode("latin-1") for cell in row]
        for charset in ("utf-8", self._charset):
            try:
                return [cell.decode(charset) for cell in content]
            except UnicodeDecodeError:
                pass
        return [decode(cell).text or cell.decode("latin-1") for cell in content]


BATCH_ROWS = 256
"""Rows in memory at a time, beside the row group that they come from; articles are some 3 KB each."""


def read_parquet(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """Batch after batch; a row group is in memory at a time, not the file."""
    records = Records(options)
    with as_path(stream) as path:
        budget = Budget(path.stat().st_size, options.max_expansion)
        try:
            table = pl.scan_parquet(path, glob=False, hive_partitioning=False)
            names = table.collect_schema().names()
            if fault := find_missing_text(names, options.fields):
                yield Fault(0, fault)
                return
            for batch in table.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True, lazy=True):
                for row in batch.iter_rows(named=True):
                    fields = {name: plain(value) for name, value in row.items() if value is not None}
                    sizes = [len(value) for value in fields.values() if isinstance(value, str)]
                    budget.spend(sum(sizes))
                    place = f"Row {records.next}"
                    if max(sizes, default=0) > options.max_document_bytes:
                        yield records.fault(f"{place} is longer than {options.max_document_mib} MiB. {SPLIT}")
                        continue
                    yield records.make(fields, place)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            first_line = str(error).strip().split("\n")[0]
            yield Fault(
                records.next, f"The Parquet file is damaged or cut off ({first_line}). Fetch it again."
            )


def plain(value: object) -> object:
    """A value of a column as JSON has it; bytes as the text that they are.

    >>> plain(dt.date(2024, 5, 14)), plain([b"a", Decimal("1.50")])
    ('2024-05-14', ['a', '1.50'])
    """
    if isinstance(value, bytes):
        return decode(value).text or value.decode("latin-1")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal | dt.timedelta):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
