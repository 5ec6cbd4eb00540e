"""Recall: decisions of the run before on pairs of paragraphs that are what they were."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.comparison import Comparison, Edit

if TYPE_CHECKING:
    from tasks.match.buckets import Flags
    from tasks.match.star import Compare

PLACE: Final = ("document_id", "paragraph")
BY_KEY: Final = "key"
"""What `retrieved_by` says of copies: they were not compared."""


class Recalled(NamedTuple):
    """What is left of a decided pair: all that a `Comparison` has, as it was stored."""

    decision: str
    edits: list[dict[str, str]]
    why: str
    similarity: float


class Recall:
    """Decides on two paragraphs by what was decided before, else by `compare`."""

    def __init__(self, known: Mapping[tuple[int, int], Recalled], compare: "Compare") -> None:
        self.known, self.compare = known, compare

    def __call__(self, a: int, b: int, *, is_plain: bool) -> Comparison:
        """The decision on two paragraphs by number, the better-ranked first."""
        found = self.known.get((a, b))
        if found is None:
            return self.compare(a, b, is_plain=is_plain)
        edits = tuple(Edit(edit["kind"], edit["a"], edit["b"]) for edit in found.edits)
        return Comparison(found.decision, edits, found.why, found.similarity)


def number_known(rows: pl.DataFrame, known: pl.DataFrame) -> dict[tuple[int, int], Recalled]:
    """The decided pairs by the numbers of their paragraphs, which are the rows of a batch."""
    numbers = rows.select(*PLACE).with_row_index("number").cast({"number": pl.Int64})
    for side in ("a", "b"):
        place = [f"{side}_document", f"{side}_paragraph"]
        known = known.join(
            numbers.rename(dict(zip((*PLACE, "number"), (*place, side), strict=True))), on=place
        )
    columns = known.select("a", "b", "decision", "edits", "why", "similarity").rows()
    return {(a, b): Recalled(*told) for a, b, *told in columns}


def find_fresh(rows: pl.DataFrame, candidates: pl.DataFrame) -> "Flags":
    """The pairs of classes of which one has a paragraph that is new or other than it was."""
    changed = rows.filter("is_changed")["class"].unique().implode()
    fresh = candidates.select(pl.col("left").is_in(changed) | pl.col("right").is_in(changed)).to_series()
    return np.asarray(fresh.to_numpy(), np.bool_)
