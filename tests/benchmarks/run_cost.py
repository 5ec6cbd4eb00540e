"""What a run costs: CPU seconds, disk at its peak, memory of all its processes, per MB of input.

    python tests/benchmarks/run_cost.py RAW CLEAN [--workers N] [--memory GB] ...

RAW has to be plain files, and CLEAN a folder that is not there yet. The constants of tasks/disk.py and tasks/memory.py
come from here.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

LOOK_SECONDS: Final = 0.2
DISK_SHARE: Final = 0.05
"""Of the time at most goes into walking CLEAN, which has thousands of files in a large run."""


class Cost(NamedTuple):
    """What a command took.

    Attributes:
        exit: Its exit code.
        said: What it printed.
        cpu_seconds: User and system, its workers included.
        memory_bytes: The largest sum of proportional shares (PSS; resident where the system has no shares) over its
            processes, seen five times a second.
        largest_bytes: The largest of one process.
        disk_bytes: The most that a folder held.
    """

    exit: int
    said: str
    cpu_seconds: float
    memory_bytes: int
    largest_bytes: int
    disk_bytes: int

    def tell(self, raw_bytes: int) -> dict[str, Any]:
        """The figures, in MB and per byte of input."""
        return {
            "exit": self.exit,
            "raw_mb": round(raw_bytes / 1e6, 1),
            "cpu_seconds": round(self.cpu_seconds, 1),
            "memory_peak_mb": round(self.memory_bytes / 1e6),
            "largest_process_mb": round(self.largest_bytes / 1e6),
            "disk_peak_mb": round(self.disk_bytes / 1e6, 1),
            "disk_peak_per_raw": round(self.disk_bytes / raw_bytes, 2),
        }


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:  # gone since it was listed
            continue
    return total


def list_memory(process: psutil.Process) -> list[int]:
    """Bytes of a process and of each that it started: what pages they share is parted among them."""
    found = []
    for one in [process, *process.children(recursive=True)]:
        try:
            told = one.memory_full_info()
        except psutil.Error:
            continue
        found.append(getattr(told, "pss", 0) or told.rss)
    return found


def watch(command: Sequence[str], out: Path) -> Cost:
    """Run a command and look on.

    Args:
        command: what to run.
        out: the folder whose size is watched.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process = psutil.Process(done.pid)
    disk = memory = largest = 0
    next_walk = 0.0
    while done.poll() is None:
        started = time.monotonic()
        if started >= next_walk:
            disk = max(disk, size_of(out))
            walked = time.monotonic()
            next_walk = walked + max(LOOK_SECONDS, (walked - started) / DISK_SHARE)
        try:
            sizes = list_memory(process)
        except psutil.Error:
            break
        memory, largest = max(memory, sum(sizes)), max(largest, *sizes, 0)
        time.sleep(LOOK_SECONDS)
    said = done.communicate()[0]  # a run says a few lines, which a pipe holds until here
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(done.returncode, said, spent, memory, largest, disk)


def list_command(raw: Path, out: Path, options: Sequence[str]) -> list[str]:
    """The command of a run."""
    return [sys.executable, "-m", "flows", "run", str(raw), "--out", str(out), *options]


def main() -> None:
    """Run, look on, and print one JSON object."""
    raw, out = map(Path, sys.argv[1:3])
    cost = watch(list_command(raw, out, sys.argv[3:]), out)
    told = cost.tell(size_of(raw)) | {"corpus_mb": round(size_of(out) / 1e6, 1)}
    print(json.dumps(told))  # noqa: T201 - a script


if __name__ == "__main__":
    main()
