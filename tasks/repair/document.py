"""The ordered list of repairs, and a document's way through it. Read this first.

A line comes here only if `suspects` finds something in it: a new repair has to be named there too.

Encodings come before what is cosmetic: in TCVN3 the letter ư is U+00AD, the soft hyphen, and the last byte of
a misread à is the no-break space, so nothing invisible may go before the letters are right.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tasks.repair.entities import resolve_entities
from tasks.repair.fixer import Fixer, each_line
from tasks.repair.ftfy_fixer import fix_with_ftfy
from tasks.repair.invisible import plain_spaces, remove_invisible
from tasks.repair.legacy_fonts import fix_legacy_fonts
from tasks.repair.look_alikes import fix_eths, fix_look_alikes
from tasks.repair.lost_bytes import restore_lost_bytes
from tasks.repair.marks import compose
from tasks.repair.mojibake import fix_foreign_mojibake, fix_mojibake
from tasks.repair.plus_signs import restore_plus_signs

ENCODINGS: Final = (
    each_line("entities", resolve_entities),
    Fixer(("tcvn3", "vni", "viscii", "vps", "cp1258"), fix_legacy_fonts),
    Fixer(("lost_bytes",), restore_lost_bytes),
    Fixer(("mojibake",), fix_mojibake),
    each_line("ftfy", fix_with_ftfy),
    Fixer(("mojibake",), fix_foreign_mojibake),
)
"""Run until nothing changes: one damage may hide another, as when a page in a legacy font was misread."""
COSMETICS: Final = (
    each_line("invisible", remove_invisible),
    each_line("space", plain_spaces),
    each_line("nfc", compose),
    each_line("eth", fix_eths),
    each_line("look_alike", fix_look_alikes),
    Fixer(("plus_sign",), restore_plus_signs),
)
REPAIRS: Final = tuple(dict.fromkeys(name for fixer in ENCODINGS + COSMETICS for name in fixer.names))
"""The names of all repairs, in the order in which they are made."""
MAX_ROUNDS: Final = 4
LINE_BREAK: Final = re.compile("\r\n|\n|\r")


class Repaired(NamedTuple):
    """A line after repair, and the names of the repairs that changed it, in their order."""

    text: str
    repairs: tuple[str, ...]


def run_repairs(
    lines: Sequence[str], names: frozenset[str], *, may_be_misread: bool = True
) -> list[Repaired]:
    r"""Run the list once over lines of one document, with the repairs of these names.

    A line break inside a line (text that was wrapped) is a space. Where nothing in the document may be misread
    and no entity is left, the repairs of encodings would change nothing and are passed over.

    >>> run_repairs(["C&ocirc;ng\nty"], frozenset({"entities"}))
    [Repaired(text='Công ty', repairs=('entities',))]
    """
    texts = [
        " ".join(part.strip(" \t") for part in LINE_BREAK.split(line)) if LINE_BREAK.search(line) else line
        for line in lines
    ]
    may_change = may_be_misread or any(resolve_entities(text) != text for text in texts)
    done: list[set[str]] = [set() for _ in texts]
    for _ in range(MAX_ROUNDS if may_change else 0):
        if not _run(ENCODINGS, texts, done, names):
            break
    _run(COSMETICS, texts, done, names)
    return [
        Repaired(text, tuple(name for name in REPAIRS if name in of_line))
        for text, of_line in zip(texts, done, strict=True)
    ]


def _run(fixers: tuple[Fixer, ...], texts: list[str], done: list[set[str]], names: frozenset[str]) -> bool:
    """Run some repairs over the texts, in place; whether anything changed."""
    has_changed = False
    for fixer in fixers:
        if names.isdisjoint(fixer.names):
            continue
        for place, (text, name) in fixer.fix(texts, names).items():
            texts[place] = text
            done[place].add(name)
            has_changed = True
    return has_changed
