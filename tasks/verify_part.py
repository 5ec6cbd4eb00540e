"""Verify a part: the checks of which all that they need lies in the same part of every table.

Every check is a query that returns the rows at fault; none of them trusts what wrote the tables.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.faults import LEDGER_KEY, Fault, name_rows, place_row
from tasks.index import PLACE
from tasks.plan import digest_step
from tasks.read import digest_text
from tasks.rebuild import count_breaks, rebuild_records
from tasks.repair import REPAIRS, RepairOptions, repair
from tasks.schemas import REASONS, TABLES, VERSION_REASONS
from tasks.segment import SegmentOptions, segment
from tasks.store import Store
from tasks.verify_index import check_index, list_keys

KNOWN_REPAIRS: Final = pl.lit(pl.Series([[*REPAIRS, "unwrap"]]))

Hashes = npt.NDArray[np.uint64]


class Tables(NamedTuple):
    """A part of the tables that are cut into parts."""

    sources: pl.DataFrame
    paragraphs: pl.DataFrame
    documents: pl.DataFrame
    duplicates: pl.DataFrame


class Task(NamedTuple):
    """A part of a corpus to examine. The store knows its files by then: to list them takes longer than many a check."""

    store: Store
    part: int


class Seen(NamedTuple):
    """What a part says that has to be held against the others.

    Keys are told by 64-bit hashes, 8 bytes a row: among ten million paragraphs one that is not there would pass for one
    that is with a chance of one in two million million.

    Attributes:
        keys: For each table the key of every row.
        places: The places of paragraphs, as others point at them.
        kept: Those of kept ones.
        newest: The documents that no newer version replaces.
        classes: The keys of the index that want a class.
        nulls: How many there are in each column of a table.
    """

    keys: Mapping[str, Hashes]
    places: Hashes
    kept: Hashes
    newest: Hashes
    classes: Hashes
    nulls: Mapping[tuple[str, str], int]


class Examined(NamedTuple):
    """The faults of a part, and what it says; or why it cannot be read."""

    faults: list[Fault]
    seen: Seen | None = None
    unreadable: str = ""


def examine_part(task: Task) -> Examined:
    """All checks of one part."""
    store, part = task
    try:
        tables = Tables(*(store.scan(name, [part]).collect() for name in Tables._fields))
        faults = [fault for check in CHECKS for fault in check(tables)]
        faults += [*check_runs(store, tables), *check_replay(store, tables)]
        faults += check_index(store, part, tables.paragraphs)
        return Examined(faults, _look(store, part, tables))
    except (pl.exceptions.PolarsError, OSError) as error:
        return Examined([], None, str(error).splitlines()[0])


def _look(store: Store, part: int, tables: Tables) -> Seen:
    """What a part says of itself."""
    kept = tables.paragraphs.filter(pl.col("verdict") == "kept")
    newest = tables.sources.filter((pl.col("status") == "read") & pl.col("superseded_by").is_null())
    return Seen(
        {name: hash_keys(frame, TABLES[name].key) for name, frame in tables._asdict().items()},
        hash_keys(tables.paragraphs, PLACE),
        hash_keys(kept, PLACE),
        hash_keys(newest, ["document_id"]),
        list_keys(store, part),
        {
            (name, column): frame[column].null_count()
            for name, frame in tables._asdict().items()
            for column in frame.columns
        },
    )


def hash_keys(rows: pl.DataFrame, key: tuple[str, ...] | list[str]) -> Hashes:
    """The keys of rows, hashed; whole numbers of all sizes alike."""
    columns = [
        pl.col(name).cast(pl.Int64) if rows.schema[name].is_integer() else pl.col(name) for name in key
    ]
    names = [f"key_{number}" for number in range(len(key))]
    struct = pl.struct(column.alias(name) for column, name in zip(columns, names, strict=True))
    return rows.select(struct.hash(0)).to_series().to_numpy()


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
    """superseded: what went as an older version is of one."""
    older = tables.sources.filter(pl.col("superseded_by").is_not_null())
    gone = tables.paragraphs.filter(pl.col("reason").is_in(VERSION_REASONS))
    strange = gone.join(older, on="document_id", how="anti")
    yield from name_rows("superseded", "paragraphs", strange, LEDGER_KEY, "is of no older version")


def check_decisions(tables: Tables) -> Iterator[Fault]:
    """pairs: each has a decision."""
    unknown = tables.duplicates.filter(~pl.col("decision").is_in(["same", "a_in_b", "b_in_a", "distinct"]))
    yield from name_rows(
        "pairs", "duplicates", unknown, ["a_document", "a_paragraph"], "has no known decision"
    )


CHECKS: Final[tuple[Callable[[Tables], Iterator[Fault]], ...]] = (
    check_verdicts,
    check_pieces,
    check_coverage,
    check_lines,
    check_repairs,
    check_documents,
    check_sources,
    check_superseded,
    check_decisions,
)


def check_runs(store: Store, tables: Tables) -> Iterator[Fault]:
    """runs: rows name runs that were."""
    known = store.runs.select("run_id")
    for name in ("sources", "paragraphs", "documents"):
        strange = getattr(tables, name).join(known, on="run_id", how="anti")
        yield from name_rows(
            "runs", name, strange, ["source_path", "source_record"], "names a run that never was"
        )
