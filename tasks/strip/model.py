"""The weighing of weak evidence on page dumps: a linear model, smoothed by a two-state sequence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from tasks.strip.features import Features
from tasks.strip.sheet import Counts, Flags, Reals, Sheet
from tasks.strip.words import group_columns, put_into_words

REGIONS = ("before_main", "in_main", "after_main")
HELD = ("held_sentence", "held_standfirst", "held_subhead", "held_fact", "held_list")
CONTENDER = "contender"
SAME_MATTER = "same_matter"
"""Features that decide alone: they have no weight."""
MIN_OWN_WORDS = 8
"""A line as long is judged by what it is, never carried off by its neighbours."""
MAX_LOG_ODDS = 6.0
"""One line may not say more than this (400 to 1): labels are wrong more often."""
HELD_LOG_ODDS = -0.5
"""What a line that is held says to its neighbours at least: that this is the article."""
LARGE_SHARE, SHARE_SLOPE = 0.01, 1.5
LARGE_AFTER_SHARE, AFTER_SLOPE = 0.035, 2.0
"""From this share of its page's article on a line needs more odds to go, the more the larger it is: what a wrong verdict
costs a page grows with it. After the main run junk is long (comments, leads of other articles), and less of it the article's.
By weights of unseen sites 1.2 % of pages lose more than 2 % of their article to weak evidence, and the F1 of kept tokens is
.941; with 1 % and 1.5 everywhere 1.1 % and .927, with 3.5 % and 2 everywhere 2.5 % and .943 (means of six drawings)."""
MIN_ARTICLE_CHARS, MAX_PARAGRAPH_CHARS = 500, 600
"""No page has a smaller article, and no paragraph counts for more of it: ten short lines are no page, a long comment no article."""


@dataclass(frozen=True)
class Weights:
    """The coefficients, as read from `weights.json`.

    Log odds of 0 are not even: the intercepts are lowered by the `care` of the origin, since a true line that goes is
    worse than a line of a menu that stays.

    Attributes:
        headline: Weight of each feature of a headline candidate.
        low: Feature values below are raised to this (0.2 % quantile of the training lines).
        high: Feature values above are lowered to this.
        steps: Feature -> thresholds; each adds its coefficient where the value is greater.
        article: The mean of every feature and step on lines of articles, which evidence is held against.
        regions: Region -> intercept and coefficients of features and of `feature>threshold`.
        switch: What a change between article and not costs the sequence, in log odds.
    """

    headline: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    steps: Mapping[str, list[float]]
    article: Mapping[str, float]
    regions: Mapping[str, Mapping[str, float]]
    switch: float


@cache
def load_weights() -> Weights:
    """The weights of this package; what they were fitted on is in the same file."""
    data = json.loads((files("tasks.strip") / "weights.json").read_text(encoding="utf-8"))
    data.pop("origin")
    return Weights(**data)


class Expanded(NamedTuple):
    """The clipped features and their steps: a row of `values` per name, a column per line."""

    names: list[str]
    values: Reals

    def gather(self, numbers: Mapping[str, float]) -> Reals:
        """A number per name; 0 where there is none."""
        return np.array([numbers.get(name, 0.0) for name in self.names])


def expand(features: Features, weights: Weights) -> Expanded:
    """What coefficients are for."""
    names: list[str] = []
    rows: list[Reals] = []
    for name, column in zip(features.names, features.matrix.T, strict=True):
        if name not in weights.low or name in (*HELD, CONTENDER, SAME_MATTER):
            continue
        names.append(name)
        rows.append(np.clip(column, weights.low[name], weights.high[name]))
        for step in weights.steps.get(name, ()):
            names.append(f"{name}>{step:g}")
            rows.append((column > step) * 1.0)
    return Expanded(names, np.array(rows))


def weigh(features: Features, weights: Weights, expanded: Expanded | None = None) -> Reals:
    """Log odds of every line that it is not the article; `expanded` saves work if it is known."""
    columns = expanded or expand(features, weights)
    coefficients = np.array([columns.gather(weights.regions[region]) for region in REGIONS])
    intercepts = np.array([[weights.regions[region]["intercept"]] for region in REGIONS])
    inside = np.array([features.column(region) == 1 for region in REGIONS])
    odds: Reals = np.where(inside, coefficients @ columns.values + intercepts, 0.0).sum(axis=0)
    return np.clip(odds, -MAX_LOG_ODDS, MAX_LOG_ODDS)


def explain(features: Features, weights: Weights, chosen: Counts, columns: Expanded) -> list[str]:
    """For the chosen lines (by their place in `features`) what speaks most against them, in words."""
    facts = [""] * len(chosen)
    concepts = group_columns(columns.names)
    typical = columns.gather(weights.article)
    for region in REGIONS:
        at = np.flatnonzero(features.column(region)[chosen] == 1)
        if not len(at):
            continue
        parts = concepts * columns.gather(weights.regions[region])
        sums = parts @ columns.values[:, chosen[at]] - (parts @ typical)[:, None]
        values = {name: features.column(name)[chosen[at]] for name in features.names}
        said = put_into_words(region, sums, values, weights.article)
        for row, words in zip(at.tolist(), said, strict=True):
            facts[row] = words
    return facts


def is_held(features: Features) -> Flags:
    """Lines that weak evidence never removes."""
    held: Flags = np.any([features.column(name) == 1 for name in HELD], axis=0)
    return held


def smooth(odds: Reals, starts: Counts, switch: float) -> Flags:
    """The likeliest sequence of article (False) and not (True) for each document: Viterbi.

    >>> smooth(np.array([3.0, 2.0, -0.2, 4.0, -5.0, 0.3, -4.0]), np.array([0]), 1.0).tolist()
    [True, True, True, True, False, False, False]
    """
    removed = np.zeros(len(odds), dtype=np.bool_)
    values = odds.tolist()
    for begin, end in zip(starts.tolist(), [*starts.tolist()[1:], len(odds)], strict=True):
        keep, drop = 0.0, 0.0
        came: list[tuple[bool, bool]] = []
        for value in values[begin:end]:
            came.append((drop - switch > keep, keep - switch <= drop))
            keep, drop = max(keep, drop - switch) - value / 2, max(drop, keep - switch) + value / 2
        state = drop > keep
        for row in range(end - 1, begin - 1, -1):
            removed[row] = state
            state = came[row - begin][int(state)]
    return removed


class Judged(NamedTuple):
    """The lines that go, in order: row in the sheet, how sure that is (0..1), whether amid the article, what says so."""

    rows: Counts
    probability: Reals
    in_main: Flags
    facts: list[str]


def raise_bar(leaning: Reals, chars: Counts, document: Counts, after: Flags) -> Reals:
    """What each line's odds must be beyond even: more where the line is a large share of its page's article.

    `after` are the lines below the main run.
    """
    starts = np.flatnonzero(np.r_[True, document[1:] != document[:-1]])
    likely = np.add.reduceat(np.minimum(chars, MAX_PARAGRAPH_CHARS) * (leaning < 0), starts)
    article = np.repeat(np.maximum(likely, MIN_ARTICLE_CHARS), np.diff(np.r_[starts, len(document)]))
    share = chars / article / np.where(after, LARGE_AFTER_SHARE, LARGE_SHARE)
    bar: Reals = np.where(after, AFTER_SLOPE, SHARE_SLOPE) * np.log(np.maximum(share, 1))
    return bar


def choose_likeliest(features: Features, leaning: Reals, document: Counts, weights: Weights) -> Flags:
    """The likeliest sequence of each document, without the lines that are held."""
    held = is_held(features)
    starts = np.flatnonzero(np.r_[True, document[1:] != document[:-1]])
    gone = smooth(np.where(held, np.minimum(leaning, HELD_LOG_ODDS), leaning), starts, weights.switch)
    return gone & ~held


def choose_lines(
    features: Features, odds: Reals, chars: Counts, document: Counts, weights: Weights, min_log_odds: float
) -> Flags:
    """Which lines go: the likeliest sequence of each document, without what weak evidence does not reach."""
    leaning = odds - min_log_odds
    leaning -= raise_bar(leaning, chars, document, features.column("after_main") == 1)
    own = (leaning < 0) & (features.column("log_words") >= np.log1p(MIN_OWN_WORDS))
    spared = own | (features.column(CONTENDER) == 1) | (features.column(SAME_MATTER) == 1)
    chosen: Flags = choose_likeliest(features, leaning, document, weights) & ~spared
    return chosen


def judge_dumps(sheet: Sheet, features: Features, weights: Weights, min_log_odds: float) -> Judged:
    """The lines that go."""
    expanded = expand(features, weights)
    odds = weigh(features, weights, expanded)
    rows = features.rows
    gone = np.flatnonzero(
        choose_lines(features, odds, sheet.chars[rows], sheet.document[rows], weights, min_log_odds)
    )
    chances = 1 / (1 + np.exp(-odds[gone]))
    in_main: Flags = features.column("in_main")[gone] == 1
    return Judged(features.rows[gone], chances, in_main, explain(features, weights, gone, expanded))
