"""CPU seconds of every stage of a run, and megabytes of input to one of them.

    python tests/benchmarks/run_speed.py RAW [--workers N] [--no-match]

The corpus goes to a temporary folder. CPU time of this process and of its ended workers: those of all stages
are in the total, since they end with the run. `--no-match` lets no paragraph be long enough to be compared,
which leaves the cost of all other steps.
"""

import argparse
import resource
import tempfile
from pathlib import Path

from tasks.job import Job, Settings
from tasks.match import MatchOptions
from tasks.stages import Counts, Progress, Stage, run

NOTHING = MatchOptions(min_words=10**6, min_chars=10**8)


def spent(who: int) -> float:
    """CPU seconds so far."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def call(stage: Stage, job: Job, progress: Progress) -> Counts:
    """Run a stage and print what this process spent on it."""
    before = spent(resource.RUSAGE_SELF)
    counts = stage(job, progress)
    print(f"{stage.__name__:<7} {spent(resource.RUSAGE_SELF) - before:8.2f} s here")  # noqa: T201 (a command)
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
