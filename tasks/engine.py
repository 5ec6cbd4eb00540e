"""The one seam between the program and the processors: `map_shards`."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from tasks.cluster import SCHEMES, map_on_cluster
from tasks.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


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
        UsageError: the engine is not known.
        ClusterError: the cluster cannot be reached, or was lost.
    """
    if engine.startswith(SCHEMES):
        yield from map_on_cluster(function, shards, engine)
        return
    if engine != "local":
        raise UsageError(
            f"--engine {engine} is not known. Use --engine local, or the address of a Dask scheduler: tcp://host:8786"
        )
    if workers == 1 or len(shards) < 2:
        yield from map(function, shards)
        return
    # Spawned, never forked: polars holds locks that a fork would copy in a locked state.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(shards)), context) as pool:
        try:
            yield from pool.map(function, shards)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
