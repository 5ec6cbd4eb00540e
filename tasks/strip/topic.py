"""What a line speaks of: the words that it shares with the main run of prose and with the rest of the page.

A teaser names what no other line of the page names; the article's last paragraph names what the first one
did. Words are compared within one page, so no list of stop words and no language is needed.
"""

import numpy as np
import polars as pl

from tasks.strip.sheet import Counts, Flags, Reals, Sheet, count_before

MAX_CHARS = 300
"""Of a longer line the beginning speaks for all of it."""
WORD = r"\p{Lu}[\p{L}\p{M}]{3,}|[\p{L}\p{M}]{6,}|\d{2,}"
"""Names, long words and numbers: short words in lower case are mostly those that every text has."""
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}\p{Hangul}]{2,}"
"""Runs of these are read as overlapping pairs of signs: their words have no spaces between, or endings glued on."""
HEAD_PARAGRAPHS = 2
"""Paragraphs of the main run that say, with the headline, what a page is about."""


def read_words(sheet: Sheet) -> tuple[Counts, Counts]:
    """(row, number of the word on its page) of every distinct word of every line; equal words have equal numbers."""
    text = sheet.frame.select(pl.col("text").str.slice(0, MAX_CHARS)).with_row_index("row")
    words = text.select("row", word=pl.col("text").str.extract_all(WORD)).explode("word", empty_as_null=True)
    found = [words.drop_nulls().with_columns(pl.col("word").str.to_lowercase())]
    unspaced = text.filter(pl.col("text").str.contains(UNSPACED))
    if len(unspaced):
        runs = unspaced.select("row", run=pl.col("text").str.extract_all(UNSPACED)).explode("run")
        for skip in (0, 1):
            pairs = runs.select("row", word=pl.col("run").str.slice(skip).str.extract_all("(?s)..")).explode(
                "word", empty_as_null=True
            )
            found.append(pairs.drop_nulls())
    joined = pl.concat(found).select("row", word=pl.col("word").hash()).unique(maintain_order=True)
    row = joined["row"].to_numpy().astype(np.int64)
    page = np.unique(sheet.document, return_inverse=True)[1].astype(np.uint64)[row]
    mixed = joined["word"].to_numpy() ^ (page * np.uint64(0x9E3779B97F4A7C15))
    return row, np.unique(mixed, return_inverse=True)[1].astype(np.int64)


def look_at_topic(sheet: Sheet, main: Flags, title: Flags) -> dict[str, Reals]:
    """Per line, of its distinct words: the share (0..1) and the number that the article, its head and the page have.

    Args:
        sheet: the lines, whole documents.
        main: lines of the main run of prose.
        title: the headlines.

    Returns:
        `topic` and `topic_words`: words in another paragraph of the main run, as share and log(1 + number);
        `topic_head`: the share in the headline or the first paragraphs; `topic_page`: how often, as mean
        log, other lines of the page have a word of the line.
    """
    size = len(sheet)
    row, word = read_words(sheet)
    body = main & sheet.prose
    own = body[row]
    total = np.bincount(row, minlength=size)
    in_body = np.bincount(word, own) if len(word) else np.zeros(0)
    shared = in_body[word] - own > 0
    head = title | (body & (count_before(body, sheet) < HEAD_PARAGRAPHS))
    in_head = np.bincount(word, head[row]) > 0 if len(word) else np.zeros(0, dtype=np.bool_)
    common = np.bincount(row, shared, minlength=size)
    again = np.log(np.bincount(word)[word]) if len(word) else np.zeros(0)
    return {
        "topic": common / (total + 1),
        "topic_words": np.log1p(common),
        "topic_head": np.bincount(row, in_head[word], minlength=size) / (total + 1),
        "topic_page": np.bincount(row, again, minlength=size) / np.maximum(total, 1),
    }
