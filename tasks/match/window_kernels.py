"""Where a short text stands in a long one, compiled: `tasks.match.window` on numbered words."""

from typing import Final

from tasks.match import window
from tasks.match.buffer_kernels import step
from tasks.match.fact_kernels import IS_CUT, Rows
from tasks.match.own_kernels import REACH_WORDS, RUN_WORDS, Meetings, find_run
from tasks.match.word_kernels import Ints

MIN_TIMES_AS_LONG: Final = window.MIN_TIMES_AS_LONG
TIMES_AS_WIDE: Final = window.TIMES_AS_WIDE


@step
def cut_window(rows: Rows, short: int, long: int, meetings: Meetings, counts: Ints, mark: int) -> bool:
    """Make the place in a long text where most of a short one stands the row after all texts; whether there is one."""
    size, more = rows.ends[short] - rows.starts[short], rows.ends[long] - rows.starts[long]
    if more < MIN_TIMES_AS_LONG * size:
        return False
    found = find_runs(rows, short, long, meetings, mark)
    if not found:
        return False
    first, last = find_densest(meetings, found, TIMES_AS_WIDE * size, counts)
    here, there = meetings.in_b, meetings.in_a
    base, part = rows.starts[long], len(rows.starts) - 1
    start = max(0, there[first] - here[first] - REACH_WORDS)
    end = min(more, there[last] + size - here[last] + REACH_WORDS)
    while not rows.opens[base + start]:
        start -= 1
    while end < more and not rows.opens[base + end]:
        end += 1
    rows.starts[part], rows.ends[part] = base + start, base + end
    rows.kinds[part] = rows.kinds[long] if end == more else rows.kinds[long] & ~IS_CUT
    return True


@step
def find_runs(rows: Rows, short: int, long: int, meetings: Meetings, mark: int) -> int:
    """`tasks.match.window._find_runs` into the first of `meetings.in_b` and `in_a`; returns how many there are."""
    start, base = rows.starts[short], rows.starts[long]
    for n in range(start, rows.ends[short] - RUN_WORDS + 1):
        slot = find_run(rows.names, n, meetings, mark)
        if meetings.marks[slot] != mark:
            meetings.marks[slot], meetings.places[slot] = mark, n
    found = 0
    for m in range(base, rows.ends[long] - RUN_WORDS + 1):
        slot = find_run(rows.names, m, meetings, mark)
        if meetings.marks[slot] == mark:
            meetings.in_b[found], meetings.in_a[found] = meetings.places[slot] - start, m - base
            found += 1
    return found


@step
def find_densest(meetings: Meetings, found: int, width: int, counts: Ints) -> tuple[int, int]:
    """`tasks.match.window._find_densest`; `counts` is zero throughout, and is left so."""
    here, there = meetings.in_b, meetings.in_a
    best = different = low = first = last = 0
    for high in range(found):
        different += counts[here[high]] == 0
        counts[here[high]] += 1
        while there[high] - there[low] > width:
            counts[here[low]] -= 1
            different -= counts[here[low]] == 0
            low += 1
        if different > best:
            best, first, last = different, low, high
    for n in range(low, found):
        counts[here[n]] = 0
    return first, last
