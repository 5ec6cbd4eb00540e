"""Memory: how many processes, and how large an index, fit in what a run may take."""

import dataclasses

from tasks.errors import UsageError
from tasks.job import Job

PARENT_MB = 1_200
"""Of the process that the others work for, or that works alone, without the index. tests/benchmarks/run_cost.py saw, on
123 MB of Vietnamese news as JSONL, 1,181 MB for one process with an index of 100 MB, and 1,492 MB for it and two workers
together. Of a corpus of more than some three million paragraphs it takes more: 120 bytes for each
(tests/benchmarks/scale.py saw 1,636 MB at ten million), and how many there are is not known when a run begins."""
WORKER_MB = 900
"""Of a process that works on a shard of 16 MiB of text: 600 were seen on 40 MB of the same, and half as much to spare."""
MIN_INDEX_MB = 32
MAX_INDEX_MB = 512
"""Less makes many rounds, more makes none faster (`match.max_index_mb`)."""


def fit_memory(job: Job, memory_mb: int) -> Job:
    """The job with as many workers and as large an index as fit in the memory; what comes out is the same.

    Args:
        job: as it was asked for; its workers are the most there may be.
        memory_mb: for all processes together, MB.

    Raises:
        UsageError: nothing runs in so little.

    >>> from pathlib import Path
    >>> fit_memory(Job(Path("raw"), Path("clean"), workers=8), 4000).workers
    3
    """
    left = memory_mb - PARENT_MB - MIN_INDEX_MB
    if left < 0:
        raise UsageError(
            f"--memory {memory_mb / 1000:g} is too little. A run takes {(PARENT_MB + MIN_INDEX_MB) / 1000:g} GB or more."
        )
    # One worker works in the parent itself, so that the second is the first that costs.
    others = min(job.workers, left // WORKER_MB) if left >= 2 * WORKER_MB else 0
    index_mb = min(MAX_INDEX_MB, MIN_INDEX_MB + left - others * WORKER_MB)
    return dataclasses.replace(job, workers=max(1, others), index_mb=index_mb)
