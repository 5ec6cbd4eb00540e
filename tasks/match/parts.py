"""`match` for a corpus that does not fit in memory, from files to files, and from what the run before found.

Three passes. The first reads ranks and keys, without texts: about 120 bytes a paragraph are in memory. Retrieval
says which paragraphs have to do with each other; where links of the run before are given, it looks again only
at what new and lost paragraphs touch. The second pass shuffles the texts of the connected components that are to
be judged into batches. Each batch is judged by itself, where and in whatever order the caller likes; the third pass
gathers what was found, part by part.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from tasks.dealer import Dealer, read_dealt, split_rows
from tasks.match.ahead import count_pieces, decide_piece
from tasks.match.batch import Batch, judge_batch
from tasks.match.beforehand import TOLD
from tasks.match.buckets import Flags, Items
from tasks.match.census import Classes, Part, Rows, find_change, read_rows, take_census
from tasks.match.components import cut_batches, find_components
from tasks.match.documents import PLACE
from tasks.match.gather import Ledger, write_pairs, write_verdicts
from tasks.match.holders import SCHEMA as OF_HOLDERS
from tasks.match.links import Links, Stored, make_links, spread, update_links
from tasks.match.options import MatchOptions

BYTES_PER_WORD: Final = 6
"""Of Vietnamese text (measured: 5.9); used to cut batches, never to decide."""
LINKS_AT_ONCE: Final = 1_000_000
TEXTS: Final = pl.Schema(
    {
        "document_id": pl.String(),
        "paragraph": pl.Int32(),
        "class": pl.Int64(),
        "rank": pl.Int64(),
        "is_near": pl.Boolean(),
        "text": pl.String(),
    }
)
CANDIDATES: Final = pl.Schema({"left": pl.Int64, "right": pl.Int64, "by_phrase": pl.Boolean})
HOLDERS: Final = pl.Schema(OF_HOLDERS)
KNOWN: Final = ["a_document", "a_paragraph", "b_document", "b_paragraph", *TOLD.names()]
PLACES: Final = pl.Schema(
    {"document_id": pl.String, "paragraph": pl.Int32, "part": pl.Int64, "batch": pl.Int64}
)


class MatchedParts(NamedTuple):
    """What `match_parts` returns; files are named by part.

    Attributes:
        folder: It has `verdicts`, `documents` (those concluded: their verdicts are these and no others), `pairs`
            (several files in a folder for each part: that of the later document), and the file `settled.parquet`:
            the places of which all pairs are told anew; none where that is all.
        links: What retrieval said of all classes.
        pair_count: Pairs decided.
    """

    folder: Path
    links: Links
    pair_count: int


class BatchTask(NamedTuple):
    """One batch to judge, or a piece of it to decide on: its folder, and the options. Can be sent to another process."""

    folder: Path
    options: MatchOptions
    piece: int = 0
    pieces: int = 0


MapBatches = Callable[[Callable[[BatchTask], int], Sequence[BatchTask]], Iterable[int]]


def match_parts(
    parts: Sequence[Part],
    ledger: Ledger,
    scratch: Path,
    *,
    stored: Stored | None = None,
    options: MatchOptions,
    pinned: pl.DataFrame | None = None,
    repinned: pl.DataFrame | None = None,
    map_batches: MapBatches = map,
    is_shared: bool = False,
) -> MatchedParts:
    """Find what other paragraphs hold, in a corpus of many files.

    Args:
        parts: Paragraphs with the columns of `sign` and a `digest` of their text; in any order.
        ledger: Their texts, and what held them.
        scratch: An empty folder; the result lies in it.
        stored: The links of the run before, under the same options; from nothing by default.
        options: Scope, lengths and limits.
        pinned: `document_id` and `paragraph` of those that stay whoever holds them.
        repinned: The same of those that are pinned and were not in the run before, or were and are not.
        map_batches: Calls a function on every task, as `map` does; may do so in other processes.
        is_shared: Whether it does so in several: then the pairs of a large batch are decided piece by piece.

    Returns:
        What `match` gives for all parts together, of every document that it may not have been true of before.
    """
    rows, merits = read_rows(parts, options, repinned)
    classes = Classes(merits, options)
    del merits
    census = take_census(parts, rows, classes, options, scratch / "keys")
    if stored is None:
        links, is_near = make_links(census, options), np.ones(len(classes.best), np.bool_)
    else:
        change = find_change(parts, rows, classes, options)
        links, is_near = update_links(stored, change.moved, census, options)
        is_near |= change.is_dirty
    is_stirred = spread(is_near, links)
    census.keys.clear()
    del census
    recalls = stored is not None
    batch_of, sizes = _cut(classes, links, is_stirred, options)
    tasks = _shuffle(
        parts, ledger, scratch, rows, classes, links, batch_of, is_near, options, recalls=recalls
    )
    is_settled = classes.mark_rows(is_stirred) if recalls else None
    del classes
    if is_shared:
        sum(map_batches(decide_task, _cut_pieces(tasks, sizes)))
    pair_count = sum(map_batches(judge_task, tasks))
    folders = [task.folder for task in tasks]
    write_verdicts(parts, ledger, scratch, rows, is_settled, folders, options, pinned)
    write_pairs(scratch, rows.documents, folders)
    return MatchedParts(scratch, links, pair_count)


def decide_task(task: BatchTask) -> int:
    """Decide on the pairs of a piece of a batch, for its judge to look up; returns how many there were."""
    count = 0
    for number, pairs in enumerate(decide_piece(_load(task.folder), task.piece, task.pieces)):
        name = f"known-ahead-{task.piece:05d}-{number:05d}.parquet"
        pairs.write_parquet(task.folder / name, compression="lz4")
        count += pairs.height
    return count


def judge_task(task: BatchTask) -> int:
    """Judge a batch from its folder into its folder; returns how many pairs were decided."""
    judged = judge_batch(_load(task.folder), task.options)
    judged.held.write_parquet(task.folder / "held.parquet")
    count = 0
    for number, pairs in enumerate(judged.pairs):
        pairs.write_parquet(task.folder / f"pairs-{number:05d}.parquet", compression="lz4")
        count += pairs.height
    return count


def _load(folder: Path) -> Batch:
    """A batch from its folder."""
    texts, candidates, holders = (
        read_dealt(folder, name, schema)
        for name, schema in (("texts", TEXTS), ("candidates", CANDIDATES), ("holders", HOLDERS))
    )
    known = [pl.read_parquet(file, columns=KNOWN, glob=False) for file in sorted(folder.glob("known-*"))]
    return Batch(texts.sort("rank").drop("rank"), candidates, holders, pl.concat(known) if known else None)


def _shuffle(
    parts: Sequence[Part],
    ledger: Ledger,
    scratch: Path,
    rows: Rows,
    classes: Classes,
    links: Links,
    batch_of: Items,
    is_near: Flags,
    options: MatchOptions,
    *,
    recalls: bool,
) -> list[BatchTask]:
    """A folder for each batch of the classes to be judged, with their texts, their links and what was decided before."""
    folders = [scratch / f"batch-{n:05d}" for n in range(int(batch_of.max(initial=0)) + 1)]
    for folder in folders:
        folder.mkdir(parents=True)
    for name, table, key in (
        ("candidates", links.candidates.to_frame().cast(CANDIDATES), "right"),
        ("holders", links.holders.cast(HOLDERS), "class"),
    ):
        with Dealer(folders, name) as dealer:
            for its in table.iter_slices(LINKS_AT_ONCE):
                dealer.deal(its, batch_of[its[key].to_numpy()])
    batch_of = np.append(batch_of, -1)
    unchanged = [PLACES.to_frame()]
    with Dealer(folders, "texts") as dealer:
        for number, part in enumerate(parts):
            of_part = rows.cut(number)
            batch = batch_of[classes.class_of[of_part]]
            chosen = np.flatnonzero(batch >= 0)
            if not len(chosen):
                continue
            places = pl.read_parquet(part.now, columns=list(PLACE))[chosen].with_columns(
                pl.Series("class", classes.class_of[of_part][chosen], dtype=pl.Int64),
                pl.Series("rank", classes.rank[of_part][chosen], dtype=pl.Int64),
                pl.Series("is_near", is_near[classes.class_of[of_part][chosen]]),
                pl.Series("batch", batch[chosen]),
            )
            table = places.join(ledger.read_texts(part.number, places.select(PLACE)), on=PLACE)
            dealer.deal(table.select(TEXTS.names()), table["batch"].to_numpy())
            if recalls:
                told = places.filter(pl.Series(~rows.is_changed[of_part][chosen]))
                told = told.with_columns(part=pl.lit(part.number, pl.Int64))
                unchanged.append(told.select(PLACES.names()).cast(PLACES))
    if recalls:
        _recall(ledger, pl.concat(unchanged), folders)
    return [BatchTask(folder, options) for folder in folders]


def _recall(ledger: Ledger, places: pl.DataFrame, folders: Sequence[Path]) -> None:
    """What was decided before on paragraphs that have not changed, into the folders of their batches."""
    batches = places.select(a_document="document_id", a_paragraph="paragraph", batch="batch")
    for part in places["part"].unique().sort():
        known = ledger.read_pairs(part, places.select(PLACE))
        known = known.join(batches, on=["a_document", "a_paragraph"], maintain_order="left")
        for number, pairs in split_rows(known.rename({"batch": "number"})).items():
            pairs.write_parquet(folders[number] / f"known-{part:06d}.parquet", compression="lz4")


def _cut(
    classes: Classes, links: Links, is_stirred: Flags, options: MatchOptions
) -> tuple[Items, list[tuple[int, int]]]:
    """The batch of each class that has something to be judged, -1 for the others; of each batch the bytes and links."""
    left, right = links.list_edges()
    is_stirred_edge = is_stirred[right]
    left, right = left[is_stirred_edge], right[is_stirred_edge]
    has_work = is_stirred & (classes.copies > 1)
    has_work[left] = has_work[right] = True
    components = find_components(len(has_work), left, right)[has_work]
    batch_of = np.full(len(has_work), -1, np.int64)
    size = (classes.words.astype(np.int64) * classes.copies * BYTES_PER_WORD)[has_work]
    batch_of[has_work] = cut_batches(components, size, options.max_texts_mb * 2**20)
    text_bytes = np.bincount(batch_of[has_work], size).astype(np.int64)
    links_of = np.bincount(batch_of[right], minlength=len(text_bytes))
    return batch_of, list(zip(text_bytes.tolist(), links_of.tolist(), strict=True))


def _cut_pieces(tasks: Sequence[BatchTask], sizes: Sequence[tuple[int, int]]) -> list[BatchTask]:
    """The pieces of large batches."""
    return [
        task._replace(piece=number, pieces=count)
        for task, size in zip(tasks, sizes, strict=False)
        for count in [count_pieces(*size)]
        for number in range(count)
    ]
