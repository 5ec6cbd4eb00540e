"""What a site prints above the headline of every page: its name, its slogan, the rubric.

A line counts by all that stands above it. A rubric stands on many pages below the same lines or none; a headline
that many pages list among other news stands below another headline on each of them, and at the top of its own.
"""

import polars as pl
import xxhash

from tasks.strip.options import StripOptions
from tasks.strip.sheet import Sheet

MAX_MASTHEAD_LINES = 4
DATED = r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}:\d\d\b"
"""Such a line differs on every page, and says nothing about the lines below it."""


def hash_keys(keys: pl.Series) -> pl.Series:
    """Stable 64-bit hashes (XXH3) of texts."""
    return pl.Series(map(xxhash.xxh3_64_intdigest, keys.cast(pl.Binary).to_list()), dtype=pl.UInt64)


def list_tops(sheet: Sheet) -> pl.DataFrame:
    """row, document, key: the first lines above the prose that look like headlines, four a document at most.

    `key` stands for the line and for those above it, digits and all: the headlines of a series differ in a date.
    """
    likely = (
        sheet.frame.select("document", "text", "fold")
        .with_row_index("row")
        .filter(pl.Series(sheet.headline & ~sheet.prose & (sheet.prose_before == 0)) & (pl.col("fold") != ""))
    )
    # Of the few that are left: a lazy frame would look for dates in every paragraph.
    tops = likely.filter(~pl.col("text").str.contains(DATED))
    tops = tops.group_by("document", maintain_order=True).head(MAX_MASTHEAD_LINES).sort("row")
    keys: list[str] = []
    above, before = "", None
    for document, fold in tops.select("document", "fold").iter_rows():
        above = f"{above}\n{fold}" if document == before else fold
        before = document
        keys.append(above)
    return tops.select("row", "document", key=hash_keys(pl.Series(keys, dtype=pl.String)))


def observe_tops(sheet: Sheet) -> pl.DataFrame:
    """document, position, key: the `top` lines of each document that has prose, and its `longest` paragraph."""
    prose = sheet.frame.select("document", "text", "chars").filter(pl.Series(sheet.prose))
    longest = prose.sort("chars", descending=True, maintain_order=True).unique(
        "document", keep="first", maintain_order=True
    )
    tops = list_tops(sheet).join(longest, on="document", how="semi").select("document", "key")
    longest = longest.join(tops, on="document", how="semi")
    bodies = longest.select("document", key=hash_keys(longest["text"]))
    return pl.concat(
        [
            tops.with_columns(position=pl.lit("top", pl.String)),
            bodies.with_columns(position=pl.lit("longest", pl.String)),
        ]
    ).sort("document", "position", "key")


def learn_mastheads(
    observations: pl.LazyFrame, sizes: pl.LazyFrame, *, options: StripOptions
) -> pl.LazyFrame:
    """site, key: tops of enough pages of a site, told apart by their longest paragraphs.

    Copies of one article share their headline, but their text as well: they count once.
    """
    bodies = observations.filter(pl.col("position") == "longest").select("document_id", body="key")
    return (
        observations.filter(pl.col("position") == "top")
        .join(bodies, on="document_id")
        .group_by("site", "key")
        .agg(articles=pl.col("body").n_unique())
        .join(sizes, on="site")
        .filter(
            (pl.col("articles") >= options.min_template_documents)
            & (pl.col("articles") >= options.min_template_ratio * pl.col("site_documents"))
        )
        .select("site", "key")
        .sort("site", "key")
    )


def find_mastheads(sheet: Sheet, pages: pl.DataFrame, mastheads: pl.DataFrame) -> dict[int, int]:
    """Document -> last row of the masthead above its headline, for documents that have one."""
    if mastheads.is_empty():
        return {}
    tops = list_tops(sheet).join(pages.select("document", "site"), on="document", how="left")
    found = tops.join(mastheads, on=["site", "key"], how="semi").group_by("document").agg(pl.col("row").max())
    return {int(document): int(row) for document, row in found.iter_rows()}
