"""Rank: which of two paragraphs is the better one to keep, and which have equal folds."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.options import MatchOptions

KINDS: Final = ("article", "spliced", "listing")
"""Kinds of documents, the better ones first; an unknown kind comes last."""
ORIGIN: Final = ("source_path", "source_record", "paragraph")
DOCUMENT: Final = ("document_id", "source_path", "source_record", "kind", "published_at")
"""What a paragraph is ranked by that is the same for all of its document."""


Places = npt.NDArray[np.int32]


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
    fuller, earlier = pl.col("words").cast(pl.Int64).neg(), pl.col("published_at")
    first = [fuller, _tell_kind(), earlier] if options.keep == "fullest" else [earlier, fuller, _tell_kind()]
    return paragraphs.sort([*first, *ORIGIN], nulls_last=True)


def order_documents(documents: pl.DataFrame, options: MatchOptions) -> tuple[Places | None, Places]:
    """The same order in numbers, for documents with the columns of DOCUMENT.

    Returns:
        What counts before the words of a paragraph, if anything does, and what counts after them.
    """
    origin, earlier = [pl.col(name) for name in ORIGIN[:-1]], pl.col("published_at")
    if options.keep == "fullest":
        return None, _number_places(documents, [_tell_kind(), earlier, *origin])
    return _number_places(documents, [earlier]), _number_places(documents, [_tell_kind(), *origin])


def _tell_kind() -> pl.Expr:
    """The place of a kind, the better ones first."""
    places = list(range(len(KINDS)))
    return pl.col("kind").replace_strict(KINDS, places, default=len(KINDS), return_dtype=pl.UInt8)


def _number_places(documents: pl.DataFrame, by: Sequence[pl.Expr]) -> Places:
    """The place of each row in an order, rows that are equal in it at the same place."""
    names = [f"by_{number}" for number in range(len(by))]
    told = documents.select(expression.alias(name) for expression, name in zip(by, names, strict=True))
    places = told.unique().sort(names, nulls_last=True).with_row_index("place")
    found = told.join(places, on=names, how="left", nulls_equal=True, maintain_order="left")["place"]
    return found.cast(pl.Int32).to_numpy()
