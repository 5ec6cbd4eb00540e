"""Feed: what changed in a table between two versions of the corpus, row by row."""

from collections.abc import Sequence

import polars as pl

from tasks.data_files import DataFile
from tasks.errors import StoreError, UsageError
from tasks.export import find_table
from tasks.schemas import Table
from tasks.store import Store


def read_changes(store: Store, name: str, before: int, after: int) -> pl.DataFrame:
    """Rows that were added, removed or changed; costs as much as the files that changed are large.

    Args:
        store: the corpus.
        name: of a table.
        before: number of a run, 0 for the empty corpus before the first.
        after: number of a later run.

    Returns:
        The columns of the table after `change` (added, removed or changed), by its key: of a removed row as it
        was, of the others as they are. A row that only another run wrote, with nothing else different, is none.

    Raises:
        UsageError: there is no such table, it is `runs`, or the versions are not in order.
        StoreError: there was no such run, or its files are no longer there.
    """
    table = find_table(name)
    if name == "runs":
        raise UsageError("Runs are never changed. Take them with: decant export runs")
    store.require_corpus()
    if before > after:
        raise UsageError(f"Version {before} is later than {after}. Name the earlier one first.")
    old_files = store.files_of_run(name, before) if before else []
    new_files = store.files_of_run(name, after)
    old = _read(table, [file for file in old_files if file not in new_files])
    new = _read(table, [file for file in new_files if file not in old_files])
    return compare(old, new, table)


def _read(table: Table, files: Sequence[DataFile]) -> pl.DataFrame:
    missing = [file.path for file in files if not file.path.exists()]
    if missing:
        raise StoreError(
            f"{missing[0]} is no longer there: that version was compacted away. Name a later one."
        )
    frames = [pl.read_parquet(file.path, glob=False) for file in files]
    return pl.concat([table.schema.to_frame(), *frames], how="diagonal_relaxed").select(table.schema.names())


def compare(old: pl.DataFrame, new: pl.DataFrame, table: Table) -> pl.DataFrame:
    """What makes the one table into the other."""
    key = list(table.key)
    others = [name for name in table.schema if name not in (*key, "run_id")]
    both = new.join(old, on=key, how="inner", suffix="_old", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in others)
    parts = {
        "added": new.join(old, on=key, how="anti"),
        "removed": old.join(new, on=key, how="anti"),
        "changed": both.filter(differs).select(new.columns),
    }
    return pl.concat(
        rows.select(pl.lit(change).alias("change"), *table.schema.names()) for change, rows in parts.items()
    ).sort(*key, "change")
