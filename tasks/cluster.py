"""Shards on a Dask cluster that is there already: the same functions, on other machines.

Only paths and numbers go through the scheduler; data lies in RAW and CLEAN, which every worker has to have under
the same path. Every task looks whether its worker runs the same Decant and sees these folders, since one that
does not would quietly make another corpus.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tasks.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Result = TypeVar("Result")

SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://")
CONNECT_SECONDS = 30
"""For a scheduler, for its first worker, and for one that is lost: Dask's own default."""
RETRIES = 2
"""Times that a shard is tried again after an error, such as a network disk that stalls. A worker that dies costs
none of them: Dask gives its shards to others, and gives up on one that took three workers with it."""


@dataclass(frozen=True)
class Call(Generic[Item, Result]):
    """A function as it is sent to a worker, with the digest of the code that it should be."""

    function: Callable[[Item], Result]
    digest: str

    def __call__(self, item: Item) -> Result:
        """Call it, if this worker can.

        Raises:
            ClusterError: the worker runs another Decant, or does not see the folders.
        """
        if digest_code() != self.digest:
            raise ClusterError(
                "A worker runs another version of Decant. Install on all workers what you run here: "
                "pip install 'decant-corpus[cluster]'"
            )
        check_sight(item)
        return self.function(item)


def map_on_cluster(
    function: Callable[[Item], Result], shards: Sequence[Item], address: str
) -> Iterator[Result]:
    """Results of a function over shards, in the order of the shards.

    Args:
        function: importable by name, on every worker.
        shards: its arguments, picklable and small.
        address: of the scheduler, `tcp://host:8786`.

    Raises:
        ClusterError: the scheduler cannot be reached or was lost, has no workers, or one shard killed three.
    """
    if not shards:
        return
    from distributed import KilledWorker  # noqa: PLC0415 - an extra
    from distributed.comm.core import CommClosedError  # noqa: PLC0415

    client = connect(address)
    try:
        call = Call(function, digest_code())
        for future in client.map(call, shards, pure=False, retries=RETRIES):
            yield future.result()
            future.release()  # type: ignore[no-untyped-call]
    except (CancelledError, CommClosedError) as error:
        raise ClusterError(
            f"The scheduler at {address} was lost in mid-run. Nothing was committed; start it, and run again."
        ) from error
    except KilledWorker as error:
        raise ClusterError(
            f"Three workers died on the same work ({error.task}); the usual reason is too little memory. "
            "Nothing was committed; start workers with more memory and fewer threads, and run again."
        ) from error
    finally:
        client.close(timeout=1)  # type: ignore[no-untyped-call]


def connect(address: str) -> "Client":
    """A connection to the scheduler.

    Raises:
        ClusterError: `distributed` is not installed, no scheduler answers, or it has no worker.
    """
    try:
        import dask.config  # noqa: PLC0415 - an extra
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        raise ClusterError(
            f"--engine {address} needs Dask. Install it: pip install 'decant-corpus[cluster]'"
        ) from error
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"})
    try:
        client: Client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"No scheduler answers at {address}. Start one with: dask scheduler; and its address is --engine."
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        client.close(timeout=1)  # type: ignore[no-untyped-call]
        raise ClusterError(
            f"The scheduler at {address} has no workers. Start some with: dask worker {address} --nthreads 1"
        ) from error
    return client


def check_sight(item: Any) -> None:  # noqa: ANN401 - a task of any stage
    """Refuse to work where the folders of a task's job are not what they are for who sent it.

    Raises:
        ClusterError: this worker does not see them.
    """
    job = getattr(item, "job", None)
    if job is None:
        return
    inputs = getattr(item, "inputs", None)
    sees_raw = (
        not inputs or isinstance(job.raw, str) or any((job.raw / file.name).exists() for file in inputs)
    )
    if not (sees_raw and (job.scratch / "plan.json").exists()):
        raise ClusterError(
            f"A worker does not see {job.raw if not sees_raw else job.out}. RAW and CLEAN must lie on a disk that "
            "all workers have under the same path."
        )


@cache
def digest_code() -> str:
    """Of everything that decides what a worker does."""
    here = Path(__file__).parent
    files = sorted(file for file in here.rglob("*") if file.suffix in (".py", ".toml", ".json"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(here)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
