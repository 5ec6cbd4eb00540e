"""Letters of another alphabet that look like the right ones."""

import re
from typing import Final

from tasks.vietnamese import is_syllable, is_syllable_chain, is_vietnamese_line

ETHS: Final = str.maketrans("ÐƉðɖ", "ĐĐđđ")
WORD: Final = re.compile(r"[^\W\d_]+")
ETH: Final = re.compile("[ÐƉðɖ]")
LATIN_OF: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухҺһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικ",
    "ABESIJKMHOPCTYXaesijopcyxHhdqwABEZHIKMNOPTYXovik",
)
FOREIGN_LETTER: Final = re.compile("[Ѐ-ԯΑ-ω]")


def fix_eths(text: str) -> str:
    """Write the Vietnamese letter for the Icelandic and the African one in Vietnamese words.

    >>> fix_eths("Ðà Nẵng: ông ði họp HÐND thành phố"), fix_eths("Það er gott að búa við fjörðinn")
    ('Đà Nẵng: ông đi họp HĐND thành phố', 'Það er gott að búa við fjörðinn')
    """
    if not ETH.search(text):
        return text
    in_vietnamese = is_vietnamese_line(text.translate(ETHS))
    return WORD.sub(lambda match: _fix_eth(match[0], in_vietnamese=in_vietnamese), text)


def _fix_eth(word: str, *, in_vietnamese: bool) -> str:
    """A syllable; in a Vietnamese line an abbreviation or a word that begins with the letter as well."""
    fixed = word.translate(ETHS)
    if fixed == word:
        return word
    if is_syllable(fixed) or (
        in_vietnamese and (fixed.isupper() or fixed[0] in "đĐ" or is_syllable_chain(fixed))
    ):
        return fixed
    return word


def fix_look_alikes(text: str) -> str:
    """Write Latin letters for Cyrillic and Greek ones in a word that is Vietnamese but for them.

    >>> fix_look_alikes("Вộ Tài сhính ký với Москва"), fix_look_alikes("роca")
    ('Bộ Tài chính ký với Москва', 'роca')
    """
    if not FOREIGN_LETTER.search(text):
        return text
    in_vietnamese = is_vietnamese_line(text)
    return WORD.sub(lambda match: _fix_look_alike(match[0], in_vietnamese=in_vietnamese), text)


def _fix_look_alike(word: str, *, in_vietnamese: bool) -> str:
    """A syllable with an accent of its own, or without one in a Vietnamese line."""
    fixed = word.translate(LATIN_OF)
    if fixed == word:
        return word
    is_mixed = any(letter == other and letter.isalpha() for letter, other in zip(word, fixed, strict=True))
    proved = is_syllable(fixed) and (in_vietnamese or not fixed.isascii())
    return fixed if is_mixed and proved else word
