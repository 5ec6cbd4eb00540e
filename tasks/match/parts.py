"""`match` for a corpus that does not fit in memory: the same verdicts, from files to files.

Three passes over the parts. The first reads ranks and keys, without texts: about 300 bytes a paragraph stay in
memory. Retrieval and connected components then say which paragraphs have to do with each other, and the second
pass shuffles their texts into batches, a file for each part and batch. Each batch is judged by itself, where
and in whatever order the caller likes; the third pass gathers what was found.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.batch import Batch, judge_batch
from tasks.match.components import cut_batches, find_components
from tasks.match.corpus import PAIR
from tasks.match.documents import PLACE, conclude
from tasks.match.holders import find_holders
from tasks.match.options import MatchOptions
from tasks.match.rank import ORIGIN, Ranked, mark_substantial, rank
from tasks.match.retrieve import Candidates, Keys, retrieve
from tasks.match.signature import BANDS

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
BYTES_PER_WORD: Final = 6
"""Of Vietnamese text (measured: 5.9); used to cut batches, never to decide."""


class MatchedParts(NamedTuple):
    """What `match_parts` returns.

    Attributes:
        verdicts: The file of all verdicts; columns as in `tasks.match.corpus.Matched`.
        pairs: The files of the pairs decided, each sorted.
        unexamined: Pairs in oversized buckets that were not compared.
        pair_count: Rows in `pairs`.
    """

    verdicts: Path
    pairs: Sequence[Path]
    unexamined: int
    pair_count: int


class BatchTask(NamedTuple):
    """One batch to judge: its folder, and the options. Can be sent to another process."""

    folder: Path
    options: MatchOptions


Sizes = npt.NDArray[np.int64]
MapBatches = Callable[[Callable[[BatchTask], int], Sequence[BatchTask]], Iterable[int]]


def match_parts(
    parts: Sequence[Path],
    scratch: Path,
    *,
    options: MatchOptions,
    pinned: pl.DataFrame | None = None,
    map_batches: MapBatches = map,
) -> MatchedParts:
    """Find what other paragraphs hold, in a corpus of many files.

    Args:
        parts: Parquet files with the columns that `tasks.match.corpus.match` takes, in any order.
        scratch: An empty folder; the result lies in it.
        options: Scope, lengths and limits.
        pinned: `document_id` and `paragraph` of those that stay whoever holds them.
        map_batches: Calls a function on every task, as `map` does; may do so in other processes.

    Returns:
        Where verdicts and pairs are; row for row what `match` gives for all parts together.
    """
    every = pl.concat([pl.read_parquet(part, columns=list(RANKING)) for part in parts]).with_row_index("row")
    every = mark_substantial(every, options)
    ranked = rank(every.filter("substantial"), options)
    every = every.select(*PLACE, "words", "key", "substantial", "states")
    tasks, unexamined = _shuffle(parts, scratch, _Order(len(every), ranked), options)
    pair_count = sum(map_batches(judge_task, tasks))
    held = pl.concat([pl.read_parquet(task.folder / "held.parquet") for task in tasks])
    conclude(every, held, options, pinned).write_parquet(scratch / "verdicts.parquet")
    pairs = [task.folder / "pairs.parquet" for task in tasks]
    return MatchedParts(scratch / "verdicts.parquet", pairs, unexamined, pair_count)


def judge_task(task: BatchTask) -> int:
    """Judge a batch from its folder into its folder; returns how many pairs were decided."""
    texts = pl.concat([pl.read_parquet(file) for file in sorted(task.folder.glob("texts-*.parquet"))])
    candidates, holders = (
        pl.read_parquet(task.folder / f"{name}.parquet") for name in ("candidates", "holders")
    )
    judged = judge_batch(Batch(texts.sort("rank").drop("rank"), candidates, holders), task.options)
    judged.held.write_parquet(task.folder / "held.parquet")
    judged.pairs.sort(PAIR).write_parquet(task.folder / "pairs.parquet")
    return judged.pairs.height


class _Order:
    """Rank and class of every row of the parts, -1 for short ones."""

    def __init__(self, rows: int, ranked: Ranked) -> None:
        row = ranked.frame["row"].to_numpy()
        self.rank = np.full(rows, -1, np.int64)
        self.rank[row] = np.arange(len(row))
        self.class_of = np.full(rows, -1, np.int64)
        self.class_of[row] = ranked.class_of
        self.is_best = np.zeros(rows, np.bool_)
        self.is_best[row[ranked.best]] = True
        self.words = ranked.frame["words"].to_numpy()[ranked.best].astype(np.int64)
        self.copies = np.bincount(ranked.class_of, minlength=len(ranked.best))


def _shuffle(
    parts: Sequence[Path], scratch: Path, order: _Order, options: MatchOptions
) -> tuple[list[BatchTask], int]:
    """Retrieve, and write a folder for each batch; returns the batches, and what was not examined."""
    keys, sentences = _load_keys(parts, order)
    candidates = retrieve(keys, options).without(order.words > options.max_words)
    holders = find_holders(*sentences, options)
    del keys, sentences
    batch_of = _cut(order, candidates, holders, options)
    folders = [scratch / f"batch-{n:05d}" for n in range(int(batch_of.max(initial=0)) + 1)]
    for folder in folders:
        folder.mkdir(parents=True)
    _write_by_batch(candidates.to_frame(), "right", batch_of, folders, "candidates")
    _write_by_batch(holders, "class", batch_of, folders, "holders")
    for number, (part, rows) in enumerate(_read_rows(parts, (*PLACE, "text"))):
        table = part.with_columns(
            pl.Series("class", order.class_of[rows]), pl.Series("rank", order.rank[rows])
        ).filter(pl.col("class") >= 0)
        _write_by_batch(table, "class", batch_of, folders, f"texts-{number:05d}")
    return [BatchTask(folder, options) for folder in folders], candidates.unexamined


def _read_rows(parts: Sequence[Path], columns: Sequence[str]) -> Iterator[tuple[pl.DataFrame, slice]]:
    """Each part with the place of its rows among the rows of all parts."""
    start = 0
    for file in parts:
        part = pl.read_parquet(file, columns=list(columns))
        yield part, slice(start, start + part.height)
        start += part.height


def _load_keys(parts: Sequence[Path], order: _Order) -> tuple[Keys, tuple[npt.NDArray[np.uint64], Sizes]]:
    """Bands, phrases and sentences of the best of each class, in the order of classes."""
    count = len(order.words)
    bands = np.empty((count, BANDS), np.uint32)
    phrases, sentences = _Ragged(count, np.uint32), _Ragged(count, np.uint64)
    for part, rows in _read_rows(parts, ("bands", "phrases", "sentences")):
        best = part.filter(pl.Series(order.is_best[rows]))
        classes = order.class_of[rows][order.is_best[rows]]
        bands[classes] = np.frombuffer(b"".join(best["bands"].to_list()), "<u4").reshape(-1, BANDS)
        phrases.add(classes, best["phrases"])
        sentences.add(classes, best["sentences"])
    return Keys(bands, *phrases.join()), sentences.join()


class _Ragged:
    """Lists of numbers for items that come in any order, laid out in theirs."""

    def __init__(self, count: int, dtype: type[np.unsignedinteger[Any]]) -> None:
        self.dtype = np.dtype(dtype)
        self.counts = np.zeros(count, np.int64)
        self.pieces: list[tuple[Sizes, Sizes, npt.NDArray[Any]]] = []

    def add(self, items: Sizes, column: pl.Series) -> None:
        """The lists of some items, as bytes."""
        counts = column.bin.size().cast(pl.Int64).to_numpy() // self.dtype.itemsize
        self.counts[items] = counts
        self.pieces.append((items, counts, np.frombuffer(b"".join(column.to_list()), self.dtype)))

    def join(self) -> tuple[npt.NDArray[Any], Sizes]:
        """All lists one after the other, and the length of each."""
        starts = np.cumsum(self.counts) - self.counts
        joined = np.empty(int(self.counts.sum()), self.dtype)
        while self.pieces:
            items, counts, values = self.pieces.pop()
            shift = np.repeat(starts[items] - (np.cumsum(counts) - counts), counts)
            joined[shift + np.arange(len(values))] = values
        return joined, self.counts


def _cut(order: _Order, candidates: Candidates, holders: pl.DataFrame, options: MatchOptions) -> Sizes:
    """The batch of each class, -1 for those that nothing is near."""
    left = np.concatenate([candidates.left, holders["other"].to_numpy()])
    right = np.concatenate([candidates.right, holders["class"].to_numpy()])
    has_work = order.copies > 1
    has_work[left] = has_work[right] = True
    components = find_components(len(has_work), left, right)[has_work]
    batch_of = np.full(len(has_work), -1, np.int64)
    size = (order.words * order.copies * BYTES_PER_WORD)[has_work]
    batch_of[has_work] = cut_batches(components, size, options.max_texts_mb * 2**20)
    return batch_of


def _write_by_batch(
    table: pl.DataFrame, key: str, batch_of: Sizes, folders: Sequence[Path], name: str
) -> None:
    """The rows of each batch, by the class in column `key`, into its folder."""
    batch = pl.Series("batch", batch_of[table[key].to_numpy()])
    for number, folder in enumerate(folders):
        table.filter(batch == number).write_parquet(folder / f"{name}.parquet", compression="lz4")
