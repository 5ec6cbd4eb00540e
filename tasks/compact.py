"""Compact: small files together, and away with what only old versions need."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl

from tasks.commit import list_schemas
from tasks.data_files import Change, DataFile
from tasks.errors import UsageError
from tasks.plan import TAIL_BYTES
from tasks.restore import describe_again
from tasks.schemas import TABLES
from tasks.store import WHOLE, Store, versions_of
from tasks.sweep import Swept, mark_sweep, sweep
from tasks.writing import hold

KEPT_VERSIONS = 7
"""Versions that stay by default: a week of nightly runs can be gone back over."""


class Compacted(NamedTuple):
    """What was done: parts that were merged, the oldest version kept, and what was deleted."""

    merged_parts: int
    kept_from: int
    swept: Swept


def compact(store: Store, keep_versions: int | None = None, keep_days: float | None = None) -> Compacted:
    """Merge small parts, and delete what no kept version needs.

    Whoever reads through `decant` meanwhile reads on undisturbed; another Delta reader does so as long as the
    version that it opened is kept.

    Args:
        store: the corpus.
        keep_versions: so many of the newest versions stay, the one that this makes included; KEPT_VERSIONS if
            neither is given.
        keep_days: versions that were in force in the last so many days stay as well.

    Raises:
        UsageError: a number makes no sense.
        StoreError: there is no corpus, or it cannot be written.
    """
    if (keep_versions is not None and keep_versions < 1) or (keep_days is not None and keep_days < 0):
        raise UsageError("--keep-versions is 1 or more, --keep-days is 0 or more.")
    started_at = datetime.now(UTC)
    store.require_corpus()
    with hold(store):
        number = store.run_number + 1
        before = store.last_run
        assert before is not None
        groups = list(group_parts(store))
        changes = merge_parts(store, groups, number)
        kept_from = find_oldest(store, keep_versions, keep_days, number if changes else store.run_number)
        if changes or frees_files(store, kept_from):
            mark_sweep(store)
            row = describe_again(before, "compact", number, started_at) | {"kept_from": kept_from}
            store.commit(changes, row, list_schemas())
        return Compacted(sum(map(len, groups)), store.kept_from, sweep(store))


def find_oldest(store: Store, keep_versions: int | None, keep_days: float | None, newest: int) -> int:
    """The oldest version to keep: the earlier of what the two numbers ask for.

    A compaction holds what the version before it held, so the two count as one.
    """
    if keep_versions is None and keep_days is None:
        keep_versions = KEPT_VERSIONS
    asked = []
    if keep_versions is not None:
        is_replaced = (pl.col("command") == "compact").shift(-1).fill_null(value=newest > store.run_number)
        states = [*store.runs.filter(~is_replaced)["number"], *range(store.run_number + 1, newest + 1)]
        asked.append(states[-keep_versions] if keep_versions <= len(states) else 1)
    if keep_days is not None:
        limit = datetime.now(UTC) - timedelta(days=keep_days)
        ended = store.runs.filter(pl.col("ended_at") <= limit)["number"]
        asked.append(int(str(ended.max())) if len(ended) else 1)
    return max(store.kept_from, min(asked))


def frees_files(store: Store, kept_from: int) -> bool:
    """Whether any version before a kept one holds something else than it."""
    given_up = store.runs.filter(pl.col("number").is_between(store.kept_from, kept_from, closed="left"))
    return any(
        versions_of(run) != versions_of(store.find_run(kept_from)) for run in given_up.iter_rows(named=True)
    )


def group_parts(store: Store) -> Iterator[list[int]]:
    """Neighbouring parts that are small enough to be one, at least two together."""
    sizes = {file.part: 0 for file in store.files("sources")}
    sizes |= {file.part: file.path.stat().st_size for file in store.files("paragraphs")}
    group: list[int] = []
    total = 0
    for part, size in sorted(sizes.items()):
        if group and total + size > TAIL_BYTES:
            if len(group) > 1:
                yield group
            group, total = [], 0
        group.append(part)
        total += size
    if len(group) > 1:
        yield group


def merge_parts(store: Store, groups: list[list[int]], number: int) -> dict[str, Change]:
    """Every table that is cut into parts gets one file for each group."""
    changes: dict[str, Change] = {}
    for table in store.versions() if groups else ():
        for group in groups:
            files = [file for file in store.files(table) if file.part in group and file.part != WHOLE]
            if {file.part for file in files} <= {group[0]}:
                continue
            merged = store.write_file(read_together(store, table, files), table, group[0], number)
            change = changes.setdefault(table, Change())
            change.removed += files
            change.added.append(merged)
    return changes


def read_together(store: Store, table: str, files: list[DataFile]) -> pl.DataFrame:
    """The rows of some files, in the order of the table's key where it has one."""
    rows = store.scan(table, [file.part for file in files]).collect()
    return rows.sort(TABLES[table].key) if table in TABLES else rows
