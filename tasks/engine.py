"""The one seam between the program and the processors: `map_shards`."""

import contextlib
import multiprocessing
import os
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from tasks.cluster import SCHEMES, map_on_cluster
from tasks.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")

_kept: list[dict[int, ProcessPoolExecutor]] = []
"""The processes of the run that is going on, by their number."""


def map_shards(
    function: Callable[[Item], Result], shards: Sequence[Item], workers: int, engine: str = "local"
) -> Iterator[Result]:
    """Results of a function over shards, in the order of the shards.

    Args:
        function: importable by name, since a worker imports it.
        shards: its arguments, picklable and small: paths and numbers rather than tables.
        workers: processes at most; 1, or a single shard, runs right here.
        engine: `local`, or the address of a Dask scheduler; then `workers` are those that it has.

    Raises:
        UsageError: as `check_engine`.
        ClusterError: the cluster cannot be reached, or was lost.
    """
    check_engine(engine)
    if engine.startswith(SCHEMES):
        yield from map_on_cluster(function, shards, engine)
        return
    if workers == 1 or len(shards) < 2:
        yield from map(function, shards)
        return
    with keep_workers():
        yield from _get_pool(workers).map(function, shards)


def wake(function: Callable[[], None], workers: int, engine: str = "local") -> None:
    """Let the workers start while this process goes on with what it does alone; elsewhere they wait already.

    Args:
        function: what each calls, to load what it will need; importable by name.
        workers: as for `map_shards`, and nothing is done within no `keep_workers`.
        engine: as for `map_shards`.
    """
    if _kept and workers > 1 and engine == "local":
        for _ in range(workers):
            _get_pool(workers).submit(function)


def check_engine(engine: str) -> None:
    """Refuse what names no engine. Dask itself would wait for ever for a scheduler without a port.

    Raises:
        UsageError: it is neither `local` nor the address of a scheduler, host and port.
    """
    if engine == "local":
        return
    if not engine.startswith(SCHEMES):
        raise UsageError(
            f"--engine {engine} is not known. Use --engine local, or the address of a Dask scheduler: tcp://host:8786"
        )
    address = urllib.parse.urlsplit(engine)
    try:
        is_whole = bool(address.hostname and address.port)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise UsageError(
            f"--engine {engine} is no address of a Dask scheduler: it needs a host and a port. The scheduler prints its "
            "own when it starts, such as tcp://host:8786"
        )


@contextlib.contextmanager
def keep_workers() -> Iterator[None]:
    """Let every `map_shards` within share its processes, which take a second each to start."""
    if _kept:
        yield
        return
    _kept.append({})
    try:
        yield
    finally:
        for pool in _kept.pop().values():
            pool.shutdown(cancel_futures=True)


def _get_pool(workers: int) -> ProcessPoolExecutor:
    """The processes of this run, started where they are not there yet."""
    pools = _kept[-1]
    if workers not in pools:
        pools[workers] = _start(workers)
    return pools[workers]


def _start(workers: int) -> ProcessPoolExecutor:
    """Processes, begun when there is work for them."""
    # Spawned, never forked: polars holds locks that a fork would copy in a locked state.
    context = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // workers)
    return ProcessPoolExecutor(workers, context, initializer=_limit_threads, initargs=(threads,))


def _limit_threads(threads: int) -> None:
    """Share the cores among the processes; polars reads this when it is imported, which is after."""
    os.environ.setdefault("POLARS_MAX_THREADS", str(threads))
