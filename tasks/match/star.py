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

COVERED: Final = frozenset({"same", "b_in_a"})
"""Decisions on (better, worse) after which the worse may go."""

UNKNOWN, NOT_PLAIN = 0, 1
DECISIONS: Final = ("unknown", "not plain", "same", "a_in_b", "b_in_a", "distinct")
"""What may be known of a pair beforehand, by code: nothing, that it takes the long way, or the decision."""


class Candidates(NamedTuple):
    """The classes that may be near each class, best first.

    Attributes:
        starts: Where those of each class begin, and the end.
        others: The classes.
        retrieved_by: What brought the two together.
        pairs: For each where the pairs of its best paragraph with each copy of the class at hand begin.
    """

    starts: Sequence[int]
    others: Sequence[int]
    retrieved_by: Sequence[str]
    pairs: Sequence[int]


class Decided(NamedTuple):
    """One pair that was compared on the way; `a` ranks before `b`. Paragraphs are numbered by rank."""

    a: int
    b: int
    retrieved_by: str
    comparison: Comparison


class Held(NamedTuple):
    """Why a paragraph goes: the kept copies that hold it, the one that holds most of it first.

    Evidence and similarity of a pair that was decided beforehand are told there; it is -1 for others.
    """

    keepers: tuple[int, ...]
    rule: str
    evidence: str
    similarity: float
    pair: int = -1


class Problem(NamedTuple):
    """Paragraphs to go through, with what may be near each.

    Attributes:
        copies: For each class its paragraphs, best first; classes are in the order of their best.
        candidates: For each class the classes before it to compare with.
        vouchers: What holds the sentences of the long ones.
        text_of: The text of a paragraph.
        is_displaced: Whether a worse-ranked text that says more takes the place of a kept one.
        decisions: What is known beforehand of each pair of `candidates`, as a place in `DECISIONS`.
    """

    copies: Sequence[Sequence[int]]
    candidates: Candidates
    vouchers: Vouchers
    text_of: Callable[[int], str]
    is_displaced: bool
    decisions: bytes


class Settled(NamedTuple):
    """What `judge` returns.

    Attributes:
        held: For each paragraph that goes, what holds it.
        met: For each pair of the candidates 1 if it was decided beforehand and came up.
        decided: The pairs that were compared on the way.
    """

    held: dict[int, Held]
    met: bytearray
    decided: list[Decided]


class Compare(Protocol):
    """Decides on two paragraphs by number; `pair` is one known beforehand not to be plain, or -1."""

    def __call__(self, a: int, b: int, pair: int = -1) -> Comparison:
        """The decision."""


def judge(problem: Problem, compare: Compare) -> Settled:
    """What goes and why, and every pair that came up.

    Args:
        problem: The paragraphs.
        compare: Decides on two paragraphs by number, the better-ranked first.
    """
    star = _Star(problem, compare)
    for one in range(len(problem.copies)):
        for paragraph in problem.copies[one]:
            star.settle(paragraph, one)
    return Settled(star.held, star.met, list(star.decided.values()))


class _Star:
    """What has been settled so far."""

    def __init__(self, problem: Problem, compare: Compare) -> None:
        self.problem, self.compare = problem, compare
        self.kept: dict[int, int] = {}
        self.held: dict[int, Held] = {}
        self.met = bytearray(len(problem.decisions))
        self.decided: dict[tuple[int, int], Decided] = {}
        self.leaners: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def settle(self, paragraph: int, one: int, displacer: int | None = None) -> None:
        """Let a paragraph of class `one` go or stay; `displacer` is a class to compare with before others."""
        if one in self.kept:
            self._lean(paragraph, one, self._hold_copy(self.kept[one], paragraph))
            return
        if displacer is not None:
            keeper = self.kept[displacer]
            pair, decision = self._decide_displaced(keeper, displacer, paragraph, one)
            if decision in COVERED:
                self._lean(paragraph, one, self._hold_near(keeper, paragraph, pair, decision))
                return
        starts, others = self.problem.candidates.starts, self.problem.candidates.others
        contained = []
        for near in range(starts[one], starts[one + 1]):
            other = others[near]
            if other not in self.kept:
                continue
            pair, decision = self._decide(near, paragraph, one)
            if decision in COVERED:
                self._lean(paragraph, one, self._hold_near(self.kept[other], paragraph, pair, decision))
                return
            if decision == "a_in_b":
                contained.append((other, pair))
        vouched = self.problem.vouchers.vouch(one, paragraph, self.kept, self.problem.text_of)
        if vouched:
            evidence = f"each of its sentences stands in one of {len(vouched.keepers)} kept paragraphs"
            self._lean(paragraph, one, Held(vouched.keepers, "match.sentences", evidence, vouched.share))
            return
        self.kept[one] = paragraph
        if self.problem.is_displaced:
            for other, pair in contained:
                self._displace(other, one, pair)

    def _decide(self, near: int, paragraph: int, one: int) -> tuple[int, str]:
        """The decision on a candidate's kept copy and a paragraph that ranks after it, and the pair if it was known."""
        problem = self.problem
        other = problem.candidates.others[near]
        keeper = self.kept[other]
        not_plain = -1
        if keeper == problem.copies[other][0]:
            pair = problem.candidates.pairs[near] + self._number(paragraph, one)
            known = problem.decisions[pair]
            if known > NOT_PLAIN and not (self.decided and (keeper, paragraph) in self.decided):
                self.met[pair] = 1
                return pair, DECISIONS[known]
            not_plain = pair if known == NOT_PLAIN else -1
        by = problem.candidates.retrieved_by[near]
        return -1, self._compare(keeper, paragraph, by, not_plain)

    def _decide_displaced(self, keeper: int, other: int, paragraph: int, one: int) -> tuple[int, str]:
        """The same on a kept copy that ranks after the paragraph, seen from the copy; they may have met before."""
        problem = self.problem
        starts, others, _, pairs = problem.candidates
        for near in range(starts[other], starts[other + 1]):
            if others[near] == one and paragraph == problem.copies[one][0]:
                pair = pairs[near] + self._number(keeper, other)
                if self.met[pair]:
                    return pair, MIRRORED[DECISIONS[problem.decisions[pair]]]
        return -1, self._compare(keeper, paragraph, "displaced")

    def _number(self, paragraph: int, one: int) -> int:
        """The place of a paragraph among the copies of its class."""
        copies = self.problem.copies[one]
        return 0 if paragraph == copies[0] else copies.index(paragraph)

    def _compare(self, keeper: int, paragraph: int, retrieved_by: str, pair: int = -1) -> str:
        """The decision seen from the keeper (`a`), whichever ranks first."""
        a, b = (keeper, paragraph) if keeper < paragraph else (paragraph, keeper)
        found = self.decided.get((a, b))
        if found is None:
            found = Decided(a, b, retrieved_by, self.compare(a, b, pair))
            self.decided[a, b] = found
        decision = found.comparison.decision
        return decision if a == keeper else MIRRORED[decision]

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

    def _hold_near(self, keeper: int, paragraph: int, pair: int, decision: str) -> Held:
        rule = "match.near" if decision == "same" else "match.contained"
        if pair >= 0:
            return Held((keeper,), rule, "", 0.0, pair)
        comparison = self.decided[min(keeper, paragraph), max(keeper, paragraph)].comparison
        return Held((keeper,), rule, comparison.reason, comparison.similarity)

    def _displace(self, other: int, one: int, pair: int) -> None:
        """A kept text is part of one that ranks after it: it goes, and what leaned on it is settled anew.

        Rank goes by length, so this is rare: short forms against long ones, numerals against words.
        """
        former = self.kept.pop(other)
        leaning = sorted(set(self.leaners.pop(former, [])))
        self._lean(former, other, self._hold_near(self.kept[one], former, pair, "a_in_b"))
        for paragraph, own in leaning:
            held = self.held.pop(paragraph)
            for keeper in held.keepers:
                if keeper != former:
                    self.leaners[keeper].remove((paragraph, own))
            self.settle(paragraph, own, one if one in self.kept and own != one else None)
