"""Sweep: delete the files and log entries that no kept version needs.

A sweep that was begun is finished by the next command that writes: a mark is set before the commit that says
from which version on all is kept, and taken off when the rest is deleted.
"""

from pathlib import Path
from typing import NamedTuple

from deltalake import DeltaTable

from tasks.data_files import FILE_NAME, LOG_NAME
from tasks.locks import HIDDEN, as_store_error, hold_for_deleting
from tasks.schemas import RUNS
from tasks.store import Store, versions_of

WAIT_SECONDS = 60.0
"""How long readers may keep a sweep waiting; then it is left to the next command."""


class Swept(NamedTuple):
    """What a sweep deleted; `is_done` is False where readers kept it from deleting anything."""

    files: int
    deleted_bytes: int
    is_done: bool = True


def mark_sweep(store: Store) -> None:
    """From now on a sweep is due."""
    with as_store_error(store.root):
        _mark(store).touch()


def is_due(store: Store) -> bool:
    """Whether a sweep was begun and not finished."""
    return _mark(store).exists()


def _mark(store: Store) -> Path:
    return store.root / HIDDEN / "sweep"


def sweep(store: Store, wait_seconds: float | None = None) -> Swept:
    """Delete what no version since `kept_from` needs. Call with the lock held and the store recovered.

    Args:
        store: the corpus, as its last commit left it.
        wait_seconds: how long to wait for readers; WAIT_SECONDS by default.
    """
    patience = WAIT_SECONDS if wait_seconds is None else wait_seconds
    with as_store_error(store.root):
        needed, oldest = find_needed(store)
        with hold_for_deleting(store.root, patience) as is_alone:
            if not is_alone:
                return Swept(0, 0, is_done=False)
            deleted = 0
            surplus = [path for path in list_files(store) if path not in needed]
            for path in surplus:
                deleted += path.stat().st_size
                path.unlink()
            for table, version in oldest.items():
                trim_log(store.root / table, version)
        _mark(store).unlink(missing_ok=True)
        return Swept(len(surplus), deleted)


def find_needed(store: Store) -> tuple[set[Path], dict[str, int]]:
    """Files of all kept versions, and per table the oldest Delta version among them."""
    needed = {file.path for file in store.run_files()}
    oldest: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    for run in store.runs.iter_rows(named=True):
        if run["number"] < store.kept_from:
            continue
        for table, version in versions_of(run).items():
            oldest[table] = min(version, oldest.get(table, version))
            if (table, version) not in seen:
                seen.add((table, version))
                needed |= {file.path for file in store.files_at(table, version)}
    oldest[RUNS.name] = DeltaTable((store.root / RUNS.name).resolve().as_uri()).version()
    return needed, oldest


def list_files(store: Store) -> list[Path]:
    """Every data file that Decant wrote, needed or not."""
    return [path for path in store.root.glob("*/*.parquet") if FILE_NAME.fullmatch(path.name)]


def trim_log(table: Path, oldest: int) -> None:
    """Drop a table's log entries before a version; what they said of it goes into a checkpoint first."""
    entries = {path: LOG_NAME.fullmatch(path.name) for path in (table / "_delta_log").iterdir()}
    numbers = {path: int(match[1]) for path, match in entries.items() if match}
    earlier = [path for path, number in numbers.items() if number < oldest]
    if not earlier:
        return
    DeltaTable(table.resolve().as_uri(), version=oldest).create_checkpoint()
    # In order, so that what a kill leaves is a log without its beginning, which the checkpoint replaces.
    for path in sorted(earlier):
        path.unlink()
