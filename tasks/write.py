"""Write: verdicts to rows of the tables. Only here are kept and removed told apart."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from tasks.data_files import DataFile
from tasks.schemas import DECANT_VERSION, DOCUMENTS, MATCH_REASONS, PARAGRAPHS, SOURCES, Table

NOT_COMPARED = ("run_id",)
"""A row that is the same but for these keeps what it has."""


class Stamp(NamedTuple):
    """What is the same in every row that a run writes."""

    run_id: str
    config_sha256: str


class Written(NamedTuple):
    """A file that a part has got in a table, None if the part has no rows left there."""

    table: str
    part: int
    file: DataFile | None


class Part(NamedTuple):
    """The rows of one part in the tables that are cut into parts."""

    sources: pl.DataFrame
    paragraphs: pl.DataFrame
    documents: pl.DataFrame


def forget_matches(paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Rows of the ledger as they were before the match: label, rule and evidence of strip alone."""
    by_match = pl.col("label").is_in(MATCH_REASONS)
    return paragraphs.with_columns(
        pl.when(by_match.fill_null(False)).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("label", "rule", "evidence")
    )


def is_removed(policy: Mapping[str, str]) -> pl.Expr:
    """Whether the policy removes what the label says."""
    labelling = [reason for reason, action in policy.items() if action == "label"]
    return pl.col("label").is_not_null() & ~pl.col("label").is_in(labelling)


def assemble(
    pieces: pl.DataFrame,
    pages: pl.DataFrame,
    verdicts: pl.DataFrame,
    policy: Mapping[str, str],
    stamp: Stamp,
) -> Part:
    """The rows of one part.

    Args:
        pieces: every paragraph of the part with strip's `label`, `rule` and `evidence`.
        pages: a row of `sources` per record of the part, `run_id` aside.
        verdicts: what match decided, for any documents; `reason` and what it points at.
        policy: per reason `remove` or `label`; reasons not named remove.
        stamp: the run.

    Returns:
        Rows in the order of their keys.
    """
    paragraphs = fit(tell_verdicts(pieces, verdicts, policy, stamp), PARAGRAPHS)
    sources = fit(pages.with_columns(run_id=pl.lit(stamp.run_id)), SOURCES)
    return Part(sources, paragraphs, make_documents(paragraphs, pages, stamp))


def tell_verdicts(
    pieces: pl.DataFrame, verdicts: pl.DataFrame, policy: Mapping[str, str], stamp: Stamp
) -> pl.DataFrame:
    """Paragraphs with all that strip and match together say of them; the arguments are those of `assemble`."""
    matched = ("reason", "rule", "evidence", "similarity", *_POINTERS)
    joined = pieces.drop(_POINTERS, "similarity", strict=False).join(
        verdicts.select(*_KEY, *(pl.col(name).alias(f"match_{name}") for name in matched)),
        on=_KEY,
        how="left",
        maintain_order="left",
    )
    has_match = pl.col("match_reason").is_not_null()
    return (
        joined.with_columns(
            pl.when(has_match).then(pl.col(f"match_{name}")).otherwise(pl.col(name)).alias(name)
            for name in ("rule", "evidence")
        )
        .with_columns(pl.coalesce("match_reason", "label").alias("label"))
        .with_columns(is_removed(policy).alias("goes"))
        .with_columns(
            pl.when("goes").then(pl.lit("removed")).otherwise(pl.lit("kept")).alias("verdict"),
            pl.when("goes").then("label").alias("reason"),
            *(pl.col(f"match_{name}").alias(name) for name in ("similarity", *_POINTERS)),
            run_id=pl.lit(stamp.run_id),
        )
    )


_KEY = ["document_id", "paragraph"]
_POINTERS = ("duplicate_of_document", "duplicate_of_paragraph", "duplicate_of")


def make_documents(paragraphs: pl.DataFrame, pages: pl.DataFrame, stamp: Stamp) -> pl.DataFrame:
    """A row per document with kept text, from `verdict` and `text` of all its paragraphs."""
    kept = pl.col("verdict") == "kept"
    texts = (
        paragraphs.sort("document_id", "paragraph")
        .group_by("document_id", maintain_order=True)
        .agg(
            text=pl.col("text").filter(kept).str.join("\n"),
            paragraphs_kept=kept.sum(),
            paragraphs_removed=(~kept).sum(),
        )
        .filter(pl.col("paragraphs_kept") > 0)
    )
    return fit(
        pages.drop("text", strict=False)
        .join(texts, "document_id", maintain_order="left")
        .with_columns(
            kept_chars=pl.col("text").str.len_chars(),
            run_id=pl.lit(stamp.run_id),
            decant_version=pl.lit(DECANT_VERSION),
            config_sha256=pl.lit(stamp.config_sha256),
        ),
        DOCUMENTS,
    )


def fit(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The columns of a table in its types, rows in the order of its key."""
    return frame.select(pl.col(name).cast(dtype) for name, dtype in table.schema.items()).sort(table.key)


def keep_run_ids(new: pl.DataFrame, old: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Rows that are what they were keep the `run_id` they had.

    Args:
        new: rows of a table, by its key.
        old: rows of the same table before this run.
        table: which.

    Returns:
        `new` with the older `run_id` where nothing else differs.
    """
    if old.is_empty():
        return new
    compared = [name for name in table.schema if name not in NOT_COMPARED]
    both = new.join(
        old.select(*compared, pl.col("run_id").alias("old_run_id")),
        on=list(table.key),
        how="left",
        maintain_order="left",
        suffix="_old",
    )
    others = [name for name in compared if name not in table.key]
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_old")) for name in others)
    run_id = pl.when(same & pl.col("old_run_id").is_not_null()).then("old_run_id").otherwise("run_id")
    return both.with_columns(run_id.alias("run_id")).select(new.columns)
