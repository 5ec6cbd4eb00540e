"""The plain cases of a decision, told from the words as they stand: most pairs of a corpus are no harder.

One text with a dateline more or its tail cut, one word against another, one figure against another. What is
not plain is `None` here and goes the long way of `tasks.match.decide`; wherever both ways decide, they agree
on what must stay.
"""

import re
from collections.abc import Sequence
from operator import ne
from typing import Final, NamedTuple

from tasks.match.lexicon import load_lexicon, word_key
from tasks.match.numerals import MAGNITUDES, figure_parts
from tasks.match.spelling import is_typo
from tasks.match.words import (
    ASKING,
    DENYING,
    FIGURE,
    HARMLESS,
    LONE,
    MEASURING,
    NUMERIC,
    SHORT,
    STATING,
    STATING_OR_LONE,
    SYLLABIC,
    Words,
    phrase_pairs,
)

# The walk through two texts: a difference passes at most so many words of each, and so many agree after it.
MAX_PASSED_WORDS: Final = 6
AGREEING_WORDS: Final = 3
MAX_HUNKS: Final = 8
# Around a slip that leaves another word (`thường`, `tường`) so much must be the same: 20 words are a sentence.
MIN_CONTEXT_WORDS, MIN_CONTEXT_SHARE = 20, 0.9
_DENIED: Final = frozenset(map(word_key, ("phải", "còn", "hề", "từng")))
_DIGITS: Final = re.compile("[0-9]+")


class Span(NamedTuple):
    """Words `a_start:a_end` of the one text against `b_start:b_end` of the other.

    `loses_a`: a says something here that b does not; `loses_b`: the reverse.
    """

    kind: str
    a_start: int
    a_end: int
    b_start: int
    b_end: int
    loses_a: bool = False
    loses_b: bool = False


class Plain(NamedTuple):
    """A plain decision, the differences, and the share of words common to both."""

    decision: str
    spans: tuple[Span, ...]
    similarity: float


def decide_plain(a: Words, b: Words) -> Plain | None:
    """The decision, if the pair is a plain one. Mirrored arguments give the mirrored result."""
    if not (a.is_plain and b.is_plain):
        return None
    hunks = walk(a.names, b.names)
    if hunks is None:
        return None
    matched = len(a.names) - sum(a_end - a_start for a_start, a_end, _, _ in hunks)
    total = len(a.names) + len(b.names)
    share = 2 * matched / total
    in_context = min(len(a.names), len(b.names)) >= MIN_CONTEXT_WORDS and share >= MIN_CONTEXT_SHARE
    spans = [_judge(a, b, Span("", *hunk), in_context=in_context) for hunk in hunks]
    told = tuple(span for span in spans if span)
    lost_a = any(span.loses_a for span in told)
    lost_b = any(span.loses_b for span in told)
    if len(told) < len(spans) and not any(span.loses_a and span.loses_b for span in told):
        return None
    decision = ("distinct" if lost_b else "b_in_a") if lost_a else ("a_in_b" if lost_b else "same")
    return Plain(decision, told, round(share, 4))


def walk(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int, int]] | None:
    """The differences met on a walk through both texts at once, or None where the way is lost.

    At a difference both go on where, the fewest words later, three words agree.

    >>> walk(tuple("abcdefg"), tuple("xabcyefg"))
    [(0, 0, 0, 1), (3, 4, 4, 5)]
    """
    found: list[tuple[int, int, int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        agreed = _count_agreeing(a, i, b, j)
        i, j = i + agreed, j + agreed
        if i == len(a) or j == len(b):
            break
        step = _find_step(a, i, b, j)
        if step is None or len(found) == MAX_HUNKS:
            return None
        found.append((i, i + step[0], j, j + step[1]))
        i, j = i + step[0], j + step[1]
    if i < len(a) or j < len(b):
        found.append((i, len(a), j, len(b)))
    return found


def _count_agreeing(a: Sequence[str], i: int, b: Sequence[str], j: int) -> int:
    """How many words are equal from here on."""
    differs = list(map(ne, a[i:], b[j:]))
    return differs.index(True) if True in differs else len(differs)


def _find_step(a: Sequence[str], i: int, b: Sequence[str], j: int) -> tuple[int, int] | None:
    """How many words to pass in each text until they agree again; None if two ways are as short, or none is."""
    for passed in range(1, 2 * MAX_PASSED_WORDS + 1):
        ways = [
            (x, passed - x)
            for x in range(max(0, passed - MAX_PASSED_WORDS), min(passed, MAX_PASSED_WORDS) + 1)
            if _agree(a, i + x, b, j + passed - x)
        ]
        if ways:
            return ways[0] if len(ways) == 1 else None
    return None


def _agree(a: Sequence[str], i: int, b: Sequence[str], j: int) -> bool:
    """Whether the next three words are equal, fewer where both texts end."""
    ahead = a[i : i + AGREEING_WORDS]
    if ahead != b[j : j + AGREEING_WORDS] or i > len(a) or j > len(b):
        return False
    return len(ahead) == AGREEING_WORDS or len(a) - i == len(b) - j


def _judge(a: Words, b: Words, span: Span, *, in_context: bool) -> Span | None:
    """What a difference takes from each text, or None if it is not plain."""
    if span.a_start < span.a_end and span.b_start < span.b_end:
        return _judge_exchange(a, b, _leave_cut(a, b, span), in_context=in_context)
    if span.a_start < span.a_end:
        return _judge_addition(a, b, span.a_start, span.a_end, span)
    return _judge_addition(b, a, span.b_start, span.b_end, span)


def _leave_cut(a: Words, b: Words, span: Span) -> Span:
    """A difference without the last word of a cut text: that may be the beginning of another word."""
    return span._replace(
        a_end=span.a_end - (a.is_cut and span.a_end == len(a.names)),
        b_end=span.b_end - (b.is_cut and span.b_end == len(b.names)),
    )


def _judge_exchange(a: Words, b: Words, span: Span, *, in_context: bool) -> Span | None:
    """Words of the one text against words of the other."""
    x, y = span.a_start, span.b_start
    size_a, size_b = span.a_end - x, span.b_end - y
    if not (size_a and size_b):
        return None
    if size_a == size_b == 1 and _differ(a, x, b, y):
        kind = "unit" if a.flags[x] & MEASURING else "date" if "/" in a.names[x] else "number"
        return span._replace(kind=kind, loses_a=True, loses_b=True)
    if _are_other_names(a, b, span):
        return span._replace(kind="name", loses_a=True, loses_b=True)
    if size_a == size_b == 1 and _look_alike(a, x, b, y):
        return _judge_slip(a, b, span, in_context=in_context)
    if size_a == size_b == 2 and a.names[x : span.a_end] == b.names[y : span.b_end][::-1]:
        is_plain = _are_plain(a, x, span.a_end) and _are_plain(b, y, span.b_end)
        return span._replace(kind="order") if is_plain else None
    return _find_facts(a, b, span)


def _are_other_names(a: Words, b: Words, span: Span) -> bool:
    """Names with names against them, and not a word in common."""
    sides = ((a, span.a_start, span.a_end), (b, span.b_start, span.b_end))
    if not all(_are_names(*side) for side in sides) or any(_has_short(*side) for side in sides):
        return False
    own, others = (frozenset(text.names[start:end]) for text, start, end in sides)
    return own.isdisjoint(others) and _join(*sides[0]) != _join(*sides[1])


def _are_names(text: Words, start: int, end: int) -> bool:
    """Words with capitals inside a sentence, in no phrase; `Anh` and the like only after another capital."""
    if any(_may_join(text, n) for n in range(start, end + 1)):
        return False
    for n in range(start, end):
        is_after_name = n > 0 and text.surfaces[n - 1][0].isupper()
        is_empty = text.flags[n] & HARMLESS and not text.flags[n] & STATING
        if not _is_name(text, n) or not (text.flags[n] & LONE or (is_empty and is_after_name)):
            return False
    return True


def _differ(a: Words, n: int, b: Words, m: int) -> bool:
    """Two figures, or two units after one figure; not at the head, where the number of a list stands."""
    flags: int = a.flags[n] & b.flags[m]
    if not n or not m or flags & FIGURE:
        return bool(n and m)
    if not a.flags[n] | b.flags[m]:
        return _differ_in_figures(a.names[n], b.names[m])
    if not flags & MEASURING or a.names[n - 1] != b.names[m - 1] or not a.names[n - 1][0].isdecimal():
        return False
    return _canonical(a.names[n]) != _canonical(b.names[m])


def _differ_in_figures(name: str, other: str) -> bool:
    """Dates, decimals or codes with the same marks and other values, however they are read."""
    if not (name[0].isdecimal() and other[0].isdecimal()) or _DIGITS.sub("0", name) != _DIGITS.sub(
        "0", other
    ):
        return False
    return all(figure_parts(name, dated=dated) != figure_parts(other, dated=dated) for dated in (False, True))


def _canonical(name: str) -> str:
    """The key of a unit: that of the word it is another name for."""
    phrase = load_lexicon().phrases.get((name,))
    if name in MAGNITUDES:
        return str(MAGNITUDES[name])
    return phrase.key if phrase else name


def _are_plain(text: Words, start: int, end: int) -> bool:
    """Words in small letters that neither count nor deny: they may be misspelt or change places."""
    return all(
        not text.flags[n] & (NUMERIC | DENYING) and _written(text, n).islower() for n in range(start, end)
    )


def _may_join(text: Words, n: int) -> bool:
    """Whether words n-1 and n may be parts of one phrase or one number."""
    if n <= 0 or n >= len(text.names):
        return False
    if text.flags[n - 1] & text.flags[n] & NUMERIC:
        return True
    return (text.names[n - 1], text.names[n]) in phrase_pairs()


def _stands_alone(text: Words, n: int) -> bool:
    """A word of content that is part of no phrase here."""
    return bool(text.flags[n] & LONE) and not _may_join(text, n) and not _may_join(text, n + 1)


def _judge_addition(fuller: Words, other: Words, start: int, end: int, span: Span) -> Span | None:
    """Words that only one text has: a dateline, its tail, or a denial between words that both have."""
    flags = fuller.flags
    is_a = span.a_start < span.a_end
    added = span._replace(kind="content", loses_a=is_a, loses_b=not is_a)
    if end == len(fuller.names):
        if other.is_cut and not fuller.is_cut and start:
            return added
        is_joined = start == 0 or _may_join(fuller, start) or flags[start] & ASKING
        is_said = any(flags[n] & STATING and fuller.names[n] not in other.names for n in range(start, end))
        return added if is_said and not is_joined else None
    if start == 0:
        is_harmless = all(flags[n] & HARMLESS for n in range(end)) and not _may_join(fuller, end)
        return added if is_harmless and any(flags[n] & STATING for n in range(end)) else None
    is_denial = end - start == 1 and flags[start] & DENYING and not _may_join(fuller, start)
    if not is_denial or (_may_join(fuller, end) and fuller.names[end] not in _DENIED):
        return None
    is_close = flags[end] & SYLLABIC and _follows(fuller, end)
    return span._replace(kind="negation", loses_a=True, loses_b=True) if is_close else None


def _judge_slip(a: Words, b: Words, span: Span, *, in_context: bool) -> Span | None:
    """One word of content against another that looks like it."""
    word_a, word_b = _written(a, span.a_start), _written(b, span.b_start)
    if not (_are_plain(a, span.a_start, span.a_end) and _are_plain(b, span.b_start, span.b_end)):
        return None
    if is_typo(word_a, word_b, in_context=in_context):
        return span._replace(kind="spelling")
    is_new = a.names[span.a_start] not in b.names and b.names[span.b_start] not in a.names
    is_alone = _stands_alone(a, span.a_start) and _stands_alone(b, span.b_start)
    return span._replace(kind="content", loses_a=True, loses_b=True) if is_new and is_alone else None


def _written(text: Words, n: int) -> str:
    """The word as it stands in the text."""
    return text.surfaces[n]


def _look_alike(a: Words, n: int, b: Words, m: int) -> bool:
    """Whether two words may be one with a slip: the same first letter, about the same length, no names."""
    if _is_name(a, n) and _is_name(b, m):
        return False
    word_a, word_b = _written(a, n), _written(b, m)
    return word_a[0].casefold() == word_b[0].casefold() and abs(len(word_a) - len(word_b)) <= 1


def _is_name(text: Words, n: int) -> bool:
    """A word with a capital inside a sentence."""
    return n > 0 and text.surfaces[n][0].isupper() and _follows(text, n) and not text.text.isupper()


def _follows(text: Words, n: int) -> bool:
    """Whether nothing but a space stands before a word; that it is so anywhere in the text will do."""
    return f"{text.surfaces[n - 1]} {text.surfaces[n]}" in text.text


def _find_facts(a: Words, b: Words, span: Span) -> Span | None:
    """A word or figure of each text that the other has nowhere, in no spelling."""
    if _join(a, span.a_start, span.a_end) == _join(b, span.b_start, span.b_end):
        return None
    x = _find_fact(a, range(span.a_start, span.a_end), b, range(span.b_start, span.b_end))
    y = _find_fact(b, range(span.b_start, span.b_end), a, range(span.a_start, span.a_end))
    if x < 0 or y < 0:
        return None
    if not (a.flags[x] & b.flags[y] & FIGURE) and (
        _has_short(a, span.a_start, span.a_end) or _has_short(b, span.b_start, span.b_end)
    ):
        return None
    kind = (
        "number"
        if (a.flags[x] | b.flags[y]) & FIGURE
        else "name"
        if _written(a, x)[0].isupper() or _written(b, y)[0].isupper()
        else "content"
    )
    return Span(kind, x, x + 1, y, y + 1, loses_a=True, loses_b=True)


def _join(text: Words, start: int, end: int) -> str:
    """The words run together, without case."""
    return "".join(_written(text, n) for n in range(start, end)).casefold()


def _find_fact(text: Words, here: range, other: Words, there: range) -> int:
    """The first such word, or -1."""
    joined = _join(other, there.start, there.stop)
    for n in here:
        flags = text.flags[n]
        if flags & FIGURE and n > 0 and text.names[n] not in other.names:
            if not any(_may_be_number(other, m) for m in there):
                return n
        elif flags & STATING_OR_LONE and not flags & SHORT and text.names[n] not in other.names:
            is_alone = _stands_alone(text, n) or (
                flags & STATING and all(other.flags[m] & LONE for m in there)
            )
            if (
                is_alone
                and _written(text, n).casefold() not in joined
                and not any(_look_alike(text, n, other, m) for m in there)
            ):
                return n
    return -1


def _may_be_number(text: Words, n: int) -> bool:
    """A word that may amount to the figure: a number word, a numeral, a figure with marks."""
    flags = text.flags[n]
    return not flags or flags & (NUMERIC | FIGURE) == NUMERIC


def _has_short(text: Words, start: int, end: int) -> bool:
    """Whether a word may be an abbreviation."""
    return any(text.flags[n] & SHORT or _written(text, n).isupper() for n in range(start, end))
