"""Segment: records to paragraphs, with exact offsets.

A paragraph is one line. Lines end at LF, CRLF or CR and nowhere else. Text that a mailer or an editor broke
at a constant width is joined first; the paragraph then spans several lines and says so in `repairs`.
"""

from dataclasses import dataclass
from itertools import pairwise

import polars as pl

EDGE = " \t\x0b\x0c"
"""What is trimmed off a line's ends: ASCII blanks only, since a no-break space may be half a broken letter."""

BLANK = r"^[\s\x1c-\x1f]*$"
"""What Python calls white space: Unicode's, and four separators of ASCII."""

MIN_WRAP_CHARS, MAX_WRAP_CHARS = 40, 120
"""Widths at which mailers and editors break lines: 60 to 80 as a rule (RFC 3676 says 78), with room."""

MIN_WRAPPED_LINES = 6
"""Fewer lines can end at the same width by chance."""

MIN_FULL_SHARE = 0.9
"""Share of line ends where the next word would not have fitted. Wrapped text has nearly 1 (only lines before
a break without a blank line differ); of 3,756 unwrapped news articles none reaches 0.5."""

MAX_SENTENCE_ENDS = 0.5
"""Wrapped lines end in mid-sentence; a list of one-line sentences does not."""


@dataclass(frozen=True)
class SegmentOptions:
    """How records are cut.

    Args:
        unwrap: join text that was broken at a constant width.
    """

    unwrap: bool = True


def segment(records: pl.DataFrame, *, options: SegmentOptions) -> pl.DataFrame:
    """The paragraphs of records.

    Args:
        records: a row per record, with its decoded `text`.
        options: how to cut.

    Returns:
        A row per paragraph, in order: `document` (0-based row of its record, UInt32), `paragraph` (0-based
        in its document, UInt32), `line` (1-based, UInt32), `start` and `end` (character offsets, Int64),
        `raw`, `repairs` (empty, or "unwrap").
    """
    texts = records.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("document"),
        # Same length, so that offsets hold: each CR becomes a blank at a line's end, or a line's end.
        pl.col("text").str.replace_all("\r\n", " \n", literal=True).str.replace_all("\r", "\n", literal=True),
    )
    lines = _cut_lines(texts)
    if options.unwrap:
        lines = _unwrap(lines, texts)
    return lines.with_columns(
        paragraph=pl.int_range(pl.len(), dtype=pl.UInt32).over("document", order_by="start")
    ).select("document", "paragraph", "line", "start", "end", "raw", "repairs")


def _cut_lines(texts: pl.DataFrame) -> pl.DataFrame:
    """Every line that is not blank, trimmed."""
    lines = texts.with_columns(raw=pl.col("text").str.split("\n")).drop("text").explode("raw")
    length = pl.col("raw").str.len_chars().cast(pl.Int64)
    lines = lines.with_columns(
        line=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("document"),
        start=(length + 1).cum_sum().over("document") - length - 1,
    )
    return (
        _trim(lines)
        .filter(~pl.col("raw").str.contains(BLANK))
        .with_columns(
            end=pl.col("start") + pl.col("raw").str.len_chars(),
            repairs=pl.lit([], dtype=pl.List(pl.String)),
        )
    )


def _trim(lines: pl.DataFrame) -> pl.DataFrame:
    """Blanks off both ends; `start` moves with the left one."""
    before = pl.col("raw").str.len_chars().cast(pl.Int64)
    left = pl.col("raw").str.strip_chars_start(EDGE)
    return lines.with_columns(
        start=pl.col("start") + before - left.str.len_chars(),
        raw=left.str.strip_chars_end(EDGE),
    )


def _unwrap(lines: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Join the lines of every document that was broken at a constant width."""
    width = pl.col("raw").str.len_chars()
    likely = (
        lines.group_by("document")
        .agg(widest=width.max(), lines=pl.len())
        .filter(
            pl.col("widest").is_between(MIN_WRAP_CHARS, MAX_WRAP_CHARS),
            pl.col("lines") >= MIN_WRAPPED_LINES,
        )["document"]
    )
    if likely.is_empty():
        return lines
    rewritten = []
    for document in sorted(likely):
        own = lines.filter(pl.col("document") == document)
        groups = find_wrapped(own["raw"].to_list(), own["line"].to_list())
        if len(groups) < own.height:
            rewritten.append(_join_groups(own, groups, texts["text"][document]))
    if not rewritten:
        return lines
    joined = pl.concat(rewritten)
    others = lines.filter(~pl.col("document").is_in(joined["document"].implode()))
    return pl.concat([others, joined.select(others.columns)]).sort("document", "start")


def _join_groups(own: pl.DataFrame, groups: list[range], text: str) -> pl.DataFrame:
    """One row per group of lines; `raw` runs from the first to the last as it stands."""
    starts, ends = own["start"].to_list(), own["end"].to_list()
    spans = [(group[0], starts[group[0]], ends[group[-1]], len(group) > 1) for group in groups]
    return own[[first for first, *_ in spans]].with_columns(
        end=pl.Series([end for _, _, end, _ in spans], dtype=pl.Int64),
        raw=pl.Series([text[start:end] for _, start, end, _ in spans], dtype=pl.String),
        repairs=pl.Series([["unwrap"] if joined else [] for *_, joined in spans], dtype=pl.List(pl.String)),
    )


def find_wrapped(lines: list[str], numbers: list[int]) -> list[range]:
    """Which lines belong together; every line by itself if the text was not broken at a constant width.

    A line is *full* if the first word of the next would have made it wider than the widest line is: that is
    how every editor decides. Prose with a line per paragraph has next to no full lines.

    Args:
        lines: trimmed, without blank ones.
        numbers: the line numbers; a gap is a blank line, which ends a paragraph.

    >>> find_wrapped(["a short line", "and another"], [1, 2])
    [range(0, 1), range(1, 2)]
    """
    alone = [range(place, place + 1) for place in range(len(lines))]
    widest = max(map(len, lines), default=0)
    follows = [after == before + 1 for before, after in pairwise(numbers)]
    full = [
        joined and len(line) + 1 + len(after.split(None, 1)[0]) > widest
        for joined, (line, after) in zip(follows, pairwise(lines), strict=True)
    ]
    if len(lines) < MIN_WRAPPED_LINES or sum(full) < MIN_FULL_SHARE * max(1, sum(follows)):
        return alone
    ended = sum(
        line.endswith((".", "!", "?", ":", "”", '"'))
        for line, is_full in zip(lines, full, strict=False)
        if is_full
    )
    if sum(full) < MIN_WRAPPED_LINES - 1 or ended > MAX_SENTENCE_ENDS * sum(full):
        return alone
    breaks = [0, *(place + 1 for place, is_full in enumerate(full) if not is_full), len(lines)]
    return [range(first, last) for first, last in pairwise(breaks)]
