"""What a repair is: a function over the lines of a document."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

Lines = Sequence[str]
"""The lines of one document, in order."""


class Change(NamedTuple):
    """A line after a repair, and the name of the repair."""

    text: str
    name: str


Changes = dict[int, Change]
"""Place of a line -> what became of it; lines that stay as they are have no entry."""


class Fixer(NamedTuple):
    """A step of the repair: the names it may record, and what it changes in a document.

    Of the names it is given those whose policy is on; it records no other.
    """

    names: tuple[str, ...]
    fix: Callable[[Lines, frozenset[str]], Changes]


def each_line(name: str, fix: Callable[[str], str]) -> Fixer:
    """A step that looks at each line alone."""

    def fix_lines(lines: Lines, _: frozenset[str]) -> Changes:
        return {
            place: Change(fixed, name) for place, line in enumerate(lines) if (fixed := fix(line)) != line
        }

    return Fixer((name,), fix_lines)
