"""Fit the weights of the strip step on labelled page dumps, and say how well they do on unseen sites.

    python tests/quality/strip_train.py SET.jsonl.gz [SET...] --out tasks/strip/weights.json

Needs scikit-learn, which the program itself does not. Sites are split into folds, so no page of a site is
judged by weights that saw the site. Without --out the figures alone are printed.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from strip_pages import count_losing, list_losses, print_losses
from strip_sets import LabelledSet, read_set

from tasks.strip import StripOptions, learn, observe
from tasks.strip.blocks import find_runs
from tasks.strip.features import Features, build_features
from tasks.strip.headline import FEATURES, Span, describe_candidates, find_candidates
from tasks.strip.mainrun import MAIN_PENALTY, find_main_runs, score_lines
from tasks.strip.model import REGIONS, Weights, choose_likeliest, choose_lines, expand, is_held, weigh
from tasks.strip.step import find_evidence

OPTIONS = StripOptions()
STEP_QUANTILES = (0.33, 0.67)
LINE_C, HEADLINE_C = 0.002, 0.3
ZONE_WEIGHT = 3.0
BALANCE_POWER = -0.4
SWITCH = 0.5
MIN_COEFFICIENT = 0.01
DRAWINGS = 3
"""Drawings of the folds that figures are means of: from one to the next, six of 229 pages more or less lose over 2 %."""
CARE_LOG_ODDS = 1.5
"""What a line must lean away from the article beyond even odds before it goes: e lines of junk that stay weigh as much as
a true line that goes. Means of six drawings of unseen sites (zone F1, F1 of kept tokens, share of pages that lose more than
2 % by weak evidence): 1.2: .858, .944, 1.8 %; 1.35: .857, .942, 1.5 %; 1.5: .855, .941, 1.2 %; 1.65: .852, .940, 1.2 %."""


def fit_logistic(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    """Coefficients on the unscaled features, and the intercept."""
    scaler = StandardScaler().fit(matrix)
    model = LogisticRegression(C=strength, max_iter=400)
    model.fit(scaler.transform(matrix), labels, sample_weight=weights)
    coefficients = model.coef_[0] * (np.abs(model.coef_[0]) >= MIN_COEFFICIENT) / scaler.scale_
    return coefficients, float(model.intercept_[0] - coefficients @ scaler.mean_)


def headline_rows(labelled: LabelledSet) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, label, document and row of every headline candidate of every page dump."""
    found = find_evidence(
        labelled.lines,
        labelled.pages,
        learn(observe(labelled.lines, labelled.pages, options=OPTIONS), options=OPTIONS),
        OPTIONS,
    )
    sheet = found.sheet
    none = np.zeros(len(sheet), dtype=bool)
    runs = find_runs(sheet, found.cues, none)
    begin, end = find_main_runs(sheet, score_lines(sheet, found.cues, MAIN_PENALTY, none, runs))
    gold = np.array([category == "title" for category in labelled.categories]) & (labelled.labels == 0)
    parts: list[tuple[np.ndarray, list[bool], list[int], list[int]]] = []
    for first in np.unique(sheet.first).tolist():
        span = Span(first, int(sheet.last[first]), int(begin[first]), int(end[first]))
        wanted = {sheet.folds[row] for row in range(first, span.last + 1) if gold[row]}
        rows = find_candidates(sheet, span, found.cues)
        if wanted and rows:
            parts.append(
                (
                    describe_candidates(sheet, span, rows),
                    [sheet.folds[row] in wanted for row in rows],
                    [first] * len(rows),
                    rows,
                )
            )
    return (
        np.vstack([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate([part[3] for part in parts]),
    )


def fit_headline(labelled: LabelledSet) -> tuple[dict[str, float], str]:
    """Weights of headline candidates, and a sentence on how often the best one is right."""
    matrix, labels, documents, rows = headline_rows(labelled)
    sites = labelled.pages["site"].to_numpy()[labelled.lines["document"].to_numpy()[rows]]
    right = total = 0
    for train, test in GroupKFold(5).split(matrix, labels, sites):
        coefficients, _ = fit_logistic(matrix[train], labels[train], np.ones(len(train)), HEADLINE_C)
        for document in np.unique(documents[test]):
            mine = test[documents[test] == document]
            right += bool(labels[mine[np.argmax(matrix[mine] @ coefficients)]])
            total += 1
    coefficients, _ = fit_logistic(matrix, labels, np.ones(len(labels)), HEADLINE_C)
    weights = {name: round(float(value), 3) for name, value in zip(FEATURES, coefficients, strict=True)}
    return weights, f"headline right on {right} of {total} pages of unseen sites"


def fit_lines(features: Features, labels: np.ndarray, sample: np.ndarray) -> dict[str, Any]:
    """The line model: low, high, steps, article and regions of `Weights`. Lines that are held teach nothing."""
    low, high = np.quantile(features.matrix, 0.002, axis=0), np.quantile(features.matrix, 0.998, axis=0)
    steps: dict[str, list[float]] = {}
    for name, column in zip(features.names, features.matrix.T, strict=True):
        if len(np.unique(column)) > 2:
            steps[name] = sorted({float(f"{value:.3g}") for value in np.quantile(column, STEP_QUANTILES)})
    data: dict[str, Any] = {
        "low": {name: float(f"{value:.4g}") for name, value in zip(features.names, low, strict=True)},
        "high": {name: float(f"{value:.4g}") for name, value in zip(features.names, high, strict=True)},
        "steps": steps,
        "article": {},
        "regions": {},
    }
    expanded = expand(features, Weights(headline={}, switch=SWITCH, **data))
    names, held, matrix = expanded.names, is_held(features), expanded.values.T
    article = matrix[labels == 0].mean(axis=0)
    data["article"] = {name: float(f"{value:.4g}") for name, value in zip(names, article, strict=True)}
    for region in REGIONS:
        inside = (features.column(region) == 1) & ~held
        coefficients, intercept = fit_logistic(matrix[inside], labels[inside], sample[inside], LINE_C)
        used = {name: float(f"{value:.4g}") for name, value in zip(names, coefficients, strict=True) if value}
        data["regions"][region] = {"intercept": round(intercept - CARE_LOG_ODDS, 3), **used}
    return data


class Gathered:
    """Features and labels of the page dumps of some sets."""

    def __init__(self, labelled: LabelledSet) -> None:
        knowledge = learn(observe(labelled.lines, labelled.pages, options=OPTIONS), options=OPTIONS)
        found = find_evidence(labelled.lines, labelled.pages, knowledge, OPTIONS)
        rows = np.flatnonzero(np.isin(found.sheet.document, list(found.dumps)))
        gone = np.zeros(len(found.sheet), dtype=bool)
        gone[list(found.verdicts.found)] = True
        self.gone, self.sheet = gone, found.sheet
        self.features = build_features(
            found.sheet,
            rows[~gone[rows]],
            found.verdicts.found,
            found.cues,
            found.headlines.values(),
            found.contenders,
        )
        at = self.features.rows
        self.labels, self.zone = labelled.labels[at], labelled.zone[at]
        self.tokens = np.maximum(found.sheet.words[at], 1)
        self.sites = labelled.pages["site"].to_numpy()[found.sheet.document[at]]
        self.sample = np.where(self.zone, ZONE_WEIGHT, 1.0) * np.sqrt(self.tokens) * (self.labels >= 0)
        self.balance(found.sheet.document[at])

    def balance(self, document: np.ndarray) -> None:
        """A page of a thousand menu lines or one long table must not outweigh fifty others."""
        groups = document * 2 + self.zone
        _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
        self.sample *= 5 * counts[inverse] ** BALANCE_POWER


def select(features: Features, at: np.ndarray) -> Features:
    return Features(features.names, features.matrix[at], features.rows[at])


class Unseen(NamedTuple):
    """Per line of a set whether it goes, by rules and by weights that never saw its site.

    Attributes:
        even: at even odds: how well the weights tell lines apart, comparable from one version to the next.
        careful: as the program does it, with its care and all that it spares.
    """

    even: np.ndarray
    careful: np.ndarray


def cross_validate(gathered: Gathered, folds: int, seed: int) -> Unseen:
    """What weights of unseen sites take, by one drawing of the folds."""
    even, careful = gathered.gone.copy(), gathered.gone.copy()
    for train, test in GroupKFold(folds, shuffle=True, random_state=seed).split(
        gathered.labels, groups=gathered.sites
    ):
        known = train[gathered.labels[train] >= 0]
        data = fit_lines(select(gathered.features, known), gathered.labels[known], gathered.sample[known])
        weights = Weights(headline={}, switch=SWITCH, **data)
        features = select(gathered.features, test)
        rows, odds = features.rows, weigh(features, weights)
        chars, document = gathered.sheet.chars[rows], gathered.sheet.document[rows]
        careful[rows] = choose_lines(features, odds, chars, document, weights, 0.0)
        even[rows] = choose_likeliest(features, odds + CARE_LOG_ODDS, document, weights)
    return Unseen(even, careful)


def describe_result(
    labels: np.ndarray, removed: np.ndarray, tokens: np.ndarray, chosen: np.ndarray
) -> dict[str, float]:
    """precision, recall, F1 of removed lines; F1 of kept tokens; share of the article's tokens lost."""
    gone = removed & chosen
    kept = ~removed & chosen
    right, wrong, missed = (gone & (labels == 1)), (gone & (labels == 0)), (kept & (labels == 1))
    good = (kept & (labels == 0)) @ tokens
    return {
        "precision": right.sum() / max(1, (right | wrong).sum()),
        "recall": right.sum() / max(1, (right | missed).sum()),
        "f1": 2 * right.sum() / max(1, 2 * right.sum() + wrong.sum() + missed.sum()),
        "kept_token_f1": 2 * good / max(1, 2 * good + wrong @ tokens + missed @ tokens),
        "keep_tokens_lost": (wrong @ tokens) / max(1, wrong @ tokens + good),
    }


def describe_sites(
    labelled: LabelledSet, gathered: Gathered, removed: np.ndarray
) -> dict[str, dict[str, float]]:
    """The figures of all lines and of the zone."""
    tokens = np.maximum(gathered.sheet.words, 1)
    figures = {}
    for name, chosen in (("all", labelled.labels >= 0), ("zone", (labelled.labels >= 0) & labelled.zone)):
        figures[name] = describe_result(labelled.labels, removed, tokens, chosen)
    losses = list_losses(labelled, removed, ~gathered.gone)
    figures["all"] |= count_losing(losses, len(labelled.pages))
    return figures


def average(drawings: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """The means over some drawings of the folds, which are printed too."""
    means = {
        part: {name: round(float(np.mean([one[part][name] for one in drawings])), 4) for name in values}
        for part, values in drawings[0].items()
    }
    for part, values in means.items():
        print(part, values)  # noqa: T201 (a command)
    return means


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, nargs="+", metavar="SET.jsonl[.gz]")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument(
        "--pages", type=int, default=10, help="how many of the pages that lose most are listed"
    )
    parser.add_argument("--out", type=Path, metavar="WEIGHTS.json")
    options = parser.parse_args()
    labelled = read_sets(options.set)
    headline, sentence = fit_headline(labelled)
    print(sentence)  # noqa: T201 (a command)
    gathered = Gathered(labelled)
    unseen = [cross_validate(gathered, options.folds, seed) for seed in range(DRAWINGS)]
    figures = {
        "unseen_sites": average([describe_sites(labelled, gathered, one.even) for one in unseen]),
        "unseen_sites_careful": average([describe_sites(labelled, gathered, one.careful) for one in unseen]),
    }
    for name in [name for name in figures["unseen_sites"]["all"] if name.startswith("pages_")]:
        del figures["unseen_sites"]["all"][name]  # At even odds no page is cleaned.
    print_losses(list_losses(labelled, unseen[0].careful, ~gathered.gone), options.pages)
    if options.out:
        known = gathered.labels >= 0
        data = fit_lines(
            select(gathered.features, np.flatnonzero(known)), gathered.labels[known], gathered.sample[known]
        )
        origin = {
            "made_by": "tests/quality/strip_train.py",
            "sets": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in options.set},
            "care": CARE_LOG_ODDS,
            **figures,
            "headline": sentence,
        }
        content = {"origin": origin, "switch": SWITCH, "headline": headline, **data}
        options.out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_sets(files: list[Path]) -> LabelledSet:
    """Several sets as one."""
    sets = [read_set(file) for file in files]
    shift, lines, pages = 0, [], []
    for one in sets:
        lines.append(one.lines.with_columns(document=(pl.col("document") + shift).cast(pl.UInt32)))
        pages.append(one.pages.with_columns(document=(pl.col("document") + shift).cast(pl.UInt32)))
        shift += len(one.pages)
    return LabelledSet(
        pl.concat(lines),
        pl.concat(pages),
        np.concatenate([one.labels for one in sets]),
        np.concatenate([one.zone for one in sets]),
        [category for one in sets for category in one.categories],
    )


if __name__ == "__main__":
    main()
