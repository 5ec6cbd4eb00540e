"""Which paragraphs hold the sentences of the long ones."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import Flags, Probe
from tasks.match.options import MatchOptions

MAX_HOLDERS: Final = 8
"""Classes, best first, that are asked for one sentence: a stock sentence stands in thousands."""
SCHEMA: Final = {"class": pl.Int64, "sentence": pl.UInt64, "other": pl.Int64}


def find_holders(
    hashes: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.int64],
    options: MatchOptions,
    wanted: Flags | None = None,
) -> pl.DataFrame:
    """For each long class and sentence the classes before it that have the sentence.

    Args:
        hashes: The sentences of all classes, one class after the other.
        counts: How many each has.
        options: From how many sentences on a paragraph is long.
        wanted: The classes asked about; all by default.

    Returns:
        Rows of `class`, `sentence` and `other`, for the long classes of which every sentence stands in
        another; the `MAX_HOLDERS` best for each sentence.
    """
    is_long = counts >= options.min_long_sentences
    if wanted is not None:
        is_long &= wanted
    if not is_long.any():
        return pl.DataFrame(schema=SCHEMA)
    owners = np.repeat(np.arange(len(counts)), counts)
    is_long &= ~_has_own(hashes, owners, is_long)
    if not is_long.any():
        return pl.DataFrame(schema=SCHEMA)
    asked = Probe(hashes[is_long[owners]]).find(hashes)
    sentences = pl.DataFrame({"other": owners[asked], "sentence": hashes[asked]}).unique()
    best = (
        sentences.sort("other").group_by("sentence").agg(pl.col("other").head(MAX_HOLDERS)).explode("other")
    )
    long = sentences.rename({"other": "class"}).filter(pl.col("class").is_in(np.flatnonzero(is_long)))
    before = long.join(best, on="sentence", how="left").filter(pl.col("other") < pl.col("class"))
    held = before.group_by("class").agg(held=pl.col("sentence").n_unique())
    every = long.group_by("class").agg(all=pl.col("sentence").n_unique())
    whole = held.join(every, on="class").filter(pl.col("held") == pl.col("all"))
    return before.join(whole, on="class", how="semi").select(list(SCHEMA)).sort(list(SCHEMA))


def _has_own(hashes: npt.NDArray[np.uint64], owners: npt.NDArray[np.int64], is_long: Flags) -> Flags:
    """Which long classes have a sentence that stands nowhere else: most, and nothing holds all that they say."""
    ordered = np.sort(hashes)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    places = np.flatnonzero(is_long[owners])
    has_own = np.zeros(len(is_long), np.bool_)
    is_single = np.ones(len(places), np.bool_)
    is_single[Probe(several).find(hashes[places])] = False
    has_own[owners[places[is_single]]] = True
    return has_own
