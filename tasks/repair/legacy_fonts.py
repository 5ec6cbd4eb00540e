"""Text of the fonts and charsets of before Unicode, read as cp1252 or Latin-1.

No detector knows TCVN3, VNI or VPS, but the language does: under the right table nearly every accented word
is a syllable, as it stands hardly any. A page may mix them, so first the document and each line are judged,
then each run of words in a line.
"""

import re
from typing import Final

from tasks.legacy_charsets import SIGN_IN_WORD, best_table, decoders, judge_word
from tasks.repair.fixer import Change, Changes, Lines
from tasks.repair.mojibake import MISREAD

CAPITAL_INSIDE: Final = "[a-z][À-Þ]|[A-Z]{2}[à-öø-ÿ]"
TONE_AFTER_VOWEL: Final = "[aeouyAEOUY\u00e2\u00ea\u00f4\u00f5\u00e3\u00fd][ÌìÒòÞ]"
VNI_PAIR: Final = "[aeouyôöAEOUYÔÖ][øùûõïåäëüúØÙÛÕÏÅÄËÜÚ]|[ae][áàãâéèê]|[AE][ÁÀÃÂÉÈÊ]|oâ|OÂ"
SIGN_AT_END: Final = "[\u20ac\u0192\u2020\u2021\u02c6\u2030\u02dc\x80-\x9f][A-Za-z]"
SIGN_OF_LEGACY: Final = f"{SIGN_IN_WORD.pattern}|{CAPITAL_INSIDE}|{TONE_AFTER_VOWEL}|{VNI_PAIR}|{SIGN_AT_END}"
"""What text in one of the legacy encodings holds every few words and right Vietnamese never."""
MIN_SIGNS_OF_LEGACY: Final = 3
"""In a document or a line, for it to be looked at."""
_SIGNS: Final = re.compile(SIGN_OF_LEGACY)

MIN_WORDS_OF_DOCUMENT: Final = 20
"""Words that only a table explains, for a document to be in it."""
MIN_WORDS_OF_LINE: Final = 5
"""The same for a line in a document that is not."""


def fix_legacy_fonts(lines: Lines, names: frozenset[str]) -> Changes:
    """Decode what is in TCVN3, VNI, VISCII, VPS or Windows-1258.

    >>> fix_legacy_fonts(["Céng hoµ x· héi chñ nghÜa ViÖt Nam"], frozenset({"tcvn3", "vni"}))
    {0: Change(text='Cộng hoà xã hội chủ nghĩa Việt Nam', name='tcvn3')}
    """
    tables = {name: decode for name, decode in decoders().items() if name in names}
    signs = [_count_signs(line) for line in lines]
    of_document = None
    if sum(signs) >= MIN_SIGNS_OF_LEGACY:
        of_document = best_table("\n".join(lines), tables, MIN_WORDS_OF_DOCUMENT)
    changes: Changes = {}
    for place, line in enumerate(lines):
        if line.isascii() or (of_document is None and signs[place] < MIN_SIGNS_OF_LEGACY):
            continue
        likely = of_document and best_table(line, {of_document: tables[of_document]}, 1)
        name = likely or best_table(line, tables, MIN_WORDS_OF_LINE) or of_document
        if name and (fixed := _decode_line(line, name)) != line:
            changes[place] = Change(fixed, name)
    return changes


def _count_signs(line: str) -> int:
    """Signs of a legacy encoding in a line; none if it is misread UTF-8, which is full of them."""
    return 0 if line.isascii() or MISREAD.search(line) else sum(1 for _ in _SIGNS.finditer(line))


def _decode_line(line: str, name: str) -> str:
    """Decode the words that need it; an open one goes with the nearest that is decided.

    >>> _decode_line("Lêi nãi ®Çu – Lời nói đầu", "tcvn3")
    'Lời nói đầu – Lời nói đầu'
    """
    words = [judge_word(word, decoders()[name]) for word in line.split(" ")]
    decided = [(place, word.side) for place, word in enumerate(words) if word.side in ("legacy", "right")]
    pieces = []
    for place, word in enumerate(words):
        side = word.side
        if side == "open":
            side = min(decided, key=lambda other: abs(other[0] - place))[1] if decided else "legacy"
        pieces.append(word.decoded if side == "legacy" else word.as_is)
    return " ".join(_restore_capitals(pieces, line.split(" ")) if name == "tcvn3" else pieces)


def _restore_capitals(words: list[str], as_is: list[str]) -> list[str]:
    """Capital letters where the font has none: TCVN3 has no code for a capital with a tone.

    >>> _restore_capitals("CộNG Hoà và ở TỉNH".split(), "CéNG Hoµ vµ ë TØNH".split())
    ['CỘNG', 'Hoà', 'và', 'ở', 'TỈNH']
    """
    if words == as_is:
        return words
    capitals = [sum("A" <= letter <= "Z" for letter in word) for word in as_is]
    small = [any("a" <= letter <= "z" for letter in word) for word in as_is]
    is_title = not any(small)
    return [
        word.upper()
        if word != as_is[place]
        and not small[place]
        and (
            capitals[place] > 1
            or (is_title and sum(capitals) > 1)
            or _between_capitals(place, capitals, small)
        )
        else word
        for place, word in enumerate(words)
    ]


def _between_capitals(place: int, capitals: list[int], small: list[bool]) -> bool:
    """Whether the words on both sides are written in capitals."""
    beside = [other for other in (place - 1, place + 1) if 0 <= other < len(capitals)]
    return len(beside) == 2 and all(capitals[other] > 1 and not small[other] for other in beside)
