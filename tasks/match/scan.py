"""A text as its words, figures and signs in order, each with what stands before it."""

import re
import unicodedata
from typing import Final, NamedTuple

from tasks.match.fold import HYPHENS, IGNORED, QUESTION, SYMBOL, UNSPACED_RANGES, classify
from tasks.match.lexicon import Kind, word_key

_UNSPACED = "".join(f"{chr(low)}-{chr(high)}" for low, high in UNSPACED_RANGES)
# A word, else figures with marks between them, else any other sign.
TOKEN: Final = re.compile(
    rf"([^\W\d_{_UNSPACED}][^\W\d_{_UNSPACED}\u0300-\u036f]*)|(\d+(?:[.,:/\u2010-\u2013-]\d+)*)|([^ ])",
    re.DOTALL,
)
ANY_HYPHEN: Final = re.compile("[\u2010-\u2013]")
MAX_WORD_CHARS: Final = 256
"""A longer run of letters and marks is no word; cut there, it costs what it is long, not its square."""
SENTENCE_ENDS: Final = ".!…。！।۔\n"
SENTENCE_END, CLAUSE_END = 2, 1
# Signs that have a name of their own; the fold says which others state something.
SIGNS: Final = {
    "%": (Kind.PERCENTAGE, "%"), "$": (Kind.CURRENCY, "usd"), "€": (Kind.CURRENCY, "euro"),
    "£": (Kind.CURRENCY, "bang4 anh"), "¥": (Kind.CURRENCY, "yen"), "₫": (Kind.CURRENCY, "đông1"),
}  # fmt: skip


class Scanned(NamedTuple):
    """The tokens of a text in plain letters; see `Scan`."""

    names: list[str]
    surfaces: list[str]
    gaps: list[int]
    signs: list[Kind]
    joined: list[bool]


class Scan:
    """The tokens of one text, in parallel lists.

    Attributes:
        names: Each token's key; of figures the digits with plain hyphens.
        surfaces: Each token as written.
        gaps: What stands before each token: 2 the end of a sentence, 1 of a clause, 0 neither.
        text: The text itself.
        starts, ends: Where each token stands in it.
        signs: The kind of a token that is no word: NUMBER for figures, what a sign states; CONTENT for words.
        joined: Whether nothing stands between a token and the last: `27C`.
    """

    __slots__ = ("ends", "gap", "gaps", "is_open", "names", "signs", "starts", "surfaces", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.surfaces: list[str] = []
        self.gaps: list[int] = []
        self.signs: list[Kind] = []
        self.gap = SENTENCE_END
        self.is_open = False
        end = 0
        for match in TOKEN.finditer(text):
            found = match.group()
            start, here = match.span()
            group = match.lastindex
            if group == 1 and not (self.is_open and start == end and not self.gap):
                self._add(word_key(found), found, Kind.CONTENT, start)
            elif group == 1:
                self._extend(found)
            elif group == 2:
                self._add(ANY_HYPHEN.sub("-", found), found, Kind.NUMBER, start)
            else:
                self.is_open = self.is_open and start == end
                self._pass_sign(found, start)
            end = here

    @property
    def joined(self) -> list[bool]:
        """Whether nothing stands between each token and the last."""
        return [False, *(start == end for start, end in zip(self.starts[1:], self.ends, strict=False))]

    def _add(self, name: str, surface: str, sign: Kind, start: int) -> None:
        self.starts.append(start)
        self.ends.append(start + len(surface))
        self.names.append(name)
        self.surfaces.append(surface)
        self.gaps.append(self.gap)
        self.signs.append(sign)
        self.gap = 0
        self.is_open = False

    def _extend(self, rest: str) -> None:
        """Go on with the last word, which a mark of its letters interrupted."""
        if len(self.surfaces[-1]) >= MAX_WORD_CHARS:
            self._add(word_key(rest), rest, Kind.CONTENT, self.ends[-1])
            return
        self.surfaces[-1] += rest
        self.ends[-1] = self.starts[-1] + len(self.surfaces[-1])
        self.names[-1] = word_key(self.surfaces[-1])
        self.signs[-1] = Kind.CONTENT

    def _pass_sign(self, sign: str, at: int) -> None:
        """A sign that is no letter or digit, or a letter of a script without spaces."""
        before, after = self.text[at - 1 : at], self.text[at + 1 : at + 2]
        category, kind = unicodedata.category(sign), classify(sign)
        if kind == IGNORED:
            return
        if category[0] == "M" and self.names and not self.gap:
            self._extend(sign)
            self.is_open = True
        elif kind == QUESTION:
            if self.names[-1:] != ["?"]:
                self._add("?", sign, Kind.QUESTION, at)
            self.gap = SENTENCE_END
        elif kind == SYMBOL or category[0] in "LNM":
            named, key = SIGNS.get(sign, (Kind.SYMBOL if kind == SYMBOL else Kind.CONTENT, sign.casefold()))
            self._add(key, sign, named, at)
        elif sign in HYPHENS and after.isdecimal() and (not before.strip() or before == "("):
            is_range = self.signs[-1:] == [Kind.NUMBER] and not self.gap
            self._add("-", sign, Kind.FREE if is_range else Kind.SYMBOL, at)
        else:
            self._pass_mark(sign, after)

    def _pass_mark(self, mark: str, after: str) -> None:
        """Punctuation: the end of a sentence or a clause. The stop of `TP.HCM` ends neither."""
        self.is_open = False
        if mark == "." and after.isalpha() and self.surfaces and self.surfaces[-1].isupper():
            return
        if mark.isspace() and mark != "\n":
            return
        self.gap = max(self.gap, SENTENCE_END if mark in SENTENCE_ENDS else CLAUSE_END)
