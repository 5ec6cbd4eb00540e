"""A promise that a corpus breaks, and where."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import polars as pl

MAX_SHOWN = 5
"""Faults named per check; the rest is counted."""
DIGITS = re.compile(r"\d+")
LEDGER_KEY = ["source_path", "source_record", "paragraph"]


class Fault(NamedTuple):
    """One promise broken at one place; or at `more` places that are not named, and `place` is empty."""

    check: str
    table: str
    place: str
    what: str
    more: int = 0


def name_rows(check: str, table: str, rows: pl.DataFrame, key: list[str], what: str) -> Iterator[Fault]:
    """A fault per row, up to MAX_SHOWN, and one that counts the others."""
    for row in rows.head(MAX_SHOWN).iter_rows(named=True):
        yield Fault(check, table, place_row(row, key), what)
    if rows.height > MAX_SHOWN:
        yield Fault(check, table, "", what, rows.height - MAX_SHOWN)


def limit(faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults kind by kind, MAX_SHOWN of each, and one that counts the others.

    >>> row = Fault("lines", "paragraphs", "a.txt[0] paragraph 1", "line 2 after line 3")
    >>> [fault.place for fault in limit([row] * 7)][-2:]
    ['a.txt[0] paragraph 1', '2 more rows']
    """
    kinds: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        kind = (fault.check, fault.table, DIGITS.sub("0", fault.what))
        kinds.setdefault(kind, []).append(fault)
    for alike in kinds.values():
        named = [fault for fault in alike if not fault.more]
        yield from named[:MAX_SHOWN]
        more = sum(fault.more for fault in alike) + len(named[MAX_SHOWN:])
        if more:
            yield alike[0]._replace(place=f"{more} more rows", more=more)


def place_row(row: dict[str, object], key: list[str]) -> str:
    """The place of a row, for a person."""
    if key == LEDGER_KEY:
        return f"{row['source_path']}[{row['source_record']}] paragraph {row['paragraph']}"
    return " ".join(str(row[name]) for name in key)
