"""THE ONE IDEA: a run is these stages, in this order.

    raw/ -> plan -> read -> repair -> strip -> match -> write -> clean/

    plan     what is new, changed or gone, and which steps a new setting or rule makes do again
    read     files to records
    repair   records to paragraphs with right letters
    strip    labels for what is not the article, by the line, its page and its site
    match    the same text found, different facts kept apart
    write    verdicts to tables, one commit

The command line runs them in a plain loop, the Prefect flow wraps each as one task; both call `run`. Between
stages there are only files in the scratch folder, one per part of the corpus; a stage returns counts.
"""

import dataclasses
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import polars as pl

from tasks import shards
from tasks.commit import commit_run, summarize
from tasks.disk import check_disk
from tasks.engine import check_engine, keep_workers, map_shards, wake
from tasks.errors import UsageError
from tasks.forgotten import Forgetting, load_forgotten
from tasks.index import index_part, match_corpus, parts_to_index
from tasks.job import Job, Settings
from tasks.learn import learn_sites
from tasks.locks import as_store_error
from tasks.marks import drop_forgotten
from tasks.match import load_kernels
from tasks.outlook import plan_job
from tasks.plan import UNIT_BYTES, cut_by_bytes, free_parts
from tasks.read import Taken
from tasks.rewrite import parts_to_write, write_links, write_part
from tasks.schemas import TABLES
from tasks.scratch import Scratch
from tasks.store import Row, Store
from tasks.write import Written
from tasks.writing import hold

Result = TypeVar("Result")
Counts = dict[str, float]
Progress = Callable[[str, int, int], None]
Stage = Callable[[Job, Progress], Counts]
Call = Callable[[Stage, Job, Progress], Counts]


def plan(job: Job, progress: Progress) -> Counts:
    """Hold RAW against the corpus."""
    del progress
    store = Store(job.out)
    made = plan_job(job)
    stored = sum(file.path.stat().st_size for name in TABLES for file in store.files(name))
    needed = check_disk(job, made, stored)
    made.save(job.scratch / "plan.json")
    return {
        "disk_bytes": needed,
        "seen": made.seen,
        "new": made.new,
        "changed": made.changed,
        "gone": made.gone,
    }


def read(job: Job, progress: Progress) -> Counts:
    """Files to records, and stored records where a step has to be redone."""
    made, scratch, store = job.load_plan(), Scratch(job.scratch), job.open_store()
    units = [shards.ReadTask(job, number, files) for number, files in enumerate(cut_by_bytes(made.read))]
    if len(made.read) == 1 and made.read[0].source_bytes > UNIT_BYTES:
        wake(load_kernels, job.workers, job.engine)
    problems, paths, records = list(made.problems), [], 0
    taken: Counter[Taken] = Counter()
    for done in track(
        "read", map_shards(shards.read_files, units, job.workers, job.engine), len(units), progress
    ):
        problems += done.problems
        paths += done.paths
        records += done.records
        taken += done.taken
    for part, path in zip(free_parts(store), paths, strict=False):
        path.rename(scratch.path("records", part))
    # A sentence may quote a field's name, and half a surrogate pair is no text that a table can hold.
    told = [problem._replace(error=keep_escapes(problem.error)) for problem in problems]
    pl.DataFrame(told, schema=PROBLEMS, orient="row").write_parquet(scratch.path("problems", 0))
    rows = [(*key, count) for key, count in sorted(taken.items())]
    pl.DataFrame(rows, schema=TAKEN, orient="row").write_parquet(scratch.path("taken", 0))
    if made.redo:
        stored = [shards.Task(job, file.part) for file in store.files("sources")]
        records += sum(map_shards(shards.load_again, stored, job.workers, job.engine))
    return {"records": records, "unreadable": len(problems)}


def repair(job: Job, progress: Progress) -> Counts:
    """Records to paragraphs with right letters."""
    tasks = [shards.Task(job, part) for part in Scratch(job.scratch).parts("records")]
    done = map_shards(shards.prepare_part, tasks, job.workers, job.engine)
    return add_up(track("repair", done, len(tasks), progress))


def strip(job: Job, progress: Progress) -> Counts:
    """Learn what the sites' templates are, and label what is not the article."""
    if not shards.has_work(job):
        return {}
    tasks = [shards.Task(job, part) for part in learn_sites(job)]
    done = map_shards(shards.strip_part, tasks, job.workers, job.engine)
    return add_up(track("strip", done, len(tasks), progress))


def match(job: Job, progress: Progress) -> Counts:
    """Find the paragraphs that another one holds."""
    if not shards.has_work(job):
        return {}
    tasks = [shards.Task(job, part) for part in parts_to_index(job)]
    signed = map_shards(index_part, tasks, job.workers, job.engine)
    return {"signed": sum(track("match", signed, len(tasks), progress))} | match_corpus(job)


def write(job: Job, progress: Progress) -> Counts:
    """Verdicts to tables, in one commit."""
    written: list[Written] = []
    if shards.has_work(job):
        tasks = [shards.Task(job, part) for part in parts_to_write(job)]
        done = map_shards(write_part, tasks, job.workers, job.engine)
        written = [file for files in track("write", done, len(tasks), progress) for file in files]
        written += write_links(job)
    return commit_run(job, written)


def keep_escapes(text: str) -> str:
    r"""A text with half surrogate pairs as backslash escapes.

    >>> keep_escapes("\ud800")
    '\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


PROBLEMS = pl.Schema(
    {
        "source_path": pl.String(),
        "source_record": pl.Int32(),
        "error": pl.String(),
        "source_bytes": pl.Int64(),
        "source_mtime_ns": pl.Int64(),
    }
)
TAKEN = pl.Schema({"format": pl.String(), "role": pl.String(), "field": pl.String(), "records": pl.Int64()})

STAGES: tuple[Stage, ...] = (plan, read, repair, strip, match, write)


class Outcome(NamedTuple):
    """What a run did: its row of `runs`, new faults, and the counts and wall seconds of every stage."""

    run: Row
    new_faults: int
    raw_bytes: int
    stages: dict[str, Counts]


def run(job: Job, progress: Progress | None = None, call: Call | None = None) -> Outcome:
    """All stages, holding the corpus for this run alone.

    Args:
        job: what to do.
        progress: told the stage, the shards done and the shards in all.
        call: how a stage is called; plainly by default, as a task by the Prefect flow.

    Raises:
        DecantError: the set-up is wrong, or the corpus cannot be written; nothing has changed then.
    """
    if not job.forgetting.keys:
        check_places(job)
    if job.engine != "local":
        raw = job.raw if isinstance(job.raw, str) else job.raw.resolve()
        job = dataclasses.replace(job, raw=raw, out=job.out.resolve())
    report = progress or (lambda *_: None)
    store = Store(job.out)
    with hold(store), keep_workers():
        job = dataclasses.replace(
            job,
            number=store.run_number + 1,
            started_at=datetime.now(UTC),
            settings=without_forgotten(job.settings, store),
        )
        counts: dict[str, Counts] = {}
        for stage in STAGES:
            started = time.perf_counter()
            with as_store_error(job.out):
                done = call(stage, job, report) if call else stage(job, report)
            counts[stage.__name__] = done | {"wall_seconds": time.perf_counter() - started}
        return Outcome(*summarize(job.out), counts)


def without_forgotten(settings: Settings, store: Store) -> Settings:
    """The settings without marks on files that were forgotten, which would bring a quotation back into the corpus."""
    if not settings.marks or not (keys := load_forgotten(store)):
        return settings
    marks = drop_forgotten(settings.marks, Forgetting(keys=tuple(keys)))
    if len(marks) < len(settings.marks):
        logging.getLogger("decant").warning(
            "%d marks quote a file that was forgotten. They are not heard; delete them from the file of marks.",
            len(settings.marks) - len(marks),
        )
    return dataclasses.replace(settings, marks=marks)


def check_places(job: Job) -> None:
    """Refuse folders, or an engine, that cannot be right.

    Raises:
        UsageError: RAW is not there, one of RAW and CLEAN lies inside the other, or the engine is none.
    """
    check_engine(job.engine)
    if isinstance(job.raw, str):
        return
    if not job.raw.is_dir():
        raise UsageError(f"There is no folder {job.raw}. Name the folder of your raw files: decant run RAW")
    raw, out = job.raw.resolve(), job.out.resolve()
    if raw == out or raw in out.parents or out in raw.parents:
        raise UsageError(
            f"{job.raw} and {job.out} overlap, so the corpus would be read as input. Name another --out."
        )


def track(name: str, results: Iterable[Result], total: int, progress: Progress) -> Iterator[Result]:
    """The results, telling progress after each."""
    progress(name, 0, total)
    for done, result in enumerate(results, 1):
        yield result
        progress(name, done, total)


def add_up(parts: Iterable[Counts]) -> Counts:
    """CPU seconds per step, over all parts."""
    total: Counts = {}
    for seconds in parts:
        for step, spent in seconds.items():
            total[f"{step}_cpu_seconds"] = total.get(f"{step}_cpu_seconds", 0.0) + spent
    return total
