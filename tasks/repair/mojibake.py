"""UTF-8 that was read as cp1252, Latin-1 or cp1258, undone word by word and proved by the language.

A page may hold right and wrong words side by side, so each word is judged alone: undo the misreading
until nothing is left to undo, and accept what has become Vietnamese. What could also stand in a right text
(`GIẢI MÃ”`, where the quote is no part of the word) is touched only beside words that are wrong beyond doubt.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from tasks.legacy_charsets import byte_of
from tasks.repair.fixer import Change, Changes, Lines
from tasks.vietnamese import accented_runs, has_plain_case, is_syllable

MAX_ROUNDS: Final = 4
"""How often a text may have been misread; ftfy's collection has one that was three times."""
MIN_WORDS_BESIDE: Final = 3
"""Words beyond doubt that a document needs for the doubtful ones of its other lines to be touched: stray
quotes after capitals (`MÃ”`) stand in right documents, which hold none."""


MIN_FOREIGN_WORDS: Final = 2
"""The same in another language, where no syllable proves the reading: a lone one may be meant to be so."""


def _characters(first: int, last: int) -> str:
    """A character class of all readings of a range of bytes."""
    return "".join(re.escape(c) for c, byte in byte_of().items() if first <= byte <= last)


CONTINUATION: Final = _characters(0x80, 0xBF)
LEAD_OF_TWO: Final = _characters(0xC2, 0xDF)
LEAD_OF_THREE: Final = _characters(0xE0, 0xEF)
LEAD_OF_FOUR: Final = _characters(0xF0, 0xF4)
MISREAD: Final = re.compile(
    f"[{LEAD_OF_TWO}][{CONTINUATION}]|[{LEAD_OF_THREE}][{CONTINUATION}]{{2}}|[{LEAD_OF_FOUR}][{CONTINUATION}]{{3}}"
)
"""One character in UTF-8 whose bytes were read one by one."""
MISREAD_PUNCTUATION: Final = re.compile("(?<=[A-Za-z])â€[˜™œ\x9d“”¦]|â€[˜œ](?=[A-Za-z])")
"""A quote, dash or ellipsis beside a letter, read as cp1252: nobody writes that on purpose, so one is enough."""
# A letter cannot be followed by these inside a word, but by punctuation it can.
MAY_FOLLOW: Final = frozenset("\u00a0“”‘’„‚…–—•»«›‹°®™©€ªº§¶·´²³¹¼½¾±!?%")


BETWEEN_WORDS: Final = re.compile("[ \t]")


class Reading(NamedTuple):
    """A word as it was meant, if it was misread."""

    text: str
    is_certain: bool
    """Whether no right text holds the word as it stands."""
    is_vietnamese: bool
    """Whether all accented words in it are Vietnamese now."""


def fix_mojibake(lines: Lines, _: frozenset[str]) -> Changes:
    """Undo misread UTF-8 in lines that become Vietnamese; other languages are left to the next repairs.

    >>> fix_mojibake(["BÃ¡o Thanh NiÃªn Ä‘Æ°a tin"], frozenset())
    {0: Change(text='Báo Thanh Niên đưa tin', name='mojibake')}
    >>> fix_mojibake(["LỜI GIẢI MÃ” CỦA BÀ HÀ", "Le cafÃ© est fermÃ©"], frozenset())
    {}
    """
    found = {place: list(_misread_words(line)) for place, line in enumerate(lines) if MISREAD.search(line)}
    counts = {place: _count(words) for place, words in found.items()}
    of_document = Evidence(*map(sum, zip(*counts.values(), strict=True))) if counts else Evidence(0, 0)
    changes: Changes = {}
    for place, words in found.items():
        evidence = counts[place]
        if not any(evidence) and of_document.vietnamese >= MIN_WORDS_BESIDE:
            evidence = of_document
        if evidence.vietnamese > evidence.foreign:
            accepted = [word for word in words if _is_accepted(word[2])]
            changes[place] = Change(_replace(lines[place], accepted), "mojibake")
    return {place: change for place, change in changes.items() if change.text != lines[place]}


def fix_foreign_mojibake(lines: Lines, _: frozenset[str]) -> Changes:
    """Undo misread UTF-8 word by word in other languages, where ftfy calls the word bad and its reading good.

    >>> fix_foreign_mojibake(["DivisÃ£o, SÃ©rie F > Classificação"], frozenset())
    {0: Change(text='Divisão, Série F > Classificação', name='mojibake')}
    >>> fix_foreign_mojibake(["the “islandâ€™s” only shop"], frozenset())
    {0: Change(text='the “island’s” only shop', name='mojibake')}
    """
    found = {
        place: [word for word in _misread_words(line) if _is_better(line[word[0] : word[1]], word[2])]
        for place, line in enumerate(lines)
        if MISREAD.search(line)
    }
    if sum(map(len, found.values())) < MIN_FOREIGN_WORDS and not any(
        MISREAD_PUNCTUATION.search(lines[place]) for place, words in found.items() if words
    ):
        return {}
    return {
        place: Change(_replace(lines[place], words), "mojibake") for place, words in found.items() if words
    }


def _is_better(word: str, reading: Reading) -> bool:
    from ftfy.badness import is_bad  # noqa: PLC0415 - import time that most runs do not need

    return reading.is_certain and is_bad(word) and not is_bad(reading.text)


class Evidence(NamedTuple):
    """Words that were misread beyond doubt, by what they have become."""

    vietnamese: int
    foreign: int


def count_certain(line: str) -> int:
    """Words that were misread beyond doubt and are Vietnamese.

    >>> count_certain("BÃ¡o Thanh NiÃªn, GIẢI MÃ”")
    2
    """
    return _count(list(_misread_words(line))).vietnamese


def _count(words: list[tuple[int, int, Reading]]) -> Evidence:
    certain = [reading for _, _, reading in words if reading.is_certain and accented_runs(reading.text)]
    vietnamese = sum(reading.is_vietnamese for reading in certain)
    return Evidence(vietnamese, len(certain) - vietnamese)


def undo_misreading(word: str) -> str:
    """The word after all misreadings that are whole are undone, whatever comes of it."""
    reading = _read(word)
    return reading.text if reading else word


def _is_accepted(reading: Reading) -> bool:
    """Among words that were misread beyond doubt, such a word too, or one that is plain Vietnamese now."""
    return reading.is_certain or (reading.is_vietnamese and has_plain_case(reading.text))


def _replace(line: str, words: list[tuple[int, int, Reading]]) -> str:
    pieces, end = [], 0
    for start, stop, reading in words:
        pieces += [line[end:start], reading.text]
        end = stop
    return "".join([*pieces, line[end:]])


def _misread_words(line: str) -> Iterator[tuple[int, int, Reading]]:
    """(start, end, reading) of each word between plain spaces that holds a misread character."""
    end = 0
    for match in MISREAD.finditer(line):
        if match.start() < end:
            continue
        start = 1 + max(line.rfind(" ", end, match.start()), line.rfind("\t", end, match.start()), end - 1)
        gap = BETWEEN_WORDS.search(line, match.end())
        end = gap.start() if gap else len(line)
        reading = _read(line[start:end])
        if reading is not None:
            yield start, end, reading


@lru_cache(maxsize=50_000)
def _read(word: str) -> Reading | None:
    """The word as it was meant; None if nothing can be undone."""
    text, is_certain = word, False
    for _ in range(MAX_ROUNDS):
        undone, certain = _undo(text)
        if undone == text:
            break
        text, is_certain = undone, is_certain or certain
    if text == word:
        return None
    runs = accented_runs(text)
    return Reading(text, is_certain, all(map(is_syllable, runs)))


def _undo(text: str) -> tuple[str, bool]:
    """One misreading undone, and whether one of its places was beyond doubt."""
    codes, pieces, end, is_certain = byte_of(), [], 0, False
    for match in MISREAD.finditer(text):
        try:
            character = bytes(codes[c] for c in match[0]).decode()
        except UnicodeDecodeError:
            continue
        pieces += [text[end : match.start()], character]
        end = match.end()
        is_certain = is_certain or not _is_possible(text, match.start(), match.end())
    return "".join([*pieces, text[end:]]), is_certain


def _is_possible(text: str, start: int, end: int) -> bool:
    """Whether a right text may hold these characters: a capital, then a sign that may follow a word."""
    if end - start > 2 or text[start].islower() or text[end - 1] not in MAY_FOLLOW:
        return False
    before, after = text[start - 1 : start], text[end : end + 1]
    return not before.islower() and not after.islower()
