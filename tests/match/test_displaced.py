"""A fuller text that ranks later takes the place of a kept one, and what leaned on that is settled anew."""

from tasks.match.comparison import Comparison
from tasks.match.star import DECISIONS, Candidates, Problem, judge
from tasks.match.vouch import Vouchers


def settle(
    decisions: dict[tuple[int, int], str], classes: list[list[int]], near: list[list[int]], **changes: bool
) -> tuple[dict[int, tuple[int, ...]], set[tuple[int, int, str]]]:
    """Run the star on a table of decisions on (better, worse); all others are distinct."""
    pairs = [
        [(classes[other][0], copy) for other in others for copy in classes[one]]
        for one, others in enumerate(near)
    ]
    every = [pair for its in pairs for pair in its]
    near_of = [(one, other) for one, others in enumerate(near) for other in others]
    candidates = Candidates(
        [sum(map(len, near[:one])) for one in range(len(near) + 1)],
        [other for _, other in near_of],
        ["bands"] * len(near_of),
        [sum(len(classes[one]) for one, _ in near_of[:place]) for place in range(len(near_of))],
    )
    beforehand = bytes(DECISIONS.index(decisions.get(pair, "distinct")) for pair in every)

    def compared(a: int, b: int, _: int = -1) -> Comparison:
        return Comparison(decisions.get((a, b), "distinct"), (), "", 0.5)

    found = []
    for known in (bytes(len(every)), beforehand):
        problem = Problem(
            classes,
            candidates,
            Vouchers({}),
            lambda n: f"text {n}",
            changes.get("is_displaced", True),
            known,
        )
        settled = judge(problem, compared)
        met = {(*pair, "bands") for pair, is_met in zip(every, settled.met, strict=True) if is_met}
        found.append(
            (
                {n: row.keepers for n, row in settled.held.items()},
                met | {(pair.a, pair.b, pair.retrieved_by) for pair in settled.decided},
            )
        )
    assert found[0] == found[1], "what is known beforehand changes nothing"
    return found[0]


def test_a_kept_text_gives_way_to_one_that_says_more_and_so_does_what_leaned_on_it() -> None:
    decisions = {(0, 1): "same", (0, 2): "a_in_b", (1, 2): "a_in_b"}
    held, pairs = settle(decisions, [[0], [1], [2]], [[], [0], [0]])
    assert held == {0: (2,), 1: (2,)}
    assert (1, 2, "displaced") in pairs


def test_what_the_new_keeper_does_not_hold_comes_back() -> None:
    decisions = {(0, 1): "same", (0, 2): "a_in_b"}
    held, _ = settle(decisions, [[0], [1], [2]], [[], [0], [0]])
    assert held == {0: (2,)}


def test_copies_of_a_text_that_gave_way_are_compared_themselves() -> None:
    held, pairs = settle({(0, 2): "a_in_b", (1, 2): "same"}, [[0, 1], [2]], [[], [0]])
    assert held == {0: (2,), 1: (2,)}
    assert {(a, b) for a, b, _ in pairs} == {(0, 2), (1, 2)}


def test_without_displacement_both_stay() -> None:
    held, _ = settle({(0, 1): "a_in_b"}, [[0], [1]], [[], [0]], is_displaced=False)
    assert held == {}


def test_nothing_leans_on_what_leans_itself() -> None:
    held, pairs = settle({(0, 1): "same", (1, 2): "same"}, [[0], [1], [2]], [[], [0], [0, 1]])
    assert held == {1: (0,)}
    assert {(a, b) for a, b, _ in pairs} == {(0, 1), (0, 2)}
