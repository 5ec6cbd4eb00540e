"""Who may touch CLEAN now, and what its disk says, as sentences.

One process writes at a time. Readers hold a lock that they share, so that nothing is deleted while they read;
both locks are released by the system, whatever happens to the process.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

import polars as pl
from deltalake.exceptions import DeltaError, TableNotFoundError

from tasks.errors import StoreError

HIDDEN = ".decant"
OF_A_FILE = ("os error", "IO error", "parquet:")
"""What polars says of a file that cannot be read or written, where other errors are bugs."""
POLL_SECONDS = 0.05


@contextlib.contextmanager
def hold_for_writing(root: Path) -> Iterator[None]:
    """Hold CLEAN for one writer.

    Raises:
        StoreError: another run holds it, or the folder cannot be written.
    """
    with as_store_error(root):
        (root / HIDDEN).mkdir(parents=True, exist_ok=True)
        opened = (root / HIDDEN / "lock").open("a+")
    with opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            opened.seek(0)
            holder = opened.read().strip() or "another process"
            raise StoreError(
                f"{root} is being written by {holder}. Wait until it is done, then run again."
            ) from error
        with as_store_error(root):
            opened.truncate(0)
            opened.write(f"process {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}")
            opened.flush()
        yield


@contextlib.contextmanager
def hold_for_reading(root: Path) -> Iterator[None]:
    """While this is held, no file of the corpus is deleted.

    Waits while files are being deleted. Does nothing where CLEAN cannot be written or is not there: who may
    only read cannot make the locks, and nobody has deleted anything yet where they are missing.
    """
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            readers = held.enter_context(_open_lock(root, "readers"))
            with _open_lock(root, "gate") as gate:
                fcntl.flock(gate, fcntl.LOCK_SH)
                fcntl.flock(readers, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def hold_for_deleting(root: Path, wait_seconds: float) -> Iterator[bool]:
    """Wait until nobody reads, and keep who comes meanwhile waiting; False if some read on for too long."""
    with _open_lock(root, "gate") as gate, _open_lock(root, "readers") as readers:
        # Behind the gate new readers queue up; without it a stream of them would never let anybody delete.
        fcntl.flock(gate, fcntl.LOCK_EX)
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(readers, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > until:
                    break
                time.sleep(POLL_SECONDS)
            else:
                yield True
                return
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield False


def _open_lock(root: Path, name: str) -> TextIOWrapper:
    """The file of a lock, made if need be; to lock it, it is enough that it can be read."""
    place = root / HIDDEN / name
    return place.open("r" if place.exists() else "a")


@contextlib.contextmanager
def as_store_error(root: Path) -> Iterator[None]:
    """Turn what the disk or Delta says into a sentence; anything else is a bug and passes."""
    try:
        yield
    except (OSError, DeltaError, TableNotFoundError, pl.exceptions.ComputeError) as error:
        if isinstance(error, pl.exceptions.ComputeError) and not any(
            sign in str(error) for sign in OF_A_FILE
        ):
            raise
        first_line = str(error).strip().split("\n")[0]
        raise StoreError(
            f"The corpus in {root} cannot be read or written: {first_line}. "
            "Check the disk's free space and the folder's permissions; nothing that was committed has changed."
        ) from error
