"""The folded copy that matching works on: what is left of a text when only its words count.

Case, punctuation, spaces and the place of a Vietnamese tone mark go; letters, accents, digits and the
marks inside a number stay. Two texts with equal folds say the same. A fold is a key and is never
written out in place of a text.

This module is the plain reading of the rule; `tasks.match.kernels` is the same rule on Arrow buffers,
and a property test holds the two together.
"""

import unicodedata
from typing import Final, NamedTuple

SEPARATOR: Final = 0  # ends a word: brackets, quotes, bullets, dashes
SPACE: Final = 1  # ends a word, and after a stop a sentence
LETTER: Final = 2
DIGIT: Final = 3
UNSPACED: Final = 4  # a letter of a script without spaces: a word of its own
MARK: Final = 5  # belongs to the letter before it
SYMBOL: Final = 6  # states something: a word of its own, such as % or $
JOINT: Final = 7  # stays between two digits, else a separator: 1.500 and 6/8
POINT: Final = 8  # a joint that may end a sentence
STOP: Final = 9  # may end a sentence
WIDE_STOP: Final = 10  # ends a sentence without a space after it
QUESTION: Final = 11  # a stop that states something
IGNORED: Final = 12  # soft hyphens, joiners, controls: as if it were not there

UNSPACED_RANGES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),  # Han iteration and zero
    (0x3040, 0x312F),  # Kana, Bopomofo
    (0x31A0, 0x31FF),  # Bopomofo, Kana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han compatibility
    (0xFF66, 0xFF9D),  # Kana, half width
    (0x1AFF0, 0x1B16F),  # Kana, historic
)
"""Scripts that put no spaces between words (Unicode blocks; line-break class SA or ID)."""

TABLE_END: Final = 0x20000
HAN_END: Final = 0x40000
"""Code points between the two are Han, assigned or not; those above are ignored (tags, private use)."""

_STATED = frozenset("%‰°~§№℃℉")
_UNSTATED = frozenset("|^`´¨¦¬")
HYPHENS: Final = frozenset("-\u2010\u2011\u2012\u2013")
_SPECIAL: Final = {
    **dict.fromkeys(HYPHENS | set(",/:"), JOINT),
    ".": POINT,
    "!": STOP,
    "…": STOP,
    "।": STOP,
    "؟": QUESTION,
    "?": QUESTION,
    "？": QUESTION,
    "。": WIDE_STOP,
    "！": WIDE_STOP,
    "｡": WIDE_STOP,
}
_BULLETS: Final = (0x2500, 0x25FF)

_OPEN_VOWELS: Final = {"o": ("àáảãạèéẻẽẹ", "òóỏõọòóỏõọ", "aaaaaeeeee"), "u": ("ỳýỷỹỵ", "ùúủũụ", "yyyyy")}
OPEN_SYLLABLE: Final = {
    first + toned: moved + plain
    for first, columns in _OPEN_VOWELS.items()
    for toned, moved, plain in zip(*columns, strict=True)
}
"""`oà` to `òa`: the older place of the tone in an open syllable, for the newer one."""


class Folded(NamedTuple):
    """One text, folded.

    Attributes:
        tokens: Words, numbers and symbols in order.
        is_word: Whether each token is a word or number (symbols and question marks are none).
        unspaced: How many tokens are letters of a script without spaces.
        sentence_ends: For each sentence, the number of tokens up to its end; the last is `len(tokens)`.
    """

    tokens: tuple[str, ...]
    is_word: tuple[bool, ...]
    unspaced: int
    sentence_ends: tuple[int, ...]

    @property
    def text(self) -> str:
        """The folded copy: tokens with a space between."""
        return " ".join(self.tokens)

    @property
    def words(self) -> list[str]:
        """The tokens that are words or numbers."""
        return [token for token, is_word in zip(self.tokens, self.is_word, strict=True) if is_word]


def classify(char: str) -> int:  # noqa: PLR0911 - a table, read from the top
    """The class of one character, one of the constants above.

    >>> classify("a") == LETTER, classify("5") == DIGIT, classify("%") == SYMBOL, classify("”") == SEPARATOR
    (True, True, True, True)
    """
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isspace():
        return SPACE
    code, category = ord(char), unicodedata.category(char)
    if code >= TABLE_END:
        return UNSPACED if code < HAN_END else IGNORED
    if category in {"Cf", "Cc", "Cs", "Co", "Cn"} or 0xFE00 <= code <= 0xFE0F:
        return IGNORED
    if category == "Nd":
        return DIGIT
    if category[0] == "M":
        return MARK
    if category[0] in "LN":
        return UNSPACED if any(low <= code <= high for low, high in UNSPACED_RANGES) else LETTER
    return SYMBOL if _is_symbol(char, code, category) else SEPARATOR


def _is_symbol(char: str, code: int, category: str) -> bool:
    """Whether a mark that is no letter states something: currency, arithmetic, emoji."""
    if char in _STATED:
        return True
    if char in _UNSTATED or _BULLETS[0] <= code <= _BULLETS[1]:
        return False
    return category in {"Sc", "Sm", "So"}


def fold(text: str) -> str:
    """The folded copy of a text: equal for texts that say the same in the same words.

    Idempotent but for symbols, and total: any string has one, perhaps empty.

    >>> fold("“Hoà bình”,  ông nói: 1.500 TẤN - ngày 6/8!")
    'hòa bình ông nói 1.500 tấn ngày 6/8'
    >>> fold("Tăng 5%?") == fold("Tăng 5%.")
    False
    """
    return fold_tokens(text).text


def fold_tokens(text: str) -> Folded:
    """The tokens of the folded copy, with what is known about each.

    >>> fold_tokens("Có 5 người. Họ ở Huế.").sentence_ends
    (3, 6)
    """
    folding = _Folding()
    text = unicodedata.normalize("NFC", text)
    before, before_class = "", SPACE
    for place, char in enumerate(text):
        kind = _class_of[char]
        if kind in _WORD_CLASSES:
            folding.extend(char, kind)
        elif kind != IGNORED:
            after = text[place + 1 : place + 2]
            is_digit_next = bool(after) and _class_of[after] == DIGIT
            if kind in {JOINT, POINT} and before_class == DIGIT and is_digit_next:
                folding.join("-" if char in HYPHENS else char)
            else:
                folding.end_word()
                if char in HYPHENS and is_digit_next and (before_class == SPACE or before == "("):
                    folding.add_symbol("-")
                folding.pass_mark(char, kind)
        before, before_class = char, kind
    return folding.finish()


class _Classes(dict[str, int]):
    """`classify`, each character once."""

    def __missing__(self, char: str) -> int:
        self[char] = kind = classify(char)
        return kind


_class_of = _Classes()
_WORD_CLASSES = frozenset({LETTER, DIGIT, UNSPACED, MARK})


class _Folding:
    """The tokens found so far in one text."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.is_word: list[bool] = []
        self.sentence_ends: list[int] = []
        self.unspaced = 0
        self.word = ""
        self.is_unspaced = False
        self.after_stop = False

    def extend(self, char: str, kind: int) -> None:
        """A letter, digit or mark: goes on with the word or begins one."""
        if kind == UNSPACED or (self.is_unspaced and kind != MARK):
            self.end_word()
        if not self.word:
            self.is_unspaced = kind == UNSPACED
            self.unspaced += self.is_unspaced
            self.after_stop = False
        self.word += char.casefold()

    def join(self, mark: str) -> None:
        """A mark between two digits."""
        self.word += mark

    def end_word(self) -> None:
        if not self.word:
            return
        if self.word[-2:] in OPEN_SYLLABLE and self.word[-3:-1] != "qu":
            self.word = self.word[:-2] + OPEN_SYLLABLE[self.word[-2:]]
        self.tokens.append(self.word)
        self.is_word.append(True)
        self.word, self.is_unspaced = "", False

    def add_symbol(self, char: str) -> None:
        self.tokens.append(char)
        self.is_word.append(False)
        self.after_stop = False

    def pass_mark(self, char: str, kind: int) -> None:
        """Anything that is no part of a word."""
        if kind == SYMBOL:
            self.add_symbol(char)
        elif kind == QUESTION and self.tokens[-1:] != ["?"]:
            self.add_symbol("?")
        if kind in {POINT, STOP, QUESTION}:
            self.after_stop = True
        elif kind == WIDE_STOP or (kind == SPACE and self.after_stop):
            self.end_sentence()

    def end_sentence(self) -> None:
        self.after_stop = False
        if len(self.tokens) > (self.sentence_ends[-1] if self.sentence_ends else 0):
            self.sentence_ends.append(len(self.tokens))

    def finish(self) -> Folded:
        self.end_word()
        self.end_sentence()
        return Folded(tuple(self.tokens), tuple(self.is_word), self.unspaced, tuple(self.sentence_ends))
