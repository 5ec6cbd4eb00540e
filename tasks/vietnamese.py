"""The closed set of written Vietnamese syllables, generated from the phonotactics.

A written syllable is an onset, a rime (glide, nucleus, coda) and one of six tones; which letters may meet
is closed, so a misread word almost never is a syllable. Source of the inventory: Thompson, *A Vietnamese
Reference Grammar* (1965), and the spelling rules of 1984; the loan onsets and codas are those of the
place names of the Central Highlands.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook above, dot below; the sixth tone has no mark."""
CHECKED_TONES: Final = "\u0301\u0323"
"""The only tones of a syllable that ends in a stop."""
STOPS: Final = ("p", "t", "c", "ch", "k")

ONSETS_BEFORE_ANY: Final = " b ch d đ h kh l m n nh p ph r s t th tr v x"
ONSETS_BEFORE_BACK: Final = ("c", "g", "ng")
ONSETS_BEFORE_FRONT: Final = ("k", "gh", "ngh")
LOAN_SYLLABLES: Final = (
    "đăk đắk lăk lắk kạn krông plông klông đrông đlông blông brông êa ơi úp zô zú líp plây dzũng "
    "mnông bù jút jê giẻ búk prông bôk đông kông pô kô mđrăk mđrắk păh jơ glông sê niê zăng drăng "
    "kré"
)

OPEN_RIMES: Final = (
    "a e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iu iêu oi ôi ơi ua ui uôi ưa ưi ươi ưu ươu yêu "
    "oa oe oai oay oao oeo uê uy uơ uya uây uyu uêu"
)
CODAS: Final = {
    "a": "m n ng nh p t c ch",
    "ă": "m n ng p t c",
    "â": "m n ng p t c",
    "e": "m n ng p t c",
    "ê": "m n nh p t ch",
    "i": "m n nh p t ch",
    "o": "m n ng p t c",
    "ô": "m n ng p t c",
    "ơ": "m n p t",
    "u": "m n ng p t c",
    "ư": "m n ng t c",
    "iê": "m n ng p t c",
    "yê": "m n ng t",
    "uô": "m n ng t c",
    "ươ": "m n ng p t c",
    "oo": "ng c",
    "oa": "m n ng nh p t c ch",
    "oă": "m n ng p t c",
    "oe": "m n t",
    "uâ": "n ng t",
    "uê": "nh ch",
    "uy": "nh ch n t p",
    "uyê": "n t",
    "uơ": "n",
}
QU_RIMES: Final = (
    "a ai ao au ay ac ach am an ang anh ap at ăc ăm ăn ăng ăp ăt ân âng ât ây âu e en eo et ê ên ênh "
    "êt êch ơ ơi ơn ơt y i yên yêt ynh yt ych yn it ich inh in ôc"
)
GI_RIMES: Final = ("ên", "êng", "êt", "êc", "êm", "êp", "êu")
"""After `gi` the diphthong `iê` is written with one i."""

MIN_SYLLABLES_OF_LINE: Final = 3
"""Accented syllables that make a line Vietnamese; they must be half of its accented words as well."""
FOREIGN_LETTERS: Final = re.compile("[þÞæÆøØåÅöÖ]")
"""Letters of the languages that write eth, none of which Vietnamese has."""
LETTERS: Final = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
"""A run of letters with the marks that stand on them."""


def _rimes() -> list[tuple[str, str]]:
    """(vowels, coda) of every rime."""
    closed = [(vowels, coda) for vowels, codas in CODAS.items() for coda in codas.split()]
    return [(rime, "") for rime in OPEN_RIMES.split()] + closed


def _tone_places(vowels: str, coda: str) -> list[int]:
    """Where the tone mark may stand; two places where the old and the new custom differ (hòa, hoà)."""
    if vowels in ("oa", "oe", "uy") and not coda:
        return [0, 1]
    if vowels == "oo":
        return [0, 1]
    marked = [place for place, letter in enumerate(vowels) if letter in "ăâêôơư"]
    if marked:
        return [marked[-1] if vowels != "ưu" else 0]
    if coda:
        return [len(vowels) - 1]
    return [0] if len(vowels) < 3 else [1]


def _with_tones(onset: str, vowels: str, coda: str) -> set[str]:
    """The syllable in every tone it can have."""
    tones = CHECKED_TONES if coda in STOPS else TONES
    found = {onset + vowels + coda}
    for place in _tone_places(vowels, coda):
        head, tail = onset + vowels[: place + 1], vowels[place + 1 :] + coda
        found.update(unicodedata.normalize("NFC", head + tone + tail) for tone in tones)
    return found


def _onsets(rime: str) -> tuple[str, ...]:
    """The onsets that may be written before a rime."""
    if rime.startswith("yê"):
        return ("",)
    if rime.startswith("iê"):
        return (*ONSETS_BEFORE_ANY.split(), *ONSETS_BEFORE_FRONT)
    front = rime[0] in "eêiy"
    return ("", *ONSETS_BEFORE_ANY.split(), *(ONSETS_BEFORE_FRONT if front else ONSETS_BEFORE_BACK))


def _split(rime: str) -> tuple[str, str]:
    """(vowels, coda) of a written rime."""
    vowels = rime.rstrip("mnghptck")
    return vowels, rime[len(vowels) :]


def _after_qu() -> set[str]:
    """Syllables in `qu`; on an open syllable the mark is often seen on the `u`."""
    found: set[str] = set()
    for rime in QU_RIMES.split():
        found |= _with_tones("qu", *_split(rime))
        if len(rime) == 1:
            found.update(unicodedata.normalize("NFC", f"qu{tone}{rime}") for tone in TONES)
    return found


def _after_gi() -> set[str]:
    """Syllables in `gi`, which lends its vowel to a rime in `i`."""
    found = {unicodedata.normalize("NFC", f"gi{tone}a") for tone in TONES}
    for rime in GI_RIMES:
        found |= _with_tones("gi", *_split(rime))
    for vowels, coda in _rimes():
        if vowels[0] not in "êiy":
            found |= _with_tones("gi", vowels, coda)
    for coda in ("", "n", "p", "t"):
        found |= _with_tones("g", "i", coda)
    return found


@cache
def syllables() -> frozenset[str]:
    """Every written syllable, lower case, NFC: about twenty thousand, of which a third is in use.

    >>> {"nghiêng", "quyết", "hòa", "hoà", "giếng"} <= syllables()
    True
    >>> {"nghong", "ceo", "hoc\u0309", "tµi", "ngưßi"} & syllables()
    set()
    """
    found = set(LOAN_SYLLABLES.split()) | _after_qu() | _after_gi()
    for vowels, coda in _rimes():
        for onset in _onsets(vowels):
            found |= _with_tones(onset, vowels, coda)
    return frozenset(found)


@lru_cache(maxsize=100_000)
def is_syllable(word: str) -> bool:
    """Whether the letters are one written syllable; case does not matter.

    >>> is_syllable("Nguyễn"), is_syllable("Céng")
    (True, False)
    """
    return unicodedata.normalize("NFC", word).lower() in syllables()


@lru_cache(maxsize=20_000)
def is_syllable_chain(word: str) -> bool:
    """Whether the letters are one or more syllables without a space, as in `ViệtNam`.

    >>> is_syllable_chain("HàNội"), is_syllable_chain("Hàxội"), is_syllable_chain("Hàxq")
    (True, True, False)
    """
    word = unicodedata.normalize("NFC", word).lower()
    if len(word) > 40:
        return False
    ends = {0}
    for end in range(1, len(word) + 1):
        if any(start in ends and word[start:end] in syllables() for start in range(max(0, end - 7), end)):
            ends.add(end)
    return len(word) in ends


def accented_runs(text: str) -> list[str]:
    """The letter runs of a text that hold a letter beyond ASCII.

    >>> accented_runs("(Hà Nội, 2024) - COVID")
    ['Hà', 'Nội']
    """
    return [run for run in LETTERS.findall(text) if not run.isascii()]


@lru_cache(maxsize=50_000)
def is_vietnamese(text: str) -> bool:
    """Whether there are accented letter runs and every one of them is a syllable.

    >>> is_vietnamese("“Hà Nội”, COVID"), is_vietnamese("COVID"), is_vietnamese("Céng hòa")
    (True, False, False)
    """
    runs = accented_runs(text)
    return bool(runs) and all(is_syllable(run) for run in runs)


def has_plain_case(text: str) -> bool:
    """Whether every letter run is small, has one capital at its start, or is all capitals.

    >>> has_plain_case("Hà NỘI"), has_plain_case("XàHỘI")
    (True, False)
    """
    return all(run[1:].islower() or run.isupper() or len(run) == 1 for run in LETTERS.findall(text))


def is_vietnamese_line(text: str) -> bool:
    """Whether most accented words are syllables, and enough are.

    >>> is_vietnamese_line("Lời nói đầu của ông Müller"), is_vietnamese_line("À l'été, là-bas, dès midi")
    (True, False)
    """
    runs = accented_runs(text)
    good = sum(map(is_syllable, runs))
    return good >= MIN_SYLLABLES_OF_LINE and good * 2 >= len(runs) and not FOREIGN_LETTERS.search(text)
