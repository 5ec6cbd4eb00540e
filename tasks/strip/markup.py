"""What the markup of a page says of its lines, as columns beside those of the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from tasks.markup import ELEMENTS, FACTS, split_codes
from tasks.strip.features import Columns, mark, mean_around, shift
from tasks.strip.packs import Rule
from tasks.strip.sheet import Counts, Flags, Reals, Sheet

MIN_BODY_WORDS: Final = 30
"""Where trafilatura finds less, its voice says nothing about the other lines."""
MIN_ANCHOR_WORDS: Final = 10
"""Words of a line of the body that may be its first or last; a menu word may look like one."""
FAR: Final = 99
TITLE_PLACES: Final = ("1", "2", "34", "pdlrqxb")
"""Elements in which the title is looked for, best first."""


@dataclass(frozen=True)
class Codes:
    """The code of every row of a sheet, empty for documents without markup.

    Attributes:
        element: First letter.
        links: Share of the characters that are links, 0..1.
        facts: Fact -> rows that have it.
        weighed: Documents whose lines are judged by their markup: those on which trafilatura spoke.
        code: The code without what was found out about the single line, to tell lines that are made alike.
    """

    element: pl.Series
    links: Reals
    facts: Mapping[str, Flags]
    weighed: frozenset[int]
    code: pl.Series


def read_markup(sheet: Sheet, pages: pl.DataFrame) -> Codes | None:
    """The codes of a shard; None if no document has any."""
    markup = pages.get_column("markup", default=None)
    if markup is None or not markup.null_count() < len(markup):
        return None
    rows = [
        (document, line, code)
        for document, codes in pages.select("document", "markup").drop_nulls().iter_rows()
        for line, code in enumerate(split_codes(codes), 1)
    ]
    schema = {"document": pl.UInt32, "line": pl.UInt32, "code": pl.String}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    place = sheet.frame.select(pl.col("document", "line").cast(pl.UInt32))
    code = place.join(known, on=["document", "line"], how="left", maintain_order="left")["code"].fill_null("")
    said = code.str.slice(2)
    facts = {fact: said.str.contains(fact, literal=True).to_numpy() for fact in FACTS}
    links = code.str.slice(1, 1).cast(pl.Int64, strict=False).fill_null(0).to_numpy() / 9
    body = np.bincount(
        sheet.document,
        weights=sheet.words * (facts["v"] | facts["V"]),
        minlength=int(sheet.document.max()) + 1,
    )
    weighed = frozenset(np.flatnonzero(body >= MIN_BODY_WORDS).tolist())
    return Codes(code.str.slice(0, 1), links, facts, weighed, code.str.replace_all("[vVj126]", ""))


def find_marked_headlines(sheet: Sheet, codes: Codes) -> dict[int, int]:
    """Document -> row of the line that the page calls its title: in its highest heading, the first of equals."""
    found: dict[int, tuple[int, int]] = {}
    ranks = {letter: rank for rank, letters in enumerate(TITLE_PLACES) for letter in letters}
    outside = codes.facts["N"] | codes.facts["F"]
    for row in np.flatnonzero(codes.facts["1"] & ~outside).tolist():
        rank = ranks.get(codes.element[row])
        if rank is not None:
            document = int(sheet.document[row])
            found[document] = min(found.get(document, (rank, row)), (rank, row))
    return {document: row for document, (_, row) in found.items()}


def build_columns(
    sheet: Sheet, codes: Codes, cues: Mapping[int, Rule], headlines: Mapping[int, int]
) -> Columns:
    """Everything that is weighed: a value per row of the sheet and name."""
    return look_at_markup(sheet, codes) | look_at_text(sheet, cues, headlines)


def look_at_text(sheet: Sheet, cues: Mapping[int, Rule], headlines: Mapping[int, int]) -> Columns:
    """What the line says itself, and which kind of list was opened above it."""
    rows = np.arange(len(sheet))
    columns: Columns = {
        "log_words": np.log1p(sheet.words),
        "ends": sheet.ends * 1.0,
        "prose": sheet.prose * 1.0,
        "colon": sheet.frame["tail"].str.contains(r"[:：]$").to_numpy() * 1.0,
        "question": sheet.frame["tail"].str.contains(r"[?？]").to_numpy() * 1.0,
        "cue": mark(len(sheet), cues),
        "title": mark(len(sheet), headlines.values()),
    }
    for reason in ("comment", "related"):
        said = mark(len(sheet), [row for row, rule in cues.items() if rule.reason == reason]) == 1
        last = np.maximum.accumulate(np.where(said, rows, -1))
        columns[f"{reason}_said"] = ((last >= sheet.first) & (last < rows)) * 1.0
    return columns


def look_at_markup(sheet: Sheet, codes: Codes) -> Columns:
    """A column per fact, and what the neighbours, the page and lines that are made alike say."""
    facts = {name: flags * 1.0 for name, flags in codes.facts.items()}
    columns: Columns = {f"fact_{name}": facts[name] for name in FACTS if name != "0"}
    columns |= {f"element_{name}": (codes.element == name).to_numpy() * 1.0 for name in ELEMENTS}
    columns["links"] = codes.links
    columns["mostly_links"] = (codes.links >= 0.8) * 1.0
    columns["partly_links"] = ((codes.links >= 0.3) & (codes.links < 0.8)) * 1.0
    columns["links_near_3"] = mean_around(codes.links, sheet.document, 3)
    columns |= look_at_body(sheet, np.maximum(facts["v"], facts["V"] / 2), facts["v"])
    columns |= look_at_json(sheet, facts["j"])
    for name in "345bAM":
        columns[f"body_and_{name}"] = facts[name] * facts["v"]
    columns |= look_at_alike(sheet, codes.code, facts["v"])
    return columns


def look_at_body(sheet: Sheet, body: Reals, whole: Reals) -> Columns:
    """The voice of trafilatura around each line."""
    document, rows = sheet.document, np.arange(len(sheet))
    columns = {"body": body}
    columns |= {f"body_near_{reach}": mean_around(body, document, reach) for reach in (1, 2, 4, 8)}
    columns["body_before"] = np.maximum(shift(body, document, 1), 0)
    columns["body_after"] = np.maximum(shift(body, document, -1), 0)
    columns["between_body"] = ((columns["body_before"] > 0) & (columns["body_after"] > 0)) * 1.0
    anchors = np.flatnonzero((whole > 0) & (sheet.words >= MIN_ANCHOR_WORDS))
    first, last = sheet.last + FAR + 1, sheet.first - FAR - 1
    begins, ends = bound_rows(document, anchors)
    known = np.isin(document, list(begins))
    first[known] = [begins[one] for one in document[known].tolist()]
    last[known] = [ends[one] for one in document[known].tolist()]
    columns["before_body"] = (rows < first) * 1.0
    columns["after_body"] = (rows > last) * 1.0
    columns["inside_body"] = ((rows >= first) & (rows <= last)) * 1.0
    away = np.where(rows < first, first - rows, np.maximum(rows - last, 0))
    columns["to_body"] = np.log1p(np.minimum(away, FAR))
    return columns


def bound_rows(document: Counts, rows: Counts) -> tuple[dict[int, int], dict[int, int]]:
    """Document -> its first, and its last, of some rows."""
    own = document[rows].tolist()
    return dict(zip(own[::-1], rows.tolist()[::-1], strict=True)), dict(zip(own, rows.tolist(), strict=True))


def look_at_json(sheet: Sheet, inside: Reals) -> Columns:
    """The body by JSON-LD, where a page gives one; many give its first lines only, or nothing."""
    size = int(sheet.document.max()) + 1
    given = np.bincount(sheet.document, weights=sheet.words * inside, minlength=size) > 100
    has_json = given[sheet.document] * 1.0
    return {
        "has_json": has_json,
        "missing_json": has_json * (1 - inside) * (sheet.words >= 8),
        "json_near_2": has_json * mean_around(inside, sheet.document, 2),
    }


def look_at_alike(sheet: Sheet, code: pl.Series, whole: Reals) -> Columns:
    """Whether the neighbours are made alike, and how much of all that is made alike is in the body."""
    document = sheet.document
    alike = (code[1:] == code[:-1]).to_numpy() & (document[1:] == document[:-1])
    frame = pl.DataFrame({"document": document, "code": code, "words": sheet.words, "body": whole})
    group = ("document", "code")
    share = (pl.col("words") * pl.col("body")).sum().over(group) / pl.col("words").sum().over(group)
    return {
        "alike_before": np.r_[0.0, alike * 1.0],
        "alike_after": np.r_[alike * 1.0, 0.0],
        "alike_in_body": frame.select(share.fill_nan(0)).to_series().to_numpy().copy(),
    }
