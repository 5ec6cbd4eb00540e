"""`tasks.match.signature` on UTF-8 buffers, compiled: the same keys, about a hundred times faster.

Importing this module takes numba, half a second; `tasks.match.sign` does so for large tables only. A
property test holds it to the plain Python reading.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.match import fold, signature
from tasks.match.buffer_kernels import (
    U64,
    Bytes,
    decode,
    encode,
    inner,
    kernel,
    making_step,
    mix,
    signed,
    step,
    xxh64,
)

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Words32 = npt.NDArray[np.uint32]
Words64 = npt.NDArray[np.uint64]

FACTOR: Final = np.uint64(signature.FACTOR)
MIX_1: Final = np.uint64(signature.MIX_1)
MIX_2: Final = np.uint64(signature.MIX_2)
SHIFT_32: Final = np.uint64(32)
TOKEN_SEED: Final = np.uint64(signature.TOKEN_SEED)
SENTENCE_SEED: Final = np.uint64(signature.SENTENCE_SEED)
KEY_SEED_0: Final = np.uint64(signature.KEY_SEEDS[0])
KEY_SEED_1: Final = np.uint64(signature.KEY_SEEDS[1])
SHINGLE_WORDS: Final = signature.SHINGLE_WORDS
MAX_LOOSE_WORDS: Final = signature.MAX_LOOSE_WORDS
PHRASE_WORDS: Final = signature.PHRASE_WORDS
PHRASE_WINDOW: Final = signature.PHRASE_WINDOW
PERMUTATIONS: Final = signature.PERMUTATIONS
BANDS: Final = signature.BANDS
FINE: Final = np.uint64(2**signature.FINE_BITS - 1)
SKETCH_SHARE: Final = 2**32 // signature.SKETCH_BITS
FACTORS: Final = signature.FACTORS
ADDENDS: Final = signature.ADDENDS

SEPARATOR: Final = fold.SEPARATOR
SPACE: Final = fold.SPACE
DIGIT: Final = fold.DIGIT
LETTER: Final = fold.LETTER
UNSPACED: Final = fold.UNSPACED
MARK: Final = fold.MARK
SYMBOL: Final = fold.SYMBOL
JOINT: Final = fold.JOINT
POINT: Final = fold.POINT
STOP: Final = fold.STOP
WIDE_STOP: Final = fold.WIDE_STOP
QUESTION: Final = fold.QUESTION
IGNORED: Final = fold.IGNORED
TABLE_END: Final = fold.TABLE_END
HAN_END: Final = fold.HAN_END
CLASS_SHIFT: Final = 24
CODE_MASK: Final = 0xFFFFFF
HAS_TAIL: Final = 1 << 31
FIRST_DOUBT: Final = 0xCC
"""The first byte of U+0300: below it are the characters that no text in another form has, and bytes inside of others."""
BLANK: Final = np.uint8(0x20)
MINUS: Final = 0x2D
BRACKET: Final = 0x28
ASKED: Final = 0x3F
SMALL_A: Final = 0x61
SMALL_Z: Final = 0x7A
LETTER_O: Final = 0x6F
LETTER_Q: Final = 0x71
LETTER_U: Final = 0x75


class Tables(NamedTuple):
    """What the kernels know of each code point below `TABLE_END`.

    Attributes:
        entries: Its class in `tasks.match.fold` from bit 24 on; below, the first code point of its
            case-folded form, for a hyphen of any kind the plain one; bit 31 if the form has more.
        tails: The second and third code point of that form, or 0.
        doubts: Whether a text that has it may not be NFC.
        vowels: `OPEN_SYLLABLE` as rows of four code points.
    """

    entries: Words32
    tails: Words32
    doubts: Bytes
    vowels: Words32


class Outputs(NamedTuple):
    """What is written for n texts; `phrases` and `sentences` one text after the other.

    `keys` and `sketches` are n x 2, `bands` and `word_bands` n x 32, `counts` n x 2: how many phrases and sentences
    each text has.
    """

    keys: Words64
    words: Words32
    unspaced: Words32
    bands: Words32
    word_bands: Words32
    sketches: Words64
    phrases: Words32
    sentences: Words64
    counts: Ints


@inner
def look_up(code: int, entries: Words32) -> int:
    """The entry of any code point: beyond the table, Han and then what is ignored."""
    if code < TABLE_END:
        return signed(entries[code])
    return ((UNSPACED if code < HAN_END else IGNORED) << CLASS_SHIFT) | code


@inner
def class_of(entry: int) -> int:
    """The class in an entry."""
    return (entry >> CLASS_SHIFT) & 0x1F


@inner
def move_tone(out: Bytes, start: int, end: int, vowels: Words32) -> int:
    """`oà` to `òa` at the end of a word, as `tasks.match.fold.OPEN_SYLLABLE`; returns the word's end."""
    last = end - 1
    while last > start and out[last] & 0xC0 == 0x80:
        last -= 1
    before = last - 1
    if before < start or (out[before] != LETTER_O and out[before] != LETTER_U):
        return end
    toned, _ = decode(out, last)
    for row in range(len(vowels)):
        if vowels[row, 0] == out[before] and vowels[row, 1] == toned:
            if out[before] == LETTER_U and before > start and out[before - 1] == LETTER_Q:
                return end
            place = encode(signed(vowels[row, 2]), out, before)
            return encode(signed(vowels[row, 3]), out, place)
    return end


@inner
def write_folded(code: int, entry: int, tails: Words32, out: Bytes, place: int) -> int:
    """Write the case-folded form of a letter; returns the place after it."""
    place = encode(entry & CODE_MASK, out, place)
    if entry & HAS_TAIL:
        for n in range(2):
            if tails[code, n]:
                place = encode(signed(tails[code, n]), out, place)
    return place


@step
def fold_row(  # noqa: PLR0912, PLR0915 - one machine of states, and calls would cost more than its steps
    buffer: Bytes, start: int, end: int, tables: Tables, out: Bytes, hashes: Words64, sentences: Words64
) -> tuple[int, int, int, int]:
    """`tasks.match.fold.fold_tokens` of one text.

    Returns:
        Bytes written to `out`, words (their hashes in `hashes`), letters of unspaced scripts, and sentences
        (their hashes in `sentences`).
    """
    entries, tails, vowels = tables.entries, tables.tails, tables.vowels
    size = words = unspaced = count = 0
    word = -1  # where the word begins in `out`, or -1
    is_unspaced = after_stop = is_asked = False
    sentence = 0  # where the sentence begins in `out`
    before, before_class = -1, SPACE
    place = start
    while place < end:
        byte = signed(buffer[place])
        if word >= 0 and not is_unspaced and SMALL_A <= byte <= SMALL_Z:  # most of all, and it stays as it is
            out[size] = byte
            size, place, before, before_class = size + 1, place + 1, byte, LETTER
            continue
        code, place = decode(buffer, place)
        entry = look_up(code, entries)
        kind = class_of(entry)
        if kind in (LETTER, DIGIT, UNSPACED, MARK):
            if word >= 0 and (kind == UNSPACED or (is_unspaced and kind != MARK)):
                size = end_word(out, word, size, vowels, hashes, words)
                words += 1
                word = -1
            if word < 0:
                if size:
                    out[size] = BLANK
                    size += 1
                word = size
                is_unspaced = kind == UNSPACED
                unspaced += is_unspaced
                after_stop = is_asked = False
            size = write_folded(code, entry, tails, out, size)
        elif kind != IGNORED:
            is_digit_next = False
            if place < end:
                following, _ = decode(buffer, place)
                is_digit_next = class_of(look_up(following, entries)) == DIGIT
            is_hyphen = kind == JOINT and entry & CODE_MASK == MINUS
            if kind in (JOINT, POINT) and before_class == DIGIT and is_digit_next:
                size = write_folded(code, entry, tails, out, size)
            else:
                if word >= 0:
                    size = end_word(out, word, size, vowels, hashes, words)
                    words += 1
                    word = -1
                if is_hyphen and is_digit_next and (before_class == SPACE or before == BRACKET):
                    size = write_symbol(MINUS, out, size)
                    after_stop = is_asked = False
                if kind == SYMBOL:
                    size = write_symbol(code, out, size)
                    after_stop = is_asked = False
                elif kind == QUESTION and not is_asked:
                    size = write_symbol(ASKED, out, size)
                    is_asked = True
                if kind in (POINT, STOP, QUESTION):
                    after_stop = True
                elif kind == WIDE_STOP or (kind == SPACE and after_stop):
                    after_stop = False
                    if size > sentence:
                        sentences[count] = hash_sentence(out, sentence, size)
                        count += 1
                        sentence = size + 1
        before, before_class = code, kind
    if word >= 0:
        size = end_word(out, word, size, vowels, hashes, words)
        words += 1
    if size > sentence:
        sentences[count] = hash_sentence(out, sentence, size)
        count += 1
    return size, words, unspaced, count


@inner
def end_word(out: Bytes, start: int, end: int, vowels: Words32, hashes: Words64, words: int) -> int:
    """Finish the word at `start`: its tone and its hash; returns where it ends."""
    if out[end - 1] >= 0x80:
        end = move_tone(out, start, end, vowels)
    hashes[words] = xxh64(out, start, end, TOKEN_SEED)
    return end


@inner
def write_symbol(code: int, out: Bytes, size: int) -> int:
    """Write a token of one character; returns where it ends."""
    if size:
        out[size] = BLANK
        size += 1
    return encode(code, out, size)


@step
def hash_sentence(out: Bytes, start: int, end: int) -> np.uint64:
    """The hash of a sentence."""
    return xxh64(out, start, end, SENTENCE_SEED)


@inner
def hash_shingle(hashes: Words64, place: int, size: int) -> np.uint32:
    """The hash of `size` words from a place on, 32 bits."""
    value = U64(0)
    for n in range(size):
        value = value * FACTOR + hashes[place + n]
    return np.uint32(mix(value) >> SHIFT_32)


@step
def write_least(hashes: Words64, words: int, size: int, least: Words32) -> None:
    """`tasks.match.signature.find_least` of one text."""
    size = min(size, words)
    least[:] = np.uint32(0xFFFFFFFF)
    for place in range(words - size + 1):
        shingle = hash_shingle(hashes, place, size)
        for n in range(PERMUTATIONS):
            least[n] = min(least[n], np.uint32(shingle * FACTORS[n] + ADDENDS[n]))


@step
def write_bands(hashes: Words64, words: int, least: Words32, bands: Words32) -> None:
    """`tasks.match.signature.hash_bands` of one text."""
    write_least(hashes, words, SHINGLE_WORDS, least)
    for band in range(BANDS):
        first = (U64(least[4 * band]) << SHIFT_32) | U64(least[4 * band + 1])
        second = (U64(least[4 * band + 2]) << SHIFT_32) | U64(least[4 * band + 3])
        bands[band] = np.uint32(mix(first * FACTOR + second) >> SHIFT_32)


@step
def write_word_bands(hashes: Words64, words: int, least: Words32, bands: Words32) -> None:
    """`tasks.match.signature.hash_word_bands` of one text."""
    write_least(hashes, words, 1, least)
    for band in range(BANDS):
        first = (U64(least[4 * band]) << SHIFT_32) | U64(least[4 * band + 1])
        three = mix(first * FACTOR + U64(least[4 * band + 2])) >> SHIFT_32
        bands[band] = np.uint32((three & ~FINE) | (U64(least[4 * band + 3]) & FINE))


@step
def write_sketch(hashes: Words64, words: int, sketch: Words64) -> None:
    """`tasks.match.signature.sketch_words` of one text."""
    sketch[:] = U64(0)
    for place in range(words):
        bit = signed(hash_shingle(hashes, place, 1)) // SKETCH_SHARE
        sketch[bit // 64] |= U64(1) << U64(bit % 64)


@making_step
def write_phrases(hashes: Words64, words: int, scratch: Words32, phrases: Words32) -> int:
    """`tasks.match.signature.choose_phrases` of one text; returns how many."""
    size = min(PHRASE_WORDS, words)
    count = words - size + 1
    for place in range(count):
        scratch[place] = hash_shingle(hashes, place, size)
    window = min(PHRASE_WINDOW, count)
    chosen = 0
    least = -1  # where the least hash of the window stands
    for place in range(count - window + 1):
        if least < place:
            least = place
            for n in range(place + 1, place + window):
                least = n if scratch[n] <= scratch[least] else least
        elif scratch[place + window - 1] <= scratch[least]:
            least = place + window - 1
        if chosen == 0 or phrases[chosen - 1] != scratch[least]:
            phrases[chosen] = scratch[least]
            chosen += 1
    phrases[:chosen].sort()
    kept = 0
    for place in range(chosen):
        if kept == 0 or phrases[kept - 1] != phrases[place]:
            phrases[kept] = phrases[place]
            kept += 1
    return kept


@kernel
def find_unsure(buffer: Bytes, offsets: Ints, doubts: Bytes, unsure: Flags) -> None:
    """Mark the texts that may not be NFC."""
    for row in range(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        while place < end:
            if buffer[place] < FIRST_DOUBT:
                place += 1
                continue
            code, place = decode(buffer, place)
            if code >= TABLE_END or doubts[code]:
                unsure[row] = True
                break


@kernel
def sign_rows(
    buffer: Bytes, offsets: Ints, min_words: int, min_chars: int, tables: Tables, outputs: Outputs
) -> tuple[int, int]:
    """`tasks.match.signature.sign_text` of every text; returns how many phrases and sentences there are."""
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    out = np.empty(4 * longest + 16, np.uint8)
    hashes = np.empty(longest + 1, np.uint64)
    sentences = np.empty(longest + 1, np.uint64)
    scratch = np.empty(longest + 1, np.uint32)
    least = np.empty(PERMUTATIONS, np.uint32)
    phrase_end = sentence_end = 0
    for row in range(len(offsets) - 1):
        size, words, unspaced, count = fold_row(
            buffer, offsets[row], offsets[row + 1], tables, out, hashes, sentences
        )
        outputs.keys[row, 0] = xxh64(out, 0, size, KEY_SEED_0)
        outputs.keys[row, 1] = xxh64(out, 0, size, KEY_SEED_1)
        outputs.words[row], outputs.unspaced[row] = words, unspaced
        outputs.counts[row, 0] = outputs.counts[row, 1] = 0
        if (words - unspaced) * min_chars + unspaced * min_words >= min_words * min_chars:
            write_bands(hashes, words, least, outputs.bands[row])
            if words < MAX_LOOSE_WORDS:
                write_word_bands(hashes, words, least, outputs.word_bands[row])
                write_sketch(hashes, words, outputs.sketches[row])
            chosen = write_phrases(hashes, words, scratch, outputs.phrases[phrase_end:])
            outputs.sentences[sentence_end : sentence_end + count] = sentences[:count]
            outputs.counts[row, 0], outputs.counts[row, 1] = chosen, count
            phrase_end += chosen
            sentence_end += count
    return phrase_end, sentence_end
