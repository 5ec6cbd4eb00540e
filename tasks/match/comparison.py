"""What a decision on a pair is made of."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

QUOTED_WORDS: Final = 8


class Edit(NamedTuple):
    """One difference: its kind, and what stands in each text ("" for nothing)."""

    kind: str
    a: str
    b: str


EDITS: Final = pl.List(pl.Struct(dict.fromkeys(Edit._fields, pl.String)))
"""The type of a column of edits."""


class Comparison(NamedTuple):
    """What was decided on a pair, and on what grounds.

    Attributes:
        decision: `same`, `a_in_b` (b says all that a says, and more), `b_in_a`, or `distinct`.
        edits: The differences, in order; of texts that are distinct anyway perhaps not all.
        reason: A phrase for a reader.
        similarity: Share of words common to both, in order, 0..1.
    """

    decision: str
    edits: tuple[Edit, ...]
    reason: str
    similarity: float


MIRRORED: Final = {"a_in_b": "b_in_a", "b_in_a": "a_in_b", "same": "same", "distinct": "distinct"}


def mirror(found: Comparison) -> Comparison:
    """The same decision with the texts exchanged."""
    edits = tuple(Edit(edit.kind, edit.b, edit.a) for edit in found.edits)
    return Comparison(MIRRORED[found.decision], edits, found.reason, found.similarity)


def quote(words: Sequence[str]) -> str:
    """The first words, in quotation marks.

    >>> quote("một con trâu".split())
    '“một con trâu”'
    """
    return "“" + " ".join(words[:QUOTED_WORDS]) + ("…" if len(words) > QUOTED_WORDS else "") + "”"
