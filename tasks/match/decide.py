"""Judge a pair of texts by the edits between them: may one go because the other says all that it says?

No score decides. The texts are aligned, and of each difference is asked which content of the one the other
lacks. A text that lacks nothing of the other stands for it; a number, name or negation on one side only
keeps both. Most pairs are plain (`tasks.match.plain`); the others take the long way: values, phrases and
synonyms (`tokens`), an alignment (`align`), its differences (`hunks`), what moved (`order`), the whole
(`judgement`).
"""

from typing import Final

from tasks.match.align import align, align_runs
from tasks.match.comparison import MIRRORED, Comparison, Edit, mirror, quote
from tasks.match.fold import fold
from tasks.match.judgement import Judgement
from tasks.match.plain import Plain, decide_plain
from tasks.match.tokens import Prepared, Tokens, prepare
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
UNSTATED: Final = frozenset({"spelling", "order"})


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
        return Comparison("same", (), "the same words", 1.0)
    plain = decide_plain(a.words, b.words)
    if plain:
        return tell_plain(plain, a.words, b.words)
    if a.words.is_odd and b.words.is_odd and fold(a.words.text) == fold(b.words.text):
        return Comparison("same", (), "the same words", 1.0)
    one, other = a.tokens, b.tokens
    if one.keys == other.keys:
        return Comparison("same", (), "the same values and names", 1.0)
    if (len(other.keys), other.keys) < (len(one.keys), one.keys):
        return mirror(_decide(other, one))
    return _decide(one, other)


def _decide(a: Tokens, b: Tokens) -> Comparison:
    """The decision on the longest common subsequence; where it refuses, on the longest common runs.

    The subsequence spreads a short text over a long one wherever words agree; runs keep sentences whole.
    """
    alignment = align(a, b)
    first = Judgement(a, b, alignment)
    found = first.decide()
    if found.decision != "distinct" or found.similarity < MIN_SIMILARITY_FOR_RUNS or first.is_final():
        return found
    by_runs = align_runs(a, b)
    if by_runs.hunks == alignment.hunks:
        return found
    again = Judgement(a, b, by_runs).decide()
    return found if again.decision == "distinct" else again._replace(similarity=found.similarity)


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
        return "differs in spelling or order only"
    ours = [quote(edit.a.split()) for edit in edits if edit.a and edit.kind not in UNSTATED]
    theirs = [quote(edit.b.split()) for edit in edits if edit.b and edit.kind not in UNSTATED]
    if decision != "distinct":
        return f"the fuller text adds {' '.join(ours or theirs)}"
    if ours and theirs:
        return f"each has what the other lacks: {' '.join(ours)} / {' '.join(theirs)}"
    return f"{' '.join(ours or theirs)} turns the statement over"
