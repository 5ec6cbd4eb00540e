"""A Dask cluster of processes on this machine, with workers that have nothing but the wheel."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from small_corpus import assert_same_tables, read_tables, write_raw

from tasks import plan
from tasks.engine import map_shards
from tasks.errors import ClusterError
from tasks.job import Job
from tasks.stages import run
from tasks.store import Store
from tasks.verify import verify

ROOT = Path(__file__).parent.parent.parent


class Cluster(NamedTuple):
    """Its processes."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user installs, unpacked: the files of the repository, built in a folder of their own."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "tasks", "flows", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\n")):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, source]
    built = subprocess.run(command, check=False, capture_output=True)
    # Building needs setuptools from the index; without it, the workers take the repository's own files.
    return target if built.returncode == 0 else ROOT


@pytest.fixture
def cluster(wheel: Path, tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler and three workers, each a process."""
    folder = tmp_path / "dask"
    folder.mkdir()
    environment = os.environ | {"PYTHONPATH": str(wheel), "DASK_TEMPORARY_DIRECTORY": str(folder)}
    file = folder / "scheduler.json"
    quiet = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [
            *dask,
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            file,
        ],
        **quiet,  # type: ignore[call-overload]
    )
    workers = [
        subprocess.Popen(
            [*dask, "worker", "--scheduler-file", file, "--nthreads", "1", "--no-nanny", "--no-dashboard"],
            **quiet,  # type: ignore[call-overload]
        )
        for _ in range(3)
    ]
    try:
        yield Cluster(wait_for(file), scheduler, workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def wait_for(file: Path) -> str:
    """The address that the scheduler writes down, once all workers are there."""
    from distributed import Client

    end = time.monotonic() + 60
    while not file.exists() or not file.read_text("utf-8").strip():
        assert time.monotonic() < end, "the scheduler does not start"
        time.sleep(0.1)
    address = str(json.loads(file.read_text("utf-8"))["address"])
    with Client(address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=60)
    return address


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every file is a shard of its own."""
    monkeypatch.setattr(plan, "UNIT_BYTES", 1)
    return write_raw(tmp_path / "raw")


def test_a_cluster_makes_the_same_corpus_though_a_worker_dies(
    cluster: Cluster, raw: Path, tmp_path: Path
) -> None:
    killed = []

    def kill_one(stage: str, done: int, total: int) -> None:
        if stage == "repair" and done == 1 and not killed:
            assert total > 3
            cluster.workers[0].send_signal(signal.SIGKILL)
            killed.append(cluster.workers[0].pid)

    run(Job(raw, tmp_path / "here"))
    run(Job(raw, tmp_path / "there", engine=cluster.address), kill_one)
    assert killed
    assert_same_tables(read_tables(tmp_path / "there"), read_tables(tmp_path / "here"))
    assert not list(verify(Store(tmp_path / "there")))


def test_a_lost_scheduler_ends_in_a_sentence_and_nothing_is_committed(
    cluster: Cluster, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.cluster.CONNECT_SECONDS", 3)

    def kill(stage: str, done: int, _: int) -> None:
        if stage == "repair" and done == 1:
            cluster.scheduler.kill()

    with pytest.raises(ClusterError, match=r"was lost|No scheduler answers"):
        run(Job(raw, tmp_path / "out", engine=cluster.address), kill)
    assert Store(tmp_path / "out").last_run is None
    assert run(Job(raw, tmp_path / "out")).run["number"] == 1


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match="No scheduler answers"):
        list(map_shards(abs, [1, 2], 1, "tcp://127.0.0.1:9"))


def test_the_walk_to_a_cluster_is_walked(raw: Path, tmp_path: Path) -> None:
    """The commands of flows/CLUSTER.md, as they stand there but for the port."""
    block = re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "flows/CLUSTER.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "set -e\ntrap 'kill $(jobs -p)' EXIT\n" + "".join(block).replace("8786", port)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "is whole" in done.stdout
    run(Job(raw, tmp_path / "here"))
    assert_same_tables(read_tables(tmp_path / "clean"), read_tables(tmp_path / "here"))
