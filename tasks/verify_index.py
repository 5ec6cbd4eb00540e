"""Verify the index: what the next run will take for granted of the paragraphs that it does not read again."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import xxhash

from tasks.faults import Fault, name_rows
from tasks.index import INDEX, PLACE
from tasks.schemas import MATCH_REASONS
from tasks.store import Store


def check_index(store: Store, part: int, paragraphs: pl.DataFrame) -> Iterator[Fault]:
    """index: it has every paragraph of a part that strip left, with the digest of its text.

    A corpus written before there was an index has none; its next run makes it.
    """
    if not store.files("index"):
        return
    index = INDEX.to_frame().select(*PLACE, "digest")
    if any(file.part == part for file in store.files("index")):
        index = store.scan("index", [part]).select(*PLACE, "digest").collect()
    left = paragraphs.filter((pl.col("verdict") == "kept") | pl.col("label").is_in(MATCH_REASONS))
    key = list(PLACE)
    yield from name_rows("index", "index", index.join(left, on=key, how="anti"), key, "is in no article")
    yield from name_rows(
        "index", "paragraphs", left.join(index, on=key, how="anti"), key, "is not in the index"
    )
    both = left.select(*key, "text").join(index, on=key)
    contents = both["text"].cast(pl.Binary).to_list()
    digests = pl.Series(map(xxhash.xxh3_64_digest, contents), dtype=INDEX["digest"])
    yield from name_rows("index", "index", both.filter(both["digest"] != digests), key, "is of another text")


def list_keys(store: Store, part: int) -> npt.NDArray[np.uint64]:
    """The keys of a part that are of a class, hashed."""
    wanted = pl.col("is_prose") & (pl.col("bands").bin.size() > 0)
    keys = store.scan("index", [part]).filter(wanted).select(pl.col("key").hash(0).unique())
    known = any(file.part == part for file in store.files("index"))
    return keys.collect().to_series().to_numpy() if known else np.empty(0, np.uint64)


def check_classes(store: Store, wanted: npt.NDArray[np.uint64]) -> Iterator[Fault]:
    """index: each of its keys, which are distinct and hashed, is of one class."""
    if not store.files("classes"):
        return
    classes = store.scan("classes").select(pl.col("key").hash(0)).collect().to_series().to_numpy()
    distinct = np.unique(classes)
    twice = len(classes) - len(distinct)
    lost, surplus = (
        len(np.setdiff1d(one, other, assume_unique=True))
        for one, other in ((wanted, distinct), (distinct, wanted))
    )
    if twice or lost or surplus:
        what = (
            f"{lost} keys of the index have no class, {surplus} classes no paragraph, {twice} are there twice"
        )
        yield Fault("index", "classes", "the whole table", what)
