"""Numbers as values: `1.250`, `1250`, `77,8 nghìn` and `mười lăm` by what they amount to."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from tasks.match.lexicon import word_key

SEPARATORS = re.compile("[:/\u2010-\u2013-]")
THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?")
DECIMAL = re.compile(r"\d+[.,]\d+")
DAY_AND_MONTH = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])(?:\.\d{4}|\.\d\d)?")

_DIGITS = {
    word_key(word): value
    for value, words in enumerate(
        ("", "một mốt", "hai", "ba", "bốn", "năm lăm nhăm", "sáu", "bảy bẩy", "tám", "chín")
    )
    for word in words.split()
}
FIVE_OR_YEAR = word_key("năm")
TEN, TENS, HUNDRED = word_key("mười"), word_key("mươi"), word_key("trăm")
ZERO_TENS = {word_key("linh"), word_key("lẻ")}
MAGNITUDES = {
    word_key("nghìn"): 10**3, word_key("ngàn"): 10**3, word_key("triệu"): 10**6, word_key("tỷ"): 10**9,
}  # fmt: skip
NUMBER_WORDS = frozenset(_DIGITS) | {TEN}
# Roman numerals that are no Vietnamese syllable, so that case need not tell.
ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vii": "7", "viii": "8", "ix": "9", "xii": "12", "xiii": "13", "xiv": "14",
    "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18", "xix": "19", "xx": "20", "xxi": "21",
}  # fmt: skip

# These are syllables or letters as well: numerals only after a word that counts.
ROMAN_AFTER_CUE = {"i": "1", "v": "5", "vi": "6", "x": "10", "xi": "11"}


def plain(value: Decimal) -> str:
    """A value in digits, without needless zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


@lru_cache(maxsize=1 << 17)
def figure_parts(text: str, *, dated: bool) -> tuple[str, ...]:
    """The values in one run of digits and separators; the parts of a date, a range or a code stand apart.

    A dot or comma before three digits groups thousands as Vietnamese writes them; `dated` says that a word
    before it makes `6.2` a day and a month. After a dot zeros count: sections, versions and days are written so.

    >>> figure_parts("1.250.000", dated=False), figure_parts("6,50", dated=False), figure_parts("06.2", dated=True)
    (('1250000',), ('6.5',), ('6', '2'))
    >>> figure_parts("3.1", dated=False), figure_parts("3.10", dated=False)
    (('3.1',), ('3.10',))
    >>> figure_parts("05/06-2017", dated=False)
    ('5', '6', '2017')
    """
    parts: list[str] = []
    for piece in SEPARATORS.split(_ascii_digits(text)):
        if THOUSANDS.fullmatch(piece):
            comma_groups = piece.count(",") > 1
            parts.append(
                plain(
                    Decimal(
                        piece.replace(",", "") if comma_groups else piece.replace(".", "").replace(",", ".")
                    )
                )
            )
        elif (dated and DAY_AND_MONTH.fullmatch(piece)) or not DECIMAL.fullmatch(piece):
            parts += [part.lstrip("0") or "0" for part in re.split("[.,]", piece)]
        elif "," in piece:
            parts.append(plain(Decimal(piece.replace(",", "."))))
        else:
            parts.append(str(Decimal(piece)))
    return tuple(parts)


def read_words(keys: list[str], start: int) -> tuple[int, int]:
    """The value of the number words from `start` on, and where they end; the end is `start` if there are none.

    >>> read_words([word_key(w) for w in "một trăm hai mươi lăm người".split()], 0)
    (125, 5)
    """
    total = last = 0
    at, size = start, len(keys)
    while at < size:
        key = keys[at]
        follows = keys[at + 1] if at + 1 < size else ""
        if key in _DIGITS:
            is_counted = follows in MAGNITUDES or follows in (TENS, HUNDRED)
            if last and not (last > 1 or is_counted):
                break
            if key == FIVE_OR_YEAR and not (is_counted or last == 10):
                break
            total += _DIGITS[key]
            last = 1
        elif key == TEN and last != 1:
            total, last = total + 10, 10
        elif key == TENS and last == 1:
            total, last = total + 9 * (total % 10), 10
        elif key == HUNDRED and last == 1:
            total, last = total + 99 * (total % 10), 100
        elif key in ZERO_TENS and last == 100 and follows in _DIGITS:
            last = 10
        else:
            break
        at += 1
    return total, at
