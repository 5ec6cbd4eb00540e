"""Disk: what a run will need, and whether it is there."""

import logging
import shutil

from tasks.errors import StoreError
from tasks.job import Job
from tasks.plan import Plan
from tasks.read.packing import split_suffixes

GROWTH = 7.0
"""Bytes in CLEAN at the peak of a first run, per byte of plain input: 6.7 were measured by
tests/benchmarks/run_cost.py on 40 MB of Vietnamese news as JSONL, of which 2.0 stay."""
UNPACKING = 4.0
"""How much larger text is than its packed file: 3.2 (gzip), 3.4 (zstandard) and 3.3 (Parquet) were measured on 20 MB of
Vietnamese news as JSONL."""
TOLD_BYTES = 10**9
"""A run that needs less is not worth a line."""


def estimate_bytes(plan: Plan, stored_bytes: int) -> int:
    """What CLEAN may grow by while the run goes on.

    Args:
        plan: what has to be read, or done again.
        stored_bytes: the tables as they are; redone, they stand twice until the commit.
    """
    plain = sum(file.source_bytes * (UNPACKING if is_packed(file.name) else 1.0) for file in plan.read)
    return int(plain * GROWTH) + (stored_bytes if plan.redo else 0)


def is_packed(name: str) -> bool:
    """Whether a file holds more text than it has bytes.

    >>> is_packed("a.jsonl"), is_packed("a.tar.gz"), is_packed("a.parquet")
    (False, True, True)
    """
    packing, kind = split_suffixes(name)
    return bool(packing) or kind in (".parquet", ".zip")


def check_disk(job: Job, plan: Plan, stored_bytes: int) -> int:
    """Tell how much disk a large run needs; returns the estimate, in bytes.

    Raises:
        StoreError: there is less.
    """
    needed = estimate_bytes(plan, stored_bytes)
    free = shutil.disk_usage(job.out).free
    if needed > free:
        raise StoreError(
            f"This run needs about {needed / 1e9:.1f} GB in {job.out}, and {free / 1e9:.1f} GB are free. "
            "Free some, name another --out, or run on a part of RAW first. Nothing has changed."
        )
    if needed > TOLD_BYTES:
        logging.getLogger("decant").warning(
            "This run needs about %.1f GB in %s for a while; %.1f GB are free.",
            needed / 1e9,
            job.out,
            free / 1e9,
        )
    return needed
