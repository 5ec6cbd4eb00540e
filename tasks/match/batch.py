"""One batch of paragraphs that have nothing to do with those of another: judged, and told as tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.decide import Comparison, compare_long, compare_prepared
from tasks.match.options import MatchOptions
from tasks.match.star import Candidate, Decided, Held, Problem, judge
from tasks.match.tokens import Prepared, prepare
from tasks.match.vouch import Vouchers

if TYPE_CHECKING:
    from tasks.match.plain_batch import PlainPairs

PLACE: Final = ("document_id", "paragraph")
EDITS: Final = pl.List(pl.Struct({"kind": pl.String, "a": pl.String, "b": pl.String}))
TOLD: Final = pl.Schema(
    {"similarity": pl.Float64(), "edits": EDITS, "decision": pl.String(), "why": pl.String()}
)
REASONS: Final = {
    "match.exact": "duplicate_exact",
    "match.near": "duplicate_near",
    "match.contained": "duplicate_contained",
    "match.sentences": "duplicate_contained",
}
SMALL: Final = 1_000_000
"""Below so many characters in all pairs Python is done before numba is imported and the kernels are loaded
(measured: 0.3 ms a pair of 250 characters each against 0.9 s)."""
MAX_PREPARED: Final = 4_000_000
"""Characters of texts kept ready for comparison at a time; some 40 bytes each."""


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
    copies: dict[int, list[int]] = {}
    for paragraph, one in enumerate(batch.rows["class"].to_list()):
        copies.setdefault(one, []).append(paragraph)
    candidates = batch.candidates.sort("right", "left")
    beforehand = _decide_beforehand(batch.rows["text"], candidates, copies)
    plain = beforehand.pairs if beforehand else None
    texts = batch.rows["text"].to_list()
    problem = Problem(
        list(copies.values()),
        _list_candidates(candidates, copies, beforehand),
        _find_vouchers(batch, copies),
        texts.__getitem__,
        options.keep == "fullest",
        plain.name_decisions() if plain else (),
    )
    held, decided = judge(problem, Comparer(texts))
    places = batch.rows.select(PLACE)
    told = _tell_beforehand(decided, plain)
    return Judged(tabulate_held(places, held, told), tabulate_pairs(places, held, decided, told))


class Beforehand(NamedTuple):
    """The plain decisions on the best of one class and each copy of another, and where those of a candidate begin."""

    pairs: "PlainPairs"
    rows: Sequence[int]


def _decide_beforehand(
    texts: pl.Series, candidates: pl.DataFrame, copies: Mapping[int, Sequence[int]]
) -> Beforehand | None:
    """The plain decisions on all candidates; None for so few that Python is done sooner."""
    if candidates.is_empty():
        return None
    classes = np.array(list(copies))
    starts, counts, best = (np.zeros(int(classes.max()) + 1, np.int64) for _ in range(3))
    counts[classes] = [len(paragraphs) for paragraphs in copies.values()]
    best[classes] = [paragraphs[0] for paragraphs in copies.values()]
    left, right = (candidates[side].to_numpy() for side in ("left", "right"))
    chars = texts.str.len_chars().to_numpy()[best].astype(np.int64)
    if ((chars[left] + chars[right]) * counts[right]).sum() < SMALL:
        return None
    from tasks.match.plain_batch import decide_plain_pairs  # noqa: PLC0415 - numba takes half a second to import

    every = np.array([paragraph for paragraphs in copies.values() for paragraph in paragraphs], np.int64)
    starts[classes] = np.cumsum(counts[classes]) - counts[classes]
    sizes = counts[right]
    rows = np.cumsum(sizes) - sizes
    places = np.repeat(starts[right] - rows, sizes) + np.arange(int(sizes.sum()))
    return Beforehand(decide_plain_pairs(texts, np.repeat(best[left], sizes), every[places]), rows.tolist())


def _list_candidates(
    candidates: pl.DataFrame, copies: Mapping[int, Sequence[int]], beforehand: Beforehand | None
) -> list[list[Candidate]]:
    """For each class, numbered in the order of their best paragraphs, those to compare with."""
    number = {one: n for n, one in enumerate(copies)}
    found: list[list[Candidate]] = [[] for _ in copies]
    rows = beforehand.rows if beforehand else [-1] * len(candidates)
    retrieved_by = ["phrases" if by_phrase else "bands" for by_phrase in candidates["by_phrase"].to_list()]
    for left, right, by, row in zip(
        candidates["left"].to_list(), candidates["right"].to_list(), retrieved_by, rows, strict=True
    ):
        found[number[right]].append(Candidate(number[left], by, row))
    return found


def _find_vouchers(batch: Batch, copies: Mapping[int, Sequence[int]]) -> Vouchers:
    """Who has the sentences of the long classes."""
    number = {one: n for n, one in enumerate(copies)}
    holders: dict[int, dict[int, list[int]]] = {}
    for one, sentence, other in (
        batch.holders.sort("class", "sentence", "other").select("class", "sentence", "other").rows()
    ):
        holders.setdefault(number[one], {}).setdefault(sentence, []).append(number[other])
    return Vouchers(holders)


class Told(NamedTuple):
    """Pairs that were decided beforehand and met on the way: where each stands in `pairs`, and what is told of it."""

    places: dict[int, int]
    pairs: pl.DataFrame


def _tell_beforehand(decided: Sequence[Decided], plain: "PlainPairs | None") -> Told:
    """What there is to tell of the pairs that were decided beforehand."""
    rows = [pair.row for pair in decided if pair.comparison is None]
    if plain is None:
        return Told({}, pl.DataFrame(schema=TOLD))
    from tasks.match.plain_batch import tabulate_plain  # noqa: PLC0415 - see above

    table = tabulate_plain(plain, np.array(rows, np.int64))
    return Told({row: place for place, row in enumerate(rows)}, table)


class Comparer:
    """Decides on paragraphs by number; a text is prepared once as long as there is room."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.prepared: dict[int, Prepared] = {}
        self.size = 0

    def __call__(self, a: int, b: int, *, is_plain: bool) -> Comparison:
        """The decision on two paragraphs, the long way at once unless they may be plain."""
        if self.size > MAX_PREPARED:
            self.prepared.clear()
            self.size = 0
        compare = compare_prepared if is_plain else compare_long
        return compare(self._prepare(a), self._prepare(b))

    def _prepare(self, paragraph: int) -> Prepared:
        if paragraph not in self.prepared:
            self.prepared[paragraph] = prepare(self.texts[paragraph])
            self.size += len(self.texts[paragraph])
        return self.prepared[paragraph]


def tabulate_held(places: pl.DataFrame, held: dict[int, Held], told: Told) -> pl.DataFrame:
    """Verdicts on substantial paragraphs."""
    rows = list(held.values())
    keepers = places[[row.keepers[0] for row in rows]]
    keepers.columns = ["duplicate_of_document", "duplicate_of_paragraph"]
    place = pl.Series([told.places.get(row.row) for row in rows], dtype=pl.UInt32)
    beforehand = told.pairs.select("similarity", evidence="why")[place]
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


def tabulate_pairs(
    places: pl.DataFrame, held: dict[int, Held], decided: Sequence[Decided], told: Told
) -> pl.DataFrame:
    """The pairs decided by their edits, and those with equal keys."""
    known = {(pair.a, pair.b) for pair in decided}
    pairs = [pair for pair in decided if pair.comparison is None]
    compared = [(pair, pair.comparison) for pair in decided if pair.comparison]
    for paragraph, row in held.items():
        if row.rule == "match.exact":
            a, b = sorted((row.keepers[0], paragraph))
            if (a, b) not in known:
                comparison = Comparison("same", (), row.evidence, 1.0)
                compared.append((Decided(a, b, "key", "same", comparison), comparison))
    pairs += [pair for pair, _ in compared]
    first, second = places[[pair.a for pair in pairs]], places[[pair.b for pair in pairs]]
    first.columns, second.columns = ["a_document", "a_paragraph"], ["b_document", "b_paragraph"]
    retrieved_by = pl.DataFrame({"retrieved_by": pl.Series([p.retrieved_by for p in pairs], dtype=pl.String)})
    table = pl.concat([told.pairs, _tabulate_compared([comparison for _, comparison in compared])])
    return pl.concat([first, second, retrieved_by, table], how="horizontal")


def _tabulate_compared(comparisons: Sequence[Comparison]) -> pl.DataFrame:
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
