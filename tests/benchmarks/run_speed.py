"""CPU seconds of every stage of a run, and megabytes of input to one of them.

    python tests/benchmarks/run_speed.py RAW [--workers N] [--no-match]

The corpus goes to a temporary folder. Printed are the CPU seconds of this process, which no worker can take over, and
those of its workers, and the memory of this process at its highest so far. `--no-match` lets no paragraph be long enough to be compared,
which leaves the cost of all other steps.
"""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

import psutil

from tasks.job import Job, Settings
from tasks.match import MatchOptions
from tasks.stages import Counts, Progress, Stage, run

NOTHING = MatchOptions(min_words=10**6, min_chars=10**8)


def spent(who: int) -> float:
    """CPU seconds so far."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def spent_by_workers() -> float:
    """CPU seconds so far of processes that this one started, ended ones included."""
    running = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        running += times.user + times.system
    return running + spent(resource.RUSAGE_CHILDREN)


def call(stage: Stage, job: Job, progress: Progress) -> Counts:
    """Run a stage and print what it took."""
    before = spent(resource.RUSAGE_SELF), spent_by_workers()
    counts = stage(job, progress)
    here, there = spent(resource.RUSAGE_SELF) - before[0], spent_by_workers() - before[1]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    told = f"{stage.__name__:<7} {here:8.2f} s here {there:8.2f} s in workers {memory:6.2f} GB here\n"
    sys.stdout.write(told)
    sys.stdout.flush()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("raw", type=Path, metavar="RAW")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-match", action="store_true")
    options = parser.parse_args()
    settings = Settings(match=NOTHING) if options.no_match else Settings()
    size = sum(file.stat().st_size for file in options.raw.rglob("*") if file.is_file()) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        run(Job(options.raw, Path(folder) / "clean", settings, options.workers), call=call)
    total = spent(resource.RUSAGE_SELF) + spent(resource.RUSAGE_CHILDREN)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"total   {total:8.2f} s, {size / total:.1f} MB a CPU second, {memory:.2f} GB at most here")  # noqa: T201


if __name__ == "__main__":
    main()
