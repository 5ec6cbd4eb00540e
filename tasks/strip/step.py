"""The step: what of each document is not the article."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.blocks import find_runs
from tasks.strip.cues import find_cues
from tasks.strip.dumps import find_dumps
from tasks.strip.headline import Headlines, find_headlines
from tasks.strip.language import detect_languages
from tasks.strip.lists import find_doubled_lists, find_headed_lists, find_lists_after_end
from tasks.strip.mainrun import MAIN_PENALTY, find_main_runs, score_lines
from tasks.strip.markup import Codes, find_marked_headlines, read_markup
from tasks.strip.mastheads import find_mastheads
from tasks.strip.measure import drop_measures, measure, read_cuts
from tasks.strip.metadata import add_metadata
from tasks.strip.options import StripOptions
from tasks.strip.own_packs import find_own_cues
from tasks.strip.packs import Rule
from tasks.strip.phrases import apply_cues, apply_joined, find_bylines
from tasks.strip.repeats import find_doubled_lines, find_repeated_headlines
from tasks.strip.sheet import Counts, Flags, Sheet, drop_prose, keep_rows, make_sheet
from tasks.strip.templates import Knowledge, apply_templates, apply_titles
from tasks.strip.verdicts import Verdicts

MAX_MENU_WORDS, MAX_NAME_WORDS = 4, 5
MAX_SHOWN = 0.99
"""Weak evidence never says that it is certain."""


class Stripped(NamedTuple):
    """`lines` with reason, rule and evidence; `pages` with what was read off the boilerplate."""

    lines: pl.DataFrame
    pages: pl.DataFrame


class Evidence(NamedTuple):
    """What the rules found in a shard, before weak evidence is weighed.

    Attributes:
        sheet: The lines and what each shows.
        languages: Language of each line's document.
        cues: Row -> rule of a language pack.
        dumps: Documents that are whole pages, menus and all.
        headlines: Document -> row of its headline.
        contenders: Rows of page dumps that come near to being the headline.
        verdicts: What strong evidence removes.
        signed: Rows that sign an article off: credits, contacts, names.
        codes: What markup says of the lines; None if no document has any.
    """

    sheet: Sheet
    languages: pl.Series
    cues: dict[int, Rule]
    dumps: set[int]
    headlines: dict[int, int]
    contenders: set[int]
    verdicts: Verdicts
    signed: list[int]
    codes: Codes | None = None


def strip(
    lines: pl.DataFrame, pages: pl.DataFrame, knowledge: Knowledge, *, options: StripOptions
) -> Stripped:
    """Label every line that is not the article, with the rule and the evidence that say so.

    Rows of `lines` stay, in their order; each gets `reason`, `rule` and `evidence`, null where it is the
    article's. A row that is boilerplate in part becomes two with adjacent offsets. `pages` gets title, byline,
    published_at, language and kind. Nothing here depends on other documents but through `knowledge`.
    """
    measured = measure(lines)
    found = find_evidence(measured, pages, knowledge, options, read_cuts(measured))
    weigh_markup(found, options)
    weigh_dumps(found, options)
    told = add_metadata(pages, found.sheet, found.languages, found.headlines, found.verdicts, found.signed)
    return Stripped(add_verdicts(drop_measures(measured), found.verdicts), told)


def find_evidence(
    lines: pl.DataFrame, pages: pl.DataFrame, knowledge: Knowledge, options: StripOptions,
    parts: Mapping[int, tuple[str, str, str]] = MappingProxyType({}),
) -> Evidence:  # fmt: skip
    """All that rules say about the lines of a shard; `parts` are verdicts that cutting lines brought."""
    sheet = make_sheet(lines)
    languages = lines.select("document").join(
        detect_languages(lines), on="document", how="left", maintain_order="left"
    )["language"]
    cues = find_cues(sheet, languages) | find_own_cues(sheet, pages, languages, options.rules)
    cues = {row: rule for row, rule in cues.items() if rule.id not in options.off}
    dumps = find_dumps(sheet, cues)
    codes = read_markup(sheet, pages)
    mastheads = find_mastheads(sheet, pages, knowledge.mastheads)
    headlines, contenders = locate_headlines(sheet, pages, cues, dumps, mastheads)
    if codes:
        headlines |= find_marked_headlines(sheet, codes)
    verdicts = Verdicts(frozenset(headlines.values()), frozenset(options.off))
    for row, verdict in parts.items():
        verdicts.add(row, *verdict)
    found = Evidence(sheet, languages, cues, dumps, headlines, contenders, verdicts, [], codes)
    apply_rules(found, pages, knowledge, options)
    return found


def locate_headlines(
    sheet: Sheet, pages: pl.DataFrame, cues: dict[int, Rule], dumps: set[int], mastheads: Mapping[int, int]
) -> Headlines:
    """The headlines, looked for above the main run of prose and below the masthead of the site."""
    from tasks.strip.fold import fold_text  # noqa: PLC0415
    from tasks.strip.model import load_weights  # noqa: PLC0415

    titled = pages.filter(pl.col("title").is_not_null()).select("document", fold=fold_text("title"))
    mapped = {int(document): fold for document, fold in titled.iter_rows() if fold}
    begin, end = sheet.first.copy(), sheet.last.copy()
    rows = np.flatnonzero(np.isin(sheet.document, list(dumps)))
    if len(rows):
        pages_only = keep_rows(sheet, rows)
        place = {int(row): at for at, row in enumerate(rows.tolist())}
        their_cues = {place[row]: rule for row, rule in cues.items() if row in place}
        none = np.zeros(len(rows), dtype=np.bool_)
        runs = find_runs(pages_only, their_cues, none)
        first, last = find_main_runs(
            pages_only, score_lines(pages_only, their_cues, MAIN_PENALTY, none, runs)
        )
        begin[rows], end[rows] = rows[first], rows[last]
    return find_headlines(sheet, begin, end, cues, mapped, dumps, mastheads, load_weights().headline)


def apply_rules(found: Evidence, pages: pl.DataFrame, knowledge: Knowledge, options: StripOptions) -> None:
    """Strong evidence, each kind after those it leans on."""
    sheet, cues, verdicts = found.sheet, found.cues, found.verdicts
    found.signed.extend(apply_cues(sheet, cues, verdicts))
    find_repeated_headlines(sheet, found.headlines, verdicts)
    find_headed_lists(sheet, verdicts, cues, found.dumps)
    find_doubled_lists(sheet, verdicts, found.headlines)
    drop_prose(sheet, verdicts.found)
    found.signed.extend(apply_cues(sheet, cues, verdicts))
    found.signed.extend(apply_joined(sheet, found.languages, verdicts))
    found.signed.extend(find_bylines(sheet, verdicts))
    found.signed.extend(apply_cues(sheet, cues, verdicts))
    apply_templates(sheet, pages, knowledge.templates, verdicts, options)
    apply_titles(sheet, knowledge.titles, found.headlines, verdicts)
    find_lists_after_end(sheet, verdicts, found.signed)
    find_doubled_lines(sheet, verdicts)


def weigh_markup(found: Evidence, options: StripOptions) -> None:
    """Pages that came as HTML: their markup and their text together."""
    if found.codes:
        from tasks.strip.weigh_pages import weigh_pages  # noqa: PLC0415

        odds = float(np.log(options.min_removal_probability / (1 - options.min_removal_probability)))
        weigh_pages(found.sheet, found.codes, found.cues, found.headlines, found.verdicts, odds)


def weigh_dumps(found: Evidence, options: StripOptions) -> None:
    """Weak evidence, on page dumps only: on clean text it does more harm than good (see weights.json)."""
    from tasks.strip.features import build_features  # noqa: PLC0415
    from tasks.strip.model import judge_dumps, load_weights  # noqa: PLC0415

    marked = found.codes.weighed if found.codes else frozenset[int]()
    dumps = np.flatnonzero(np.isin(found.sheet.document, list(found.dumps - marked)))
    place = {int(row): at for at, row in enumerate(dumps.tolist())}
    removed = {place[row] for row in found.verdicts.found if row in place}
    if len(removed) == len(dumps):
        return  # Nothing is left to be weighed.
    sheet = keep_rows(found.sheet, dumps)
    features = build_features(
        sheet,
        np.setdiff1d(np.arange(len(dumps)), list(removed)),
        removed,
        {place[row]: rule for row, rule in found.cues.items() if row in place},
        {place[row] for row in found.headlines.values() if row in place},
        {place[row] for row in found.contenders if row in place},
    )
    odds = float(np.log(options.min_removal_probability / (1 - options.min_removal_probability)))
    judged = judge_dumps(sheet, features, load_weights(), odds)
    chances = np.minimum(judged.probability, MAX_SHOWN).tolist()
    reasons = name_reasons(sheet, judged.rows, judged.in_main)
    for row, reason, chance, facts in zip(
        dumps[judged.rows].tolist(), reasons, chances, judged.facts, strict=True
    ):
        found.verdicts.add(row, reason, "model", f"weak evidence, {chance:.2f}: {facts}")


def name_reasons(sheet: Sheet, rows: Counts, in_main: Flags) -> list[str]:
    """What the lines are that weak evidence removes: a name after a paragraph, a menu word, or unknown."""
    words = sheet.words[rows]
    after_prose = (rows > sheet.first[rows]) & sheet.prose[rows - 1]
    byline = sheet.named[rows] & (words >= 2) & (words <= MAX_NAME_WORDS) & after_prose
    menu = (words <= MAX_MENU_WORDS) & ~sheet.ends[rows] & ~in_main
    reasons: list[str] = np.select([byline, menu], ["byline", "navigation"], "outside_article").tolist()
    return reasons


def add_verdicts(lines: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """`lines` with the three columns."""
    return (
        lines.with_row_index("row")
        .join(verdicts.to_frame(), on="row", how="left", maintain_order="left")
        .drop("row")
    )
