"""Ahead: the pairs of a batch that is too large for one worker, decided piece by piece before it is judged.

Who stays hangs on who stayed before, so a batch is judged from its best paragraph to its worst, by one worker. What is
slow is to decide on its pairs, and that hangs on nothing: several workers do so first, and the judge looks it up. They
also decide on pairs that do not come up (of 35,440 articles, one in seven).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from tasks.match.batch import (
    PAIRS_AT_ONCE,
    Batch,
    Comparer,
    line_up,
    name_pairs,
    tabulate_compared,
)
from tasks.match.beforehand import decide_plain
from tasks.match.documents import PLACE
from tasks.match.star import NOT_PLAIN

PIECE_BYTES: Final = 12 * 2**20
"""Of text in a piece: some three seconds of work, so that workers finish together."""
PAIR_BYTES: Final = 2000
"""What a pair costs, were its texts empty (measured: as many bytes of text take as long)."""

MAX_CANDIDATES: Final = 500_000
"""What was told of pairs ahead is in memory while they are judged, some 400 bytes each. Batches with more are those of
templates, of which one worker decides a million in seconds."""


def count_pieces(text_bytes: int, candidates: int) -> int:
    """Into how many pieces a batch with so much text and so many pairs is cut; 0 for one that is judged as it is."""
    is_large = text_bytes >= 2 * PIECE_BYTES and candidates <= MAX_CANDIDATES
    return -(-text_bytes // PIECE_BYTES) if is_large else 0


def decide_piece(batch: Batch, piece: int, pieces: int) -> Iterator[pl.DataFrame]:
    """The decisions on the pairs of a piece of which nothing is known: the columns of `Batch.known`, some at a time."""
    candidates = _choose(batch, piece, pieces)
    classes = pl.concat([candidates["left"], candidates["right"]]).unique()
    rows = batch.rows.filter(pl.col("class").is_in(classes.implode()))
    lined = line_up(batch._replace(rows=rows, candidates=candidates))
    pairs, is_fresh = lined.pairs, lined.is_fresh
    open_pairs = np.flatnonzero(is_fresh & (lined.beforehand.decisions <= NOT_PLAIN))
    beforehand = decide_plain(rows["text"], pairs, is_fresh, lined.beforehand)
    compare, places = Comparer(rows["text"].to_list(), beforehand.cut_window), rows.select(PLACE)
    for start in range(0, len(open_pairs), PAIRS_AT_ONCE):
        its = open_pairs[start : start + PAIRS_AT_ONCE]
        codes = beforehand.decisions[its]
        plain, others = its[codes > NOT_PLAIN], its[codes <= NOT_PLAIN]
        compared = [
            compare(int(pairs.left[n]), int(pairs.right[n]), int(n) if code == NOT_PLAIN else -1)
            for n, code in zip(others, codes[codes <= NOT_PLAIN], strict=True)
        ]
        told = pl.concat([beforehand.tell(plain), tabulate_compared(compared)])
        both = np.concatenate([plain, others])
        yield name_pairs(places, pairs.left[both], pairs.right[both]).hstack(told)


def _choose(batch: Batch, piece: int, pieces: int) -> pl.DataFrame:
    """The candidates of a piece. Those of one better class stay together, as it is the longer text of each."""
    size = batch.rows.group_by("class").agg(pl.col("text").str.len_bytes().sum().cast(pl.Int64).alias("size"))
    candidates = batch.candidates.sort("left", "right")
    cost = pl.lit(PAIR_BYTES, pl.Int64)
    for side in ("left", "right"):
        of_side = size.rename({"class": side, "size": f"{side}_size"})
        candidates = candidates.join(of_side, on=side, how="left", maintain_order="left")
        cost += pl.col(f"{side}_size")
    number = ((cost.cum_sum() - 1) * pieces) // cost.sum()
    return candidates.filter(number == piece).select(batch.candidates.columns)
