"""Marks: what a person decided holds, whatever rules and other texts say, and outlives the next runs."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_corpus import FLOOD, assert_same_tables, read_tables

from tasks.errors import SettingsError, UsageError
from tasks.explain import find_line
from tasks.job import Job, Settings
from tasks.marks import Mark, add_marks, find_lost, make_mark, read_marks
from tasks.stages import Outcome, run
from tasks.store import Store
from tasks.verify import verify

Clean = Callable[..., Outcome]
DUPLICATE, CREDIT, KEPT = (
    "songque.example/lu-rut.txt:2",
    "songque.example/lu-rut.txt:5",
    "chodem.example/lu.txt:4",
)


def decide(out: Path, place: str, decision: str) -> Mark:
    (row,) = find_line(Store(out), place)
    return make_mark(row, decision, f"{decision} it")  # type: ignore[arg-type]


def ledger(out: Path) -> dict[tuple[str, int], dict[str, object]]:
    rows = Store(out).scan("paragraphs").collect().iter_rows(named=True)
    return {(row["source_path"], row["line"]): row for row in rows}


@pytest.fixture
def marks(clean: Clean, out: Path) -> tuple[Mark, ...]:
    clean()
    return (decide(out, DUPLICATE, "keep"), decide(out, CREDIT, "keep"), decide(out, KEPT, "remove"))


def test_a_mark_wins_over_strip_and_match(clean: Clean, out: Path, marks: tuple[Mark, ...]) -> None:
    before = ledger(out)
    assert before["songque.example/lu-rut.txt", 2]["reason"] == "duplicate_contained"
    assert before["songque.example/lu-rut.txt", 5]["reason"] == "source_credit"
    signed = clean(Settings(marks=marks)).stages["match"]["signed"]
    after = ledger(out)
    marked = [row for row in after.values() if row["source_path"] in {mark.source for mark in marks}]
    assert signed <= len(marked) < len(after), "what no mark names is not matched again"
    for line in (2, 5):
        row = after["songque.example/lu-rut.txt", line]
        assert (row["verdict"], row["reason"], row["rule"]) == ("kept", None, "mark.keep")
    row = after["chodem.example/lu.txt", 4]
    assert (row["reason"], row["rule"], row["evidence"]) == ("marked", "mark.remove", "remove it")
    assert not list(verify(Store(out)))


def test_marks_outlive_runs_and_withdrawing_them_gives_the_corpus_back(
    clean: Clean, out: Path, marks: tuple[Mark, ...]
) -> None:
    before = read_tables(out)
    clean(Settings(marks=marks))
    marked = read_tables(out)
    clean(Settings(marks=marks), full=True)
    assert_same_tables(read_tables(out), marked)
    clean(Settings())
    assert_same_tables(read_tables(out), before)


def test_one_run_with_marks_is_many_runs(
    clean: Clean, raw: Path, out: Path, tmp_path: Path, marks: tuple[Mark, ...]
) -> None:
    clean(Settings(marks=marks))
    run(Job(raw, tmp_path / "once", Settings(marks=marks)))
    assert_same_tables(read_tables(tmp_path / "once"), read_tables(out))


def test_a_mark_finds_its_text_on_another_line(
    clean: Clean, raw: Path, out: Path, marks: tuple[Mark, ...]
) -> None:
    page = raw / "songque.example/lu-rut.txt"
    page.write_text("Bản tin\n\n" + page.read_text("utf-8"), "utf-8")
    clean(Settings(marks=marks))
    assert ledger(out)["songque.example/lu-rut.txt", 4]["rule"] == "mark.keep"
    assert find_lost(Store(out), marks) == []
    page.write_text("Bản tin\n", "utf-8")
    clean(Settings(marks=marks))
    assert find_lost(Store(out), marks) == list(marks[:2])


@pytest.mark.parametrize("scope", ["paragraph", "document"])
def test_a_marked_paragraph_keeps_the_short_lines_of_its_document(
    clean: Clean, raw: Path, out: Path, scope: str
) -> None:
    from tasks.match import MatchOptions

    copy = raw / "vang.example/copy.txt"
    copy.parent.mkdir()
    copy.write_text(f"Nước rút rồi\n{FLOOD[0]}\n{FLOOD[1]}\n", "utf-8")
    match = MatchOptions(scope=scope)  # type: ignore[arg-type]
    clean(Settings(match=match))
    assert ledger(out)["vang.example/copy.txt", 1]["reason"] == "husk"
    mark = decide(out, "vang.example/copy.txt:3", "keep")
    clean(Settings(match=match, marks=(mark,)))
    after = ledger(out)
    assert after["vang.example/copy.txt", 1]["verdict"] == "kept"
    assert after["vang.example/copy.txt", 3]["rule"] == "mark.keep"
    second = "kept" if scope == "document" else "removed"
    assert after["vang.example/copy.txt", 2]["verdict"] == second
    assert not list(verify(Store(out)))


def test_a_text_that_is_cut_otherwise_today_is_found_as_its_pieces(out: Path) -> None:
    from tasks.marks import apply_marks

    row = {"source_path": "a.txt", "source_record": 0, "line": 1, "raw": "Trang chủ Tin tức"}
    pieces = pl.DataFrame(
        {
            "document_id": ["d", "d", "d"],
            "paragraph": [0, 1, 2],
            "line": [1, 1, 2],
            "start": [0, 10, 18],
            "raw": ["Trang chủ", "Tin tức", "Trang chủ"],
            "label": ["navigation", None, "navigation"],
            "rule": ["x", None, "x"],
            "evidence": ["x", None, "x"],
        }
    )
    pages = pl.DataFrame({"document_id": ["d"], "source_path": ["a.txt"], "source_record": [0]})
    marked = apply_marks(pieces, pages, [make_mark(row, "keep", "it is the text")])
    assert marked["rule"].to_list() == ["mark.keep", "mark.keep", "x"]
    assert marked["label"].to_list() == [None, None, "navigation"]


def test_a_file_of_marks_keeps_one_decision_per_text(tmp_path: Path) -> None:
    row = {"source_path": "a.txt", "source_record": 0, "line": 1, "raw": "Tin"}
    file = tmp_path / "decant.marks.jsonl"
    assert add_marks(file, [make_mark(row, "keep", "first")]) == 1
    assert add_marks(file, [make_mark(row, "remove", "after all")]) == 1
    assert [mark.why for mark in read_marks(file)] == ["after all"]


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"source": "a"}', '{"source": 1}'])
def test_a_line_that_is_no_mark_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "marks.jsonl"
    file.write_text(f"\n{line}\n", "utf-8")
    with pytest.raises(SettingsError, match=r"marks.jsonl, line 2"):
        read_marks(file)


def test_a_place_that_is_more_than_a_line_is_refused(clean: Clean, out: Path) -> None:
    clean()
    for place in ("songque.example/lu-rut.txt", "dump.jsonl:2", "dump.jsonl[1]"):
        with pytest.raises(UsageError, match="more than a line"):
            find_line(Store(out), place)
    assert find_line(Store(out), "dump.jsonl[0]:2")[0]["source_record"] == 0


def test_settings_take_the_marks_that_lie_beside_them(clean: Clean, out: Path, tmp_path: Path) -> None:
    from flows.settings import load_settings

    clean()
    mark = decide(out, KEPT, "remove")
    (tmp_path / "decant.toml").write_text('marks = "ours.jsonl"\n', "utf-8")
    with pytest.raises(SettingsError, match="no mark would be heard"):
        load_settings(tmp_path / "decant.toml")
    add_marks(tmp_path / "ours.jsonl", [mark])
    assert load_settings(tmp_path / "decant.toml").marks == (mark,)
    assert load_settings(tmp_path / "decant.toml").sha256 == Settings().sha256
