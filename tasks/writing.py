"""Writing: hold the corpus alone, with what a dead command left taken back or brought to its end."""

import contextlib
from collections.abc import Iterator

from tasks.store import Store
from tasks.sweep import is_due, sweep


@contextlib.contextmanager
def hold(store: Store) -> Iterator[None]:
    """One writer at a time; inside, the store is what its last commit says.

    Raises:
        StoreError: another process writes, or the folder cannot be written.
    """
    with store.lock():
        store.recover()
        if is_due(store):
            sweep(store, wait_seconds=0)
        yield
