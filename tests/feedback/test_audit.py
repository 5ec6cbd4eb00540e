"""Reading back: paragraphs by lot, versions side by side, places of records and sites."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.audit import draw_paragraphs
from tasks.errors import UsageError
from tasks.explain import explain, find_line
from tasks.job import Settings
from tasks.marks import make_mark
from tasks.sites import describe_site
from tasks.store import Store
from tasks.strip import StripOptions
from tasks.versions import compare_versions

Clean = Callable[..., object]


def test_a_draw_is_the_same_for_the_same_seed_and_of_what_was_asked(clean: Clean, out: Path) -> None:
    clean()
    store = Store(out)
    assert draw_paragraphs(store, 3, seed=5) == draw_paragraphs(store, 3, seed=5)
    draws = {
        tuple(one.row["raw"] for one in draw_paragraphs(store, 3, seed=seed, kept=True)) for seed in range(8)
    }
    assert len(draws) > 1
    assert {one.row["verdict"] for one in draw_paragraphs(store, 99)} == {"removed"}
    (credit,) = draw_paragraphs(store, 5, reason="source_credit")
    assert credit.row["text"] == "Theo Báo Sông Quê"
    assert all(one.copies for one in draw_paragraphs(store, 5, reason="duplicate_contained"))


@pytest.mark.parametrize("asked", [{"reason": "nonsense"}, {"reason": "rating"}, {"rule": "no.rule"}])
def test_nothing_to_draw_from_is_said(clean: Clean, out: Path, asked: dict[str, str]) -> None:
    clean()
    with pytest.raises(UsageError):
        draw_paragraphs(Store(out), 5, **asked)  # type: ignore[arg-type]


def test_a_difference_names_what_caused_it(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    (credit,) = find_line(Store(out), "songque.example/lu-rut.txt:5")
    clean(Settings(marks=(make_mark(credit, "keep", "x"),)))
    clean(Settings(policy={"source_credit": "label"}))
    (raw / "chodem.example/lu.txt").unlink()
    clean(Settings(policy={"source_credit": "label"}))

    first = compare_versions(Store(out), 1, 2)
    assert [(cause.kind, cause.name) for cause in first.causes] == [("setting", "marks")]
    assert [(one.before, one.after, one.cause, one.paragraphs) for one in first.moved] == [
        ("source_credit", "kept", "mark", 1)
    ]
    second = compare_versions(Store(out), 1, 3)
    assert [cause.name for cause in second.causes] == ["policy.source_credit"]
    assert [(one.before, one.after, one.cause) for one in second.moved] == [
        ("source_credit", "kept", "decision")
    ]
    third = compare_versions(Store(out), 3, 4)
    assert [(cause.kind, cause.name, cause.after) for cause in third.causes] == [("input", "gone", "1")]
    moved = {(one.before, one.after, one.cause): one.paragraphs for one in third.moved}
    assert moved["duplicate_contained", "kept", "copy"] == 1
    assert moved["kept", "-", "input"] == 4
    assert third.documents == {"added": 1, "removed": 1, "changed": 1}, "a copy of what went comes back"
    assert compare_versions(Store(out), 4, 4).moved == []
    with pytest.raises(UsageError, match="1 to 4"):
        compare_versions(Store(out), 1, 9)


def test_a_line_of_a_file_of_records_is_a_record(clean: Clean, out: Path) -> None:
    clean()
    rows = [one.row for one in explain(Store(out), "dump.jsonl:1")]
    assert [(row["source_record"], row["line"]) for row in rows] == [(0, 1), (0, 2)]
    rows = [one.row for one in explain(Store(out), "dump.jsonl[0]:2")]
    assert [(row["source_record"], row["line"]) for row in rows] == [(0, 2)]
    with pytest.raises(UsageError, match="records are 0 to 1"):
        list(explain(Store(out), "dump.jsonl:9"))


def test_a_site_tells_its_templates_and_since_when(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "khung.example").mkdir()
    for day in range(4):
        story = f"Ngày thứ {day}, bến Cây Gáo có {day + 31} ghe vào ăn hàng, và người ta cân lúa đến tận nửa đêm mới xong."
        page = f"Chuyến thứ {day} qua bến\n{story}\nNhà Khung giữ lửa ngày {day}\n"
        (raw / f"khung.example/{day}.txt").write_text(page, "utf-8")
    clean()
    assert describe_site(Store(out), "khung.example").templates == []
    clean(Settings(strip=StripOptions(min_template_documents=4)))
    found = describe_site(Store(out), "khung.example")
    assert found.documents == 4
    assert [(one.documents, one.removed, one.position) for one in found.templates][-1] == (4, 4, "tail")
    assert found.templates[-1].since == Store(out).runs["started_at"][1]
    with pytest.raises(UsageError, match="largest sites"):
        describe_site(Store(out), "nowhere.example")
