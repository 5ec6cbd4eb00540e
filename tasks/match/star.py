"""The star: who stays, and which kept copy stands for each that goes.

Paragraphs are gone through from the best rank to the worst. Each is compared with the kept ones that
retrieval brought near, best first, until one says all that it says; then it goes, else it stays. So
every removal was compared with the very text that replaces it, and no removal leans on another.

*Copies* are paragraphs with equal folds. They form a *class*, and one kept copy stands for the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from tasks.match.comparison import MIRRORED, Comparison
from tasks.match.vouch import Vouchers

COVERED = frozenset({"same", "b_in_a"})
"""Decisions on (better, worse) after which the worse may go."""


NOT_PLAIN: Final = "not plain"


class Candidate(NamedTuple):
    """A class that may be near another.

    Attributes:
        other: The class.
        retrieved_by: What brought the two together.
        row: Where the decisions made beforehand on its best and each copy of the class at hand begin, or -1.
    """

    other: int
    retrieved_by: str
    row: int = -1


class Decided(NamedTuple):
    """One pair that was compared; `a` ranks before `b`. Paragraphs are numbered by rank.

    `comparison` is None for a pair that was decided beforehand, in `row`.
    """

    a: int
    b: int
    retrieved_by: str
    decision: str
    comparison: Comparison | None
    row: int = -1


class Held(NamedTuple):
    """Why a paragraph goes: the kept copies that hold it, the one that holds most of it first.

    Evidence and similarity of a pair that was decided beforehand, in `row`, are told there.
    """

    keepers: tuple[int, ...]
    rule: str
    evidence: str
    similarity: float
    row: int = -1


class Problem(NamedTuple):
    """Paragraphs to go through, with what may be near each.

    Attributes:
        copies: For each class its paragraphs, best first; classes are in the order of their best.
        candidates: For each class the classes before it to compare with, best first.
        vouchers: What holds the sentences of the long ones.
        text_of: The text of a paragraph.
        is_displaced: Whether a worse-ranked text that says more takes the place of a kept one.
        decisions: What was decided beforehand, `NOT_PLAIN` where the plain way led nowhere, "" for nothing.
    """

    copies: Sequence[Sequence[int]]
    candidates: Sequence[Sequence[Candidate]]
    vouchers: Vouchers
    text_of: Callable[[int], str]
    is_displaced: bool
    decisions: Sequence[str] = ()


class Compare(Protocol):
    """Decides on two paragraphs by number; `is_plain`: they may be plain."""

    def __call__(self, a: int, b: int, *, is_plain: bool) -> Comparison:
        """The decision."""


def judge(problem: Problem, compare: Compare) -> tuple[dict[int, Held], list[Decided]]:
    """What goes and why, and every pair compared on the way.

    Args:
        problem: The paragraphs.
        compare: Decides on two paragraphs by number, the better-ranked first.

    Returns:
        For each paragraph that goes, what holds it; and the pairs, each once.
    """
    star = _Star(problem, compare)
    for one in range(len(problem.copies)):
        for paragraph in problem.copies[one]:
            star.settle(paragraph, one)
    return star.held, list(star.decided.values())


class _Star:
    """What has been settled so far."""

    def __init__(self, problem: Problem, compare: Compare) -> None:
        self.problem, self.compare = problem, compare
        self.kept: dict[int, int] = {}
        self.held: dict[int, Held] = {}
        self.decided: dict[tuple[int, int], Decided] = {}
        self.leaners: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def settle(self, paragraph: int, one: int, first: tuple[Candidate, ...] = ()) -> None:
        """Let a paragraph of class `one` go or stay; `first` are classes to compare with before others."""
        if one in self.kept:
            self._lean(paragraph, one, self._hold_copy(self.kept[one], paragraph))
            return
        contained = []
        for near in (*first, *self.problem.candidates[one]):
            other = near.other
            if other not in self.kept:
                continue
            decision = self._decide(self.kept[other], paragraph, near, one)
            if decision in COVERED:
                self._lean(paragraph, one, self._hold_near(self.kept[other], paragraph))
                return
            if decision == "a_in_b" and other < one:
                contained.append(other)
        vouched = self.problem.vouchers.vouch(one, paragraph, self.kept, self.problem.text_of)
        if vouched:
            evidence = f"each of its sentences stands in one of {len(vouched.keepers)} kept paragraphs"
            self._lean(paragraph, one, Held(vouched.keepers, "match.sentences", evidence, vouched.share))
            return
        self.kept[one] = paragraph
        if self.problem.is_displaced:
            for other in contained:
                self._displace(other, one)

    def _decide(self, keeper: int, paragraph: int, near: Candidate, one: int) -> str:
        """The decision seen from the keeper (`a`), whichever ranks first."""
        a, b = (keeper, paragraph) if keeper < paragraph else (paragraph, keeper)
        found = self.decided.get((a, b))
        if found is None:
            row = self._find_row(keeper, paragraph, near, one)
            decision = self.problem.decisions[row] if row >= 0 else ""
            if decision and decision != NOT_PLAIN:
                found = Decided(a, b, near.retrieved_by, decision, None, row)
            else:
                comparison = self.compare(a, b, is_plain=decision != NOT_PLAIN)
                found = Decided(a, b, near.retrieved_by, comparison.decision, comparison)
            self.decided[a, b] = found
        return found.decision if a == keeper else MIRRORED[found.decision]

    def _find_row(self, keeper: int, paragraph: int, near: Candidate, one: int) -> int:
        """Where the decision on a pair stands among those made beforehand, or -1."""
        copies = self.problem.copies
        if near.row < 0 or keeper != copies[near.other][0]:
            return -1
        return near.row + (0 if paragraph == copies[one][0] else copies[one].index(paragraph))

    def _lean(self, paragraph: int, one: int, held: Held) -> None:
        self.held[paragraph] = held
        for keeper in held.keepers:
            self.leaners[keeper].append((paragraph, one))

    def _hold_copy(self, keeper: int, paragraph: int) -> Held:
        text_of = self.problem.text_of
        is_equal = text_of(keeper) == text_of(paragraph)
        evidence = (
            "the same text" if is_equal else "differs in case, punctuation, spaces or tone placement only"
        )
        return Held((keeper,), "match.exact", evidence, 1.0)

    def _hold_near(self, keeper: int, paragraph: int) -> Held:
        found = self.decided[min(keeper, paragraph), max(keeper, paragraph)]
        rule = "match.near" if found.decision == "same" else "match.contained"
        if found.comparison is None:
            return Held((keeper,), rule, "", 0.0, found.row)
        return Held((keeper,), rule, found.comparison.reason, found.comparison.similarity)

    def _displace(self, other: int, one: int) -> None:
        """A kept text is part of one that ranks after it: it goes, and what leaned on it is settled anew.

        Rank goes by length, so this is rare: short forms against long ones, numerals against words.
        """
        former = self.kept.pop(other)
        leaning = sorted(set(self.leaners.pop(former, [])))
        self._lean(former, other, self._hold_near(self.kept[one], former))
        for paragraph, own in leaning:
            held = self.held.pop(paragraph)
            for keeper in held.keepers:
                if keeper != former:
                    self.leaners[keeper].remove((paragraph, own))
            self.settle(
                paragraph, own, (Candidate(one, "displaced"),) if one in self.kept and own != one else ()
            )
