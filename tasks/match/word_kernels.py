"""`tasks.match.words.Words` of many texts at once, compiled: each distinct word gets a number.

What is known of a word is then looked up once per distinct word (`tasks.match.vocabulary`), not once per
occurrence. A property test holds the kernel to `Words`.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.match.buffer_kernels import U64, Bytes, decode, inner, kernel, mix, signed, step

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


@step
def enlarge(table: Table, count: int) -> Table:
    """The same words with four times the room."""
    larger = make_table(len(table.hashes) * 4)
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


@kernel
def find_words(  # noqa: PLR0912, PLR0915 - one machine of states, and calls would cost more than its steps
    buffer: Bytes, offsets: Ints, classes: Bytes, table: Table, count: int
) -> Found:
    """The words of texts that lie in one buffer. What follows an odd character in a text is not read."""
    rows = len(offsets) - 1
    words, is_spaced = np.empty(len(buffer) + 1, np.int32), np.empty(len(buffer) + 1, np.uint8)
    opens, at = np.empty(len(buffer) + 1, np.uint8), np.empty(len(buffer) + 1, np.int32)
    ends, flags = np.empty(rows, np.int64), np.zeros(rows, np.uint8)
    places = np.empty((1024, 2), np.int64)
    known = count
    size = 0
    for row in range(rows):
        place, end = offsets[row], offsets[row + 1]
        first = size
        between, only_blanks, is_stop, was_capital = -1, False, False, False  # since the last word
        before, asked, gap = SPACE, False, OPENED
        uppers = lowers = 0
        while place < end:
            start = place
            code, place = decode(buffer, place)
            entry = look_up(code, classes)
            kind = entry & CLASS
            if kind == ODD:
                flags[row] |= IS_ODD
                break
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
            hashed = FNV_START
            for byte in range(start, place):
                hashed = (hashed ^ U64(buffer[byte])) * FNV_PRIME
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
                    for byte in range(place, after):
                        hashed = (hashed ^ U64(buffer[byte])) * FNV_PRIME
                    place = after
                is_capital = uppers > uppers_before and lowers == lowers_before
            elif kind == DIGIT:
                while place < end:
                    code, after = decode(buffer, place)
                    inside = look_up(code, classes) & CLASS
                    is_joined = inside in (JOINT, HYPHEN) and is_digit(buffer, after, end)
                    if inside != DIGIT and not is_joined:
                        break
                    for byte in range(place, after):
                        hashed = (hashed ^ U64(buffer[byte])) * FNV_PRIME
                    place = after
            hashed = mix(hashed)
            slot = find_slot(hashed, table)
            if table.slots[slot] < 0:
                if count == len(table.hashes):
                    table = enlarge(table, count)
                    slot = find_slot(hashed, table)
                table.slots[slot] = count
                table.hashes[count] = hashed
                new = count - known
                if new == len(places):
                    more = np.empty((len(places) * 4, 2), np.int64)
                    for word in range(new):
                        more[word, 0], more[word, 1] = places[word, 0], places[word, 1]
                    places = more
                places[new, 0], places[new, 1] = start, place
                count += 1
            words[size] = table.slots[slot]
            goes_on = between > 0 and only_blanks
            is_spaced[size] = goes_on or (between == 1 and is_stop and was_capital and kind == LETTER)
            opens[size] = gap == OPENED
            at[size] = start - offsets[row]
            gap = STOPPED if asked else INSIDE
            size += 1
            between, only_blanks, was_capital = 0, True, is_capital
        ends[row] = size
        if flags[row] & IS_ODD:
            ends[row] = size = first
        elif uppers and not lowers:
            flags[row] |= IS_UPPER
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


def read_known(found: Found, buffer: Bytes) -> list[str]:
    """The new words as written."""
    whole: Any = buffer.tobytes()
    return [whole[start:end].decode() for start, end in found.places.tolist()]
