"""What strip asks of every line, found once for both of its passes: that over the corpus and that over a page."""

import polars as pl

from tasks.strip.sheet import MEASURES, measure_lines
from tasks.strip.split import split_lines

CUT = "cut"
"""Reason, rule and evidence of a row that was cut off a line; null for all others."""


def measure(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with rows cut in two where they are boilerplate in part, and with `MEASURES` and `CUT`.

    Lines that have been measured stay as they are, so that a caller may measure before it calls `observe` and
    `strip`.
    """
    if CUT in lines.columns:
        return lines
    lines, parts = split_lines(lines)
    cuts = pl.DataFrame(
        {"row": list(parts), CUT: list(map(list, parts.values()))},
        schema={"row": pl.UInt32, CUT: pl.List(pl.String)},
    )
    numbered = measure_lines(lines).with_row_index("row")
    return numbered.join(cuts, on="row", how="left", maintain_order="left").drop("row")


def read_cuts(measured: pl.DataFrame) -> dict[int, tuple[str, str, str]]:
    """Row -> reason, rule and evidence of the rows that were cut off a line."""
    rows = measured[CUT].is_not_null().arg_true()
    return {row: tuple(cut) for row, cut in zip(rows, measured[CUT].gather(rows).to_list(), strict=True)}


def drop_measures(measured: pl.DataFrame) -> pl.DataFrame:
    """The lines alone."""
    return measured.drop(*MEASURES, CUT)
