"""Tables for the strip step out of plain lists of lines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tasks.strip import StripOptions, Stripped, learn, observe, strip

CASES = Path(__file__).parents[1] / "cases" / "strip"
OPTIONS = StripOptions()
LINES = {
    "document": pl.UInt32,
    "paragraph": pl.UInt32,
    "line": pl.UInt32,
    "start": pl.Int64,
    "end": pl.Int64,
    "raw": pl.String,
    "text": pl.String,
    "repairs": pl.List(pl.String),
}
TEXT_COLUMNS = ("url", "title", "byline", "published_at")


def make_tables(
    documents: Sequence[Sequence[str]], sites: Sequence[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and pages; an empty string is a blank line."""
    lines, pages = [], []
    for document, texts in enumerate(documents):
        offset, paragraph = 0, 0
        for number, text in enumerate(texts, 1):
            if text:
                lines.append((document, paragraph, number, offset, offset + len(text), text, text, []))
                paragraph += 1
            offset += len(text) + 1
        site = sites[document] if sites else "river.example"
        pages.append(
            {
                "document": document,
                "document_id": f"d{document}",
                "source_path": f"{document}.txt",
                "site": site,
            }
        )
    extra = {name: pl.lit(None, pl.String) for name in TEXT_COLUMNS}
    table = pl.DataFrame(pages, schema_overrides={"document": pl.UInt32})
    return (
        pl.DataFrame(lines, schema=LINES, orient="row"),
        table.with_columns(source_record=pl.lit(0, pl.UInt32), charset=pl.lit("utf-8"), **extra),
    )


def run(documents: Sequence[Sequence[str]], sites: Sequence[str] = ()) -> Stripped:
    """The step over whole documents, with what is learnt from these same documents."""
    lines, pages = make_tables(documents, sites)
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    return strip(lines, pages, knowledge, options=OPTIONS)


def reasons(documents: Sequence[Sequence[str]], sites: Sequence[str] = ()) -> list[str | None]:
    """Reason per line that is not blank."""
    return run(documents, sites).lines["reason"].to_list()


def read_cases(name: str) -> Any:  # noqa: ANN401 (JSON)
    """The cases of one file."""
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def embed(article: Sequence[str], given: Sequence[str], place: str) -> tuple[list[str], int]:
    """The article with the given lines in it, and where they begin."""
    at = {"start": 1, "middle": 3, "end": len(article)}[place]
    return [*article[:at], *given, *article[at:]], at
