"""What one worker does with one part of the corpus, stage by stage.

Every function takes a `Task` and reads and writes files of the scratch folder, so that a worker needs no
more than a path and a number. The text of a part is in memory, never that of the corpus.
"""

import json
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tasks.forgotten import leave_out, load_forgotten
from tasks.job import Job
from tasks.marks import apply_marks
from tasks.read import Input, Problem, Taken, name_file, read_shard
from tasks.rebuild import rebuild_records
from tasks.repair import repair
from tasks.scratch import Scratch
from tasks.segment import segment
from tasks.strip import Knowledge, measure, observe, strip
from tasks.superseded import REASON as SUPERSEDED_REASON
from tasks.superseded import add_newer, label_older

PIECES = (
    "document_id",
    "paragraph",
    "line",
    "start",
    "end",
    "raw",
    "text",
    "repairs",
    "label",
    "rule",
    "evidence",
)
"""Columns of a paragraph once strip is done with it."""


class Task(NamedTuple):
    """A job and a part of it."""

    job: Job
    part: int


# -- read ---------------------------------------------------------------------------------------------


class ReadTask(NamedTuple):
    """Files to read together."""

    job: Job
    number: int
    inputs: list[Input]


class ReadDone(NamedTuple):
    """Files of records, each at most a part, what could not be read, and which fields were taken."""

    paths: list[Path]
    problems: list[Problem]
    records: int
    taken: Counter[Taken]


def read_files(task: ReadTask) -> ReadDone:
    """Files to records."""
    folder = Scratch(task.job.scratch).path("read", 0).parent
    paths, problems, records = [], [], 0
    forgotten = load_forgotten(task.job.open_store())
    taken: Counter[Taken] = Counter()
    for number, shard in enumerate(read_shard(task.job.raw, task.inputs, task.job.settings.read)):
        allowed, told = leave_out(shard.records, forgotten)
        problems += [*shard.problems, *told]
        taken += shard.taken
        if allowed.height:
            paths.append(folder / f"{task.number:06d}-{number:06d}.parquet")
            allowed.write_parquet(paths[-1], compression="uncompressed")
            records += allowed.height
    return ReadDone(paths, problems, records, taken)


def load_again(task: Task) -> int:
    """Records of a part from the stored `raw`, for all its documents that stay; returns how many."""
    scratch, store = Scratch(task.job.scratch), task.job.open_store()
    sources = stay(store.scan("sources", [task.part]), task.job).collect()
    paragraphs = store.scan("paragraphs", [task.part]).collect()
    paragraphs = paragraphs.join(sources.select("document_id"), on="document_id", how="semi")
    records = rebuild_records(paragraphs, sources)
    path = scratch.path("records", task.part)
    if path.exists():
        records = pl.concat([pl.read_parquet(path, glob=False), records])
    scratch.save_text(records, "records", task.part)
    return records.height


def has_work(job: Job) -> bool:
    """Whether anything was read or left, or has to be decided again."""
    plan = job.load_plan()
    return bool(
        plan.leave
        or plan.redo
        or plan.decide
        or plan.remarked
        or job.forgetting.document_ids
        or Scratch(job.scratch).parts("records")
    )


def stay(rows: pl.LazyFrame, job: Job) -> pl.LazyFrame:
    """Rows of inputs that are neither changed nor gone nor to be forgotten."""
    if forget := job.forgetting.document_ids:
        rows = rows.filter(~pl.col("document_id").is_in(list(forget)))
    leave = pl.Series(job.load_plan().leave, dtype=pl.String)
    return rows.filter(~name_file().is_in(leave.implode())) if len(leave) else rows


# -- repair -------------------------------------------------------------------------------------------


class Prepared(NamedTuple):
    """Records cut and mended."""

    pages: pl.DataFrame
    lines: pl.DataFrame
    seconds: dict[str, float]


def prepare(records: pl.DataFrame, job: Job) -> Prepared:
    """Records to pages and their repaired lines."""
    clock = Clock()
    lines = segment(records, options=job.settings.segment)
    clock.note("segment")
    lines = repair(lines, options=job.settings.repair)
    clock.note("repair")
    pages = records.drop("text").with_columns(
        document=pl.int_range(pl.len(), dtype=pl.UInt32),
        raw_chars=records["text"].str.len_chars().cast(pl.Int64),
        mapped=write_mapped(records),
    )
    return Prepared(pages, lines, clock.seconds)


def write_mapped(records: pl.DataFrame) -> pl.Series:
    """What the records themselves said of title, byline and time, as JSON."""
    names = ("title", "byline", "published_at")
    said = (
        records.select(names)
        .with_row_index("row")
        .filter(pl.any_horizontal(pl.col(name).is_not_null() & (pl.col(name) != "") for name in names))
    )
    written = [
        json.dumps({name: row[name] for name in names if row[name]}, ensure_ascii=False)
        for row in said.iter_rows(named=True)
    ]
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, records.height)
    return nothing.scatter(said["row"], written) if written else nothing


def prepare_part(task: Task) -> dict[str, float]:
    """Read records of a part are cut, mended and observed; returns CPU seconds per step."""
    scratch = Scratch(task.job.scratch)
    prepared = prepare(pl.read_parquet(scratch.path("records", task.part), glob=False), task.job)
    clock = Clock()
    lines = measure(prepared.lines)
    observations = observe(lines, prepared.pages, options=task.job.settings.strip)
    clock.note("strip")
    observations.write_parquet(scratch.path("observations", task.part))
    prepared.pages.write_parquet(scratch.path("pages", task.part), compression="lz4")
    scratch.save_text(lines, "lines", task.part)
    return prepared.seconds | clock.seconds


# -- strip --------------------------------------------------------------------------------------------


def strip_part(task: Task) -> dict[str, float]:
    """Label the new documents of a part, and those whose site has taught something new."""
    scratch = Scratch(task.job.scratch)
    knowledge = Knowledge(*scratch.load_tables("knowledge"))
    stripped = []
    seconds: dict[str, float] = {}
    older = pl.read_parquet(scratch.path(SUPERSEDED_REASON, 0), glob=False)
    if scratch.path("lines", task.part).exists():
        pages = pl.read_parquet(scratch.path("pages", task.part), glob=False)
        lines = scratch.load_text("lines", task.part)
        stripped.append(strip_lines(add_newer(pages, older), lines, knowledge, task.job, seconds))
    redo = scratch.path("redo", task.part)
    if redo.exists():
        prepared = prepare(load_documents(task, pl.read_parquet(redo, glob=False)), task.job)
        pages = add_newer(prepared.pages, older)
        stripped.append(strip_lines(pages, prepared.lines, knowledge, task.job, seconds))
    scratch.save_text(pl.concat([pieces for _, pieces in stripped]), "pieces", task.part)
    pl.concat([pages for pages, _ in stripped]).write_parquet(
        scratch.path("stripped", task.part), compression="lz4"
    )
    return seconds


def load_documents(task: Task, wanted: pl.DataFrame) -> pl.DataFrame:
    """Records of some stored documents of a part."""
    store = task.job.open_store()
    rows = [
        store.scan(table, [task.part]).join(wanted.lazy(), on="document_id", how="semi").collect()
        for table in ("paragraphs", "sources")
    ]
    return rebuild_records(*rows)


def strip_lines(
    pages: pl.DataFrame, lines: pl.DataFrame, knowledge: Knowledge, job: Job, seconds: dict[str, float]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pages with what was read off them, and pieces in the columns of PIECES.

    Args:
        pages: as `prepare` gives them, with the columns of `add_newer`.
        lines: theirs, mended.
        knowledge: what was learnt of the sites.
        job: the settings.
        seconds: where the CPU seconds are added.
    """
    clock = Clock()
    stripped = strip(lines, pages, knowledge, options=job.settings.strip)
    clock.note("strip")
    seconds["strip"] = seconds.get("strip", 0.0) + clock.seconds["strip"]
    nothing_left = pl.col("text") == ""
    pieces = (
        stripped.lines.join(pages.select("document", "document_id"), on="document", maintain_order="left")
        .rename({"reason": "label"})
        .with_columns(
            pl.when(nothing_left).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
            for name, value in INVISIBLE.items()
        )
        .select(PIECES)
    )
    pieces = label_older(pieces, pages, job.settings.superseded)
    marked = apply_marks(pieces, pages, job.settings.marks)
    return stripped.pages.select(sorted(set(stripped.pages.columns) - {"newer_path"})), marked


INVISIBLE = {
    "label": "invisible",
    "rule": "repair.invisible",
    "evidence": "nothing but characters that nobody sees",
}


class Clock:
    """CPU seconds of this process between notes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.process_time()

    def note(self, step: str) -> None:
        """Charge what has passed since the last note to a step."""
        now = time.process_time()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now
