"""The headline of a page: of all lines before the prose, the one that is said again in it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tasks.strip.packs import Rule
from tasks.strip.sheet import CREDIT, Counts, Reals, Sheet

MAX_DISTANCE = 60
"""Lines before the main run in which the headline is looked for (the headline of 93 % of 212 labelled
page dumps in 17 languages is there)."""
BODY_PARAGRAPHS = 12
MAX_CONTENDERS, CONTENDER_MARGIN = 4, 2.5
"""Measured on 229 page dumps, by weights that never saw the page's site: where these stay as well, pages that lose
more than 2 % of their article are 20 % and not 23 %."""
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
        and sheet.fold[row]
        and row not in cues
        and not sheet.continues[row]
        and (
            not sheet.ends[row]
            or sheet.words[row] <= 16
            or sheet.text[row].rstrip("\"”»'").endswith(("?", "!"))
        )
    ]


def describe_candidates(sheet: Sheet, span: Span, rows: Sequence[int]) -> Reals:
    """One row of `FEATURES` per candidate."""
    prose = [
        row for row in range(span.begin, min(span.end, span.begin + BODY_PARAGRAPHS) + 1) if sheet.prose[row]
    ]
    body = read_tokens(" ".join(sheet.text[row].casefold() for row in prose))
    folds = sheet.fold[span.first : span.last + 1].to_list()
    counts = Counter(folds)
    together = "\n".join(folds)
    seen: set[str] = set()
    described = []
    for row in rows:
        described.append(describe(sheet, span, row, body, counts, together, sheet.fold[row] in seen))
        seen.add(sheet.fold[row])
    return np.array(described, dtype=np.float64)


def describe(
    sheet: Sheet,
    span: Span,
    row: int,
    body: set[str],
    counts: Counter[str],
    together: str,
    seen: bool,  # noqa: FBT001
) -> list[float]:
    """The features of one candidate, in their order."""
    text, fold, words = sheet.text[row], sheet.fold[row], int(sheet.words[row])
    tokens = read_tokens(text.casefold())
    common = len(tokens & body)
    near = max(0, span.begin - row)
    after = range(row + 1, min(row + 5, span.last + 1))
    inner, final = row > span.first, row >= span.last
    menu = sheet.words[max(span.first, row - 8) : row] <= 3
    return [
        common / (len(tokens) + 2),
        common / (len(tokens) + 0.5),
        float(np.log1p(near)),
        float(near > 0),
        min(words, 16) / 16,
        float(words > 20),
        float(counts[fold] > 1),
        float(together.count(fold) > counts[fold]),
        float(bool(CREDIT.search(text[-40:]))),
        float(bool(SENTENCE.search(text))),
        float(sheet.ends[row]),
        float(text.endswith(".")),
        float(any(DATE.search(sheet.text[at]) for at in after)),
        sum(bool(sheet.words[at] <= 4) for at in after) / 4,
        float(not inner or sheet.words[row - 1] <= 3),
        float(inner and sheet.headline[row - 1] and sheet.words[row - 1] > 4),
        float(not final and sheet.headline[row + 1] and sheet.words[row + 1] > 4),
        float(not final and sheet.prose[row + 1]),
        float(seen),
        float(":" in text),
        float(bool(SEPARATOR.search(text))),
        float(bool(DATE.search(text))),
        float(np.mean(menu)) if inner else 1.0,
    ]


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
    return next((row for row in range(span.first, span.last + 1) if sheet.fold[row] == wanted), None)


def find_first(sheet: Sheet, rows: range, cues: Mapping[int, Rule]) -> int | None:
    """The first of some lines, before the prose, that looks like a headline."""
    for row in rows:
        if sheet.prose[row]:
            return None
        taken = row in cues and not (row == rows.start and may_be_headline(cues[row]))
        if sheet.headline[row] and sheet.fold[row] and not sheet.continues[row] and not taken:
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
    return best + 1 if best + 1 in rows and sheet.fold[best + 1] == sheet.fold[best] else best


def list_contenders(ranked: Sequence[tuple[float, int]]) -> list[int]:
    """The candidates that come near the best one: which of them is the headline is a guess."""
    return [row for weight, row in ranked[:MAX_CONTENDERS] if weight >= ranked[0][0] - CONTENDER_MARGIN]
