"""Rank: which of two paragraphs is the better one to keep, and which have equal folds."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.options import MatchOptions

KINDS: Final = ("article", "spliced", "listing")
"""Kinds of documents, the better ones first; an unknown kind comes last."""
ORIGIN: Final = ("source_path", "source_record", "paragraph")


class Ranked(NamedTuple):
    """The paragraphs that may be duplicates, from the best rank to the worst.

    Attributes:
        frame: n rows in rank order.
        class_of: For each paragraph its class: those with equal keys have one number, and the numbers
            rise with the rank of the best of each.
        best: For each class its best paragraph.
    """

    frame: pl.DataFrame
    class_of: npt.NDArray[np.int64]
    best: npt.NDArray[np.int64]


def mark_substantial(paragraphs: pl.DataFrame, options: MatchOptions) -> pl.DataFrame:
    """Add `substantial`: prose, and long enough to be a duplicate (`tasks.match.signature.is_substantial`)."""
    words, unspaced = pl.col("words").cast(pl.Int64), pl.col("unspaced").cast(pl.Int64)
    weight = (words - unspaced) * options.min_chars + unspaced * options.min_words
    return paragraphs.with_columns(
        substantial=pl.col("is_prose") & (weight >= options.min_words * options.min_chars)
    )


def rank(substantial: pl.DataFrame, options: MatchOptions) -> Ranked:
    """Order paragraphs by what should stay, and find those with equal keys."""
    frame = sort_by_rank(substantial, options)
    best_of = (
        frame.select("key").with_row_index().select(pl.col("index").min().over("key")).to_series().to_numpy()
    )
    best, class_of = np.unique(best_of, return_inverse=True)
    return Ranked(frame, class_of.astype(np.int64), best.astype(np.int64))


def sort_by_rank(paragraphs: pl.DataFrame, options: MatchOptions) -> pl.DataFrame:
    """The better one to keep first.

    The fuller one ranks first (by `words`: words and numbers, in scripts without spaces letters), then
    article before spliced before listing, then the earlier publication (undated last), then source path,
    record and paragraph. With `keep = "first"` the earlier publication comes before all else.
    """
    kinds = pl.col("kind").replace_strict(
        KINDS, list(range(len(KINDS))), default=len(KINDS), return_dtype=pl.UInt8
    )
    fuller, earlier = pl.col("words").cast(pl.Int64).neg(), pl.col("published_at")
    first = [fuller, kinds, earlier] if options.keep == "fullest" else [earlier, fuller, kinds]
    return paragraphs.sort([*first, *ORIGIN], nulls_last=True)
