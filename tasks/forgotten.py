"""Forgotten: what must not be read again, known by its hash alone."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from tasks.read import Problem
from tasks.store import Store

FORGOTTEN = "forgotten"
"""Name of the table; nobody's reading, since a hash says nothing."""

SCHEMA = pl.Schema({"key": pl.String(), "run_id": pl.String()})

SENTENCE = "This was forgotten on request and is not read again. Delete it in RAW."


class Forgetting(NamedTuple):
    """What a `forget` takes out: documents of the corpus, the keys by which they stay out, and where they stood.

    `places` are source paths and records: what was said of them elsewhere, such as marks, goes as well.
    """

    document_ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()


def make_file_key(source_path: str) -> str:
    """Key of a whole file.

    >>> make_file_key("a.txt") == make_document_key("a.txt")
    False
    """
    return hashlib.sha256(f"file\0{source_path}".encode()).hexdigest()


def make_document_key(document_id: str) -> str:
    """Key of one document of a file."""
    return hashlib.sha256(f"document\0{document_id}".encode()).hexdigest()


def load_forgotten(store: Store) -> frozenset[str]:
    """All keys."""
    if not store.files(FORGOTTEN):
        return frozenset()
    return frozenset(store.scan(FORGOTTEN).collect()["key"])


def leave_out(records: pl.DataFrame, forgotten: frozenset[str]) -> tuple[pl.DataFrame, list[Problem]]:
    """The records that may be read, and a problem without any text for each of the others."""
    if not forgotten or records.is_empty():
        return records, []
    places = records.select("document_id", *Problem._fields[:2], *Problem._fields[3:]).rows()
    stays = [
        make_document_key(document) not in forgotten and make_file_key(path) not in forgotten
        for document, path, *_ in places
    ]
    told = [
        Problem(path, number, SENTENCE, *of_file)
        for (_, path, number, *of_file), keep in zip(places, stays, strict=True)
        if not keep
    ]
    return records.filter(pl.Series(stays, dtype=pl.Boolean)), told


def make_problem(source_path: str) -> Problem:
    """The row of quarantine that stands for a file that is forgotten."""
    return Problem(source_path, 0, SENTENCE)


def add_keys(store: Store, keys: Iterable[str], run_id: str) -> pl.DataFrame:
    """The table with some more keys."""
    old = store.scan(FORGOTTEN).collect() if store.files(FORGOTTEN) else SCHEMA.to_frame()
    new = pl.DataFrame({"key": list(keys)}, schema={"key": pl.String}).with_columns(run_id=pl.lit(run_id))
    return pl.concat([old, new]).unique("key", keep="first").sort("key")
