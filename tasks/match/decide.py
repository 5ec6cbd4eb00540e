"""Judge a pair of texts by the edits between them: may one go because the other says all that it says?

No score decides. The texts are aligned, and of each difference is asked which content of the one the other
lacks. A text that lacks nothing of the other stands for it; a number, name or negation on one side only
keeps both. Most pairs are plain (`tasks.match.plain`); the others take the long way: values, phrases and
synonyms (`tokens`), an alignment (`align`), its differences (`hunks`), what moved (`order`), the whole
(`judgement`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from tasks.match.align import Hunk, align, align_runs, is_too_long
from tasks.match.comparison import MIRRORED, Comparison, Edit, mirror, quote
from tasks.match.facts import find_own_fact, list_runs, name_fact
from tasks.match.fold import fold
from tasks.match.judgement import Judgement
from tasks.match.plain import Plain, decide_plain, share_names
from tasks.match.prepared import Prepared, prepare
from tasks.match.tokens import Tokens
from tasks.match.window import find_window
from tasks.match.words import Words

__all__ = [
    "MIRRORED",
    "Comparison",
    "Edit",
    "Prepared",
    "compare",
    "compare_prepared",
    "prepare",
    "tell_plain",
]

# Below it two texts share too little for either to hold the other.
MIN_SIMILARITY_FOR_RUNS = 0.2
MIN_LENGTH_RATIO, MIN_MORE_WORDS = 1.5, 12
"""From here on a text is looked for inside another; closer in length, both may say the same in other words or
with their abbreviations written out."""
MAX_MISSING = 0.3
"""Of the words of the shorter text. Of 1,977 pairs in 3,756 articles that alignment alone would have merged 13
had more, and all 13, when read, were a short sentence of common words lost in a long paragraph."""
MIN_LONG_TEXT = 20
MAX_MISSING_OF_SHORT, MIN_RUNS_OF_SHORT = 0.15, 0.5
"""For a text of less than twenty words: words that may be missing, and runs of three that must stand in the
other. Of 28 such pairs read with .12 to .3 of the words missing, about half were wrong."""
REASON_EQUAL: Final = "the same words"
REASON_ALIKE: Final = "differs in spelling, order or short forms only"
REASON_TOO_FEW: Final = "too few words of the shorter stand in the longer"
REASON_ONLY_ONE: Final = "where the longer text has most of it, only the shorter has"
REASON_TOO_LONG: Final = "too long to be compared word by word, so both stay"
REASON_TOO_VARIED: Final = "they differ in too many places"
MAX_HUNKS, MAX_REPLACED = 1000, 4 * 10**6
"""Places in which two texts differ, and pairs of words that stand for each other there (2,000 for as many): no pair of
news has as many, and judging them takes the square of the one and a microsecond for each of the other."""
MAX_TOLD: Final = 200
"""Words told of what a long text has before and after the place where most of a short one stands."""
UNSTATED: Final = frozenset({"spelling", "order", "abbreviation"})


def compare(a: str, b: str) -> Comparison:
    """Whether one of two texts may go, and which.

    >>> compare("Hơn 300 hộ dân sơ tán.", "TTO - Hơn 300 hộ dân sơ tán").decision
    'a_in_b'
    >>> compare("Hơn 300 hộ dân sơ tán.", "Gần 300 hộ dân sơ tán.").decision
    'distinct'
    """
    return compare_prepared(prepare(a), prepare(b))


def compare_prepared(a: Prepared, b: Prepared) -> Comparison:
    """`compare` for texts prepared before. Mirrored arguments give the mirrored result.

    Linear in the texts for plain pairs, else quadratic in what differs between them.
    """
    if a.words.names == b.words.names:
        return Comparison("same", (), REASON_EQUAL, 1.0)
    if not may_hold(a.words.names, b.words.names):
        return refuse(a.words.names, b.words.names)
    plain = decide_plain(a.words, b.words)
    if plain:
        return tell_plain(plain, a.words, b.words)
    if a.words.is_odd and b.words.is_odd and fold(a.words.text) == fold(b.words.text):
        return Comparison("same", (), REASON_EQUAL, 1.0)
    return compare_long(a, b)


class Around(NamedTuple):
    """The rest of a long text.

    Attributes:
        look: Gives its words before and after the place where most of a short one stands, `MAX_TOLD` of each at most.
        others: How many there are in all.
    """

    look: Callable[[], tuple[list[str], list[str]]]
    others: int


def look_around(surfaces: Sequence[str], start: int, end: int) -> tuple[list[str], list[str]]:
    """The rest of a text, or of a part of it, whose words from `start` to `end` are looked at."""
    before, after = list(surfaces[max(0, start - MAX_TOLD) : start]), list(surfaces[end : end + MAX_TOLD])
    if start > MAX_TOLD:
        before.insert(0, "…")
    if len(surfaces) - end > MAX_TOLD:
        after.append("…")
    return before, after


def compare_long(a: Prepared, b: Prepared) -> Comparison:
    """`compare_prepared` for texts of which it is known that they are not plain."""
    if len(a.words.names) > len(b.words.names):
        return mirror(compare_long(b, a))
    window = find_window(a.words, b.words)
    if window is None:
        return _compare_tokens(a, b)
    start, end = window
    part = b.cut(start, end)
    look = partial(look_around, b.words.surfaces, start, end)
    around = Around(look, len(b.words.names) - (end - start))
    return refuse_inside(a, b, part) or compare_inside(a, part, around)


def refuse_inside(a: Prepared, b: Prepared, part: Prepared) -> Comparison | None:
    """The decision on a and the longer b if the part of b where most of a stands lacks something of a."""
    if share_missing(a.words.names, part.words.names) > MAX_MISSING:
        return refuse(a.words.names, b.words.names)
    n = -1 if a.words.is_odd or b.words.is_odd else find_own_fact(a.words, part.words)
    if n < 0:
        return None
    word, similarity = a.words.surfaces[n], share_names(a.words.names, b.words.names)
    edit = Edit(name_fact(a.words, n), word, "")
    return Comparison("distinct", (edit,), f"{REASON_ONLY_ONE} {quote([word])}", round(similarity, 4))


def compare_inside(a: Prepared, part: Prepared, rest: Around) -> Comparison:
    """The decision on a text and a longer one, by the place in it where most of the text stands."""
    found = _compare_tokens(a, part)
    words = len(a.tokens.keys) + len(part.tokens.keys)
    similarity = round(found.similarity * words / (words + rest.others), 4)
    if not rest.others or found.decision == "distinct":
        return found._replace(similarity=similarity)
    before, after = ([Edit("content", "", " ".join(words))] if words else [] for words in rest.look())
    edits = (*before, *found.edits, *after)
    added = f"the fuller text adds {quote([word for edit in edits for word in edit.b.split()])}"
    if found.decision == "b_in_a":
        reason = f"{found.reason.replace('the fuller text adds', 'the shorter text has')}, and {added}"
        return Comparison("distinct", edits, reason, similarity)
    return Comparison("a_in_b", edits, found.reason if found.decision == "a_in_b" else added, similarity)


def _compare_tokens(a: Prepared, b: Prepared) -> Comparison:
    """The decision by the tokens of both texts."""
    one, other = a.tokens, b.tokens
    if one.keys == other.keys:
        return Comparison("same", (), "the same values and names", 1.0)
    if is_too_long(one, other):
        return Comparison(
            "distinct", (), REASON_TOO_LONG, round(share_names(a.words.names, b.words.names), 4)
        )
    if (len(other.keys), other.keys) < (len(one.keys), one.keys):
        return mirror(_decide(other, one))
    return _decide(one, other)


def may_hold(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether the shorter of two texts shares enough words with the longer for a closer look.

    A short sentence finds its few words somewhere in any long paragraph, so it has to stand there in runs.
    """
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if len(long) < max(MIN_LENGTH_RATIO * len(short), len(short) + MIN_MORE_WORDS):
        return True
    missing = share_missing(short, long)
    if len(short) >= MIN_LONG_TEXT:
        return missing <= MAX_MISSING
    runs = set(list_runs(short))
    found = runs & set(list_runs(long))
    return missing <= MAX_MISSING_OF_SHORT and len(found) >= MIN_RUNS_OF_SHORT * len(runs)


def share_missing(short: tuple[str, ...], long: tuple[str, ...]) -> float:
    """Of the distinct words of a text the share that another lacks."""
    return len(set(short) - set(long)) / max(1, len(set(short)))


def refuse(a: tuple[str, ...], b: tuple[str, ...]) -> Comparison:
    """The decision on texts that share too little; similarity is the share of words in common."""
    return Comparison("distinct", (), REASON_TOO_FEW, share_names(a, b))


def _decide(a: Tokens, b: Tokens) -> Comparison:
    """The decision on the longest common subsequence; where it refuses, on the longest common runs.

    The subsequence spreads a short text over a long one wherever words agree; runs keep sentences whole.
    """
    alignment = align(a, b)
    if is_too_varied(alignment.hunks):
        found = Comparison("distinct", (), REASON_TOO_VARIED, round(alignment.similarity, 4))
    else:
        first = Judgement(a, b, alignment)
        found = first.decide()
        if found.decision != "distinct" or first.is_final():
            return found
    if found.similarity < MIN_SIMILARITY_FOR_RUNS:
        return found
    by_runs = align_runs(a, b)
    if by_runs is None or by_runs.hunks == alignment.hunks or is_too_varied(by_runs.hunks):
        return found
    again = Judgement(a, b, by_runs).decide()
    return found if again.decision == "distinct" else again._replace(similarity=found.similarity)


def is_too_varied(hunks: Sequence[Hunk]) -> bool:
    """Whether two texts differ more than can be judged in seconds, and more than two pieces of news that say the same."""
    replaced = sum((hunk.a_end - hunk.a_start) * (hunk.b_end - hunk.b_start) for hunk in hunks)
    return len(hunks) > MAX_HUNKS or replaced > MAX_REPLACED


def tell_plain(plain: Plain, a: Words, b: Words) -> Comparison:
    """A plain decision with its edits and reason."""
    edits = tuple(
        Edit(
            span.kind,
            " ".join(a.surfaces[span.a_start : span.a_end]),
            " ".join(b.surfaces[span.b_start : span.b_end]),
        )
        for span in plain.spans
    )
    return Comparison(plain.decision, edits, _explain(plain.decision, edits), plain.similarity)


def _explain(decision: str, edits: tuple[Edit, ...]) -> str:
    """The reason for a decision that its edits show."""
    if decision == "same":
        return REASON_ALIKE
    ours = [quote(edit.a.split()) for edit in edits if edit.a and edit.kind not in UNSTATED]
    theirs = [quote(edit.b.split()) for edit in edits if edit.b and edit.kind not in UNSTATED]
    if decision != "distinct":
        return f"the fuller text adds {' '.join(ours or theirs)}"
    if ours and theirs:
        return f"each has what the other lacks: {' '.join(ours)} / {' '.join(theirs)}"
    return f"{' '.join(ours or theirs)} turns the statement over"
