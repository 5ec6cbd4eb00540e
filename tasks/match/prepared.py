"""A text ready to be compared with others: brought into one form, and read as words and tokens when a pair needs them."""

import re
import unicodedata
from functools import cached_property
from typing import Final

from tasks.match.fold import IGNORED, classify
from tasks.match.scan import Scan
from tasks.match.tokens import Tokens, build_tokens
from tasks.match.words import Words, scan_plain

ENDS_CUT: Final = re.compile(r"(?:\.\s?\.\s?\.|…)[\s.”\"')\]]*\Z")
# Dots with what may follow them at the end of a text; looked for no further back.
MAX_CUT_CHARS: Final = 12
SELECTORS: Final = re.compile("[\ufe00-\ufe0f]")
# Of a unit; after a comma or by itself a raised figure is no part of a number.
SUPERSCRIPT: Final = re.compile(r"(?<=[^\W\d_])[²³]")
SUPERSCRIPTS: Final = {"²": "2", "³": "3"}


def normalise(text: str) -> str:
    """A text in NFC, without what nobody sees, and with plain figures for raised ones."""
    normal = unicodedata.normalize("NFC", text)
    if not normal.isprintable() or SELECTORS.search(normal):
        normal = "".join(char for char in normal if classify(char) != IGNORED)
    if "²" in normal or "³" in normal:
        return SUPERSCRIPT.sub(lambda raised: SUPERSCRIPTS[raised[0]], normal)
    return normal


class Prepared:
    """A text ready to be compared: its words and its tokens, read when a pair needs them."""

    def __init__(self, text: str) -> None:
        self.text = normalise(text)
        ends = max(0, len(self.text.rstrip()) - MAX_CUT_CHARS)
        self.is_cut = ENDS_CUT.search(self.text, ends) is not None

    def cut(self, start: int, end: int) -> "Prepared":
        """The words from `start` to `end` as a text of their own."""
        return Prepared.from_words(self.words.cut(start, end))

    @classmethod
    def from_words(cls, words: Words) -> "Prepared":
        """A text of which the words are known."""
        prepared = cls("")
        prepared.words, prepared.text, prepared.is_cut = words, words.text, words.is_cut
        return prepared

    @cached_property
    def words(self) -> Words:
        """The words for the plain way."""
        return Words(self.text, is_cut=self.is_cut)

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens for the long way."""
        return build_tokens(scan_plain(self.text) or Scan(self.text), is_cut=self.is_cut)


def prepare(text: str) -> Prepared:
    """A text ready to be compared with others; any string will do."""
    return Prepared(text)
