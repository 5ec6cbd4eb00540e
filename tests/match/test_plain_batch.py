"""The compiled plain decisions are those of the plain reading, told in the same words."""

from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.match import plain_kernels as kernels
from tasks.match.comparison import Comparison, mirror
from tasks.match.decide import compare_prepared, may_hold, refuse, refuse_inside, tell_plain
from tasks.match.fact_kernels import IS_CUT, IS_ODD, IS_PLAIN, IS_UPPER
from tasks.match.plain import decide_plain
from tasks.match.plain_batch import decide_plain_pairs, tabulate_plain
from tasks.match.prepared import Prepared, prepare
from tasks.match.vocabulary import read_texts
from tasks.match.window import find_window
from tests.match.test_decide import TEXTS, WORDS

MARKS = [
    "?",
    "??",
    "? !?",
    "%",
    "+",
    "> 5",
    "→",
    "…",
    "...",
    "-5",
    "(-3",
    "\n-7",
    "$5",
    "≥",
    "–",
    "TP.HCM",
    "\u00a0",
    "\n",
    "²",
    "Straße",
    "HỒ",
    "12,5",
    "R&D",
]
PIECES = st.one_of(st.sampled_from(WORDS), st.sampled_from(MARKS), st.text(max_size=4))
SEPARATORS = st.sampled_from([" ", " ", " ", ", ", ".", "  "])
LINES = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(PIECES, SEPARATORS), max_size=12).map(lambda parts: "".join(map("".join, parts))),
)


DRAW = st.lists(
    st.tuples(st.sampled_from(["giải nhất", "ngày", "giá", "hồ Yên Lập", "đạt"]), st.integers(0, 999)),
    min_size=2,
    max_size=12,
)


@st.composite
def of_one_template(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts with the same words and other figures, as many as they have."""
    one = draw(DRAW)
    other = [(words, draw(st.one_of(st.just(figure), st.integers(0, 999)))) for words, figure in one]
    return tuple(
        " ".join(f"{words} {figure:0{draw(st.integers(1, 3))}}" for words, figure in text)
        for text in (one, other)
    )


LONG = st.lists(st.sampled_from(WORDS), min_size=30, max_size=150).map(" ".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same with a few words changed, left out or put in."""
    text = draw(st.one_of(LINES, LINES, LONG))
    words = text.split(" ")
    if draw(st.booleans()):  # a part of it
        start = draw(st.integers(0, len(words) - 1))
        words = words[start : start + draw(st.integers(1, 60))]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(words)))
        words[at : at + draw(st.integers(0, 3))] = draw(st.lists(PIECES, max_size=3))
    changed = " ".join(words)
    return text, draw(st.sampled_from([changed, changed.upper(), changed + "...", changed.replace(".", "")]))


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=5))
def test_the_kernel_reads_the_words_that_the_plain_reading_has(lines: list[str]) -> None:
    found = read_texts(pl.Series(lines, dtype=pl.String))
    rows = found.rows
    for row, words in enumerate(prepare(line).words for line in lines):
        assert bool(rows.kinds[row] & IS_ODD) == words.is_odd
        if words.is_odd:
            continue
        here = slice(rows.starts[row], rows.ends[row])
        assert [found.words[n] for n in rows.words[here]] == words.surfaces
        assert (rows.flags[here] & 1023).tolist() == list(words.flags)
        assert np.flatnonzero(rows.opens[here]).tolist() == words.sentences
        assert rows.is_spaced[here].astype(bool).tolist() == [
            words.follows(n) for n in range(len(words.names))
        ]
        told = {
            IS_UPPER: words.is_upper,
            IS_CUT: words.is_cut,
            IS_PLAIN: words.is_plain,
        }
        assert {flag: bool(rows.kinds[row] & flag) for flag in told} == told


def decide_slowly(a: Prepared, b: Prepared) -> Comparison | None:
    """What the kernel has to find: None for odd texts that may hold each other, and pairs that are not plain."""
    one, other = a.words, b.words
    if one.names == other.names:
        return compare_prepared(a, b)
    if not may_hold(one.names, other.names):
        return refuse(one.names, other.names)
    if one.is_odd or other.is_odd:
        return None
    plain = decide_plain(one, other)
    if plain:
        return tell_plain(plain, one, other)
    short, long = (a, b) if len(one.names) <= len(other.names) else (b, a)
    window = find_window(short.words, long.words)
    refusal = refuse_inside(short, long, long.cut(*window)) if window else None
    return mirror(refusal) if refusal and short is b else refusal


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(edited(), of_one_template()), min_size=1, max_size=6))
def test_the_kernel_decides_and_tells_as_the_plain_reading(pairs: list[tuple[str, str]]) -> None:
    texts = pl.Series([text for pair in pairs for text in pair], dtype=pl.String)
    left = np.arange(0, len(texts), 2)
    found = decide_plain_pairs(texts, left, left + 1)
    expected = [decide_slowly(prepare(a), prepare(b)) for a, b in pairs]
    is_decided = found.decisions.status > kernels.NOT_PLAIN
    assert is_decided.tolist() == [one is not None for one in expected]
    rows: list[dict[str, Any]] = tabulate_plain(found, np.flatnonzero(is_decided)).to_dicts()
    for row, comparison in zip(rows, filter(None, expected), strict=True):
        edits = tuple(tuple(edit.values()) for edit in row["edits"])
        assert (row["decision"], row["why"], row["similarity"]) == (
            comparison.decision,
            comparison.reason,
            comparison.similarity,
        )
        assert edits == tuple(map(tuple, comparison.edits))
