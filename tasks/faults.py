"""A promise that a corpus breaks, and where."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

MAX_SHOWN = 5
"""Faults named per check; the rest is counted."""
LEDGER_KEY = ["source_path", "source_record", "paragraph"]


class Fault(NamedTuple):
    """One promise broken at one place."""

    check: str
    table: str
    place: str
    what: str


def name_rows(check: str, table: str, rows: pl.DataFrame, key: list[str], what: str) -> Iterator[Fault]:
    """A fault per row, up to MAX_SHOWN, and one that counts the others."""
    for row in rows.head(MAX_SHOWN).iter_rows(named=True):
        yield Fault(check, table, place_row(row, key), what)
    if rows.height > MAX_SHOWN:
        yield Fault(check, table, f"{rows.height - MAX_SHOWN} more rows", what)


def place_row(row: dict[str, object], key: list[str]) -> str:
    """The place of a row, for a person."""
    if key == LEDGER_KEY:
        return f"{row['source_path']}[{row['source_record']}] paragraph {row['paragraph']}"
    return " ".join(str(row[name]) for name in key)
