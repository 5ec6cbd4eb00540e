"""The paragraphs of a corpus in many files, by rank: which are copies of each other, and which have changed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import Flags, Items
from tasks.match.documents import PLACE
from tasks.match.keys import KEY_COLUMNS, KeyReader, count_ranges, read_keys
from tasks.match.links import Census, ClassKeys, number_keys, read_class_keys
from tasks.match.options import MatchOptions
from tasks.match.rank import DOCUMENT, ORIGIN, mark_substantial, order_documents, sort_by_rank
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
    "sketch": pl.Binary,
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
    """All paragraphs, part after part, as their files have them.

    Attributes:
        starts: Where the rows of each part begin, and where those of the last end.
        is_changed: Which of them are new or other than they were.
        lost: Those that were and are no more, or are other; with their part.
        documents: `document_id` and `part` of each document.
    """

    starts: Items
    is_changed: Flags
    lost: pl.DataFrame
    documents: pl.DataFrame

    def cut(self, number: int) -> slice:
        """The rows of the part that comes at this place."""
        return slice(int(self.starts[number]), int(self.starts[number + 1]))


class Merits(NamedTuple):
    """What all paragraphs are ranked by, in numbers: about 40 bytes each.

    Attributes:
        keys: Theirs, as two numbers of 64 bits.
        words: How long they are.
        paragraph: Their place in their document.
        document: The number of their document.
        is_substantial: Whether they may be duplicates.
        documents: What the documents are ranked by.
    """

    keys: ClassKeys
    words: npt.NDArray[np.int32]
    paragraph: npt.NDArray[np.int32]
    document: npt.NDArray[np.int32]
    is_substantial: Flags
    documents: pl.DataFrame


def read_rows(
    parts: Sequence[Part], options: MatchOptions, repinned: pl.DataFrame | None = None
) -> tuple[Rows, Merits]:
    """The paragraphs of all parts, without their keys for retrieval and texts.

    Args:
        parts: Their files.
        options: What is substantial.
        repinned: `document_id` and `paragraph` of those that count as changed, whatever the files say.
    """
    changed, lost, documents = [], [], []
    merits: list[Merits] = []
    count = 0
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
        merits.append(_take_merits(now, options, count))
        documents.append(merits[-1].documents.select("document_id", number).unique())
        count += merits[-1].documents.height
        changed.append(is_changed)
    none = now.clear().select(*RANKING, number)
    starts = np.cumsum([0, *(len(its.words) for its in merits)])
    rows = Rows(
        starts,
        np.concatenate(changed),
        mark_substantial(pl.concat([none, *lost]), options),
        pl.concat(documents),
    )
    return rows, Merits(
        np.concatenate([its.keys for its in merits]),
        np.concatenate([its.words for its in merits]),
        np.concatenate([its.paragraph for its in merits]),
        np.concatenate([its.document for its in merits]),
        np.concatenate([its.is_substantial for its in merits]),
        pl.concat(its.documents for its in merits),
    )


def _take_merits(now: pl.DataFrame, options: MatchOptions, first: int) -> Merits:
    """Those of a part, its documents numbered from `first` on."""
    documents = now.select(DOCUMENT).unique(maintain_order=True)
    numbered = documents.with_row_index("number", offset=first)
    document = now.join(numbered, on=DOCUMENT, how="left", nulls_equal=True, maintain_order="left")["number"]
    return Merits(
        read_class_keys(now["key"]),
        now["words"].cast(pl.Int32).to_numpy(),
        now["paragraph"].cast(pl.Int32).to_numpy(),
        document.cast(pl.Int32).to_numpy(),
        mark_substantial(now, options)["substantial"].to_numpy(),
        documents,
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

    def __init__(self, merits: Merits, options: MatchOptions) -> None:
        count = len(merits.words)
        order = _sort_by_rank(merits, options)
        self.rank, self.class_of = (np.full(count, -1, np.int32) for _ in range(2))
        self.rank[order] = np.arange(len(order), dtype=np.int32)
        keys = merits.keys[order]
        by_key = np.lexsort((keys[:, 1], keys[:, 0])).astype(np.int32)
        sorted_keys = keys[by_key]
        is_first = np.ones(len(by_key), np.bool_)
        is_first[1:] = (sorted_keys[1:] != sorted_keys[:-1]).any(axis=1)
        del sorted_keys
        # Of those with equal keys, which lie together, the first has the best rank: sorting keeps the order.
        best_of = np.empty(len(order), np.int32)
        best_of[by_key] = by_key[is_first][np.cumsum(is_first) - 1]
        del by_key
        is_best = best_of == np.arange(len(order))
        best = np.flatnonzero(is_best)
        class_of = (np.cumsum(is_best) - 1)[best_of]
        self.class_of[order] = class_of
        self.best = order[best]
        self.keys = keys[best]
        self.words = merits.words[self.best]
        self.copies = np.bincount(class_of, minlength=len(best)).astype(np.int32)

    def mark_rows(self, is_class: Flags) -> Flags:
        """The rows of some classes."""
        return np.append(is_class, False)[self.class_of]

    def number(self, keys: pl.Series) -> Items:
        """The class with each key, -1 where there is none."""
        return number_keys(read_class_keys(keys), self.keys)


def _sort_by_rank(merits: Merits, options: MatchOptions) -> npt.NDArray[np.int32]:
    """The substantial rows, the better ones first: `tasks.match.rank.sort_by_rank`, in numbers."""
    rows = np.flatnonzero(merits.is_substantial).astype(np.int32)
    before, after = order_documents(merits.documents, options)
    document = merits.document[rows]
    # The last one counts most.
    columns = [merits.paragraph[rows], after[document], -merits.words[rows]]
    return rows[np.lexsort(columns if before is None else [*columns, before[document]])]


def take_census(
    parts: Sequence[Part], rows: Rows, classes: Classes, options: MatchOptions, folder: Path
) -> Census:
    """The keys of the best of each class, in the order of classes; those that are too many for memory in a folder."""
    reader = KeyReader(len(classes.best), folder)
    is_best = np.zeros(len(classes.class_of), np.bool_)
    is_best[classes.best] = True
    for number, part in enumerate(parts):
        its = is_best[rows.cut(number)]
        columns = pl.read_parquet(part.now, columns=list(KEY_COLUMNS)).filter(pl.Series(its))
        reader.add(classes.class_of[rows.cut(number)][its].astype(np.int64), columns)
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
    lost = rows.lost.filter("substantial").drop("substantial")
    of_lost = classes.number(lost["key"])
    is_dirty = np.zeros(len(classes.best) + 1, np.bool_)
    is_dirty[classes.class_of[rows.is_changed]] = is_dirty[of_lost] = True
    is_dirty = is_dirty[:-1]
    stays = np.flatnonzero(classes.mark_rows(is_dirty) & ~rows.is_changed)
    were = pl.concat(
        [*_read_staying(parts, rows, stays), lost.drop("part").with_columns(row=pl.lit(-1, pl.Int64))]
    )
    best = sort_by_rank(were, options).unique("key", keep="first", maintain_order=True)
    best_before = np.full(len(classes.best) + 1, -2, np.int64)
    best_before[classes.number(best["key"])] = best["row"].to_numpy()
    best_before = best_before[:-1]
    is_new = is_dirty & (best_before == -2)
    gone = lost.filter(pl.Series(of_lost < 0)).unique("key", keep="first", maintain_order=True)
    keys = [part.select(KEY_COLUMNS) for part in _read_lost(parts, gone)]
    gone_keys = read_keys(pl.concat(keys), count_ranges(len(classes.best)))
    moved = Moved(is_dirty & (best_before != classes.best), is_new, *gone_keys)
    return Change(moved, is_dirty)


def _read_staying(parts: Sequence[Part], rows: Rows, stays: Items) -> Iterator[pl.DataFrame]:
    """What some rows are ranked by, with their number in `row`."""
    for number, part in enumerate(parts):
        first, last = rows.starts[number : number + 2]
        its = stays[(stays >= first) & (stays < last)]
        if len(its):
            now = pl.read_parquet(part.now, columns=list(RANKING))[its - first]
            yield now.with_columns(pl.Series("row", its, dtype=pl.Int64))


def _read_lost(parts: Sequence[Part], lost: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The keys of paragraphs that are no more, from the files that were; at least an empty table."""
    yield pl.read_parquet(parts[0].now, columns=list(KEY_COLUMNS)).clear()
    for part in parts:
        its = lost.filter(pl.col("part") == part.number)
        if its.height and part.before:
            yield pl.read_parquet(part.before, columns=[*PLACE, *KEY_COLUMNS]).join(its, on=PLACE, how="semi")
