"""The words of many texts by number, with what `tasks.match.plain` asks of each: read once per distinct word."""

from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buffers import join_texts
from tasks.match.clashes import POINTING, canonical_unit
from tasks.match.fact_kernels import (
    ALL_CAPITAL,
    CAPITAL,
    CONTINUES,
    DECIMAL,
    IS_CUT,
    IS_ODD,
    IS_PLAIN,
    POINTS,
    SLASHED,
    SMALL,
    Known,
    Phrases,
    Rows,
)
from tasks.match.lexicon import Kind, load_lexicon
from tasks.match.prepared import ENDS_CUT, MAX_CUT_CHARS, normalise
from tasks.match.scan import Scan
from tasks.match.signature import MIX_1, MIX_2
from tasks.match.spelling import bare_initial, looks_short
from tasks.match.syllable import MIN_SYLLABLE_SHARE
from tasks.match.word_kernels import (
    BRACKET,
    DIGIT,
    HYPHEN,
    JOINT,
    LETTER,
    LOWER,
    ODD,
    OTHER,
    QUESTION,
    SIGN,
    SPACE,
    UPPER,
    Found,
    find_words,
    make_table,
    read_known,
)
from tasks.match.words import LETTER as LETTERS
from tasks.match.words import (
    PASSED,
    STATED,
    SYLLABIC,
    continuing_words,
    know,
    phrase_meanings,
    phrase_pairs,
    read_shape,
    rivals,
)

CHARS_END: Final = 0x2600
"""Letters and signs that plain texts may have lie below."""
MAX_TOLD: Final = 1 << 17
"""Distinct words remembered between batches."""
_CLASSES: Final = {
    **dict.fromkeys(" \t\n\u00a0", SPACE),
    **dict.fromkeys("-\u2013", HYPHEN),
    **dict.fromkeys(".,:/", JOINT),
    **dict.fromkeys("0123456789", DIGIT),
    "?": QUESTION,
    "(": BRACKET,
}


class Vocabulary(NamedTuple):
    """Texts as rows of words, and what is known of these.

    Attributes:
        texts: The texts, as they were read.
        words: The distinct words as written.
        names: How many distinct keys they have.
    """

    texts: pl.Series

    rows: Rows
    known: Known
    phrases: Phrases
    words: list[str]
    names: int


def read_texts(texts: pl.Series) -> Vocabulary:
    """The words of all texts, row for row."""
    buffer, offsets = join_texts(texts)
    found = find_words(buffer, offsets, build_classes(), make_table(1 << 15), 0)
    written = read_known(found, buffer)
    odd = np.flatnonzero(found.flags & IS_ODD).tolist()
    normal = {row: normalise(text) for row, text in zip(odd, texts.gather(odd).to_list(), strict=True)}
    changed = [row for row in odd if normal[row] != texts[row]]
    rows = [np.array([], np.int64)]
    parts = [found]
    if changed:
        texts = texts.scatter(changed, [normal[row] for row in changed])
        buffer, offsets = join_texts(texts.gather(changed))
        parts.append(find_words(buffer, offsets, build_classes(), found.table, found.known))
        written += read_known(parts[1], buffer)
        rows.append(np.array(changed, np.int64))
    return _tell(texts, parts, rows, written)


def _tell(
    texts: pl.Series, parts: list[Found], rows: list[npt.NDArray[np.int64]], written: list[str]
) -> Vocabulary:
    """What is known of the texts and of their words."""
    words = np.concatenate([part.words for part in parts])
    starts, ends = np.zeros(len(texts), np.int64), parts[0].ends.copy()
    starts[1:] = ends[:-1]
    kinds = parts[0].flags.copy()
    for part, changed in zip(parts[1:], rows[1:], strict=True):
        ends[changed] = part.ends + len(parts[0].words)
        starts[changed] = np.concatenate([[0], part.ends[:-1]]) + len(parts[0].words)
        kinds[changed] = part.flags
    odd = np.flatnonzero(kinds & IS_ODD)
    scanned = [Scan(text).names for text in texts.gather(odd).to_list()]
    table = _Table(written, scanned)
    total, syllables = np.cumsum(table.is_word[words]), np.cumsum(table.is_syllable[words])
    has_words = _sum_rows(syllables, starts, ends) >= MIN_SYLLABLE_SHARE * _sum_rows(total, starts, ends)
    kinds |= np.where(has_words, IS_PLAIN, 0).astype(np.uint8)
    kinds |= np.where(_tell_cut(texts), IS_CUT, 0).astype(np.uint8)
    ends[odd] = len(words) + np.cumsum([len(names) for names in scanned])
    starts[odd] = ends[odd] - [len(names) for names in scanned]
    none = np.zeros(sum(map(len, scanned)), np.int32)
    return Vocabulary(
        texts,
        Rows(
            np.append(words, none),
            np.append(table.names[words], table.scanned),
            np.append(table.flags[words], none),
            np.concatenate([*(part.is_spaced for part in parts), none.astype(np.uint8)]),
            np.concatenate([*(part.opens for part in parts), none.astype(np.uint8)]),
            np.concatenate([*(part.at for part in parts), none]),
            np.append(starts, 0),
            np.append(ends, 0),
            np.append(kinds, np.uint8(0)),
        ),
        table.known,
        read_phrases(),
        written,
        table.count,
    )


def _sum_rows(sums: npt.NDArray[Any], starts: npt.NDArray[Any], ends: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Of running sums those of each row."""
    sums = np.concatenate([[0], sums])
    found: npt.NDArray[np.bool_] = sums[ends] - sums[starts]
    return found


def _tell_cut(texts: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether each text ends in dots, as `tasks.match.prepared` has it."""
    ends = texts.str.strip_chars_end().str.tail(MAX_CUT_CHARS)
    return ends.str.contains(ENDS_CUT.pattern.replace(r"\Z", r"\z")).to_numpy()


@cache
def build_classes() -> npt.NDArray[np.uint8]:
    """What the kernels ask of each character."""
    classes = np.full(CHARS_END, ODD, np.uint8)
    for code in range(CHARS_END):
        char = chr(code)
        if LETTERS.match(char):
            case = UPPER if char.isupper() else LOWER if char.islower() or char.istitle() else 0
            classes[code] = LETTER | case
        elif STATED.match(char):
            classes[code] = SIGN
        elif char in _CLASSES:
            classes[code] = _CLASSES[char]
        elif PASSED.match(char):
            classes[code] = OTHER
    return classes


@cache
def _read_names() -> dict[str, int]:
    """The keys of the lexicon by number."""
    keys = sorted({key for keys in load_lexicon().phrases for key in keys})
    return {key: number for number, key in enumerate(keys)}


@cache
def read_phrases() -> Phrases:
    """The lexicon by number."""
    numbers = _read_names()
    joins, means = (np.zeros((len(numbers), len(numbers)), np.uint8) for _ in range(2))
    for table, pairs in ((joins, phrase_pairs()), (means, phrase_meanings())):
        for one, other in pairs:
            table[numbers[one], numbers[other]] = 1
    numbers_or_none = {**numbers, "": -1}
    named = [
        sorted((numbers[one], numbers_or_none[other]) for one, other in rivals().get(name, ()))
        for name in numbers
    ]
    meant: dict[int, str] = {}
    for keys, phrase in load_lexicon().phrases.items():
        if phrase.edit == "abbreviation" and phrase.kind is not Kind.GENERIC:
            meant[_hash([numbers[key] for key in keys])] = phrase.key
    meanings = {key: number for number, key in enumerate(sorted(set(meant.values())))}
    hashes = sorted(meant)
    return Phrases(
        joins,
        means,
        np.array([pair for pairs in named for pair in pairs], np.int32).reshape(-1, 2),
        np.cumsum([0, *map(len, named)]).astype(np.int32),
        np.array(hashes, np.uint64),
        np.array([meanings[meant[hashed]] for hashed in hashes], np.int32),
    )


def _hash(numbers: list[int]) -> int:
    """The hash of a phrase that `tasks.match.plain_kernels.find_meaning` looks up."""
    hashed, mask = 0, 2**64 - 1
    for number in numbers:
        hashed = (hashed + number + 1) & mask
        for factor in (MIX_1, MIX_2):
            hashed = ((hashed ^ (hashed >> 33)) * factor) & mask
        hashed ^= hashed >> 33
    return hashed


class _Table:
    """What is known of distinct words, by number, and the numbers of keys that `Scan` read."""

    def __init__(self, written: list[str], scanned: list[list[str]]) -> None:
        numbers = dict(_read_names())
        self.told = [_tell_word(word) for word in written]
        self.names = np.array([numbers.setdefault(told.name, len(numbers)) for told in self.told], np.int32)
        self.scanned = np.array(
            [numbers.setdefault(name, len(numbers)) for names in scanned for name in names], np.int32
        )
        self.count = len(numbers)
        self.flags = np.array([told.flags for told in self.told], np.int32)
        self.is_word = np.array([told.is_word for told in self.told], np.int64)
        self.is_syllable = self.is_word * ((self.flags & SYLLABIC) > 0)
        folded, folded_at = _flatten([told.folded for told in self.told])
        letters, letters_at = _flatten([told.letters for told in self.told])
        shapes: dict[object, int] = {}
        figures = np.full((len(written), 4), -1, np.int32)
        for number, told in enumerate(self.told):
            if told.shape:
                figures[number] = [shapes.setdefault(part, len(shapes)) for part in told.shape]
        units = [shapes.setdefault(told.unit, len(shapes)) for told in self.told]
        self.known = Known(
            folded,
            folded_at,
            letters,
            letters_at,
            np.array([told.initial for told in self.told], np.int32),
            figures,
            np.array(units, np.int32),
        )


class _Told(NamedTuple):
    """One word: its key, its flags and what else `tasks.match.fact_kernels.Known` has of it."""

    name: str
    flags: int
    is_word: bool
    folded: str
    letters: str
    initial: int
    shape: tuple[object, ...] | None
    unit: str


@lru_cache(maxsize=MAX_TOLD)
def _tell_word(word: str) -> _Told:
    name, flags, is_word = know(word)
    flags |= (
        ALL_CAPITAL * word.isupper()
        | CAPITAL * word[0].isupper()
        | SMALL * word.islower()
        | DECIMAL * name[0].isdecimal()
        | SLASHED * ("/" in name)
        | POINTS * (name in POINTING)
        | CONTINUES * (name in continuing_words())
    )
    shape = read_shape(name)
    short = "".join(map(bare_initial, word)) if looks_short(word, name) else ""
    initial = ord(bare_initial(word))
    return _Told(
        name,
        flags,
        is_word,
        word.casefold(),
        short,
        initial,
        (*shape, name.rstrip("0")) if shape else None,
        canonical_unit(name),
    )


def _flatten(pieces: list[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Texts as code points one after the other, and where each begins; the last number is the end."""
    whole = np.frombuffer("".join(pieces).encode("utf-32-le"), np.int32).copy()  # of the kernels' own kind
    return whole, np.cumsum([0, *map(len, pieces)]).astype(np.int32)
