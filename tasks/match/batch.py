"""One batch of paragraphs that have nothing to do with those of another: judged, and told as tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.beforehand import (
    BY_KEY,
    TOLD,
    Beforehand,
    Pairs,
    decide_plain,
    find_fresh,
    list_pairs,
    look_up,
)
from tasks.match.buckets import Flags, Items
from tasks.match.comparison import EDITS, Comparison, mirror
from tasks.match.decide import compare_inside, compare_long, compare_prepared
from tasks.match.documents import PLACE
from tasks.match.options import MatchOptions
from tasks.match.prepared import Prepared, prepare
from tasks.match.star import Candidates, Decided, Held, Problem, Settled, judge
from tasks.match.vouch import Vouchers

if TYPE_CHECKING:
    from tasks.match.plain_batch import Window

REASONS: Final = {
    "match.exact": "duplicate_exact",
    "match.near": "duplicate_near",
    "match.contained": "duplicate_contained",
    "match.sentences": "duplicate_contained",
}
PAIRS_AT_ONCE: Final = 1 << 17
"""Pairs told at a time, at about a kilobyte each on the way."""
MAX_PREPARED: Final = 4_000_000
"""Characters of texts kept ready for comparison at a time; some 40 bytes each."""


class Batch(NamedTuple):
    """What is to be judged together.

    Attributes:
        rows: Paragraphs in rank order: `document_id`, `paragraph`, `class` and `text`; if any pairs are known, `is_near`
            says whether the class is, or has a link, that is other than before.
        candidates: Pairs of classes to compare: `left` (the better), `right` and `by_phrase`.
        holders: For long classes who has their sentences: `class`, `sentence` and `other`.
        known: Pairs that were decided before, of paragraphs that have not changed; None where nothing is known.
    """

    rows: pl.DataFrame
    candidates: pl.DataFrame
    holders: pl.DataFrame
    known: pl.DataFrame | None = None


class Judged(NamedTuple):
    """Verdicts on the paragraphs of a batch, and the pairs decided, in pieces; see `tasks.match.corpus.Matched`."""

    held: pl.DataFrame
    pairs: Iterator[pl.DataFrame]


class Lined(NamedTuple):
    """A batch made ready.

    Attributes:
        copies: For each class its paragraphs by number, best first; classes are in the order of their best.
        numbers: The number of each class.
        candidates: The classes to compare, the worse one after the other, and its better ones.
        left, right: Their numbers.
        pairs: The pairs of paragraphs to decide for them.
        beforehand: What the run before told of these.
        is_fresh: Which of them may be others than in the run before.
    """

    copies: list[list[int]]
    numbers: dict[int, int]
    candidates: pl.DataFrame
    left: Items
    right: Items
    pairs: Pairs
    beforehand: Beforehand
    is_fresh: Flags


def line_up(batch: Batch) -> Lined:
    """What is to be decided in a batch."""
    members: dict[int, list[int]] = {}
    for paragraph, one in enumerate(batch.rows["class"].to_list()):
        members.setdefault(one, []).append(paragraph)
    numbers, copies = {one: n for n, one in enumerate(members)}, list(members.values())
    candidates = batch.candidates.sort("right", "left")
    left, right = (_number(candidates[side], numbers) for side in ("left", "right"))
    pairs = list_pairs(left, right, copies)
    is_fresh = np.ones(len(left), np.bool_) if batch.known is None else find_fresh(batch.rows, candidates)
    beforehand = look_up(batch.rows, batch.known, pairs)
    return Lined(copies, numbers, candidates, left, right, pairs, beforehand, is_fresh[pairs.candidate])


def judge_batch(batch: Batch, options: MatchOptions) -> Judged:
    """Settle every paragraph of a batch."""
    copies, numbers, candidates, left, right, pairs, known, is_fresh = line_up(batch)
    beforehand = decide_plain(batch.rows["text"], pairs, is_fresh, known)
    by_phrase = pl.when("by_phrase").then(pl.lit("phrases")).otherwise(pl.lit("bands"))
    retrieved_by = candidates.select(by_phrase).to_series()
    texts = batch.rows["text"].to_list()
    problem = Problem(
        copies,
        Candidates(
            np.searchsorted(right, np.arange(len(copies) + 1)).tolist(),
            left.tolist(),
            retrieved_by.to_list(),
            pairs.starts.tolist(),
        ),
        _find_vouchers(batch.holders, numbers),
        texts.__getitem__,
        options.keep == "fullest",
        beforehand.decisions.tobytes(),
    )
    settled = judge(problem, Comparer(texts, beforehand.cut_window))
    met = Met(np.flatnonzero(np.frombuffer(settled.met, np.uint8)), pairs, retrieved_by, beforehand)
    places = batch.rows.select(PLACE)
    return Judged(tabulate_held(places, settled.held, met), tabulate_pairs(places, settled, met))


def _number(classes: pl.Series, numbers: Mapping[int, int]) -> Items:
    """The numbers of classes in the order of their best paragraphs."""
    if classes.is_empty():
        return np.empty(0, np.int64)
    number_of = np.zeros(max(numbers) + 1, np.int64)
    number_of[list(numbers)] = list(numbers.values())
    found: Items = number_of[classes.to_numpy()]
    return found


def _find_vouchers(holders: pl.DataFrame, numbers: Mapping[int, int]) -> Vouchers:
    """Who has the sentences of the long classes."""
    found: dict[int, dict[int, list[int]]] = {}
    for one, sentence, other in (
        holders.sort("class", "sentence", "other").select("class", "sentence", "other").rows()
    ):
        found.setdefault(numbers[one], {}).setdefault(sentence, []).append(numbers[other])
    return Vouchers(found)


class Met:
    """The pairs known beforehand that came up, by their sorted numbers; told in pieces, since there may be millions."""

    def __init__(self, numbers: Items, pairs: Pairs, retrieved_by: pl.Series, beforehand: Beforehand) -> None:
        self.numbers, self.pairs, self.retrieved_by, self.beforehand = (
            numbers,
            pairs,
            retrieved_by,
            beforehand,
        )
        self.told = beforehand.tell(numbers) if len(numbers) <= PAIRS_AT_ONCE else None

    def tell(self, numbers: Items) -> pl.DataFrame:
        """What is told of some of them: the columns of `TOLD`."""
        if self.told is None:
            return self.beforehand.tell(numbers)
        return self.told[np.searchsorted(self.numbers, numbers)]

    def tabulate(self) -> Iterator[pl.DataFrame]:
        """All of them, some at a time: `a`, `b`, `retrieved_by` and the columns of `TOLD`."""
        for start in range(0, len(self.numbers), PAIRS_AT_ONCE):
            its = self.numbers[start : start + PAIRS_AT_ONCE]
            by = self.retrieved_by.gather(self.pairs.candidate[its])
            columns = {"a": self.pairs.left[its], "b": self.pairs.right[its], "retrieved_by": by}
            yield pl.DataFrame(columns).hstack(self.tell(its))


class Comparer:
    """Decides on paragraphs by number; a text is prepared once as long as there is room."""

    def __init__(self, texts: Sequence[str], cut_window: Callable[[int], "Window | None"]) -> None:
        self.texts, self.cut_window = texts, cut_window
        self.prepared: dict[int, Prepared] = {}
        self.size = 0

    def __call__(self, a: int, b: int, pair: int = -1) -> Comparison:
        """The decision on two paragraphs, the long way at once if they are a pair that is not plain."""
        if self.size > MAX_PREPARED:
            self.prepared.clear()
            self.size = 0
        if pair < 0:
            return compare_prepared(self._prepare(a), self._prepare(b))
        window = self.cut_window(pair)
        if window is None:
            return compare_long(self._prepare(a), self._prepare(b))
        part = Prepared.from_words(window.part)
        found = compare_inside(self._prepare(a if window.is_in_b else b), part, window.around)
        return found if window.is_in_b else mirror(found)

    def _prepare(self, paragraph: int) -> Prepared:
        if paragraph not in self.prepared:
            self.prepared[paragraph] = prepare(self.texts[paragraph])
            self.size += len(self.texts[paragraph])
        return self.prepared[paragraph]


def tabulate_held(places: pl.DataFrame, held: Mapping[int, Held], met: Met) -> pl.DataFrame:
    """Verdicts on substantial paragraphs."""
    rows = list(held.values())
    keepers = places[[row.keepers[0] for row in rows]]
    keepers.columns = ["duplicate_of_document", "duplicate_of_paragraph"]
    pair = np.array([row.pair for row in rows], np.int64)
    numbers = np.unique(pair[pair >= 0])
    place = pl.Series(np.searchsorted(numbers, pair), dtype=pl.UInt32).set(pl.Series(pair < 0), None)
    beforehand = met.tell(numbers).select("similarity", evidence="why")[place]
    table = pl.DataFrame(
        {
            "reason": pl.Series([REASONS[row.rule] for row in rows], dtype=pl.String),
            "rule": pl.Series([row.rule for row in rows], dtype=pl.String),
            "evidence": pl.Series([row.evidence for row in rows], dtype=pl.String),
            "similarity": pl.Series([row.similarity for row in rows], dtype=pl.Float64),
            "duplicate_of": _list_keepers(places, rows),
        }
    ).with_columns(
        pl.when(place.is_not_null()).then(beforehand[column]).otherwise(column).alias(column)
        for column in ("evidence", "similarity")
    )
    return pl.concat([places[list(held)], table, keepers], how="horizontal")


def _list_keepers(places: pl.DataFrame, rows: Sequence[Held]) -> pl.Series:
    """All kept copies where several hold a paragraph together, else null."""
    structs = places.to_struct("place")
    lists = [structs.gather(list(row.keepers)).to_list() if len(row.keepers) > 1 else None for row in rows]
    return pl.Series(lists, dtype=pl.List(structs.dtype))


def tabulate_pairs(places: pl.DataFrame, settled: Settled, met: Met) -> Iterator[pl.DataFrame]:
    """The pairs decided by their edits, and those with equal keys, some at a time."""
    known = {(pair.a, pair.b) for pair in settled.decided}
    compared = list(settled.decided)
    for paragraph, row in settled.held.items():
        a, b = sorted((row.keepers[0], paragraph))
        if row.rule == "match.exact" and (a, b) not in known:
            compared.append(Decided(a, b, BY_KEY, Comparison("same", (), row.evidence, 1.0)))
    now = pl.DataFrame(
        {
            "a": pl.Series([pair.a for pair in compared], dtype=pl.Int64),
            "b": pl.Series([pair.b for pair in compared], dtype=pl.Int64),
            "retrieved_by": pl.Series([pair.retrieved_by for pair in compared], dtype=pl.String),
        }
    )
    now = now.hstack(tabulate_compared([pair.comparison for pair in compared]))
    for table in chain(met.tabulate(), [now]):
        yield pl.concat([name_pairs(places, table["a"], table["b"]), table.drop("a", "b")], how="horizontal")


def name_pairs(places: pl.DataFrame, a: pl.Series | Items, b: pl.Series | Items) -> pl.DataFrame:
    """The places of pairs of paragraphs, which are given by number."""
    first, second = places[a], places[b]
    first.columns, second.columns = ["a_document", "a_paragraph"], ["b_document", "b_paragraph"]
    return pl.concat([first, second], how="horizontal")


def tabulate_compared(comparisons: Sequence[Comparison]) -> pl.DataFrame:
    """What there is to tell of pairs that were compared one by one."""
    return pl.DataFrame(
        {
            "similarity": [comparison.similarity for comparison in comparisons],
            "edits": _list_edits(comparisons),
            "decision": [comparison.decision for comparison in comparisons],
            "why": [comparison.reason for comparison in comparisons],
        },
        schema=TOLD,
    )


def _list_edits(comparisons: Sequence[Comparison]) -> pl.Series:
    """The edits of each pair; built flat, since nested Python rows are slow to convert."""
    flat = [(n, *edit) for n, comparison in enumerate(comparisons) for edit in comparison.edits]
    schema = {"n": pl.UInt32, "kind": pl.String, "a": pl.String, "b": pl.String}
    frame = pl.DataFrame(flat, schema=schema, orient="row")
    lists = frame.group_by("n", maintain_order=True).agg(edits=pl.struct("kind", "a", "b"))
    every = pl.DataFrame({"n": pl.int_range(len(comparisons), dtype=pl.UInt32, eager=True)})
    joined = every.join(lists, on="n", how="left", maintain_order="left")
    return joined["edits"].cast(EDITS).fill_null(pl.Series([[]], dtype=EDITS))
