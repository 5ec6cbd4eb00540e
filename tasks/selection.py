"""Selection: which documents of a corpus are handed on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from tasks.errors import UsageError
from tasks.schemas import TABLES
from tasks.store import Store

LANGUAGE = re.compile("[a-z]{2,3}")
"""An ISO 639 code."""

Choose = Callable[[pl.LazyFrame], pl.LazyFrame]


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, written so that days sort as texts do.

    >>> is_day("2024-02-29"), is_day("2023-02-29"), is_day("20240229")
    (True, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True)
class Selection:
    """Which documents are wanted; all by default.

    Args:
        languages: ISO 639 codes.
        sites: hosts, as in the column `site`.
        since: first day of publication, `2026-01-31`.
        until: last day of publication.
    """

    languages: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no day, and what is no code of a language.

        Raises:
            UsageError: a day is not written as `2026-01-31`, or no calendar has it; a language is spelt out.
        """
        for language in self.languages:
            if not LANGUAGE.fullmatch(language):
                raise UsageError(
                    f"{language} is no code of a language. Write it as ISO 639 does: vi, en, fr."
                )
        for day in (self.since, self.until):
            if day is not None and not is_day(day):
                raise UsageError(f"{day} is no day. Write it as 2026-01-31.")

    @property
    def expression(self) -> pl.Expr | None:
        """Whether a row of `documents` or `sources` is wanted; None if all are. Without a date, none of a time is."""
        day = pl.col("published_at").str.head(len("2026-01-31"))
        wanted = [pl.col("language").is_in(self.languages)] if self.languages else []
        wanted += [pl.col("site").is_in(self.sites)] if self.sites else []
        wanted += [day >= self.since] if self.since else []
        wanted += [day <= self.until] if self.until else []
        return pl.all_horizontal(wanted).fill_null(value=False) if wanted else None

    def choose(self, store: Store, table: str) -> Choose:
        """What leaves of rows of a table those of documents that are wanted; of pairs, those of one of the two.

        Raises:
            UsageError: the rows of the table belong to no document.
        """
        expression = self.expression
        if expression is None:
            return lambda rows: rows
        columns = TABLES[table].schema.names()
        if "published_at" in columns:
            return lambda rows: rows.filter(expression)
        wanted = store.scan("sources").filter(expression).select("document_id").collect()
        if "document_id" in columns:
            return lambda rows: rows.join(wanted.lazy(), on="document_id", how="semi")
        if "a_document" in columns:
            ids = wanted["document_id"].implode()
            of_wanted = pl.col("a_document").is_in(ids) | pl.col("b_document").is_in(ids)
            return lambda rows: rows.filter(of_wanted)
        raise UsageError(f"The rows of {table} belong to no document, so they cannot be chosen by one.")
