"""`tasks.match.facts` on numbered words, compiled; see `tasks.match.plain_kernels`."""

from typing import Final, NamedTuple

import numpy as np

from tasks.match import facts, spelling, words
from tasks.match.buffer_kernels import Bytes, inner, making_step, step
from tasks.match.word_kernels import Ints, Numbers, Words64

LONE: Final = words.LONE
SYLLABIC: Final = words.SYLLABIC
FIGURE: Final = words.FIGURE
STATING: Final = words.STATING
STATING_OR_LONE: Final = words.STATING_OR_LONE
NUMERIC: Final = words.NUMERIC
NEAR_WORDS: Final = facts.NEAR_WORDS
MIN_TYPO_CHARS: Final = spelling.MIN_TYPO_CHARS

# What is known of a word as it is written, above the flags of `tasks.match.words`.
ALL_CAPITAL: Final = 1 << 10
CAPITAL: Final = 1 << 11
SMALL: Final = 1 << 12
DECIMAL: Final = 1 << 13
SLASHED: Final = 1 << 14
POINTS: Final = 1 << 15  # back to what was named: `này`, `đó`
CONTINUES: Final = 1 << 16  # about what stands before: `nếu`, `là`

# What is known of a text.
IS_ODD: Final = 1
IS_UPPER: Final = 2
IS_CUT: Final = 4
IS_PLAIN: Final = 8


class Rows(NamedTuple):
    """Texts as rows: the words of row r are those from `starts[r]` to `ends[r]`. Of odd texts only the keys are known.

    After the last text there is room for one that is part of another.

    Attributes:
        words: The number of each word as written.
        names: The number of each word's key.
        flags: What is known of each word, as written and by its key.
        is_spaced: Whether each goes on right after the last one.
        opens: Whether a sentence begins with each.
        at: How many bytes of its text stand before each.
        starts, ends: Where each text begins and ends.
        kinds: What is known of each text.
    """

    words: Numbers
    names: Numbers
    flags: Numbers
    is_spaced: Bytes
    opens: Bytes
    at: Numbers
    starts: Ints
    ends: Ints
    kinds: Bytes


class Known(NamedTuple):
    """What the rule asks of a word as written, by its number.

    Attributes:
        folded, folded_at: The letters of each word without case, one word after the other.
        letters, letters_at: The first letters for which an abbreviation stands; none for other words.
        initials: The letter for which the word stands in an abbreviation.
        figures: Of a figure the number of its pattern, of its values without and with a date before it, and of its
            digits up to the last that is no 0; else -1.
        units: The number of the word of which it is another name.
    """

    folded: Numbers
    folded_at: Numbers
    letters: Numbers
    letters_at: Numbers
    initials: Numbers
    figures: Numbers
    units: Numbers


class Phrases(NamedTuple):
    """The lexicon by the numbers of keys; its own have the lowest.

    Attributes:
        joins: Whether two keys stand side by side in a phrase, below `len(joins)`.
        means: Whether two keys stand in two phrases of one meaning, below `len(means)`.
        rivals, rivals_at: For each key how its other names begin: two keys, or one and -1.
        hashes: The phrases with short forms, by a hash of their keys, sorted.
        meanings: The number of what each says.
    """

    joins: Bytes
    means: Bytes
    rivals: Numbers
    rivals_at: Numbers
    hashes: Words64
    meanings: Numbers


@inner
def are_paired(table: Bytes, one: int, other: int) -> bool:
    """What a table of the lexicon's keys says of two keys; they may be of other words."""
    return bool(one < len(table) and other < len(table) and table[one, other] > 0)


@step
def may_join(rows: Rows, phrases: Phrases, row: int, n: int) -> bool:
    """`tasks.match.facts.may_join`."""
    if n <= rows.starts[row] or n >= rows.ends[row]:
        return False
    if rows.flags[n - 1] & rows.flags[n] & NUMERIC:
        return True
    return are_paired(phrases.joins, rows.names[n - 1], rows.names[n])


@step
def is_alone(rows: Rows, phrases: Phrases, row: int, n: int) -> bool:
    """`tasks.match.facts.stands_alone`."""
    if not rows.flags[n] & LONE:
        return False
    return not may_join(rows, phrases, row, n) and not may_join(rows, phrases, row, n + 1)


@step
def has_name(rows: Rows, row: int, name: int) -> bool:
    """Whether a text has a word of this key."""
    for m in range(rows.starts[row], rows.ends[row]):  # noqa: SIM110 - numba has no generator expressions
        if rows.names[m] == name:
            return True
    return False


@inner
def is_name(rows: Rows, row: int, n: int) -> bool:
    """`tasks.match.facts.is_name`."""
    is_first = n == rows.starts[row]
    is_capital = (rows.flags[n] & CAPITAL) != 0
    return is_capital and not is_first and rows.is_spaced[n] > 0 and not rows.kinds[row] & IS_UPPER


@inner
def count_letters(known: Known, word: int) -> int:
    """The letters of a word without case."""
    return int(known.folded_at[word + 1] - known.folded_at[word])


@step
def look_alike(rows: Rows, known: Known, row: int, n: int, other: int, m: int) -> bool:
    """`tasks.match.facts.look_alike`."""
    if is_name(rows, row, n) and is_name(rows, other, m):
        return False
    one, two = rows.words[n], rows.words[m]
    if known.folded[known.folded_at[one]] != known.folded[known.folded_at[two]]:
        return False
    return abs(count_letters(known, one) - count_letters(known, two)) <= 1


@step
def differ_in_figures(rows: Rows, known: Known, n: int, m: int) -> bool:
    """`tasks.match.facts.differ_in_figures`."""
    if rows.flags[n] & rows.flags[m] & FIGURE:
        return bool(rows.names[n] != rows.names[m])
    one, two = known.figures[rows.words[n]], known.figures[rows.words[m]]
    if one[0] < 0 or one[0] != two[0]:
        return False
    return bool(one[1] != two[1] and one[2] != two[2])


@step
def has_expansion(rows: Rows, known: Known, start: int, end: int, low: int, high: int) -> bool:
    """Whether a word from `start` to `end` is a short form of neighbouring words from `low` to `high`."""
    for n in range(start, end):
        first, last = known.letters_at[rows.words[n]], known.letters_at[rows.words[n] + 1]
        size = last - first
        if size == 0:
            continue
        for place in range(low, high - size + 1):
            at = 0
            while at < size and known.initials[rows.words[place + at]] == known.letters[first + at]:
                at += 1
            if at == size:
                return True
    return False


@step
def may_abbreviate(rows: Rows, known: Known, a: int, b: int, x: int, x_end: int, y: int, y_end: int) -> bool:
    """`tasks.match.facts.may_abbreviate`."""
    low, high = max(rows.starts[b], y - NEAR_WORDS), min(rows.ends[b], y_end + NEAR_WORDS)
    if has_expansion(rows, known, x, x_end, low, high):
        return True
    low, high = max(rows.starts[a], x - NEAR_WORDS), min(rows.ends[a], x_end + NEAR_WORDS)
    return has_expansion(rows, known, y, y_end, low, high)


@making_step
def run_together(rows: Rows, known: Known, start: int, end: int) -> Numbers:
    """The letters of some words without case and spaces."""
    size = 0
    for n in range(start, end):
        size += count_letters(known, rows.words[n])
    found = np.empty(size, np.int32)
    place = 0
    for n in range(start, end):
        for at in range(known.folded_at[rows.words[n]], known.folded_at[rows.words[n] + 1]):
            found[place] = known.folded[at]
            place += 1
    return found


@step
def are_equal(one: Numbers, other: Numbers) -> bool:
    """Whether two runs of letters are the same."""
    if len(one) != len(other):
        return False
    for n in range(len(one)):  # noqa: SIM110 - numba has no generator expressions
        if one[n] != other[n]:
            return False
    return True


@step
def stands_in(known: Known, word: int, letters: Numbers) -> bool:
    """Whether a word's letters stand somewhere in a run of letters."""
    first, size = known.folded_at[word], count_letters(known, word)
    for place in range(len(letters) - size + 1):
        at = 0
        while at < size and letters[place + at] == known.folded[first + at]:
            at += 1
        if at == size:
            return True
    return False


@making_step
def find_fact(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int
) -> int:
    """The first word or figure from `x` on that text b has nowhere, or -1."""
    joined = run_together(rows, known, y, y_end)
    are_lone, has_number = True, False
    for m in range(y, y_end):
        flags = rows.flags[m] & words.ALL_FLAGS
        are_lone = are_lone and (flags & LONE) != 0
        has_number = has_number or flags == 0 or flags & (NUMERIC | FIGURE) == NUMERIC
    for n in range(x, x_end):
        flags = rows.flags[n]
        if flags & FIGURE:
            if n > rows.starts[a] and not has_number and not has_name(rows, b, rows.names[n]):
                return n
        elif flags & STATING_OR_LONE and not has_name(rows, b, rows.names[n]):
            if not (
                is_alone(rows, phrases, a, n)
                or (flags & STATING and are_lone)
                or is_only_name(rows, phrases, a, n, b)
            ):
                continue
            is_alike = stands_in(known, rows.words[n], joined)
            for m in range(y, y_end):
                is_alike = is_alike or look_alike(rows, known, a, n, b, m)
            if not is_alike:
                return n
    return -1


@step
def is_only_name(rows: Rows, phrases: Phrases, row: int, n: int, other: int) -> bool:
    """`tasks.match.facts._is_only_name`."""
    if rows.flags[n] & LONE or may_join(rows, phrases, row, n) or may_join(rows, phrases, row, n + 1):
        return False
    name = rows.names[n]
    if name < len(phrases.rivals_at) - 1:
        for at in range(phrases.rivals_at[name], phrases.rivals_at[name + 1]):
            if has_beginning(rows, other, phrases.rivals[at, 0], phrases.rivals[at, 1]):
                return False
    return True


@step
def has_beginning(rows: Rows, row: int, first: int, second: int) -> bool:
    """Whether a text has two keys side by side, or the first if the second is -1."""
    for m in range(rows.starts[row], rows.ends[row]):
        if rows.names[m] == first and (
            second < 0 or (m + 1 < rows.ends[row] and rows.names[m + 1] == second)
        ):
            return True
    return False


@making_step
def find_facts(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, x: int, x_end: int, y: int, y_end: int
) -> tuple[int, int]:
    """`tasks.match.facts.find_facts`; (-1, -1) for none."""
    if are_equal(run_together(rows, known, x, x_end), run_together(rows, known, y, y_end)):
        return -1, -1
    one = find_fact(rows, known, phrases, a, b, x, x_end, y, y_end)
    if one < 0:
        return -1, -1
    two = find_fact(rows, known, phrases, b, a, y, y_end, x, x_end)
    if two < 0:
        return -1, -1
    if rows.flags[one] & rows.flags[two] & FIGURE or not may_abbreviate(
        rows, known, a, b, x, x_end, y, y_end
    ):
        return one, two
    return -1, -1


@inner
def stamp(rows: Rows, row: int, marks: Numbers, mark: int) -> None:
    """Mark the keys of a text."""
    for n in range(rows.starts[row], rows.ends[row]):
        marks[rows.names[n]] = mark


@step
def are_close(known: Known, one: int, other: int) -> bool:
    """`tasks.match.facts.are_close`: at most one letter more, less, wrong or swapped with its neighbour."""
    folded = known.folded
    x, x_end = known.folded_at[one], known.folded_at[one + 1]
    y, y_end = known.folded_at[other], known.folded_at[other + 1]
    if folded[x] != folded[y] or max(x_end - x, y_end - y) < MIN_TYPO_CHARS:
        return False
    while x < x_end and y < y_end and folded[x] == folded[y]:
        x, y = x + 1, y + 1
    while x < x_end and y < y_end and folded[x_end - 1] == folded[y_end - 1]:
        x_end, y_end = x_end - 1, y_end - 1
    if x_end - x <= 1 and y_end - y <= 1:
        return True
    return bool(x_end - x == y_end - y == 2 and folded[x] == folded[y + 1] and folded[x + 1] == folded[y])
