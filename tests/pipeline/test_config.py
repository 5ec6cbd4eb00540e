"""The settings as they are printed, and the disk that a run asks for."""

import itertools
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import command_line
import pytest

from flows.describe import describe_settings
from flows.settings import load_settings, parse_settings
from tasks.disk import GROWTH, estimate_bytes
from tasks.errors import StoreError
from tasks.job import Settings
from tasks.marks import add_marks, make_mark
from tasks.plan import Plan
from tasks.read import Input
from tasks.stages import Outcome
from tasks.store import Store

Clean = Callable[..., Outcome]

PACK = """
site = "chodem.example"
[[rule]]
id = "chodem.navigation.home"
reason = "navigation"
match = "line"
phrases = ["trang nhà chợ đêm"]
example = "Trang nhà Chợ Đêm"
counterexample = "Trang nhà Chợ Đêm mở lại mục rao vặt."
"""
GIVEN = 'gone = "keep"\n[policy]\ncaption = "label"\n[read.fields]\ntext = ["noi_dung"]\n[match]\nmin_words = 10\n'


def decant(*arguments: object, cwd: Path) -> str:
    done = command_line.decant(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_printed_is_a_configuration_that_does_the_same(tmp_path: Path) -> None:
    assert parse_settings(tomllib.loads(decant("config", cwd=tmp_path)), "printed") == Settings()
    (tmp_path / "decant.toml").write_text(GIVEN, "utf-8")
    printed = decant("config", cwd=tmp_path)
    assert parse_settings(tomllib.loads(printed), "printed") == load_settings(tmp_path / "decant.toml")
    origins = {line.split(" = ")[0]: line.rsplit("# ")[-1] for line in printed.splitlines() if " = " in line}
    assert {name for name, origin in origins.items() if origin == "decant.toml"} == {
        "gone",
        "caption",
        "text",
        "min_words",
    }
    assert origins["min_chars"] == "default"


def test_files_that_settings_name_are_printed_by_name(tmp_path: Path) -> None:
    (tmp_path / "decant.toml").write_text('marks = "ours.jsonl"\n[strip]\nrules = "packs"\n', "utf-8")
    row = {"source_path": "a.txt", "source_record": 0, "line": 1, "raw": "Tin"}
    add_marks(tmp_path / "ours.jsonl", [make_mark(row, "keep", "it stays")])
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/chodem.toml").write_text(PACK, "utf-8")
    printed = decant("config", cwd=tmp_path)
    settings = load_settings(tmp_path / "decant.toml")
    assert (len(settings.marks), len(settings.strip.rules)) == (1, 1)
    assert parse_settings(tomllib.loads(printed), "printed", tmp_path) == settings
    assert 'marks = "decant.marks.jsonl"  # default' in describe_settings(Settings(), {}, "")


def test_every_setting_says_what_it_means() -> None:
    lines = describe_settings(Settings(), {}, "").splitlines()
    silent = [
        line for above, line in itertools.pairwise(lines) if " = " in line and not above.startswith("#")
    ]
    assert not silent


def test_a_run_that_the_disk_cannot_hold_is_refused(
    clean: Clean, out: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("tasks.disk.shutil.disk_usage", lambda _: usage._replace(free=100))
    with pytest.raises(StoreError, match="Nothing has changed"):
        clean()
    assert Store(out).last_run is None
    monkeypatch.undo()
    monkeypatch.setattr("tasks.disk.TOLD_BYTES", 1)
    assert clean().stages["plan"]["disk_bytes"] > 0
    assert "are free" in caplog.text


def test_packed_files_are_taken_for_what_is_in_them() -> None:
    plain, packed = (Plan(read=[Input(name, name, 1000, 0)]) for name in ("a.jsonl", "a.jsonl.zst"))
    assert estimate_bytes(plain, 0) == 1000 * GROWTH < estimate_bytes(packed, 0)
    assert estimate_bytes(Plan(redo=True), 500) == 500
