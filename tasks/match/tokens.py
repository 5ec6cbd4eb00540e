"""A text as the tokens on which two texts are compared: values of numbers, keys of words, kinds of both.

Two notations of one value, two ways to place a tone and two names of one thing become one key here, once
per text, so that the comparison of a pair only has to ask which keys are missing.
"""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from tasks.match.capitals import name_kinds, read_case
from tasks.match.lexicon import Kind, Phrase, load_lexicon, word_key
from tasks.match.numerals import (
    FIVE_OR_YEAR,
    MAGNITUDES,
    NUMBER_WORDS,
    ROMAN,
    ROMAN_AFTER_CUE,
    figure_parts,
    plain,
    read_words,
)
from tasks.match.scan import SENTENCE_END, Scan, Scanned
from tasks.match.syllable import is_vietnamese
from tasks.match.words import phrase_pairs


def _keys(words: str) -> frozenset[str]:
    return frozenset(map(word_key, words.split()))


_DATE_CUES: Final = _keys("ngày tháng hôm sáng trưa chiều tối đêm nay qua mai sớm mùng mồng đến từ")
# Short forms whose full stop ends no sentence: `TP. Hồ Chí Minh`.
_SHORTENED: Final = _keys("tp tt tx q p gs ts pgs ths bs ks")
_DATED: Final = _keys("ngày tháng năm mùng mồng")
# Days told from today add nothing to their date; `sáng nay` is the time of day, and a day told from today.
_FROM_TODAY: Final = frozenset(" ".join(map(word_key, day.split())) for day in ("hôm nay", "hôm qua"))
_TIME_OF_TODAY: Final = frozenset(" ".join(map(word_key, day.split())) for day in ("sáng nay", "chiều nay"))
_HOURS, _MINUTES = _keys("h g giờ"), _keys("p ph phút")
_DAY, _MONTH = word_key("ngày"), word_key("tháng")
_COUNTING: Final = _keys("thứ lần hạng số điều khoản khóa quận phường tập vòng bảng quý kỳ tổ khu")
_COUNTED_IN_ROMAN: Final = _COUNTING | _keys("đoạn kỷ loại cấp đợt phần chương")
_DIGIT_KINDS: Final = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.ORDINAL})
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d")
_DAY_OF_MONTH: Final = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])(?!\d)")
# What changes, and words before the figure that it comes to: `tăng 5 %` is not `tăng lên 5 %`.
_CHANGING: Final = _keys("tăng giảm nâng hạ vọt rớt tụt sụt")
_REACHING: Final = _keys("lên xuống còn đến tới mức")
_REACHED: Final = "→"
_EQUALS: Final = _keys("là mức")
_NEAR: Final = word_key("gần")
_BOUNDS: Final = frozenset(
    phrase.key for phrase in load_lexicon().phrases.values() if phrase.kind is Kind.QUANTIFIER
) | _keys("trên dưới")
# Words that may begin a number or a numeral, and those that are phrases by themselves; of all others only those that
# begin a phrase with the next word are more than a token as it stands.
_NUMERALS: Final = NUMBER_WORDS | frozenset(ROMAN) | frozenset(ROMAN_AFTER_CUE)
_SPECIAL: Final = frozenset(keys[0] for keys in load_lexicon().phrases if len(keys) == 1) | _NUMERALS
# What a single word is wherever it stands, unless it and the next one begin a phrase.
_FIXED: Final = {
    keys[0]: phrase
    for keys, phrase in load_lexicon().phrases.items()
    if len(keys) == 1
    and keys[0] not in _NUMERALS | _REACHING
    and phrase.key not in _BOUNDS
    and phrase.kind not in (Kind.PLACE_TYPE, Kind.UNIT, Kind.CURRENCY)
}


class Tokens(NamedTuple):
    """The tokens of a text.

    Attributes:
        keys: What each token is compared by.
        kinds: What each token is, a `Kind` each.
        surfaces: Each token as written.
        breaks: What stands before each token: 2 the end of a sentence, 1 of a clause, 0 neither.
        joined: Whether nothing at all stands before it, as before the C of `27C`.
        edits: For a token whose key is another wording's, the edit that this is; else "".
        capital: Per token 1 if it has a capital, 0 if not, 2 where case says nothing.
        is_cut: The text ends in dots: it was cut or trails off.
        is_strict: Not Vietnamese: no word is known to be empty here, nor to deny.
        is_cased: Both capitals and small letters: case tells names from words.
    """

    keys: tuple[str, ...]
    kinds: tuple[Kind, ...]
    surfaces: tuple[str, ...]
    breaks: tuple[int, ...]
    joined: tuple[bool, ...]
    edits: tuple[str, ...]
    capital: tuple[int, ...]
    is_cut: bool
    is_strict: bool
    is_cased: bool


def build_tokens(scan: Scan | Scanned, *, is_cut: bool) -> Tokens:
    """The tokens of a text that was scanned.

    >>> build_tokens(Scan("Ngày 06/2, hơn 1.250 hộ"), is_cut=False).keys
    ('ngay1', '6', '2', 'hơn', '1250', 'hô5')
    """
    names, pairs, content = scan.names, phrase_pairs(), Kind.CONTENT
    begins_phrase = [pair in pairs for pair in pairwise((*names, ""))]
    special = [
        n
        for n, (name, sign, begins) in enumerate(zip(names, scan.signs, begins_phrase, strict=True))
        if begins or name in _SPECIAL or sign is not content
    ]
    builder = _Builder(scan)
    at = 0
    for n in special:
        fixed = None if begins_phrase[n] else _FIXED.get(names[n])
        if fixed:
            builder.fix(n, fixed)
        elif n >= at:
            builder.put_words(at, n)
            at = builder.take(n)
    builder.put_words(at, builder.size)
    capital = read_case(scan.surfaces, builder.surfaces, builder.breaks)
    return Tokens(
        tuple(builder.keys), tuple(name_kinds(builder.kinds, builder.surfaces, builder.breaks, capital)), tuple(builder.surfaces), tuple(builder.breaks),
        tuple(builder.joined), tuple(builder.edits), capital, is_cut, not is_vietnamese(scan), 0 in capital,
    )  # fmt: skip


class _Builder:
    """Collects the tokens of one text, merging what one value or one phrase takes several words for."""

    def __init__(self, scan: Scan | Scanned) -> None:
        self.names, self.written, self.signs = scan.names, scan.surfaces, scan.signs
        self.gaps = [
            0 if n and gap == SENTENCE_END and scan.names[n - 1] in _SHORTENED else gap
            for n, gap in enumerate(scan.gaps)
        ]
        self.is_joined = scan.joined
        self.size = len(scan.names)
        self.fixed_keys, self.fixed_kinds, self.fixed_edits = [*scan.names], [*scan.signs], [""] * self.size
        self.lexicon, self.pairs = load_lexicon(), phrase_pairs()
        self.keys: list[str] = []
        self.kinds: list[Kind] = []
        self.surfaces: list[str] = []
        self.breaks: list[int] = []
        self.joined: list[bool] = []
        self.edits: list[str] = []

    def take(self, at: int) -> int:
        """Add the token that begins at `at`, no mere word; returns where it ends."""
        name, sign = self.names[at], self.signs[at]
        if sign is Kind.NUMBER:
            return self._take_figure(at)
        if sign is not Kind.CONTENT:
            self.put(name, sign, at, at + 1)
            return at + 1
        end = self._take_phrase(at, least=2) if name in NUMBER_WORDS else at  # `một phần`
        end = self._take_number(at) if name in NUMBER_WORDS and end == at else end
        if end == at:
            end = self._take_phrase(at)
        if end == at:
            roman = ROMAN.get(name)
            if name in ROMAN_AFTER_CUE and self.name_at(at - 1) in _COUNTED_IN_ROMAN:
                roman = ROMAN_AFTER_CUE[name]
            self.put(roman or name, Kind.NUMBER if roman else sign, at, at + 1)
            end = at + 1
        return end

    def fix(self, at: int, phrase: Phrase) -> None:
        """Note what a single word is, if it is no part of a longer token."""
        self.fixed_keys[at], self.fixed_kinds[at], self.fixed_edits[at] = phrase

    def put_words(self, start: int, end: int) -> None:
        """Add words that are a token each."""
        self.keys += self.fixed_keys[start:end]
        self.kinds += self.fixed_kinds[start:end]
        self.surfaces += self.written[start:end]
        self.breaks += self.gaps[start:end]
        self.joined += self.is_joined[start:end]
        self.edits += self.fixed_edits[start:end]

    def put(self, key: str, kind: Kind, start: int, end: int, edit: str = "") -> None:
        """Add one token for the words from `start` to `end`."""
        self.keys.append(key)
        self.kinds.append(kind)
        written = self.written
        self.surfaces.append(written[start] if end == start + 1 else " ".join(written[start:end]))
        self.breaks.append(self.gaps[start])
        self.joined.append(self.is_joined[start])
        self.edits.append(edit)

    def name_at(self, at: int) -> str:
        """The name at a place, "" outside the text."""
        return self.names[at] if 0 <= at < self.size else ""

    def _is_number(self, at: int) -> bool:
        if at >= self.size:
            return False
        return self.signs[at] is Kind.NUMBER or (
            self.names[at] in NUMBER_WORDS and read_words(self.names, at)[1] > at
        )

    def _take_number(self, at: int) -> int:
        """Add the number that is written in words at `at`; returns where it ends, or `at`."""
        value, end = read_words(self.names, at)
        if end == at:
            return at
        if self.name_at(end) in MAGNITUDES:
            return self._take_magnitude(Decimal(value), at, end)
        is_article = value == 1 and end == at + 1
        self.put(str(value), Kind.FREE if is_article else self._kind_after(at), at, end)
        return end

    def _kind_after(self, at: int) -> Kind:
        """What a number is, by the word before it."""
        before = self.name_at(at - 1)
        if before in _COUNTING:
            return Kind.ORDINAL
        return Kind.DATE if before in _DATED else Kind.NUMBER

    def _take_figure(self, at: int) -> int:
        """Add the number, date or time in figures at `at`; returns where it ends."""
        is_cued = self.name_at(at - 1) in _DATE_CUES
        parts = figure_parts(self.names[at], dated=is_cued)
        end = self._take_time(at, parts)
        if end:
            return end
        if len(parts) > 1:
            first = len(self.keys)
            kind = Kind.DATE if is_cued or (len(parts) <= 3 and "/" in self.names[at]) else Kind.NUMBER
            for part in parts:
                self.put(part, kind, at, at + 1)
                self.surfaces[-1] = part
                if len(self.keys) > first + 1:
                    self.breaks[-1], self.joined[-1] = 0, False
            return at + 1
        if self.name_at(at + 1) in MAGNITUDES:
            return self._take_magnitude(Decimal(parts[0]), at, at + 1)
        is_list_number = at == 0 and len(parts[0]) <= 2 and self.size > 1 and self.gaps[1] > 0
        self.put(parts[0], Kind.FREE if is_list_number else self._kind_after(at), at, at + 1)
        return at + 1

    def _take_magnitude(self, value: Decimal, start: int, end: int) -> int:
        """Multiply by the thousands, millions and billions that follow."""
        while self.name_at(end) in MAGNITUDES:
            value *= MAGNITUDES[self.name_at(end)]
            end += 1
        self.put(plain(value), Kind.NUMBER, start, end)
        return end

    def _take_time(self, at: int, parts: tuple[str, ...]) -> int:
        """Add `14h30`, `14 giờ 30 phút`, `14:30` as one token; returns 0 if it is no time."""
        if len(parts) == 2 and _CLOCK.fullmatch(self.names[at]):
            self.put(":".join(parts), Kind.TIME, at, at + 1)
            return at + 1
        if len(parts) != 1 or self.name_at(at + 1) not in _HOURS or self.gaps[at + 1]:
            return 0
        end, minutes = at + 2, "0"
        if self._are_minutes(end):
            minutes = self.names[end].lstrip("0") or "0"
            end += 1
            if self.name_at(end) in _MINUTES and not self.gaps[end]:
                end += 1
        self.put(f"{parts[0]}:{minutes}", Kind.TIME, at, end)
        return end

    def _are_minutes(self, at: int) -> bool:
        """One or two figures right after the hour, and not hours themselves."""
        name = self.name_at(at)
        is_short = len(name) <= 2 and name.isdecimal()
        is_hour = self.name_at(at + 1) in _HOURS and not self.gaps[at + 1]
        return is_short and not self.gaps[at] and not is_hour

    def _take_phrase(self, at: int, least: int = 1) -> int:
        """Add the longest known phrase at `at`, of so many words at least; returns where it ends, or `at`."""
        reached = self._pass_reaching(at)
        if reached > at:
            self.put(_REACHED, Kind.QUANTIFIER, at, reached)
            return reached
        name, after = self.names[at], self.names[at + 1] if at + 1 < self.size else ""
        longest = min(self.lexicon.longest.get(name, 0), self.size - at) if (name, after) in self.pairs else 1
        for size in range(longest, least - 1, -1):
            phrase = self.lexicon.phrases.get(tuple(self.names[at : at + size]) if size > 1 else (name,))
            if phrase is None or (size > 1 and any(self.gaps[at + 1 : at + size])):
                continue
            if size > 1 and name in _CHANGING and self._is_reaching(at + 1):
                continue
            if phrase.key in _FROM_TODAY and self._is_date(at + size):
                self.put(phrase.key, Kind.FREE, at, at + size, phrase.edit)
                return at + size
            if phrase.key in _TIME_OF_TODAY:
                time, today = phrase.key.split()
                self.put(time, phrase.kind, at, at + 1)
                self.put(today, Kind.FREE, at + 1, at + size)
                return at + size
            if not (phrase.kind is Kind.GENERIC and size > 1 and self._ends_name(at)):
                self.put(phrase.key, self._kind_here(phrase, at + size), at, at + size, phrase.edit)
                return at + size
        return at

    def _is_date(self, at: int) -> bool:
        """A day of a month in figures: `6/2`, `(23-10)`, `ngày 6/2`."""
        at += self.name_at(at) == _DAY
        name = self.name_at(at)
        return bool(name) and self.signs[at] is Kind.NUMBER and _DAY_OF_MONTH.match(name) is not None

    def _is_reaching(self, at: int) -> bool:
        """Words that say what figure something comes to, and the figure."""
        end = at
        while self.name_at(end) in _REACHING:
            end += 1
        return end > at and self._is_number(end)

    def _pass_reaching(self, at: int) -> int:
        """Where such words end before their figure, or `at`."""
        is_change = bool(self.keys) and self.keys[-1] in _CHANGING and not self.gaps[at]
        if not (is_change and self._is_reaching(at)):
            return at
        while self.names[at] in _REACHING:
            at += 1
        return at

    def _ends_name(self, at: int) -> bool:
        """The last word of a name, as in `Lê Nam sinh con`: it points at nobody."""
        if not at or self.gaps[at]:
            return False
        before, here, after = (self.written[n][0].isupper() for n in (at - 1, at, at + 1))
        return before and here and not after

    def _kind_here(self, phrase: Phrase, end: int) -> Kind:
        """What a phrase is between the token before and the word after it."""
        kind = phrase.kind
        if phrase.key in _BOUNDS:
            return self._kind_of_bound(phrase, end)
        if kind is Kind.PLACE_TYPE:
            is_before_name = end < self.size and not self.gaps[end] and self.written[end][:1].isupper()
            return Kind.FREE if is_before_name else Kind.CONTENT
        if kind not in (Kind.UNIT, Kind.CURRENCY):
            return kind
        previous = self.kinds[-1] if self.kinds else Kind.CONTENT
        is_in_date = phrase.key == _DAY or (phrase.key in (_MONTH, FIVE_OR_YEAR) and previous is Kind.DATE)
        if is_in_date and self._is_number(end):
            return Kind.FREE
        return kind if previous in _DIGIT_KINDS else Kind.CONTENT

    def _kind_of_bound(self, phrase: Phrase, end: int) -> Kind:
        """`hơn` bounds a number that follows it; before another bound it states nothing, else it is a word.

        `gần` turns any word after it: near the station is not at the station.
        """
        if self._is_number(end) or (self.name_at(end) in _EQUALS and self._is_number(end + 1)):
            return Kind.QUANTIFIER
        if self.name_at(end) in _BOUNDS and self._is_number(end + 1):
            return Kind.FREE
        if phrase.key == _NEAR:
            return Kind.ROLE
        return Kind.CONTENT if phrase.kind is Kind.QUANTIFIER else phrase.kind
