"""What the names of elements, roles, classes and ids say, as the letters of `tasks/markup.py`."""

import itertools
import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from tasks.markup import FACTS

BIT: Final = {letter: 1 << place for place, letter in enumerate(FACTS)}
"""One bit per fact, so that what elements hand down to their children is a single number."""
TAGS: Final = {
    "nav": "N",
    "header": "H",
    "footer": "F",
    "aside": "S",
    "main": "M",
    "form": "O",
    "figure": "G",
    "table": "T",
    "ul": "L",
    "ol": "L",
    "dl": "L",
    "menu": "L",
    "dialog": "D",
    "time": "t",
}
ARTICLE, NESTED_ARTICLE = BIT["A"], BIT["B"]
MAX_NAME_CHARS: Final = 400
"""Longer lists of classes are generated, and say nothing."""
WORD: Final = re.compile(r"[a-z]+|[A-Z](?:[a-z]+|[A-Z]*(?![a-z]))")


class Marks(NamedTuple):
    """Bits by role and by word."""

    roles: Mapping[str, int]
    words: Mapping[str, int]


@cache
def load_marks() -> Marks:
    """The list of this package."""
    data = tomllib.loads((files("tasks.read.pages") / "marks.toml").read_text(encoding="utf-8"))
    words: dict[str, int] = {}
    for letter, listed in data["words"].items():
        for word in listed:
            words[word] = words.get(word, 0) | BIT[letter]
    return Marks({role: BIT[letter] for role, letter in data["roles"].items()}, words)


@lru_cache(maxsize=8192)
def read_names(names: str) -> int:
    """Bits of the words, and of the pairs of words, in classes and ids.

    >>> write_bits(read_names("article__share-bar js-entryContent")), write_bits(read_names("shareholders"))
    ('bs', '')
    """
    marks = load_marks().words
    if len(names) > MAX_NAME_CHARS:
        return 0
    bits = 0
    for name in names.split():
        words = [word.lower() for word in WORD.findall(name)]
        for word in words:
            bits |= marks.get(word, 0)
        for first, second in itertools.pairwise(words):
            bits |= marks.get(first + second, 0)
    return bits


@lru_cache(maxsize=8192)
def write_bits(bits: int) -> str:
    """The letters, in the order of their code points.

    >>> write_bits(BIT["v"] | BIT["A"])
    'Av'
    """
    return "".join(sorted(letter for letter, bit in BIT.items() if bits & bit))
