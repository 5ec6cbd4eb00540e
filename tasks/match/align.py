"""Where two token sequences differ: common ends trimmed, the longest common subsequence between."""

import itertools
from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from typing import NamedTuple

from rapidfuzz.distance import Indel

from tasks.match.lexicon import Kind
from tasks.match.tokens import Tokens

# Words like `và các` match anywhere: alone between two differences they are no common ground.
MAX_JOINING_TOKENS = 2
# So many words may stand between two additions that are one.
MAX_SLID_TOKENS = 3
MAX_CELLS = 10**9
"""Bits of the table of `align`: 125 MB, or 31,000 words against as many."""
MAX_STEPS = 10**7
"""Of `align_runs`: a second or two. Paragraphs of 5,000 words of news take a tenth of it."""


class Hunk(NamedTuple):
    """Tokens `a_start:a_end` of the one text stand where `b_start:b_end` stand in the other."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


class Alignment(NamedTuple):
    """The hunks in order, and the share of tokens outside them, 0..1."""

    hunks: list[Hunk]
    similarity: float


def common_ends(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """How many tokens two sequences share at the head, and at the tail of what is left.

    >>> common_ends("a b c d".split(), "a x c d".split())
    (1, 2)
    """
    shorter = min(len(a), len(b))
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def align(a: Tokens, b: Tokens) -> Alignment:
    """The differences between two texts.

    A word or two that state nothing, matched between two differences, are no ground to tell these apart:
    they become part of one hunk.
    """
    head, tail = common_ends(a.keys, b.keys)
    a_middle, b_middle = a.keys[head : len(a.keys) - tail], b.keys[head : len(b.keys) - tail]
    total = len(a.keys) + len(b.keys)
    if not a_middle or not b_middle:
        hunks = [Hunk(head, head + len(a_middle), head, head + len(b_middle))] if a_middle or b_middle else []
        left = len(a_middle) + len(b_middle)
        return Alignment(hunks, 1 - left / total if total else 1.0)
    found: list[Hunk] = []
    distance = 0
    for step in Indel.opcodes(a_middle, b_middle):
        if step.tag == "equal":
            continue
        distance += step.src_end - step.src_start + step.dest_end - step.dest_start
        hunk = Hunk(step.src_start + head, step.src_end + head, step.dest_start + head, step.dest_end + head)
        _append(found, _slide(found, hunk, a, b), a)
    return Alignment(found, 1 - distance / total)


def _slide(found: list[Hunk], hunk: Hunk, a: Tokens, b: Tokens) -> Hunk:
    """An addition that ends like the few words before it begins there instead, if that is where the last one ends.

    `chủ ghe ... Phó` + `chủ tịch` for `chủ` + `ghe ... Phó chủ` + `tịch`: what is added before a word stays before it.
    """
    if not found or (hunk.a_end > hunk.a_start and hunk.b_end > hunk.b_start):
        return hunk
    gap = hunk.a_start - found[-1].a_end
    keys, end = (a.keys, hunk.a_end) if hunk.a_end > hunk.a_start else (b.keys, hunk.b_end)
    start = hunk.a_start if hunk.a_end > hunk.a_start else hunk.b_start
    if gap > MAX_SLID_TOKENS or end - start < gap or keys[start - gap : start] != keys[end - gap : end]:
        return hunk
    return Hunk(hunk.a_start - gap, hunk.a_end - gap, hunk.b_start - gap, hunk.b_end - gap)


def _append(found: list[Hunk], hunk: Hunk, a: Tokens) -> None:
    """Add a hunk, or join it to the last where nothing but a word or two without content stands between."""
    if found:
        last = found[-1]
        between = a.kinds[last.a_end : hunk.a_start]
        if len(between) <= MAX_JOINING_TOKENS and all(kind is Kind.FREE for kind in between):
            found[-1] = Hunk(last.a_start, hunk.a_end, last.b_start, hunk.b_end)
            return
    found.append(hunk)


def is_too_long(a: Tokens, b: Tokens) -> bool:
    """Whether the table that `align` needs would not fit: a bit for each pair of tokens between the common ends."""
    head, tail = common_ends(a.keys, b.keys)
    return (len(a.keys) - head - tail) * (len(b.keys) - head - tail) > MAX_CELLS


class _Runs(SequenceMatcher[str]):
    """A matcher that gives up: where words repeat, its steps grow with the cube of the length."""

    def __init__(self, a: Sequence[str], b: Sequence[str]) -> None:
        super().__init__(None, a, b, autojunk=False)
        places = self.b2j  # type: ignore[attr-defined]
        self.steps = [0, *itertools.accumulate(len(places.get(key, ())) for key in a)]
        self.left = MAX_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """As inherited: for each token of `a` it goes through all places of it in `b`."""
        self.left -= self.steps[len(self.steps) - 1 if ahi is None else ahi] - self.steps[alo]
        if self.left < 0:
            raise _OutOfStepsError
        return super().find_longest_match(alo, ahi, blo, bhi)


class _OutOfStepsError(Exception):
    """Two texts repeat themselves too often."""


def align_runs(a: Tokens, b: Tokens) -> Alignment | None:
    """The differences when the longest common run is matched first, and so on to both sides of it.

    None where that takes more than MAX_STEPS: two texts of thousands of words that repeat the same few.
    """
    try:
        blocks = _Runs(a.keys, b.keys).get_matching_blocks()
    except _OutOfStepsError:
        return None
    found: list[Hunk] = []
    a_done = b_done = matched = 0
    for block in blocks:
        if block.a > a_done or block.b > b_done:
            hunk = Hunk(a_done, block.a, b_done, block.b)
            _append(found, hunk, a)
        a_done, b_done, matched = block.a + block.size, block.b + block.size, matched + block.size
    return Alignment(found, 2 * matched / (len(a.keys) + len(b.keys)))
