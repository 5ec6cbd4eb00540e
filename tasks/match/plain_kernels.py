"""`tasks.match.plain` on numbered words, compiled: the plain decisions on many pairs at once.

Texts are rows of `Rows`. What the rule asks of a word stands in `Known`, what it asks of a phrase in `Phrases`. A
property test holds the kernel to the plain reading.
"""

from typing import Final, NamedTuple

import numpy as np

from tasks.match import decide, plain, words
from tasks.match.buffer_kernels import U64, Bytes, inner, kernel, mix
from tasks.match.fact_kernels import (
    CAPITAL,
    DECIMAL,
    DENIED,
    FIGURE,
    IS_CUT,
    IS_ODD,
    IS_PLAIN,
    IS_UPPER,
    LONE,
    NUMERIC,
    SLASHED,
    SMALL,
    STATING,
    SYLLABIC,
    Known,
    Phrases,
    Rows,
    are_equal,
    differ_in_figures,
    find_facts,
    find_own_facts,
    has_name,
    is_alone,
    is_name,
    look_alike,
    may_abbreviate,
    may_join,
    run_together,
    stamp,
)
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
AMOUNT_WORDS: Final = plain.AMOUNT_WORDS
MAX_DENIALS: Final = plain.MAX_DENIALS
DENYING: Final = words.DENYING
ASKING: Final = words.ASKING
HARMLESS: Final = words.HARMLESS
MEASURING: Final = words.MEASURING

# What is found out about a pair.
ODD_TEXT: Final = 0
NOT_PLAIN: Final = 1
SAME_WORDS: Final = 2
TOO_FEW: Final = 3
PLAIN: Final = 4
UNSURE: Final = 5  # a question about two spellings is open

SAME, A_IN_B, B_IN_A, DISTINCT = 0, 1, 2, 3
DECISIONS: Final = ("same", "a_in_b", "b_in_a", "distinct")

UNIT, DATE, NUMBER, NAME, ABBREVIATION, ORDER, SPELLING, CONTENT, NEGATION = range(9)
KINDS: Final = ("unit", "date", "number", "name", "abbreviation", "order", "spelling", "content", "negation")
TAKEN_A, TAKEN_B = 1, 2
"""What a difference takes: something of the first text, something of the second."""

KIND, A_START, A_END, B_START, B_END, TAKEN = range(6)
MAX_SPANS: Final = MAX_HUNKS + 2


class Answers(NamedTuple):
    """Whether one word is another with a slip, for the questions asked so far, sorted; see `ask`."""

    questions: Ints
    is_slip: Bytes


class Decisions(NamedTuple):
    """What was found out about n pairs.

    Attributes:
        status: How far a decision was reached.
        decision: The decision.
        common, total: The similarity as a fraction.
        spans: The differences; kind, start and end in the one and the other text, and what they take.
        span_ends: Where the differences of each pair end in `spans`.
        questions: About which spellings an answer is wanted.
    """

    status: Bytes
    decision: Bytes
    common: Ints
    total: Ints
    spans: Numbers
    span_ends: Ints
    questions: Ints


@kernel
def decide_pairs(  # noqa: PLR0912, PLR0915 - one walk through a pair: parts would hand on all of its state
    left: Ints, right: Ints, rows: Rows, known: Known, phrases: Phrases, names: int, answers: Answers
) -> Decisions:
    """The plain decisions on pairs of rows; `names` is the count of distinct keys."""
    count = len(left)
    status, decision = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    common, total = np.zeros(count, np.int64), np.ones(count, np.int64)
    spans, ends = np.empty((count * 2 + MAX_SPANS, 6), np.int32), np.zeros(count, np.int64)
    questions = np.empty(64, np.int64)
    in_a, in_b = np.zeros(names, np.int32), np.zeros(names, np.int32)
    hunks = np.empty((MAX_HUNKS + 1, 4), np.int64)
    done = asked = 0
    for pair in range(count):
        if done + MAX_SPANS > len(spans):
            more = np.empty((len(spans) * 2, 6), np.int32)
            more[:done] = spans[:done]
            spans = more
        if asked + MAX_SPANS > len(questions):
            longer = np.empty(len(questions) * 4, np.int64)
            longer[:asked] = questions[:asked]
            questions = longer
        a, b = left[pair], right[pair]
        ends[pair] = done
        if (rows.kinds[a] | rows.kinds[b]) & IS_ODD:
            continue
        status[pair] = NOT_PLAIN
        if are_same(rows, a, b):
            status[pair], common[pair] = SAME_WORDS, 1
            continue
        size_a, size_b = rows.ends[a] - rows.starts[a], rows.ends[b] - rows.starts[b]
        short, long = min(size_a, size_b), max(size_a, size_b)
        if long >= max(MIN_LENGTH_RATIO * short, float(short + MIN_MORE_WORDS)):
            if size_a <= size_b:
                may_be_held = may_hold(rows, a, b, in_a, in_b, pair + 1)
            else:
                may_be_held = may_hold(rows, b, a, in_b, in_a, pair + 1)
            if not may_be_held:
                status[pair], decision[pair] = TOO_FEW, DISTINCT
                common[pair], total[pair] = share_names(rows, a, b, in_a, in_b, pair + 1)
                continue
        if not rows.kinds[a] & rows.kinds[b] & IS_PLAIN:
            continue
        found = walk(rows, a, b, hunks)
        matched = size_a
        for n in range(found):
            matched -= hunks[n, 1] - hunks[n, 0]
        share = 2 * matched / (size_a + size_b)
        in_context = short >= MIN_CONTEXT_WORDS and share >= MIN_CONTEXT_SHARE
        told, taken, is_apart, before = 0, 0, False, asked
        for n in range(found):
            span = spans[done + told]
            is_told, asked = judge(
                rows, known, phrases, a, b, hunks[n], span, in_context, answers, questions, asked
            )
            if is_told:
                told += 1
                taken |= span[TAKEN]
                is_apart = is_apart or span[TAKEN] == TAKEN_A | TAKEN_B
        if asked > before:
            status[pair] = UNSURE
            continue
        common[pair], total[pair] = 2 * matched, size_a + size_b
        if found < 0:
            common[pair], total[pair] = share_names(rows, a, b, in_a, in_b, pair + 1)
        if found < 0 or (told < found and not is_apart):
            stamp(rows, a, in_a, pair + 1)
            stamp(rows, b, in_b, pair + 1)
            x, y = find_own_facts(rows, known, phrases, a, b, in_a, in_b, pair + 1)
            if x < 0:
                continue
            write_facts(rows, x, y, spans[done + told])
            told += 1
            taken = TAKEN_A | TAKEN_B
        status[pair] = PLAIN
        decision[pair] = DISTINCT if taken == TAKEN_A | TAKEN_B else taken_decision(taken)
        done += told
        ends[pair] = done
    return Decisions(status, decision, common, total, spans[:done], ends, questions[:asked])


@kernel
def taken_decision(taken: int) -> int:
    """What follows where at most one text says more."""
    return B_IN_A if taken == TAKEN_A else A_IN_B if taken == TAKEN_B else SAME


@kernel
def are_same(rows: Rows, a: int, b: int) -> bool:
    """Whether two texts have the same words."""
    size = rows.ends[a] - rows.starts[a]
    if rows.ends[b] - rows.starts[b] != size:
        return False
    for n in range(size):  # noqa: SIM110 - numba has no generator expressions
        if rows.names[rows.starts[a] + n] != rows.names[rows.starts[b] + n]:
            return False
    return True


@kernel
def may_hold(rows: Rows, short: int, long: int, in_short: Numbers, in_long: Numbers, mark: int) -> bool:
    """`tasks.match.decide.may_hold` for texts of unlike length."""
    stamp(rows, long, in_long, mark)
    distinct = missing = 0
    start, end = rows.starts[short], rows.ends[short]
    for n in range(start, end):
        if in_short[rows.names[n]] != mark:
            in_short[rows.names[n]] = mark
            distinct += 1
            missing += in_long[rows.names[n]] != mark
    share = missing / max(1, distinct)
    if end - start >= MIN_LONG_TEXT:
        return share <= MAX_MISSING
    runs = found = 0
    for n in range(start, end - 2):
        if not has_run(rows, start, n + 2, n):
            runs += 1
            found += has_run(rows, rows.starts[long], rows.ends[long], n)
    return share <= MAX_MISSING_OF_SHORT and found >= MIN_RUNS_OF_SHORT * runs


@kernel
def has_run(rows: Rows, start: int, end: int, n: int) -> bool:
    """Whether the three words at `n` stand somewhere between two places."""
    names = rows.names
    for m in range(start, end - 2):
        if names[m] == names[n] and names[m + 1] == names[n + 1] and names[m + 2] == names[n + 2]:
            return True
    return False


@kernel
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
    return common, max(1, either)


@inner
def agree(rows: Rows, i: int, i_end: int, j: int, j_end: int) -> bool:
    """`tasks.match.plain._agree`."""
    if i > i_end or j > j_end:
        return False
    size = min(AGREEING_WORDS, i_end - i)
    if size != min(AGREEING_WORDS, j_end - j):
        return False
    for n in range(size):
        if rows.names[i + n] != rows.names[j + n]:
            return False
    return size == AGREEING_WORDS or i_end - i == j_end - j


@kernel
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
            for x in range(max(0, passed - MAX_PASSED_WORDS), min(passed, MAX_PASSED_WORDS) + 1):
                if agree(rows, i + x, i_end, j + passed - x, j_end):
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


@inner
def write(span: Numbers, kind: int, x: int, x_end: int, y: int, y_end: int, taken: int) -> bool:
    """Note a difference."""
    span[KIND], span[TAKEN] = kind, taken
    span[A_START], span[A_END], span[B_START], span[B_END] = x, x_end, y, y_end
    return True


@kernel
def write_facts(rows: Rows, x: int, y: int, span: Numbers) -> bool:
    """Note a difference of two facts, as `tasks.match.facts.name_fact` calls it."""
    either = rows.flags[x] | rows.flags[y]
    is_number = either & FIGURE or rows.flags[x] & DECIMAL
    kind = NUMBER if is_number else NAME if either & CAPITAL else CONTENT
    return write(span, kind, x, x + 1, y, y + 1, TAKEN_A | TAKEN_B)


@kernel
def judge(  # noqa: PLR0911 - a table, read from the top
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, hunk: Ints, span: Numbers, in_context: int,
    answers: Answers, questions: Ints, asked: int,
) -> tuple[bool, int]:  # fmt: skip
    """`tasks.match.plain._judge`: whether a difference is plain, and how many questions are open then."""
    x, x_end, y, y_end = hunk[0], hunk[1], hunk[2], hunk[3]
    if x == x_end:
        return judge_addition(rows, phrases, b, a, y, y_end, x, TAKEN_B, span), asked
    if y == y_end:
        return judge_addition(rows, phrases, a, b, x, x_end, y, TAKEN_A, span), asked
    x_end -= (rows.kinds[a] & IS_CUT) != 0 and x_end == rows.ends[a]
    y_end -= (rows.kinds[b] & IS_CUT) != 0 and y_end == rows.ends[b]
    size_a, size_b = x_end - x, y_end - y
    if not size_a or not size_b:
        return False, asked
    if size_a == size_b == 1 and differ(rows, known, a, b, x, y):
        kind = UNIT if rows.flags[x] & MEASURING else DATE if rows.flags[x] & SLASHED else NUMBER
        return write(span, kind, x, x_end, y, y_end, TAKEN_A | TAKEN_B), asked
    if size_a == size_b == AMOUNT_WORDS and differ_in_amounts(rows, known, phrases, a, b, x, y):
        return write(span, NUMBER, x, x_end, y, y_end, TAKEN_A | TAKEN_B), asked
    if are_other_names(rows, known, phrases, a, b, x, x_end, y, y_end):
        return write(span, NAME, x, x_end, y, y_end, TAKEN_A | TAKEN_B), asked
    if (size_a < size_b and abbreviates(rows, known, phrases, a, b, x, x_end, y, y_end)) or (
        size_b < size_a and abbreviates(rows, known, phrases, b, a, y, y_end, x, x_end)
    ):
        return write(span, ABBREVIATION, x, x_end, y, y_end, 0), asked
    if size_a == size_b == 1 and look_alike(rows, known, a, x, b, y):
        return judge_slip(rows, known, phrases, a, b, x, y, span, in_context, answers, questions, asked)
    is_turned = size_a == size_b == 2 and rows.names[x] == rows.names[y + 1]
    if is_turned and rows.names[x + 1] == rows.names[y]:
        may_turn = are_plain(rows, a, x, x_end) and are_plain(rows, b, y, y_end)
        return may_turn and write(span, ORDER, x, x_end, y, y_end, 0), asked
    one, other = find_facts(rows, known, phrases, a, b, x, x_end, y, y_end)
    return one >= 0 and write_facts(rows, one, other, span), asked


@kernel
def differ(rows: Rows, known: Known, a: int, b: int, n: int, m: int) -> bool:
    """`tasks.match.plain._differ`."""
    both = rows.flags[n] & rows.flags[m]
    if both & FIGURE:
        return True
    if n == rows.starts[a] or m == rows.starts[b]:
        return False
    if not (rows.flags[n] | rows.flags[m]) & words.ALL_FLAGS:
        return differ_in_figures(rows, known, n, m)
    if not both & MEASURING or rows.names[n - 1] != rows.names[m - 1] or not rows.flags[n - 1] & DECIMAL:
        return False
    return bool(known.units[rows.words[n]] != known.units[rows.words[m]])


@kernel
def is_amount(rows: Rows, phrases: Phrases, row: int, n: int) -> bool:
    """A figure and a unit, or a word that counts thousands, right after it."""
    flags = rows.flags[n + 1]
    is_unit = (flags & (MEASURING | NUMERIC)) != 0 and not flags & DECIMAL
    return (rows.flags[n] & FIGURE) != 0 and is_unit and not may_join(rows, phrases, row, n)


@kernel
def differ_in_amounts(rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, y: int) -> bool:
    """`tasks.match.plain._differ_in_amounts`."""
    if not is_amount(rows, phrases, a, x) or not is_amount(rows, phrases, b, y):
        return False
    return bool(known.figures[rows.words[x], 3] != known.figures[rows.words[y], 3])


@kernel
def are_names(rows: Rows, phrases: Phrases, row: int, start: int, end: int) -> bool:
    """`tasks.match.plain._are_names`."""
    for n in range(start, end + 1):
        if may_join(rows, phrases, row, n):
            return False
    for n in range(start, end):
        flags = rows.flags[n]
        is_after_name = n > rows.starts[row] and (rows.flags[n - 1] & CAPITAL) != 0
        is_empty = (flags & HARMLESS) != 0 and not flags & STATING
        if not is_name(rows, row, n) or not (flags & LONE or (is_empty and is_after_name)):
            return False
    return True


@kernel
def are_other_names(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int
) -> bool:
    """`tasks.match.plain._are_other_names`."""
    if not are_names(rows, phrases, a, x, x_end) or not are_names(rows, phrases, b, y, y_end):
        return False
    if may_abbreviate(rows, known, a, b, x, x_end, y, y_end):
        return False
    for n in range(x, x_end):
        for m in range(y, y_end):
            if rows.names[n] == rows.names[m]:
                return False
    return not are_equal(run_together(rows, known, x, x_end), run_together(rows, known, y, y_end))


@kernel
def abbreviates(
    rows: Rows, known: Known, phrases: Phrases, short: int, long: int, x: int, x_end: int, y: int, y_end: int
) -> bool:
    """`tasks.match.plain._abbreviates`."""
    if may_join(rows, phrases, short, x) or may_join(rows, phrases, short, x_end):
        return False
    if may_join(rows, phrases, long, y) or may_join(rows, phrases, long, y_end):
        return False
    if x_end - x == 1:
        first, last = known.letters_at[rows.words[x]], known.letters_at[rows.words[x] + 1]
        if last > first and last - first == y_end - y:
            for n in range(last - first):
                if known.letters[first + n] != known.initials[rows.words[y + n]]:
                    return False
            return True
    one = find_meaning(rows, phrases, x, x_end)
    return one >= 0 and one == find_meaning(rows, phrases, y, y_end)


@kernel
def find_meaning(rows: Rows, phrases: Phrases, start: int, end: int) -> int:
    """What a phrase that has short forms, or is one, says; -1 for any other words."""
    hashed = U64(0)
    for n in range(start, end):
        if n > start and not rows.is_spaced[n]:
            return -1
        hashed = mix(hashed + U64(rows.names[n] + 1))
    place = np.searchsorted(phrases.hashes, hashed)
    if place < len(phrases.hashes) and phrases.hashes[place] == hashed:
        return int(phrases.meanings[place])
    return -1


@kernel
def are_plain(rows: Rows, row: int, start: int, end: int) -> bool:
    """`tasks.match.plain._are_plain`."""
    for n in range(start, end):
        if rows.flags[n] & (NUMERIC | DENYING) or not (rows.flags[n] & SMALL or rows.kinds[row] & IS_UPPER):
            return False
    return True


@kernel
def judge_slip(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, y: int, span: Numbers, in_context: int,
    answers: Answers, questions: Ints, asked: int,
) -> tuple[bool, int]:  # fmt: skip
    """`tasks.match.plain._judge_slip`; without an answer the question is put."""
    if not are_plain(rows, a, x, x + 1) or not are_plain(rows, b, y, y + 1):
        return False, asked
    question = ask(rows.words[x], rows.words[y], in_context, len(known.initials))
    place = np.searchsorted(answers.questions, question)
    if place == len(answers.questions) or answers.questions[place] != question:
        questions[asked] = question
        return False, asked + 1
    if answers.is_slip[place]:
        return write(span, SPELLING, x, x + 1, y, y + 1, 0), asked
    if has_name(rows, b, rows.names[x]) or has_name(rows, a, rows.names[y]):
        return False, asked
    are_alone = is_alone(rows, phrases, a, x) and is_alone(rows, phrases, b, y)
    return are_alone and write(span, CONTENT, x, x + 1, y, y + 1, TAKEN_A | TAKEN_B), asked


@inner
def ask(one: int, other: int, in_context: int, count: int) -> int:
    """The number of a question: two words, and whether a long passage around them is the same."""
    return (np.int64(one) * count + other) * 2 + in_context  # type: ignore[return-value]  # an int to the compiler


@kernel
def judge_addition(
    rows: Rows, phrases: Phrases, fuller: int, other: int, start: int, end: int, place: int, taken: int,
    span: Numbers,
) -> bool:  # fmt: skip
    """`tasks.match.plain._judge_addition`; `place` is where the other text goes on."""
    flags, first, last = rows.flags, rows.starts[fuller], rows.ends[fuller]
    kind, takes, is_plain = CONTENT, taken, False
    if end == last:
        is_after_cut = rows.kinds[other] & IS_CUT and not rows.kinds[fuller] & IS_CUT
        if is_after_cut and start > first:
            is_plain = True
        elif start > first and not may_join(rows, phrases, fuller, start) and not flags[start] & ASKING:
            for n in range(start, end):
                is_plain = is_plain or (flags[n] & STATING and not has_name(rows, other, rows.names[n]))
    elif start == first:
        is_plain = not may_join(rows, phrases, fuller, end)
        states = False
        for n in range(start, end):
            is_plain = is_plain and (flags[n] & HARMLESS) != 0
            states = states or (flags[n] & STATING) != 0
        is_plain = is_plain and states
    elif end - start <= MAX_DENIALS and not may_join(rows, phrases, fuller, start):
        are_denials = True
        for n in range(start, end):
            are_denials = are_denials and (flags[n] & DENYING) != 0
        is_free = flags[end] & DENIED or not may_join(rows, phrases, fuller, end)
        is_plain = are_denials and is_free and (flags[end] & SYLLABIC) != 0 and rows.is_spaced[end] > 0
        kind, takes = NEGATION, TAKEN_A | TAKEN_B
    if not is_plain:
        return False
    if taken == TAKEN_A:
        return write(span, kind, start, end, place, place, takes)
    return write(span, kind, place, place, start, end, takes)
