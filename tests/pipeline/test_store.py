"""The last row of `runs` is the commit: what a dead run left is not seen, and is taken back."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_corpus import assert_same_tables, read_tables

from tasks import stages
from tasks.commit import Change
from tasks.errors import StoreError
from tasks.job import Job
from tasks.store import Store

Clean = Callable[..., object]


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


def test_a_run_that_dies_between_two_tables_leaves_the_old_corpus(
    clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean()
    before = read_tables(out)
    (raw / "songque.example/moi.txt").write_text(
        "Một bài mới hoàn toàn, không trùng với bài nào đã có trong kho.", "utf-8"
    )
    applied: list[str] = []
    real = Store._apply

    def die(store: Store, table: str, change: Change) -> int:
        if len(applied) == 2:
            raise Killed
        applied.append(table)
        return real(store, table, change)

    monkeypatch.setattr(Store, "_apply", die)
    with pytest.raises(Killed):
        clean()
    monkeypatch.undo()
    assert Store(out).latest_versions() != Store(out).versions()
    assert_same_tables(read_tables(out), before)
    clean()
    assert Store(out).latest_versions() == Store(out).versions()
    assert Store(out).run_number == 2
    files = {file.path for table in Store(out).versions() for file in Store(out).files(table)}
    numbers = [int(path.name[1:7]) for path in out.glob("*/*.parquet")]
    assert max(numbers) == 2
    assert files <= set(out.glob("*/*.parquet"))


@pytest.mark.parametrize("stage", [stage.__name__ for stage in stages.STAGES])
def test_a_run_that_dies_in_a_stage_is_as_if_it_had_not_been(
    stage: str, clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def die(*_: object) -> dict[str, float]:
        raise Killed

    die.__name__ = stage
    dying = tuple(die if s.__name__ == stage else s for s in stages.STAGES)
    monkeypatch.setattr(stages, "STAGES", dying)
    with pytest.raises(Killed):
        clean()
    assert Store(out).last_run is None
    monkeypatch.undo()
    clean()
    stages.run(Job(raw, tmp_path / "other"))
    assert_same_tables(read_tables(out), read_tables(tmp_path / "other"))
    assert not (out / ".decant/work").exists()


def test_a_second_writer_is_refused_in_a_sentence(clean: Clean, out: Path) -> None:
    clean()
    with Store(out).lock(), pytest.raises(StoreError, match="is being written by process"):
        clean()
    clean()


def test_the_lock_of_a_killed_process_is_free(clean: Clean, out: Path) -> None:
    clean()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import time; from pathlib import Path; from tasks.store import Store\nwith Store(Path({str(out)!r})).lock(): print('held', flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError):
            clean()
        holder.kill()
        holder.wait()
    clean()


def test_tables_without_runs_are_not_touched(clean: Clean, out: Path) -> None:
    clean()
    shutil.rmtree(out / "runs")
    kept = sorted(out.glob("*/*.parquet"))
    with pytest.raises(StoreError, match="no `runs`"):
        clean()
    assert sorted(out.glob("*/*.parquet")) == kept


@pytest.mark.parametrize("left", [(), ("_commit_6f1d.json.tmp",)])
@pytest.mark.parametrize("table", ["runs", "paragraphs"])
def test_a_run_that_died_while_it_made_a_table_is_carried_on(
    table: str, left: tuple[str, ...], clean: Clean, out: Path, tmp_path: Path, raw: Path
) -> None:
    log = out / table / "_delta_log"
    log.mkdir(parents=True)
    for name in left:
        (log / name).write_text("{}")
    with pytest.raises(StoreError, match="no corpus yet"):
        Store(out).require_corpus()
    clean()
    stages.run(Job(raw, tmp_path / "whole"))
    assert_same_tables(read_tables(out), read_tables(tmp_path / "whole"))
    assert not [name for name in left if (log / name).exists()]


def test_a_table_that_lost_its_log_is_not_made_anew(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    for file in (out / "paragraphs" / "_delta_log").iterdir():
        file.unlink()
    (raw / "moi.txt").write_text("Một bài mới.", "utf-8")
    with pytest.raises(StoreError, match="has lost paragraphs"):
        clean()
    assert sorted(out.glob("paragraphs/*.parquet"))


def test_a_file_or_an_odd_name_for_a_corpus_is_refused(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        stages.run(Job(raw, tmp_path / "file"))
    for odd in ("a%20b", "a[1]", "a\\b"):
        with pytest.raises(StoreError, match="in its path"):
            stages.run(Job(raw, tmp_path / odd))
        assert not (tmp_path / odd).exists()


def test_a_corpus_may_have_blanks_and_accents_in_its_path(raw: Path, tmp_path: Path) -> None:
    odd = tmp_path / "kho sạch #2 {x}"
    stages.run(Job(raw, odd))
    assert read_tables(odd)["documents"].height > 0


def test_delta_readers_see_the_committed_tables(clean: Clean, out: Path) -> None:
    clean()
    assert (
        pl.scan_delta(str(out / "documents")).collect().height
        == Store(out).scan("documents").collect().height
    )
