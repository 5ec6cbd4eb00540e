"""What each of two texts has and the other has nowhere, compiled: `tasks.match.facts.find_own_facts` on numbered words."""

from typing import Final, NamedTuple

from tasks.match import facts
from tasks.match.buffer_kernels import U64, inner, mix, signed, step
from tasks.match.fact_kernels import (
    DECIMAL,
    IS_CUT,
    NUMERIC,
    STATING,
    Known,
    Phrases,
    Rows,
    are_close,
    count_letters,
    differ_in_figures,
    has_expansion,
    is_alone,
    is_only_name,
    stands_in,
)
from tasks.match.word_kernels import Ints, Numbers

MAX_TRIED: Final = facts.MAX_TRIED
RUN_WORDS: Final = facts.RUN_WORDS
REACH_WORDS: Final = facts.REACH_WORDS

NOWHERE: Final = -1
REPEATED: Final = -2


class Meetings(NamedTuple):
    """Where two texts meet, counted from the beginning of each.

    Attributes:
        in_b: For each word of the one where in the other the run stands that begins there, or less than 0.
        in_a: The reverse.
        marks, places: A table of the runs of the one, open addressing: of which pair, and where each stands.
    """

    in_b: Ints
    in_a: Ints
    marks: Numbers
    places: Ints


@step
def find_meetings(rows: Rows, a: int, b: int, meetings: Meetings, mark: int) -> None:
    """`tasks.match.facts.find_meetings`."""
    in_b, in_a, marks, places = meetings
    start, there = rows.starts[a], rows.starts[b]
    size_a, size_b = rows.ends[a] - start, rows.ends[b] - there
    in_b[:size_a], in_a[:size_b] = NOWHERE, NOWHERE
    for n in range(size_a - RUN_WORDS + 1):
        slot = find_run(rows.names, start + n, meetings, mark)
        if marks[slot] == mark:
            in_b[places[slot] - start] = REPEATED
        else:
            marks[slot], places[slot] = mark, start + n
    for m in range(size_b - RUN_WORDS + 1):
        slot = find_run(rows.names, there + m, meetings, mark)
        if marks[slot] == mark:
            n = places[slot] - start
            in_b[n] = m if in_b[n] == NOWHERE else REPEATED
    for n in range(size_a):
        if in_b[n] >= 0:
            in_a[in_b[n]] = n


@inner
def find_run(names: Numbers, n: int, meetings: Meetings, mark: int) -> int:
    """Where the run of three words at `n` stands in the table, or would."""
    marks, places = meetings.marks, meetings.places
    last = len(marks) - 1
    hashed = mix(mix(U64(names[n]) << U64(32) | U64(names[n + 1])) + U64(names[n + 2]))
    slot = signed(hashed) & last
    while marks[slot] == mark:
        m = places[slot]
        if names[m] == names[n] and names[m + 1] == names[n + 1] and names[m + 2] == names[n + 2]:
            break
        slot = (slot + 1) & last
    return slot


@step
def find_own_facts(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, in_a: Numbers, in_b: Numbers,
    meetings: Meetings, mark: int,
) -> tuple[int, int]:  # fmt: skip
    """`tasks.match.facts.find_own_facts`; (-1, -1) for none. The keys of both texts are marked."""
    x = find_own_fact(rows, known, phrases, a, b, in_a, in_b, meetings.in_b, mark)
    if x >= 0:
        y = find_own_fact(rows, known, phrases, b, a, in_b, in_a, meetings.in_a, mark)
        if y >= 0:
            return x, y
    x, y = find_only_figure(rows, a, in_b, mark), find_only_figure(rows, b, in_a, mark)
    if x >= 0 and y >= 0 and differ_in_figures(rows, known, x, y):
        return x, y
    return -1, -1


@step
def find_own_fact(
    rows: Rows, known: Known, phrases: Phrases, a: int, b: int, in_a: Numbers, in_b: Numbers, met: Ints,
    mark: int,
) -> int:  # fmt: skip
    """`tasks.match.facts._find_own_fact`; the keys of both texts are marked."""
    start, end = rows.starts[a], rows.ends[a] - ((rows.kinds[a] & IS_CUT) != 0)
    for wants_figures in range(2):
        tried, before, after = 0, NOWHERE, 0
        for n in range(start, end):
            if met[n - start] >= 0:
                before = n - start
            if in_b[rows.names[n]] == mark or not is_fact(rows, phrases, a, n, b, wants_figures):
                continue
            tried += 1
            if tried > MAX_TRIED:
                break
            if not wants_figures and count_letters(known, rows.words[n]) <= 1:
                continue
            after = max(after, n - start)
            while after < rows.ends[a] - start and met[after] < 0:
                after += 1
            low, high, low_2, high_2 = find_places(rows, a, n - start, b, met, before, after)
            is_there = may_be(rows, known, n, b, low, high, in_a, mark, wants_figures)
            if not is_there and not may_be(rows, known, n, b, low_2, high_2, in_a, mark, wants_figures):
                return n
    return -1


@step
def is_fact(rows: Rows, phrases: Phrases, a: int, n: int, b: int, wants_figures: int) -> bool:
    """Whether a word of text a that text b has not is a figure, or a word of content, by itself."""
    if wants_figures:
        return bool(rows.flags[n] & DECIMAL and n > rows.starts[a] and not touches_number(rows, a, n))
    if is_alone(rows, phrases, a, n):
        return True
    return bool(rows.flags[n] & STATING and is_only_name(rows, phrases, a, n, b))


@inner
def find_places(
    rows: Rows, a: int, at: int, b: int, met: Ints, before: int, after: int
) -> tuple[int, int, int, int]:
    """`tasks.match.facts.find_places` for the word `at` words after the first, between two meetings."""
    there, end = rows.starts[b], rows.ends[b]
    has_after = after < rows.ends[a] - rows.starts[a]
    if before < 0 and not has_after:
        return there, end, there, there
    low = high = low_2 = high_2 = there
    if before >= 0:
        low = there + met[before] + RUN_WORDS
        high = min(end, there + met[before] + at - before + 1 + REACH_WORDS)
    if has_after:
        low_2 = max(there, there + met[after] - (after - at) - REACH_WORDS)
        high_2 = there + met[after]
    return low, high, low_2, high_2


@step
def may_be(
    rows: Rows, known: Known, n: int, b: int, start: int, end: int, in_a: Numbers, mark: int,
    wants_figures: int,
) -> bool:  # fmt: skip
    """Whether words from `start` to `end` of text b may stand for word n of another, whose keys are marked."""
    if not wants_figures and has_expansion(rows, known, n, n + 1, start, end):
        return True
    for m in range(start, end):
        if wants_figures:
            if has_value(rows, known, n, b, m):
                return True
        elif has_form(known, rows.words[n], rows.words[m], in_a[rows.names[m]] == mark):
            return True
    return False


@step
def has_form(known: Known, word: int, other: int, is_own: int) -> bool:
    """`tasks.match.facts._has_form` of one word."""
    for at in range(known.letters_at[other], known.letters_at[other + 1]):
        if known.letters[at] == known.initials[word]:
            return True
    if are_close(known, word, other):
        return True
    if is_own:
        return False
    one = known.folded[known.folded_at[word] : known.folded_at[word + 1]]
    two = known.folded[known.folded_at[other] : known.folded_at[other + 1]]
    return stands_in(known, word, two) or stands_in(known, other, one)


@step
def has_value(rows: Rows, known: Known, n: int, b: int, m: int) -> bool:
    """`tasks.match.facts._has_value` of one word."""
    if not rows.flags[m] & (NUMERIC | DECIMAL):
        return False
    if not differ_in_figures(rows, known, n, m) or touches_number(rows, b, m):
        return True
    return bool(known.figures[rows.words[n], 3] == known.figures[rows.words[m], 3])


@step
def touches_number(rows: Rows, row: int, n: int) -> bool:
    """`tasks.match.facts._touches_number`."""
    if n > rows.starts[row] and rows.flags[n - 1] & NUMERIC:
        return True
    return bool(n + 1 < rows.ends[row] and rows.flags[n + 1] & NUMERIC)


@step
def find_only_figure(rows: Rows, a: int, in_b: Numbers, mark: int) -> int:
    """`tasks.match.facts._find_only_figure`; the keys of the other text are marked."""
    found = -1
    for n in range(rows.starts[a], rows.ends[a] - ((rows.kinds[a] & IS_CUT) != 0)):
        if in_b[rows.names[n]] == mark or not rows.flags[n] & (NUMERIC | DECIMAL):
            continue
        if found >= 0 or n == rows.starts[a] or not rows.flags[n] & DECIMAL or touches_number(rows, a, n):
            return -1
        found = n
    return found
