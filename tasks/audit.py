"""Audit: paragraphs drawn by lot, the same for the same seed, to judge a rule by reading what it did."""

import heapq
from collections.abc import Iterator

import polars as pl
import xxhash

from tasks.errors import UsageError
from tasks.explain import Explanation, find_copies, list_copies
from tasks.schemas import REASONS
from tasks.store import Store

Ticket = tuple[int, str, int]


def draw_paragraphs(
    store: Store,
    count: int,
    *,
    seed: int = 0,
    reason: str | None = None,
    rule: str | None = None,
    kept: bool = False,
) -> list[Explanation]:
    """Removed (or kept) paragraphs by lot, with the copies that hold them; in the order of the ledger.

    A paragraph's ticket is a hash of the seed and its place, so that the draw does not depend on how the corpus
    came about, and a page that is added changes little of it. Memory: the places of a part.

    Args:
        store: the corpus.
        count: of paragraphs; fewer if there are not so many.
        seed: another one draws others.
        reason: only those that went for it.
        rule: only those on which this rule decided.
        kept: draw from what stayed.

    Raises:
        UsageError: there is no such reason, or nothing to draw from.
        StoreError: there is no corpus.
    """
    store.require_corpus()
    wanted = pl.col("verdict") == ("kept" if kept else "removed")
    if reason is not None:
        _check_reason(reason)
        wanted &= pl.col("label" if kept else "reason") == reason
    if rule is not None:
        wanted &= pl.col("rule") == rule
    drawn = heapq.nsmallest(count, _hand_out(store, wanted, seed))
    if not drawn:
        of = " ".join(filter(None, (reason, rule)))
        raise UsageError(
            f"No paragraph was {'kept' if kept else 'removed'} {f'for {of} ' if of else ''}in this corpus."
        )
    places = pl.LazyFrame(
        [ticket[1:] for ticket in drawn],
        schema={"document_id": pl.String, "paragraph": pl.Int32},
        orient="row",
    )
    rows = store.scan("paragraphs").join(places, on=["document_id", "paragraph"], how="semi").collect()
    rows = rows.sort("source_path", "source_record", "paragraph")
    copies = find_copies(store, rows)
    return [
        Explanation(row, [copies[key] for key in list_copies(row) if key in copies])
        for row in rows.iter_rows(named=True)
    ]


def _hand_out(store: Store, wanted: pl.Expr, seed: int) -> Iterator[Ticket]:
    for file in store.files("paragraphs"):
        rows = (
            store.scan("paragraphs", [file.part]).filter(wanted).select("document_id", "paragraph").collect()
        )
        for document, paragraph in rows.iter_rows():
            yield xxhash.xxh3_64_intdigest(f"{document}:{paragraph}".encode(), seed=seed), document, paragraph


def _check_reason(reason: str) -> None:
    if reason not in REASONS:
        raise UsageError(f"There is no reason {reason!r}. Known are: {', '.join(REASONS)}.")
