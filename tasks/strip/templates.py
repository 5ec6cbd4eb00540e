"""What a corpus says about a line: templates of a site, and headlines of other documents."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.mastheads import hash_keys, learn_mastheads, observe_tops
from tasks.strip.measure import measure
from tasks.strip.options import StripOptions
from tasks.strip.place import is_in_sentence
from tasks.strip.sheet import Sheet, make_sheet
from tasks.strip.verdicts import Verdicts


class Knowledge(NamedTuple):
    """What was learnt from all documents.

    Attributes:
        templates: site, key, documents, site_documents, position, example: one row per line that a site
            prints around its articles.
        titles: key, documents: headlines (unmasked key) and the number of documents they head.
        mastheads: site, key: one row per line that a site prints above its headlines; see `list_tops`.
    """

    templates: pl.DataFrame
    titles: pl.DataFrame
    mastheads: pl.DataFrame


MIN_ROUNDUP_HEADS = 3
MIN_TITLE_WORDS = 6
"""A headline of fewer words may be any subhead."""


def decisive(knowledge: Knowledge) -> Knowledge:
    """What of the knowledge decides, without the counts that are only told.

    If this is the same for the lines of a document, so are its verdicts.
    """
    return Knowledge(
        knowledge.templates.select("site", "key"), knowledge.titles.select("key"), knowledge.mastheads
    )


LINE_POSITIONS, HEADLINE_POSITIONS = ("head", "tail", "body"), ("title", "headline")
OBSERVATIONS = {
    "document_id": pl.String,
    "site": pl.String,
    "key": pl.UInt64,
    "position": pl.String,
    "example": pl.String,
}


def hash_column(column: pl.Series) -> pl.Series:
    """Hashes of a column of strings, each distinct string once."""
    distinct = column.unique()
    hashes = hash_keys(distinct).rename("hash")
    return column.to_frame("key").join(
        pl.DataFrame({"key": distinct, "hash": hashes}), on="key", how="left", maintain_order="left"
    )["hash"]


def observe(lines: pl.DataFrame, pages: pl.DataFrame, *, options: StripOptions) -> pl.DataFrame:
    """Rows for corpus-wide counting: short lines outside the prose, and each document's headline.

    `position` is head (before the prose), tail (after it, or before its last paragraph), body; title for the
    first line, headline for every line that looks like one: these two by their unmasked keys. For top and
    longest see `observe_tops`.
    """
    sheet = make_sheet(measure(lines))
    place = np.where(sheet.prose_before == 0, "head", np.where(sheet.prose_after <= 1, "tail", "body"))
    rows = sheet.frame.select("document", "key", "text", "fold").with_columns(
        position=pl.Series(place, dtype=pl.String),
        words=sheet.words,
        headline=sheet.headline,
        row_words=sheet.words,
    )
    first = pl.int_range(pl.len()).over("document")
    short = rows.filter(
        (pl.col("key") != "") & (pl.col("words") >= 2) & (pl.col("words") <= options.max_template_words)
    ).select("document", "position", "key", example="text")
    titles = rows.filter(
        (first == 0) & pl.col("headline") & (pl.col("fold") != "") & (pl.col("words") >= MIN_TITLE_WORDS)
    ).select("document", position=pl.lit("title"), key="fold", example="text")
    # What could be another document's headline one day: then this document has to be decided again.
    headlines = rows.filter(
        pl.col("headline") & (pl.col("fold") != "") & (pl.col("words") >= MIN_TITLE_WORDS)
    ).select("document", position=pl.lit("headline"), key="fold", example=pl.lit(""))
    both = pl.concat([short, titles, headlines]).unique(["document", "position", "key"], maintain_order=True)
    both = both.with_columns(key=hash_column(both["key"]))
    tops = observe_tops(sheet).select("document", "position", "key", example=pl.lit(""))
    return (
        pl.concat([both, tops])
        .join(
            pages.select("document", "document_id", "site"), on="document", how="left", maintain_order="left"
        )
        .select(list(OBSERVATIONS))
        .cast(OBSERVATIONS)  # type: ignore[arg-type]
    )


def learn(observations: pl.DataFrame, *, options: StripOptions) -> Knowledge:
    """Templates and headlines of the whole corpus; the order of the rows does not matter."""
    seen = observations.lazy()
    sizes = seen.group_by("site").agg(site_documents=pl.col("document_id").n_unique())
    lines = seen.filter(pl.col("position").is_in(LINE_POSITIONS))
    counted = (
        lines.group_by("site", "key")
        .agg(
            documents=pl.col("document_id").n_unique(),
            in_body=pl.col("document_id").filter(pl.col("position") == "body").n_unique(),
            in_tail=pl.col("document_id").filter(pl.col("position") == "tail").n_unique(),
            example=pl.col("example").min(),
        )
        .join(sizes, on="site")
    )
    enough = (pl.col("documents") >= options.min_template_documents) & (
        pl.col("documents") >= options.min_template_ratio * pl.col("site_documents")
    )
    templates = (
        counted.filter(enough & (pl.col("in_body") <= 0.05 * pl.col("documents")))
        .with_columns(
            position=pl.when(2 * pl.col("in_tail") >= pl.col("documents"))
            .then(pl.lit("tail"))
            .otherwise(pl.lit("head"))
        )
        .select("site", "key", "documents", "site_documents", "position", "example")
        .sort("site", "key")
    )
    titles = (
        seen.filter(pl.col("position") == "title")
        .group_by("key")
        .agg(documents=pl.col("document_id").n_unique())
        .sort("key")
    )
    mastheads = learn_mastheads(seen, sizes, options=options)
    return Knowledge(templates.collect(), titles.collect(), mastheads.collect())


def apply_templates(
    sheet: Sheet, pages: pl.DataFrame, templates: pl.DataFrame, verdicts: Verdicts, options: StripOptions
) -> None:
    """Lines that the site prints around its articles."""
    if templates.is_empty():
        return
    lines = sheet.frame.select("document", "key", "words").with_row_index("row")
    short = lines.filter((pl.col("words") <= options.max_template_words) & (pl.col("key") != ""))
    short = short.join(pages.select("document", "site"), on="document", how="left", maintain_order="left")
    hits = short.with_columns(key=hash_column(short["key"])).join(templates, on=["site", "key"]).sort("row")
    for row in hits["row"]:
        edge = sheet.prose_before[row] == 0 or sheet.prose_after[row] <= 1
        if edge and not is_in_sentence(sheet, row):
            # No counts here: they change with every new page, and this row would with them.
            verdicts.add(row, "site_template", "site_template", "this site prints it around its articles")


def apply_titles(sheet: Sheet, titles: pl.DataFrame, headlines: dict[int, int], verdicts: Verdicts) -> None:
    """Headlines of other documents, below a document's own and its first paragraph."""
    if titles.is_empty():
        return
    lines = sheet.frame.select("fold", "words").with_row_index("row")
    likely = lines.filter(
        pl.Series(sheet.headline) & (pl.col("words") >= MIN_TITLE_WORDS) & (pl.col("fold") != "")
    )
    hits = likely.with_columns(key=hash_column(likely["fold"])).join(titles, on="key").sort("row")
    found = [row for row in hits["row"] if is_anothers(sheet, row, headlines.get(int(sheet.document[row])))]
    heads = Counter(int(sheet.document[row]) for row in found if heads_prose(sheet, row))
    for row in found:
        if sheet.prose_before[row] == 0:
            continue  # It may be this document's own, below a slogan that was taken for the headline.
        if heads[int(sheet.document[row])] < MIN_ROUNDUP_HEADS or not heads_prose(sheet, row):
            verdicts.add(row, "related", "title_of_other", "the headline of another document")


def is_anothers(sheet: Sheet, row: int, own: int | None) -> bool:
    """Whether a row that equals some headline is not the document's own, nor a part of a sentence."""
    if own is None or row <= own or sheet.folds[own] == sheet.folds[row]:
        return False
    return not is_in_sentence(sheet, row)


def heads_prose(sheet: Sheet, row: int) -> bool:
    """Whether a paragraph follows: three such headlines are the sections of a news round-up."""
    return bool(row < sheet.last[row] and sheet.prose[row + 1])
