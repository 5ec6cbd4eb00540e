"""Lines that are boilerplate in part: cut in two, with exact offsets."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.packs import Rule, load_pack
from tasks.strip.sheet import keep_matching

LINE_BREAK = re.compile(r"\r\n|\r|\n")
SENTENCE_BEFORE = re.compile(r"[.!?…”\")\]]\s*$")
CAPITAL = re.compile(r"[^\W\d_a-z]|[“\"«(]?[^\W\d_a-z]")
MIN_REST_WORDS = 3
"""What is left must be a clause; a line that is boilerplate to the last word is none in part."""
MAX_HEAD_CHARS, MAX_TAIL_CHARS = 200, 320


class Cut(NamedTuple):
    """Where a row of the lines is cut: characters of its text, which side goes, and why."""

    row: int
    at: int
    is_head: bool
    rule: Rule


def split_lines(lines: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, tuple[str, str, str]]]:
    """`lines` with partly boilerplate rows cut in two, and (reason, rule, evidence) of the parts that go.

    A row is cut only where the cut is as exact in `raw` as in `text`. Paragraphs are numbered anew.
    """
    cuts = {cut.row: cut for cut in find_cuts(lines)}
    if not cuts:
        return lines, {}
    rows, marks = [], {}
    for row in sorted(cuts):
        pair = cut_row(lines.row(row, named=True), cuts[row])
        if pair:
            rows += [{**part, "order": row + half / 2} for half, part in enumerate(pair)]
        else:
            del cuts[row]
    if not rows:
        return lines, {}
    kept = lines.with_row_index("order").with_columns(pl.col("order").cast(pl.Float64))
    kept = kept.filter(~pl.col("order").is_in([float(row) for row in cuts]))
    parts = pl.DataFrame(rows, schema=kept.select(pl.exclude("order"), "order").schema)
    joined = pl.concat([kept, parts.select(kept.columns)]).sort("order")
    for at, order in enumerate(joined["order"].to_list()):
        cut = cuts.get(int(order))
        if cut and (order == int(order)) == cut.is_head:
            evidence = (
                f"cue at the {'head' if cut.is_head else 'tail'} of a line: {joined['text'][at][:60]!r}"
            )
            marks[at] = (cut.rule.reason, cut.rule.id, evidence)
    number = pl.int_range(pl.len()).over("document").cast(lines.schema["paragraph"])
    return joined.with_columns(paragraph=number).select(lines.columns), marks


def find_cuts(lines: pl.DataFrame) -> list[Cut]:
    """At most one cut per row, by the first rule that finds one."""
    pack = load_pack("any")
    rules = [rule for rule in (pack.rules if pack else ()) if rule.match in ("head", "tail")]
    cuts: list[Cut] = []
    for is_head in (True, False):
        chosen = [rule for rule in rules if (rule.match == "head") == is_head]
        part = (
            lines["text"].str.slice(0, MAX_HEAD_CHARS)
            if is_head
            else lines["text"].str.slice(-MAX_TAIL_CHARS)
        )
        rows = find_likely(part, chosen)
        for row, line in zip(rows, lines["text"].gather(rows), strict=True):
            cut = next((found for rule in chosen if (found := find_cut(line, rule))), None)
            if cut:
                cuts.append(Cut(row, cut[0], is_head, cut[1]))
    return cuts


def find_likely(part: pl.Series, rules: Sequence[Rule]) -> list[int]:
    """Rows that a rule's pattern finds, in order; patterns with nothing to look for first are one expression."""
    everywhere = np.arange(len(part))
    bare = "|".join(rule.flag(rule.pattern) for rule in rules if not rule.holds)
    likely = set(keep_matching(part, everywhere, bare).tolist()) if bare else set()
    for rule in rules:
        if rule.holds:
            at = keep_matching(part, everywhere, rule.flag(rule.holds))
            likely.update(keep_matching(part, at, rule.flag(rule.pattern)).tolist())
    return sorted(likely)


def find_cut(text: str, rule: Rule) -> tuple[int, Rule] | None:
    """Where the rule cuts the text, or None.

    A head goes only if it is glued to a capital, a tail only after a sentence: else it is a word of it.
    """
    match = re.compile(rule.pattern, 0 if rule.case else re.IGNORECASE).search(text)
    if not match:
        return None
    if rule.match == "head":
        rest = text[match.end() :]
        good = match.end() > 0 and CAPITAL.match(rest) and rest.count(" ") >= MIN_REST_WORDS
        return (match.end(), rule) if good else None
    rest = text[: match.start()]
    good = SENTENCE_BEFORE.search(rest) and rest.count(" ") >= MIN_REST_WORDS
    return (match.start(), rule) if good else None


def cut_row(row: dict[str, object], cut: Cut) -> list[dict[str, object]] | None:
    """The two rows, or None where a repair hides at which character of `raw` the cut is."""
    raw, text = str(row["raw"]), str(row["text"])
    gone = text[: cut.at] if cut.is_head else text[cut.at :]
    if raw == text:
        at = cut.at
    elif cut.is_head and raw.startswith(gone):
        at = len(gone)
    elif not cut.is_head and raw.endswith(gone):
        at = len(raw) - len(gone)
    else:
        return None
    start, line = int(str(row["start"])), int(str(row["line"]))
    head, tail = raw[:at].rstrip(" \t"), raw[at:].lstrip(" \t")
    skipped = len(raw) - len(tail)
    breaks = len(LINE_BREAK.findall(raw[:skipped]))
    first = {**row, "raw": head, "text": text[: cut.at].rstrip(" \t"), "end": start + len(head)}
    second = {
        **row,
        "raw": tail,
        "text": text[cut.at :].lstrip(" \t"),
        "start": start + skipped,
        "line": line + breaks,
    }
    return [first, second] if head and tail and first["text"] and second["text"] else None
