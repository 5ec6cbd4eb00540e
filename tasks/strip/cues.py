"""Cue phrases and patterns of the language packs, matched on short lines only."""

from collections.abc import Iterator

import polars as pl

from tasks.strip.packs import Rule, index_phrases, list_packs, load_pack
from tasks.strip.sheet import Sheet

MAX_CUE_CHARS = 400
"""No cue of any pack is longer; most of a corpus' bytes are in longer lines."""

MAX_CUE_WORDS = 60
SHORT_WORDS = 12
"""Rules for the edge of a page look at lines there, and at short ones: a list between may yet go."""
AT_EDGE = frozenset({"edge", "tail", "ending"})

CREDITED = r"[:：]|\)\.?$"
"""A caption's credit has a colon or ends with a bracket: few lines have, and its patterns are dear."""

EVERYWHERE = ("any", "en")
"""Packs whose phrases are looked for on pages of every language: share and advert words are English on
most sites. The patterns of the English pack read English, and languages that have no pack."""


def find_cues(sheet: Sheet, languages: pl.Series) -> dict[int, Rule]:
    """Row -> rule of the pack of its document's language, of `any` or of English.

    `languages` holds one code or null per row. A null is read by every pack.
    """
    edge = (sheet.prose_before == 0) | (sheet.prose_after <= 1)
    rows = (
        sheet.frame.lazy()
        .select("text", "key", "words", "chars", edge=pl.Series(edge | (sheet.words <= SHORT_WORDS)))
        .with_columns(languages.alias("language"))
        .with_row_index("row")
        .filter((pl.col("chars") <= MAX_CUE_CHARS) & (pl.col("words") <= MAX_CUE_WORDS))
        .collect()
    )
    found: dict[int, Rule] = {}
    packs = list_packs()
    seen = set(rows["language"].unique())
    for pack in sorted(packs, key=lambda name: name in EVERYWHERE):
        if pack in EVERYWHERE or pack in seen or None in seen:
            for row, rule in match_pack(pack, rows, packs):
                if row not in found or is_freer(rule, found[row]):
                    found[row] = rule
    return found


def is_freer(rule: Rule, other: Rule) -> bool:
    """Whether a rule says the same as another, and says it anywhere in a document."""
    return rule.reason == other.reason and rule.where == "any" != other.where and other.match != "heading"


def match_pack(pack: str, rows: pl.DataFrame, packs: tuple[str, ...]) -> list[tuple[int, Rule]]:
    """What one pack finds in the rows that it reads."""
    if pack == "any":
        return [*match_phrases(pack, rows), *match_patterns(pack, rows)]
    served = [name for name in packs if name != pack]
    language = pl.col("language").fill_null("")
    own = rows.filter(~language.is_in(served) if pack == "en" else language.is_in([pack, ""]))
    return [*match_phrases(pack, rows if pack == "en" else own), *match_patterns(pack, own)]


def match_phrases(pack: str, rows: pl.DataFrame) -> Iterator[tuple[int, Rule]]:
    """Rows whose folded line is a phrase of the pack."""
    index = index_phrases(pack)
    hits = rows.filter(pl.col("key").is_in(list(index)))
    for row, key, text in hits.select("row", "key", "text").iter_rows():
        rule, phrase = index[key]
        if is_sure(key, phrase, text, rule):
            yield row, rule


def is_sure(key: str, phrase: str, text: str, rule: Rule) -> bool:
    """Whether a short phrase is meant: one word must have its accents, and must not end a sentence.

    Without accents `nghệ` (turmeric) is `nghe` (listen): measured on Vietnamese lines that scrapers cut
    at inline links.
    """
    if key.count(" ") >= 2:
        return True
    if (
        rule.match == "line"
        and rule.reason in ("share", "comment", "navigation", "rating")
        and text.endswith((".", ",", ";", ":"))
    ):
        return False
    return (key.count(" ") == 1 and len(key) >= 8) or phrase.casefold() in text.casefold()


def match_patterns(pack: str, rows: pl.DataFrame) -> Iterator[tuple[int, Rule]]:
    """Rows that a pattern of the pack finds; all patterns together first, as few lines match any."""
    loaded = load_pack(pack)
    rules = [rule for rule in (loaded.rules if loaded else ()) if rule.match == "pattern"]
    if not rules:
        return
    for group in (
        [rule for rule in rules if rule.where in AT_EDGE],
        [rule for rule in rules if rule.where not in AT_EDGE],
    ):
        if not group:
            continue
        longest = max(rule.max_words for rule in group)
        anywhere = group[0].where not in AT_EDGE
        mine = rows.filter((pl.col("words") <= longest) & (pl.lit(anywhere) | pl.col("edge")))
        credited = mine.filter(pl.col("text").str.contains(CREDITED))
        for rule in group:
            fits = (pl.col("words") <= rule.max_words) & pl.col("text").str.contains(add_flag(rule))
            for row in (credited if rule.reason == "caption" else mine).filter(fits)["row"]:
                yield row, rule


def add_flag(rule: Rule) -> str:
    """The pattern with its flag."""
    return rule.pattern if rule.case else f"(?i:{rule.pattern})"


def joined_rules(language: str | None) -> list[Rule]:
    """The rules of a language's pack that look at neighbouring lines together."""
    loaded = load_pack(language) if language else None
    return [rule for rule in (loaded.rules if loaded else ()) if rule.match == "joined"]
