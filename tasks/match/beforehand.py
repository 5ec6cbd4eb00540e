"""What is known of the pairs of a batch before it is judged: told by the run before, or decided all at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.buckets import Flags, Items
from tasks.match.comparison import EDITS
from tasks.match.documents import PLACE
from tasks.match.star import DECISIONS, UNKNOWN

if TYPE_CHECKING:
    import numpy.typing as npt

    from tasks.match.plain_batch import PlainPairs, Window

BY_KEY: Final = "key"
"""What `retrieved_by` says of copies: they were not compared."""
TOLD: Final = pl.Schema(
    {"similarity": pl.Float64(), "edits": EDITS, "decision": pl.String(), "why": pl.String()}
)
SMALL: Final = 1_000_000
"""Below so many characters in all pairs Python is done before numba is imported and the kernels are loaded
(measured: 0.3 ms a pair of 250 characters each against 0.9 s)."""


class Pairs(NamedTuple):
    """The best paragraph of one class and each copy of another, for all candidates in their order.

    Attributes:
        starts: Where those of each candidate begin.
        left, right: The paragraphs, by number; the left ranks before.
        candidate: The candidate of each.
    """

    starts: Items
    left: Items
    right: Items
    candidate: Items


class Beforehand(NamedTuple):
    """What is known of pairs.

    Attributes:
        decisions: Of each pair, as a place in `tasks.match.star.DECISIONS`.
        rows: Where each stands: in `known` or, after these, in `plain`; -1 for what is not known.
        known: What was told of pairs by the run before.
        plain: The plain decisions made now.
    """

    decisions: "npt.NDArray[np.uint8]"
    rows: Items
    known: pl.DataFrame
    plain: "PlainPairs | None"

    def tell(self, pairs: Items) -> pl.DataFrame:
        """Similarity, edits, decision and reason of some pairs that are known, row for row."""
        rows = self.rows[pairs]
        is_known = rows < self.known.height
        told = [self.known.select(TOLD.names())[rows[is_known]]]
        if self.plain and not is_known.all():
            from tasks.match.plain_batch import tabulate_plain  # noqa: PLC0415 - see `SMALL`

            told.append(tabulate_plain(self.plain, rows[~is_known] - self.known.height))
        places = np.argsort(np.concatenate([np.flatnonzero(is_known), np.flatnonzero(~is_known)]))
        return pl.concat(told)[places]

    def cut_window(self, pair: int) -> "Window | None":
        """The place in the longer text by which a pair that is not plain is to be judged; None for the whole."""
        row = int(self.rows[pair]) - self.known.height
        return self.plain.cut_window(row) if self.plain and row >= 0 else None


def list_pairs(left: Items, right: Items, copies: Sequence[Sequence[int]]) -> Pairs:
    """The pairs of candidates, which are classes by number; classes are given by their paragraphs, best first."""
    counts = np.array([len(paragraphs) for paragraphs in copies], np.int64)
    every = np.array([paragraph for paragraphs in copies for paragraph in paragraphs], np.int64)
    first = np.cumsum(counts) - counts
    sizes = counts[right]
    starts = np.cumsum(sizes) - sizes
    candidate = np.repeat(np.arange(len(left)), sizes)
    places = np.arange(len(candidate)) - starts[candidate] + first[right][candidate]
    return Pairs(starts, every[first[left]][candidate], every[places], candidate)


def look_up(rows: pl.DataFrame, known: pl.DataFrame | None, pairs: Pairs) -> Beforehand:
    """What the run before told of pairs of paragraphs, which are the rows of a batch."""
    count = len(pairs.left)
    found = Beforehand(np.zeros(count, np.uint8), np.full(count, -1), pl.DataFrame(schema=TOLD), None)
    if known is None:
        return found
    keys, known = number_known(rows, known)
    wanted = pairs.left * rows.height + pairs.right
    places = np.searchsorted(keys, wanted)
    places[places == len(keys)] = 0
    is_known = keys[places] == wanted if len(keys) else np.zeros(count, np.bool_)
    codes = known["decision"].replace_strict(DECISIONS, range(len(DECISIONS)), return_dtype=pl.UInt8)
    found.decisions[is_known] = codes.to_numpy()[places[is_known]]
    found.rows[is_known] = places[is_known]
    return found._replace(known=known)


def number_known(rows: pl.DataFrame, known: pl.DataFrame) -> tuple[Items, pl.DataFrame]:
    """Decided pairs by the numbers of their paragraphs, a key for both in one, sorted; without those of other batches."""
    numbers = rows.select(*PLACE).with_row_index("number").cast({"number": pl.Int64})
    for side in ("a", "b"):
        place = [f"{side}_document", f"{side}_paragraph"]
        known = known.join(
            numbers.rename(dict(zip((*PLACE, "number"), (*place, side), strict=True))), on=place
        )
    known = known.select(*TOLD.names(), key=pl.col("a") * rows.height + pl.col("b")).sort("key")
    return known["key"].to_numpy(), known.drop("key")


def decide_plain(texts: pl.Series, pairs: Pairs, is_wanted: Flags, found: Beforehand) -> Beforehand:
    """`found` with the plain decisions on pairs of which nothing is known; as it is for so few that Python is done sooner."""
    wanted = np.flatnonzero(is_wanted & (found.decisions == UNKNOWN))
    chars = texts.str.len_chars().to_numpy().astype(np.int64)
    if (chars[pairs.left[wanted]] + chars[pairs.right[wanted]]).sum() < SMALL:
        return found
    from tasks.match.plain_batch import decide_plain_pairs  # noqa: PLC0415 - numba takes half a second to import

    plain = decide_plain_pairs(texts, pairs.left[wanted], pairs.right[wanted])
    found.decisions[wanted] = plain.code_decisions()
    found.rows[wanted] = found.known.height + np.arange(len(wanted))
    return found._replace(plain=plain)


def find_fresh(rows: pl.DataFrame, candidates: pl.DataFrame) -> Flags:
    """The pairs of classes of which one is, or has a link, that is other than before: few others are not known."""
    near = rows.filter("is_near")["class"].unique().implode()
    fresh = candidates.select(pl.col("left").is_in(near) | pl.col("right").is_in(near)).to_series()
    return np.asarray(fresh.to_numpy(), np.bool_)
