"""The words of `vietnamese.toml`, keyed as the tokens of a text are keyed."""

import tomllib
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any, NamedTuple


class Kind(IntEnum):
    """What a token may be; the edits of a pair are named after it."""

    CONTENT = 0
    FREE = 1
    NAME = 2
    NUMBER = 3
    DATE = 4
    TIME = 5
    UNIT = 6
    CURRENCY = 7
    PERCENTAGE = 8
    ORDINAL = 9
    NEGATION = 10
    QUANTIFIER = 11
    SCOPE = 12
    QUESTION = 13
    SYMBOL = 14
    PLACE_TYPE = 15
    ROLE = 16
    GENERIC = 17
    RESERVE = 18


class Phrase(NamedTuple):
    """What a phrase is matched as: its canonical key, its kind, and why two wordings are one."""

    key: str
    kind: Kind
    edit: str


class Lexicon(NamedTuple):
    """Phrases by their keys, the longest phrase that starts with a key, and the words that exclude others.

    Markers are free words that may be left out, but stand for no other word; aspects say when or how much; sayings
    are free words that tell that something was said; places are countries, cities and clubs that somebody is of.
    """

    phrases: dict[tuple[str, ...], Phrase]
    longest: dict[str, int]
    opposites: dict[str, frozenset[str]]
    markers: frozenset[str]
    aspects: frozenset[str]
    sayings: frozenset[str]
    places: frozenset[str]


TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
_OPEN_I = {"hy", "ky", "ly", "my", "ty", "sy", "quy"}


@lru_cache(maxsize=1 << 19)
def word_key(word: str) -> str:
    """The word without case, with its tone at the end, so that where the tone mark stands does not matter.

    `hoà` and `hòa`, `vơí` and `với`, `kĩ` and `kỹ` have one key each; no two Vietnamese syllables share
    one. The cache is a pure memo.

    >>> word_key("Hoà") == word_key("hòa"), word_key("tỉ") == word_key("tỷ"), word_key("ban") == word_key("bạn")
    (True, True, False)
    """
    lowered = word.casefold()
    if lowered.isascii():
        return lowered[:-1] + "i" if lowered in _OPEN_I else lowered
    letters, tones = [], ""
    for char in unicodedata.normalize("NFD", lowered):
        if char in TONES:
            tones += TONES[char]
        else:
            letters.append(char)
    bare = unicodedata.normalize("NFC", "".join(letters))
    return (bare[:-1] + "i" if bare in _OPEN_I else bare) + tones


def phrase_keys(phrase: str) -> tuple[str, ...]:
    """The keys of a phrase as it stands in the data file."""
    return tuple(word_key(word) for word in phrase.split())


def _read_rules() -> dict[str, Any]:
    return tomllib.loads(files("tasks.match").joinpath("vietnamese.toml").read_text("utf-8"))


_NAMED = {"marker": Kind.FREE, "aspect": Kind.CONTENT, "saying": Kind.FREE}


@cache
def load_lexicon() -> Lexicon:
    """The lexicon, read once: package data that no run changes."""
    rules = _read_rules()
    phrases: dict[tuple[str, ...], Phrase] = {}
    named: dict[str, set[str]] = {name: set() for name in _NAMED}
    for rule in rules["words"]:
        kind = _NAMED[rule["class"]] if rule["class"] in _NAMED else Kind[rule["class"].upper()]
        for phrase in rule["words"]:
            keys = phrase_keys(phrase)
            phrases.setdefault(keys, Phrase(" ".join(keys), kind, "function_word"))
            if rule["class"] in named:
                named[rule["class"]].add(" ".join(keys))
    for rule in rules["synonyms"]:
        for same in rule["sets"]:
            canonical = " ".join(phrase_keys(same[0]))
            known = [phrases[k] for k in map(phrase_keys, same) if k in phrases]
            kind = known[0].kind if known else Kind.CONTENT
            for phrase in same:
                phrases[phrase_keys(phrase)] = Phrase(canonical, kind, rule["kind"])
    longest: dict[str, int] = {}
    for keys in phrases:
        longest[keys[0]] = max(longest.get(keys[0], 0), len(keys))
    return Lexicon(
        phrases,
        longest,
        _read_opposites(rules, phrases),
        frozenset(named["marker"]),
        frozenset(named["aspect"]),
        frozenset(named["saying"]),
        frozenset(
            " ".join(phrase_keys(same[0]))
            for rule in rules["synonyms"]
            if rule["id"] == "country"
            for same in rule["sets"]
        ),
    )


def _read_opposites(
    rules: dict[str, Any], phrases: dict[tuple[str, ...], Phrase]
) -> dict[str, frozenset[str]]:
    """For each key the keys that say something else in its place."""
    found: dict[str, set[str]] = {}
    for rule in rules["opposites"]:
        groups = [
            {phrases[k].key if k in phrases else " ".join(k) for k in map(phrase_keys, group)}
            for group in rule["sets"]
        ]
        for one, other in combinations(groups, 2):
            for key in one:
                found.setdefault(key, set()).update(other)
            for key in other:
                found.setdefault(key, set()).update(one)
    return {key: frozenset(keys) for key, keys in found.items()}
