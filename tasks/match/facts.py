"""What two texts are told apart by: a word, name or figure of each that the other has nowhere, in no spelling."""

from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA

from tasks.match.spelling import MIN_TYPO_CHARS, bare_initial, find_expansion, looks_short
from tasks.match.words import (
    FIGURE,
    LONE,
    NUMERIC,
    STATING,
    STATING_OR_LONE,
    SYLLABIC,
    Words,
    phrase_pairs,
    rivals,
)

NEAR_WORDS: Final = 4
"""So far from a difference the words of an abbreviation are looked for: its own may agree by chance."""
MAX_TRIED: Final = 16
"""Words looked up in the other text before the longer way is taken: each costs that text's length."""


def find_facts(a: Words, b: Words, here: range, there: range) -> tuple[int, int] | None:
    """A word or figure of each side of a difference that the other text has nowhere, in no spelling."""
    if join(a, here) == join(b, there):
        return None
    x, y = _find_fact(a, here, b, there), _find_fact(b, there, a, here)
    if x < 0 or y < 0:
        return None
    are_figures = a.flags[x] & b.flags[y] & FIGURE
    return (x, y) if are_figures or not may_abbreviate(a, here, b, there) else None


def find_own_facts(a: Words, b: Words) -> tuple[int, int] | None:
    """A word or figure of each text that the other has nowhere, whatever else they share."""
    x, y = _find_own_word(a, b), _find_own_word(b, a)
    if x >= 0 and y >= 0:
        return x, y
    x, y = _find_only_figure(a, b), _find_only_figure(b, a)
    return (x, y) if x >= 0 and y >= 0 and differ_in_figures(a, x, b, y) else None


def name_fact(a: Words, x: int, b: Words, y: int) -> str:
    """What a difference of two facts is called."""
    if (a.flags[x] | b.flags[y]) & FIGURE or a.names[x][0].isdecimal():
        return "number"
    return "name" if a.surfaces[x][0].isupper() or b.surfaces[y][0].isupper() else "content"


def may_join(text: Words, n: int) -> bool:
    """Whether words n-1 and n may be parts of one phrase or one number."""
    if n <= 0 or n >= len(text.names):
        return False
    if text.flags[n - 1] & text.flags[n] & NUMERIC:
        return True
    return (text.names[n - 1], text.names[n]) in phrase_pairs()


def stands_alone(text: Words, n: int) -> bool:
    """A word of content that is part of no phrase here."""
    return bool(text.flags[n] & LONE) and not may_join(text, n) and not may_join(text, n + 1)


def join(text: Words, places: range) -> str:
    """The words run together, without case."""
    return "".join(text.surfaces[n] for n in places).casefold()


def may_abbreviate(a: Words, here: range, b: Words, there: range) -> bool:
    """Whether a word of the one side may be a short form of words of the other, or of words near these."""
    return _has_expansion(a, here, b, there) or _has_expansion(b, there, a, here)


def _has_expansion(short: Words, here: range, long: Words, there: range) -> bool:
    near = long.surfaces[max(0, there.start - NEAR_WORDS) : there.stop + NEAR_WORDS]
    return any(is_short(short, n) and find_expansion(short.surfaces[n], near) for n in here)


def is_short(text: Words, n: int) -> bool:
    """Whether a word may be an abbreviation."""
    return looks_short(text.surfaces[n], text.names[n])


def is_name(text: Words, n: int) -> bool:
    """A word with a capital inside a sentence."""
    return n > 0 and text.surfaces[n][0].isupper() and text.follows(n) and not text.is_upper


def look_alike(a: Words, n: int, b: Words, m: int) -> bool:
    """Whether two words may be one with a slip: the same first letter, about the same length, no names."""
    if is_name(a, n) and is_name(b, m):
        return False
    word_a, word_b = a.surfaces[n].casefold(), b.surfaces[m].casefold()
    return word_a[0] == word_b[0] and abs(len(word_a) - len(word_b)) <= 1


def differ_in_figures(a: Words, n: int, b: Words, m: int) -> bool:
    """Two figures with the same marks and other values, however they are read."""
    if a.flags[n] & b.flags[m] & FIGURE:
        return a.names[n] != b.names[m]
    one, other = a.shape(n), b.shape(m)
    if a.flags[n] | b.flags[m] or one is None or other is None or one.pattern != other.pattern:
        return False
    return one.undated != other.undated and one.dated != other.dated


def _find_fact(text: Words, here: range, other: Words, there: range) -> int:
    """The first word or figure of a difference that the other text has nowhere, or -1."""
    joined = join(other, there)
    for n in here:
        flags = text.flags[n]
        if flags & FIGURE and n > 0 and text.names[n] not in other.names:
            if not any(_may_be_number(other, m) for m in there):
                return n
        elif flags & STATING_OR_LONE and text.names[n] not in other.names:
            is_alone = (
                stands_alone(text, n)
                or (flags & STATING and all(other.flags[m] & LONE for m in there))
                or _is_only_name(text, n, other)
            )
            is_inside = text.surfaces[n].casefold() in joined
            if is_alone and not is_inside and not any(look_alike(text, n, other, m) for m in there):
                return n
    return -1


def _is_only_name(text: Words, n: int, other: Words) -> bool:
    """A word of content with other names, such as `Mỹ`, of which the other text has none."""
    if text.flags[n] & LONE or may_join(text, n) or may_join(text, n + 1):
        return False
    names = other.names
    pairs = (*pairwise(names), *((name, "") for name in names))
    return rivals().get(text.names[n], frozenset()).isdisjoint(pairs)


def _may_be_number(text: Words, n: int) -> bool:
    """A word that may amount to the figure: a number word, a numeral, a figure with marks."""
    flags = text.flags[n]
    return not flags or flags & (NUMERIC | FIGURE) == NUMERIC


def _find_own_word(text: Words, other: Words) -> int:
    """The first syllable that stands alone and that the other text has in no spelling and no short form, or -1."""
    known, own = frozenset(other.names), frozenset(text.names)
    initials = {
        bare_initial(char) for m, word in enumerate(other.surfaces) if is_short(other, m) for char in word
    }
    tried = 0
    for n in range(len(text.names) - text.is_cut):
        if text.names[n] in known or not text.flags[n] & SYLLABIC or not stands_alone(text, n):
            continue
        word = text.surfaces[n].casefold()
        tried += 1
        if tried > MAX_TRIED:
            break
        if (
            len(word) > 1
            and bare_initial(word) not in initials
            and not any(
                are_close(word, there.casefold()) or (name not in own and word in there.casefold())
                for there, name in zip(other.surfaces, other.names, strict=True)
            )
        ):
            return n
    return -1


def are_close(a: str, b: str) -> bool:
    """Whether one of two words may be the other with a slip of the keys; see `tasks.match.spelling.is_typo`."""
    return max(len(a), len(b)) >= MIN_TYPO_CHARS and a[0] == b[0] and OSA.distance(a, b, score_cutoff=1) <= 1


def _find_only_figure(text: Words, other: Words) -> int:
    """The only number of a text that the other has not, or -1; not beside a word with which it is another number."""
    known = frozenset(other.names)
    found = -1
    for n in range(len(text.names) - text.is_cut):
        if text.names[n] in known or not is_number_like(text, n):
            continue
        if found >= 0 or not n or not text.names[n][0].isdecimal():
            return -1
        if (text.flags[n - 1] | (text.flags[n + 1] if n + 1 < len(text.names) else 0)) & NUMERIC:
            return -1
        found = n
    return found


def is_number_like(text: Words, n: int) -> bool:
    """A figure, or a word that may be part of a number."""
    return bool(text.flags[n] & NUMERIC) or text.names[n][0].isdecimal()
