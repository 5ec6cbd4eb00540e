"""Cue phrases and patterns of the language packs, matched on short lines only."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.heads import find_head
from tasks.strip.packs import Rule, index_phrases, list_packs, load_pack
from tasks.strip.sheet import Counts, Sheet, keep_matching

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
    at = np.flatnonzero((sheet.chars <= MAX_CUE_CHARS) & (sheet.words <= MAX_CUE_WORDS))
    rows = pl.DataFrame(
        {
            "row": at,
            "text": sheet.text.gather(at),
            "key": sheet.frame["key"].gather(at),
            "words": sheet.words[at],
            "edge": (edge | (sheet.words <= SHORT_WORDS))[at],
            "language": languages.gather(at),
        }
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
    """Rows that a pattern of the pack finds; dear patterns meet only the rows that cheap ones leave."""
    rules = list_patterns(pack)
    if not rules or rows.is_empty():
        return
    texts, numbers = number_texts(rows["text"]), rows["row"].to_numpy()
    words, edge = rows["words"].to_numpy(), rows["edge"].to_numpy()
    everywhere = np.arange(len(rows))
    begun = keep_found(texts, everywhere, join_heads(pack))
    for rule, head in rules:
        at = begun if head else everywhere
        at = at[(words[at] <= rule.max_words) & (edge[at] | (rule.where not in AT_EDGE))]
        for sign in (CREDITED if rule.reason == "caption" else "", rule.flag(head or rule.holds)):
            at = keep_found(texts, at, sign)
        for row in numbers[keep_found(texts, at, rule.flag(rule.pattern))].tolist():
            yield row, rule


class Texts(NamedTuple):
    """Texts, each once, and the number of its text for every row: half the lines of page dumps are other pages' too."""

    distinct: pl.Series
    number: Counts


def number_texts(texts: pl.Series) -> Texts:
    """The texts of a column."""
    distinct = texts.unique(maintain_order=True)
    numbered = pl.DataFrame({"text": distinct}).with_row_index("number")
    rows = texts.to_frame("text").join(numbered, on="text", how="left", maintain_order="left")
    return Texts(distinct, rows["number"].to_numpy().astype(np.int64))


def keep_found(texts: Texts, at: Counts, pattern: str) -> Counts:
    """As `keep_matching`, and each text is looked at once."""
    if not pattern or not len(at):
        return at
    found = np.zeros(len(texts.distinct), dtype=np.bool_)
    asked = np.zeros(len(texts.distinct), dtype=np.bool_)
    asked[texts.number[at]] = True
    found[keep_matching(texts.distinct, np.flatnonzero(asked), pattern)] = True
    return at[found[texts.number[at]]]


@cache
def list_patterns(pack: str) -> list[tuple[Rule, str]]:
    """The patterns of a pack, those for the edge of a page first, each with its head if it has one."""
    loaded = load_pack(pack)
    rules = [rule for rule in (loaded.rules if loaded else ()) if rule.match == "pattern"]
    return [
        (rule, "" if rule.holds else find_head(rule.pattern) or "")
        for rule in sorted(rules, key=lambda rule: rule.where not in AT_EDGE)
    ]


def join_heads(pack: str) -> str:
    """One expression for the heads of all patterns of a pack; empty if none has one."""
    return "|".join(rule.flag(head) for rule, head in list_patterns(pack) if head)


def joined_rules(language: str | None) -> list[Rule]:
    """The rules of a language's pack that look at neighbouring lines together."""
    loaded = load_pack(language) if language else None
    return [rule for rule in (loaded.rules if loaded else ()) if rule.match == "joined"]
