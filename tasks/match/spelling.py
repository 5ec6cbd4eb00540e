"""Two ways to write one word: a slip of the keys, or an abbreviation and what it stands for."""

import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from tasks.match.lexicon import word_key
from tasks.match.syllable import is_syllable

# Below five letters a changed letter nearly always makes another word (ban, can, tan).
MIN_TYPO_CHARS = 5
# A word of this band occurs once in ten thousand or more; bands this far apart differ at least thirtyfold.
MIN_FREQUENT_BAND, MIN_BANDS_APART = 3, 4
MAX_ABBREVIATION_CHARS = 8


@cache
def load_bands() -> dict[str, int]:
    """How frequent the words of one syllable are, by their keys: half a power of ten from band to band, 1 to 5."""
    data = tomllib.loads(files("tasks.match").joinpath("syllables.toml").read_text("utf-8"))
    return {word_key(word): int(band) for band, words in data["band"].items() for word in words.split()}


def is_typo(a: str, b: str, *, in_context: bool = False) -> bool:
    """Whether one of two words is the other with one letter doubled, dropped, swapped or wrong.

    Two known syllables are two words, unless one is much more frequent and only lacks an inner letter or has
    two swapped; `in_context`, where a long passage is the same around them, such a slip needs no frequency.
    A wrong letter is a slip where it leaves no syllable, or in context a much rarer one: tones make words.

    >>> is_typo("trươờng", "trường"), is_typo("thắng", "thua"), is_typo("thường", "tường")
    (True, False, False)
    """
    a, b = a.casefold(), b.casefold()
    if max(len(a), len(b)) < MIN_TYPO_CHARS or abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    if not (a.isalpha() and b.isalpha()) or OSA.distance(a, b, score_cutoff=1) > 1:
        return False
    bands = load_bands()
    key_a, key_b = word_key(a), word_key(b)
    low, high = sorted((bands.get(key_a, 0), bands.get(key_b, 0)))
    is_word = is_syllable(key_a) and is_syllable(key_b)
    if len(a) == len(b) and sorted(a) != sorted(b):
        is_rare = in_context and high - low >= MIN_BANDS_APART
        return is_rare or (low == 0 and high >= MIN_FREQUENT_BAND and not is_word)
    if in_context and a[-1] == b[-1]:
        return True
    if high >= MIN_FREQUENT_BAND:
        return low == 0 or high - low >= MIN_BANDS_APART
    return not is_word


def find_swap(a: Sequence[str], b: Sequence[str]) -> int | None:
    """Where two neighbouring words have changed places, if nothing else differs.

    >>> find_swap("họ không còn là".split(), "họ không là còn".split()), find_swap("a b c".split(), "c b a".split())
    (2, None)
    """
    if len(a) != len(b):
        return None
    places = [n for n in range(len(a)) if a[n] != b[n]]
    if len(places) != 2 or places[1] != places[0] + 1:
        return None
    first, second = places
    return first if (a[first], a[second]) == (b[second], b[first]) else None


def bare_initial(word: str) -> str:
    """The first letter as an abbreviation has it: without tone, hat or horn, but `đ` stays.

    >>> bare_initial("Ủy"), bare_initial("đại")
    ('u', 'đ')
    """
    return unicodedata.normalize("NFD", word.casefold())[:1]


def find_expansion(short: str, words: Sequence[str]) -> tuple[int, int] | None:
    """Where consecutive words begin with the letters of a short form, as (start, end).

    >>> find_expansion("LĐBĐ", "do Liên đoàn bóng đá Việt Nam".split())
    (1, 5)
    """
    letters = [bare_initial(char) for char in short if char.isalpha()]
    size = len(letters)
    if not 2 <= size <= MAX_ABBREVIATION_CHARS:
        return None
    initials = [bare_initial(word) for word in words]
    for start in range(len(words) - size + 1):
        if initials[start : start + size] == letters:
            return start, start + size
    return None


def looks_short(surface: str, key: str) -> bool:
    """Whether a word can be an abbreviation: all capitals, or no syllable at all (`thpt`).

    >>> looks_short("UBND", "ubnd"), looks_short("thpt", "thpt"), looks_short("ban", "ban")
    (True, True, False)
    """
    return (
        2 <= len(surface) <= MAX_ABBREVIATION_CHARS
        and surface.isalpha()
        and (surface.isupper() or not is_syllable(key))
    )
