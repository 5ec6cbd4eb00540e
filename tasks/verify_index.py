"""Verify the index: what the next run will take for granted of the paragraphs that it does not read again."""

from collections.abc import Iterator

import polars as pl
import xxhash

from tasks.faults import Fault, name_rows
from tasks.index import INDEX, PLACE
from tasks.schemas import MATCH_REASONS
from tasks.store import Store


def check_index(store: Store, paragraphs: pl.DataFrame) -> Iterator[Fault]:
    """index: it has every paragraph that strip left, with the digest of its text, and each key is of one class.

    A corpus written before there was an index has none; its next run makes it.
    """
    if not store.files("index"):
        return
    index = (
        store.scan("index").select(*PLACE, "key", "digest", "is_prose", pl.col("bands").bin.size()).collect()
    )
    left = paragraphs.filter((pl.col("verdict") == "kept") | pl.col("label").is_in(MATCH_REASONS))
    key = list(PLACE)
    yield from name_rows("index", "index", index.join(left, on=key, how="anti"), key, "is in no article")
    yield from name_rows(
        "index", "paragraphs", left.join(index, on=key, how="anti"), key, "is not in the index"
    )
    both = left.select(*key, "text").join(index.select(*key, "digest"), on=key)
    digests = pl.Series(
        [xxhash.xxh3_64_digest(text.encode()) for text in both["text"]], dtype=INDEX["digest"]
    )
    yield from name_rows("index", "index", both.filter(both["digest"] != digests), key, "is of another text")
    if store.files("classes"):
        classes = store.scan("classes").select("key").collect()
        wanted = index.filter(pl.col("is_prose") & (pl.col("bands") > 0)).select("key").unique()
        twice = classes.height - classes["key"].n_unique()
        lost = wanted.join(classes, on="key", how="anti").height
        surplus = classes.join(wanted, on="key", how="anti").height
        if twice or lost or surplus:
            what = f"{lost} keys of the index have no class, {surplus} classes no paragraph, {twice} are there twice"
            yield Fault("index", "classes", "the whole table", what)
