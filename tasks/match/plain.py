"""The plain cases of a decision, told from the words as they stand: most pairs of a corpus are no harder.

One text with a dateline more or its tail cut, one word against another, one figure against another. What is
not plain is `None` here and goes the long way of `tasks.match.decide`; wherever both ways decide, they agree
on what must stay.
"""

from collections.abc import Sequence
from operator import ne
from typing import Final, NamedTuple

from tasks.match.clashes import differ, differ_in_amounts, find_clash, is_own_word, is_short_form
from tasks.match.facts import (
    find_facts,
    find_own_facts,
    is_name,
    look_alike,
    may_join,
    name_fact,
    stands_alone,
)
from tasks.match.neighbours import may_be_slip
from tasks.match.spelling import is_typo
from tasks.match.words import (
    ASKING,
    DENYING,
    HARMLESS,
    NUMERIC,
    STATING,
    Words,
    continuing_words,
)

# The walk through two texts: a difference passes at most so many words of each, and so many agree after it.
MAX_PASSED_WORDS: Final = 6
AGREEING_WORDS: Final = 3
MAX_HUNKS: Final = 8
# Deeper in a clause an added word is no verb between a subject and its own (`tasks.match.additions`): six tokens of two
# words, and some.
MIN_CLAUSE_WORDS: Final = 16
# Around a slip that leaves another word (`thường`, `tường`) so much must be the same: 20 words are a sentence.
MIN_CONTEXT_WORDS, MIN_CONTEXT_SHARE = 20, 0.9


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


OPEN: Final = Span("spelling", 0, 0, 0, 0)
"""One word against another that may be a slip: the words around it tell, so a pair is not plain for want of this."""


class Plain(NamedTuple):
    """A plain decision, the differences, and the share of words common to both."""

    decision: str
    spans: tuple[Span, ...]
    similarity: float


def decide_plain(a: Words, b: Words) -> Plain | None:
    """The decision, if the pair is a plain one. Mirrored arguments give the mirrored result."""
    if not (a.is_plain and b.is_plain):
        return None
    figures = pair_figures(a, b)
    hunks = [(n, n + 1, n, n + 1) for n in figures[:MAX_HUNKS]] or walk(a.names, b.names)
    if hunks is None:
        return _tell_apart(a, b, (), share_names(a.names, b.names))
    matched = len(a.names) - (len(figures) or sum(a_end - a_start for a_start, a_end, _, _ in hunks))
    total = len(a.names) + len(b.names)
    share = 2 * matched / total
    in_context = min(len(a.names), len(b.names)) >= MIN_CONTEXT_WORDS and share >= MIN_CONTEXT_SHARE
    spans = [_judge(a, b, Span("", *hunk), in_context=in_context) for hunk in hunks]
    told = tuple(span for span in spans if span and span is not OPEN)
    lost_a = any(span.loses_a for span in told)
    lost_b = any(span.loses_b for span in told)
    if len(told) < len(spans) and not any(span.loses_a and span.loses_b for span in told):
        if OPEN in spans:
            return None
        return _tell_apart(a, b, told, share)
    decision = ("distinct" if lost_b else "b_in_a") if lost_a else ("a_in_b" if lost_b else "same")
    return Plain(decision, told, round(share, 4))


def share_names(a: Sequence[str], b: Sequence[str]) -> float:
    """Of the distinct words of two texts the share that both have."""
    one, other = set(a), set(b)
    return len(one & other) / max(1, len(one | other))


def _tell_apart(a: Words, b: Words, told: tuple[Span, ...], share: float) -> Plain | None:
    """Two texts of which each has a fact that the other has nowhere, or None."""
    places = find_own_facts(a, b)
    if places is None:
        return None
    x, y = places
    fact = Span(name_fact(a, x, b, y), x, x + 1, y, y + 1, loses_a=True, loses_b=True)
    return Plain("distinct", (*told, fact), round(share, 4))


def pair_figures(a: Words, b: Words) -> list[int]:
    """Where two texts of one template differ, in figures that stand for figures; empty if they differ in words as well.

    A draw, a forecast, a list of prices: fewer than three words may agree between two figures.
    """
    if len(a.names) != len(b.names):
        return []
    places = [n for n, (one, other) in enumerate(zip(a.names, b.names, strict=True)) if one != other]
    return places if all(differ(a, n, b, n) for n in places) else []


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
    is_exchange = span.a_start < span.a_end and span.b_start < span.b_end
    span = _leave_cut(a, b, span) if is_exchange else span
    here, there = range(span.a_start, span.a_end), range(span.b_start, span.b_end)
    clash = find_clash(a, b, here, there)
    if clash:
        here, there = clash.here, clash.there
        return Span(clash.kind, here.start, here.stop, there.start, there.stop, loses_a=True, loses_b=True)
    if is_exchange:
        return _judge_exchange(a, b, span, in_context=in_context) if here and there else None
    if here:
        return _judge_addition(a, b, here, span, in_context=in_context)
    return _judge_addition(b, a, there, span, in_context=in_context)


def _leave_cut(a: Words, b: Words, span: Span) -> Span:
    """An exchange without the last word of a cut text: that may be the beginning of another word."""
    return span._replace(
        a_end=span.a_end - (a.is_cut and span.a_end == len(a.names)),
        b_end=span.b_end - (b.is_cut and span.b_end == len(b.names)),
    )


def _judge_exchange(a: Words, b: Words, span: Span, *, in_context: bool) -> Span | None:
    """Words of the one text against words of the other."""
    x, y = span.a_start, span.b_start
    here, there = range(x, span.a_end), range(y, span.b_end)
    size_a, size_b = len(here), len(there)
    if differ_in_amounts(a, here, b, there):
        return span._replace(kind="number", loses_a=True, loses_b=True)
    if is_short_form(a, here, b, there):
        return span._replace(kind="abbreviation")
    if size_a == size_b == 1 and look_alike(a, x, b, y):
        return _judge_slip(a, b, span, in_context=in_context)
    if size_a == size_b == 2 and a.names[x : span.a_end] == b.names[y : span.b_end][::-1]:
        return span._replace(kind="order") if _are_plain(a, here) and _are_plain(b, there) else None
    facts = find_facts(a, b, here, there)
    if facts is None:
        return None
    x, y = facts
    return Span(name_fact(a, x, b, y), x, x + 1, y, y + 1, loses_a=True, loses_b=True)


def _are_plain(text: Words, places: range) -> bool:
    """Words in small letters that neither count nor deny: they may be misspelt or change places."""
    return all(
        not text.flags[n] & (NUMERIC | DENYING) and (text.surfaces[n].islower() or text.is_upper)
        for n in places
    )


def _judge_addition(
    fuller: Words, other: Words, places: range, span: Span, *, in_context: bool
) -> Span | None:
    """Words that only one text has: a dateline, its tail, or plain words of content deep in a clause of a long passage."""
    flags, start, end = fuller.flags, places.start, places.stop
    is_a = span.a_start < span.a_end
    added = span._replace(kind="content", loses_a=is_a, loses_b=not is_a)
    if end == len(fuller.names):
        if other.is_cut and not fuller.is_cut and start:
            return added
        is_joined = start == 0 or may_join(fuller, start) or flags[start] & ASKING
        is_said = any(flags[n] & STATING and fuller.names[n] not in other.names for n in places)
        is_apart = fuller.opens(start) or not _goes_on(fuller, places)
        return added if is_said and is_apart and not is_joined else None
    if start == 0:
        is_harmless = all(flags[n] & HARMLESS for n in places) and not fuller.follows(end)
        return added if is_harmless and any(flags[n] & STATING for n in places) else None
    at = span.b_start if is_a else span.a_start
    is_new = all(
        flags[n] & HARMLESS
        and fuller.surfaces[n].islower()
        and is_own_word(fuller, n, other, at)
        and (len(places) == 1 or fuller.names[n] not in other.names)
        for n in places
    )
    return added if in_context and is_new and _is_deep(fuller, places) else None


def _goes_on(text: Words, places: range) -> bool:
    """Whether words at the end may turn what stands before them, or make another name or code of its last word."""
    start = places.start
    is_glued = not text.follows(start) and (
        text.names[start][0].isdecimal() or text.names[start - 1][0].isdecimal()
    )
    is_part = len(places) == 1 and is_name(text, start)
    return is_glued or is_part or not continuing_words().isdisjoint(text.names[start : places.stop])


def _is_deep(text: Words, places: range) -> bool:
    """Whether words stand so deep in a clause, after a word of content, that its subject and verb are before them."""
    start = places.start
    is_far = start > MIN_CLAUSE_WORDS and all(
        text.follows(n) for n in range(start - MIN_CLAUSE_WORDS, places.stop + 1)
    )
    return is_far and stands_alone(text, start - 1) and text.surfaces[start - 1].islower()


def _judge_slip(a: Words, b: Words, span: Span, *, in_context: bool) -> Span | None:
    """One word of content against another that looks like it."""
    x, y = span.a_start, span.b_start
    if not (_are_plain(a, range(x, x + 1)) and _are_plain(b, range(y, y + 1))):
        return None
    if is_typo(a.surfaces[x], b.surfaces[y], in_context=in_context):
        return span._replace(kind="spelling")
    if may_be_slip(a.surfaces[x], b.surfaces[y]):
        return OPEN
    is_new = a.names[x] not in b.names and b.names[y] not in a.names
    is_alone = stands_alone(a, x) and stands_alone(b, y)
    return span._replace(kind="content", loses_a=True, loses_b=True) if is_new and is_alone else None
