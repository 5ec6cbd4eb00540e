"""The paragraphs of a corpus in many files, by rank: which are copies of each other, and which have changed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from tasks.match.buckets import Flags, Items
from tasks.match.documents import PLACE
from tasks.match.keys import KEY_COLUMNS, KeyReader, read_keys
from tasks.match.links import Census
from tasks.match.options import MatchOptions
from tasks.match.rank import ORIGIN, mark_substantial, rank, sort_by_rank
from tasks.match.touched import Moved

RANKING: Final = (
    "document_id",
    *ORIGIN,
    "kind",
    "published_at",
    "key",
    "words",
    "unspaced",
    "is_prose",
    "states",
)
INDEXED: Final = {
    "document_id": pl.String,
    "paragraph": pl.Int32,
    "source_path": pl.String,
    "source_record": pl.Int32,
    "kind": pl.String,
    "published_at": pl.String,
    "key": pl.Binary,
    "words": pl.Int32,
    "unspaced": pl.Int32,
    "is_prose": pl.Boolean,
    "states": pl.Boolean,
    "digest": pl.Binary,
    "bands": pl.Binary,
    "word_bands": pl.Binary,
    "phrases": pl.Binary,
    "sentences": pl.Binary,
}
"""What is stored of a paragraph: what it is ranked by, and what `sign` says of it."""
COMPARED: Final = (*RANKING, "digest")
"""What a paragraph is for match: where one of these differs it is another paragraph."""


class Part(NamedTuple):
    """The paragraphs of a part with the columns of `sign`, as they are and as they were in the run before.

    Attributes:
        number: Of the part.
        now: Their file.
        before: The file that was; the same one if nothing has changed, None if there was none.
    """

    number: int
    now: Path
    before: Path | None = None


class Rows(NamedTuple):
    """All paragraphs, part after part.

    Attributes:
        every: Their place, part, rank, and whether they are `substantial`.
        is_changed: Which of them are new or other than they were.
        lost: Those that were and are no more, or are other; with their part.
    """

    every: pl.DataFrame
    is_changed: Flags
    lost: pl.DataFrame


def read_rows(parts: Sequence[Part], options: MatchOptions, repinned: pl.DataFrame | None = None) -> Rows:
    """The paragraphs of all parts, without their keys and texts.

    Args:
        parts: Their files.
        options: What is substantial.
        repinned: `document_id` and `paragraph` of those that count as changed, whatever the files say.
    """
    every, changed, lost = [], [], []
    for part in parts:
        number = pl.lit(part.number, pl.Int64).alias("part")
        if part.before == part.now:
            now = pl.read_parquet(part.now, columns=list(RANKING))
            is_changed = np.zeros(now.height, np.bool_)
        else:
            now = pl.read_parquet(part.now, columns=list(COMPARED))
            before = pl.read_parquet(part.before, columns=list(COMPARED)) if part.before else now.clear()
            same = now.with_row_index("row").join(before, on=COMPARED, how="semi", nulls_equal=True)
            if repinned is not None:
                same = same.join(repinned, on=PLACE, how="anti")
            is_changed = np.ones(now.height, np.bool_)
            is_changed[same["row"].to_numpy()] = False
            lost.append(before.join(same, on=PLACE, how="anti").select(*RANKING, number))
        every.append(now.select(*RANKING, number))
        changed.append(is_changed)
    return Rows(
        mark_substantial(pl.concat(every), options),
        np.concatenate(changed),
        mark_substantial(pl.concat(lost or [every[0].clear()]), options),
    )


class Classes:
    """Rank and class of every row, -1 for short ones.

    Attributes:
        rank: Of each row.
        class_of: The class of each row.
        best: The best row of each class.
        keys: The key of each class.
        words: Its length.
        copies: How many rows it has.
    """

    def __init__(self, every: pl.DataFrame, options: MatchOptions) -> None:
        ranked = rank(every.with_row_index("row").filter("substantial"), options)
        row = ranked.frame["row"].to_numpy()
        self.rank = np.full(every.height, -1, np.int64)
        self.rank[row] = np.arange(len(row))
        self.class_of = np.full(every.height, -1, np.int64)
        self.class_of[row] = ranked.class_of
        self.best = row[ranked.best].astype(np.int64)
        self.keys = ranked.frame["key"][ranked.best]
        self.words = ranked.frame["words"].to_numpy()[ranked.best].astype(np.int64)
        self.copies = np.bincount(ranked.class_of, minlength=len(self.best))

    def mark_rows(self, is_class: Flags) -> Flags:
        """The rows of some classes."""
        return np.append(is_class, False)[self.class_of]

    def number(self, keys: pl.Series) -> Items:
        """The class with each key, -1 where there is none."""
        known = self.keys.to_frame("key").with_row_index("class").cast({"class": pl.Int64})
        found = keys.to_frame("key").join(known, on="key", how="left", maintain_order="left")
        return found["class"].fill_null(-1).to_numpy()


def take_census(parts: Sequence[Part], classes: Classes, options: MatchOptions) -> Census:
    """The keys of the best of each class, in the order of classes."""
    reader = KeyReader(len(classes.best))
    is_best = np.zeros(len(classes.class_of), np.bool_)
    is_best[classes.best] = True
    start = 0
    for part in parts:
        columns = pl.read_parquet(part.now, columns=list(KEY_COLUMNS))
        rows = slice(start, start + columns.height)
        reader.add(classes.class_of[rows][is_best[rows]], columns.filter(pl.Series(is_best[rows])))
        start = rows.stop
    return Census(classes.keys, *reader.join(), classes.words > options.max_words)


class Change(NamedTuple):
    """What changed paragraphs mean for their classes.

    Attributes:
        moved: Classes that came, went, or have another best paragraph.
        is_dirty: Of the classes that there are, those that have other paragraphs, or paragraphs with other texts.
    """

    moved: Moved
    is_dirty: Flags


def find_change(parts: Sequence[Part], rows: Rows, classes: Classes, options: MatchOptions) -> Change:
    """Hold the classes that there are against those that were."""
    lost = rows.lost.filter("substantial")
    of_lost = classes.number(lost["key"])
    is_dirty = np.zeros(len(classes.best) + 1, np.bool_)
    is_dirty[classes.class_of[rows.is_changed]] = is_dirty[of_lost] = True
    is_dirty = is_dirty[:-1]
    stays = np.flatnonzero(classes.mark_rows(is_dirty) & ~rows.is_changed)
    staying = rows.every[stays].with_columns(pl.Series("row", stays, dtype=pl.Int64))
    were = pl.concat([staying, lost.with_columns(row=pl.lit(-1, pl.Int64))])
    best = sort_by_rank(were, options).unique("key", keep="first", maintain_order=True)
    best_before = np.full(len(classes.best) + 1, -2, np.int64)
    best_before[classes.number(best["key"])] = best["row"].to_numpy()
    best_before = best_before[:-1]
    is_new = is_dirty & (best_before == -2)
    gone = lost.filter(pl.Series(of_lost < 0)).unique("key", keep="first", maintain_order=True)
    keys = [part.select(KEY_COLUMNS) for part in _read_lost(parts, gone)]
    moved = Moved(is_dirty & (best_before != classes.best), is_new, *read_keys(pl.concat(keys)))
    return Change(moved, is_dirty)


def _read_lost(parts: Sequence[Part], lost: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The keys of paragraphs that are no more, from the files that were; at least an empty table."""
    yield pl.read_parquet(parts[0].now, columns=list(KEY_COLUMNS)).clear()
    for part in parts:
        its = lost.filter(pl.col("part") == part.number)
        if its.height and part.before:
            yield pl.read_parquet(part.before, columns=[*PLACE, *KEY_COLUMNS]).join(its, on=PLACE, how="semi")
