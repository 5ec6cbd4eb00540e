"""Samples of repairs: paragraphs before and after, around the first change."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl

from tasks.differences import Run, mark_repairs
from tasks.explain import name_line
from tasks.report.samples import CUT, Place
from tasks.store import Store

MAX_REPAIRS: Final = 4
"""Paragraphs shown per repair."""
WINDOW_CHARS: Final = 400
LOOK_ALIKE: Final = frozenset({"look_alike", "eth"})
"""Repairs whose letters nobody can tell from those that take their place."""
UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp"})
"""Unicode's categories of controls, formats and separators."""


class Repaired(NamedTuple):
    """A paragraph before and after."""

    place: str
    repairs: str
    before: list[Run]
    after: list[Run]


def sample_repairs(store: Store, names: Iterable[str]) -> list[Repaired]:
    """For each repair the first paragraphs that it changed."""
    columns = ("document_id", "paragraph", "source_path", "source_record", "line", "raw", "text", "repairs")
    schema = store.scan("paragraphs").select(columns).collect_schema()
    first = {name: pl.DataFrame(schema=schema) for name in names}
    for file in store.files("paragraphs"):
        rows = store.scan("paragraphs", [file.part]).select(columns)
        mended = rows.filter(pl.col("raw") != pl.col("text")).collect()
        for name, known in first.items():
            own = mended.filter(pl.col("repairs").list.contains(name))
            first[name] = pl.concat([known, own]).sort("document_id", "paragraph").head(MAX_REPAIRS)
    found: dict[Place, Repaired] = {}
    for row in (row for rows in first.values() for row in rows.iter_rows(named=True)):
        before, after = mark_repairs(str(row["raw"]), str(row["text"]))
        show = show_letter if LOOK_ALIKE.intersection(row["repairs"]) else show_invisible
        before = [Run(show(run.text), True) if run.is_own else run for run in before]
        shown = Repaired(name_line(row), ", ".join(row["repairs"]), _window(before), _window(after))
        found.setdefault((row["document_id"], row["paragraph"]), shown)
    return list(found.values())


def _window(runs: Sequence[Run]) -> list[Run]:
    """A stretch around the first change."""
    return list(_cut_window(runs))


def _cut_window(runs: Sequence[Run]) -> Iterator[Run]:
    left = WINDOW_CHARS
    for number, run in enumerate(runs):
        text = run.text
        if number == 0 and not run.is_own and len(text) > WINDOW_CHARS // 2:
            text = "… " + text[-WINDOW_CHARS // 2 :]
        yield Run(text[:left], run.is_own)
        left -= len(text)
        if left < 0:
            yield CUT
            return


def show_letter(text: str) -> str:
    r"""As `show_invisible`; a single letter that is no ASCII has its number beside it.

    >>> show_letter("\u0441"), show_letter("c\u200b")
    ('\u0441⟨U+0441⟩', 'c⟨U+200B⟩')
    """
    is_alone = len(text) == 1 and text.isalpha() and not text.isascii()
    return f"{text}⟨U+{ord(text):04X}⟩" if is_alone else show_invisible(text)


def show_invisible(text: str) -> str:
    r"""A text whose characters can all be seen, those that nobody sees by their numbers.

    >>> show_invisible("a\u200b\xa0b")
    'a⟨U+200B⟩⟨U+00A0⟩b'
    """
    return "".join(
        f"⟨U+{ord(character):04X}⟩"
        if unicodedata.category(character) in UNSEEN and character != " "
        else character
        for character in text
    )
