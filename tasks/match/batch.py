"""One batch of paragraphs that have nothing to do with those of another: judged, and told as tables."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from tasks.match.decide import Comparison, compare_prepared
from tasks.match.options import MatchOptions
from tasks.match.star import Decided, Held, Problem, judge
from tasks.match.tokens import Prepared, prepare
from tasks.match.vouch import Vouchers

PLACE: Final = ("document_id", "paragraph")
EDITS: Final = pl.List(pl.Struct({"kind": pl.String, "a": pl.String, "b": pl.String}))
REASONS: Final = {
    "match.exact": "duplicate_exact",
    "match.near": "duplicate_near",
    "match.contained": "duplicate_contained",
    "match.sentences": "duplicate_contained",
}
MAX_PREPARED: Final = 20_000
"""Texts kept ready for comparison at a time; about 15 kB each."""


class Batch(NamedTuple):
    """What is to be judged together.

    Attributes:
        rows: Paragraphs in rank order: `document_id`, `paragraph`, `class` and `text`.
        candidates: Pairs of classes to compare: `left` (the better), `right` and `by_phrase`.
        holders: For long classes who has their sentences: `class`, `sentence` and `other`.
    """

    rows: pl.DataFrame
    candidates: pl.DataFrame
    holders: pl.DataFrame


class Judged(NamedTuple):
    """Verdicts on the paragraphs of a batch, and the pairs decided; see `tasks.match.corpus.Matched`."""

    held: pl.DataFrame
    pairs: pl.DataFrame


def judge_batch(batch: Batch, options: MatchOptions) -> Judged:
    """Settle every paragraph of a batch."""
    texts = batch.rows["text"].to_list()
    problem = _pose(batch, texts, is_displaced=options.keep == "fullest")
    held, decided = judge(problem, Comparer(texts))
    places = batch.rows.select(PLACE)
    return Judged(tabulate_held(places, held), tabulate_pairs(places, held, decided))


def _pose(batch: Batch, texts: Sequence[str], *, is_displaced: bool) -> Problem:
    """The batch with its classes numbered from 0, in the order of their best paragraph."""
    copies: dict[int, list[int]] = {}
    for paragraph, one in enumerate(batch.rows["class"].to_list()):
        copies.setdefault(one, []).append(paragraph)
    number = {one: n for n, one in enumerate(copies)}
    candidates: list[list[tuple[int, str]]] = [[] for _ in copies]
    for left, right, by_phrase in (
        batch.candidates.sort("right", "left").select("left", "right", "by_phrase").rows()
    ):
        candidates[number[right]].append((number[left], "phrases" if by_phrase else "bands"))
    holders: dict[int, dict[int, list[int]]] = {}
    for one, sentence, other in (
        batch.holders.sort("class", "sentence", "other").select("class", "sentence", "other").rows()
    ):
        holders.setdefault(number[one], {}).setdefault(sentence, []).append(number[other])
    return Problem(list(copies.values()), candidates, Vouchers(holders), texts.__getitem__, is_displaced)


class Comparer:
    """Decides on paragraphs by number; a text is prepared once as long as there is room."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.prepared: dict[int, Prepared] = {}

    def __call__(self, a: int, b: int) -> Comparison:
        """The decision on two paragraphs."""
        if len(self.prepared) > MAX_PREPARED:
            self.prepared.clear()
        return compare_prepared(self._prepare(a), self._prepare(b))

    def _prepare(self, paragraph: int) -> Prepared:
        if paragraph not in self.prepared:
            self.prepared[paragraph] = prepare(self.texts[paragraph])
        return self.prepared[paragraph]


def tabulate_held(places: pl.DataFrame, held: dict[int, Held]) -> pl.DataFrame:
    """Verdicts on substantial paragraphs."""
    rows = list(held.values())
    keepers = places[[row.keepers[0] for row in rows]]
    keepers.columns = ["duplicate_of_document", "duplicate_of_paragraph"]
    told = pl.DataFrame(
        {
            "reason": pl.Series([REASONS[row.rule] for row in rows], dtype=pl.String),
            "rule": pl.Series([row.rule for row in rows], dtype=pl.String),
            "evidence": pl.Series([row.evidence for row in rows], dtype=pl.String),
            "similarity": pl.Series([row.similarity for row in rows], dtype=pl.Float64),
            "duplicate_of": _list_keepers(places, rows),
        }
    )
    return pl.concat([places[list(held)], told, keepers], how="horizontal")


def _list_keepers(places: pl.DataFrame, rows: Sequence[Held]) -> pl.Series:
    """All kept copies where several hold a paragraph together, else null."""
    structs = places.to_struct("place")
    lists = [structs.gather(list(row.keepers)).to_list() if len(row.keepers) > 1 else None for row in rows]
    return pl.Series(lists, dtype=pl.List(structs.dtype))


def tabulate_pairs(places: pl.DataFrame, held: dict[int, Held], decided: Sequence[Decided]) -> pl.DataFrame:
    """The pairs decided by their edits, and those with equal keys."""
    known = {(pair.a, pair.b) for pair in decided}
    pairs = list(decided)
    for paragraph, row in held.items():
        if row.rule == "match.exact":
            a, b = sorted((row.keepers[0], paragraph))
            if (a, b) not in known:
                pairs.append(Decided(a, b, "key", Comparison("same", (), row.evidence, 1.0)))
    first, second = places[[pair.a for pair in pairs]], places[[pair.b for pair in pairs]]
    first.columns, second.columns = ["a_document", "a_paragraph"], ["b_document", "b_paragraph"]
    told = pl.DataFrame(
        {
            "retrieved_by": pl.Series([pair.retrieved_by for pair in pairs], dtype=pl.String),
            "similarity": pl.Series([pair.comparison.similarity for pair in pairs], dtype=pl.Float64),
            "edits": _list_edits(pairs),
            "decision": pl.Series([pair.comparison.decision for pair in pairs], dtype=pl.String),
            "why": pl.Series([pair.comparison.reason for pair in pairs], dtype=pl.String),
        }
    )
    return pl.concat([first, second, told], how="horizontal")


def _list_edits(pairs: Sequence[Decided]) -> pl.Series:
    """The edits of each pair; built flat, since nested Python rows are slow to convert."""
    flat = [(n, *edit) for n, pair in enumerate(pairs) for edit in pair.comparison.edits]
    schema = {"n": pl.UInt32, "kind": pl.String, "a": pl.String, "b": pl.String}
    frame = pl.DataFrame(flat, schema=schema, orient="row")
    lists = frame.group_by("n", maintain_order=True).agg(edits=pl.struct("kind", "a", "b"))
    every = pl.DataFrame({"n": pl.int_range(len(pairs), dtype=pl.UInt32, eager=True)})
    joined = every.join(lists, on="n", how="left", maintain_order="left")
    return joined["edits"].cast(EDITS).fill_null(pl.Series([[]], dtype=EDITS))
