"""The verdict on each line of a page: trafilatura's voice, the markup and the text, weighed together.

Nothing of these decides alone. trafilatura loses leads, lists and tables and leaves links to other articles in;
a linear model weighs what it says against all that is known of the line and its neighbours (what stands around
a line is among its features; a smoothing of the odds on top of that gained nothing on labelled pages).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from tasks.markup import ELEMENTS, FACTS
from tasks.strip.features import Columns
from tasks.strip.markup import Codes, build_columns
from tasks.strip.packs import Rule
from tasks.strip.sheet import Flags, Reals, Sheet
from tasks.strip.verdicts import Verdicts

MIN_SENTENCE_WORDS: Final = 3
MAX_LINKS: Final = 0.15
BODY_SENTENCE_ODDS: Final = 2.0
"""Log odds that must speak against a sentence without links that trafilatura takes for the body (88 %), against a standfirst
and a paragraph in what is named the body of the article, and against a sentence, or a row of a table, between two paragraphs
that stay. By weights of unseen sites, pages that lose more than 2 % of their article are 24 % and not 30 % for the second and
third of these, and the F1 of the body is the same: see `markup_weights.json`."""
STANDFIRST_REACH, MIN_STANDFIRST_WORDS, MIN_UNENDED_WORDS = 6, 5, 10
"""Lines below the headline in which its standfirst begins, words of it, and of one that has no end mark."""
NO_STANDFIRST: Final = "NFSGatkngo"
"""Facts of what stands there beside it: menus, names, dates, captions, what is hidden."""
REACH, TABLE_REACH = 4, 30
"""Lines before and after in which these paragraphs may stand; a row of a table has other rows beside it."""
AGAINST: Final = "srcumy"
"""Names that speak against a line of the body: share, related, comments, advert, subscription, consent."""
MAX_CLICK_WORDS, MAX_NAME_WORDS = 4, 12
REASONS: Final = (
    ("c", "comment"), ("s", "share"), ("y", "widget"), ("m", "widget"), ("u", "advert"), ("g", "caption"),
    ("G", "caption"), ("r", "related"), ("k", "navigation"), ("N", "navigation"), ("n", "navigation"),
    ("F", "navigation"), ("f", "navigation"), ("w", "widget"),
)  # fmt: skip
"""What a line is, by what its elements are named; the first that holds."""
ALONE: Final = "vVj123456AMbTL"
"""Facts that speak for the article or say nothing: no evidence against a line."""
WORDS: Final = {
    "mostly_links": "mostly links",
    "partly_links": "half of it links",
    "links_near_3": "links around it",
    "after_body": "below the body",
    "before_body": "above the body",
    "to_body": "far from the body",
    "missing_json": "not in the body by JSON-LD",
    "comment_said": "below a heading of comments",
    "related_said": "below a heading of other articles",
    "cue": "a cue phrase",
    "question": "a question",
    "colon": "ends in a colon",
}
"""Columns as a reader of the ledger should meet them; all others are left out of the evidence."""


@dataclass(frozen=True)
class MarkupWeights:
    """The coefficients, as read from `markup_weights.json`; values are clipped to `low`..`high` first."""

    intercept: float
    low: Mapping[str, float]
    high: Mapping[str, float]
    coefficients: Mapping[str, float]

    def weigh(self, columns: Mapping[str, Reals]) -> tuple[Reals, Reals]:
        """Log odds of every line that it is not the article, and the part of each coefficient in them."""
        names = list(self.coefficients)
        matrix = np.column_stack([np.clip(columns[name], self.low[name], self.high[name]) for name in names])
        parts = matrix * np.array([self.coefficients[name] for name in names])
        return parts.sum(axis=1) + self.intercept, parts


@cache
def load_markup_weights() -> MarkupWeights:
    """The weights of this package; what they were fitted on, and how well they do, is in the same file."""
    data = json.loads((files("tasks.strip") / "markup_weights.json").read_text(encoding="utf-8"))
    data.pop("origin")
    return MarkupWeights(**data)


def judge(
    sheet: Sheet, codes: Codes, odds: Reals, headlines: Mapping[int, int], min_log_odds: float
) -> Flags:
    """Which lines go.

    Args:
        sheet: the lines.
        codes: their markup.
        odds: log odds of each that it is not the article; minus infinity protects a line, infinity is a verdict.
        headlines: document -> row of its headline.
        min_log_odds: what is needed at least.
    """
    marked = hold_any(codes, AGAINST)
    plain: Flags = (codes.links < MAX_LINKS) & (sheet.words >= MIN_SENTENCE_WORDS)
    sentence: Flags = sheet.ends & plain
    text = plain & ~marked & ~codes.element.is_in(list("gib")).to_numpy() & ~codes.facts["G"]
    careful = plain & codes.facts["v"] & codes.facts["4"] & ~marked
    careful |= text & sheet.prose & codes.facts["b"] & ~codes.facts["g"]
    careful |= find_standfirsts(sheet, text & ~hold_any(codes, NO_STANDFIRST), headlines)
    cells = (codes.element == "r").to_numpy() & (codes.links < MAX_LINKS) & codes.facts["4"] & ~marked
    bar = min_log_odds + BODY_SENTENCE_ODDS
    gone: Flags = odds > np.where(careful, bar, min_log_odds)
    stays = ~gone & sheet.prose
    for row in np.flatnonzero(gone & (sentence | cells) & (odds <= bar)).tolist():
        reach = TABLE_REACH if cells[row] else REACH
        before = stays[max(int(sheet.first[row]), row - reach) : row]
        after = stays[row + 1 : min(int(sheet.last[row]), row + reach) + 1]
        gone[row] = not (before.any() and after.any())
    return gone


def hold_any(codes: Codes, facts: str) -> Flags:
    """Lines of which one of some facts holds."""
    held: Flags = np.logical_or.reduce([codes.facts[fact] for fact in facts])
    return held


def find_standfirsts(sheet: Sheet, text: Flags, headlines: Mapping[int, int]) -> Flags:
    """The first sentences below each headline, up to a line that is none; `text` are lines that may be such."""
    sentence = text & (sheet.words >= MIN_STANDFIRST_WORDS)
    sentence &= sheet.ends | (sheet.words >= MIN_UNENDED_WORDS)
    found = np.zeros(len(sheet), dtype=np.bool_)
    for head in headlines.values():
        near = sentence[head + 1 : min(head + STANDFIRST_REACH, int(sheet.last[head])) + 1]
        begin = int(np.argmax(near)) if near.any() else len(near)
        size = int(np.argmin(np.r_[near[begin:], False]))
        found[head + 1 + begin : head + 1 + begin + size] = True
    return found


def find_second_articles(
    sheet: Sheet, codes: Codes, headlines: Mapping[int, int], columns: Columns
) -> dict[int, int]:
    """Row -> row of the second `h1` below the body under which it stands: the next article of an endless page.

    Only lines outside the element of the body count, that neither trafilatura nor JSON-LD takes for it.
    """
    heads = (
        (codes.element == "1").to_numpy()
        & (columns["after_body"] == 1)
        & ~codes.facts["4"]
        & ~codes.facts["1"]
    )
    heads[list(headlines.values())] = False
    under: dict[int, int] = {}
    for head in np.flatnonzero(heads).tolist():
        if head in under:
            continue
        under |= dict.fromkeys(range(head, int(sheet.last[head]) + 1), head)
    mine = codes.facts["v"] | codes.facts["V"] | codes.facts["j"] | codes.facts["4"]
    return {row: head for row, head in under.items() if not mine[row]}


def name_page_reason(sheet: Sheet, codes: Codes, row: int) -> str:
    """What a line is that goes, by its element and what the elements around it are named."""
    if codes.element[row] in "gi":
        return "caption"
    words, facts = int(sheet.words[row]), codes.facts
    if facts["a"][row] and words <= MAX_NAME_WORDS and sheet.named[row]:
        return "byline"
    if facts["t"][row] and words <= MAX_NAME_WORDS and any(sign.isdigit() for sign in sheet.texts[row]):
        return "timestamp"
    for fact, reason in REASONS:
        if facts[fact][row]:
            return reason
    if codes.links[row] >= 0.8:
        return "navigation" if words <= MAX_CLICK_WORDS else "related"
    return "outside_article"


def describe_row(codes: Codes, row: int, names: list[str], parts: Reals) -> str:
    """What speaks against a line, in words: the three things that weigh most."""
    said = "in the body by trafilatura, but" if codes.facts["v"][row] else "outside the body:"
    against = [names[at] for at in np.argsort(-parts, kind="stable").tolist() if parts[at] > 0]
    words = [word for name in against if (word := name_column(name))]
    return f"{said} {', '.join(dict.fromkeys(words[:3])) or 'nothing about it says that it is the article'}"


def name_column(name: str) -> str:
    """A column that holds of a line, in words; empty where it says nothing to a reader."""
    kind, _, letter = name.partition("_")
    if kind == "fact":
        return FACTS[letter] if letter not in ALONE else ""
    if kind == "element":
        return ELEMENTS[letter] if letter != "d" else ""
    return WORDS.get(name, "")


def weigh_pages(
    sheet: Sheet, codes: Codes, cues: Mapping[int, Rule], headlines: Mapping[int, int], verdicts: Verdicts,
    min_log_odds: float,
) -> None:  # fmt: skip
    """Add the verdicts on all lines of the documents that have markup; what rules removed stays removed."""
    rows = np.flatnonzero(np.isin(sheet.document, list(codes.weighed)))
    if not len(rows):
        return
    columns = build_columns(sheet, codes, cues, headlines)
    for row, head in find_second_articles(sheet, codes, headlines, columns).items():
        verdicts.add(
            row,
            "outside_article",
            "markup.next",
            f"under a second h1 below the body: {sheet.texts[head][:60]!r}",
        )
    weights = load_markup_weights()
    names = list(weights.coefficients)
    own = {name: columns[name][rows] for name in names}
    odds, parts = weights.weigh(own)
    every = np.full(len(sheet), -np.inf)
    every[rows] = odds
    every[list(verdicts.protected)] = -np.inf
    every[list(verdicts.found)] = np.inf
    gone = judge(sheet, codes, every, headlines, min_log_odds)
    for at, row in enumerate(rows.tolist()):
        if gone[row] and row not in verdicts:
            why = describe_row(codes, row, names, parts[at])
            probability = 1 / (1 + np.exp(-odds[at]))
            reason = name_page_reason(sheet, codes, row)
            verdicts.add(row, reason, "markup", f"{why} ({probability:.2f})")
