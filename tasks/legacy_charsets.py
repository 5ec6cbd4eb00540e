"""The Vietnamese encodings of before Unicode: which character each byte stands for.

Sources: TCVN 5712:1993 as the ABC fonts use it (TCVN3), RFC 1456 (VISCII 1.1), the VNI Encoding of VNI
Software, the VPS encoding of the Vietnamese Professionals Society, Microsoft code page 1258.

Text in these encodings mostly reaches us as characters, not bytes: as the cp1252 or Latin-1 characters of
the same bytes. So the tables are keyed by those characters.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from tasks.vietnamese import accented_runs, is_syllable

MIN_SHARE: Final = 0.75
"""Of the words that a table changes, those that must become Vietnamese (measured on documents of
four encodings: 0.98 and more with the right table but once 0.87, at most 0.58 with a wrong one)."""
MAX_WORDS_JUDGED: Final = 2000
"""Of a text, for speed."""
ABBREVIATION_LETTERS: Final = frozenset("ĐƯđ")
MAX_ABBREVIATION_CHARS: Final = 7
LATIN: Final = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
SIGN_IN_WORD: Final = re.compile(
    f"[{LATIN}][¡-¦¨©«¬®-±¶¸¼-¿][{LATIN}]|[{LATIN}][¡¢¤-¨¬¯±µ¶¸¼-¾]|[¢¤-¦¨¬®¯±²³¶¸¹¼-¾][{LATIN}]"
)
"""A sign where no right text has one: inside a word, or before or after it where it does not belong."""
UNLIKELY_IN_WORD: Final = re.compile(
    f"{SIGN_IN_WORD.pattern}|[{LATIN}][«\u201a\u0192\u201e\u02c6\u2030\u02dc\u20ac]|»[{LATIN}]|[\x80-\x9f\u00ad]"
)
"""The same, with what does stand there in other languages or, as the soft hyphen, in any."""

_TCVN3: Final = "A1 ĂÂÊÔƠƯĐăâêôơưđ|B5 àảãáạ|BB ằẳẵắ|C6 ặầẩẫấậè|CE ẻẽéẹềểễếệìỉ|DC ĩíịò|E1 ỏõóọồổỗốộờởỡớợù|F1 ủũúụừửữứựỳỷỹýỵ"
_VISCII: Final = (
    "02 Ẳ|05 ẴẪ|14 Ỷ|19 Ỹ|1E Ỵ|80 ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬ|BD ơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VPS: Final = (
    "80 ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ|93 ỀỂỄỐỒỔỖýỷỵỚỜỞ|A1 ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕựầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũ|DC ưÝẺ"
    "|E0 àáâãảạă|E8 èéêẽìí|EF ĩẴĐòóôõ|F7 Ơụùú|FB ủ|FD ỶẼỳ"
)
# The letters that Windows-1258 has where cp1252 has others; a tone is a mark after its vowel.
_CP1258: Final = "C3 Ă|CC \u0300|D0 Đ|D2 \u0309|D5 Ơ|DD Ư\u0303|E3 ă|EC \u0301|F0 đ|F2 \u0323|F5 ơ|FD ư₫"

# VNI writes a base letter and then a modifier. Modifier byte (small form) -> what it adds to the base.
_VNI_MARKS: Final = {
    "\u0302": 0xE2, "\u0302\u0301": 0xE1, "\u0302\u0300": 0xE0, "\u0302\u0309": 0xE5, "\u0302\u0303": 0xE3,
    "\u0302\u0323": 0xE4, "\u0306": 0xEA, "\u0306\u0301": 0xE9, "\u0306\u0300": 0xE8, "\u0306\u0309": 0xFA,
    "\u0306\u0303": 0xFC, "\u0306\u0323": 0xEB, "\u0301": 0xF9, "\u0300": 0xF8, "\u0309": 0xFB,
    "\u0303": 0xF5, "\u0323": 0xEF,
}  # fmt: skip
_VNI_LETTERS: Final = "C6 Ỉ|CC ÌÍỴ|D1 ĐỊĨƠ|D6 Ư|E6 ỉ|EC ìíỵ|F1 địĩơ|F6 ư"
CAPITAL_OFFSET: Final = 0x20
"""Between the small and the capital form of a letter in cp1252 and in VNI."""


def sloppy_character(byte: int) -> str:
    r"""The cp1252 character of a byte; a C1 control where cp1252 has none, as browsers read it.

    >>> sloppy_character(0x80), sloppy_character(0x81)
    ('€', '\x81')
    """
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _codes(table: str) -> dict[int, str]:
    """Byte -> character of a table: per run the first byte and the characters from there on."""
    codes: dict[int, str] = {}
    for run in table.split("|"):
        start, letters = run.split(" ")
        codes.update(enumerate(letters, int(start, 16)))
    return codes


def _keyed(codes: dict[int, str]) -> dict[int, str]:
    """The same for `str.translate`, by the cp1252 and by the Latin-1 reading of each byte."""
    keyed = {byte: letter for byte, letter in codes.items() if not 0x80 <= byte < 0xA0}
    for byte in range(0x80, 0xA0):
        if byte in codes:
            keyed[byte] = keyed[ord(sloppy_character(byte))] = codes[byte]
    return keyed


def _vni_pairs() -> dict[str, str]:
    """Base letter and modifier -> letter. The case is the base's: modifiers are found in either."""
    pairs: dict[str, str] = {}
    for base in "aeouyôöAEOUYÔÖ":
        letter = {"ô": "ơ", "ö": "ư", "Ô": "Ơ", "Ö": "Ư"}.get(base, base)
        for marks, byte in _VNI_MARKS.items():
            joined = unicodedata.normalize("NFC", letter + marks)
            if len(joined) == 1 and (marks[0] not in "\u0302\u0306" or letter == base):
                pairs[base + chr(byte)] = pairs[base + chr(byte - CAPITAL_OFFSET)] = joined
    return pairs


def _decode_vni() -> Callable[[str], str]:
    pairs, letters = _vni_pairs(), {chr(byte): letter for byte, letter in _codes(_VNI_LETTERS).items()}
    codes = pairs | letters
    found = re.compile(f"(?:{'|'.join(pairs)})|[{''.join(letters)}]")
    return lambda text: found.sub(lambda match: codes[match[0]], text)


def _decode_single(table: str) -> Callable[[str], str]:
    codes = _keyed(_codes(table))
    return lambda text: unicodedata.normalize("NFC", text.translate(codes))


@cache
def decoders() -> dict[str, Callable[[str], str]]:
    """How to read, per encoding, text that was read as cp1252 or Latin-1.

    >>> decoders()["tcvn3"]("Céng hoµ"), decoders()["vni"]("Coäng hoøa")
    ('Cộng hoà', 'Cộng hòa')
    """
    return {
        "tcvn3": _decode_single(_TCVN3),
        "vni": _decode_vni(),
        "viscii": _decode_single(_VISCII),
        "vps": _decode_single(_VPS),
        "cp1258": _decode_single(_CP1258),
    }


@cache
def byte_of() -> dict[str, int]:
    """Character -> byte for Latin-1, cp1252 and cp1258 at once: no character has two bytes in them."""
    codes = {chr(byte): byte for byte in range(256)}
    codes |= {sloppy_character(byte): byte for byte in range(0x80, 0xA0)}
    codes |= {letter: byte for byte, letter in _codes(_CP1258).items()}
    return codes


class Word(NamedTuple):
    """A word as it stands and as a table reads it."""

    as_is: str
    decoded: str
    side: str
    """legacy | right | open | plain: only the table makes sense of it; it is right as it stands; both or
    neither; there is nothing to decide."""


def best_table(text: str, tables: dict[str, Callable[[str], str]], min_words: int) -> str | None:
    """The table under which the most words are Vietnamese, if it alone explains `min_words` of them.

    >>> best_table("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", decoders(), 5)
    'vni'
    >>> best_table("Cộng hòa xã hội chủ nghĩa Việt Nam", decoders(), 5) is None
    True
    """
    words = list(dict.fromkeys(word for word in text.split() if not word.isascii()))[:MAX_WORDS_JUDGED]
    best, most = None, 0
    for name, decode in tables.items():
        judged = [judge_word(word, decode) for word in words]
        sides = [word.side for word in judged]
        changed = [word.decoded for word in judged if word.decoded != word.as_is]
        explained = sum(map(is_explained, changed))
        legacy = sides.count("legacy")
        if legacy < max(min_words, sides.count("right") + 1) or explained < MIN_SHARE * len(changed):
            continue
        if (total := explained - sides.count("right")) > most:
            best, most = name, total
    return best


def judge_word(word: str, decode: Callable[[str], str]) -> Word:
    """Which side a word is on."""
    decoded = decode(word)
    before = is_explained(word)
    if decoded == word:
        is_right = before and any(ord(letter) > 0xFF and letter.isalpha() for letter in word)
        return Word(word, word, "right" if is_right else "plain")
    after = is_explained(decoded)
    if after != before and (after or any(len(run) > 1 for run in accented_runs(word))):
        return Word(word, decoded, "legacy" if after else "right")
    return Word(word, decoded, "open")


@lru_cache(maxsize=100_000)
def is_explained(word: str) -> bool:
    """Whether every accented letter run is Vietnamese or an abbreviation, and no sign is inside a word.

    >>> is_explained("“Quyết"), is_explained("QĐ-UB"), is_explained("Q§-UB"), is_explained("tµi")
    (True, True, False, False)
    """
    if word.isascii():
        return True
    return not UNLIKELY_IN_WORD.search(word) and all(
        is_syllable(run) or len(run) == 1 or _is_abbreviation(run) for run in accented_runs(word)
    )


def _is_abbreviation(run: str) -> bool:
    accented = {letter for letter in run if not letter.isascii()}
    return run.isupper() and len(run) <= MAX_ABBREVIATION_CHARS and accented <= ABBREVIATION_LETTERS
