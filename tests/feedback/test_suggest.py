"""Suggestions: what they promise is what the run with the changed setting does."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.settings import parse_settings
from tasks.explain import find_line
from tasks.job import Settings
from tasks.marks import Mark, make_mark
from tasks.store import Store
from tasks.suggest import Suggestions, suggest

Clean = Callable[..., object]


@pytest.fixture
def pages(raw: Path) -> None:
    (raw / "khung.example").mkdir()
    for day in range(4):
        story = f"Ngày thứ {day}, bến Cây Gáo có {day + 31} ghe vào ăn hàng, và người ta cân lúa đến tận nửa đêm mới xong."
        other = f"Chị Sáu bán cháo ở đầu bến nói {day + 2} nồi cháo của chị hết từ lúc trời còn chưa sáng rõ mặt người."
        lines = [f"Chuyến thứ {day} qua bến Gáo", "Nhà Khung giữ lửa", story, other, "Theo Báo Khung"]
        (raw / "khung.example" / f"{day}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def mark(out: Path, place: str, decision: str) -> Mark:
    (row,) = find_line(Store(out), place)
    return make_mark(row, decision, "x")  # type: ignore[arg-type]


def find(found: Suggestions, change: str) -> tuple[int, int, int]:
    (effect,) = [effect for effect in found.effects if effect.change == change]
    return effect.satisfied, effect.broken, effect.others


def verdicts(out: Path) -> dict[tuple[str, int], str]:
    rows = Store(out).scan("paragraphs").select("source_path", "source_record", "line", "verdict").collect()
    return {(f"{path}[{record}]", line): verdict for path, record, line, verdict in rows.iter_rows()}


def test_a_rule_or_policy_is_weighed_over_the_whole_corpus(pages: None, clean: Clean, out: Path) -> None:
    clean()
    marks = (mark(out, "khung.example/0.txt:5", "keep"), mark(out, "songque.example/lu-rut.txt:5", "keep"))
    before = verdicts(out)
    clean(Settings(marks=marks))
    found = suggest(Store(out), Settings(marks=marks), marks)
    assert (found.marked, found.open) == (2, 2), "also when the marks are in force already"
    assert find(found, '[policy] source_credit = "label"') == (2, 0, 3)
    rules = Store(out).scan("paragraphs").filter(pl.col("reason") == "source_credit").select("rule")
    (rule,) = rules.unique().collect()["rule"]
    assert find(found, f'[strip] off = ["{rule}"]') == (2, 0, 3)
    clean(parse_settings({"strip": {"off": [rule]}}, "here"))
    changed = {place for place, verdict in verdicts(out).items() if verdict != before[place]}
    assert len(changed) == 2 + 3


def test_a_number_is_weighed_by_stripping_again(pages: None, clean: Clean, out: Path) -> None:
    clean()
    marks = (mark(out, "khung.example/1.txt:2", "remove"),)
    found = suggest(Store(out), Settings(), marks)
    satisfied, broken, others = find(found, "[strip] min_template_documents = 3")
    assert (satisfied, broken) == (1, 0)
    before = verdicts(out)
    clean(parse_settings({"strip": {"min_template_documents": 3}}, "here"))
    changed = {place for place, verdict in verdicts(out).items() if verdict != before[place]}
    assert len(changed) == satisfied + others


def test_of_a_dump_only_the_marked_records_are_stripped_again(
    raw: Path, clean: Clean, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (raw / "khung.example").mkdir()
    stories = (f"Bến Cây Gáo có {n + 31} ghe vào ăn hàng, cân lúa đến tận nửa đêm." for n in range(39))
    texts = ({"text": f"Chuyến qua bến\n{story}\nNhà Khung giữ lửa"} for story in stories)
    (raw / "khung.example/dump.jsonl").write_text("\n".join(map(json.dumps, texts)), "utf-8")
    clean()
    marks = (mark(out, "khung.example/dump.jsonl[7]:3", "keep"),)
    monkeypatch.setattr("tasks.suggest.SAMPLE_DOCUMENTS", 20)
    found = suggest(Store(out), Settings(), marks)
    (effect,) = [one for one in found.effects if one.change == "[strip] min_template_documents = 40"]
    assert (effect.satisfied, effect.broken) == (1, 0)
    assert int(effect.of.removesuffix(" documents")) in (20, 21)
    assert effect.others <= 3 * 21, "of the other records nothing is asked"
    assert all(re.fullmatch(r"khung\.example/dump\.jsonl\[\d+\]:\d", place) for place, _ in effect.examples)


def test_a_removed_duplicate_asks_for_a_policy(pages: None, clean: Clean, out: Path) -> None:
    clean()
    marks = (mark(out, "songque.example/lu-rut.txt:2", "keep"),)
    clean(Settings(marks=marks))
    found = suggest(Store(out), Settings(marks=marks), marks)
    assert found.open == 1
    assert find(found, '[policy] duplicate_contained = "label"')[0] == 1
