"""Explain: why each line of a source stayed or went.

Places are named alike everywhere: `SOURCE[RECORD]:LINE`, records counted from 0 as in the tables, lines from 1 as in
an editor. A source that is one document needs no record.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.spans import repair_spans
from tasks.store import Store


class Explanation(NamedTuple):
    """One paragraph, and the kept copies that stand for it."""

    row: dict[str, object]
    copies: list[dict[str, object]]


class Place(NamedTuple):
    """Part of a source: all of it, a record of it, or a line.

    Attributes:
        source: Path relative to RAW, or a document id.
        record: 0-based record; None where none is named.
        line: 1-based line of the record; None for all.
    """

    source: str
    record: int | None
    line: int | None


def parse_place(place: str) -> Place:
    """SOURCE, SOURCE:LINE, SOURCE[RECORD] or SOURCE[RECORD]:LINE.

    >>> parse_place("a.vn/b.txt:12"), parse_place("dump.jsonl[3]:2")
    (Place(source='a.vn/b.txt', record=None, line=12), Place(source='dump.jsonl', record=3, line=2))
    """
    found = PLACE.fullmatch(place)
    assert found is not None, "every group is optional"
    record, line = (int(found[name]) if found[name] else None for name in ("record", "line"))
    return Place(found["source"], record, line)


PLACE = re.compile(r"(?P<source>.+?)(?:\[(?P<record>\d{1,9})\])?(?::(?P<line>\d{1,9}))?", re.DOTALL)
LINE_FILE = re.compile(r"\.(?:jsonl|ndjson)(?:\.\w+)?$", re.IGNORECASE)
"""Ends of names of files of which each line is a record, packed or not."""
RECORD_FILE = re.compile(r"\.(?:jsonl|ndjson|csv|tsv|parquet|warc|wet)(?:\.\w+)?$", re.IGNORECASE)
"""The same of files that hold many records, of which a line may be anything."""


def explain(store: Store, place: str) -> Iterator[Explanation]:
    """The paragraphs of a source, in order.

    Args:
        store: the corpus.
        place: a source path or a document id, alone, with `:LINE`, or with `[RECORD]` and perhaps `:LINE`. Of
            JSONL `:LINE` alone is the line of the file: one record.

    Raises:
        UsageError: the corpus has no such source or line.
        StoreError: there is no corpus.
    """
    rows = find_rows(store, place)
    copies = find_copies(store, rows)
    for row in rows.iter_rows(named=True):
        yield Explanation(row, [copies[key] for key in list_copies(row) if key in copies])


def find_rows(store: Store, place: str) -> pl.DataFrame:
    """The rows of the ledger at a place; see `explain`."""
    store.require_corpus()
    rows = _find_rows(store, Place(place, None, None))
    for name in (place, place.partition("/")[2]):  # also as the shell completes it, with the folder RAW
        if rows.is_empty() and name:
            rows = _find_rows(store, parse_place(name))
    if rows.is_empty():
        raise UsageError(explain_absence(store, place))
    return rows


def find_line(store: Store, place: str) -> list[dict[str, object]]:
    """The paragraphs of one line; more than one where a line was cut.

    Raises:
        UsageError: there is no such line, or the place names more than a line.
        StoreError: there is no corpus.
    """
    rows = find_rows(store, place)
    first = rows.row(0, named=True)
    if rows["source_record"].n_unique() > 1 or not _names_line(first, place):
        raise UsageError(f"{place} is more than a line. Name one, such as {name_line(first)}")
    return rows.to_dicts()


def _names_line(row: dict[str, object], place: str) -> bool:
    parsed = parse_place(place)
    if parsed.line is None or str(row["source_path"]) == place:
        return False
    return parsed.record is not None or not (row["source_record"] or _is_record_file(parsed.source))


def _is_record_file(source: str) -> bool:
    return RECORD_FILE.search(source[-16:]) is not None


def list_copies(row: dict[str, object]) -> list[tuple[str, int]]:
    """Keys of the kept copies that a row of the ledger names, the main one first."""
    main = (row["duplicate_of_document"], row["duplicate_of_paragraph"])
    if main[0] is None:
        return []
    others = row["duplicate_of"] or []
    assert isinstance(others, list)
    listed = [(other["document_id"], other["paragraph"]) for other in others]
    return list(dict.fromkeys([main, *listed]))


def name_line(row: Mapping[str, object]) -> str:
    """A row's place as the commands take it: SOURCE:LINE, or SOURCE[RECORD]:LINE where a source holds many records."""
    return f"{name_record(row)}:{row['line']}"


def name_record(row: Mapping[str, object]) -> str:
    """A record as the commands take it: SOURCE, or SOURCE[RECORD] where a source holds many."""
    source = str(row["source_path"])
    is_one_of_many = row["source_record"] or _is_record_file(source)
    return f"{source}[{row['source_record']}]" if is_one_of_many else source


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


def _find_rows(store: Store, place: Place) -> pl.DataFrame:
    of_source = (pl.col("source_path") == place.source) | (pl.col("document_id") == place.source)
    rows = store.scan("paragraphs").filter(of_source).collect().sort("source_record", "paragraph")
    record, line = place.record, place.line
    if record is None and line is not None and LINE_FILE.search(place.source[-16:]):
        record, line = line - 1, None
    if record is None and line is not None and _has_records(rows, place.source):
        return rows.clear()
    if record is not None:
        rows = rows.filter(pl.col("source_record") == record)
    if line is None:
        return rows
    last_line = pl.col("line") + pl.col("raw").str.count_matches(r"\r\n|\r|\n")
    return rows.filter((pl.col("line") <= line) & (last_line >= line))


def _has_records(rows: pl.DataFrame, source: str) -> bool:
    """Whether a line of the file is no line of one text."""
    return rows["source_record"].n_unique() > 1 or _is_record_file(source)


def find_copies(store: Store, rows: pl.DataFrame) -> dict[tuple[str, int], dict[str, object]]:
    """The kept copies that some rows name, by document and paragraph."""
    keys = {key for row in rows.iter_rows(named=True) for key in list_copies(row)}
    if not keys:
        return {}
    wanted = pl.LazyFrame(list(keys), schema={"document_id": pl.String, "paragraph": pl.Int32}, orient="row")
    found = store.scan("paragraphs").join(wanted, on=["document_id", "paragraph"], how="semi").collect()
    return {(row["document_id"], row["paragraph"]): row for row in found.iter_rows(named=True)}


def explain_absence(store: Store, place: str) -> str:
    """Why there is nothing to say of a place, and what to try."""
    source, record, line = parse_place(place)
    sick = store.scan("quarantine").filter(pl.col("source_path").is_in([source, place])).collect()
    if record is None and line is not None and LINE_FILE.search(source[-16:]):
        record = line - 1
    own = sick.filter(pl.col("source_record") == record) if record is not None else sick.sort("source_record")
    if own.height:
        return f"{name_record(own.row(0, named=True))} is in quarantine: {own['error'][0]}"
    known = store.scan("sources").filter(pl.col("source_path") == source).collect()
    if known.height and (line is not None or record is not None):
        last = max(known["source_record"].to_list())
        if record is None and (last or _is_record_file(source)):
            return (
                f"{source} holds {known.height:,} records, and a line of the file is none of them. Name one, counted "
                f"from 0, such as {source}[0], or a line of its text: {source}[0]:1"
            )
        where = f"record {record}" if record is not None else f"line {line}"
        return (
            f"{source} has no text there ({where}). Its records are 0 to {last}; the first is {source}[0]."
            if last
            else f"{source} has no text on line {line}."
        )
    if known.height:
        return f"{source} is empty."
    name = source.rsplit("/", 1)[-1]
    near = (
        store.scan("sources").filter(pl.col("source_path").str.contains(name, literal=True)).head(3).collect()
    )
    hint = f" Did you mean {' or '.join(near['source_path'])}?" if near.height else ""
    return f"The corpus has no source {source!r}. Name it as RAW has it, such as site/page.txt.{hint}"
