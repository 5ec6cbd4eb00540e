"""Letters and their marks: one code each, in the order that Unicode wants."""

import re
import unicodedata
from typing import Final

from tasks.vietnamese import TONES

MARK: Final = re.compile("[\u0300-\u036f]")
MARKED: Final = re.compile(r"[\w\u0300-\u036f]+")
SHAPES: Final = "\u0302\u0306\u031b"
"""Circumflex, breve, horn: the marks that make another letter and are written before the tone."""


def compose(text: str) -> str:
    """Normal form C, after marks in the wrong order are put right.

    >>> compose("Vie\u0323\u0302t Na\u0301\u0306m") == "Việt Nắm"
    True
    """
    if not text.isascii() and MARK.search(text):
        text = MARKED.sub(lambda match: _order_marks(match[0]), text)
    return unicodedata.normalize("NFC", text)


def _order_marks(word: str) -> str:
    """Marks that make a letter before the tone, and a tone on the vowel instead of the letter after it."""
    pieces: list[str] = []
    for letter, marks in re.findall(
        "([^\u0300-\u036f]?)([\u0300-\u036f]*)", unicodedata.normalize("NFD", word)
    ):
        shapes = [mark for mark in marks if mark in SHAPES]
        tones = [mark for mark in marks if mark in TONES]
        is_pair = len(shapes) == len(tones) == 1 and len(marks) == 2
        pieces.append(letter + (shapes[0] + tones[0] if is_pair else marks))
    return "".join(pieces)
