"""Cue lines that go by themselves, where their rule says that they count."""

import re

import numpy as np
import polars as pl

from tasks.strip.cues import joined_rules
from tasks.strip.packs import Rule
from tasks.strip.place import counts_there, is_closing, is_in_sentence, is_tail
from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import Verdicts

SIGN_OFF = frozenset({"source_credit", "contact", "byline"})
BESIDE_LINES = 3


def apply_cues(sheet: Sheet, cues: dict[int, Rule], verdicts: Verdicts) -> list[int]:
    """Whole-line cues where they count; returns the rows that sign an article off."""
    signed = []
    for row, rule in sorted(cues.items()):
        if (
            rule.match == "heading"
            or row in verdicts
            or (rule.beside and not is_beside(cues, row, rule.beside))
        ):
            continue
        if counts_there(sheet, row, rule, verdicts, cues):
            verdicts.add(row, rule.reason, rule.id, f"cue {sheet.texts[row].strip()[:60]!r}")
            if rule.reason in SIGN_OFF:
                signed.append(row)
    return signed


def is_beside(cues: dict[int, Rule], row: int, reason: str) -> bool:
    """Whether another cue of that reason is within three lines."""
    near = range(row - BESIDE_LINES, row + BESIDE_LINES + 1)
    return any(at != row and at in cues and cues[at].reason == reason for at in near)


def apply_joined(sheet: Sheet, languages: pl.Series, verdicts: Verdicts) -> list[int]:
    """Cues that a scraper spread over two or three lines: `(`, `Theo Reuters`, `)`."""
    signed = []
    for language in languages.unique().drop_nulls():
        rules = joined_rules(language)
        mine = (languages == language).fill_null(value=False).to_numpy() & (sheet.words <= 2) if rules else []
        for row in np.flatnonzero(mine).tolist():
            for rule in rules:
                last = match_joined(sheet, row, rule, verdicts)
                if last is not None:
                    signed.append(last)
                    break
    return signed


def match_joined(sheet: Sheet, row: int, rule: Rule, verdicts: Verdicts) -> int | None:
    """Records the rows of one spread cue that begins at `row`; returns the last of them."""
    if (
        row in verdicts
        or not is_tail(sheet, row)
        or not re.match(rule.opens, sheet.texts[row], re.IGNORECASE)
    ):
        return None
    if not is_closing(sheet, row, verdicts):
        return None
    for size in (3, 2):
        last = row + size - 1
        if last > sheet.last[row] or is_in_sentence(sheet, last):
            continue
        joined = " ".join(sheet.texts[at] for at in range(row, last + 1))
        if re.fullmatch(rule.pattern, joined, re.IGNORECASE):
            for at in range(row, last + 1):
                verdicts.add(at, rule.reason, rule.id, f"cue {joined[:60]!r} over {size} lines")
            return last
    return None


def find_bylines(sheet: Sheet, verdicts: Verdicts) -> list[int]:
    """Rows at the tail that are a name and nothing else: they sign off, and are left as they are."""
    return [
        row
        for row in np.flatnonzero(sheet.named & (sheet.prose_before >= 1)).tolist()
        if row not in verdicts
        and is_tail(sheet, row)
        and is_closing(sheet, row, verdicts)
        and not is_in_sentence(sheet, row)
    ]
