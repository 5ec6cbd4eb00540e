"""The plain decisions on all candidate pairs of a batch at once, and how they are told."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match import plain_kernels as kernels
from tasks.match import star
from tasks.match.clash_kernels import A_END, A_START, B_END, B_START, KIND, KINDS
from tasks.match.comparison import EDITS, quote
from tasks.match.decide import (
    MAX_TOLD,
    REASON_ALIKE,
    REASON_EQUAL,
    REASON_ONLY_ONE,
    REASON_TOO_FEW,
    UNSTATED,
    Around,
    look_around,
)
from tasks.match.difference_kernels import Answers
from tasks.match.fact_kernels import IS_CUT, IS_PLAIN, IS_UPPER
from tasks.match.own_kernels import Meetings
from tasks.match.plain_kernels import Decisions, decide_pairs
from tasks.match.spelling import is_typo
from tasks.match.vocabulary import Vocabulary, read_texts
from tasks.match.words import Words

Ints = npt.NDArray[np.int64]


class Window(NamedTuple):
    """The place in the longer of two texts by which they are judged: whether that is the second, its words, and the others."""

    is_in_b: bool
    part: Words
    around: Around


class PlainPairs(NamedTuple):
    """Pairs of texts decided as far as they are plain.

    Attributes:
        vocabulary: The texts.
        left, right: The rows of each pair.
        decisions: What was found out about each.
    """

    vocabulary: Vocabulary
    left: Ints
    right: Ints
    decisions: Decisions

    def code_decisions(self) -> npt.NDArray[np.uint8]:
        """What is known of each pair, as a place in `tasks.match.star.DECISIONS`; nothing of odd texts."""
        codes = np.array([star.DECISIONS.index(name) for name in kernels.DECISIONS], np.uint8)
        status = self.decisions.status
        known = np.where(status > kernels.NOT_PLAIN, codes[self.decisions.decision], star.NOT_PLAIN)
        return np.where(status == kernels.ODD_TEXT, star.UNKNOWN, known).astype(np.uint8)

    def cut_window(self, pair: int) -> Window | None:
        """The place in the longer text by which a pair is to be judged; None for the whole."""
        start, end = self.decisions.windows[pair].tolist()
        if start < 0:
            return None
        texts, rows = self.vocabulary.texts, self.vocabulary.rows
        one, other = int(self.left[pair]), int(self.right[pair])
        is_in_b = bool(rows.ends[one] - rows.starts[one] <= rows.ends[other] - rows.starts[other])
        long = other if is_in_b else one
        first, last = int(rows.starts[long]), int(rows.ends[long])
        whole = texts[long].encode()
        text = whole[rows.at[start] : rows.at[end] if end < last else None].decode()
        kinds = int(rows.kinds[long])
        part = Words(text, is_cut=end == last and bool(kinds & IS_CUT))
        part.is_upper, part.is_plain = bool(kinds & IS_UPPER), bool(kinds & IS_PLAIN)
        low, high = max(first, start - MAX_TOLD - 1), min(last, end + MAX_TOLD + 1)

        def look() -> tuple[list[str], list[str]]:
            surfaces = [self.vocabulary.words[word] for word in rows.words[low:high].tolist()]
            return look_around(surfaces, start - low, end - low)

        return Window(is_in_b, part, Around(look, last - first - (end - start)))


def decide_plain_pairs(texts: pl.Series, left: Ints, right: Ints) -> PlainPairs:
    """The plain decisions on pairs of texts, the better-ranked first."""
    used, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    vocabulary = read_texts(texts.gather(used))
    left, right = places[: len(left)].astype(np.int64), places[len(left) :].astype(np.int64)
    none = Answers(np.empty(0, np.int64), np.empty(0, np.uint8))
    first = _decide(left, right, vocabulary, none)
    unsure = np.flatnonzero(first.status == kernels.UNSURE)
    again = _decide(left[unsure], right[unsure], vocabulary, _answer(first.questions, vocabulary.words))
    return PlainPairs(vocabulary, left, right, _merge(first, unsure, again))


def _decide(left: Ints, right: Ints, vocabulary: Vocabulary, answers: Answers) -> Decisions:
    _, rows, known, phrases, _, names = vocabulary
    count = len(left)
    found = Decisions(
        np.zeros(count, np.uint8),
        np.zeros(count, np.uint8),
        np.zeros(count, np.int64),
        np.ones(count, np.int64),
        # Room for the worst case: memory that is never written to is never taken.
        np.empty((count * kernels.MAX_SPANS, 6), np.int32),
        np.zeros(count, np.int64),
        np.full((count, 2), -1, np.int64),
        np.empty(count * kernels.MAX_SPANS + 1, np.int64),
    )
    found.questions[0] = 0
    longest = int((rows.ends - rows.starts).max(initial=0))
    slots = 1 << (2 * longest + 1).bit_length()
    scratch = kernels.Scratch(
        np.zeros(names, np.int32),
        np.zeros(names, np.int32),
        np.empty((kernels.MAX_HUNKS + 1, 4), np.int64),
        Meetings(
            np.empty(longest, np.int64),
            np.empty(longest, np.int64),
            np.zeros(slots, np.int32),
            np.empty(slots, np.int64),
        ),
        np.zeros(longest, np.int64),
    )
    done = decide_pairs(left, right, rows, known, phrases, answers, scratch, found)
    asked = int(found.questions[0])
    return found._replace(spans=found.spans[:done], questions=found.questions[1 : asked + 1])


def _answer(questions: Ints, words: Sequence[str]) -> Answers:
    """Whether the words asked about are one with a slip."""
    questions = np.unique(questions)
    one, other = np.divmod(questions >> 1, max(1, len(words)))
    asked = zip(one.tolist(), other.tolist(), (questions & 1).tolist(), strict=True)
    answers = [is_typo(words[x], words[y], in_context=bool(context)) for x, y, context in asked]
    return Answers(questions, np.array(answers, np.uint8))


def _merge(first: Decisions, unsure: Ints, again: Decisions) -> Decisions:
    """The decisions with those that had to wait for an answer."""
    for field in ("status", "decision", "common", "total", "windows"):
        getattr(first, field)[unsure] = getattr(again, field)
    counts = np.diff(first.span_ends, prepend=0)
    counts[unsure] = np.diff(again.span_ends, prepend=0)
    ends = np.cumsum(counts)
    spans = np.empty((int(ends[-1]) if len(ends) else 0, 6), np.int32)
    is_again = np.zeros(len(counts), np.bool_)
    is_again[unsure] = True
    of_again = np.repeat(is_again, counts)
    spans[of_again], spans[~of_again] = again.spans, first.spans
    return first._replace(spans=spans, span_ends=ends, questions=again.questions)


def tabulate_plain(pairs: PlainPairs, chosen: Ints) -> pl.DataFrame:
    """Similarity, edits, decision and reason of some plain pairs, row for row."""
    found = pairs.decisions
    status, decision = found.status[chosen], found.decision[chosen]
    edits = _tabulate_edits(pairs, chosen)
    frame = pl.DataFrame(
        {
            "similarity": _divide(found.common[chosen], found.total[chosen], status),
            "decision": pl.Series(kernels.DECISIONS).gather(decision),
            "status": status,
            "n": np.arange(len(chosen), dtype=np.uint32),
        }
    ).join(edits, on="n", how="left", maintain_order="left")
    return frame.select(
        "similarity", pl.col("edits").fill_null(pl.lit([], dtype=EDITS)), "decision", why=_explain()
    )


def _divide(common: Ints, total: Ints, status: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """The similarities, each distinct fraction rounded once."""
    fractions, places = np.unique(np.stack([common, total], axis=1), axis=0, return_inverse=True)
    rounded = np.array([round(one / other, 4) for one, other in fractions.tolist()], np.float64)
    return np.where(
        (status == kernels.PLAIN) | (status == kernels.ONLY_ONE), rounded[places.reshape(-1)], common / total
    )


def _explain() -> pl.Expr:
    """The reason, as `tasks.match.decide` has it for single pairs."""
    ours, theirs = pl.col("ours").fill_null(""), pl.col("theirs").fill_null("")
    return (
        pl.when(pl.col("status") == kernels.SAME_WORDS)
        .then(pl.lit(REASON_EQUAL))
        .when(pl.col("status") == kernels.TOO_FEW)
        .then(pl.lit(REASON_TOO_FEW))
        .when(pl.col("status") == kernels.ONLY_ONE)
        .then(pl.format("{} {}", pl.lit(REASON_ONLY_ONE), pl.when(ours != "").then(ours).otherwise(theirs)))
        .when(pl.col("decision") == "same")
        .then(pl.lit(REASON_ALIKE))
        .when(pl.col("decision") != "distinct")
        .then(pl.format("the fuller text adds {}", pl.when(ours != "").then(ours).otherwise(theirs)))
        .when((ours != "") & (theirs != ""))
        .then(pl.format("each has what the other lacks: {} / {}", ours, theirs))
        .otherwise(pl.format("{} turns the statement over", pl.when(ours != "").then(ours).otherwise(theirs)))
    )


def _tabulate_edits(pairs: PlainPairs, chosen: Ints) -> pl.DataFrame:
    """The edits of each chosen pair that has any, and what is quoted of them in the reason."""
    ends, rows = pairs.decisions.span_ends, pairs.vocabulary.rows
    counts = np.diff(ends, prepend=0)[chosen]
    number = np.repeat(np.arange(len(chosen)), counts)
    place = np.repeat(ends[chosen] - np.cumsum(counts), counts) + np.arange(len(number))
    spans = pairs.decisions.spans[place].astype(np.int64)
    written = pl.Series(pairs.vocabulary.words, dtype=pl.String)
    texts = [
        _write(written, rows.words, spans[:, start], spans[:, end])
        for start, end in ((A_START, A_END), (B_START, B_END))
    ]
    kinds = pl.Series(KINDS).gather(spans[:, KIND])
    frame = pl.DataFrame(
        {
            "n": number.astype(np.uint32),
            "kind": kinds,
            "a": texts[0][0],
            "b": texts[1][0],
            "ours": texts[0][1],
            "theirs": texts[1][1],
        }
    )
    is_stated = ~pl.col("kind").is_in(list(UNSTATED))
    return frame.group_by("n", maintain_order=True).agg(
        pl.struct("kind", "a", "b").alias("edits"),
        *(pl.col(side).filter(is_stated & (pl.col(side) != "")).str.join(" ") for side in ("ours", "theirs")),
    )


def _write(
    written: pl.Series, words: npt.NDArray[Any], starts: Ints, ends: Ints
) -> tuple[pl.Series, pl.Series]:
    """The words of stretches as text, and quoted; "" for empty ones. Single words, which most are, are written once."""
    sizes = ends - starts
    single, long = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
    used, places = np.unique(words[starts[single]], return_inverse=True)
    stretches = [[], *([word] for word in written.gather(used).to_list())]
    number = np.zeros(len(sizes), np.int64)
    number[single] = places + 1
    number[long] = len(stretches) + np.arange(len(long))
    inside = np.repeat(starts[long] - (np.cumsum(sizes[long]) - sizes[long]), sizes[long])
    each = written.gather(words[inside + np.arange(len(inside))]).to_list()
    at = 0
    for size in sizes[long].tolist():
        stretches.append(each[at : at + size])
        at += size
    texts = pl.Series([" ".join(stretch) for stretch in stretches], dtype=pl.String)
    quoted = pl.Series([quote(stretch) if stretch else "" for stretch in stretches], dtype=pl.String)
    return texts.gather(number), quoted.gather(number)
