"""A disk that is full, a store that may not be written, hostile inputs by the hundred: a sentence, and a whole corpus."""

import contextlib
import os
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import decant, start
from small_corpus import FLOOD, assert_same_tables, read_tables, write_raw

from tasks.job import Job
from tasks.stages import run
from tasks.store import Store
from tasks.verify import verify

ROOT = Path(__file__).parent.parent.parent
Clean = Callable[..., object]


@contextlib.contextmanager
def files_of_at_most(max_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def run_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files and their corpus, of two versions."""
    folder = tmp_path_factory.mktemp("twice")
    raw = write_raw(folder / "raw")
    for _ in range(2):
        run(Job(raw, folder / "clean"))
    return folder


@pytest.mark.parametrize("max_file_bytes", [600, 6000, 12_000])
@pytest.mark.parametrize("command", ["run", "restore", "forget"])
def test_a_full_disk_ends_in_a_sentence_and_changes_nothing(
    command: str, max_file_bytes: int, run_twice: Path, clean: Clean, raw: Path, out: Path
) -> None:
    shutil.copytree(run_twice / "clean", out)
    before = read_tables(out)
    (raw / "new.txt").write_text("\n".join([*FLOOD] * 3), "utf-8")
    arguments = {
        "run": ("run", raw, "--workers", 1),
        "restore": ("restore", 1),
        "forget": ("forget", "dump.jsonl", "--yes", "--workers", 1),
    }[command]
    with files_of_at_most(max_file_bytes):
        code, _, said = decant(*arguments, "--out", out)
    if code == 0:
        pytest.skip("this much room is enough for it")
    assert code == 2, said
    assert "nothing that was committed has changed" in said
    assert_same_tables(read_tables(out), before)
    clean()
    assert not list(verify(Store(out)))


def decant_on_a_read_only(out: Path, *arguments: object) -> tuple[int, str]:
    """The same where CLEAN may only be read: for root by a mount of its own, for others by its mode."""
    if os.geteuid() == 0:
        command = shlex.join([sys.executable, "-m", "flows", *map(str, arguments), "--out", str(out)])
        mount = f"mount --bind {out} {out} && mount -o remount,ro,bind {out} && {command}"
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", mount], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr
    folders = [out, *(path for path in out.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = start(*arguments, "--out", out)
        return done.returncode, done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)


def may_mount() -> bool:
    """Whether this user can try it."""
    if os.geteuid() != 0:
        return True
    tried = subprocess.run(["unshare", "-m", "mount", "--bind", ROOT, ROOT], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="root writes everything, and may not mount here")
def test_a_store_that_may_only_be_read_is_read_and_not_written(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    before = sorted(out.rglob("*"))
    for arguments in (("history",), ("verify",), ("export", "documents", "--to", "/dev/null")):
        code, said = decant_on_a_read_only(out, *arguments)
        assert code == 0, said
    for arguments in (
        ("run", raw, "--workers", 1),
        ("restore", 1),
        ("compact",),
        ("forget", "dump.jsonl", "--yes"),
    ):
        code, said = decant_on_a_read_only(out, *arguments)
        assert (code, "Traceback" in said) == (2, False), said
        assert "the folder's permissions" in said
    assert sorted(out.rglob("*")) == before


def test_a_hundred_hostile_inputs_end_in_rows_or_sentences(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tests/quality"))
    try:
        from fuzz import find_fault, write_inputs
    finally:
        sys.path.pop(0)
    write_inputs(tmp_path / "raw", seed=1, count=100)
    fault, peak = find_fault(tmp_path / "raw", tmp_path / "clean")
    assert fault == ""
    assert peak > 50e6  # that of the run, which imports polars, not that of the small process before it
