"""Gather: what was found in batches, told by part, with what still holds of what was found before."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl

from tasks.match.buckets import Items
from tasks.match.census import Part, Rows
from tasks.match.documents import PLACE, VERDICT, conclude
from tasks.match.options import MatchOptions

ROWS_AT_ONCE: Final = 200_000
"""Pairs that wait until they are written to the files of their parts."""


class Ledger(Protocol):
    """What is known of a part beside keys."""

    def read_texts(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """`document_id`, `paragraph` and `text` of some paragraphs, by the first two."""

    def read_held(self, part: int, documents: pl.DataFrame) -> pl.DataFrame:
        """The columns of VERDICT of paragraphs that others held in the run before, by `document_id`; no husks."""

    def read_pairs(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """The pairs stored with a part that were compared in the run before, both of them among some paragraphs."""


def write_verdicts(
    parts: Sequence[Part],
    ledger: Ledger,
    scratch: Path,
    rows: Rows,
    is_settled: pl.Series | None,
    batches: Sequence[Path],
    options: MatchOptions,
    pinned: pl.DataFrame | None,
) -> None:
    """Write `verdicts` and `documents` by part, and `settled.parquet`.

    Args:
        parts: All parts.
        ledger: What held paragraphs in the run before.
        scratch: Where to write.
        rows: All paragraphs.
        is_settled: Which of them were judged again, if they had anything near; None where all were.
        batches: Folders with what was found.
        options: The scope.
        pinned: Paragraphs that stay whoever holds them.
    """
    held = [pl.read_parquet(folder / "held.parquet").select(VERDICT) for folder in batches]
    every = rows.every
    documents = every.select("document_id", "part").unique()
    if is_settled is not None:
        settled = every.filter(is_settled).select(*PLACE, "part")
        pl.concat([settled, rows.lost.select(*PLACE, "part")]).unique().write_parquet(
            scratch / "settled.parquet"
        )
        other = every.filter(is_settled | pl.Series(rows.is_changed)).select(PLACE)
        again = pl.concat([frame.select("document_id") for frame in (other, rows.lost)]).unique()
        every, documents = (frame.join(again, on="document_id", how="semi") for frame in (every, documents))
        held += [
            still.cast(held[0].schema) for still in _read_still_held(parts, ledger, documents, every, other)
        ]
    verdicts = conclude(every, pl.concat(held), options, pinned)
    verdicts = verdicts.join(documents, on="document_id", maintain_order="left")
    for name, table in (("verdicts", verdicts), ("documents", documents)):
        (scratch / name).mkdir()
        for number, its_rows in split_rows(table.drop("part"), table["part"].to_numpy()).items():
            its_rows.write_parquet(scratch / name / f"{number:06d}.parquet", compression="lz4")


def _read_still_held(
    parts: Sequence[Part], ledger: Ledger, documents: pl.DataFrame, every: pl.DataFrame, other: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """What held paragraphs of some documents and still does, since nothing near them is `other` than it was."""
    for part in parts:
        its = documents.filter(pl.col("part") == part.number)
        if its.height:
            before = ledger.read_held(part.number, its.select("document_id")).select(VERDICT)
            yield before.join(other, on=PLACE, how="anti").join(every, on=PLACE, how="semi")


def write_pairs(scratch: Path, every: pl.DataFrame, batches: Sequence[Path]) -> None:
    """Write the pairs decided by part: that of the later document, so that new pairs of old texts lie with the new.

    Args:
        scratch: Where to write.
        every: All paragraphs, for the part of each document.
        batches: Folders with what was found.
    """
    documents = every.select("document_id", "part").unique()
    for count, pairs in enumerate(_read_pairs(batches)):
        part_of = [
            pairs.select(document_id=side)
            .join(documents, on="document_id", maintain_order="left")["part"]
            .to_numpy()
            for side in ("a_document", "b_document")
        ]
        for number, its_rows in split_rows(pairs, np.maximum(*part_of)).items():
            folder = scratch / "pairs" / f"{number:06d}"
            folder.mkdir(parents=True, exist_ok=True)
            its_rows.write_parquet(folder / f"{count:05d}.parquet", compression="lz4")


def _read_pairs(batches: Sequence[Path]) -> Iterator[pl.DataFrame]:
    """The pairs of all batches, those of several together."""
    waiting: list[pl.DataFrame] = []
    for file in chain.from_iterable(sorted(folder.glob("pairs-*.parquet")) for folder in batches):
        waiting.append(pl.read_parquet(file, glob=False))
        if sum(pairs.height for pairs in waiting) > ROWS_AT_ONCE:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)


def split_rows(table: pl.DataFrame, numbers: Items) -> dict[int, pl.DataFrame]:
    """The rows of a table by number, those below 0 left out."""
    numbered = table.with_columns(pl.Series("number", numbers)).filter(pl.col("number") >= 0)
    groups = numbered.partition_by("number", as_dict=True, include_key=False, maintain_order=True)
    return {int(str(number)): rows for (number,), rows in groups.items()}
