"""What a run costs: disk at its peak, memory of all its processes, per MB of input.

    python tests/benchmarks/run_cost.py RAW CLEAN [--workers N] [--memory GB] ...

RAW has to be plain files, and CLEAN a folder that is not there yet. The constants of tasks/disk.py and tasks/memory.py
come from here.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:  # gone since it was listed
            continue
    return total


def memory_of(process: psutil.Process) -> int:
    """Resident bytes of a process and those that it started."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total


def main() -> None:
    """Run, look on, and print one JSON object."""
    raw, out, *rest = sys.argv[1:]
    command = [sys.executable, "-m", "flows", "run", raw, "--out", out, *rest]
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    process = psutil.Process(done.pid)
    disk = memory = 0
    while done.poll() is None:
        disk = max(disk, size_of(Path(out)))
        try:
            memory = max(memory, memory_of(process))
        except psutil.Error:
            break
        time.sleep(0.2)
    raw_bytes = size_of(Path(raw))
    print(  # noqa: T201 - a script
        json.dumps(
            {
                "exit": done.wait(),
                "raw_mb": round(raw_bytes / 1e6, 1),
                "disk_peak_mb": round(disk / 1e6, 1),
                "disk_peak_per_raw": round(disk / raw_bytes, 2),
                "corpus_mb": round(size_of(Path(out)) / 1e6, 1),
                "memory_peak_mb": round(memory / 1e6),
            }
        )
    )


if __name__ == "__main__":
    main()
