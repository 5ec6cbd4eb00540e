"""The weighing of weak evidence on page dumps: a linear model, smoothed by a two-state sequence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from tasks.strip.features import Features
from tasks.strip.sheet import Counts, Flags, Reals, Sheet

REGIONS = ("before_main", "in_main", "after_main")
MAX_LOG_ODDS = 6.0
"""One line may not say more than this (400 to 1): labels are wrong more often."""


@dataclass(frozen=True)
class Weights:
    """The coefficients, as read from `weights.json`.

    Attributes:
        headline: Weight of each feature of a headline candidate.
        low: Feature values below are raised to this (0.2 % quantile of the training lines).
        high: Feature values above are lowered to this.
        steps: Feature -> thresholds; each adds its coefficient where the value is greater.
        regions: Region -> intercept and coefficients of features and of `feature>threshold`.
        switch: What a change between article and not costs the sequence, in log odds.
    """

    headline: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    steps: Mapping[str, list[float]]
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
        if name not in weights.low:
            continue
        columns[name] = np.clip(column, weights.low[name], weights.high[name])
        for step in weights.steps.get(name, ()):
            columns[f"{name}>{step:g}"] = (column > step) * 1.0
    return columns


def weigh(features: Features, weights: Weights) -> tuple[Reals, list[str]]:
    """Log odds of every line that it is not the article, and the two facts that say most of it."""
    columns = expand(features, weights)
    odds = np.zeros(len(features.rows))
    facts = [""] * len(odds)
    for region in REGIONS:
        inside = np.flatnonzero(features.matrix[:, features.names.index(region)] == 1)
        coefficients = weights.regions[region]
        names = [name for name in coefficients if name != "intercept"]
        if not len(inside):
            continue
        matrix = np.column_stack([columns[name][inside] for name in names])
        parts = matrix * np.array([coefficients[name] for name in names])
        odds[inside] = parts.sum(axis=1) + coefficients["intercept"]
        for row, best in zip(
            inside.tolist(), np.argsort(parts, axis=1, kind="stable")[:, :-3:-1].tolist(), strict=True
        ):
            facts[row] = f"{region.replace('_', ' ')}, {names[best[0]]}, {names[best[1]]}"
    return np.clip(odds, -MAX_LOG_ODDS, MAX_LOG_ODDS), facts


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


def judge_dumps(
    sheet: Sheet, features: Features, weights: Weights, min_log_odds: float
) -> list[tuple[int, float, str]]:
    """(row, probability, facts) of the lines that go."""
    odds, facts = weigh(features, weights)
    document = sheet.document[features.rows]
    starts = (
        np.flatnonzero(np.r_[True, document[1:] != document[:-1]]) if len(document) else np.zeros(0, np.int64)
    )
    gone = smooth(odds - min_log_odds, starts, weights.switch)
    return [
        (int(features.rows[at]), float(1 / (1 + np.exp(-odds[at]))), facts[at])
        for at in np.flatnonzero(gone).tolist()
    ]
