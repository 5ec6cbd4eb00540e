"""The headline of a page: of all lines before the prose, the one that is said again in it."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from tasks.strip.packs import Rule
from tasks.strip.sheet import CREDIT, Counts, Reals, Sheet

MAX_DISTANCE = 60
"""Lines before the main run in which the headline is looked for (the headline of 93 % of 212 labelled
page dumps in 17 languages is there)."""
BODY_PARAGRAPHS = 12
MAX_CONTENDERS, CONTENDER_MARGIN = 8, 2.7
"""Measured on 229 page dumps, by weights that never saw the page's site: where all these stay, 3.1 % of pages lose more
than 2 % of their article to weak evidence, and 3.4 % where four do that lag by 2.5; the zone's F1 is .850 and not .852."""
TOKEN = re.compile(r"[^\W\d_]{4,}|\d{2,}")
BIGRAM = re.compile(r"(?=([\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\u1100-\u11ff\uac00-\ud7af]{2}))")
DATE = re.compile(r"\d{1,2}[:.]\d\d|\b20\d\d\b|\d{1,2}[./]\d{1,2}")
SEPARATOR = re.compile(r"[|»>]|\s/\s")
SENTENCE = re.compile(r"[.!?] \S")

FEATURES = (
    "overlap", "share", "near", "before", "words", "long", "again", "contained", "credit", "sentence", "ends", "dot",
    "date_after", "short_after", "short_before", "headline_before", "headline_after", "prose_after", "seen", "colon",
    "separator", "date", "menu_before",
)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """The rows of one document and of its main run."""

    first: int
    last: int
    begin: int
    end: int


class Headlines(NamedTuple):
    """Document -> row of its headline, and the rows of page dumps that come near to being one."""

    rows: dict[int, int]
    contenders: set[int]


def read_tokens(text: str) -> set[str]:
    """Words of four letters or more, numbers, and pairs of signs in scripts without spaces.

    >>> sorted(read_tokens("Two boats left 12 piers"))
    ['12', 'boats', 'left', 'piers']
    """
    return set(TOKEN.findall(text)) | set(BIGRAM.findall(text))


def find_candidates(sheet: Sheet, span: Span, cues: Mapping[int, Rule]) -> list[int]:
    """Rows of 3 to 32 words, before the main run or at its head, that no cue explains."""
    rows = range(max(span.first, span.begin - MAX_DISTANCE), min(span.begin + 3, span.end) + 1)
    return [
        row
        for row in rows
        if 3 <= sheet.words[row] <= 32
        and sheet.folds[row]
        and row not in cues
        and not sheet.continues[row]
        and (
            not sheet.ends[row]
            or sheet.words[row] <= 16
            or sheet.texts[row].rstrip("\"”»'").endswith(("?", "!"))
        )
    ]


def describe_candidates(sheet: Sheet, span: Span, rows: Sequence[int]) -> Reals:
    """One row of `FEATURES` per candidate."""
    prose = [
        row for row in range(span.begin, min(span.end, span.begin + BODY_PARAGRAPHS) + 1) if sheet.prose[row]
    ]
    body = read_tokens(" ".join(sheet.texts[row] for row in prose).casefold())
    page = slice(span.first, span.last + 1)
    texts, folds, words = sheet.texts[page], sheet.folds[page], sheet.words[page].tolist()
    ends, prosy, headed = sheet.ends[page].tolist(), sheet.prose[page].tolist(), sheet.headline[page].tolist()
    counts, together = Counter(folds), "\n".join(folds)
    dated = cache(lambda at: bool(DATE.search(texts[at])))
    seen: set[str] = set()
    described = []
    for row in rows:
        at = row - span.first
        text, fold = texts[at], folds[at]
        tokens = read_tokens(text.casefold())
        common = len(tokens & body)
        near = max(0, span.begin - row)
        after = range(at + 1, min(at + 5, len(texts) - 1))
        inner, final = at > 0, at >= len(texts) - 1
        menu = [count <= 3 for count in words[max(0, at - 8) : at]]
        described.append(
            [
                common / (len(tokens) + 2),
                common / (len(tokens) + 0.5),
                math.log1p(near),
                near > 0,
                min(words[at], 16) / 16,
                words[at] > 20,
                counts[fold] > 1,
                together.count(fold) > counts[fold],
                bool(CREDIT.search(text[-40:])),
                bool(SENTENCE.search(text)),
                ends[at],
                text.endswith("."),
                any(map(dated, after)),
                sum(words[other] <= 4 for other in after) / 4,
                not inner or words[at - 1] <= 3,
                inner and headed[at - 1] and words[at - 1] > 4,
                not final and headed[at + 1] and words[at + 1] > 4,
                not final and prosy[at + 1],
                fold in seen,
                ":" in text,
                bool(SEPARATOR.search(text)),
                dated(at),
                sum(menu) / len(menu) if inner else 1.0,
            ]
        )
        seen.add(fold)
    return np.array(described, dtype=np.float64)


def find_headlines(
    sheet: Sheet, begin: Counts, end: Counts, cues: Mapping[int, Rule], mapped: Mapping[int, str], dumps: set[int],
    mastheads: Mapping[int, int], weights: Mapping[str, float],
) -> Headlines:  # fmt: skip
    """The headline of every document where one is found.

    A title that the record came with decides at once. On a page that is no dump the first line that looks
    like a headline is it; on a dump, the candidate with the greatest weight. A line of the site's masthead
    (`mastheads`: document -> its last row) is a headline only where nothing below it is.
    """
    found = Headlines({}, set())
    for first in np.unique(sheet.first).tolist():
        document = int(sheet.document[first])
        span = Span(first, int(sheet.last[first]), int(begin[first]), int(end[first]))
        wanted = mapped.get(document, "")
        row = find_mapped(sheet, span, wanted) if wanted else None
        if row is None and document in dumps:
            ranked = rank_candidates(sheet, span, cues, weights, mastheads.get(document, -1))
            row = find_best(sheet, ranked)
            found.contenders.update(list_contenders(ranked))
        elif row is None:
            below = mastheads.get(document, first - 1) + 1
            row = find_first(sheet, range(below, span.last + 1), cues)
            row = find_first(sheet, range(first, below), cues) if row is None else row
        if row is not None:
            found.rows[document] = row
    return found


def find_mapped(sheet: Sheet, span: Span, wanted: str) -> int | None:
    """The first row whose folded text is the given title."""
    return next((row for row in range(span.first, span.last + 1) if sheet.folds[row] == wanted), None)


def find_first(sheet: Sheet, rows: range, cues: Mapping[int, Rule]) -> int | None:
    """The first of some lines, before the prose, that looks like a headline."""
    for row in rows:
        if sheet.prose[row]:
            return None
        taken = row in cues and not (row == rows.start and may_be_headline(cues[row]))
        if sheet.headline[row] and sheet.folds[row] and not sheet.continues[row] and not taken:
            return row
    return None


def may_be_headline(rule: Rule) -> bool:
    """Whether a line that a cue explains may head a document all the same: `Clip: ...`, `In pictures: ...`."""
    return rule.match == "pattern" and rule.reason in ("caption", "related")


def rank_candidates(
    sheet: Sheet, span: Span, cues: Mapping[int, Rule], weights: Mapping[str, float], masthead: int = -1
) -> list[tuple[float, int]]:
    """(weight, row) of every candidate below the masthead, the best first; of equals, the first on the page."""
    rows = find_candidates(sheet, span, cues)
    rows = [row for row in rows if row > masthead] or rows
    if not rows:
        return []
    weight = describe_candidates(sheet, span, rows) @ np.array([weights[name] for name in FEATURES])
    return sorted(zip(weight.tolist(), rows, strict=True), key=lambda pair: (-pair[0], pair[1]))


def find_best(sheet: Sheet, ranked: Sequence[tuple[float, int]]) -> int | None:
    """The candidate of greatest weight."""
    if not ranked:
        return None
    best, rows = ranked[0][1], {row for _, row in ranked}
    # Where a headline stands twice, the first is the end of a breadcrumb line (10 of 14 labelled pages).
    return best + 1 if best + 1 in rows and sheet.folds[best + 1] == sheet.folds[best] else best


def list_contenders(ranked: Sequence[tuple[float, int]]) -> list[int]:
    """The candidates that come near the best one: which of them is the headline is a guess."""
    return [row for weight, row in ranked[:MAX_CONTENDERS] if weight >= ranked[0][0] - CONTENDER_MARGIN]
