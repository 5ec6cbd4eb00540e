"""What two texts have in the same place and cannot both mean: another name, figure, unit, or a denial.

Looked for where the words around a difference agree. It does not matter there that the other text has the name or
figure somewhere else: what is said of one is not said of the other.
"""

from typing import Final, NamedTuple

from tasks.match.facts import (
    differ_in_figures,
    is_name,
    join,
    look_alike,
    may_abbreviate,
    may_join,
    stands_alone,
)
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.numerals import MAGNITUDES
from tasks.match.spelling import bare_initial, looks_short
from tasks.match.words import DENYING, FIGURE, MEASURING, NUMERIC, STATING_OR_LONE, Words, phrase_meanings

# A figure and its unit, or the thousands or millions that it counts.
AMOUNT_WORDS: Final = 2
REPEAT_REACH: Final = 6
"""Words away at which one said twice may stand; a word more than `tasks.match.hunks` looks at tokens."""
POINTING: Final = frozenset(map(word_key, ("này", "đó", "trên", "ấy")))
"""After them stands what was named before; see `tasks.match.order`."""


class Clash(NamedTuple):
    """What clashes: a kind of `tasks.match.comparison.Edit`, and the words of both texts."""

    kind: str
    here: range
    there: range


def find_clash(a: Words, b: Words, here: range, there: range) -> Clash | None:
    """The first clash within a difference of a few words; for texts that are plain."""
    if here and there:
        for x, y in split(a, b, here, there):
            if x and y and not _stray(a, x, b, there) and not _stray(b, y, a, here):
                clash = _find_clash(a, b, x, y)
                if clash:
                    return clash
    return Clash("negation", here, there) if _deny(a, b, here, there) else None


def split(a: Words, b: Words, here: range, there: range) -> list[tuple[range, range]]:
    """The parts of a difference between the words that both sides have in the same order.

    Where either way has as many, the longer rest goes on first, else the word later in the alphabet: whichever text is
    the first argument, the parts are the same.

    >>> from tasks.match.prepared import prepare
    >>> a, b = (prepare(text).words for text in ("Hà cùng 3 tàu", "Lan cùng 4 tàu"))
    >>> split(a, b, range(0, 3), range(0, 3))
    [(range(0, 1), range(0, 1)), (range(2, 3), range(2, 3))]
    """
    one, other = a.names[here.start : here.stop], b.names[there.start : there.stop]
    common = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            is_same = one[i] == other[j]
            common[i][j] = common[i + 1][j + 1] + 1 if is_same else max(common[i + 1][j], common[i][j + 1])
    found: list[tuple[range, range]] = []
    i = j = x = y = 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            if x < i or y < j:
                found.append((here[x:i], there[y:j]))
            i, j = i + 1, j + 1
            x, y = i, j
            continue
        ahead, ahead_there = common[i + 1][j], common[i][j + 1]
        if ahead == ahead_there:
            ahead, ahead_there = len(one) - i, len(other) - j
        word, word_there = a.surfaces[here[i]].casefold(), b.surfaces[there[j]].casefold()
        if (ahead, word) > (ahead_there, word_there):
            i += 1
        else:
            j += 1
    if x < len(one) or y < len(other):
        found.append((here[x:], there[y:]))
    return found


def _stray(text: Words, places: range, other: Words, there: range) -> bool:
    """Whether the other side of the difference has one of the words elsewhere."""
    return not frozenset(other.names[there.start : there.stop]).isdisjoint(
        text.names[places.start : places.stop]
    )


def _find_clash(a: Words, b: Words, here: range, there: range) -> Clash | None:
    """What clashes in words against words of which none agrees."""
    if are_other_names(a, here, b, there):
        return Clash("name", here, there)
    if measures_otherwise(a, here.start, b, there.start):
        return Clash("unit", here[:1], there[:1])
    if len(here) == len(there):
        for x, y in zip(here, there, strict=True):
            if differ(a, x, b, y):
                return Clash(name_figure(a, x), range(x, x + 1), range(y, y + 1))
    if len(here) == len(there) == 1 and are_other_words(a, here.start, b, there.start):
        return Clash("content", here, there)
    ends = ((here[:1], there[:1], here[1:], there[1:]), (here[-1:], there[-1:], here[:-1], there[:-1]))
    for one, other, rest, rest_there in ends:
        may_agree = len(here) == len(there) or is_short_form(a, rest, b, rest_there)
        if may_agree and are_other_names(a, one, b, other):
            return Clash("name", one, other)
    return None


def are_other_names(a: Words, here: range, b: Words, there: range) -> bool:
    """Names with names against them: not a word in common, and none that may be another name for it."""
    if (a.is_upper and b.is_upper) or not (_are_names(a, here) and _are_names(b, there)):
        return False
    one, other = a.names[here.start : here.stop], b.names[there.start : there.stop]
    meanings = phrase_meanings()
    may_agree = any(x == y or (x, y) in meanings for x in one for y in other)
    return not may_agree and join(a, here) != join(b, there) and not may_abbreviate(a, here, b, there)


def _are_names(text: Words, places: range) -> bool:
    """Words with capitals, more than a title unless after a name; a text all in capitals may have any words for them."""
    states = [bool(text.flags[n] & STATING_OR_LONE) for n in places]
    if any(len(text.surfaces[n].casefold()) == 1 for n in places):  # `T.` may be anybody
        return False
    if text.is_upper:
        return all(states)
    first = places.start
    if not first or not text.surfaces[first][0].isupper() or text.opens(first):
        return False
    is_after_name = text.surfaces[first - 1][0].isupper() and text.follows(first)
    return (is_after_name or any(states)) and all(is_name(text, n) for n in places[1:])


def are_other_words(a: Words, n: int, b: Words, m: int) -> bool:
    """One word of content against another, of which neither stands near the other's place, nor is pointed back to."""
    if not (is_own_word(a, n, b, m) and is_own_word(b, m, a, n)) or look_alike(a, n, b, m):
        return False
    one, other = a.surfaces[n].casefold(), b.surfaces[m].casefold()
    if one in other or other in one or (a.names[n], b.names[m]) in phrase_meanings():
        return False
    return not may_abbreviate(a, range(n, n + 1), b, range(m, m + 1))


def is_own_word(text: Words, n: int, other: Words, m: int) -> bool:
    """Whether a word of content by itself is said nowhere near a place in the other text."""
    near = other.names[max(0, m - REPEAT_REACH) : m + REPEAT_REACH + 1]
    is_pointed_to = n + 1 < len(text.names) and text.names[n + 1] in POINTING
    return stands_alone(text, n) and text.names[n] not in near and not is_pointed_to


def differ(a: Words, n: int, b: Words, m: int) -> bool:
    """Two figures, or two units after one figure."""
    if a.flags[n] & b.flags[m] & FIGURE:
        return a.names[n] != b.names[m]
    if not n or not m:
        return False
    return differ_in_figures(a, n, b, m) or measures_otherwise(a, n, b, m)


def measures_otherwise(a: Words, n: int, b: Words, m: int) -> bool:
    """Two units after one figure."""
    if not (n and m and a.flags[n] & b.flags[m] & MEASURING):
        return False
    if a.names[n - 1] != b.names[m - 1] or not a.names[n - 1][0].isdecimal():
        return False
    return canonical_unit(a.names[n]) != canonical_unit(b.names[m])


def name_figure(text: Words, n: int) -> str:
    """What a difference of two figures or units is called."""
    return "unit" if text.flags[n] & MEASURING else "date" if "/" in text.names[n] else "number"


def differ_in_amounts(a: Words, here: range, b: Words, there: range) -> bool:
    """Two figures with their units, of which no power of ten makes the same: `8 tỷ`, `7 triệu`."""
    if len(here) != len(there) or len(here) != AMOUNT_WORDS:
        return False
    for text, places in ((a, here), (b, there)):
        is_amount = text.flags[places.start] & FIGURE and text.flags[places.start + 1] & (MEASURING | NUMERIC)
        if not is_amount or text.names[places.start + 1][0].isdecimal() or may_join(text, places.start):
            return False
    return a.names[here.start].rstrip("0") != b.names[there.start].rstrip("0")


def canonical_unit(name: str) -> str:
    """The key of a unit: that of the word it is another name for."""
    phrase = load_lexicon().phrases.get((name,))
    if name in MAGNITUDES:
        return str(MAGNITUDES[name])
    return phrase.key if phrase else name


def is_short_form(a: Words, here: range, b: Words, there: range) -> bool:
    """Whether one of two sides is a short form of the other."""
    return _abbreviates(a, here, b, there) or _abbreviates(b, there, a, here)


def _abbreviates(short: Words, here: range, long: Words, there: range) -> bool:
    """Whether the one side is a short form of the other, by its letters or as the lexicon has it."""
    if not here or len(here) >= len(there):
        return False
    ends = ((short, here.start), (short, here.stop), (long, there.start), (long, there.stop))
    if any(may_join(text, n) for text, n in ends):
        return False
    phrases = load_lexicon().phrases
    word = short.surfaces[here.start]
    are_whole = all(text.follows(n) for text, places in ((short, here), (long, there)) for n in places[1:])
    if len(here) == 1 and looks_short(word, short.names[here.start]) and len(word) == len(there):
        letters = [bare_initial(char) for char in word]
        return letters == [bare_initial(long.surfaces[n]) for n in there]
    one, other = (
        phrases.get(text.names[places.start : places.stop]) for text, places in ((short, here), (long, there))
    )
    if not (are_whole and one and other) or one.kind is Kind.GENERIC:
        return False
    return one.key == other.key and one.edit == "abbreviation"


def _deny(a: Words, b: Words, here: range, there: range) -> bool:
    """Whether only one side denies, or each denies something else.

    The denial belongs to words that both texts have after it: it is no part of a clause that only one text has.
    """
    if here.stop == len(a.names) or there.stop == len(b.names):
        return False
    denied, denied_there = _list_denials(a, here), _list_denials(b, there)
    if len(denied) == len(denied_there):
        one, other = a.names[here.start : here.stop], b.names[there.start : there.stop]
        return bool(denied) and sorted(one) == sorted(other)
    text, places, end = (
        (a, denied, here.stop) if len(denied) > len(denied_there) else (b, denied_there, there.stop)
    )
    return all(text.follows(n) for n in range(places[0] + 1, end + 1))


def _list_denials(text: Words, places: range) -> list[int]:
    return [n for n in places if text.flags[n] & DENYING]
