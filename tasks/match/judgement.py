"""The long way to a decision: all differences of an alignment judged, and what is left weighed."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from tasks.match.additions import Addition, refuse
from tasks.match.align import Alignment, Hunk
from tasks.match.comparison import Comparison, Edit, quote
from tasks.match.hunks import CONTRASTS, PASSIVE_MARKS, ROLE_MARKS, HunkJudge
from tasks.match.lexicon import Kind
from tasks.match.order import drop_moved, drop_said_elsewhere
from tasks.match.spelling import MAX_ABBREVIATION_CHARS, find_expansion, looks_short
from tasks.match.tokens import Tokens

FACTS: Final = frozenset({Kind.NAME, Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.ORDINAL, Kind.PERCENTAGE})
# Whoever or whatever a particle may turn round, and how far it goes for that.
CARRIERS: Final = frozenset({Kind.NAME, Kind.GENERIC, Kind.SCOPE})
MAX_TOKENS_PASSED = 4
# What is counted belongs to the clause on its side of these.
MEASURES: Final = frozenset({Kind.NUMBER, Kind.PERCENTAGE, Kind.CURRENCY, Kind.UNIT, Kind.DATE, Kind.TIME})
# An insertion inside a sentence leaves its statement recognisable as long as the words around stay together:
# at least so many words of content for each insertion. (A choice; 225 labelled pairs do not tell .5 from 4.)
MIN_WORDS_PER_INSERTION = 2.0
# Around a slip that leaves another word (`thường`, `tường`) so much must be the same: 20 tokens are a sentence.
MIN_CONTEXT_TOKENS, MIN_CONTEXT_SIMILARITY = 20, 0.9


class Judgement:
    """The state of one comparison: what each text has that the other lacks."""

    def __init__(self, a: Tokens, b: Tokens, alignment: Alignment) -> None:
        shorter = min(len(a.keys), len(b.keys))
        in_context = shorter >= MIN_CONTEXT_TOKENS and alignment.similarity >= MIN_CONTEXT_SIMILARITY
        self.a, self.b = a, b
        self.similarity = round(alignment.similarity, 4)
        self.judge = HunkJudge(a, b, in_context=in_context)
        self.hunks = self._merge_swaps(alignment.hunks)
        self.lost_a: list[int] = []
        self.lost_b: list[int] = []
        self.edits: list[Edit] = []
        self.conflict = ""

    def decide(self) -> Comparison:
        """The decision, with its edits and reason."""
        for hunk in self.hunks:
            self._take(hunk)
        self.conflict = self.conflict or self._find_moved_mark()
        if self.lost_a and self.lost_b and not self.is_final():
            self._drop_found()
        decision, reason = self._conclude()
        return Comparison(decision, tuple(self.edits), reason, self.similarity)

    def is_final(self) -> bool:
        """Whether each text has a fact that the other has nowhere: no other alignment will find it."""
        return _has_own_fact(self.a, self.lost_a, self.b) and _has_own_fact(self.b, self.lost_b, self.a)

    def _merge_swaps(self, hunks: list[Hunk]) -> list[Hunk]:
        """Two hunks with one word between them that only changes places with its neighbour become one."""
        merged: list[Hunk] = []
        for hunk in hunks:
            if merged and hunk.a_start - merged[-1].a_end <= 2:
                joined = Hunk(merged[-1].a_start, hunk.a_end, merged[-1].b_start, hunk.b_end)
                if self.judge.is_swapped(joined):
                    merged[-1] = joined
                    continue
            merged.append(hunk)
        return merged

    def _take(self, hunk: Hunk) -> None:
        """Note what a hunk takes away."""
        loss = self.judge.judge(hunk)
        self.lost_a += loss.left
        self.lost_b += loss.right
        self.conflict = self.conflict or loss.conflict
        there, here = self.a.surfaces[hunk.a_start : hunk.a_end], self.b.surfaces[hunk.b_start : hunk.b_end]
        self.edits.append(Edit(loss.kind, " ".join(there), " ".join(here)))

    def _find_moved_mark(self) -> str:
        """A particle that moved round a denial or a name, or a passive one round a word: the roles are others."""
        a, b = self.a, self.b
        for one, other in pairwise(self.hunks):
            between = frozenset(a.kinds[one.a_end : other.a_start])
            if other.a_start - one.a_end > MAX_TOKENS_PASSED or between <= {Kind.FREE}:
                continue
            from_a = set(a.keys[one.a_start : one.a_end]) & set(b.keys[other.b_start : other.b_end])
            from_b = set(b.keys[one.b_start : one.b_end]) & set(a.keys[other.a_start : other.a_end])
            turned = from_a | from_b
            if Kind.NEGATION not in between:
                marks = ROLE_MARKS if not CARRIERS.isdisjoint(between) else PASSIVE_MARKS
                turned &= marks if MEASURES.isdisjoint(between) else marks | CONTRASTS
            if turned:
                return f"“{min(turned)}” stands elsewhere"
        return ""

    def _drop_found(self) -> None:
        """What stands elsewhere, or was said just before, is not lost."""
        a, b = self.a, self.b
        self.lost_a, self.lost_b = drop_moved(a, self.lost_a, b, self.lost_b)
        if not self.judge.is_strict:
            self.lost_a = drop_said_elsewhere(a, self.lost_a, b, self.lost_b)
            self.lost_b = drop_said_elsewhere(b, self.lost_b, a, self.lost_a)
        self.lost_a = [n for n in self.lost_a if not _repeats(a, n)]
        self.lost_b = [m for m in self.lost_b if not _repeats(b, m)]

    def _conclude(self) -> tuple[str, str]:
        """The decision and the reason for it."""
        a, b = self.a, self.b
        if self.lost_a and self.lost_b:
            return (
                "distinct",
                f"each has what the other lacks: {_tell(a, self.lost_a)} / {_tell(b, self.lost_b)}",
            )
        if self.conflict:
            return "distinct", self.conflict
        if not self.lost_a and not self.lost_b:
            return self._conclude_alike()
        refusal = self._refuse_addition()
        if refusal:
            return "distinct", refusal
        if self.lost_b:
            return "a_in_b", f"the fuller text adds {_tell(b, self.lost_b)}"
        return "b_in_a", f"the fuller text adds {_tell(a, self.lost_a)}"

    def _conclude_alike(self) -> tuple[str, str]:
        """Neither text lacks anything of the other, unless it was cut or says nothing."""
        a, b = self.a, self.b
        cut = self._which_is_cut()
        if cut:
            return cut, "cut short"
        if not self.judge.content(a, 0, len(a.keys)) or not self.judge.content(b, 0, len(b.keys)):
            return "distinct", "a text without content"
        return "same", "differs in notation and words that state nothing"

    def _which_is_cut(self) -> str:
        """The text that ends in dots where the other goes on, were it with a word that states nothing."""
        a, b, last = self.a, self.b, self.hunks[-1]
        if a.is_cut == b.is_cut or last.a_end < len(a.keys) or last.b_end < len(b.keys):
            return ""
        if a.is_cut:
            return "a_in_b" if last.b_end > last.b_start else ""
        return "b_in_a" if last.a_end > last.a_start else ""

    def _refuse_addition(self) -> str:
        """Why what the fuller text adds changes what the other says; "" if it does not."""
        is_b = bool(self.lost_b)
        contained = self.a if is_b else self.b
        matched = len(self.judge.content(contained, 0, len(contained.keys)))
        if not matched:
            return "nothing to contain"
        lost = set(self.lost_b or self.lost_a)
        inside = 0
        for hunk in self.hunks:
            refusal, is_inside = self._refuse_hunk(hunk, lost, is_b=is_b)
            if refusal:
                return refusal
            inside += is_inside
        return "shares only scattered words" if matched < MIN_WORDS_PER_INSERTION * inside else ""

    def _refuse_hunk(self, hunk: Hunk, lost: set[int], *, is_b: bool) -> tuple[str, bool]:
        """Why one addition changes what the other text says, and whether it stands inside a sentence."""
        contained, fuller = (self.a, self.b) if is_b else (self.b, self.a)
        ours, theirs = (hunk.a_start, hunk.a_end), (hunk.b_start, hunk.b_end)
        (place, follows), (start, end) = (ours, theirs) if is_b else (theirs, ours)
        added = [n for n in range(start, end) if n in lost]
        if not added or (contained.is_cut and end == len(fuller.keys)):
            return "", False
        addition = Addition(contained, place, follows, fuller, start, end, added)
        refusal = refuse(addition, lost, is_strict=self.judge.is_strict)
        return refusal, not addition.is_whole and start > 0 and end < len(fuller.keys)


def _has_own_fact(text: Tokens, lost: Iterable[int], other: Tokens) -> bool:
    """Whether one of the tokens is a fact that the other text has nowhere, were it as a short form."""
    known = frozenset(other.keys)
    return any(
        text.kinds[n] in FACTS
        and text.keys[n] not in known
        and not looks_short(text.surfaces[n], text.keys[n])
        for n in lost
    )


def _repeats(text: Tokens, n: int) -> bool:
    """Whether a short form only repeats the words before it: `Giáo dục và Đào tạo (GD-ĐT)`."""
    short = text.surfaces[n]
    if not (short.isupper() and looks_short(short, text.keys[n])):
        return False  # `Th.` after `tuổi), Huỳnh Minh` is a name
    words = " ".join(text.surfaces[max(0, n - 2 * MAX_ABBREVIATION_CHARS) : n]).split()
    slack = len(short) > 2  # for an `và` that is left out
    return find_expansion(short, words[-len(short) - slack :]) is not None


def _tell(text: Tokens, places: Iterable[int]) -> str:
    return quote([text.surfaces[n] for n in sorted(places)])
