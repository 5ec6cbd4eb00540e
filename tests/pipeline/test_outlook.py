"""`--dry-run` says what a run would do and changes nothing; `--only` does a part where that makes no difference."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from small_corpus import add_blank_line, assert_same_tables, read_tables

from tasks import plan
from tasks.errors import UsageError
from tasks.export import read_table
from tasks.job import Job, Settings
from tasks.match import MatchOptions
from tasks.outlook import look_ahead
from tasks.stages import Outcome, run
from tasks.store import Store

Clean = Callable[..., Outcome]


def list_bytes(out: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in out.rglob("*")}


def test_a_dry_run_before_the_first_makes_no_folder(raw: Path, out: Path) -> None:
    ahead = look_ahead(Job(raw, out))
    assert (len(ahead.new), ahead.changed, ahead.gone, ahead.redo) == (6, [], [], [])
    assert not out.exists()


def test_a_dry_run_says_what_the_run_then_does(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    (raw / "songque.example/lu-rut.txt").unlink()
    (raw / "new.txt").write_text("Một bản tin mới.", "utf-8")
    add_blank_line(raw / "dump.jsonl")
    (raw / "loop").symlink_to("loop")
    before = list_bytes(out)
    ahead = look_ahead(Job(raw, out))
    assert (ahead.new, ahead.changed, ahead.gone) == (
        ["new.txt"],
        ["dump.jsonl"],
        ["songque.example/lu-rut.txt"],
    )
    assert (ahead.documents_gone, len(ahead.plan.problems)) == (1, 1)
    assert list_bytes(out) == before
    done = clean()
    assert [done.run[f"inputs_{what}"] for what in ("new", "changed", "gone")] == [1, 1, 1]


def test_a_dry_run_names_the_setting_the_rule_pack_and_the_code_that_changed(
    clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean()
    settings = Settings(match=MatchOptions(min_words=10), policy={"byline": "label"})
    redo = {reason.step: reason for reason in look_ahead(Job(raw, out, settings)).redo}
    assert redo["match"].why == "match.min_words was 8 and is 10"
    assert redo["policy"].why == 'policy.byline was null and is "label"'
    assert set(redo) == {"match", "policy"}
    real = plan._list_files

    def other_files(names: tuple[str, ...]) -> list[Path]:
        """The same files, but the Vietnamese pack is another, and the repair step has lost a module."""
        changed = raw / "vi.toml"
        changed.write_text("# another", "utf-8")
        left = [file for file in real(names) if file.name not in ("vi.toml", "marks.py")]
        return [*left, changed] if "rules" in names else left

    monkeypatch.setattr(plan, "_list_files", other_files)
    monkeypatch.setattr(plan, "__file__", str(Path(plan.__file__)))
    monkeypatch.setattr(Path, "relative_to", name_below(Path.relative_to, raw))
    redo = {reason.step: reason for reason in look_ahead(Job(raw, out)).redo}
    assert redo["strip"].why == "rule pack rules/vi.toml has changed"
    assert redo["repair"].why == "code repair/marks.py has changed"


def name_below(real: Callable[..., Path], raw: Path) -> Callable[..., Path]:
    """A file of the test stands for the rule pack of the same name."""

    def relative_to(path: Path, *others: object) -> Path:
        return Path("rules") / path.name if path.parent == raw else real(path, *others)

    return relative_to


def test_a_run_that_would_be_refused_is_refused_dry_too(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    for page in (raw / "songque.example").iterdir():
        page.unlink()
    with pytest.raises(UsageError, match="--allow-gone"):
        look_ahead(Job(raw, out))


# -- only ---------------------------------------------------------------------------------------------

SELECTIONS = {
    "site=chodem.example": 3,
    "document=songque.example/lu-rut.txt": 1,
    "date=2024-05-01..2024-05-31": 1,
    "rule=match.contained": 1,
}


@pytest.mark.parametrize("only", SELECTIONS)
def test_only_reads_a_part_again_and_ends_where_a_full_run_ends(
    only: str, clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    clean()
    page = raw / "chodem.example/lu.txt"
    status = page.stat()
    page.write_bytes(page.read_bytes().replace("Đông".encode(), "Tây".encode() + b"  "))
    os.utime(page, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert page.stat().st_size == status.st_size, "a change that a plain run does not see"
    outcome = clean(only=only)
    assert outcome.run["inputs_changed"] == SELECTIONS[only]
    if only.startswith("site"):
        run(Job(raw, tmp_path / "fresh"))
        assert_same_tables(read_tables(out), read_tables(tmp_path / "fresh"))


def test_only_is_refused_where_a_part_is_not_all_there_is_to_do(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    with pytest.raises(UsageError, match="min_words was 8"):
        clean(Settings(match=MatchOptions(min_words=10)), only="site=chodem.example")
    (raw / "new.txt").write_text("Một bản tin mới.", "utf-8")
    with pytest.raises(UsageError, match="1 other files have come, changed or gone"):
        clean(only="site=chodem.example")
    for wrong in ("chodem.example", "page=x", "site=", "date=May"):
        with pytest.raises(UsageError, match="--only"):
            clean(only=wrong)
    with pytest.raises(UsageError, match="no such document"):
        clean(only="site=nowhere.example")
    assert Store(out).run_number == 1


# -- what is not gone, what is not new ------------------------------------------------------------------


def test_a_folder_that_cannot_be_listed_is_not_gone(
    clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean()
    before = read_tables(out)
    real = os.scandir

    def refuse(folder: str) -> object:
        if str(folder).endswith("songque.example"):
            raise PermissionError(13, "Permission denied", folder)
        return real(folder)

    monkeypatch.setattr("tasks.read.inputs.os.scandir", refuse)
    outcome = clean()
    assert (outcome.run["inputs_gone"], outcome.new_faults) == (0, 1)
    assert_same_tables(read_tables(out), before)
    sick = read_table(Store(out), "quarantine")
    assert sick["source_path"].to_list() == ["songque.example"]
    assert "No permission to read this folder" in sick["error"].item()


def test_a_bad_file_is_news_when_it_comes_and_when_it_changes(clean: Clean, raw: Path) -> None:
    bad = raw / "bad.jsonl"
    bad.write_text('{"no": "text"}\n', "utf-8")
    assert clean().new_faults == 1
    again = clean()
    assert (again.new_faults, again.run["inputs_new"], again.run["quarantined"]) == (0, 0, 1)
    bad.write_text('{"no": "text"}\n\n', "utf-8")
    assert clean().new_faults == 1
