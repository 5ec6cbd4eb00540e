"""Rewrite: the files of the parts in which something is not what it was."""

from pathlib import Path
from typing import Final

import polars as pl

from tasks.index import (
    Pieces,
    list_files,
    list_staying,
    read_fresh,
    read_stored,
    read_verdicts,
    starts_anew,
)
from tasks.job import Job
from tasks.match import LINKS
from tasks.retell import find_changed, retell_part
from tasks.schemas import DOCUMENTS, DUPLICATES, PARAGRAPHS, SOURCES, Table
from tasks.scratch import Scratch
from tasks.shards import Task
from tasks.store import WHOLE, Store
from tasks.write import Stamp, Written, assemble, fit, keep_run_ids

PER_PART: Final = (SOURCES, PARAGRAPHS, DOCUMENTS)


def parts_to_write(job: Job) -> list[int]:
    """Parts of which a document was read, has left, or was decided again."""
    scratch = Scratch(job.scratch)
    match = scratch.root / "match"
    parts = {*scratch.parts("index"), *list_files(match / "documents"), *list_files(match / "pairs")}
    settled = match / "settled.parquet"
    if settled.exists():
        parts |= set(pl.read_parquet(settled, columns=["part"])["part"].unique())
    else:
        parts |= {file.part for file in job.open_store().files(DUPLICATES.name)}
    return sorted(parts)


def write_part(task: Task) -> list[Written]:
    """Assemble what is new in a part; returns the tables in which it is not what it was."""
    job, part = task
    store = job.open_store()
    return [
        *_write_documents(job, store, part),
        *_write_pairs(job, store, part),
        *_write_index(job, store, part),
    ]


def write_links(job: Job) -> list[Written]:
    """The links of all classes."""
    store, folder = job.open_store(), Scratch(job.scratch).root / "links"
    files = {name: pl.read_parquet(folder / f"{name}.parquet", glob=False) for name in LINKS}
    return [
        Written(name, WHOLE, store.write_file(rows, name, WHOLE, job.number) if rows.height else None)
        for name, rows in files.items()
    ]


def _write_documents(job: Job, store: Store, part: int) -> list[Written]:
    """The tables that tell of documents: rows of those that are new, or whose verdicts are."""
    fresh = read_fresh(job, part)
    staying = list_staying(job, store, part, fresh)
    documents = store.scan(SOURCES.name, [part]).select(pl.len()).collect().item()
    if staying.height == documents and not fresh.pages.height and not starts_anew(job, store):
        concluded, verdicts = (_read_new(job, part, kind) for kind in ("documents", "verdicts"))
        return [] if concluded is None else retell_part(job, store, part, concluded, verdicts)
    verdicts, again = _tell_verdicts(job, store, part, staying, fresh)
    untouched = staying.join(again, on="document_id", how="anti")
    if untouched.height == documents and not fresh.pages.height:
        return []
    ledger = store.scan(PARAGRAPHS.name, [part]).collect()
    redone = read_stored(store, part, again, ledger)
    pieces = pl.concat([fresh.pieces, redone.pieces])
    pages = pl.concat([fresh.pages, redone.pages])
    pieces = pieces.join(
        pages.select("document_id", "source_path", "source_record"), on="document_id", maintain_order="left"
    )
    stamp = Stamp(job.run_id, job.settings.sha256)
    assembled = assemble(pieces, pages, verdicts, job.settings.actions, stamp)
    written = []
    for table, new in zip(PER_PART, assembled, strict=True):
        old = ledger if table is PARAGRAPHS else store.scan(table.name, [part]).collect()
        remaining = old.join(untouched, on="document_id", how="semi", maintain_order="left")
        replaced = old.join(untouched, on="document_id", how="anti", maintain_order="left").sort(table.key)
        rows = keep_run_ids(new, replaced, table)
        if store.is_older or not rows.equals(replaced):
            written.append(_write(store, job, table, part, pl.concat([remaining, rows]).sort(table.key)))
    return written


def _tell_verdicts(
    job: Job, store: Store, part: int, staying: pl.DataFrame, fresh: Pieces
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All verdicts on the documents of a part, and the staying documents of which they are not what they were."""
    before = read_verdicts(store, part, pl.concat([staying, fresh.pages.select("document_id")]))
    concluded = _read_new(job, part, "documents")
    if concluded is None:
        return before, staying.clear()
    verdicts = _read_new(job, part, "verdicts")
    now = before.clear()
    if verdicts is not None:
        now = verdicts.select(pl.col(name).cast(dtype) for name, dtype in before.schema.items())
    again = find_changed(before.join(concluded, on="document_id", how="semi"), now)
    # Other settings stand in every row of `documents`.
    again = staying if starts_anew(job, store) else staying.join(again, on="document_id", how="semi")
    # What was not decided again holds what it held.
    return pl.concat([before.join(concluded, on="document_id", how="anti"), now]), again


def _write_pairs(job: Job, store: Store, part: int) -> list[Written]:
    """The pairs of which the later document is in a part."""
    folder = Scratch(job.scratch).root / "match"
    old = store.scan(DUPLICATES.name, [part]).collect()
    new = [pl.read_parquet(file, glob=False) for file in sorted((folder / "pairs" / f"{part:06d}").glob("*"))]
    settled = folder / "settled.parquet"
    if settled.exists():
        places = pl.read_parquet(settled, glob=False).select(
            b_document="document_id", b_paragraph="paragraph"
        )
        remaining = old.join(places, on=["b_document", "b_paragraph"], how="anti")
        if remaining.height == old.height and not new:
            return []
        new.append(remaining)
    rows = pl.concat([DUPLICATES.schema.to_frame(), *(fit(frame, DUPLICATES) for frame in new)]).sort(
        DUPLICATES.key
    )
    return [] if rows.equals(old) else [_write(store, job, DUPLICATES, part, rows)]


def _write_index(job: Job, store: Store, part: int) -> list[Written]:
    """The index of a part that this run has read something of."""
    path = Scratch(job.scratch).path("index", part)
    if not path.exists():
        return []
    rows = pl.read_parquet(path, glob=False)
    old = [file for file in store.files("index") if file.part == part]
    if old and pl.read_parquet(old[0].path, glob=False).equals(rows):
        return []
    return [
        Written("index", part, store.write_file(rows, "index", part, job.number) if rows.height else None)
    ]


def _write(store: Store, job: Job, table: Table, part: int, rows: pl.DataFrame) -> Written:
    """The file of a part, None if it has no rows."""
    file = store.write_file(rows, table.name, part, job.number) if rows.height else None
    return Written(table.name, part, file)


def _read_new(job: Job, part: int, kind: str) -> pl.DataFrame | None:
    """What match wrote of a part; None for nothing."""
    path: Path = Scratch(job.scratch).root / "match" / kind / f"{part:06d}.parquet"
    return pl.read_parquet(path, glob=False) if path.exists() else None
