"""Explain: why each line of a source stayed or went."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.spans import repair_spans
from tasks.store import Store


class Explanation(NamedTuple):
    """One paragraph, and the kept copies that stand for it."""

    row: dict[str, object]
    copies: list[dict[str, object]]


def split_place(place: str) -> tuple[str, int | None]:
    """SOURCE[:LINE] to its two halves.

    >>> split_place("a.vn/b.txt:12"), split_place("a.vn/b.txt")
    (('a.vn/b.txt', 12), ('a.vn/b.txt', None))
    """
    source, colon, line = place.rpartition(":")
    return (source, int(line)) if colon and line.isdecimal() else (place, None)


def explain(store: Store, place: str) -> Iterator[Explanation]:
    """The paragraphs of a source, in order.

    Args:
        store: the corpus.
        place: a source path, a document id, or either with `:LINE` for the paragraphs of one line.

    Raises:
        UsageError: the corpus has no such source or line.
        StoreError: there is no corpus.
    """
    store.require_corpus()
    rows = _find_rows(store, place, None)
    for name in (place, place.partition("/")[2]):  # also as the shell completes it, with the folder RAW
        if rows.is_empty():
            rows = _find_rows(store, *split_place(name))
    if rows.is_empty():
        raise UsageError(explain_absence(store, place))
    copies = _find_copies(store, rows)
    for row in rows.iter_rows(named=True):
        yield Explanation(row, [copies[key] for key in list_copies(row) if key in copies])


def list_copies(row: dict[str, object]) -> list[tuple[str, int]]:
    """Keys of the kept copies that a row of the ledger names, the main one first."""
    main = (row["duplicate_of_document"], row["duplicate_of_paragraph"])
    if main[0] is None:
        return []
    others = row["duplicate_of"] or []
    assert isinstance(others, list)
    listed = [(other["document_id"], other["paragraph"]) for other in others]
    return list(dict.fromkeys([main, *listed]))


MAX_MENDED = 4
"""Words shown as they were and as they are; the rest is counted."""


def show_repairs(raw: str, text: str) -> str:
    """The words that a repair changed, before and after.

    >>> show_repairs("tỉnh Ðồng Nai", "tỉnh Đồng Nai")
    '“Ðồng” is now “Đồng”'
    """
    before, after = raw.split(), text.split()
    if len(before) == len(after):
        pairs = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        changed = [pair for pair in pairs if unicodedata.normalize("NFC", pair[0]) != pair[1]]
    else:
        changed = [(raw[span.start : span.end], span.new) for span in repair_spans(raw, text)]
    shown = [f"“{old}” is now “{new}”" for old, new in changed[:MAX_MENDED]]
    if len(changed) > MAX_MENDED:
        shown.append(f"and {len(changed) - MAX_MENDED} more")
    return ", ".join(shown) or "it looks the same"


def _find_rows(store: Store, source: str, line: int | None) -> pl.DataFrame:
    of_source = (pl.col("source_path") == source) | (pl.col("document_id") == source)
    rows = store.scan("paragraphs").filter(of_source).collect().sort("source_record", "paragraph")
    if line is None:
        return rows
    last_line = pl.col("line") + pl.col("raw").str.count_matches(r"\r\n|\r|\n")
    return rows.filter((pl.col("line") <= line) & (last_line >= line))


def _find_copies(store: Store, rows: pl.DataFrame) -> dict[tuple[str, int], dict[str, object]]:
    keys = {key for row in rows.iter_rows(named=True) for key in list_copies(row)}
    if not keys:
        return {}
    wanted = pl.LazyFrame(list(keys), schema={"document_id": pl.String, "paragraph": pl.Int32}, orient="row")
    found = store.scan("paragraphs").join(wanted, on=["document_id", "paragraph"], how="semi").collect()
    return {(row["document_id"], row["paragraph"]): row for row in found.iter_rows(named=True)}


def explain_absence(store: Store, place: str) -> str:
    """Why there is nothing to say of a place, and what to try."""
    source, line = split_place(place)
    sick = store.scan("quarantine").filter(pl.col("source_path").is_in([source, place])).collect()
    if sick.height:
        return f"{source} is in quarantine: {sick['error'][0]}"
    known = store.scan("sources").filter(pl.col("source_path") == source).collect()
    if known.height and line is not None:
        return f"{source} has no text on line {line}."
    if known.height:
        return f"{source} is empty."
    name = source.rsplit("/", 1)[-1]
    near = (
        store.scan("sources").filter(pl.col("source_path").str.contains(name, literal=True)).head(3).collect()
    )
    hint = f" Did you mean {' or '.join(near['source_path'])}?" if near.height else ""
    return f"The corpus has no source {source!r}. Name it as RAW has it, such as site/page.txt.{hint}"
