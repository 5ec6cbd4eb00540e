"""One difference of a pair, judged on numbered words: the compiled `tasks.match.plain._judge`."""

from typing import Final, NamedTuple

import numpy as np

from tasks.match import plain, words
from tasks.match.buffer_kernels import Bytes, inner, step
from tasks.match.clash_kernels import (
    ABBREVIATION,
    AMOUNT_WORDS,
    CONTENT,
    NAME,
    NUMBER,
    ORDER,
    SPELLING,
    TAKEN,
    TAKEN_A,
    TAKEN_B,
    differ_in_amounts,
    find_clash,
    find_sorted,
    is_own_word,
    is_short_form,
    write,
)
from tasks.match.fact_kernels import (
    CAPITAL,
    CONTINUES,
    DECIMAL,
    IS_CUT,
    IS_UPPER,
    NUMERIC,
    SMALL,
    STATING,
    Known,
    Phrases,
    Rows,
    find_facts,
    has_name,
    is_alone,
    is_name,
    look_alike,
    may_join,
)
from tasks.match.word_kernels import Ints, Numbers

ASKING: Final = words.ASKING
DENYING: Final = words.DENYING
HARMLESS: Final = words.HARMLESS
MIN_CLAUSE_WORDS: Final = plain.MIN_CLAUSE_WORDS


IS_SLIP, MAY_BE_SLIP = 1, 2
OPEN = -1
"""What a difference takes that is not plain because only the words around it tell a slip."""


class Answers(NamedTuple):
    """Whether one word is another with a slip, or may be, for the questions asked so far, sorted; see `ask`."""

    questions: Ints
    is_slip: Bytes


@step
def name_fact(rows: Rows, x: int, y: int) -> int:
    """`tasks.match.facts.name_fact`."""
    either = rows.flags[x] | rows.flags[y]
    return NUMBER if either & DECIMAL else NAME if either & CAPITAL else CONTENT


@step
def write_facts(rows: Rows, x: int, y: int, span: Numbers) -> bool:
    """Note a difference of two facts."""
    return write(span, name_fact(rows, x, y), x, x + 1, y, y + 1, TAKEN_A | TAKEN_B)


@step
def judge(  # noqa: PLR0911 - a table, read from the top
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, hunk: Ints, span: Numbers, in_context: int,
    answers: Answers, questions: Ints,
) -> bool:  # fmt: skip
    """`tasks.match.plain._judge`: whether a difference is plain; `questions[0]` counts those that are open."""
    x, x_end, y, y_end = hunk[0], hunk[1], hunk[2], hunk[3]
    is_exchange = x < x_end and y < y_end
    if is_exchange:
        x_end -= (rows.kinds[a] & IS_CUT) != 0 and x_end == rows.ends[a]
        y_end -= (rows.kinds[b] & IS_CUT) != 0 and y_end == rows.ends[b]
    if find_clash(rows, known, phrases, a, b, x, x_end, y, y_end, span):
        return True
    if not is_exchange:
        return judge_addition(rows, phrases, a, b, x, x_end, y, y_end, span, in_context)
    size_a, size_b = x_end - x, y_end - y
    if not size_a or not size_b:
        return False
    if size_a == size_b == AMOUNT_WORDS and differ_in_amounts(rows, known, phrases, a, b, x, y):
        return write(span, NUMBER, x, x_end, y, y_end, TAKEN_A | TAKEN_B)
    if is_short_form(rows, known, phrases, a, b, x, x_end, y, y_end):
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
    if answers.is_slip[place] == MAY_BE_SLIP:
        span[TAKEN] = OPEN
        return False
    if answers.is_slip[place] == IS_SLIP:
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
def goes_on(rows: Rows, row: int, start: int, end: int) -> bool:
    """`tasks.match.plain._goes_on`."""
    if not rows.is_spaced[start] and (rows.flags[start] | rows.flags[start - 1]) & DECIMAL:
        return True
    if end - start == 1 and is_name(rows, row, start):
        return True
    for n in range(start, end):  # noqa: SIM110 - numba has no generator expressions
        if rows.flags[n] & CONTINUES:
            return True
    return False


@step
def is_deep(rows: Rows, phrases: Phrases, row: int, start: int, end: int) -> bool:
    """`tasks.match.plain._is_deep`."""
    if start - rows.starts[row] <= MIN_CLAUSE_WORDS:
        return False
    for n in range(start - MIN_CLAUSE_WORDS, end + 1):
        if not rows.is_spaced[n]:
            return False
    return is_alone(rows, phrases, row, start - 1) and (rows.flags[start - 1] & SMALL) != 0


@step
def judge_addition(
    rows: Rows, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int, span: Numbers,
    in_context: int,
) -> bool:  # fmt: skip
    """`tasks.match.plain._judge_addition`: one of the stretches is empty."""
    fuller, other, start, end, at, taken = a, b, x, x_end, y, TAKEN_A
    if x == x_end:
        fuller, other, start, end, at, taken = b, a, y, y_end, x, TAKEN_B
    flags, first, last = rows.flags, rows.starts[fuller], rows.ends[fuller]
    is_plain = False
    if end == last:
        is_after_cut = rows.kinds[other] & IS_CUT and not rows.kinds[fuller] & IS_CUT
        if is_after_cut and start > first:
            is_plain = True
        elif start > first and not may_join(rows, phrases, fuller, start) and not flags[start] & ASKING:
            for n in range(start, end):
                is_plain = is_plain or (flags[n] & STATING and not has_name(rows, other, rows.names[n]))
            is_plain = is_plain and (rows.opens[start] > 0 or not goes_on(rows, fuller, start, end))
    elif start == first:
        is_plain = not rows.is_spaced[end]
        states = False
        for n in range(start, end):
            is_plain = is_plain and (flags[n] & HARMLESS) != 0
            states = states or (flags[n] & STATING) != 0
        is_plain = is_plain and states
    elif in_context and is_deep(rows, phrases, fuller, start, end):
        is_plain = True
        for n in range(start, end):
            is_plain = is_plain and (flags[n] & HARMLESS) != 0 and (flags[n] & SMALL) != 0
            is_plain = is_plain and is_own_word(rows, phrases, fuller, n, other, at)
            is_plain = is_plain and (end - start == 1 or not has_name(rows, other, rows.names[n]))
    return is_plain and write(span, CONTENT, x, x_end, y, y_end, taken)
