"""Verify: prove on a corpus that nothing was silently lost.

Part by part, so that memory does not grow with the corpus (`tasks.verify_part`), and then what the parts say of each
other: here. Every check is a query that returns the rows at fault; none of them trusts what wrote the tables.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl

from tasks.engine import keep_workers, map_shards
from tasks.errors import StoreError
from tasks.faults import LEDGER_KEY, Fault, limit, name_rows
from tasks.index import PLACE
from tasks.match.buckets import is_among
from tasks.schemas import MATCH_REASONS, TABLES
from tasks.store import Store
from tasks.verify_index import check_classes
from tasks.verify_part import Hashes, Seen, Tables, Task, examine_part, hash_keys

PARTED: Final = Tables._fields
WHOLE: Final = ("quarantine", "runs")


def verify(store: Store, workers: int = 1) -> Iterator[Fault]:
    """Everything that is wrong with a corpus, of each kind a few places and how many more there are.

    Args:
        store: the corpus.
        workers: processes at most.

    Raises:
        StoreError: there is no corpus.
    """
    store.require_corpus()
    yield from limit(_find_faults(store, workers))


def _find_faults(store: Store, workers: int) -> Iterator[Fault]:
    damaged = list(check_files(store))
    yield from damaged
    if not damaged:
        yield from check_versions(store)
    try:
        strange = list(check_types(store))
        yield from strange
        if strange:
            return
        parts = sorted({file.part for name in (*PARTED, "index") for file in store.files(name)})
        tasks = [Task(store, part) for part in parts]
        seen = []
        with keep_workers():
            for examined in map_shards(examine_part, tasks, workers):
                yield from examined.faults
                if examined.seen is None:
                    yield from () if damaged else [_tell_unreadable(examined.unreadable)]
                    return
                seen.append(examined.seen)
        yield from check_nulls(store, seen)
        for check in CHECKS:
            yield from check(store, parts, seen)
    except (StoreError, pl.exceptions.PolarsError, OSError) as error:
        yield from () if damaged else [_tell_unreadable(str(error))]


def _tell_unreadable(error: str) -> Fault:
    return Fault("files", "?", "?", f"a table cannot be read: {error.splitlines()[0]}")


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


def check_types(store: Store) -> Iterator[Fault]:
    """schema: every file of a table has all columns of the contract, in their types."""
    for name in (*PARTED, *WHOLE):
        files = store.run_files() if name == "runs" else store.files(name)
        schemas = [pl.read_parquet_schema(file.path) for file in files]
        since = store.added_columns(name)
        for column in TABLES[name].columns:
            found = {schema.get(column.name) for schema in schemas} - {column.dtype}
            if None in found and column.name not in since:
                yield Fault("schema", name, column.name, "the column is missing")
            elif found - {None}:
                types = ", ".join(sorted(map(str, found - {None})))
                yield Fault("schema", name, column.name, f"holds {types}, not {column.dtype}")


def check_nulls(store: Store, seen: Sequence[Seen]) -> Iterator[Fault]:
    """schema: no nulls where none may be, but in columns that came since the rows were written."""
    counts = [(name, column, n) for part in seen for (name, column), n in part.nulls.items()]
    for name in WHOLE:
        frame = store.runs if name == "runs" else store.scan(name).collect()
        counts += [(name, column, frame[column].null_count()) for column in frame.columns]
    for name in (*PARTED, *WHOLE):
        since = store.added_columns(name)
        for column in TABLES[name].columns:
            found = sum(count for table, its, count in counts if (table, its) == (name, column.name))
            if found and not column.nullable and column.name not in since:
                yield Fault("schema", name, column.name, f"is null in {found} rows")


def check_keys(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """schema: no two rows of a table have one key."""
    for name in PARTED:
        keys, counts = np.unique(_join(part.keys[name] for part in seen), return_counts=True)
        twice = keys[counts > 1]
        for part in parts if len(twice) else ():
            rows = store.scan(name, [part]).select(TABLES[name].key).collect()
            again = rows.filter(pl.Series(is_among(hash_keys(rows, TABLES[name].key), twice)))
            yield from name_rows("schema", name, again, list(TABLES[name].key), "two rows have one key")
    for name, frame in (("quarantine", store.scan("quarantine").collect()), ("runs", store.runs)):
        again = frame.filter(pl.struct(TABLES[name].key).is_duplicated())
        yield from name_rows("schema", name, again, list(TABLES[name].key), "two rows have one key")


def check_pointers(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """pointers: what went as a duplicate names a kept paragraph, and nothing else names any."""
    kept = np.sort(_join(part.kept for part in seen))
    points = pl.col("duplicate_of_document").is_not_null()
    must = pl.col("reason").is_in(MATCH_REASONS).fill_null(False)
    columns = (*LEDGER_KEY, "duplicate_of_document", "duplicate_of_paragraph", "duplicate_of")
    for part in parts:
        pointing = store.scan("paragraphs", [part]).filter(points | must).select(columns).collect()
        target = ["duplicate_of_document", "duplicate_of_paragraph"]
        lost = pointing.filter(pl.Series(~is_among(hash_keys(pointing, target), kept)))
        yield from name_rows("pointers", "paragraphs", lost, LEDGER_KEY, "points at no kept paragraph")
        several = pointing.drop(target).drop_nulls("duplicate_of").explode("duplicate_of")
        copy = pl.col("duplicate_of").struct
        several = several.with_columns(
            copy.field(name).alias(its) for name, its in zip(PLACE, target, strict=True)
        )
        lost = several.filter(pl.Series(~is_among(hash_keys(several, target), kept)))
        yield from name_rows("pointers", "paragraphs", lost, LEDGER_KEY, "one of several copies is not kept")


def check_pairs(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """pairs: both halves are in the ledger."""
    places = np.sort(_join(part.places for part in seen))
    for part in parts:
        pairs = store.scan("duplicates", [part]).select(TABLES["duplicates"].key).collect()
        for side in ("a", "b"):
            key = [f"{side}_document", f"{side}_paragraph"]
            lost = pairs.filter(pl.Series(~is_among(hash_keys(pairs, key), places)))
            yield from name_rows("pairs", "duplicates", lost, key, "is not in the ledger")


def check_superseded(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """superseded: an older version names a record that was read and is none itself."""
    newest = np.sort(_join(part.newest for part in seen))
    key = ["source_path", "source_record"]
    for part in parts:
        older = store.scan("sources", [part]).select(*key, "superseded_by").drop_nulls("superseded_by")
        rows = older.collect()
        lost = rows.filter(pl.Series(~is_among(hash_keys(rows, ["superseded_by"]), newest)))
        yield from name_rows("superseded", "sources", lost, key, "`superseded_by` names no newest version")


def check_quarantine(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """quarantine: no record is both read and in quarantine, and every error is a sentence."""
    del seen
    key, table = ["source_path", "source_record"], store.scan("quarantine").collect()
    for part in parts if table.height else ():
        read = store.scan("sources", [part]).filter(pl.col("status") == "read").select(key).collect()
        both = table.join(read, on=key, how="semi")
        yield from name_rows("quarantine", "quarantine", both, key, "is in quarantine and was read")
    mute = table.filter(pl.col("error").str.count_matches(" ") < 3)
    yield from name_rows("quarantine", "quarantine", mute, key, "the error is no sentence")


def check_runs(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """runs: numbered 1, 2, 3 ..., and the last one counts what is there."""
    del parts
    run = store.last_run
    assert run is not None
    numbers, place = store.runs["number"].to_list(), f"run {run['number']}"
    if numbers != list(range(1, len(numbers) + 1)):
        yield Fault("runs", "runs", place, f"the runs are numbered {numbers[:8]}")
    kept = sum(len(part.kept) for part in seen)
    counted = {
        "documents": sum(len(part.keys["documents"]) for part in seen),
        "paragraphs_kept": kept,
        "paragraphs_removed": sum(len(part.keys["paragraphs"]) for part in seen) - kept,
        "quarantined": store.scan("quarantine").select(pl.len()).collect().item(),
    }
    for name, count in counted.items():
        if run[name] != count:
            yield Fault("runs", "runs", place, f"says {name} = {run[name]}, and there are {count}")


def check_index(store: Store, parts: Sequence[int], seen: Sequence[Seen]) -> Iterator[Fault]:
    """index: each of its keys is of one class."""
    del parts
    yield from check_classes(store, np.unique(_join(part.classes for part in seen)))


CHECKS: Final[tuple[Callable[[Store, Sequence[int], Sequence[Seen]], Iterator[Fault]], ...]] = (
    check_keys,
    check_pointers,
    check_superseded,
    check_pairs,
    check_quarantine,
    check_runs,
    check_index,
)


def _join(arrays: Iterator[Hashes]) -> Hashes:
    """Arrays end to end."""
    return np.concatenate([np.empty(0, np.uint64), *arrays])
