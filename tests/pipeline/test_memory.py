"""A bound on memory changes how a run is done, and never what comes out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_corpus import assert_same_tables, read_tables

from tasks.errors import UsageError
from tasks.job import Job
from tasks.memory import MIN_INDEX_MB, PARENT_MB, WORKER_MB, fit_memory
from tasks.stages import Outcome, run
from tasks.store import Store

Clean = Callable[..., Outcome]


@pytest.mark.parametrize("memory_mb", [1_300, 2_000, 4_000, 64_000])
@pytest.mark.parametrize("workers", [1, 2, 16])
def test_what_is_planned_fits(workers: int, memory_mb: int) -> None:
    job = fit_memory(Job(Path("raw"), Path("clean"), workers=workers), memory_mb)
    assert 1 <= job.workers <= workers
    others = job.workers if job.workers > 1 else 0
    assert PARENT_MB + others * WORKER_MB + job.match_options.max_index_mb <= memory_mb
    assert job.match_options.max_index_mb >= MIN_INDEX_MB


def test_much_memory_bounds_nothing() -> None:
    asked = Job(Path("raw"), Path("clean"), workers=4)
    given = fit_memory(asked, 64_000)
    assert (given.workers, given.match_options) == (4, asked.settings.match)


def test_too_little_is_refused() -> None:
    with pytest.raises(UsageError, match="is too little"):
        fit_memory(Job(Path("raw"), Path("clean")), 100)


def test_the_corpus_is_the_same(clean: Clean, raw: Path, out: Path, tmp_path: Path) -> None:
    clean()
    run(fit_memory(Job(raw, tmp_path / "small"), 1_300))
    assert_same_tables(read_tables(tmp_path / "small"), read_tables(out))
    bounded = run(fit_memory(Job(raw, out), 1_300))
    assert not bounded.stages["strip"].get("strip_cpu_seconds"), (
        "another bound is no reason to do anything again"
    )
    assert bounded.run["config_sha256"] == Store(tmp_path / "small").last_run["config_sha256"]  # type: ignore[index]
