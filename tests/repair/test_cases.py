"""The cases: what is repaired, what must come out untouched, and what cannot be repaired yet."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.repair import REPAIRS, RepairOptions, repair_document, repair_spans

CASES = Path(__file__).parents[1] / "cases" / "repair"
POSITIVE = ("fonts", "mojibake", "entities", "invisible", "marks", "look_alikes", "plus_sign")


def load(*names: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{name}: {case['label']}")
        for name in names
        for case in json.loads((CASES / f"{name}.json").read_text("utf-8"))
    ]


def repaired(given: str | list[str]) -> tuple[str | list[str], list[str]]:
    """What comes out, and the names of the repairs."""
    lines = [given] if isinstance(given, str) else given
    found = repair_document(lines, options=RepairOptions())
    texts = [line.text for line in found]
    names = {name for line in found for name in line.repairs}
    return (texts[0] if isinstance(given, str) else texts), [name for name in REPAIRS if name in names]


@pytest.mark.parametrize("case", load(*POSITIVE))
def test_is_repaired(case: dict[str, Any]) -> None:
    text, names = repaired(case["given"])
    assert text == case["expected"]
    if "repairs" in case:
        assert sorted(names) == sorted(case["repairs"])


@pytest.mark.parametrize("case", load("negative"))
def test_is_left_alone(case: dict[str, Any]) -> None:
    assert repaired(case["given"])[0] == case["expected"]


@pytest.mark.parametrize("case", load("known_failures"))
def test_cannot_be_repaired_yet(case: dict[str, Any]) -> None:
    """Strict: an improvement has to be recorded, by moving the case."""
    assert repaired(case["given"])[0] != case["expected"]


@pytest.mark.parametrize("case", load(*POSITIVE))
def test_every_change_is_named_and_its_spans_give_the_text(case: dict[str, Any]) -> None:
    given = [case["given"]] if isinstance(case["given"], str) else case["given"]
    for raw, (text, names) in zip(given, repair_document(given, options=RepairOptions()), strict=True):
        assert (raw != text) == bool(names)
        rebuilt, end = "", 0
        for span in repair_spans(raw, text):
            rebuilt += raw[end : span.start] + span.new
            end = span.end
        assert rebuilt + raw[end:] == text


def test_every_case_file_is_run() -> None:
    assert {path.stem for path in CASES.glob("*.json")} == {*POSITIVE, "negative", "known_failures"}
