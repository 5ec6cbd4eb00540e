"""Fit the weights of HTML pages on pages with a gold body, and say how well they do on unseen sites.

    python tests/quality/markup_train.py PAGES.zip --out tasks/strip/markup_weights.json

PAGES.zip holds html/NAME.html and gold.jsonl {id, title_used, body: [paragraphs]}; NAME is the id with `__` for
`:` and `/`. A line is the article's if it stands in the gold body. Needs scikit-learn, which the program itself
does not. Sites are split into folds, so no page of a site is judged by weights that saw the site; the score is
the mean F1 of the tokens kept, title included. Without --out the figures alone are printed.
"""

import argparse
import hashlib
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.model_selection import GroupKFold
from strip_pages import MAX_PAGE_LOSS
from strip_train import fit_logistic

from tasks.read import RECORDS
from tasks.read.fields import find_site
from tasks.read.pages import read_html
from tasks.read.pages.body import squeeze
from tasks.repair import RepairOptions, repair
from tasks.segment import SegmentOptions, segment
from tasks.strip import StripOptions, learn, observe
from tasks.strip.markup import build_columns
from tasks.strip.step import find_evidence
from tasks.strip.weigh_pages import MarkupWeights, find_second_articles, judge

OPTIONS = StripOptions()
STRENGTH = 0.01
ZONE_WEIGHT = 3.0
BALANCE_POWER = -0.4
CLIP_DEVIATIONS = 5.0
ZONE_BEFORE, ZONE_AFTER = 5, 12
WIDE = 15
FAR_SHARE = 0.25
LEAN = 0.3
"""Log odds by which a line must be worse than even: a line lost costs more than one left in."""
MIN_CHARS = 25
GRAM, SIGN_GRAM = 4, 12
TOKEN = re.compile(r"[^\W_]+")


def label_lines(lines: list[str], elements: list[str], body: list[str]) -> np.ndarray:
    """Per line the share of it (0..1) that is in the gold body; -1 for a line without a letter.

    A long line is looked for as a whole, else its runs of four tokens (twelve signs in scripts without spaces)
    are; a short one counts only between the long ones that it stands between in the gold, too.
    """
    gold, paragraphs = "".join(map(squeeze, body)), set(map(squeeze, body))
    known = {gram for paragraph in body for gram in make_grams(TOKEN.findall(paragraph.casefold()))}
    squeezed = [squeeze(line) for line in lines]
    share = np.zeros(len(lines))
    place: dict[int, tuple[int, int]] = {}
    for row, (line, text) in enumerate(zip(lines, squeezed, strict=True)):
        if len(text) < MIN_CHARS:
            continue
        at = gold.find(text)
        if at >= 0:
            share[row], place[row] = 1.0, (at, at + len(text))
        else:
            share[row] = measure_share(TOKEN.findall(line.casefold()), text, known, gold)
    drop_repeats(squeezed, elements, share)
    anchors = np.array(sorted(row for row in place if share[row] >= 0.5))
    for row, text in enumerate(squeezed):
        if len(text) >= MIN_CHARS:
            continue
        before, after = anchors[anchors < row], anchors[anchors > row]
        begin = place[int(before[-1])][1] if len(before) else 0
        end = place[int(after[0])][0] if len(after) else len(gold)
        inside = (
            text in gold[begin:end]
            if len(before) and len(after)
            else text in paragraphs and text in gold[begin:end]
        )
        share[row] = -1.0 if not text else float(inside and len(anchors) > 0)
    return share


def make_grams(tokens: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tokens[at : at + GRAM]) for at in range(len(tokens) - GRAM + 1)}


def measure_share(tokens: list[str], text: str, known: set[tuple[str, ...]], gold: str) -> float:
    """Share of a line in the gold body, by runs of tokens or of signs."""
    if len(tokens) < len(text) / SIGN_GRAM:
        starts = range(0, len(text) - SIGN_GRAM + 1, SIGN_GRAM // 2)
        return sum(text[at : at + SIGN_GRAM] in gold for at in starts) / max(1, len(starts))
    covered = np.zeros(len(tokens), dtype=bool)
    for at in range(len(tokens) - GRAM + 1):
        if tuple(tokens[at : at + GRAM]) in known:
            covered[at : at + GRAM] = True
    return float(covered.mean()) if len(tokens) else 0.0


def drop_repeats(squeezed: list[str], elements: list[str], share: np.ndarray) -> None:
    """Of a long line that stands on the page several times, the one among most of the article is the article's."""
    copies: dict[str, list[int]] = {}
    for row, text in enumerate(squeezed):
        if share[row] >= 0.5 and len(text) >= MIN_CHARS:
            copies.setdefault(text, []).append(row)
    for rows in copies.values():
        if len(rows) > 1:
            seen = [row for row in rows if elements[row] != "i"] or rows
            around = {row: int((share[max(0, row - 4) : row + 5] >= 0.5).sum()) for row in seen}
            for row in rows:
                share[row] *= row == max(seen, key=lambda one: around[one])


class Pages:
    """All pages of a set as one sheet, with labels."""

    def __init__(self, file: Path) -> None:
        with zipfile.ZipFile(file) as archive:
            self.gold = [json.loads(row) for row in archive.read("gold.jsonl").decode().splitlines()]
            rows = [read_row(archive, row["id"]) for row in self.gold]
        records = pl.DataFrame(rows, schema=RECORDS)
        lines = repair(segment(records, options=SegmentOptions()), options=RepairOptions())
        pages = records.drop("text").with_columns(document=pl.int_range(pl.len(), dtype=pl.UInt32))
        knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
        self.found = find_evidence(lines, pages, knowledge, OPTIONS)
        assert self.found.codes is not None
        self.sheet, self.codes = self.found.sheet, self.found.codes
        self.columns = build_columns(self.sheet, self.codes, self.found.cues, self.found.headlines)
        self.titles = pages["title"].to_list()
        self.texts = self.sheet.text.to_list()
        self.sites = np.array([self.name_site(row) for row in self.gold])[self.sheet.document]
        self.share = self.label()

    @staticmethod
    def name_site(row: dict[str, Any]) -> str:
        """Publisher of a page: what its id says before the date, else the host of its address."""
        if row["id"].startswith("fundus:"):
            return re.sub(r"_\d{4}_.*", "", row["id"])
        return find_site(row.get("url") or None, f"{row['id']}/") or row["id"]

    def label(self) -> np.ndarray:
        """Per line its share in the gold body of its page."""
        share = np.zeros(len(self.sheet))
        for document, row in enumerate(self.gold):
            own = np.flatnonzero(self.sheet.document == document)
            elements = [self.codes.element[int(at)] for at in own]
            share[own] = label_lines([self.texts[at] for at in own], elements, row["body"])
        return share

    def score(self, gone: np.ndarray) -> np.ndarray:
        """F1 of kept tokens per page."""
        scores = []
        for document, row in enumerate(self.gold):
            own = np.flatnonzero((self.sheet.document == document) & ~gone)
            got = count_tokens(add_title(self.titles[document], "\n".join(self.texts[at] for at in own)))
            gold = count_tokens(add_title(row.get("title_used"), "\n".join(row["body"])))
            scores.append(2 * (got & gold).total() / max(1, got.total() + gold.total()))
        return np.array(scores)

    def count_losing(self, gone: np.ndarray) -> float:
        """Share of pages that lose more of their article's characters than `MAX_PAGE_LOSS`, captions among them."""
        size, document = len(self.gold), self.sheet.document
        article = self.sheet.chars * (self.share >= 0.5)
        lost = np.bincount(document, article * gone, size) / np.maximum(
            np.bincount(document, article, size), 1
        )
        return float((lost > MAX_PAGE_LOSS).mean())


def read_row(archive: zipfile.ZipFile, page_id: str) -> dict[str, Any]:
    name = page_id.replace(":", "__").replace("/", "__")
    page = read_html(archive.read(f"html/{name}.html"))
    return {
        **dict.fromkeys(RECORDS),
        **page.mapped,
        "document_id": page_id,
        "source_path": f"{name}/{name}.html",
        "site": find_site(page.mapped.get("url"), f"{name}/{name}.html"),
        "text": page.text,
        "markup": page.markup,
    }


def count_tokens(text: str) -> Counter[str]:
    bag: Counter[str] = Counter()
    for token in TOKEN.findall(text.casefold()):
        bag.update(token if token[0] >= "\u2e80" else [token])
    return bag


def add_title(title: str | None, text: str) -> str:
    """The text with its title, once."""
    head = TOKEN.findall((title or "").casefold())
    start = TOKEN.findall(text[: 4 * len(title or "") + 40].casefold())[: len(head)]
    return text if start == head else f"{title}\n{text}"


class Training:
    """What is fitted on: columns, labels, and how much each line counts."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.names = sorted(pages.columns)
        self.matrix = np.column_stack([pages.columns[name] for name in self.names])
        share, document = pages.share, pages.sheet.document
        zone, wide = np.zeros(len(share), bool), np.zeros(len(share), bool)
        for number in range(len(pages.gold)):
            own = np.flatnonzero(document == number)
            kept = np.flatnonzero(share[own] >= 0.5)
            if len(kept):
                zone[own[max(0, kept[0] - ZONE_BEFORE) : kept[-1] + ZONE_AFTER]] = True
                wide[own[max(0, kept[0] - ZONE_BEFORE - WIDE) : kept[-1] + ZONE_AFTER + WIDE]] = True
        wide |= pages.codes.facts["v"] | pages.codes.facts["V"]
        ruled = np.zeros(len(share), bool)
        ruled[list(pages.found.verdicts.found)] = True
        weighed = np.isin(document, list(pages.codes.weighed))
        # Of the menus far from the article a quarter says all that there is to learn of them.
        chosen = wide | (np.random.default_rng(0).random(len(share)) < FAR_SHARE)
        self.fits = chosen & ~ruled & weighed & (share >= 0)
        sample = np.sqrt(np.maximum(pages.sheet.words, 1)) * np.abs(np.clip(share, 0, 1) - 0.5) * 2
        sample *= np.where(zone, ZONE_WEIGHT, 1.0) * np.where(wide, 1.0, 1 / FAR_SHARE)
        groups = document * 2 + zone
        size = np.bincount(groups, weights=sample * self.fits)[groups]
        # A page of a thousand menu lines must not outweigh fifty others.
        self.sample = sample * 5 * np.maximum(size, 1e-9) ** BALANCE_POWER
        self.labels = (share < 0.5) * 1

    def fit(self, rows: np.ndarray) -> MarkupWeights:
        """Weights fitted on some rows."""
        matrix = self.matrix[rows]
        middle, spread = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
        low = np.maximum(middle - CLIP_DEVIATIONS * spread, matrix.min(axis=0))
        high = np.minimum(middle + CLIP_DEVIATIONS * spread, matrix.max(axis=0))
        values, intercept = fit_logistic(
            np.clip(matrix, low, high), self.labels[rows], self.sample[rows], STRENGTH
        )
        used = [at for at, value in enumerate(values) if value]

        def write(numbers: np.ndarray) -> dict[str, float]:
            return {self.names[at]: float(f"{numbers[at]:.3g}") for at in used}

        return MarkupWeights(round(intercept - LEAN, 3), write(low), write(high), write(values))

    def judge(self, weights: MarkupWeights, rows: np.ndarray) -> np.ndarray:
        """Of some rows, whole documents, whether they go: rules, guards and all."""
        pages = self.pages
        odds = np.full(len(self.labels), -np.inf)
        odds[rows] = weights.weigh({name: pages.columns[name][rows] for name in weights.coefficients})[0]
        odds[list(pages.found.verdicts.protected)] = -np.inf
        odds[list(pages.found.verdicts.found)] = np.inf
        odds[list(find_second_articles(pages.sheet, pages.codes, pages.found.headlines, pages.columns))] = (
            np.inf
        )
        return judge(pages.sheet, pages.codes, odds, pages.found.headlines, 0.0)[rows]


def cross_validate(training: Training, folds: int) -> np.ndarray:
    """Per line whether it goes, by weights that never saw its site."""
    gone = np.zeros(len(training.labels), bool)
    for train, test in GroupKFold(folds).split(training.labels, groups=training.pages.sites):
        weights = training.fit(train[training.fits[train]])
        gone[test] = training.judge(weights, test)
    return gone


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path, metavar="PAGES.zip")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--out", type=Path, metavar="WEIGHTS.json")
    options = parser.parse_args()
    pages = Pages(options.pages)
    training = Training(pages)
    gone = cross_validate(training, options.folds)
    scores, best = pages.score(gone), pages.score(pages.share < 0.5)
    words = np.maximum(pages.sheet.words, 1)
    kept = pages.share >= 0.5
    losing = pages.count_losing(gone)
    figures = {
        "pages": len(scores),
        "body_token_f1": round(float(scores.mean()), 4),
        "below_70": int((scores < 0.7).sum()),
        "labels_token_f1": round(float(best.mean()), 4),
        "article_words_lost": round(float(words[kept & gone].sum() / words[kept].sum()), 4),
        "pages_losing_over_2_percent": round(losing, 4),
    }
    print(figures)  # noqa: T201 (a command)
    for page in np.argsort(scores)[:8]:
        print(f"{scores[page]:.3f} {pages.gold[page]['id']}")  # noqa: T201 (a command)
    if options.out:
        weights = training.fit(np.flatnonzero(training.fits))
        digest = hashlib.sha256(options.pages.read_bytes()).hexdigest()[:16]
        origin = {
            "made_by": "tests/quality/markup_train.py",
            "set": {options.pages.name: digest},
            "unseen_sites": figures,
        }
        content = {"origin": origin, **vars(weights)}
        options.out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
