"""What stands elsewhere in the other text is not lost: clauses and dates that moved, words that point back."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from tasks.match.clashes import POINTING
from tasks.match.lexicon import Kind, word_key
from tasks.match.scan import SENTENCE_END
from tasks.match.tokens import Tokens

# A clause that may change its place has at least so many tokens, and so many of content: a name alone has
# fewer, and a name that moves may be the other side of the verb.
ON: Final = word_key("trên")
MIN_MOVED_TOKENS, MIN_MOVED_CONTENT = 3, 2


def is_bounded(text: Tokens, start: int, end: int) -> bool:
    """Whether a stretch begins and ends where a clause does."""
    return text.breaks[start] > 0 and (end == len(text.keys) or text.breaks[end] > 0)


def drop_moved(a: Tokens, lost_a: list[int], b: Tokens, lost_b: list[int]) -> tuple[list[int], list[int]]:
    """What is left of the lost tokens of both when clauses and dates that only moved are taken out."""
    runs_b = find_runs(lost_b, b)
    for a_start, a_end in find_runs(lost_a, a):
        keys = a.keys[a_start:a_end]
        if not _may_move(a, a_start, a_end):
            continue
        for b_start, b_end in runs_b:
            if b.keys[b_start:b_end] == keys and _may_move(b, b_start, b_end):
                lost_a = [n for n in lost_a if not a_start <= n < a_end]
                lost_b = [m for m in lost_b if not b_start <= m < b_end]
                runs_b = find_runs(lost_b, b)
                break
    return lost_a, lost_b


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
