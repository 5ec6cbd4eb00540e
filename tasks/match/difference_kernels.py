"""One difference of a pair, judged on numbered words: the compiled `tasks.match.plain._judge`."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.match import plain, words
from tasks.match.buffer_kernels import U64, Bytes, inner, mix, step
from tasks.match.fact_kernels import (
    CAPITAL,
    DECIMAL,
    DENIED,
    FIGURE,
    IS_CUT,
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
    has_name,
    is_alone,
    is_name,
    look_alike,
    may_abbreviate,
    may_join,
    run_together,
)
from tasks.match.word_kernels import Ints, Numbers

AMOUNT_WORDS: Final = plain.AMOUNT_WORDS
MAX_DENIALS: Final = plain.MAX_DENIALS
DENYING: Final = words.DENYING
ASKING: Final = words.ASKING
HARMLESS: Final = words.HARMLESS
MEASURING: Final = words.MEASURING

UNIT, DATE, NUMBER, NAME, ABBREVIATION, ORDER, SPELLING, CONTENT, NEGATION = range(9)
KINDS: Final = ("unit", "date", "number", "name", "abbreviation", "order", "spelling", "content", "negation")
TAKEN_A, TAKEN_B = 1, 2
"""What a difference takes: something of the first text, something of the second."""

KIND, A_START, A_END, B_START, B_END, TAKEN = range(6)


class Answers(NamedTuple):
    """Whether one word is another with a slip, for the questions asked so far, sorted; see `ask`."""

    questions: Ints
    is_slip: Bytes


@inner
def write(span: Numbers, kind: int, x: int, x_end: int, y: int, y_end: int, taken: int) -> bool:
    """Note a difference."""
    span[KIND], span[TAKEN] = kind, taken
    span[A_START], span[A_END], span[B_START], span[B_END] = x, x_end, y, y_end
    return True


@step
def write_facts(rows: Rows, x: int, y: int, span: Numbers) -> bool:
    """Note a difference of two facts."""
    return write(span, name_fact(rows, x, y), x, x + 1, y, y + 1, TAKEN_A | TAKEN_B)


@step
def name_fact(rows: Rows, x: int, y: int) -> int:
    """`tasks.match.facts.name_fact`."""
    either = rows.flags[x] | rows.flags[y]
    return NUMBER if either & DECIMAL else NAME if either & CAPITAL else CONTENT


@step
def find_sorted(values: npt.NDArray[Any], value: Any) -> int:  # noqa: ANN401 - of one kind with the values
    """Where a value stands in a sorted array, or would: `numpy.searchsorted`, which takes a second to compile."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@step
def judge(  # noqa: PLR0911 - a table, read from the top
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, hunk: Ints, span: Numbers, in_context: int,
    answers: Answers, questions: Ints,
) -> bool:  # fmt: skip
    """`tasks.match.plain._judge`: whether a difference is plain; `questions[0]` counts those that are open."""
    x, x_end, y, y_end = hunk[0], hunk[1], hunk[2], hunk[3]
    if x == x_end or y == y_end:
        return judge_addition(rows, phrases, a, b, x, x_end, y, y_end, span)
    x_end -= (rows.kinds[a] & IS_CUT) != 0 and x_end == rows.ends[a]
    y_end -= (rows.kinds[b] & IS_CUT) != 0 and y_end == rows.ends[b]
    size_a, size_b = x_end - x, y_end - y
    if not size_a or not size_b:
        return False
    if size_a == size_b == 1 and differ(rows, known, a, b, x, y):
        kind = UNIT if rows.flags[x] & MEASURING else DATE if rows.flags[x] & SLASHED else NUMBER
        return write(span, kind, x, x_end, y, y_end, TAKEN_A | TAKEN_B)
    if size_a == size_b == AMOUNT_WORDS and differ_in_amounts(rows, known, phrases, a, b, x, y):
        return write(span, NUMBER, x, x_end, y, y_end, TAKEN_A | TAKEN_B)
    if are_other_names(rows, known, phrases, a, b, x, x_end, y, y_end):
        return write(span, NAME, x, x_end, y, y_end, TAKEN_A | TAKEN_B)
    if (size_a < size_b and abbreviates(rows, known, phrases, a, b, x, x_end, y, y_end)) or (
        size_b < size_a and abbreviates(rows, known, phrases, b, a, y, y_end, x, x_end)
    ):
        return write(span, ABBREVIATION, x, x_end, y, y_end, 0)
    if size_a == size_b == 1 and look_alike(rows, known, a, x, b, y):
        return judge_slip(rows, known, phrases, a, b, x, y, span, in_context, answers, questions)
    is_turned = size_a == size_b == 2 and rows.names[x] == rows.names[y + 1]
    if is_turned and rows.names[x + 1] == rows.names[y]:
        may_turn = are_plain(rows, a, x, x_end) and are_plain(rows, b, y, y_end)
        return may_turn and write(span, ORDER, x, x_end, y, y_end, 0)
    one, other = find_facts(rows, known, phrases, a, b, x, x_end, y, y_end)
    return one >= 0 and write_facts(rows, one, other, span)


@step
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


@step
def is_amount(rows: Rows, phrases: Phrases, row: int, n: int) -> bool:
    """A figure and a unit, or a word that counts thousands, right after it."""
    flags = rows.flags[n + 1]
    is_unit = (flags & (MEASURING | NUMERIC)) != 0 and not flags & DECIMAL
    return (rows.flags[n] & FIGURE) != 0 and is_unit and not may_join(rows, phrases, row, n)


@step
def differ_in_amounts(rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, y: int) -> bool:
    """`tasks.match.plain._differ_in_amounts`."""
    if not is_amount(rows, phrases, a, x) or not is_amount(rows, phrases, b, y):
        return False
    return bool(known.figures[rows.words[x], 3] != known.figures[rows.words[y], 3])


@step
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


@step
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


@step
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


@step
def find_meaning(rows: Rows, phrases: Phrases, start: int, end: int) -> int:
    """What a phrase that has short forms, or is one, says; -1 for any other words."""
    hashed = U64(0)
    for n in range(start, end):
        if n > start and not rows.is_spaced[n]:
            return -1
        hashed = mix(hashed + U64(rows.names[n] + 1))
    place = find_sorted(phrases.hashes, hashed)
    if place < len(phrases.hashes) and phrases.hashes[place] == hashed:
        return int(phrases.meanings[place])
    return -1


@step
def are_plain(rows: Rows, row: int, start: int, end: int) -> bool:
    """`tasks.match.plain._are_plain`."""
    for n in range(start, end):
        if rows.flags[n] & (NUMERIC | DENYING) or not (rows.flags[n] & SMALL or rows.kinds[row] & IS_UPPER):
            return False
    return True


@step
def judge_slip(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, y: int, span: Numbers, in_context: int,
    answers: Answers, questions: Ints,
) -> bool:  # fmt: skip
    """`tasks.match.plain._judge_slip`; without an answer the question is put."""
    if not are_plain(rows, a, x, x + 1) or not are_plain(rows, b, y, y + 1):
        return False
    question = ask(rows.words[x], rows.words[y], in_context, len(known.initials))
    place = find_sorted(answers.questions, question)
    if place == len(answers.questions) or answers.questions[place] != question:
        questions[0] += 1
        questions[questions[0]] = question
        return False
    if answers.is_slip[place]:
        return write(span, SPELLING, x, x + 1, y, y + 1, 0)
    if has_name(rows, b, rows.names[x]) or has_name(rows, a, rows.names[y]):
        return False
    are_alone = is_alone(rows, phrases, a, x) and is_alone(rows, phrases, b, y)
    return are_alone and write(span, CONTENT, x, x + 1, y, y + 1, TAKEN_A | TAKEN_B)


@inner
def ask(one: int, other: int, in_context: int, count: int) -> int:
    """The number of a question: two words, and whether a long passage around them is the same."""
    return (np.int64(one) * count + other) * 2 + in_context  # type: ignore[return-value]  # an int to the compiler


@step
def judge_addition(
    rows: Rows, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int, span: Numbers
) -> bool:
    """`tasks.match.plain._judge_addition`: one of the stretches is empty."""
    fuller, other, start, end, taken = a, b, x, x_end, TAKEN_A
    if x == x_end:
        fuller, other, start, end, taken = b, a, y, y_end, TAKEN_B
    flags, first, last = rows.flags, rows.starts[fuller], rows.ends[fuller]
    kind, is_plain = CONTENT, False
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
        kind, taken = NEGATION, TAKEN_A | TAKEN_B
    return is_plain and write(span, kind, x, x_end, y, y_end, taken)
