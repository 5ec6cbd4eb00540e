"""What follows for whole documents: husks, and the scope of removal."""

from typing import Final

import polars as pl

from tasks.match.options import MatchOptions

PLACE: Final = ("document_id", "paragraph")
VERDICT: Final = (
    *PLACE,
    "reason",
    "rule",
    "evidence",
    "duplicate_of_document",
    "duplicate_of_paragraph",
    "duplicate_of",
    "similarity",
)


def _places(paragraphs: pl.DataFrame) -> pl.DataType:
    """The type of `duplicate_of`."""
    return pl.List(pl.Struct({"document_id": pl.String, "paragraph": paragraphs.schema["paragraph"]}))


def find_husks(paragraphs: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What is left of documents whose substantial paragraphs are all held by others.

    Args:
        paragraphs: All paragraphs, with `substantial` and `words`.
        held: Verdicts on substantial ones.

    Returns:
        Verdicts on the short ones of such documents, pointing at the kept copy of the longest paragraph
        (the first of equally long ones). Kept copies are substantial, so nothing points at a husk.
    """
    pointers = held.select(*PLACE, "duplicate_of_document", "duplicate_of_paragraph")
    substantial = paragraphs.filter("substantial").select(*PLACE, "words")
    known = substantial.join(pointers, on=PLACE, how="left", maintain_order="left")
    longest = (
        known.filter(pl.col("duplicate_of_document").is_not_null().all().over("document_id"))
        .sort("document_id", pl.col("words").cast(pl.Int64).neg(), "paragraph")
        .unique("document_id", keep="first", maintain_order=True)
    )
    left = paragraphs.filter(~pl.col("substantial"))
    # One line that states something keeps the others too: without them nobody knows what it is about.
    left = left.filter((~pl.col("states")).all().over("document_id")).select(*PLACE)
    longest = longest.select(
        "document_id", "duplicate_of_document", "duplicate_of_paragraph", longest="paragraph"
    )
    return left.join(longest, on="document_id", maintain_order="left").select(
        *PLACE,
        reason=pl.lit("husk"),
        rule=pl.lit("match.husk"),
        evidence=pl.format(
            "states nothing by itself, and others hold what its document says (its longest is paragraph {})",
            "longest",
        ),
        duplicate_of_document="duplicate_of_document",
        duplicate_of_paragraph="duplicate_of_paragraph",
        duplicate_of=pl.lit(None, _places(paragraphs)),
        similarity=pl.lit(None, pl.Float64),
    )


def find_repeats(paragraphs: pl.DataFrame, held: pl.DataFrame, options: MatchOptions) -> pl.DataFrame:
    """`document_id` and `paragraph` of what is held by its own document alone, and too short to go for that."""
    own = held.filter(
        (pl.col("duplicate_of_document") == pl.col("document_id")) & pl.col("duplicate_of").is_null()
    )
    short = paragraphs.filter(pl.col("words") < options.min_repeat_words).select(PLACE)
    return own.select(PLACE).join(short, on=PLACE, how="semi", maintain_order="left")


def conclude(
    paragraphs: pl.DataFrame, held: pl.DataFrame, options: MatchOptions, pinned: pl.DataFrame | None = None
) -> pl.DataFrame:
    """All verdicts: those on substantial paragraphs, then husks, within the scope.

    None on what is pinned, nor on what only its own document says again in few words.

    Returns:
        Verdicts with `removes`, sorted by document and paragraph. In the scope `document` only those on
        documents that go as a whole are left; in the scope `label` nothing removes.
    """
    held = held.join(find_repeats(paragraphs, held, options), on=PLACE, how="anti", maintain_order="left")
    if pinned is not None:
        held = held.join(pinned, on=PLACE, how="anti", maintain_order="left")
    verdicts = pl.concat([held.select(VERDICT), find_husks(paragraphs, held)])
    if pinned is not None:
        verdicts = verdicts.join(pinned, on=PLACE, how="anti", maintain_order="left")
    if options.scope == "document":
        spared = paragraphs.join(verdicts, on=PLACE, how="anti").select("document_id").unique()
        verdicts = verdicts.join(spared, on="document_id", how="anti")
    return verdicts.with_columns(removes=pl.lit(options.scope != "label")).sort(PLACE)
