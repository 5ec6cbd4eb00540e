"""The step: lines in, the same lines with `text` and `repairs` out."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from tasks.repair.document import REPAIRS, Repaired, run_repairs
from tasks.repair.options import RepairOptions
from tasks.repair.suspects import find_suspects, misread_signs

MAX_PASSES: Final = 4
"""The list is run until nothing changes, so that a second repair finds nothing to do."""


def repair(lines: pl.DataFrame, *, options: RepairOptions) -> pl.DataFrame:
    """Add `text` (the line after repair) and `repairs` (the names of what was done to it).

    Args:
        lines: One shard: `document`, `raw`, and `repairs` if an earlier step recorded any; these stay first.
        options: Which repairs are made.

    Returns:
        The same rows in the same order.

    >>> lines = pl.DataFrame({"document": [0, 0], "raw": ["Báo xuân", "B&aacute;o xuân"]})
    >>> repair(lines, options=RepairOptions()).select("text", "repairs").rows()
    [('Báo xuân', []), ('Báo xuân', ['entities'])]
    """
    named = lines.with_row_index("_row")
    repaired = _repair_rows(named.select("_row", "document", text="raw"), options.names())
    found = pl.DataFrame(
        {
            "_row": list(repaired),
            "text": [line.text for line in repaired.values()],
            "_names": [list(line.repairs) for line in repaired.values()],
        },
        schema={"_row": pl.UInt32, "text": pl.String, "_names": pl.List(pl.String)},
    )
    before = pl.col("repairs") if "repairs" in lines.columns else pl.lit(None, pl.List(pl.String))
    return (
        named.join(found, on="_row", how="left", maintain_order="left")
        .with_columns(
            pl.col("text").fill_null(pl.col("raw")),
            repairs=before.fill_null([]).list.concat(pl.col("_names").fill_null([])),
        )
        .drop("_row", "_names")
    )


def repair_document(lines: Sequence[str], *, options: RepairOptions) -> list[Repaired]:
    """Repair the lines of one document; evidence found in one line counts for all of them.

    >>> repair_document(["Céng hoµ x· héi chñ nghÜa ViÖt Nam"], options=RepairOptions())
    [Repaired(text='Cộng hoà xã hội chủ nghĩa Việt Nam', repairs=('tcvn3',))]
    """
    table = pl.DataFrame({"raw": lines}, schema={"raw": pl.String}).with_columns(document=pl.lit(0))
    repaired = repair(table, options=options).select("text", "repairs")
    return [Repaired(text, tuple(names)) for text, names in repaired.iter_rows()]


def _repair_rows(rows: pl.DataFrame, names: frozenset[str]) -> dict[int, Repaired]:
    """Row number -> what became of the row, for the rows that are changed."""
    repaired: dict[int, Repaired] = {}
    for _ in range(MAX_PASSES):
        changed = _run_once(rows, names)
        if not changed:
            break
        for row, line in changed.items():
            done = {*line.repairs, *(repaired[row].repairs if row in repaired else ())}
            repaired[row] = Repaired(line.text, tuple(name for name in REPAIRS if name in done))
        rows = _update(rows, changed)
    return repaired


def _run_once(rows: pl.DataFrame, names: frozenset[str]) -> dict[int, Repaired]:
    """The same after one run of the list over the suspects of each document."""
    suspects = rows.filter(find_suspects(rows["document"], rows["text"]))
    documents = (
        suspects.with_columns(misread=pl.col("text").str.contains(misread_signs()))
        .group_by("document", maintain_order=True)
        .agg("_row", "text", pl.col("misread").any())
    )
    return {
        row: line
        for _, numbers, texts, misread in documents.iter_rows()
        for row, text, line in zip(
            numbers, texts, run_repairs(texts, names, may_be_misread=misread), strict=True
        )
        if line.text != text
    }


def _update(rows: pl.DataFrame, changed: dict[int, Repaired]) -> pl.DataFrame:
    """The rows of the documents in which something changed, with their new texts."""
    texts = [line.text for line in changed.values()]
    new = pl.DataFrame({"_row": list(changed), "text": texts}, schema={"_row": pl.UInt32, "text": pl.String})
    documents = rows.join(new, on="_row", how="semi").select("document").unique()
    return rows.join(documents, on="document", how="semi", maintain_order="left").update(new, on="_row")
