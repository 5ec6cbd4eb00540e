"""Verify: prove on a corpus that nothing was silently lost.

Every check is a query that returns the rows at fault; none of them trusts what wrote the tables.
"""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl

from tasks.errors import StoreError
from tasks.faults import LEDGER_KEY, Fault, name_rows, place_row
from tasks.plan import digest_step
from tasks.read import digest_text
from tasks.rebuild import count_breaks, rebuild_records
from tasks.repair import REPAIRS, RepairOptions, repair
from tasks.schemas import MATCH_REASONS, REASONS, TABLES, VERSION_REASONS, Column
from tasks.segment import SegmentOptions, segment
from tasks.store import Store
from tasks.verify_index import check_index

KNOWN_REPAIRS = pl.lit(pl.Series([[*REPAIRS, "unwrap"]]))


class Tables(NamedTuple):
    """The tables under examination, whole."""

    sources: pl.DataFrame
    paragraphs: pl.DataFrame
    documents: pl.DataFrame
    duplicates: pl.DataFrame
    quarantine: pl.DataFrame


def verify(store: Store) -> Iterator[Fault]:
    """Everything that is wrong with a corpus, check by check.

    Raises:
        StoreError: there is no corpus.
    """
    store.require_corpus()
    damaged = list(check_files(store))
    yield from damaged
    if not damaged:
        yield from check_versions(store)
    try:
        tables = Tables(*(store.scan(name).collect() for name in Tables._fields))
        runs = store.runs
    except (StoreError, pl.exceptions.PolarsError, OSError) as error:
        if not damaged:
            yield Fault("files", "?", "?", f"a table cannot be read: {str(error).splitlines()[0]}")
        return
    strange = False
    for name, frame in [*zip(Tables._fields, tables, strict=True), ("runs", runs)]:
        yield from check_schema(name, frame, since=store.added_columns(name))
        strange |= any(_check_type(frame, column) for column in TABLES[name].columns)
    for check in () if strange else CHECKS:
        yield from check(tables)
    if not strange:
        yield from check_runs(store, tables)
        yield from check_replay(store, tables)
    if not strange and not damaged:
        yield from check_index(store, tables.paragraphs)


def check_versions(store: Store) -> Iterator[Fault]:
    """versions: what Delta shows as the newest of a table is what the last run committed."""
    for table in store.find_uncommitted():
        what = "its newest version shows files that no run committed; run decant once more to take them back"
        yield Fault("versions", table, "its newest version", what)


def check_files(store: Store) -> Iterator[Fault]:
    """files: every file is there and has the bytes that its name promises."""
    for table in [*store.versions(), "runs"]:
        try:
            files = store.files(table) if table != "runs" else store.run_files()
        except StoreError as error:
            yield Fault("files", table, "the whole table", str(error))
            continue
        for file in files:
            if not file.path.exists():
                yield Fault("files", table, file.path.name, "is missing; put it back from a copy")
            elif file.read_digest() != file.digest:
                yield Fault("files", table, file.path.name, "its bytes have changed since it was written")


def check_schema(name: str, frame: pl.DataFrame, since: frozenset[str]) -> Iterator[Fault]:
    """schema: all columns of the contract, in their types, without nulls where none may be; keys are unique.

    Columns that came `since` the rows were written may be null in them.
    """
    table = TABLES[name]
    for column in table.columns:
        if column.name in since:
            continue
        fault = _check_column(frame, column)
        if fault:
            yield Fault("schema", name, column.name, fault)
    if set(table.key) <= set(frame.columns):
        twice = frame.filter(pl.struct(table.key).is_duplicated())
        yield from name_rows("schema", name, twice, list(table.key), "two rows have one key")


def _check_column(frame: pl.DataFrame, column: Column) -> str:
    wrong_type = _check_type(frame, column)
    if wrong_type or column.nullable or not frame[column.name].null_count():
        return wrong_type
    return f"is null in {frame[column.name].null_count()} rows"


def _check_type(frame: pl.DataFrame, column: Column) -> str:
    if column.name not in frame.columns:
        return "the column is missing"
    found = frame.schema[column.name]
    return "" if found == column.dtype else f"holds {found}, not {column.dtype}"


def check_verdicts(tables: Tables) -> Iterator[Fault]:
    """verdicts: a kept paragraph has no reason, a removed one has a known reason and a rule."""
    rows = tables.paragraphs
    kept, removed = pl.col("verdict") == "kept", pl.col("verdict") == "removed"
    explained = pl.col("reason").is_in(REASONS) & pl.col("rule").is_not_null()
    wrong = rows.filter(~(kept & pl.col("reason").is_null() | removed & explained.fill_null(False)))
    yield from name_rows("verdicts", "paragraphs", wrong, LEDGER_KEY, "verdict, reason and rule do not fit")


def check_pieces(tables: Tables) -> Iterator[Fault]:
    """pieces: numbered from 0, in order, without overlap, as long as their offsets say."""
    rows = tables.paragraphs.sort("document_id", "paragraph")
    before_end = pl.col("end").shift(1).over("document_id").fill_null(0)
    number = pl.int_range(pl.len()).over("document_id")
    wrong = rows.filter(
        (pl.col("start") < before_end)
        | (pl.col("end") - pl.col("start") != pl.col("raw").str.len_chars())
        | (pl.col("raw") == "")
        | (pl.col("paragraph") != number)
    )
    yield from name_rows(
        "pieces", "paragraphs", wrong, LEDGER_KEY, "offsets, number and length of `raw` do not fit"
    )


def check_coverage(tables: Tables) -> Iterator[Fault]:
    """coverage: the pieces of a record hold every character of it that is not white space."""
    pieces = (
        tables.paragraphs.sort("document_id", "start")
        .group_by("document_id", maintain_order=True)
        .agg(raw=pl.col("raw").str.join("\n"))
    )
    rows = tables.sources.join(pieces, on="document_id", how="full", coalesce=True)
    for row in rows.select("source_path", "source_record", "document_id", "record_digest", "raw").iter_rows(
        named=True
    ):
        if row["record_digest"] is None:
            yield Fault(
                "coverage",
                "sources",
                row["document_id"],
                "the ledger has rows of a document that `sources` lacks",
            )
        elif digest_text(row["raw"] or "") != row["record_digest"]:
            place = f"{row['source_path']}[{row['source_record']}]"
            yield Fault("coverage", "paragraphs", place, "the pieces are not the record that was read")


def check_lines(tables: Tables) -> Iterator[Fault]:
    """lines: a piece starts on the line where it is said to, and not before the one before it ends."""
    rows = tables.paragraphs.sort("document_id", "start").select("document_id", "line", "raw", *LEDGER_KEY)
    document, last = "", 1
    for row in rows.iter_rows(named=True):
        last = last if row["document_id"] == document else 1
        if row["line"] < last:
            yield Fault(
                "lines", "paragraphs", place_row(row, LEDGER_KEY), f"line {row['line']} after line {last}"
            )
        document, last = row["document_id"], row["line"] + count_breaks(row["raw"])


def check_repairs(tables: Tables) -> Iterator[Fault]:
    """repairs: a text that differs from its raw names a repair, and one that does not names none."""
    changed = pl.col("text") != pl.col("raw")
    # A piece cut out of a repaired line keeps the line's repairs, which may all lie in the other piece.
    named = pl.col("repairs").list.len() > 0
    wrong = tables.paragraphs.filter(changed & ~named)
    yield from name_rows(
        "repairs", "paragraphs", wrong, LEDGER_KEY, "`text` is not `raw`, and no repair is named"
    )
    strange = tables.paragraphs.filter(pl.col("repairs").list.set_difference(KNOWN_REPAIRS).list.len() > 0)
    yield from name_rows("repairs", "paragraphs", strange, LEDGER_KEY, "names a repair that there is not")


def check_replay(store: Store, tables: Tables) -> Iterator[Fault]:
    """replay: repairing the stored `raw` again gives the stored `text`, so that `raw` is what undoes it.

    Nothing is said of a corpus that another version of these steps wrote: it will be redone anyway.
    """
    run = store.last_run
    assert run is not None
    config, before = json.loads(str(run["config"])), json.loads(str(run["step_digests"]))
    segmenting, repairing = SegmentOptions(**config["segment"]), RepairOptions(**config["repair"])
    if (digest_step("segment", segmenting), digest_step("repair", repairing)) != (
        before["segment"],
        before["repair"],
    ):
        return
    mended = tables.paragraphs.filter(pl.col("repairs").list.len() > 0).select("document_id").unique()
    paragraphs = tables.paragraphs.join(mended, on="document_id", how="semi")
    sources = tables.sources.join(mended, on="document_id", how="semi").sort("document_id")
    lines = repair(segment(rebuild_records(paragraphs, sources), options=segmenting), options=repairing)
    places = sources.select("document_id", document=pl.int_range(pl.len(), dtype=pl.UInt32))
    again = dict(_join_texts(lines.join(places, on="document")))
    for document, text in _join_texts(paragraphs):
        if digest_text(text) != digest_text(again.get(document, "")):
            yield Fault("replay", "paragraphs", document, "repairing `raw` again gives another `text`")


def _join_texts(rows: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """The text of each document, in order."""
    joined = rows.sort("document_id", "start").group_by("document_id").agg(pl.col("text").str.join(" "))
    yield from joined.iter_rows()


def check_pointers(tables: Tables) -> Iterator[Fault]:
    """pointers: what went as a duplicate names a kept paragraph, and nothing else names any."""
    rows = tables.paragraphs
    kept = rows.filter(pl.col("verdict") == "kept").select(
        duplicate_of_document="document_id", duplicate_of_paragraph="paragraph"
    )
    points = pl.col("duplicate_of_document").is_not_null()
    must = pl.col("reason").is_in(MATCH_REASONS).fill_null(False)
    pointing = rows.filter(points | must)
    lost = pointing.join(kept, on=["duplicate_of_document", "duplicate_of_paragraph"], how="anti")
    yield from name_rows("pointers", "paragraphs", lost, LEDGER_KEY, "points at no kept paragraph")
    several = (
        pointing.select(*LEDGER_KEY, pl.col("duplicate_of"))
        .drop_nulls("duplicate_of")
        .explode("duplicate_of")
    )
    if several.height:
        several = several.with_columns(
            duplicate_of_document=pl.col("duplicate_of").struct.field("document_id"),
            duplicate_of_paragraph=pl.col("duplicate_of").struct.field("paragraph"),
        )
        lost = several.join(kept, on=["duplicate_of_document", "duplicate_of_paragraph"], how="anti")
        yield from name_rows("pointers", "paragraphs", lost, LEDGER_KEY, "one of several copies is not kept")


def check_documents(tables: Tables) -> Iterator[Fault]:
    """documents: `text` is the kept pieces joined; counts agree; no kept piece without a document."""
    kept = pl.col("verdict") == "kept"
    made = (
        tables.paragraphs.sort("document_id", "paragraph")
        .group_by("document_id", maintain_order=True)
        .agg(
            pl.first("source_path", "source_record"),
            made=pl.col("text").filter(kept).str.join("\n"),
            kept=kept.sum(),
            removed=(~kept).sum(),
        )
        .filter(pl.col("kept") > 0)
    )
    columns = ("document_id", "text", "kept_chars", "paragraphs_kept", "paragraphs_removed")
    both = tables.documents.select(columns).join(made, on="document_id", how="full", coalesce=True)
    fits = (
        (pl.col("text") == pl.col("made"))
        & (pl.col("kept_chars") == pl.col("made").str.len_chars())
        & (pl.col("paragraphs_kept") == pl.col("kept"))
        & (pl.col("paragraphs_removed") == pl.col("removed"))
    )
    wrong = both.filter(~fits.fill_null(False))
    yield from name_rows(
        "documents", "documents", wrong, ["document_id"], "`text` and counts are not what the ledger keeps"
    )


def check_sources(tables: Tables) -> Iterator[Fault]:
    """sources: a record that was read has pieces, an empty one has none; documents say the same of it."""
    sizes = tables.paragraphs.group_by("document_id").agg(pieces=pl.len())
    rows = tables.sources.join(sizes, on="document_id", how="left").with_columns(
        pl.col("pieces").fill_null(0)
    )
    wrong = rows.filter((pl.col("status") == "empty") != (pl.col("pieces") == 0))
    yield from name_rows(
        "sources", "sources", wrong, ["source_path", "source_record"], "status and pieces do not fit"
    )
    same = [
        name
        for name in tables.sources.columns
        if name in tables.documents.columns and name not in ("document_id", "run_id")
    ]
    both = tables.documents.join(tables.sources, on="document_id", how="left", suffix="_source")
    wrong = both.filter(
        ~pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_source")) for name in same)
    )
    yield from name_rows(
        "sources", "documents", wrong, ["source_path", "source_record"], "says something else than `sources`"
    )


def check_superseded(tables: Tables) -> Iterator[Fault]:
    """superseded: an older version names a record that was read and is none itself; what went as one is of one."""
    older = tables.sources.filter(pl.col("superseded_by").is_not_null())
    newest = tables.sources.filter((pl.col("status") == "read") & pl.col("superseded_by").is_null())
    lost = older.join(newest, left_on="superseded_by", right_on="document_id", how="anti")
    key = ["source_path", "source_record"]
    yield from name_rows("superseded", "sources", lost, key, "`superseded_by` names no newest version")
    gone = tables.paragraphs.filter(pl.col("reason").is_in(VERSION_REASONS))
    strange = gone.join(older, on="document_id", how="anti")
    yield from name_rows("superseded", "paragraphs", strange, LEDGER_KEY, "is of no older version")


def check_pairs(tables: Tables) -> Iterator[Fault]:
    """pairs: both halves are in the ledger, and what went because of a pair has that pair in `duplicates`."""
    places = tables.paragraphs.select("document_id", "paragraph")
    for side in ("a", "b"):
        keys = [f"{side}_document", f"{side}_paragraph"]
        lost = tables.duplicates.join(places, left_on=keys, right_on=["document_id", "paragraph"], how="anti")
        yield from name_rows("pairs", "duplicates", lost, keys, "is not in the ledger")
    unknown = tables.duplicates.filter(~pl.col("decision").is_in(["same", "a_in_b", "b_in_a", "distinct"]))
    yield from name_rows(
        "pairs", "duplicates", unknown, ["a_document", "a_paragraph"], "has no known decision"
    )


def check_quarantine(tables: Tables) -> Iterator[Fault]:
    """quarantine: no record is both read and in quarantine, and every error is a sentence."""
    key = ["source_path", "source_record"]
    both = tables.quarantine.join(tables.sources.filter(pl.col("status") == "read"), on=key, how="semi")
    yield from name_rows("quarantine", "quarantine", both, key, "is in quarantine and was read")
    mute = tables.quarantine.filter(pl.col("error").str.count_matches(" ") < 3)
    yield from name_rows("quarantine", "quarantine", mute, key, "the error is no sentence")


CHECKS: tuple[Callable[[Tables], Iterator[Fault]], ...] = (
    check_verdicts,
    check_pieces,
    check_coverage,
    check_lines,
    check_repairs,
    check_pointers,
    check_documents,
    check_sources,
    check_superseded,
    check_pairs,
    check_quarantine,
)


def check_runs(store: Store, tables: Tables) -> Iterator[Fault]:
    """runs: numbered 1, 2, 3 ..., and the last one counts what is there; rows name runs that were."""
    run = store.last_run
    assert run is not None
    numbers = store.runs["number"].to_list()
    if numbers != list(range(1, len(numbers) + 1)):
        yield Fault("runs", "runs", runplace_row(run), f"the runs are numbered {numbers[:8]}")
    kept = tables.paragraphs.filter(pl.col("verdict") == "kept").height
    counted = {
        "documents": tables.documents.height,
        "paragraphs_kept": kept,
        "paragraphs_removed": tables.paragraphs.height - kept,
        "quarantined": tables.quarantine.height,
    }
    for name, count in counted.items():
        if run[name] != count:
            yield Fault(
                "runs", "runs", runplace_row(run), f"says {name} = {run[name]}, and there are {count}"
            )
    known = store.runs.select("run_id")
    for name in ("sources", "paragraphs", "documents"):
        strange = getattr(tables, name).join(known, on="run_id", how="anti")
        yield from name_rows(
            "runs", name, strange, ["source_path", "source_record"], "names a run that never was"
        )


def runplace_row(run: dict[str, object]) -> str:
    """A run named for a person."""
    return f"run {run['number']}"
