"""What the article's run of prose is on a page with more prose than the article, and what a large line needs to go."""

import numpy as np
import polars as pl
import pytest
from strip.pages_of_lines import make_tables, read_cases

from tasks.strip.blocks import find_attached_lists, find_runs
from tasks.strip.cues import find_cues
from tasks.strip.features import Features, look_at_standfirst
from tasks.strip.mainrun import MAIN_PENALTY, find_main_runs, score_lines
from tasks.strip.model import CONTENDER, HELD, SAME_MATTER, choose_lines, load_weights
from tasks.strip.sheet import Flags, make_sheet, measure_lines

ARTICLE: list[str] = read_cases("negative.json")["articles"]["en"][1:]
LONGER = [" ".join([*paragraph.split()[::-1], "ferry", "river", "again."]) for paragraph in ARTICLE * 3]
"""Prose of the same length, three times as much of it, no line of which is a line of the article."""
OTHERS = [f"{number} {paragraph}" for number, paragraph in enumerate(LONGER)]


def find_main(texts: list[str]) -> list[str]:
    """The lines of the main run."""
    lines, _ = make_tables([texts])
    sheet = make_sheet(lines)
    cues = find_cues(sheet, pl.Series(["en"] * len(sheet)))
    none = np.zeros(len(sheet), dtype=bool)
    score = score_lines(sheet, cues, MAIN_PENALTY, none, find_runs(sheet, cues, none))
    begin, end = find_main_runs(sheet, score)
    return texts[int(begin[0]) : int(end[0]) + 1]


def test_without_doubt_the_longer_prose_is_the_article() -> None:
    assert find_main([*ARTICLE, *["Menu"] * 20, *OTHERS]) == OTHERS


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(["Comments", *OTHERS[: len(ARTICLE) * 2]], id="below a heading of comments"),
        pytest.param(
            [line for text in OTHERS for line in ("Ten boats and a long night", text)],
            id="leads under headlines",
        ),
        pytest.param([f"{text} We use cookies." for text in OTHERS], id="a consent window"),
        pytest.param([*OTHERS, "Menu", *OTHERS], id="printed twice"),
    ],
)
def test_prose_that_is_likely_another_text_does_not_outweigh_the_article(others: list[str]) -> None:
    assert find_main([*ARTICLE, *["Menu"] * 20, *others]) == ARTICLE


def test_a_list_with_colons_follows_an_article() -> None:
    rows = ["Group A: Norway, Chile", "Group B: Peru, Japan", "Group C: Ghana, Malta", "Group D: Togo, Fiji"]
    lines, _ = make_tables([[*rows, "Sport", "Weather"]])
    listed = find_attached_lists(make_sheet(lines), np.ones(6, dtype=bool))
    assert listed.tolist() == [True] * 4 + [False] * 2


def choose_middle(paragraphs: int, chars: int, odds: float, flagged: str = "") -> Flags:
    """What goes of a page with a line of 200 characters amid paragraphs; `flagged` is a feature that the line has."""
    lines = 2 * paragraphs + 1
    names = sorted((*HELD, CONTENDER, SAME_MATTER, "after_main", "log_words"))
    features = Features(names, np.zeros((lines, len(names))), np.arange(lines))
    features.matrix[:, names.index("log_words")] = np.log1p(30)
    if flagged:
        features.matrix[paragraphs, names.index(flagged)] = 1
    leaning, sizes = np.full(lines, -4.0), np.full(lines, chars)
    leaning[paragraphs], sizes[paragraphs] = odds, 200
    return choose_lines(features, leaning, sizes, np.zeros(lines, dtype=np.int64), load_weights(), 0.0)


@pytest.mark.parametrize(
    ("paragraphs", "chars", "goes"),
    [(20, 600, True), (1, 600, False), (1, 20_000, False)],
    ids=["a long article", "a short one", "one of a single endless paragraph"],
)
def test_a_large_share_of_the_article_needs_more_odds(paragraphs: int, chars: int, *, goes: bool) -> None:
    gone = choose_middle(paragraphs, chars, 1.5)
    assert gone[paragraphs] == goes
    assert gone.sum() == goes


def test_a_share_counts_for_more_in_the_article_than_after_it() -> None:
    assert not choose_middle(6, 600, 1.5).any()
    assert choose_middle(6, 600, 1.5, "after_main").sum() == 1


def test_no_odds_remove_what_may_be_the_headline() -> None:
    assert choose_middle(20, 600, 6.0).sum() == 1
    assert not choose_middle(20, 600, 6.0, CONTENDER).any()


def test_the_sentences_below_a_headline_are_held() -> None:
    texts = [
        "Ferry crosses again",
        "Forty people were on board.",
        "They waited for two years.",
        "By Mary Stone",
        "Subscribe to read on.",
    ]
    sheet = make_sheet(make_tables([texts])[0])
    columns = {name: np.zeros(5) for name in ("contender", "privacy", "thread", "before_main", "after_main")}
    columns["contender"][0] = columns["before_main"][:] = 1
    held = look_at_standfirst(sheet, columns)["held_standfirst"]
    assert held.tolist() == [0, 1, 1, 0, 0]
    columns["privacy"][1] = 1
    assert look_at_standfirst(sheet, columns)["held_standfirst"].tolist() == [0, 0, 1, 0, 0]


def test_an_advert_below_a_paragraph_is_no_line_of_the_table() -> None:
    table = ["Share", "SKL", "41.07", "-3.20", "PIR", "18.55"]
    texts = [ARTICLE[0], "Advertisement", *table, ARTICLE[1]]
    sheet = make_sheet(make_tables([texts])[0])
    for gone, is_table in (([1], True), ([3, 4], False)):
        removed = np.isin(np.arange(len(sheet)), gone)
        facts = find_runs(sheet, {}, removed).facts
        assert [bool(fact) for fact in facts[2:-1]] == [is_table] * len(table)


@pytest.mark.parametrize(
    "line", ["„Die Fähre fährt wieder.“", "»Færgen sejler igen.«", "“The boat is back.”"]
)
def test_a_closing_quotation_mark_of_any_language_may_follow_the_end_mark(line: str) -> None:
    assert measure_lines(make_tables([[line, line[:-2]]])[0])["ends"].to_list() == [True, False]
