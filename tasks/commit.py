"""Commit: the files of a run, its quarantine and its row of `runs`, as one change of the corpus."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from tasks.data_files import Change
from tasks.forgotten import FORGOTTEN, SENTENCE, add_keys, make_file_key
from tasks.forgotten import SCHEMA as FORGOTTEN_SCHEMA
from tasks.index import INTERNAL
from tasks.job import Job
from tasks.learn import OBSERVATIONS
from tasks.marks import drop_from_runs
from tasks.plan import digest_files, write_settings
from tasks.read import name_file
from tasks.schemas import DECANT_VERSION, QUARANTINE, RUNS, TABLES
from tasks.scratch import Scratch
from tasks.store import WHOLE, Row, Store
from tasks.sweep import mark_sweep
from tasks.write import Written, fit

SIGNED_OBSERVATIONS = pl.Schema(dict(OBSERVATIONS) | {"key": pl.Int64()})


def commit_run(job: Job, written: Iterable[Written]) -> dict[str, float]:
    """Commit everything that the stages left in the scratch folder; returns the files written."""
    store, scratch = Store(job.out), Scratch(job.scratch)
    changes: dict[str, Change] = {}
    for file in written:
        replace_file(store, changes, file)
    for part in scratch.parts("merged"):
        merged = pl.read_parquet(scratch.path("merged", part), glob=False)
        new = store.write_file(merged, "observations", part, job.number) if merged.height else None
        replace_file(store, changes, Written("observations", part, new))
    quarantine = make_quarantine(store, scratch, job)
    replace_whole(store, changes, quarantine, QUARANTINE.name, job)
    if job.forgetting.keys:
        keys = add_keys(store, job.forgetting.keys, job.run_id)
        replace_file(
            store, changes, Written(FORGOTTEN, WHOLE, store.write_file(keys, FORGOTTEN, WHOLE, job.number))
        )
        store.runs = drop_from_runs(store.runs, job.forgetting)
        mark_sweep(store)
    row = describe_run(job, store, changes, quarantine)
    store.commit(changes, row, list_schemas())
    return {"files": sum(len(change.added) for change in changes.values())}


def list_schemas() -> dict[str, pl.Schema]:
    """Columns of every table but `runs`, those that are nobody's reading included."""
    public = {name: table.schema for name, table in TABLES.items() if name != RUNS.name}
    return public | {"observations": SIGNED_OBSERVATIONS, FORGOTTEN: FORGOTTEN_SCHEMA, **INTERNAL}


def replace_file(store: Store, changes: dict[str, Change], written: Written) -> None:
    """One part of a table has other rows now, or none."""
    change = changes.setdefault(written.table, Change())
    change.removed += [file for file in store.files(written.table) if file.part == written.part]
    if written.file is not None:
        change.added.append(written.file)


def replace_whole(store: Store, changes: dict[str, Change], rows: pl.DataFrame, table: str, job: Job) -> None:
    """A table that is not cut into parts has these rows now."""
    old = store.scan(table).collect().sort(TABLES[table].key)
    if not rows.equals(old):
        file = store.write_file(rows, table, WHOLE, job.number) if rows.height else None
        replace_file(store, changes, Written(table, WHOLE, file))


def make_quarantine(store: Store, scratch: Scratch, job: Job) -> pl.DataFrame:
    """What cannot be read now; what was so before, in the same file, keeps the time when it was first seen."""
    plan = job.load_plan()
    old = store.scan(QUARANTINE.name).collect()
    if plan.is_offline:
        keys = pl.Series([make_file_key(path) for path in old["source_path"]], dtype=pl.String)
        return fit(old.filter(~keys.is_in(list(job.forgetting.keys))), QUARANTINE)
    looked_at = pl.Series([*plan.leave, *(file.source_path for file in plan.read)], dtype=pl.String)
    still = old.filter(pl.col("source_mtime_ns").is_not_null() & ~name_file().is_in(looked_at.implode()))
    found = pl.read_parquet(scratch.path("problems", 0), glob=False)
    seen = old.select("source_path", "source_record", "error", "source_bytes", "source_mtime_ns", "at")
    same = ["source_path", "source_record", "error", "source_bytes", "source_mtime_ns"]
    now = found.join(seen, on=same, how="left", nulls_equal=True)
    return fit(
        pl.concat([still, fit(now.with_columns(pl.col("at").fill_null(job.started_at)), QUARANTINE)]).unique(
            list(QUARANTINE.key), keep="first", maintain_order=True
        ),
        QUARANTINE,
    )


def describe_run(job: Job, store: Store, changes: dict[str, Change], quarantine: pl.DataFrame) -> Row:
    """The row of `runs`, `versions` aside."""
    plan, scratch = job.load_plan(), Scratch(job.scratch)
    reasons = count_reasons(list_paths(store, changes, "paragraphs"))
    removed = {name: count for name, count in reasons.items() if name is not None}
    not_examined = scratch.path("not_examined", 0)
    left_out = pl.read_parquet(not_examined, glob=False).row(0, named=True) if not_examined.exists() else {}
    before = store.last_run or {}
    return {
        "run_id": job.run_id,
        "number": job.number,
        "command": job.command,
        "started_at": job.started_at,
        "ended_at": datetime.now(UTC),
        "inputs_seen": plan.seen,
        "inputs_new": plan.new,
        "inputs_changed": plan.changed,
        "inputs_gone": plan.gone,
        "fields": pl.read_parquet(scratch.path("taken", 0), glob=False).to_dicts(),
        "documents": count_rows(list_paths(store, changes, "documents")),
        "paragraphs_kept": reasons.get(None, 0),
        "paragraphs_removed": sum(removed.values()),
        "removed": [{"name": name, "count": removed[name]} for name in sorted(removed)],
        "quarantined": quarantine.height,
        **{
            name: left_out.get(name, before.get(name)) or 0
            for name in ("pairs_not_examined", "stock_phrases")
        },
        "decant_version": DECANT_VERSION,
        "config": write_settings(job.settings),
        "config_sha256": job.settings.sha256,
        "step_digests": json.dumps(plan.digests, sort_keys=True),
        "step_files": json.dumps(digest_files(), sort_keys=True),
        "kept_from": job.number if job.forgetting.keys else store.kept_from,
    }


def list_paths(store: Store, changes: dict[str, Change], table: str) -> list[Path]:
    """Files of a table as they will be."""
    change = changes.get(table, Change())
    return [file.path for file in store.files(table) if file not in change.removed] + [
        f.path for f in change.added
    ]


def count_reasons(paths: list[Path]) -> dict[str | None, int]:
    """Paragraphs by reason; None are the kept ones."""
    if not paths:
        return {}
    rows = pl.scan_parquet(paths, glob=False).group_by("reason").agg(pl.len()).collect()
    return dict(rows.iter_rows())


def count_rows(paths: list[Path]) -> int:
    """Rows of some files."""
    return int(pl.scan_parquet(paths, glob=False).select(pl.len()).collect().item()) if paths else 0


def summarize(out: Path) -> tuple[Row, int, int]:
    """The last run's row, the faults it was the first to see, and the bytes of all inputs in the corpus."""
    store = Store(out)
    run = store.last_run
    assert run is not None
    new_faults = (
        store.scan(QUARANTINE.name)
        .filter((pl.col("at") == run["started_at"]) & (pl.col("error") != SENTENCE))
        .select(pl.len())
        .collect()
        .item()
    )
    sizes = store.scan("sources").unique(name_file()).select(pl.col("source_bytes").sum()).collect().item()
    return run, int(new_faults), int(sizes)
