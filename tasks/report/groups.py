"""Kinds of verdict as a reader tells them apart: by a sign, a name and a colour."""

from typing import Final, NamedTuple

from tasks.schemas import MARK_REASONS, MATCH_REASONS, VERSION_REASONS


class Group(NamedTuple):
    """A kind of verdict.

    Attributes:
        key: Names the colour in style.css.
        sign: One character that says the same without colour.
        name: For the legend.
    """

    key: str
    sign: str
    name: str


GROUPS: Final = (
    Group("kept", "+", "kept"),
    Group("boilerplate", "−", "boilerplate"),
    Group("duplicate", "=", "held by a kept copy"),
    Group("husk", "○", "husk"),
    Group("superseded", "↑", "older version of a page"),
    Group("marked", "!", "marked by a person"),
)
BY_KEY: Final = {group.key: group for group in GROUPS}


def group_of(reason: object) -> str:
    """Key of the kind that a reason belongs to; None is kept.

    >>> group_of("duplicate_near"), group_of("related"), group_of(None)
    ('duplicate', 'boilerplate', 'kept')
    """
    if reason is None:
        return "kept"
    if reason in MARK_REASONS:
        return "marked"
    if reason == "husk":
        return "husk"
    if reason in VERSION_REASONS:
        return "superseded"
    return "duplicate" if reason in MATCH_REASONS else "boilerplate"
