"""What stands elsewhere in the other text is not lost: clauses and dates that moved, words that point back."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tasks.match.clashes import POINTING
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.scan import SENTENCE_END
from tasks.match.tokens import Tokens

# A clause that may change its place has at least so many tokens, and so many of content: a name alone has
# fewer, and a name that moves may be the other side of the verb.
ON: Final = word_key("trên")
MIN_MOVED_TOKENS, MIN_MOVED_CONTENT = 3, 2
# Words with which an office begins, and how many tokens it has with what it is an office of.
OFFICES: Final = frozenset(
    map(
        word_key,
        (
            "chủ", "tổng", "giám", "phó", "trưởng", "hiệu", "bộ", "thứ", "bí", "thủ", "đại", "thượng", "trung", "thiếu",
            "huấn", "viện", "cục", "vụ", "luật", "bác", "tiến", "thạc",
        ),
    )
)  # fmt: skip
MAX_OFFICE_TOKENS = 20
# Who says something does so whether that is told first or last; a denial or a condition beside it may mean more.
TELLING: Final = frozenset({Kind.FREE, Kind.NAME, Kind.CONTENT, Kind.ROLE, Kind.PLACE_TYPE})
OF: Final = word_key("của")


def is_bounded(text: Tokens, start: int, end: int) -> bool:
    """Whether a stretch begins and ends where a clause does."""
    return text.breaks[start] > 0 and (end == len(text.keys) or text.breaks[end] > 0)


def drop_moved(a: Tokens, lost_a: list[int], b: Tokens, lost_b: list[int]) -> tuple[list[int], list[int]]:
    """What is left of the lost tokens of both when clauses and dates that only moved are taken out."""
    runs_b = find_runs(lost_b, b)
    for a_start, a_end in find_runs(lost_a, a):
        keys = a.keys[a_start:a_end]
        may_move = _may_move(a, a_start, a_end)
        for b_start, b_end in runs_b:
            if b.keys[b_start:b_end] != keys:
                continue
            if (may_move and _may_move(b, b_start, b_end)) or _is_apposition(
                a, a_start, a_end, b, b_start, b_end
            ):
                lost_a = [n for n in lost_a if not a_start <= n < a_end]
                lost_b = [m for m in lost_b if not b_start <= m < b_end]
                runs_b = find_runs(lost_b, b)
                break
    return lost_a, lost_b


def _is_apposition(a: Tokens, a_start: int, a_end: int, b: Tokens, b_start: int, b_end: int) -> bool:
    """Whether the same words stand before an office and behind it, or before a name and behind it: `Tạ Lân, phó ban, ...`."""
    return _precedes(a, a_start, a_end, b, b_start) or _precedes(b, b_start, b_end, a, a_start)


def _precedes(text: Tokens, start: int, end: int, other: Tokens, there: int) -> bool:
    """Whether the rest of an apposition, an office of a name or the name, follows here and stands before the words there."""
    is_name = all(kind is Kind.NAME for kind in text.kinds[start:end])
    last = end + 1
    while last < len(text.keys) and not text.breaks[last] and last - end < MAX_OFFICE_TOKENS:
        if not is_name and text.kinds[last] is not Kind.NAME:
            break
        last += 1
    size = last - end
    if end >= len(text.keys) or there < size or other.keys[there - size : there] != text.keys[end:last]:
        return False
    office, named = (end, range(start, end)) if is_name else (start, range(end, last))
    is_apart = text.breaks[end] > 0 or other.breaks[there] > 0
    is_closed = not is_name or last == len(text.keys) or text.breaks[last] > 0
    begins = text.keys[office].split()[0] in OFFICES
    return is_apart and is_closed and begins and all(text.kinds[n] is Kind.NAME for n in named)


def drop_moved_saying(
    a: Tokens, lost_a: list[int], b: Tokens, lost_b: list[int]
) -> tuple[list[int], list[int]]:
    """What is left when one text begins with who says something and the other ends with it: `Ông Tấn nói: ...`.

    Each has one verb of saying, and the shorter is one sentence: what was said is the same.
    """
    here, there = _find_saying(a), _find_saying(b)
    shorter = a if len(a.keys) <= len(b.keys) else b
    if here is None or there is None or SENTENCE_END in shorter.breaks[1:]:
        return lost_a, lost_b
    begins_a, begins_b = (
        not here.start and there.stop == len(b.keys),
        not there.start and here.stop == len(a.keys),
    )
    named = _find_speaker(a, here, b, there)
    if not (begins_a or begins_b) or not named:
        return lost_a, lost_b
    return (
        [n for n in lost_a if not (n in here and a.keys[n] in named)],
        [m for m in lost_b if not (m in there and b.keys[m] in named)],
    )


def _find_speaker(a: Tokens, here: range, b: Tokens, there: range) -> set[str]:
    """Who says it in both texts: a name, in one perhaps with more of it; empty if they are not surely one."""
    told_a = {a.keys[n]: a.kinds[n] for n in here if a.kinds[n] is not Kind.FREE}
    told_b = {b.keys[m]: b.kinds[m] for m in there if b.kinds[m] is not Kind.FREE}
    common = told_a.keys() & told_b.keys()
    others = {told_a.get(key, told_b.get(key)) for key in told_a.keys() ^ told_b.keys()}
    is_one = others <= {Kind.NAME} and any(told_a[key] is Kind.NAME for key in common)
    keys = (*a.keys[here.start : here.stop], *b.keys[there.start : there.stop])
    return common if is_one and OF not in keys else set()


def _find_saying(text: Tokens) -> range | None:
    """The clause of the only verb of saying, if nothing else stands in it but who says it."""
    places = [n for n, key in enumerate(text.keys) if key in load_lexicon().sayings]
    if len(places) != 1:
        return None
    start, end = places[0], places[0] + 1
    while start and not text.breaks[start]:
        start -= 1
    while end < len(text.keys) and not text.breaks[end]:
        end += 1
    return range(start, end) if TELLING.issuperset(text.kinds[start:end]) else None


def _may_move(text: Tokens, start: int, end: int) -> bool:
    """A whole date or time, or a clause."""
    kinds = {kind for kind in text.kinds[start:end] if kind is not Kind.FREE}
    if kinds <= {Kind.DATE, Kind.TIME}:
        return Kind.DATE not in text.kinds[max(0, start - 1) : start] + text.kinds[end : end + 1]
    content = sum(kind is not Kind.FREE for kind in text.kinds[start:end])
    return is_bounded(text, start, end) and end - start >= MIN_MOVED_TOKENS and content >= MIN_MOVED_CONTENT


def drop_said_elsewhere(text: Tokens, lost: list[int], other: Tokens, lost_there: Sequence[int]) -> list[int]:
    """Take out plain words that the other text has in a sentence that only it has, or to which `này` points."""
    kept: list[int] = []
    sentences = _added_sentences(other, set(lost_there))
    known = set(other.keys)
    for start, end in find_runs(lost, text):
        inside = [n for n in lost if start <= n < end]
        keys = [text.keys[n] for n in inside]
        is_plain = all(text.kinds[n] is Kind.CONTENT for n in inside)
        is_elsewhere = len(inside) >= MIN_MOVED_CONTENT and any(_holds(s, keys) for s in sentences)
        points_back = known.issuperset(keys) and any(
            _points(text, n) for n in range(start, min(end + 1, len(text.keys)))
        )
        if not (is_plain and (is_elsewhere or points_back)):
            kept += inside
    return kept


def _points(text: Tokens, n: int) -> bool:
    """Whether a word points to what was named before; `trên` not where a place follows: `trên đèo`."""
    is_place = (
        n + 1 < len(text.keys) and not text.breaks[n + 1] and text.kinds[n + 1] in (Kind.CONTENT, Kind.NAME)
    )
    return text.keys[n] in POINTING and not (text.keys[n] == ON and is_place)


def find_runs(lost: Sequence[int], text: Tokens) -> list[tuple[int, int]]:
    """Stretches of lost tokens, with words that state nothing between them."""
    runs: list[tuple[int, int]] = []
    for n in sorted(lost):
        if runs and all(text.kinds[k] is Kind.FREE for k in range(runs[-1][1], n)):
            runs[-1] = (runs[-1][0], n + 1)
        else:
            runs.append((n, n + 1))
    return runs


def _added_sentences(text: Tokens, lost: set[int]) -> list[tuple[str, ...]]:
    """The sentences of which most words are in this text only."""
    starts = [n for n, gap in enumerate(text.breaks) if gap == SENTENCE_END] + [len(text.keys)]
    found: list[tuple[str, ...]] = []
    for start, end in pairwise(starts):
        content = sum(kind is not Kind.FREE for kind in text.kinds[start:end])
        if 0 < content <= 2 * sum(n in lost for n in range(start, end)):
            found.append(text.keys[start:end])
    return found


def _holds(keys: tuple[str, ...], part: list[str]) -> bool:
    """Whether the words of a part stand in a sequence in this order."""
    left = iter(keys)
    return all(key in left for key in part)
