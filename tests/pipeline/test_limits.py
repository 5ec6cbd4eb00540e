"""A disk that is full, a store that may not be written, hostile inputs by the hundred: a sentence, and a whole corpus."""

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small_corpus import FLOOD, assert_same_tables, read_tables

from tasks.store import Store
from tasks.verify import verify

ROOT = Path(__file__).parent.parent.parent
Clean = Callable[..., object]


def decant(*arguments: object, max_file_bytes: int | None = None) -> tuple[int, str]:
    """Exit code and what was said on stderr."""

    def limit() -> None:
        if max_file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))

    done = subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("max_file_bytes", [600, 6000, 12_000])
@pytest.mark.parametrize("command", ["run", "restore", "forget"])
def test_a_full_disk_ends_in_a_sentence_and_changes_nothing(
    command: str, max_file_bytes: int, clean: Clean, raw: Path, out: Path
) -> None:
    clean()
    clean()
    before = read_tables(out)
    (raw / "new.txt").write_text("\n".join([*FLOOD] * 3), "utf-8")
    arguments = {
        "run": ("run", raw, "--workers", 1),
        "restore": ("restore", 1),
        "forget": ("forget", "dump.jsonl", "--yes", "--workers", 1),
    }[command]
    code, said = decant(*arguments, "--out", out, max_file_bytes=max_file_bytes)
    if code == 0:
        pytest.skip("this much room is enough for it")
    assert code == 2, said
    assert "Traceback" not in said
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
        return decant(*arguments, "--out", out)
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
