"""Forget: a file or a document leaves the corpus and its history, and is not read again.

What leaned on it is decided again, as when a file is gone; then every older version is given up, since it held
what has to go, and its files and log entries are deleted. What stays is a hash.
"""

import dataclasses
from pathlib import Path

import polars as pl

from tasks.errors import UsageError
from tasks.explain import explain_absence
from tasks.forgotten import Forgetting, make_document_key, make_file_key
from tasks.job import Job, Settings
from tasks.marks import drop_forgotten
from tasks.read import name_file
from tasks.stages import Outcome, Progress, run
from tasks.store import Store
from tasks.sweep import Swept, sweep


def forget(
    out: Path, source: str, settings: Settings, workers: int = 1, progress: Progress | None = None
) -> tuple[Outcome, Swept]:
    """Take a source out of the corpus for good.

    RAW is neither read nor changed. A kill leaves the corpus as it was, or without the source; what is left to
    delete then is deleted by the next command that writes.

    Args:
        out: the corpus.
        source: a source path as in RAW, for all its documents and whatever it holds later, or a document id.
        settings: those of the last run, so that nothing else is decided anew; marks on the source are dropped.
        workers: processes at most.
        progress: told the stage, the shards done and the shards in all.

    Raises:
        UsageError: the corpus knows no such source.
        StoreError: there is no corpus, or it cannot be written.
    """
    store = Store(out)
    store.require_corpus()
    forgetting = find_forgetting(store, source)
    settings = dataclasses.replace(settings, marks=drop_forgotten(settings.marks, forgetting))
    job = Job(out, out, settings, workers, forgetting=forgetting)
    outcome = run(job, progress)
    with store.lock():
        store.recover()
        return outcome, sweep(store)


def find_forgetting(store: Store, source: str) -> Forgetting:
    """The documents that a source names, and the keys that keep them out.

    Raises:
        UsageError: there are none.
    """
    rows = store.scan("sources").select("source_path", "source_record", "document_id").collect()
    of_file = rows.filter((pl.col("source_path") == source) | (name_file() == source))
    in_quarantine = store.scan("quarantine").select("source_path").collect()["source_path"]
    is_file = not of_file.is_empty() or source in in_quarantine
    found = of_file if is_file else rows.filter(pl.col("document_id") == source)
    if is_file or not found.is_empty():
        documents = found["document_id"].to_list()
        keys = [make_file_key(source)] if is_file else []
        places = found.select("source_path", "source_record").rows()
        return Forgetting(tuple(documents), (*keys, *map(make_document_key, documents)), tuple(places))
    raise UsageError(explain_absence(store, source))
