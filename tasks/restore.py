"""Restore: what an earlier version committed is in force again, as a new version; nothing is destroyed."""

from datetime import UTC, datetime

from tasks.commit import list_schemas
from tasks.data_files import Change, DataFile
from tasks.job import make_run_id
from tasks.store import Row, Store
from tasks.writing import hold


def restore(store: Store, number: int) -> Row:
    """Go back to a version; returns the row of `runs` that says so.

    The next `decant run` holds RAW against what is in force then, and does again what differs.

    Args:
        store: the corpus.
        number: of the version, as `decant history` lists it.

    Raises:
        StoreError: there is no such version any more, or the corpus cannot be written.
    """
    started_at = datetime.now(UTC)
    store.find_run(number)
    with hold(store):
        before = store.find_run(number)
        wanted = store.files_of(before)
        changes = {
            table: exchange(store, table, wanted.get(table, []))
            for table in sorted({*wanted, *store.versions()})
        }
        row = describe_again(before, "restore", store.run_number + 1, started_at) | {
            "restored": number,
            "kept_from": store.kept_from,
        }
        store.commit(changes, row, list_schemas())
        last = store.last_run
        assert last is not None
        return last


def exchange(store: Store, table: str, wanted: list[DataFile]) -> Change:
    """What has to come and go for a table to hold these files."""
    present = store.files(table)
    return Change(
        [file for file in wanted if file not in present], [file for file in present if file not in wanted]
    )


def describe_again(run: Row, command: str, number: int, started_at: datetime) -> Row:
    """A row of `runs` for a commit that read nothing and holds what an earlier one held."""
    return run | {
        "run_id": make_run_id(number, started_at),
        "number": number,
        "command": command,
        "started_at": started_at,
        "ended_at": datetime.now(UTC),
        "inputs_new": 0,
        "inputs_changed": 0,
        "inputs_gone": 0,
        "restored": None,
    }
