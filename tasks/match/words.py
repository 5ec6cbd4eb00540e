"""A text as its words, each with what is known of it by itself: the ground on which plain pairs are decided."""

import re
from bisect import bisect_left
from collections import Counter
from copy import copy
from functools import cache, lru_cache
from itertools import chain, pairwise, permutations, product
from operator import itemgetter
from typing import Final, NamedTuple

from tasks.match.fold import HYPHENS
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.numerals import MAGNITUDES, NUMBER_WORDS, ROMAN, ROMAN_AFTER_CUE, figure_parts
from tasks.match.scan import ANY_HYPHEN, CLAUSE_END, SENTENCE_END, SENTENCE_ENDS, SIGNS, Scan, Scanned
from tasks.match.spelling import MAX_ABBREVIATION_CHARS
from tasks.match.syllable import MIN_SYLLABLE_SHARE, is_syllable

# What is known of a word by itself (flags).
LONE: Final = 1  # a word of content, unless it and a neighbour are words of one phrase
SYLLABIC: Final = 2  # has the form of a Vietnamese syllable
FIGURE: Final = 4  # digits only, without a leading zero
HARMLESS: Final = 8  # turns no sentence over, alone or in a phrase all of harmless words
ASKING: Final = 16  # a question mark
STATING: Final = 32  # states something wherever it stands
DENYING: Final = 64  # không, chưa
NUMERIC: Final = 128  # may be part of a number, a time or a date in words
MEASURING: Final = 256  # a unit or currency
SHORT: Final = 512  # may be an abbreviation
STATING_OR_LONE: Final = STATING | LONE
ALL_FLAGS: Final = 1023

_CLOCK_WORDS: Final = ("h", "g", "giờ", "p", "ph", "phút", "âm", "dương", "lịch")
DENIALS: Final = frozenset(map(word_key, ("không", "chưa", "chẳng", "chả")))
_TURNING: Final = frozenset({Kind.NEGATION, Kind.SCOPE, Kind.QUANTIFIER, Kind.ROLE, Kind.RESERVE})


_NUMERIC_WORDS: Final = frozenset(
    chain(NUMBER_WORDS, MAGNITUDES, ROMAN, ROMAN_AFTER_CUE, map(word_key, _CLOCK_WORDS))
)


@cache
def turning_words() -> frozenset[str]:
    """Words without which nothing turns a sentence over: of a phrase of several the one that fewest phrases have.

    >>> word_key("dõi") in turning_words(), word_key("theo") in turning_words()  # `theo dõi`
    (True, False)
    """
    return _pick_words(_TURNING)


# What begins a predicate: after it, what stands before is the subject of another sentence.
PREDICATES: Final = frozenset(map(word_key, ("là", "thì", "bị", "mới", "đã", "sẽ", "không", "chưa", "vẫn")))


@cache
def continuing_words() -> frozenset[str]:
    """Words without which nothing that is added to the end of a sentence turns the sentence over."""
    return PREDICATES | _pick_words(frozenset({Kind.RESERVE}))


def _pick_words(kinds: frozenset[Kind]) -> frozenset[str]:
    """Of each phrase of these kinds the word that fewest phrases have."""
    phrases = load_lexicon().phrases
    shared = Counter(chain.from_iterable(phrases))
    return frozenset(
        min(reversed(keys), key=shared.__getitem__)
        for keys, phrase in phrases.items()
        if phrase.kind in kinds
    )


@cache
def phrase_pairs() -> frozenset[tuple[str, str]]:
    """Neighbouring words of all phrases: where they meet in a text, a phrase may be."""
    return frozenset(chain.from_iterable(map(pairwise, load_lexicon().phrases)))


@cache
def rivals() -> dict[str, frozenset[tuple[str, str]]]:
    """For words of content that have other names how all these begin: their first two words, or one and ""."""
    named: dict[str, set[tuple[str, str]]] = {}
    phrases = load_lexicon().phrases
    for keys, phrase in phrases.items():
        named.setdefault(phrase.key, set()).add((keys[0], keys[1] if len(keys) > 1 else ""))
    return {
        keys[0]: frozenset(named[phrase.key])
        for keys, phrase in phrases.items()
        if len(keys) == 1 and phrase.kind is Kind.CONTENT
    }


@cache
def phrase_meanings() -> frozenset[tuple[str, str]]:
    """Pairs of words that stand in two phrases of one meaning, either way round."""
    named: dict[str, list[tuple[str, ...]]] = {}
    for keys, phrase in load_lexicon().phrases.items():
        named.setdefault(phrase.key, []).append(keys)
    return frozenset(
        pair
        for same in named.values()
        for one, other in permutations(same, 2)
        for pair in product(one, other)
    )


def read_flags(name: str) -> int:
    """What is known of a word, figure or sign by its key.

    >>> read_flags(word_key("thuyền")) & LONE, read_flags("12") & FIGURE, read_flags("06/2")
    (1, 4, 0)
    """
    if name[0].isalpha():
        return _read_word_flags(name)
    if name.isdecimal() and name.isascii() and name[0] != "0" and len(name) <= MAX_FIGURE_CHARS:
        return FIGURE | NUMERIC
    return ASKING if name == "?" else 0


def _read_word_flags(name: str) -> int:
    flags = SYLLABIC if is_syllable(name) else SHORT if 1 < len(name) <= MAX_ABBREVIATION_CHARS else 0
    phrase = load_lexicon().phrases.get((name,))
    if name in MAGNITUDES or (phrase and phrase.kind in (Kind.UNIT, Kind.CURRENCY)):
        flags |= MEASURING
    if name in DENIALS:
        return flags | DENYING
    if name in _NUMERIC_WORDS:
        return flags | NUMERIC
    flags |= 0 if name in turning_words() else HARMLESS
    if phrase:
        return flags | (STATING if phrase.kind is Kind.CONTENT else 0)
    return flags | LONE | (0 if name in _words_of_phrases() else STATING)


@cache
def _words_of_phrases() -> frozenset[str]:
    return frozenset(chain.from_iterable(load_lexicon().phrases))


# Longer ones are codes.
MAX_FIGURE_CHARS: Final = 15
MAX_KNOWN: Final = 1 << 19
"""Distinct words remembered, about 100 bytes each: those of some hundred thousand paragraphs."""
# Latin letters with and without Vietnamese marks, as one letter each.
_LETTERS: Final = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
# Signs that are no words; whoever reads a text word by word may pass over them.
_PASSED: Final = r" \t\n\u00a0.,:;!'\"“”‘’«»„()\[\]{}/\\…*\u2013\u2014&@#_|•·●■-"
# Signs that state something and are a word each.
_STATED: Final = "%+<=>~°→$€£¥₫±×÷≤≥≈"
# Before a figure, after a blank or bracket: less than nothing, or an item of a list.
_MINUS: Final = r"(?<![^\s(])[-\u2013](?=[0-9])"
# What makes a text odd: any sign beyond these. Odd texts are read by `Scan` alone.
_ODD: Final = re.compile(rf"[^{_LETTERS}0-9{_STATED}?{_PASSED}]")
_IS_SCANNED: Final = re.compile(rf"{_ODD.pattern}|{_MINUS}|[{_STATED.replace('%', '')}]")
LETTER: Final = re.compile(f"[{_LETTERS}]")
PASSED: Final = re.compile(f"[{_PASSED}]")
STATED: Final = re.compile(f"[{_STATED}]")
_WORD: Final = re.compile(
    rf"[{_LETTERS}]+|[0-9]+(?:[.,:/\u2013-][0-9]+)*|{_MINUS}|[{_STATED}]|\?(?:[^{_LETTERS}0-9{_STATED}]*\?)*"
)
_GAP_AND_WORD: Final = re.compile(
    rf"([^{_LETTERS}0-9%?]*)([{_LETTERS}]+|[0-9]+(?:[.,:/\u2013-][0-9]+)*|%|\?)"
)
_SPACES: Final = re.compile("[ \t\u00a0]+")
_SENTENCE_GAP: Final = re.compile(r"[.!?…]+[\s\"'”’)\]]*\s|\n")
_DIGITS: Final = re.compile("[0-9]+")
# One word in a sum of words and, in the low bits, syllables.
_ONE_WORD: Final = 1 << 24


class _Known(dict[str, tuple[str, int, int]]):
    """Name, flags and share in the count of syllables of each word, each read once: a pure memo."""

    def __missing__(self, surface: str) -> tuple[str, int, int]:
        if surface[0].isdecimal():
            name, count = ANY_HYPHEN.sub("-", surface), 0
        elif surface[0].isalpha():
            name = word_key(surface)
            count = _ONE_WORD + is_syllable(name)
        else:
            name, count = _name_sign(surface[0]), 0
        if len(self) > MAX_KNOWN:
            self.clear()
        found = self[surface] = (name, read_flags(name), count)
        return found


def _name_sign(sign: str) -> str:
    """The key of a sign, as `Scan` has it."""
    return "-" if sign in HYPHENS else SIGNS[sign][1] if sign in SIGNS else sign


_known: Final = _Known()
_name, _flags, _count = itemgetter(0), itemgetter(1), itemgetter(2)


def know(surface: str) -> tuple[str, int, bool]:
    """The key of a word, figure or sign, its flags, and whether it is a word."""
    name, flags, count = _known[surface]
    return name, flags, count >= _ONE_WORD


class Words:
    """A text as its words.

    Attributes:
        text: The text, in NFC.
        surfaces: Words, figures and signs as written.
        names: The keys of words, figures and signs.
        flags: What is known of each by itself; empty for odd texts.
        is_cut: The text ends in dots.
        is_odd: Not all plain letters, figures and punctuation.
        is_plain: Vietnamese, in plain letters, figures and punctuation.
        is_upper: All in capitals.
    """

    __slots__ = (
        "_places",
        "_sentences",
        "_spaced",
        "flags",
        "is_cut",
        "is_odd",
        "is_plain",
        "is_upper",
        "names",
        "surfaces",
        "text",
    )

    def __init__(self, text: str, *, is_cut: bool) -> None:
        self.text, self.is_cut = text, is_cut
        self.is_upper = text.isupper()
        self._places: list[tuple[int, int]] | None = None
        self._sentences: list[int] | None = None
        self._spaced: list[bool] | None = None
        self.flags: tuple[int, ...] = ()
        self.is_odd = _ODD.search(text) is not None
        if self.is_odd:
            scan = Scan(text)
            self.names, self.is_plain = tuple(scan.names), False
            self.surfaces: list[str] = scan.surfaces
            self._places = list(zip(scan.starts, scan.ends, strict=True))
            return
        self.surfaces = _WORD.findall(text)
        known = list(map(_known.__getitem__, self.surfaces))
        self.names, self.flags = tuple(map(_name, known)), tuple(map(_flags, known))
        if "?" in self.names:
            self.surfaces = [word if word[0] != "?" else "?" for word in self.surfaces]
        words, syllables = divmod(sum(map(_count, known)), _ONE_WORD)
        self.is_plain = syllables >= MIN_SYLLABLE_SHARE * words

    @property
    def places(self) -> list[tuple[int, int]]:
        """Where each word begins and ends in the text."""
        if self._places is None:
            self._places = [match.span() for match in _WORD.finditer(self.text)]
        return self._places

    @property
    def sentences(self) -> list[int]:
        """The first word of each sentence, by full stops and the like before a blank."""
        if self._sentences is None:
            starts = [place for place, _ in self.places]
            ends = (match.end() for match in _SENTENCE_GAP.finditer(self.text))
            found = {0, *(bisect_left(starts, end) for end in ends)}
            self._sentences = sorted(found - {len(starts)})
        return self._sentences

    def cut(self, start: int, end: int) -> "Words":
        """The words from `start` to `end` as a text of their own, of the same kind as the whole."""
        part = copy(self)
        last = self.places[end][0] if end < len(self.names) else None
        part.text = self.text[self.places[start][0] : last]
        part.names, part.flags = self.names[start:end], self.flags[start:end]
        part.surfaces = self.surfaces[start:end]
        part.is_cut = self.is_cut and end == len(self.names)
        first = self.places[start][0]
        part._places = [(here - first, after - first) for here, after in self.places[start:end]]  # noqa: SLF001
        part._sentences = part._spaced = None  # noqa: SLF001 - of the same class
        return part

    def follows(self, n: int) -> bool:
        """Whether a word goes on right after the last: only spaces stand between, or the stop of `TP.HCM`."""
        if self._spaced is None:
            self._spaced = [False] + [
                bool(_SPACES.fullmatch(self.text, end, start))
                or (self.text[end:start] == "." and self.text[start].isalpha() and word.isupper())
                for word, ((_, end), (start, _)) in zip(self.surfaces, pairwise(self.places), strict=False)
            ]
        return self._spaced[n]

    def opens(self, n: int) -> bool:
        """Whether a sentence begins with a word."""
        place = bisect_left(self.sentences, n)
        return place < len(self.sentences) and self.sentences[place] == n

    def shape(self, n: int) -> "Shape | None":
        """How a figure is written and what it may amount to; None for words."""
        return read_shape(self.names[n])


class _Gaps(dict[str, int]):
    """What stands between two words, each once: 2 the end of a sentence, 1 of a clause, 0 neither."""

    def __missing__(self, gap: str) -> int:
        marks = [mark for mark in gap if mark == "\n" or not mark.isspace()]
        ends = SENTENCE_END if any(mark in SENTENCE_ENDS for mark in marks) else CLAUSE_END
        if len(self) > MAX_KNOWN:
            self.clear()
        found = self[gap] = ends if marks else 0
        return found


_gaps: Final = _Gaps()


class _Signs(dict[str, Kind]):
    """What each figure or sign is by itself; words are content."""

    def __missing__(self, surface: str) -> Kind:
        if len(self) > MAX_KNOWN:
            self.clear()
            self.update(_SIGNS)
        found = self[surface] = Kind.NUMBER if surface[0].isdecimal() else Kind.CONTENT
        return found


_SIGNS: Final = {"%": Kind.PERCENTAGE, "?": Kind.QUESTION}
_signs: Final = _Signs(_SIGNS)


def scan_plain(text: str) -> Scanned | None:
    """`tasks.match.scan.Scan` of a text in plain letters, sooner; None for an odd one, or with signs."""
    if _IS_SCANNED.search(text):
        return None
    found = _GAP_AND_WORD.findall(text)
    if "?" in text:
        found = [here for n, here in enumerate(found) if not n or here[1] != "?" or found[n - 1][1] != "?"]
    surfaces = [surface for _, surface in found]
    gaps = [_gaps[gap] for gap, _ in found]
    for n, (gap, surface) in enumerate(found):
        if not n or surfaces[n - 1] == "?":  # the end of a sentence
            gaps[n] = SENTENCE_END
        elif gap[-1:] == "." and surface[0].isalpha() and surfaces[n - 1].isupper():  # `TP.HCM`
            gaps[n] = _gaps[gap[:-1]]
    names = [_known[surface][0] for surface in surfaces]
    joined = [bool(n) and not gap for n, (gap, _) in enumerate(found)]
    return Scanned(names, surfaces, gaps, [_signs[surface] for surface in surfaces], joined)


class Shape(NamedTuple):
    """A figure: its marks with a 0 for each run of digits, and its values without and with a date before it."""

    pattern: str
    undated: tuple[str, ...]
    dated: tuple[str, ...]


@lru_cache(maxsize=MAX_KNOWN)
def read_shape(name: str) -> Shape | None:
    """The shape of a figure, None for words and signs.

    >>> read_shape("06/2")
    Shape(pattern='0/0', undated=('6', '2'), dated=('6', '2'))
    """
    if not name[0].isdecimal():
        return None
    return Shape(_DIGITS.sub("0", name), figure_parts(name, dated=False), figure_parts(name, dated=True))
