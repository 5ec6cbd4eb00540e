"""`tasks.match.plain` on numbered words, compiled: the plain decisions on many pairs at once.

Texts are rows of `Rows`. What the rule asks of a word stands in `Known`, what it asks of a phrase in `Phrases`. A
property test holds the kernel to the plain reading.
"""

from typing import Final, NamedTuple

from tasks.match import decide, plain
from tasks.match.buffer_kernels import Bytes, inner, kernel, step
from tasks.match.clash_kernels import TAKEN, TAKEN_A, TAKEN_B, differ, write
from tasks.match.difference_kernels import OPEN, Answers, judge, name_fact, write_facts
from tasks.match.fact_kernels import (
    IS_ODD,
    IS_PLAIN,
    Known,
    Phrases,
    Rows,
    stamp,
)
from tasks.match.own_kernels import Meetings, find_meetings, find_own_fact, find_own_facts
from tasks.match.window_kernels import cut_window
from tasks.match.word_kernels import Ints, Numbers

MAX_PASSED_WORDS: Final = plain.MAX_PASSED_WORDS
AGREEING_WORDS: Final = plain.AGREEING_WORDS
MAX_HUNKS: Final = plain.MAX_HUNKS
MIN_CONTEXT_WORDS: Final = plain.MIN_CONTEXT_WORDS
MIN_CONTEXT_SHARE: Final = plain.MIN_CONTEXT_SHARE
MIN_LENGTH_RATIO: Final = decide.MIN_LENGTH_RATIO
MIN_MORE_WORDS: Final = decide.MIN_MORE_WORDS
MAX_MISSING: Final = decide.MAX_MISSING
MIN_LONG_TEXT: Final = decide.MIN_LONG_TEXT
MAX_MISSING_OF_SHORT: Final = decide.MAX_MISSING_OF_SHORT
MIN_RUNS_OF_SHORT: Final = decide.MIN_RUNS_OF_SHORT

# What is found out about a pair.
ODD_TEXT: Final = 0
NOT_PLAIN: Final = 1
SAME_WORDS: Final = 2
TOO_FEW: Final = 3
PLAIN: Final = 4
UNSURE: Final = 5  # a question about two spellings is open
ONLY_ONE: Final = 6  # the shorter says something that the longer does not say where it has most of it

SAME, A_IN_B, B_IN_A, DISTINCT = 0, 1, 2, 3
DECISIONS: Final = ("same", "a_in_b", "b_in_a", "distinct")

MAX_SPANS: Final = MAX_HUNKS + 2


class Decisions(NamedTuple):
    """What was found out about n pairs.

    Attributes:
        status: How far a decision was reached.
        decision: The decision.
        common, total: The similarity as a fraction.
        spans: The differences; kind, start and end in the one and the other text, and what they take.
        span_ends: Where the differences of each pair end in `spans`.
        windows: The words of the longer text by which a pair that is not plain is to be judged, the first and the one
            after the last; -1 for the whole.
        questions: About which spellings an answer is wanted; while pairs are decided, their count comes first.
    """

    status: Bytes
    decision: Bytes
    common: Ints
    total: Ints
    spans: Numbers
    span_ends: Ints
    windows: Ints
    questions: Ints


class Scratch(NamedTuple):
    """Room to work in.

    Attributes:
        in_a, in_b: For each key the last pair whose texts have it.
        hunks: The differences of a pair.
        meetings: Where its texts meet.
        counts: Zeros, as many as the longest text has words.
    """

    in_a: Numbers
    in_b: Numbers
    hunks: Ints
    meetings: Meetings
    counts: Ints


@kernel
def decide_pairs(  # noqa: PLR0912, PLR0915 - one walk through a pair: parts would hand on all of its state
    left: Ints, right: Ints, rows: Rows, known: Known, phrases: Phrases, answers: Answers, scratch: Scratch,
    found_out: Decisions,
) -> int:  # fmt: skip
    """Write the plain decisions on pairs of rows; returns how many differences there are in all."""
    status, decision, common, total, spans, ends, _, questions = found_out
    in_a, in_b, hunks = scratch.in_a, scratch.in_b, scratch.hunks
    done = 0
    for pair in range(len(left)):
        mark = 4 * pair + 4  # and the three after it: of this pair alone
        a, b = left[pair], right[pair]
        ends[pair] = done
        if are_same(rows, a, b):
            status[pair], common[pair] = SAME_WORDS, 1
            continue
        size_a, size_b = rows.ends[a] - rows.starts[a], rows.ends[b] - rows.starts[b]
        short, long = (size_a, size_b) if size_a <= size_b else (size_b, size_a)
        if long >= MIN_LENGTH_RATIO * short and long >= short + MIN_MORE_WORDS:
            if size_a <= size_b:
                may_be_held = may_hold(rows, a, b, in_a, in_b, mark)
            else:
                may_be_held = may_hold(rows, b, a, in_b, in_a, mark)
            if not may_be_held:
                status[pair], decision[pair] = TOO_FEW, DISTINCT
                common[pair], total[pair] = share_names(rows, a, b, in_a, in_b, mark)
                continue
        if (rows.kinds[a] | rows.kinds[b]) & IS_ODD:
            continue
        status[pair] = NOT_PLAIN
        if not rows.kinds[a] & rows.kinds[b] & IS_PLAIN:
            look_inside(rows, known, phrases, a, b, scratch, found_out, pair, done)
            done = ends[pair]
            continue
        figures = pair_figures(rows, known, a, b, hunks)
        found, matched = min(figures, MAX_HUNKS), size_a - figures
        if not figures:
            found = walk(rows, a, b, hunks)
            for n in range(found):
                matched -= hunks[n, 1] - hunks[n, 0]
        share = 2 * matched / (size_a + size_b)
        in_context = short >= MIN_CONTEXT_WORDS and share >= MIN_CONTEXT_SHARE
        told, taken, is_apart, is_open, asked = 0, 0, False, False, questions[0]
        for n in range(found):
            span = spans[done + told]
            span[TAKEN] = 0
            if judge(rows, known, phrases, a, b, hunks[n], span, in_context, answers, questions):
                told += 1
                taken |= span[TAKEN]
                is_apart = is_apart or span[TAKEN] == TAKEN_A | TAKEN_B
            elif span[TAKEN] == OPEN:
                is_open = True
        if questions[0] > asked:
            status[pair] = UNSURE
            continue
        common[pair], total[pair] = 2 * matched, size_a + size_b
        if found < 0:
            common[pair], total[pair] = share_names(rows, a, b, in_a, in_b, mark)
        if found < 0 or (told < found and not is_apart):
            stamp(rows, a, in_a, mark)
            stamp(rows, b, in_b, mark)
            find_meetings(rows, a, b, scratch.meetings, mark)
            x, y = find_own_facts(rows, known, phrases, a, b, in_a, in_b, scratch.meetings, mark)
            if x < 0 or is_open:
                look_inside(rows, known, phrases, a, b, scratch, found_out, pair, done)
                done = ends[pair]
                continue
            write_facts(rows, x, y, spans[done + told])
            told += 1
            taken = TAKEN_A | TAKEN_B
        status[pair] = PLAIN
        decision[pair] = DISTINCT if taken == TAKEN_A | TAKEN_B else taken_decision(taken)
        done += told
        ends[pair] = done
    return done


@step
def look_inside(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, scratch: Scratch, found_out: Decisions,
    pair: int, done: int,
) -> None:  # fmt: skip
    """`tasks.match.decide.refuse_inside`: tell the pair apart by the place in the longer where most of the other stands."""
    is_a = rows.ends[a] - rows.starts[a] <= rows.ends[b] - rows.starts[b]
    short, long = (a, b) if is_a else (b, a)
    part = len(rows.starts) - 1
    in_short, in_part = scratch.in_a, scratch.in_b
    mark = 4 * pair + 5  # one after that of the pair
    if not cut_window(rows, short, long, scratch.meetings, scratch.counts, mark):
        return
    found_out.windows[pair] = rows.starts[part], rows.ends[part]
    if share_missing(rows, short, part, in_short, in_part, mark) > MAX_MISSING:
        status = TOO_FEW
    else:
        find_meetings(rows, short, part, scratch.meetings, mark + 1)
        met = scratch.meetings.in_b
        n = find_own_fact(rows, known, phrases, short, part, in_short, in_part, met, mark)
        if n < 0:
            return
        status = ONLY_ONE
        span = found_out.spans[done]
        kind = name_fact(rows, n, n)
        none = rows.starts[long]
        if is_a:
            write(span, kind, n, n + 1, none, none, TAKEN_A)
        else:
            write(span, kind, none, none, n, n + 1, TAKEN_B)
        found_out.span_ends[pair] = done + 1
    found_out.status[pair], found_out.decision[pair] = status, DISTINCT
    both = share_names(rows, a, b, scratch.in_a, scratch.in_b, mark + 1)
    found_out.common[pair], found_out.total[pair] = both


@step
def taken_decision(taken: int) -> int:
    """What follows where at most one text says more."""
    return B_IN_A if taken == TAKEN_A else A_IN_B if taken == TAKEN_B else SAME


@step
def are_same(rows: Rows, a: int, b: int) -> bool:
    """Whether two texts have the same words."""
    size = rows.ends[a] - rows.starts[a]
    if rows.ends[b] - rows.starts[b] != size:
        return False
    for n in range(size):  # noqa: SIM110 - numba has no generator expressions
        if rows.names[rows.starts[a] + n] != rows.names[rows.starts[b] + n]:
            return False
    return True


@step
def may_hold(rows: Rows, short: int, long: int, in_short: Numbers, in_long: Numbers, mark: int) -> bool:
    """`tasks.match.decide.may_hold` for texts of unlike length."""
    share = share_missing(rows, short, long, in_short, in_long, mark)
    start, end = rows.starts[short], rows.ends[short]
    if end - start >= MIN_LONG_TEXT:
        return share <= MAX_MISSING
    runs = found = 0
    for n in range(start, end - 2):
        if not has_run(rows, start, n + 2, n):
            runs += 1
            found += has_run(rows, rows.starts[long], rows.ends[long], n)
    return share <= MAX_MISSING_OF_SHORT and found >= MIN_RUNS_OF_SHORT * runs


@step
def share_missing(rows: Rows, short: int, long: int, in_short: Numbers, in_long: Numbers, mark: int) -> float:
    """`tasks.match.decide.share_missing`; the keys of both texts are marked afterwards."""
    stamp(rows, long, in_long, mark)
    distinct = missing = 0
    for n in range(rows.starts[short], rows.ends[short]):
        if in_short[rows.names[n]] != mark:
            in_short[rows.names[n]] = mark
            distinct += 1
            missing += in_long[rows.names[n]] != mark
    return missing / (distinct or 1)


@step
def has_run(rows: Rows, start: int, end: int, n: int) -> bool:
    """Whether the three words at `n` stand somewhere between two places."""
    names = rows.names
    for m in range(start, end - 2):
        if names[m] == names[n] and names[m + 1] == names[n + 1] and names[m + 2] == names[n + 2]:
            return True
    return False


@step
def share_names(rows: Rows, a: int, b: int, in_a: Numbers, in_b: Numbers, mark: int) -> tuple[int, int]:
    """`tasks.match.plain.share_names` as a fraction; all keys are marked afterwards."""
    for n in range(rows.starts[a], rows.ends[a]):
        in_a[rows.names[n]] = in_b[rows.names[n]] = 0
    for m in range(rows.starts[b], rows.ends[b]):
        in_a[rows.names[m]] = in_b[rows.names[m]] = 0
    common = either = 0
    for n in range(rows.starts[a], rows.ends[a]):
        either += in_a[rows.names[n]] != mark
        in_a[rows.names[n]] = mark
    for m in range(rows.starts[b], rows.ends[b]):
        if in_b[rows.names[m]] != mark:
            in_b[rows.names[m]] = mark
            is_common = in_a[rows.names[m]] == mark
            common += is_common
            either += not is_common
    return common, either or 1


@inner
def agree(rows: Rows, i: int, i_end: int, j: int, j_end: int) -> bool:
    """`tasks.match.plain._agree`."""
    if i > i_end or j > j_end:
        return False
    for n in range(AGREEING_WORDS):
        if i + n == i_end or j + n == j_end:
            return i_end - i == j_end - j
        if rows.names[i + n] != rows.names[j + n]:
            return False
    return True


@step
def pair_figures(rows: Rows, known: Known, a: int, b: int, hunks: Ints) -> int:
    """`tasks.match.plain.pair_figures`: how many there are, 0 where words differ too; the first are noted."""
    start, other = rows.starts[a], rows.starts[b]
    if rows.ends[a] - start != rows.ends[b] - other:
        return 0
    found = 0
    for n in range(rows.ends[a] - start):
        if rows.names[start + n] != rows.names[other + n]:
            if not differ(rows, known, a, b, start + n, other + n):
                return 0
            if found < MAX_HUNKS:
                hunks[found] = start + n, start + n + 1, other + n, other + n + 1
            found += 1
    return found


@step
def walk(rows: Rows, a: int, b: int, hunks: Ints) -> int:
    """`tasks.match.plain.walk`; returns how many differences there are, -1 where the way is lost."""
    i, j, i_end, j_end = rows.starts[a], rows.starts[b], rows.ends[a], rows.ends[b]
    found = 0
    while i < i_end and j < j_end:
        while i < i_end and j < j_end and rows.names[i] == rows.names[j]:
            i, j = i + 1, j + 1
        if i == i_end or j == j_end:
            break
        ways, step_a, step_b, passed = 0, 0, 0, 1
        while ways == 0 and passed <= 2 * MAX_PASSED_WORDS:
            for x in range(passed + 1):
                is_near = x <= MAX_PASSED_WORDS and passed - x <= MAX_PASSED_WORDS
                if is_near and agree(rows, i + x, i_end, j + passed - x, j_end):
                    ways, step_a, step_b = ways + 1, x, passed - x
            passed += 1
        if ways != 1 or found == MAX_HUNKS:
            return -1
        hunks[found] = i, i + step_a, j, j + step_b
        found, i, j = found + 1, i + step_a, j + step_b
    if i < i_end or j < j_end:
        hunks[found] = i, i_end, j, j_end
        found += 1
    return found
