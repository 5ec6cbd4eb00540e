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
from tasks.strip.words import put_into_words

REGIONS = ("before_main", "in_main", "after_main")
HELD, CONTENDER = ("held_sentence", "held_subhead", "held_fact", "held_list"), "contender"
SAME_MATTER = "same_matter"
"""Features that decide alone: they have no weight."""
CONTENDER_LOG_ODDS = 2.2
"""What removes a line that may be the headline (9 to 1)."""
MIN_OWN_WORDS = 8
"""A line as long is judged by what it is, never carried off by its neighbours."""
MAX_LOG_ODDS = 6.0
"""One line may not say more than this (400 to 1): labels are wrong more often."""
HELD_LOG_ODDS = -0.5
"""What a line that is held says to its neighbours at least: that this is the article."""


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


def expand(features: Features, weights: Weights) -> dict[str, Reals]:
    """The clipped features and their steps, by the names that coefficients have."""
    columns: dict[str, Reals] = {}
    for name, column in zip(features.names, features.matrix.T, strict=True):
        if name not in weights.low or name in (*HELD, CONTENDER, SAME_MATTER):
            continue
        columns[name] = np.clip(column, weights.low[name], weights.high[name])
        for step in weights.steps.get(name, ()):
            columns[f"{name}>{step:g}"] = (column > step) * 1.0
    return columns


def weigh(features: Features, weights: Weights) -> Reals:
    """Log odds of every line that it is not the article."""
    columns = expand(features, weights)
    odds = np.zeros(len(features.rows))
    for region in REGIONS:
        inside = np.flatnonzero(features.column(region) == 1)
        if len(inside):
            coefficients = weights.regions[region]
            parts = np.column_stack(
                [columns[name][inside] * value for name, value in drop_intercept(coefficients)]
            )
            odds[inside] = parts.sum(axis=1) + coefficients["intercept"]
    return np.clip(odds, -MAX_LOG_ODDS, MAX_LOG_ODDS)


def drop_intercept(coefficients: Mapping[str, float]) -> list[tuple[str, float]]:
    """The coefficients of columns."""
    return [(name, value) for name, value in coefficients.items() if name != "intercept"]


def explain(features: Features, weights: Weights, chosen: Counts) -> list[str]:
    """For the chosen lines (by their place in `features`) what speaks most against them, in words."""
    columns = expand(features, weights)
    facts = [""] * len(chosen)
    for region in REGIONS:
        at = np.flatnonzero(features.column(region)[chosen] == 1)
        if not len(at):
            continue
        named = drop_intercept(weights.regions[region])
        parts = np.column_stack(
            [(columns[name][chosen[at]] - weights.article[name]) * value for name, value in named]
        )
        values = {name: features.column(name)[chosen[at]] for name in features.names}
        said = put_into_words(region, [name for name, _ in named], parts, values, weights.article)
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
    """A line that goes: its row in the sheet, how sure that is (0..1), where it is and what says so."""

    row: int
    probability: float
    region: str
    facts: str


def choose_likeliest(
    features: Features, odds: Reals, document: Counts, weights: Weights, min_log_odds: float
) -> Flags:
    """The likeliest sequence of each document, without the lines that are held."""
    held = is_held(features)
    starts = np.flatnonzero(np.r_[True, document[1:] != document[:-1]])
    leaning = odds - min_log_odds
    gone = smooth(np.where(held, np.minimum(leaning, HELD_LOG_ODDS), leaning), starts, weights.switch)
    return gone & ~held


def choose_lines(
    features: Features, odds: Reals, document: Counts, weights: Weights, min_log_odds: float
) -> Flags:
    """Which lines go: the likeliest sequence of each document, without what weak evidence does not reach."""
    leaning = odds - min_log_odds
    own = (leaning < 0) & (features.column("log_words") >= np.log1p(MIN_OWN_WORDS))
    contends = (features.column(CONTENDER) == 1) & (leaning < CONTENDER_LOG_ODDS)
    spared = own | contends | (features.column(SAME_MATTER) == 1)
    chosen: Flags = choose_likeliest(features, odds, document, weights, min_log_odds) & ~spared
    return chosen


def judge_dumps(sheet: Sheet, features: Features, weights: Weights, min_log_odds: float) -> list[Judged]:
    """The lines that go, in order."""
    if not len(features.rows):
        return []
    odds = weigh(features, weights)
    gone = np.flatnonzero(choose_lines(features, odds, sheet.document[features.rows], weights, min_log_odds))
    regions = np.array(REGIONS)[np.argmax([features.column(name)[gone] for name in REGIONS], axis=0)]
    chances = 1 / (1 + np.exp(-odds[gone]))
    return [
        Judged(int(row), float(chance), str(region), facts)
        for row, chance, region, facts in zip(
            features.rows[gone], chances, regions, explain(features, weights, gone), strict=True
        )
    ]
