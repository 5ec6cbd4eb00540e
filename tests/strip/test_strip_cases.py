"""Lines that must stay and lines that must go, each inside an article."""

from typing import Any

import pytest
from strip.pages_of_lines import embed, read_cases, reasons

NEGATIVE: dict[str, Any] = read_cases("negative.json")
REMOVED: list[dict[str, Any]] = read_cases("removed.json")
ARTICLES: dict[str, list[str]] = NEGATIVE["articles"]


def label(case: dict[str, Any]) -> str:
    return case["label"].replace(" ", "-")


@pytest.mark.parametrize("case", NEGATIVE["cases"], ids=label)
def test_true_text_stays(case: dict[str, Any]) -> None:
    lines, _ = embed(ARTICLES[case["language"]], case["given"], case["place"])
    found = reasons([lines])
    assert found == [None] * len(lines), [(line, why) for line, why in zip(lines, found, strict=True) if why]


@pytest.mark.parametrize("case", REMOVED, ids=label)
def test_what_is_not_the_article_goes(case: dict[str, Any]) -> None:
    lines, at = embed(ARTICLES[case["language"]], case["given"], case["place"])
    found = reasons([lines])
    assert found[at : at + len(case["given"])] == case["expected"]
    assert not any(found[:at])
    assert not any(found[at + len(case["given"]) :])


def test_there_are_enough_cases_in_enough_languages() -> None:
    assert len(NEGATIVE["cases"]) >= 80
    assert len({case["language"] for case in NEGATIVE["cases"]}) >= 6
