"""`tasks.match.words.Words` of many texts at once, compiled: each distinct word gets a number.

What is known of a word is then looked up once per distinct word (`tasks.match.vocabulary`), not once per
occurrence. A property test holds the kernel to `Words`.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.match.buffer_kernels import U64, Bytes, decode, inner, kernel, making_step, mix, signed, step

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Words64 = npt.NDArray[np.uint64]

# Classes of characters, as `tasks.match.words` has them.
ODD: Final = 0
LETTER: Final = 1
DIGIT: Final = 2
SIGN: Final = 3
QUESTION: Final = 4
SPACE: Final = 5
BRACKET: Final = 6
HYPHEN: Final = 7
JOINT: Final = 8
OTHER: Final = 9
CLASS: Final = 0x0F
UPPER: Final = 0x10
LOWER: Final = 0x20
"""On top of the class: a capital; a letter that has one and is none."""

# What is known of a text.
IS_ODD: Final = 1
IS_UPPER: Final = 2
STOP: Final = 0x2E
NEWLINE: Final = 0x0A
# How far the end of a sentence has been seen since the last word: not, its stop, a blank after that.
INSIDE: Final = 0
STOPPED: Final = 1
OPENED: Final = 2
ELLIPSIS: Final = 0x2026
EXCLAMATION: Final = 0x21
CLOSERS: Final = (0x22, 0x27, 0x201D, 0x2019, 0x29, 0x5D)
FNV_START: Final = np.uint64(0xCBF29CE484222325)
FNV_PRIME: Final = np.uint64(0x100000001B3)
"""FNV-1a (Fowler, Noll and Vo), mixed once more; 64 bits stand for a word, so of a million distinct ones two are
taken for one another once in 37 million corpora."""
MAX_LOAD: Final = 2


class Table(NamedTuple):
    """Words by their hashes, open addressing; `slots` holds numbers, -1 where none is; `hashes` by number."""

    slots: Numbers
    hashes: Words64


class Found(NamedTuple):
    """The words of n texts, one text after the other.

    Attributes:
        words: The number of each word.
        is_spaced: Whether it goes on right after the last word; see `tasks.match.words.Words.follows`.
        opens: Whether a sentence begins with it; see `tasks.match.words.Words.sentences`.
        at: How many bytes of its text stand before it.
        ends: Where the words of each text end in `words`.
        flags: What is known of each text.
        table: The words known by now.
        known: How many those are.
        places: Start and end in the buffer of each new word.
    """

    words: Numbers
    is_spaced: Bytes
    opens: Bytes
    at: Numbers
    ends: Ints
    flags: Bytes
    table: Table
    known: int
    places: Ints


@kernel
def make_table(size: int) -> Table:
    """An empty table with room for `size` words; `size` is a power of two."""
    return Table(np.full(size * MAX_LOAD, -1, np.int32), np.empty(size, np.uint64))


@inner
def find_slot(hashed: np.uint64, table: Table) -> int:
    """Where a word stands in the table, or would."""
    last = len(table.slots) - 1
    slot = signed(hashed) & last
    while table.slots[slot] >= 0 and table.hashes[table.slots[slot]] != hashed:
        slot = (slot + 1) & last
    return slot


@making_step
def enlarge(table: Table, count: int, more: int) -> Table:
    """The same words with room for so many more, and some to spare."""
    size = len(table.hashes)
    while size < count + more:
        size *= 4
    larger = make_table(size)
    for number in range(count):
        larger.slots[find_slot(table.hashes[number], larger)] = number
        larger.hashes[number] = table.hashes[number]
    return larger


@inner
def look_up(code: int, classes: Bytes) -> int:
    """Class and case of a character; beyond the table all are odd."""
    return signed(classes[code]) if code < len(classes) else ODD


@inner
def is_digit(buffer: Bytes, place: int, end: int) -> bool:
    """Whether a digit stands at a place before the end."""
    return bool(place < end and 0x30 <= buffer[place] <= 0x39)


@inner
def pass_gap(gap: int, kind: int, code: int) -> int:
    """What is known of the end of a sentence after one more character that is no word."""
    if code == NEWLINE or gap == OPENED:
        return OPENED
    if code in (STOP, EXCLAMATION, ELLIPSIS):
        return STOPPED
    if kind == SPACE:
        return OPENED if gap == STOPPED else gap
    return gap if code in CLOSERS else INSIDE


class Line(NamedTuple):
    """Room for the words of one text: the hash of each, and where it begins and ends in the buffer."""

    hashes: Words64
    places: Ints


@kernel
def find_words(buffer: Bytes, offsets: Ints, classes: Bytes, table: Table, count: int) -> Found:
    """The words of texts that lie in one buffer. What follows an odd character in a text is not read."""
    rows = len(offsets) - 1
    words, is_spaced = np.empty(len(buffer) + 1, np.int32), np.empty(len(buffer) + 1, np.uint8)
    opens, at = np.empty(len(buffer) + 1, np.uint8), np.empty(len(buffer) + 1, np.int32)
    ends, flags = np.empty(rows, np.int64), np.zeros(rows, np.uint8)
    places = np.empty((1024, 2), np.int64)
    longest = 0
    for row in range(rows):
        longest = max(longest, offsets[row + 1] - offsets[row])
    line = Line(np.empty(longest, np.uint64), np.empty((longest, 2), np.int64))
    known = count
    size = 0
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        found, flags[row] = scan_words(buffer, start, end, classes, line, is_spaced, opens, at, size)
        # Here and not where words are looked up: a table that may change in a loop is counted in every turn of it.
        if count + found > len(table.hashes):
            table = enlarge(table, count, found)
        if count - known + found > len(places):
            more = np.empty((2 * (count - known + found), 2), np.int64)
            more[: count - known] = places[: count - known]
            places = more
        count = number_words(line, found, table, words, size, places, known, count)
        size += found
        ends[row] = size
    return Found(
        words[:size],
        is_spaced[:size],
        opens[:size],
        at[:size],
        ends,
        flags,
        table,
        count,
        places[: count - known],
    )


@step
def scan_words(  # noqa: PLR0915 - one machine of states, and calls would cost more than its steps
    buffer: Bytes, place: int, end: int, classes: Bytes, line: Line, is_spaced: Bytes, opens: Bytes, at: Numbers,
    size: int,
) -> tuple[int, int]:  # fmt: skip
    """The words of the text from `place` to `end`, told from `size` on; returns how many, and what is known of it."""
    first, found, flags = place, 0, 0
    between, only_blanks, is_stop, was_capital = -1, False, False, False  # since the last word
    before, asked, gap = SPACE, False, OPENED
    uppers = lowers = 0
    while place < end:
        start = place
        code, place = decode(buffer, place)
        entry = look_up(code, classes)
        kind = entry & CLASS
        if kind == ODD:
            return 0, IS_ODD
        is_minus = kind == HYPHEN and before in (SPACE, BRACKET) and is_digit(buffer, place, end)
        if kind > QUESTION and not is_minus:
            gap = pass_gap(gap, kind, code)
            if between >= 0:
                between += 1
                is_stop = between == 1 and code == STOP
                only_blanks = only_blanks and kind == SPACE and code != NEWLINE
            before = kind
            continue
        before = kind
        if kind == QUESTION and asked:
            between, only_blanks, gap = 0, True, max(gap, STOPPED)
            continue
        asked = kind == QUESTION
        is_capital = False
        if kind == LETTER:
            uppers_before, lowers_before = uppers, lowers
            uppers += (entry & UPPER) != 0
            lowers += (entry & LOWER) != 0
            while place < end:
                code, after = decode(buffer, place)
                entry = look_up(code, classes)
                if entry & CLASS != LETTER:
                    break
                uppers += (entry & UPPER) != 0
                lowers += (entry & LOWER) != 0
                place = after
            is_capital = uppers > uppers_before and lowers == lowers_before
        elif kind == DIGIT:
            while place < end:
                code, after = decode(buffer, place)
                inside = look_up(code, classes) & CLASS
                is_joined = inside in (JOINT, HYPHEN) and is_digit(buffer, after, end)
                if inside != DIGIT and not is_joined:
                    break
                place = after
        hashed = FNV_START
        for byte in range(start, place):
            hashed = (hashed ^ U64(buffer[byte])) * FNV_PRIME
        line.hashes[found] = mix(hashed)
        line.places[found, 0], line.places[found, 1] = start, place
        goes_on = between > 0 and only_blanks
        is_spaced[size + found] = goes_on or (between == 1 and is_stop and was_capital and kind == LETTER)
        opens[size + found] = gap == OPENED
        at[size + found] = start - first
        gap = STOPPED if asked else INSIDE
        found += 1
        between, only_blanks, was_capital = 0, True, is_capital
    return found, IS_UPPER if uppers and not lowers else flags


@step
def number_words(
    line: Line, found: int, table: Table, words: Numbers, size: int, places: Ints, known: int, count: int
) -> int:
    """Write the number of each word of a text from `size` on, and where new ones stand; returns how many are known."""
    for n in range(found):
        hashed = line.hashes[n]
        slot = find_slot(hashed, table)
        if table.slots[slot] < 0:
            table.slots[slot] = count
            table.hashes[count] = hashed
            places[count - known, 0], places[count - known, 1] = line.places[n, 0], line.places[n, 1]
            count += 1
        words[size + n] = table.slots[slot]
    return count


def read_known(found: Found, buffer: Bytes) -> list[str]:
    """The new words as written."""
    whole: Any = buffer.tobytes()
    return [whole[start:end].decode() for start, end in found.places.tolist()]
