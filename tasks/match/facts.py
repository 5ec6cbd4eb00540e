"""What two texts are told apart by: a word, name or figure of each that the other has nowhere, in no spelling."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
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
    Words,
    phrase_pairs,
    rivals,
)

RUN_WORDS: Final = 3
"""A run of so many words that two texts have once each is a place where they meet."""
REACH_WORDS: Final = 12
"""So far beyond its own place between two such runs a word is looked for in other letters."""
NEAR_WORDS: Final = 4
"""So far from a difference the words of an abbreviation are looked for: its own may agree by chance."""
MAX_TRIED: Final = 16
"""Words, and figures, looked for in other forms before the longer way is taken: each may cost the other text's
length."""


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
    meetings = find_meetings(a.names, b.names)
    x = _find_own_fact(a, b, meetings)
    y = _find_own_fact(b, a, sorted((m, n) for n, m in meetings)) if x >= 0 else -1
    if x >= 0 and y >= 0:
        return x, y
    x, y = _find_only_figure(a, b), _find_only_figure(b, a)
    return (x, y) if x >= 0 and y >= 0 and differ_in_figures(a, x, b, y) else None


def find_meetings(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Where the runs of three words begin that each of two texts has once.

    >>> find_meetings("a b c d x x x x".split(), "y a b c x x x x".split())
    [(0, 1)]
    """
    runs, others = list(list_runs(a)), list(list_runs(b))
    once, once_there = Counter(runs), Counter(others)
    places = {run: m for m, run in enumerate(others) if once_there[run] == 1}
    return [(n, places[run]) for n, run in enumerate(runs) if once[run] == 1 and run in places]


def list_runs(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The runs of RUN_WORDS words, from each place on."""
    return zip(*(names[n:] for n in range(RUN_WORDS)), strict=False)


def find_places(n: int, meetings: Sequence[tuple[int, int]], size: int) -> tuple[range, range]:
    """Where in a text of `size` words to look for word n of another in other letters.

    About its distance from the meetings before and after it; everywhere if there are none.
    """
    after = bisect_left(meetings, (n, -1))
    before = range(0)
    if after > 0:
        here, there = meetings[after - 1]
        before = range(there + RUN_WORDS, min(size, there + n - here + 1 + REACH_WORDS))
    if after < len(meetings):
        here, there = meetings[after]
        return before, range(max(0, there - (here - n) - REACH_WORDS), there)
    return (before, range(0)) if meetings else (range(size), range(0))


def find_own_fact(text: Words, other: Words) -> int:
    """A word or figure of a text that another has nowhere, in no form, or -1."""
    return _find_own_fact(text, other, find_meetings(text.names, other.names))


def name_fact(a: Words, x: int, b: Words | None = None, y: int = 0) -> str:
    """What a difference of two facts, or of a fact that only one text has, is called."""
    b, y = (b, y) if b else (a, x)
    if a.names[x][0].isdecimal() or b.names[y][0].isdecimal():
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
    if one is None or other is None or one.pattern != other.pattern:
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


def _find_own_fact(text: Words, other: Words, meetings: Sequence[tuple[int, int]]) -> int:
    """The first word of content, else the first figure, that the other text has in no form, or -1."""
    known, own = frozenset(other.names), frozenset(text.names)
    missing = [n for n in range(len(text.names) - text.is_cut) if text.names[n] not in known]
    words = [n for n in missing if _is_content(text, n, other)]
    figures = [n for n in missing if text.names[n][0].isdecimal() and n and not _touches_number(text, n)]
    for tried, has_form in ((words[:MAX_TRIED], _has_form), (figures[:MAX_TRIED], _has_value)):
        for n in tried:
            places = find_places(n, meetings, len(other.names))
            if not any(has_form(text, n, other, place, own) for place in places):
                return n
    return -1


def _is_content(text: Words, n: int, other: Words) -> bool:
    """A word of content that is no part of a phrase here, and has no other name in another text."""
    return stands_alone(text, n) or (bool(text.flags[n] & STATING) and _is_only_name(text, n, other))


def _has_form(text: Words, n: int, other: Words, places: range, own: frozenset[str]) -> bool:
    """Whether something in another text may stand for a word: a short or long form, a slip, words run together."""
    word, letter = text.surfaces[n].casefold(), bare_initial(text.surfaces[n])
    if len(word) == 1:
        return True
    if is_short(text, n) and find_expansion(text.surfaces[n], other.surfaces[places.start : places.stop]):
        return True
    for m in places:
        there = other.surfaces[m].casefold()
        if (is_short(other, m) and letter in map(bare_initial, other.surfaces[m])) or are_close(word, there):
            return True
        if other.names[m] not in own and (word in there or there in word):
            return True
    return False


def _has_value(text: Words, n: int, other: Words, places: range, _own: frozenset[str]) -> bool:
    """Whether something in another text may amount to a figure: a word for it, or one written in another way."""
    return any(
        is_number_like(other, m)
        and (
            not differ_in_figures(text, n, other, m)
            or other.names[m].rstrip("0") == text.names[n].rstrip("0")
            or _touches_number(other, m)
        )
        for m in places
    )


def _touches_number(text: Words, n: int) -> bool:
    """Whether a neighbour may be part of the same number."""
    return bool((text.flags[n - 1] if n else 0) & NUMERIC) or bool(
        n + 1 < len(text.flags) and text.flags[n + 1] & NUMERIC
    )


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
        if _touches_number(text, n):
            return -1
        found = n
    return found


def is_number_like(text: Words, n: int) -> bool:
    """A figure, or a word that may be part of a number."""
    return bool(text.flags[n] & NUMERIC) or text.names[n][0].isdecimal()
