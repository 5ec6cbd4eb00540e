"""Gather: what was found in batches, told by part, with what still holds of what was found before."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import polars as pl

from tasks.dealer import Dealer, read_dealt, split_rows
from tasks.match.buckets import Flags
from tasks.match.census import Part, Rows
from tasks.match.documents import PLACE, VERDICT, conclude
from tasks.match.options import MatchOptions
from tasks.match.rank import mark_substantial

CONCLUDED: Final = (*PLACE, "words", "unspaced", "is_prose", "states")
"""What of a paragraph verdicts on whole documents are told by."""
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
    is_settled: Flags | None,
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
    folders = [scratch / "held" / f"{part.number:06d}" for part in parts]
    schema = _deal_held(rows.documents, parts, folders, batches)
    settled, lost = [], rows.lost.select("document_id").unique()
    for name in ("verdicts", "documents"):
        (scratch / name).mkdir()
    for number, part in enumerate(parts):
        every = mark_substantial(pl.read_parquet(part.now, columns=list(CONCLUDED)), options)
        documents = every.select("document_id").unique(maintain_order=True)
        held = read_dealt(folders[number], "held", schema)
        if is_settled is not None:
            is_its = pl.Series(is_settled[rows.cut(number)])
            settled.append(every.filter(is_its).select(*PLACE, part=pl.lit(part.number, pl.Int64)))
            other = every.filter(is_its | pl.Series(rows.is_changed[rows.cut(number)])).select(PLACE)
            again = pl.concat([other.select("document_id"), lost]).unique()
            every, documents = (
                frame.join(again, on="document_id", how="semi", maintain_order="left")
                for frame in (every, documents)
            )
            if documents.height:
                before = ledger.read_held(part.number, documents).select(VERDICT)
                # What held paragraphs of these documents still does where nothing near them is other than it was.
                still = before.join(other, on=PLACE, how="anti").join(every, on=PLACE, how="semi")
                held = pl.concat([held, still.cast(schema)])
        if not documents.height:
            continue
        verdicts = conclude(every, held, options, pinned)
        for name, table in (("verdicts", verdicts), ("documents", documents)):
            if table.height:
                table.write_parquet(scratch / name / f"{part.number:06d}.parquet", compression="lz4")
    if is_settled is not None:
        gone = rows.lost.select(*PLACE, "part")
        pl.concat([*settled, gone]).unique().write_parquet(scratch / "settled.parquet")


def _deal_held(
    documents: pl.DataFrame, parts: Sequence[Part], folders: Sequence[Path], batches: Sequence[Path]
) -> pl.Schema:
    """What was found in batches on paragraphs, into the folders of their parts; returns the types of its columns."""
    numbers = np.array([part.number for part in parts])
    order = np.argsort(numbers)
    with Dealer(folders, "held") as dealer:
        for batch in batches:
            held = pl.read_parquet(batch / "held.parquet").select(VERDICT)
            of_rows = _tell_parts(held, documents).to_numpy()
            dealer.deal(held, order[np.searchsorted(numbers, of_rows, sorter=order)])
    return held.schema


def write_pairs(scratch: Path, documents: pl.DataFrame, batches: Sequence[Path]) -> None:
    """Write the pairs decided by part: that of the later document, so that new pairs of old texts lie with the new.

    Args:
        scratch: Where to write.
        documents: The part of each document.
        batches: Folders with what was found.
    """
    for count, pairs in enumerate(_read_pairs(batches)):
        part_of = [
            _tell_parts(pairs.select(document_id=side), documents).to_numpy()
            for side in ("a_document", "b_document")
        ]
        numbered = pairs.with_columns(pl.Series("number", np.maximum(*part_of)))
        for number, its_rows in split_rows(numbered).items():
            folder = scratch / "pairs" / f"{number:06d}"
            folder.mkdir(parents=True, exist_ok=True)
            its_rows.write_parquet(folder / f"{count:05d}.parquet", compression="lz4")


def _tell_parts(places: pl.DataFrame, documents: pl.DataFrame) -> pl.Series:
    """The part of the document of each row. Only of these documents is a table made, not of all."""
    its = documents.join(places, on="document_id", how="semi")
    return places.select("document_id").join(its, on="document_id", how="left", maintain_order="left")["part"]


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
