"""The lines of a shard with all that the rules ask of a line and of its place in the document."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.strip.fold import fold_text, mask_digits

MAX_FOLDED_WORDS, MAX_FOLDED_CHARS, MAX_SENTENCE_WORDS = 34, 600, 16
"""Longer lines, and longer ones that end with a full stop, are prose: no cue, headline or template is that long, and
folding them is most of the cost."""

ARRAYS = (
    "words",
    "chars",
    "gap",
    "ends",
    "continues",
    "prose",
    "headline",
    "named",
    "prose_before",
    "prose_after",
)

MEASURES = ("chars", "words", "tail", "ends", "continues", "fold", "key")
"""What is known of a line by itself."""

END_MARK = r"""[.!?…。！？؟۔।։៕]["”“’‘»«'）)\]】」』]*$"""
"""What ends a sentence, and the quotation marks that may close it: German and Polish close with `“`, Danish with `«`."""
SPACELESS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]"

CREDIT = re.compile(
    r"\b(?:ảnh|photos?|foto|image|clip|video|getty|reuters|afp|epa|dpa|shutterstock|internet)\b",
    re.IGNORECASE,
)
"""Words of a caption's credit: such a line is no headline, though it may be printed twice."""

NAME = (
    r"^\p{Lu}[\p{L}\p{M}.’'-]*(?:\s\p{Lu}[\p{L}\p{M}.’'-]*){0,4}"
    r"(?:\s?[-–/,]\s?(?:\p{Lu}[\p{L}\p{M}.\s]*)?)?(?:\s?\([^)]{2,20}\))?$"
)
"""A name and nothing else, perhaps with an outlet: what signs an article."""

Flags = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.floating[Any]]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sheet:
    """Columns of the lines of one shard, by row; `first` and `last` bound the document of each row."""

    frame: pl.DataFrame
    text: pl.Series
    fold: pl.Series
    words: Counts
    chars: Counts
    gap: Counts
    document: Counts
    first: Counts
    last: Counts
    ends: Flags
    continues: Flags
    prose: Flags
    headline: Flags
    named: Flags
    prose_before: Counts
    prose_after: Counts

    def __len__(self) -> int:
        return len(self.document)

    @cached_property
    def texts(self) -> list[str]:
        """`text`, for whoever asks row by row: a row of a Series costs a hundred times as much."""
        return self.text.to_list()

    @cached_property
    def folds(self) -> list[str]:
        """`fold`, likewise."""
        return self.fold.to_list()


def measure_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `MEASURES`, unless they have them; a row in, a row out."""
    if MEASURES[-1] in lines.columns:
        return lines
    text = pl.col("text")
    frame = lines.with_columns(
        chars=text.str.len_chars().cast(pl.Int64),
        bytes=text.str.len_bytes().cast(pl.Int64),
        words=text.str.count_matches(" ").cast(pl.Int64) + 1,
        tail=text.str.slice(-6),
    )
    wide = (frame["bytes"] > 2 * frame["chars"]).any()
    if wide:
        signs = text.str.count_matches(SPACELESS).cast(pl.Int64)
        frame = frame.with_columns(words=pl.col("words") + signs // 2)
    frame = frame.with_columns(
        ends=pl.col("tail").str.contains(END_MARK),
        continues=text.str.slice(0, 6).str.contains(r"^\p{Ll}|^[,.;:)!?”’»\]…]"),
    )
    return fold_lines(frame.drop("bytes"))


def fold_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `fold` and its digit-masked `key`, worked out once per distinct text; "" for long lines."""
    likely = (pl.col("words") <= MAX_SENTENCE_WORDS) | ~pl.col("tail").str.contains(r"[.。][\"”“’»«)]*$")
    short = (
        frame.lazy()
        .filter((pl.col("words") <= MAX_FOLDED_WORDS) & (pl.col("chars") <= MAX_FOLDED_CHARS) & likely)
        .select("text")
        .unique()
    )
    folded = short.with_columns(fold=fold_text("text")).with_columns(key=mask_digits("fold"))
    return (
        frame.lazy()
        .join(folded, on="text", how="left", maintain_order="left")
        .with_columns(pl.col("fold", "key").fill_null(""))
        .collect()
    )


def make_sheet(lines: pl.DataFrame) -> Sheet:
    """All per-line facts, with one array per fact."""
    frame = measure_lines(lines)
    document = frame["document"].to_numpy().astype(np.int64)
    words, chars = frame["words"].to_numpy(), frame["chars"].to_numpy()
    ends = frame["ends"].to_numpy()
    starts = (
        np.flatnonzero(np.r_[True, document[1:] != document[:-1]]) if len(document) else np.zeros(0, np.int64)
    )
    sizes = np.diff(np.r_[starts, len(document)])
    first, last = np.repeat(starts, sizes), np.repeat(starts + sizes - 1, sizes)
    prose = ((words >= 15) & ends) | (words >= 40)
    before, after = count_prose(prose, starts, sizes)
    line = frame["line"].to_numpy().astype(np.int64)
    gap = np.r_[0, np.diff(line) - 1] if len(line) else line
    gap[starts] = 0
    headline = (
        ~frame["text"].str.contains(r"""[.。,;:：]["”“’»«)]*$""").to_numpy() & (words >= 4) & (words <= 32)
    )
    return Sheet(
        frame=frame,
        text=frame["text"],
        fold=frame["fold"],
        words=words,
        chars=chars,
        gap=np.maximum(gap, 0),
        document=document,
        first=first,
        last=last,
        ends=ends,
        continues=frame["continues"].to_numpy(),
        prose=prose,
        headline=headline,
        named=find_names(frame),
        prose_before=before,
        prose_after=after,
    )


def count_prose(prose: Flags, starts: Counts, sizes: Counts) -> tuple[Counts, Counts]:
    """For each row the paragraphs of prose before and after it in its document."""
    before: Counts = np.cumsum(prose, dtype=np.int64) - prose
    if not len(starts):
        return before, before
    before -= np.repeat(before[starts], sizes)
    total = np.repeat(np.add.reduceat(prose.astype(np.int64), starts), sizes)
    return before, total - before - prose


def count_before(values: Flags | Reals, sheet: Sheet) -> Reals:
    """The sum of some values (or the number of flagged rows) before each row in its document."""
    before: Reals = np.cumsum(values, dtype=np.float64) - values
    return before - before[sheet.first] if len(before) else before


def drop_prose(sheet: Sheet, rows: Collection[int]) -> None:
    """Counts the prose around each line anew, without rows that went: teasers of a list are no article."""
    prose = sheet.prose.copy()
    prose[list(rows)] = False
    starts = np.unique(sheet.first)
    sizes = np.diff(np.r_[starts, len(sheet)])
    sheet.prose_before[:], sheet.prose_after[:] = count_prose(prose, starts, sizes)


def find_names(frame: pl.DataFrame) -> Flags:
    """Rows of at most eight words that are names only."""
    short = frame["words"].to_numpy() <= 8
    named = np.zeros(len(frame), dtype=np.bool_)
    named[short] = frame["text"].filter(pl.Series(short)).str.contains(NAME).to_numpy()
    return named


def keep_rows(sheet: Sheet, rows: Counts) -> Sheet:
    """The sheet of these rows alone (in order): `first` and `last` count among them."""
    document = sheet.document[rows]
    starts = np.flatnonzero(np.r_[True, document[1:] != document[:-1]]) if len(rows) else rows
    sizes = np.diff(np.r_[starts, len(rows)])
    frame = sheet.frame[rows]
    return Sheet(
        frame=frame,
        text=frame["text"],
        fold=frame["fold"],
        document=document,
        first=np.repeat(starts, sizes),
        last=np.repeat(starts + sizes - 1, sizes),
        **{name: getattr(sheet, name)[rows] for name in ARRAYS},
    )


def keep_matching(texts: pl.Series, at: Counts, pattern: str) -> Counts:
    """Those of some places whose text a pattern finds; all of them if it is empty."""
    if not pattern or not len(at):
        return at
    found: Flags = texts.gather(at).str.contains(pattern).to_numpy()
    return at[found]
