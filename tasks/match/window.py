"""Where a short text stands in one many times as long: only that stretch is compared with it word by word.

An article that came as one line has nearly every word of any sentence somewhere. What a sentence says it says in
one place, so that is the place to judge it by; it costs what the sentence costs, not what the article does.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from tasks.match.facts import REACH_WORDS, list_runs
from tasks.match.words import Words

MIN_TIMES_AS_LONG: Final = 2.0
"""Nearer in length, the whole is read: the stretch would be most of it."""
TIMES_AS_WIDE: Final = 2
"""A fuller report of the same has up to so many times the words between the first and the last that both have."""


def find_window(short: Words, long: Words) -> tuple[int, int] | None:
    """The words of whole sentences of a long text that have most of a short one; None where the whole is as good.

    Returns:
        The first word, and the one after the last.
    """
    size = len(long.names)
    if size < MIN_TIMES_AS_LONG * len(short.names):
        return None
    places = _find_runs(short.names, long.names)
    if not places:
        return None
    first, last = _find_densest(places, TIMES_AS_WIDE * len(short.names))
    start = max(0, first[1] - first[0] - REACH_WORDS)
    end = min(size, last[1] + len(short.names) - last[0] + REACH_WORDS)
    after = bisect_left(long.sentences, end)
    start = long.sentences[bisect_right(long.sentences, start) - 1]
    return start, long.sentences[after] if after < len(long.sentences) else size


def _find_runs(short: Sequence[str], long: Sequence[str]) -> list[tuple[int, int]]:
    """Where the runs of three words stand that both texts have, first in the short and each time in the long one."""
    runs: dict[tuple[str, ...], int] = {}
    for n, run in enumerate(list_runs(short)):
        runs.setdefault(run, n)
    return [(runs[run], m) for m, run in enumerate(list_runs(long)) if run in runs]


def _find_densest(places: Sequence[tuple[int, int]], width: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last of the runs in the stretch of some width that has most different ones."""
    best, found = 0, (places[0], places[0])
    counts: dict[int, int] = {}
    low = 0
    for high, (n, m) in enumerate(places):
        counts[n] = counts.get(n, 0) + 1
        while m - places[low][1] > width:
            gone = places[low][0]
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
            low += 1
        if len(counts) > best:
            best, found = len(counts), (places[low], places[high])
    return found
