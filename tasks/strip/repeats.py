"""The headline of a document said again, and lines printed twice."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import Verdicts

MIN_DOUBLED_WORDS = 6
"""Shorter lines may be verse or speech."""


def find_repeated_headlines(sheet: Sheet, headlines: Mapping[int, int], verdicts: Verdicts) -> None:
    """Later lines equal to the document's headline; one stays."""
    rows = list(headlines.values())
    heads = pl.DataFrame(
        {"document": sheet.document[rows], "fold": sheet.fold.gather(rows), "head": rows},
        schema={"document": pl.Int64, "fold": pl.String, "head": pl.Int64},
    )
    lines = pl.DataFrame({"document": sheet.document, "fold": sheet.fold}).with_row_index("row")
    again = lines.join(heads, on=["document", "fold"]).filter(pl.col("row") > pl.col("head")).sort("row")
    for row, head in again.select("row", "head").iter_rows():
        line = head - int(sheet.first[head]) + 1
        verdicts.add(
            row, "repeated_headline", "repeated_headline", f"same words as the headline in paragraph {line}"
        )


def find_doubled_lines(sheet: Sheet, verdicts: Verdicts) -> None:
    """A line printed twice in a row (an image's alt text and its caption), beside prose: not in verse."""
    same = sheet.text == sheet.text.shift(1)
    twice = same.fill_null(value=False).to_numpy() & (sheet.words >= MIN_DOUBLED_WORDS) & ~sheet.ends
    twice[1:] &= sheet.document[1:] == sheet.document[:-1]
    for row in np.flatnonzero(twice).tolist():
        near = [at for at in (row - 2, row + 1) if sheet.first[row] <= at <= sheet.last[row]]
        if row - 1 not in verdicts and any(sheet.prose[at] for at in near):
            verdicts.add(row, "caption", "doubled_line", "the same line stands right before it")
