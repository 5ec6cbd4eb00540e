"""Words that only point at what the other text names: `đối tượng`, `điểm đến này`, `ông L.`."""

from typing import Final

from tasks.match.lexicon import Kind, word_key
from tasks.match.spelling import bare_initial
from tasks.match.tokens import Tokens

# What `này` points to is at most so many tokens.
MAX_POINTED_TOKENS = 5
THIS: Final = word_key("này")
# Forms of address.
TITLES: Final = frozenset(map(word_key, ("ông", "bà", "anh", "chị", "cô", "em", "cháu", "chú", "bác")))


def drop_generic(text: Tokens, lost: list[int], other: Tokens, there: list[int]) -> list[int]:
    """A word that only points at somebody is not lost where the other text names him, or says nothing instead."""
    if not lost:
        return lost
    kinds = {other.kinds[m] for m in there}
    is_named = Kind.NAME in kinds and Kind.GENERIC not in kinds
    is_pointing = all(text.kinds[n] is Kind.GENERIC for n in lost) and (is_named or not there)
    return [] if is_pointing or (is_named and _are_pointed_to(text, lost)) else lost


def _are_pointed_to(text: Tokens, lost: list[int]) -> bool:
    """Whether a few plain words stand before `này`, as `điểm đến này`: which one the text before has said."""
    first, last = lost[0], lost[-1] + 1
    while last < len(text.keys) and last - first < MAX_POINTED_TOKENS and text.keys[last] != THIS:
        if text.kinds[last] is not Kind.FREE or text.breaks[last]:
            return False
        last += 1
    is_pointed = (
        last < len(text.keys) and text.keys[last] == THIS and not any(text.breaks[first + 1 : last + 1])
    )
    return is_pointed and all(text.kinds[n] is Kind.CONTENT and text.surfaces[n][1:].islower() for n in lost)


def drop_initials(text: Tokens, lost: list[int], other: Tokens, there: list[int]) -> list[int]:
    """An initial behind a form of address is not lost where the other text has the name: `ông L.`, `ông Lai`."""
    names = {bare_initial(other.surfaces[m]) for m in there if other.kinds[m] is Kind.NAME}
    return [
        n
        for n in lost
        if not (
            n
            and len(text.surfaces[n]) == 1
            and text.surfaces[n].isupper()
            and text.keys[n - 1] in TITLES
            and bare_initial(text.surfaces[n]) in names
        )
    ]
