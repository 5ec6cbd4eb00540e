"""Restore, compact and forget: what is kept, what goes, and that a kill at any step leaves the corpus whole."""

import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_corpus import FLOOD, MARKET, add_blank_line, assert_same_tables, read_tables, write_raw

from tasks import sweep as sweeping
from tasks.compact import compact
from tasks.errors import StoreError, UsageError
from tasks.explain import find_line
from tasks.export import read_table
from tasks.forget import forget
from tasks.job import Job, Settings
from tasks.locks import hold_for_reading
from tasks.marks import add_marks, list_marks_of, make_mark, read_marks
from tasks.restore import restore
from tasks.stages import Outcome, run
from tasks.store import Store
from tasks.verify import verify

ROOT = Path(__file__).parent.parent.parent

Clean = Callable[..., Outcome]
CASES = Path(__file__).parent.parent / "cases/stores"
LEFT_OUT = "songque.example/lu-rut.txt"


def bytes_of(out: Path) -> int:
    return sum(path.stat().st_size for path in out.glob("*/*.parquet"))


def read_everything(out: Path) -> str:
    """All that lies in a corpus on disk, in every version of every table, as text."""
    texts = []
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            texts.append(str(pl.read_parquet(path, glob=False).to_dicts()))
        texts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(texts)


# -- restore ------------------------------------------------------------------------------------------


def test_restore_brings_a_version_back_as_a_new_one(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    first = read_tables(out)
    (raw / LEFT_OUT).unlink()
    clean()
    second = read_tables(out)
    row = restore(Store(out), 1)
    assert (row["command"], row["number"], row["restored"]) == ("restore", 3, 1)
    assert_same_tables(read_tables(out), first)
    assert not list(verify(Store(out)))
    outcome = clean()
    assert outcome.run["inputs_gone"] == 1, "the next run sees what differs from RAW"
    assert_same_tables(read_tables(out), second)
    restore(Store(out), 3)
    assert_same_tables(read_tables(out), first)
    assert Store(out).runs["number"].to_list() == [1, 2, 3, 4, 5]


def test_restore_brings_back_the_settings_that_decided(clean: Clean, out: Path, raw: Path) -> None:
    clean(Settings(policy={"source_credit": "label"}))
    clean()
    decided = read_tables(out)
    restore(Store(out), 1)
    assert "Theo Báo Sông Quê" in "\n".join(read_table(Store(out), "documents")["text"])
    clean()
    assert_same_tables(read_tables(out), decided)


def test_a_version_that_is_not_there_is_refused(clean: Clean, out: Path) -> None:
    clean()
    for number in (0, 2):
        with pytest.raises(StoreError, match="keeps 1 to 1"):
            restore(Store(out), number)
    assert Store(out).run_number == 1


# -- compact ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus that came file by file, a part for each."""
    folder = tmp_path_factory.mktemp("grown")
    raw = write_raw(folder / "raw")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tasks.plan.TAIL_BYTES", 0)
        for path in sorted(path for path in raw.rglob("*") if path.is_file()):
            copy = folder / "growing" / path.relative_to(raw)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
            run(Job(folder / "growing", folder / "clean"))
    return folder


@pytest.fixture
def grown(grown_once: Path, out: Path, tmp_path: Path) -> Path:
    """Copies of that corpus, and of its files, whose folder it returns."""
    shutil.copytree(grown_once / "clean", out)
    return Path(shutil.copytree(grown_once / "growing", tmp_path / "growing"))


def test_compact_merges_parts_and_changes_no_row(grown: Path, out: Path) -> None:
    before, tables = bytes_of(out), read_tables(out)
    assert len(Store(out).files("paragraphs")) > 3
    done = compact(Store(out), keep_versions=1)
    assert done.merged_parts > 3
    assert [len(Store(out).files(name)) for name in ("sources", "paragraphs", "observations")] == [1, 1, 1]
    assert_same_tables(read_tables(out), tables)
    assert bytes_of(out) < before / 3
    assert not list(verify(Store(out)))
    assert run(Job(grown, out)).stages["read"]["records"] == 0
    (grown / LEFT_OUT).unlink()
    run(Job(grown, out))
    run(Job(grown, out.parent / "fresh"))
    assert_same_tables(read_tables(out), read_tables(out.parent / "fresh"))


def test_compact_keeps_the_versions_it_promises(grown: Path, out: Path) -> None:
    newest = Store(out).run_number
    assert compact(Store(out)).kept_from == 1, "fewer than the seven that stay by default"
    done = compact(Store(out), keep_versions=3)
    assert done.kept_from == newest - 2, (
        "a compaction and the version before it hold the same, and count as one"
    )
    assert compact(Store(out), keep_versions=3).kept_from == done.kept_from
    with pytest.raises(StoreError, match="has no version 1 to go back to"):
        restore(Store(out), 1)
    restore(Store(out), done.kept_from)
    assert not list(verify(Store(out)))
    assert compact(Store(out), keep_days=1).kept_from == done.kept_from
    assert compact(Store(out), keep_days=0).kept_from > newest


def test_a_second_compact_finds_nothing_to_do(grown: Path, out: Path) -> None:
    compact(Store(out), keep_versions=1)
    number = Store(out).run_number
    assert compact(Store(out), keep_versions=1).swept.files == 0
    assert Store(out).run_number == number


def test_who_reads_is_waited_for(clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean()
    (raw / LEFT_OUT).unlink()
    clean()
    monkeypatch.setattr(sweeping, "WAIT_SECONDS", 0.1)
    with hold_for_reading(out):
        reader = Store(out)
        done = compact(Store(out), keep_versions=1)
        assert not done.swept.is_done
        assert reader.scan("paragraphs").collect().height > 0
    files = set(out.glob("paragraphs/*.parquet"))
    clean()
    assert len(set(out.glob("paragraphs/*.parquet"))) < len(files), "the next command that writes finishes it"


def test_readers_never_miss_a_file_while_it_compacts(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    expected = read_tables(out)["paragraphs"].height
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            with hold_for_reading(out):
                seen.append(Store(out).scan("paragraphs").collect().height)

    reader = threading.Thread(target=read)
    reader.start()
    for settings in (Settings(policy={"byline": "label"}), Settings()):
        clean(settings, full=True)
        compact(Store(out), keep_versions=1)
    stop.set()
    reader.join()
    assert len(seen) > 5
    assert set(seen) == {expected}


# -- forget -------------------------------------------------------------------------------------------


def test_forget_leaves_no_trace_of_a_file_but_a_hash(
    clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    private = "Bà Lò Thị Khuyên ở xóm Rẫy Cũ trồng một cây khế bảy mươi tuổi sau chuồng trâu."
    fuller = f"{FLOOD[0]} Bộ đội biên phòng giúp dân dọn bùn ở chợ và trạm xá cả tuần."
    (raw / "songque.example/rieng.txt").write_text(f"Cây khế xóm Rẫy Cũ\n{private}\n{fuller}\n", "utf-8")
    clean()
    (raw / "dump2.jsonl").write_text('{"no": "text"}\n', "utf-8")
    clean()
    assert "Lò Thị Khuyên" in read_everything(out)
    outcome, swept = forget(out, "songque.example/rieng.txt", Settings())
    assert (outcome.run["command"], outcome.run["kept_from"]) == ("forget", 3)
    assert outcome.run["quarantined"] == 1, "what was bad stays reported"
    assert swept.files > 0
    for trace in ("Lò Thị Khuyên", "Bộ đội biên phòng", "Rẫy Cũ", "rieng.txt"):
        assert trace not in read_everything(out)
    assert not list(verify(Store(out)))
    told = clean()
    assert (told.new_faults, told.run["inputs_new"], told.run["inputs_changed"]) == (0, 0, 0)
    row = read_table(Store(out), "quarantine").filter(source_path="songque.example/rieng.txt")
    assert "forgotten" in row["error"].item()
    assert "Lò Thị Khuyên" not in read_everything(out)
    (raw / "songque.example/rieng.txt").unlink()
    clean(full=True)
    run(Job(raw, tmp_path / "fresh"))
    assert_same_tables(read_tables(out), read_tables(tmp_path / "fresh"))
    with pytest.raises(StoreError, match="keeps 3"):
        restore(Store(out), 2)


def test_forget_takes_one_document_of_a_dump(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    rows = read_table(Store(out), "sources").filter(source_path="dump.jsonl")
    forget(out, rows["document_id"][0], Settings())
    assert not list(verify(Store(out)))
    assert clean().stages["read"]["records"] == 0, "the file that holds it has not changed"
    add_blank_line(raw / "dump.jsonl")
    assert clean().new_faults == 0
    left = read_table(Store(out), "sources").filter(source_path="dump.jsonl")
    assert left["document_id"].to_list() == [rows["document_id"][1]]
    assert read_table(Store(out), "quarantine")["source_record"].to_list() == [0]
    assert not list(verify(Store(out)))
    compact(Store(out), keep_versions=1)
    pages = "\n".join(read_table(Store(out), "paragraphs")["raw"])
    assert MARKET[0] in pages, "a page that says the same is a document of its own"


def test_forget_takes_the_marks_that_quote_it_out_of_the_corpus_and_their_file(
    clean: Clean, raw: Path, out: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    private = "Bà Lò Thị Khuyên ở xóm Rẫy Cũ trồng một cây khế bảy mươi tuổi sau chuồng trâu."
    (raw / "songque.example/rieng.txt").write_text(f"Cây khế xóm Rẫy Cũ\n{private}\n", "utf-8")
    clean()
    places = ("songque.example/rieng.txt:2", "chodem.example/lu.txt:4", "dump.jsonl[0]:1")
    marks = tuple(make_mark(find_line(Store(out), place)[0], "keep", "it stays") for place in places)
    add_marks(tmp_path / "decant.marks.jsonl", marks)
    clean(Settings(marks=marks))
    assert "Lò Thị Khuyên" in read_everything(out)
    arguments = ["forget", "songque.example/rieng.txt", "--yes", "--out", str(out), "--workers", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "flows", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "1 marks that quote it were deleted" in done.stdout
    for trace in ("Lò Thị Khuyên", "rieng.txt"):
        assert trace not in read_everything(out)
        assert trace not in (tmp_path / "decant.marks.jsonl").read_text("utf-8")
    left = read_marks(tmp_path / "decant.marks.jsonl")
    assert left == marks[1:]
    assert list_marks_of(Store(out).last_run) == left
    assert not list(verify(Store(out)))
    # An old copy of the file comes back: nothing of it gets into the corpus.
    clean(Settings(marks=marks))
    assert "1 marks quote a file that was forgotten" in caplog.text
    assert "Lò Thị Khuyên" not in read_everything(out)
    forget(out, find_line(Store(out), "dump.jsonl[0]:1")[0]["document_id"], Settings(marks=left))  # type: ignore[arg-type]
    assert "dump.jsonl" not in str(Store(out).last_run["config"])  # type: ignore[index]


def test_forgetting_what_is_not_there_is_refused(clean: Clean, out: Path) -> None:
    clean()
    with pytest.raises(UsageError, match="Did you mean"):
        forget(out, "lu-rut.txt", Settings())
    assert Store(out).run_number == 1


# -- kills --------------------------------------------------------------------------------------------

COMMANDS = {
    "restore": lambda out: restore(Store(out), 1),
    "compact": lambda out: compact(Store(out), keep_versions=1),
    "forget": lambda out: forget(out, LEFT_OUT, Settings()),
}
KILLED = """
import os, sys
from pathlib import Path
from tasks.compact import compact
from tasks.forget import forget
from tasks.job import Settings
from tasks.restore import restore
from tasks.store import Store

command, out, steps = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
left = steps

def count(event, arguments):
    # Every rename, deletion and opening for writing is a step at which a machine may lose its power.
    global left
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    inside = arguments and isinstance(arguments[0], (str, os.PathLike)) and str(arguments[0]).startswith(str(out))
    if inside and (event in ("os.rename", "os.remove") or writes):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)

sys.addaudithook(count)
if command == "restore":
    restore(Store(out), 1)
elif command == "compact":
    compact(Store(out), keep_versions=1)
else:
    forget(out, sys.argv[4], Settings())
print(steps - left)
"""


def kill_at(command: str, out: Path, step: int) -> int:
    """Run a command that is killed at a step; returns the steps it took, 0 if it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, command, str(out), str(step), LEFT_OUT],
        capture_output=True,
        text=True,
        check=False,
        cwd=CASES.parent.parent.parent,
    )
    assert done.returncode in (0, -9), done.stderr
    return int(done.stdout) if done.stdout else 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_kill_leaves_the_corpus_before_or_after_and_never_between(
    command: str, raw: Path, out: Path, tmp_path: Path
) -> None:
    run(Job(raw, out))
    (raw / "songque.example/lu-rut-hai.txt").unlink()
    run(Job(raw, out))
    before = read_tables(out)
    whole = shutil.copytree(out, tmp_path / "whole")
    steps = kill_at(command, whole, -1)
    after = read_tables(whole)
    assert steps > 5
    for step in (1 + steps // 3, steps - 2):
        trial = shutil.copytree(out, tmp_path / f"trial{step}")
        assert kill_at(command, trial, step) == 0, "it was killed"
        found = read_tables(trial)
        assert found["paragraphs"].to_dicts() in (
            before["paragraphs"].to_dicts(),
            after["paragraphs"].to_dicts(),
        )
        COMMANDS[command](trial) if Store(trial).run_number == 2 else compact(Store(trial), keep_versions=1)
        assert not list(verify(Store(trial)))
        assert_same_tables(read_tables(trial), after)
        if command == "forget":
            assert "lu-rut.txt" not in read_everything(trial)


# -- stores of other versions -------------------------------------------------------------------------


@pytest.mark.parametrize("archive", sorted(CASES.glob("*.tar.xz")), ids=lambda path: path.name)
def test_a_store_of_an_earlier_version_is_read_and_brought_up_to_date(archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    raw, out = tmp_path / "raw", tmp_path / "clean"
    old = Store(out)
    assert old.is_older
    assert not list(verify(old))
    assert len(read_table(old, "documents")) > 3
    assert (read_table(old, "runs")["number"].to_list(), old.kept_from) == ([1, 2], 1)
    run(Job(raw, out))
    new = Store(out)
    assert not new.is_older
    assert not list(verify(new))
    run(Job(raw, tmp_path / "fresh"))
    assert_same_tables(read_tables(out), read_tables(tmp_path / "fresh"))
    assert pl.scan_delta(str(out / "runs")).collect()["kept_from"].to_list() == [None, None, 1]
    restore(new, 1)
    assert Store(out).is_older
    assert not list(verify(Store(out)))
    run(Job(raw, out))
    assert_same_tables(read_tables(out), read_tables(tmp_path / "fresh"))


def test_a_store_of_a_later_version_is_refused(
    clean: Clean, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.store.SCHEMA_VERSION", 99)
    clean()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="written by a newer Decant"):
        clean()
    assert write_raw(out.parent / "other").exists()
