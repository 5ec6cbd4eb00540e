"""HTML entities that outlived their tags."""

import html
import re
from html.entities import html5
from typing import Final

from tasks.vietnamese import is_vietnamese

CLOSED: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
UNCLOSED: Final = re.compile(
    r"&(?:#[0-9]{2,7}(?![0-9])|#[xX][0-9a-fA-F]{2,6}(?![0-9a-fA-F])|[A-Za-z]{2,8}[0-9]{0,2})(?!;)"
)
MAX_ROUNDS: Final = 4
"""How deep escapes are nested at most (`&amp;amp;nbsp;`)."""
PUNCTUATION_NAMES: Final = ("nbsp", "amp", "quot", "lt", "gt", "apos", "laquo", "raquo")
"""Names that may stand without a semicolon where the word ends with them."""


def resolve_entities(text: str) -> str:
    r"""Write entities as the characters they stand for; without a semicolon only where that is no guess.

    >>> resolve_entities("Vi&#7879;t Nam &amp;quot;xanh&amp;quot;, AT&T, R&D")
    'Việt Nam "xanh", AT&T, R&D'
    >>> resolve_entities("Vi&#7879t Nam&nbsp xanh, ?a=1&copy=2")
    'Việt Nam\xa0 xanh, ?a=1&copy=2'
    """
    for _ in range(MAX_ROUNDS):
        resolved = CLOSED.sub(_resolve, text)
        if resolved == text:
            break
        text = resolved
    return " ".join(map(_close_entities, text.split(" "))) if UNCLOSED.search(text) else text


def _resolve(match: re.Match[str]) -> str:
    """The character; the entity itself where there is no such character."""
    entity = match[0]
    if entity[1] != "#":
        return html5.get(entity[1:], entity)
    character = html.unescape(entity)
    return entity if character in ("", "\ufffd") else character


def _close_entities(word: str) -> str:
    """Entities without a semicolon in a word that is no address."""
    if "&" not in word or "://" in word or "=" in word:
        return word
    return UNCLOSED.sub(lambda match: _guess(match, word), word)


def _guess(match: re.Match[str], word: str) -> str:
    """A number, a punctuation name that ends the word, or a letter that makes the word Vietnamese."""
    entity = match[0]
    if entity[1] == "#":
        return _resolve_closed(entity + ";")
    for size in range(len(entity), 2, -1):
        character = html5.get(entity[1:size] + ";", "")
        if not character:
            continue
        fixed = word[: match.start()] + character + word[match.start() + size :]
        ends = size == len(entity) and not word[match.end() : match.end() + 1].isalnum()
        if (ends and entity[1:] in PUNCTUATION_NAMES) or (character.isalpha() and is_vietnamese(fixed)):
            return character + entity[size:]
    return entity


def _resolve_closed(entity: str) -> str:
    return CLOSED.sub(_resolve, entity)
