"""What two texts have in the same place and cannot both mean, compiled: `tasks.match.clashes` on numbered words."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tasks.match import clashes, words
from tasks.match.buffer_kernels import U64, inner, making_step, mix, step
from tasks.match.fact_kernels import (
    CAPITAL,
    DECIMAL,
    FIGURE,
    IS_UPPER,
    NUMERIC,
    POINTS,
    SLASHED,
    STATING_OR_LONE,
    Known,
    Phrases,
    Rows,
    are_equal,
    are_paired,
    count_letters,
    differ_in_figures,
    is_alone,
    is_name,
    look_alike,
    may_abbreviate,
    may_join,
    run_together,
    stands_in,
)
from tasks.match.word_kernels import Numbers

AMOUNT_WORDS: Final = clashes.AMOUNT_WORDS
REPEAT_REACH: Final = clashes.REPEAT_REACH
DENYING: Final = words.DENYING
MEASURING: Final = words.MEASURING

UNIT, DATE, NUMBER, NAME, ABBREVIATION, ORDER, SPELLING, CONTENT, NEGATION = range(9)
KINDS: Final = ("unit", "date", "number", "name", "abbreviation", "order", "spelling", "content", "negation")
TAKEN_A, TAKEN_B = 1, 2
"""What a difference takes: something of the first text, something of the second."""

KIND, A_START, A_END, B_START, B_END, TAKEN = range(6)


@inner
def write(span: Numbers, kind: int, x: int, x_end: int, y: int, y_end: int, taken: int) -> bool:
    """Note a difference."""
    span[KIND], span[TAKEN] = kind, taken
    span[A_START], span[A_END], span[B_START], span[B_END] = x, x_end, y, y_end
    return True


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


@making_step
def find_clash(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int,
    span: Numbers,
) -> bool:  # fmt: skip
    """`tasks.match.clashes.find_clash`: whether there is a clash; it is noted in `span`."""
    if x < x_end and y < y_end:
        common = count_common(rows, x, x_end, y, y_end)
        i, j, start, other = x, y, x, y
        while i < x_end and j < y_end:
            if rows.names[i] == rows.names[j]:
                if clash_here(rows, known, phrases, a, b, start, i, other, j, x, x_end, y, y_end, span):
                    return True
                i, j = i + 1, j + 1
                start, other = i, j
                continue
            ahead, there = common[i + 1 - x, j - y], common[i - x, j + 1 - y]
            if ahead == there:
                ahead, there = x_end - i, y_end - j
            if ahead > there or (ahead == there and comes_after(known, rows.words[i], rows.words[j])):
                i += 1
            else:
                j += 1
        if clash_here(rows, known, phrases, a, b, start, x_end, other, y_end, x, x_end, y, y_end, span):
            return True
    return deny(rows, a, b, x, x_end, y, y_end) and write(
        span, NEGATION, x, x_end, y, y_end, TAKEN_A | TAKEN_B
    )


@step
def comes_after(known: Known, word: int, other: int) -> bool:
    """Whether a word stands after another in the order of its letters without case."""
    first, there = known.folded_at[word], known.folded_at[other]
    size, size_there = known.folded_at[word + 1] - first, known.folded_at[other + 1] - there
    for n in range(min(size, size_there)):
        if known.folded[first + n] != known.folded[there + n]:
            return bool(known.folded[first + n] > known.folded[there + n])
    return bool(size > size_there)


@making_step
def count_common(rows: Rows, x: int, x_end: int, y: int, y_end: int) -> Numbers:
    """The lengths of the longest common subsequences of what is left of both sides, from each two words on."""
    common = np.zeros((x_end - x + 1, y_end - y + 1), np.int32)
    for i in range(x_end - x - 1, -1, -1):
        for j in range(y_end - y - 1, -1, -1):
            if rows.names[x + i] == rows.names[y + j]:
                common[i, j] = common[i + 1, j + 1] + 1
            else:
                common[i, j] = max(common[i + 1, j], common[i, j + 1])
    return common


@step
def clash_here(  # noqa: PLR0911 - a table, read from the top
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int,
    low: int, high: int, low_there: int, high_there: int, span: Numbers,
) -> bool:  # fmt: skip
    """Whether a part of a difference clashes, of which no word stands elsewhere on the other side of the whole."""
    if x == x_end or y == y_end:
        return False
    if stray(rows, x, x_end, low_there, high_there) or stray(rows, y, y_end, low, high):
        return False
    both = TAKEN_A | TAKEN_B
    if are_other_names(rows, known, phrases, a, b, x, x_end, y, y_end):
        return write(span, NAME, x, x_end, y, y_end, both)
    if measures_otherwise(rows, known, a, b, x, y):
        return write(span, UNIT, x, x + 1, y, y + 1, both)
    if x_end - x == y_end - y:
        for n in range(x_end - x):
            if differ(rows, known, a, b, x + n, y + n):
                return write(span, name_figure(rows, x + n), x + n, x + n + 1, y + n, y + n + 1, both)
    if x_end - x == y_end - y == 1 and are_other_words(rows, known, phrases, a, b, x, y):
        return write(span, CONTENT, x, x_end, y, y_end, both)
    return clash_at_ends(rows, known, phrases, a, b, x, x_end, y, y_end, span)


@step
def clash_at_ends(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int,
    span: Numbers,
) -> bool:  # fmt: skip
    """Whether the first or the last word is another name, and the rest as long, or short for the other rest."""
    for last in range(2):
        one, other = (x_end - 1, y_end - 1) if last else (x, y)
        if (
            x_end - x == y_end - y
            or is_short_form(
                rows, known, phrases, a, b, x + 1 - last, x_end - last, y + 1 - last, y_end - last
            )
        ) and are_other_names(rows, known, phrases, a, b, one, one + 1, other, other + 1):
            return write(span, NAME, one, one + 1, other, other + 1, TAKEN_A | TAKEN_B)
    return False


@step
def stray(rows: Rows, start: int, end: int, low: int, high: int) -> bool:
    """Whether one of some words stands among others."""
    for n in range(start, end):
        for m in range(low, high):
            if rows.names[n] == rows.names[m]:
                return True
    return False


@step
def are_names(rows: Rows, known: Known, row: int, start: int, end: int) -> bool:
    """`tasks.match.clashes._are_names`."""
    is_upper = (rows.kinds[row] & IS_UPPER) != 0
    if not is_upper and (start == rows.starts[row] or not rows.flags[start] & CAPITAL or rows.opens[start]):
        return False
    states = not is_upper and rows.is_spaced[start] > 0 and (rows.flags[start - 1] & CAPITAL) != 0
    for n in range(start, end):
        if count_letters(known, rows.words[n]) == 1:
            return False
        is_stated = (rows.flags[n] & STATING_OR_LONE) != 0
        states = states or is_stated
        if not is_stated if is_upper else n > start and not is_name(rows, row, n):
            return False
    return states


@making_step
def are_other_names(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int
) -> bool:
    """`tasks.match.clashes.are_other_names`."""
    if rows.kinds[a] & rows.kinds[b] & IS_UPPER:
        return False
    if not are_names(rows, known, a, x, x_end) or not are_names(rows, known, b, y, y_end):
        return False
    for n in range(x, x_end):
        for m in range(y, y_end):
            if rows.names[n] == rows.names[m] or are_paired(phrases.means, rows.names[n], rows.names[m]):
                return False
    if are_equal(run_together(rows, known, x, x_end), run_together(rows, known, y, y_end)):
        return False
    return not may_abbreviate(rows, known, a, b, x, x_end, y, y_end)


@making_step
def are_other_words(rows: Rows, known: Known, phrases: Phrases, a: int, b: int, n: int, m: int) -> bool:
    """`tasks.match.clashes.are_other_words`."""
    if not is_own_word(rows, phrases, a, n, b, m) or not is_own_word(rows, phrases, b, m, a, n):
        return False
    if look_alike(rows, known, a, n, b, m):
        return False
    if stands_in(known, rows.words[n], run_together(rows, known, m, m + 1)):
        return False
    if stands_in(known, rows.words[m], run_together(rows, known, n, n + 1)):
        return False
    if are_paired(phrases.means, rows.names[n], rows.names[m]):
        return False
    return not may_abbreviate(rows, known, a, b, n, n + 1, m, m + 1)


@step
def is_own_word(rows: Rows, phrases: Phrases, row: int, n: int, other: int, m: int) -> bool:
    """`tasks.match.clashes.is_own_word`."""
    if not is_alone(rows, phrases, row, n) or (n + 1 < rows.ends[row] and rows.flags[n + 1] & POINTS):
        return False
    for at in range(max(rows.starts[other], m - REPEAT_REACH), min(rows.ends[other], m + REPEAT_REACH + 1)):
        if rows.names[at] == rows.names[n]:
            return False
    return True


@step
def differ(rows: Rows, known: Known, a: int, b: int, n: int, m: int) -> bool:
    """`tasks.match.clashes.differ`."""
    if rows.flags[n] & rows.flags[m] & FIGURE:
        return bool(rows.names[n] != rows.names[m])
    if n == rows.starts[a] or m == rows.starts[b]:
        return False
    return differ_in_figures(rows, known, n, m) or measures_otherwise(rows, known, a, b, n, m)


@step
def measures_otherwise(rows: Rows, known: Known, a: int, b: int, n: int, m: int) -> bool:
    """`tasks.match.clashes.measures_otherwise`."""
    if n == rows.starts[a] or m == rows.starts[b] or not rows.flags[n] & rows.flags[m] & MEASURING:
        return False
    if rows.names[n - 1] != rows.names[m - 1] or not rows.flags[n - 1] & DECIMAL:
        return False
    return bool(known.units[rows.words[n]] != known.units[rows.words[m]])


@inner
def name_figure(rows: Rows, n: int) -> int:
    """`tasks.match.clashes.name_figure`."""
    return UNIT if rows.flags[n] & MEASURING else DATE if rows.flags[n] & SLASHED else NUMBER


@step
def is_amount(rows: Rows, phrases: Phrases, row: int, n: int) -> bool:
    """A figure and a unit, or a word that counts thousands, right after it."""
    flags = rows.flags[n + 1]
    is_unit = (flags & (MEASURING | NUMERIC)) != 0 and not flags & DECIMAL
    return (rows.flags[n] & FIGURE) != 0 and is_unit and not may_join(rows, phrases, row, n)


@step
def differ_in_amounts(rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, y: int) -> bool:
    """`tasks.match.clashes.differ_in_amounts`."""
    if not is_amount(rows, phrases, a, x) or not is_amount(rows, phrases, b, y):
        return False
    return bool(known.figures[rows.words[x], 3] != known.figures[rows.words[y], 3])


@step
def is_short_form(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int
) -> bool:
    """`tasks.match.clashes.is_short_form`."""
    if x_end - x < y_end - y:
        return abbreviates(rows, known, phrases, a, b, x, x_end, y, y_end)
    return x_end - x > y_end - y and abbreviates(rows, known, phrases, b, a, y, y_end, x, x_end)


@step
def abbreviates(
    rows: Rows, known: Known, phrases: Phrases, short: int, long: int, x: int, x_end: int, y: int, y_end: int
) -> bool:
    """`tasks.match.clashes._abbreviates`, of a shorter side."""
    if x == x_end or may_join(rows, phrases, short, x) or may_join(rows, phrases, short, x_end):
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
def deny(rows: Rows, a: int, b: int, x: int, x_end: int, y: int, y_end: int) -> bool:
    """`tasks.match.clashes._deny`."""
    if x_end == rows.ends[a] or y_end == rows.ends[b]:
        return False
    count, count_there = count_denials(rows, x, x_end), count_denials(rows, y, y_end)
    if count == count_there:
        return count > 0 and have_same_words(rows, x, x_end, y, y_end)
    start, end = (x, x_end) if count > count_there else (y, y_end)
    while not rows.flags[start] & DENYING:
        start += 1
    for n in range(start + 1, end + 1):  # noqa: SIM110 - numba has no generator expressions
        if not rows.is_spaced[n]:
            return False
    return True


@step
def count_denials(rows: Rows, start: int, end: int) -> int:
    """How many words deny."""
    count = 0
    for n in range(start, end):
        count += (rows.flags[n] & DENYING) != 0
    return count


@step
def have_same_words(rows: Rows, x: int, x_end: int, y: int, y_end: int) -> bool:
    """Whether two sides have the same words, each as often, in whatever order."""
    if x_end - x != y_end - y:
        return False
    for n in range(x, x_end):
        more = 0
        for m in range(x_end - x):
            more += rows.names[x + m] == rows.names[n]
            more -= rows.names[y + m] == rows.names[n]
        if more:
            return False
    return True
