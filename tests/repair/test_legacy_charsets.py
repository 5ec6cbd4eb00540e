"""The tables of the legacy encodings, and the class of what is not in normal form C."""

import re
import unicodedata

import pytest

from tasks import legacy_charsets
from tasks.legacy_charsets import byte_of, decoders, sloppy_character
from tasks.repair.suspects import COSMETIC
from tasks.vietnamese import TONES

VOWELS = "aăâeêioôơuưy"
SMALL = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONES)} | {"đ"}
ACCENTED = {letter for letter in SMALL if not letter.isascii()}


def letters_of(name: str) -> set[str]:
    """What one or two bytes of an encoding can give."""
    characters = [sloppy_character(byte) for byte in range(256)]
    bases = [base for base in "aeouyôöAEOUYÔÖ" if name == "vni"]
    decode = decoders()[name]
    return {decode(code) for code in [*characters, *(b + c for b in bases for c in characters)]}


@pytest.mark.parametrize("name", ["tcvn3", "vni", "viscii", "vps"])
def test_every_small_letter_has_a_code(name: str) -> None:
    assert letters_of(name) >= ACCENTED


@pytest.mark.parametrize("name", ["vni", "viscii"])
def test_every_capital_has_a_code(name: str) -> None:
    assert letters_of(name) >= {letter.upper() for letter in ACCENTED}


@pytest.mark.parametrize("table", [legacy_charsets._TCVN3, legacy_charsets._VISCII, legacy_charsets._VPS])
def test_no_two_bytes_are_the_same_letter(table: str) -> None:
    letters = list(legacy_charsets._codes(table).values())
    assert len(letters) == len(set(letters))
    assert set(letters) <= ACCENTED | {letter.upper() for letter in ACCENTED}


@pytest.mark.parametrize("charset", ["cp1252", "cp1258", "latin-1"])
def test_the_bytes_agree_with_the_codecs(charset: str) -> None:
    for byte in range(256):
        try:
            character = bytes([byte]).decode(charset)
        except UnicodeDecodeError:
            continue
        assert byte_of()[character] == byte


def test_every_character_that_normal_form_changes_is_suspect() -> None:
    pattern = re.compile(COSMETIC.replace("\\p{M}{2}", "[\u0300-\u036f]{2}"))
    missed = [
        code
        for code in range(0x110000)
        if not 0xD800 <= code < 0xE000
        and not unicodedata.is_normalized("NFC", chr(code))
        and not pattern.search(f"x{chr(code)}x")
    ]
    assert missed == []


def test_every_character_that_normal_form_joins_to_another_is_suspect() -> None:
    pattern = re.compile(COSMETIC.replace("\\p{M}{2}", "[\u0300-\u036f]{2}"))
    missed = set()
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            joined = "".join(chr(int(part, 16)) for part in parts)
            if unicodedata.normalize("NFC", joined) == chr(code) and not pattern.search(f"x{joined}x"):
                missed.add(joined)
    assert missed == set()
