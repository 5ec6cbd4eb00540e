"""A plus sign that was decoded as a space, as in a form's URL: `ASEAN+3` became `ASEAN 3`."""

import re
from typing import Final

from tasks.repair.fixer import Change, Changes, Lines

WITH_NUMBER: Final = re.compile(r"(?<![\w+])([A-Z][A-Z0-9]+)\+(\d{1,2})(?![\w+])")
WITH_END: Final = re.compile(r"(?<![\w+])([A-Z][A-Z0-9]+)\+(?=[\s),.;:”\"']|$)")


def restore_plus_signs(lines: Lines, _: frozenset[str]) -> Changes:
    """Put the sign back where the same document writes the same name with it. This is inferred.

    >>> restore_plus_signs(["Hội nghị ASEAN+3", "Nhóm ASEAN 3 họp, ASEAN 10 thì không"], frozenset())
    {1: Change(text='Nhóm ASEAN+3 họp, ASEAN 10 thì không', name='plus_sign')}
    """
    if not any("+" in line for line in lines):
        return {}
    numbered = {match.groups() for line in lines for match in WITH_NUMBER.finditer(line)}
    ended = {match[1] for line in lines for match in WITH_END.finditer(line)}
    patterns = [
        (re.compile(rf"(?<![\w+]){name} {number}(?![\w+])"), f"{name}+{number}") for name, number in numbered
    ]
    patterns += [(re.compile(rf"(?<![\w+]){name} (?=[),.;:])"), f"{name}+") for name in ended]
    changes: Changes = {}
    for place, line in enumerate(lines):
        fixed = line
        for pattern, written in sorted(patterns, key=lambda item: item[1]):
            fixed = pattern.sub(written, fixed)
        if fixed != line:
            changes[place] = Change(fixed, "plus_sign")
    return changes
