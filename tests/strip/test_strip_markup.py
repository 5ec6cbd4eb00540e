"""Lines that came with markup: trafilatura's voice, the markup and the text, none of them alone."""

from collections.abc import Sequence

import polars as pl
import pytest
from strip.pages_of_lines import OPTIONS, make_tables

from tasks.markup import ELEMENTS, FACTS
from tasks.strip import learn, observe, strip
from tasks.strip.markup import build_columns
from tasks.strip.step import find_evidence
from tasks.strip.weigh_pages import WORDS, load_markup_weights

Line = tuple[str, str]

STORY: tuple[Line, ...] = (
    ("1034AMh1", "Storm takes the west pier at Skell"),
    (
        "p0345AMbv",
        "The west pier came down on Thursday night, four hours after the last boat had been moved.",
    ),
    (
        "p03456AMbv",
        "Nobody was hurt, and the two cranes that stood on it were taken ashore in the afternoon.",
    ),
    ("p03456AMbv", "The council will meet on Monday to decide whether the pier is to be built again at all."),
    (
        "p03456AMbv",
        "It was last repaired in 1987, after a winter in which it had lost its outer forty metres.",
    ),
)
MENU: tuple[Line, ...] = tuple(
    ("l9HLNn" + ("6" if number else ""), word)
    for number, word in enumerate(("Harbour", "Tides", "Boats", "People"))
)


def judge(page: Sequence[Line]) -> list[tuple[str | None, str | None]]:
    """Reason and evidence per line."""
    lines, pages = make_tables([[text for _, text in page]])
    pages = pages.with_columns(
        markup=pl.lit(" ".join("".join((code[:2], *sorted(code[2:]))) for code, _ in page))
    )
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    stripped = strip(lines, pages, knowledge, options=OPTIONS).lines
    return list(stripped.select("reason", "evidence").iter_rows())


def reasons(page: Sequence[Line]) -> list[str | None]:
    return [reason for reason, _ in judge(page)]


def test_a_page_keeps_its_article_and_its_headline() -> None:
    found = reasons([*MENU, *STORY])
    assert found[len(MENU) :] == [None] * len(STORY)
    assert set(found[: len(MENU)]) == {"navigation"}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("p04AMbl", "The pier that three generations of Skell had fished from was gone by the morning."),
        ("r04ABMTb".replace("B", ""), "Length\t310 m"),
        ("q0346AMb", "“I saw the lamp go out, and then there was only the sea,” said the keeper."),
    ],
)
def test_what_trafilatura_lost_inside_the_article_is_won_back(code: str, text: str) -> None:
    page = [*MENU, *STORY[:2], (code, text), *STORY[2:]]
    assert reasons(page)[len(MENU) + 2] is None


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("p934AMbrv", "Council to hear plans for a new slipway", "related"),
        ("l934ALMrv", "Ferry back in service after nine weeks", "related"),
        ("d04AMmv", "Read on with a subscription, from one crown a week", "widget"),
    ],
)
def test_what_trafilatura_left_in_goes_where_the_markup_says_what_it_is(
    code: str, text: str, reason: str
) -> None:
    page = [*MENU, *STORY, (code, text), ("p9Fn", "Contact")]
    assert reasons(page)[len(MENU) + len(STORY)] == reason


def test_the_next_article_of_an_endless_page_goes() -> None:
    second = [
        ("10AMh", "Slipway plans go to the council"),
        ("p0AMb", "Plans for a new slipway east of the harbour will go before the council in the spring."),
        ("p06AMb", "The harbour office has asked for a slope that can be used at every state of the tide."),
    ]
    found = judge([*MENU, *STORY, *second])[-3:]
    assert [reason for reason, _ in found] == ["outside_article"] * 3
    assert "under a second h1" in str(found[1][1])


def test_a_sentence_between_paragraphs_needs_more_than_weak_evidence() -> None:
    question = ("p0346AMbv", "And the lamp?")
    assert reasons([*MENU, *STORY[:3], question, *STORY[3:]])[len(MENU) + 3] is None


@pytest.mark.parametrize("code", ["d0AM", "p0AMh", "p0H"])
@pytest.mark.parametrize("between", [(), (("d0AMt", "16 May"),)], ids=["right below", "below the date"])
def test_the_standfirst_stays_though_trafilatura_does_not_take_it(code: str, between: Sequence[Line]) -> None:
    lead = (code, "Four hours were enough to lose what three generations had fished from.")
    assert reasons([*MENU, STORY[0], *between, lead, *STORY[1:]])[len(MENU) + 1 + len(between)] is None


def test_a_sentence_of_a_sidebar_is_no_standfirst() -> None:
    lead = ("d0AMS", "Four hours were enough to lose what three generations had fished from.")
    assert reasons([*MENU, STORY[0], lead, *STORY[1:]])[len(MENU) + 1] == "outside_article"


@pytest.mark.parametrize(
    ("code", "stays"), [("p0bw", True), ("p0Sb", True), ("p0Sbm", False), ("p0Sw", False)]
)
def test_a_paragraph_in_the_named_body_needs_more_than_weak_evidence(code: str, *, stays: bool) -> None:
    text = "The keeper had asked for new piles in every one of the last eleven springs, and was told to wait for the next."
    assert (reasons([*MENU, *STORY, (code, text)])[-1] is None) == stays


def test_the_evidence_can_be_read() -> None:
    reason, evidence = judge([*MENU, *STORY])[1]
    assert reason == "navigation"
    assert str(evidence).startswith("outside the body: ")
    assert "in nav" in str(evidence)
    assert "fact_" not in str(evidence)


def test_where_trafilatura_was_not_heard_the_text_alone_decides() -> None:
    page = [(code.replace("v", "") + "0", text) for code, text in (*MENU, *STORY)]
    assert reasons(page)[len(MENU) :] == [None] * len(STORY), "four menu words make no page dump"


def test_text_and_pages_can_share_a_shard() -> None:
    lines, pages = make_tables([[text for _, text in (*MENU, *STORY)], [text for _, text in STORY]])
    markup = " ".join("".join((code[:2], *sorted(code[2:]))) for code, _ in (*MENU, *STORY))
    pages = pages.with_columns(markup=pl.Series([markup, None]))
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    found = strip(lines, pages, knowledge, options=OPTIONS).lines
    assert found.filter(pl.col("document") == 1)["reason"].null_count() == len(STORY)
    assert found.filter(pl.col("document") == 0)["reason"].null_count() == len(STORY)


def test_every_weight_is_of_a_column_and_every_fact_has_a_name() -> None:
    lines, pages = make_tables([[text for _, text in STORY]])
    pages = pages.with_columns(markup=pl.lit(" ".join(code for code, _ in STORY)))
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    found = find_evidence(lines, pages, knowledge, OPTIONS)
    assert found.codes
    columns = set(build_columns(found.sheet, found.codes, found.cues, found.headlines))
    assert set(load_markup_weights().coefficients) <= columns
    assert set(WORDS) <= columns
    assert not set("0123456789") & set(ELEMENTS) - set("1234")
    assert all(len(fact) == 1 for fact in FACTS)
