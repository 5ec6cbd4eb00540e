"""Retell: a part whose documents are what they were, and of which match says something else.

Only what is said is read and written: the text of the ledger is copied as it is packed.
"""

from typing import Final, NamedTuple

import polars as pl

from tasks.index import PLACE, restore_labels, select_verdicts
from tasks.job import Job
from tasks.schemas import DOCUMENTS, PARAGRAPHS, SOURCES
from tasks.store import Store
from tasks.write import Stamp, Written, keep_run_ids, make_documents, tell_verdicts

SAID: Final = (
    "verdict",
    "reason",
    "rule",
    "evidence",
    "label",
    "duplicate_of_document",
    "duplicate_of_paragraph",
    "duplicate_of",
    "similarity",
)
"""Columns of the ledger in which match has a say; `run_id` changes with them."""


class Retold(NamedTuple):
    """What is said now.

    Attributes:
        ledger: `document_id`, `paragraph`, SAID and `run_id` of all paragraphs of a part, in the order of its file.
        turned: `document_id` of the documents of which other paragraphs are kept than before.
    """

    ledger: pl.DataFrame
    turned: pl.DataFrame


def retell_part(
    job: Job, store: Store, part: int, concluded: pl.DataFrame, verdicts: pl.DataFrame | None
) -> list[Written]:
    """Write the tables of a part in which something else is said; rows come and go in `documents` alone.

    Args:
        job: the run, under the settings of the run before.
        store: the corpus before it.
        part: a part that has the documents it had.
        concluded: `document_id` of those that match concluded.
        verdicts: what it decided of them; None for nothing.
    """
    stamp = Stamp(job.run_id, job.settings.sha256)
    retold = _retell(job, store, part, concluded, verdicts, stamp)
    if retold is None:
        return []
    base = next(file for file in store.files(PARAGRAPHS.name) if file.part == part)
    said = retold.ledger.drop(PLACE)
    written = [
        Written(PARAGRAPHS.name, part, store.write_file(said, PARAGRAPHS.name, part, job.number, base))
    ]
    if retold.turned.height:
        rows = _redo_documents(store, part, retold, stamp)
        file = store.write_file(rows, DOCUMENTS.name, part, job.number) if rows.height else None
        written.append(Written(DOCUMENTS.name, part, file))
    return written


def _retell(
    job: Job, store: Store, part: int, concluded: pl.DataFrame, verdicts: pl.DataFrame | None, stamp: Stamp
) -> Retold | None:
    """What is said of a part now, None if that is what was said before."""
    ledger = store.scan(PARAGRAPHS.name, [part]).select(*PLACE, *SAID, "run_id").collect()
    before = select_verdicts(ledger.lazy()).collect()
    now = before.clear()
    if verdicts is not None:
        now = verdicts.select(pl.col(name).cast(dtype) for name, dtype in before.schema.items())
    changed = find_changed(before.join(concluded, on="document_id", how="semi"), now)
    is_again = ledger["document_id"].is_in(changed["document_id"].implode())
    rows = ledger.filter(is_again)
    told = tell_verdicts(restore_labels(store, part, rows), now, job.settings.actions, stamp)
    told = told.select(pl.col(name).cast(dtype) for name, dtype in ledger.schema.items())
    is_other = pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows.height)
    for name in SAID:
        is_other |= told[name].ne_missing(rows[name])
    if not is_other.any():
        return None
    told = told.with_columns(run_id=pl.when(is_other).then("run_id").otherwise(rows["run_id"]))
    numbered = told.with_columns(row=is_again.arg_true())
    others = ledger.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32)).filter(~is_again)
    turned = told.filter(told["verdict"] != rows["verdict"]).select("document_id").unique()
    return Retold(pl.concat([others, numbered]).sort("row").drop("row"), turned)


def _redo_documents(store: Store, part: int, retold: Retold, stamp: Stamp) -> pl.DataFrame:
    """The rows of `documents` of a part, those of documents made again of which other paragraphs are kept."""
    texts = store.scan(PARAGRAPHS.name, [part]).select(*PLACE, "text")
    texts = texts.join(retold.turned.lazy(), on="document_id", how="semi")
    paragraphs = retold.ledger.select(*PLACE, "verdict").join(texts.collect(), on=PLACE)
    pages = (
        store.scan(SOURCES.name, [part]).join(retold.turned.lazy(), on="document_id", how="semi").collect()
    )
    old = store.scan(DOCUMENTS.name, [part]).collect()
    is_replaced = old["document_id"].is_in(retold.turned["document_id"].implode())
    made = keep_run_ids(make_documents(paragraphs, pages, stamp), old.filter(is_replaced), DOCUMENTS)
    return pl.concat([old.filter(~is_replaced), made]).sort(DOCUMENTS.key)


def find_changed(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """`document_id` of the documents of which not the same verdicts are told."""
    both = before.with_columns(is_there=True).join(
        now.with_columns(is_there=True), on=PLACE, how="full", coalesce=True, suffix="_now"
    )
    others = [name for name in both.columns if f"{name}_now" in both.columns]
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_now")) for name in others)
    return both.filter(~same).select("document_id").unique()
