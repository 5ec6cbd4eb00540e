"""Labelled sets as the tables that the strip step takes.

A set has one page per row: {id, lang, site, lines: [{t, y: keep|remove|either, z?, b?, c?}]}, as JSON
lines, perhaps gzipped.
"""

import gzip
import json
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

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
PAGES = {
    "document": pl.UInt32,
    "document_id": pl.String,
    "source_path": pl.String,
    "source_record": pl.UInt32,
    "site": pl.String,
    "url": pl.String,
    "title": pl.String,
    "byline": pl.String,
    "published_at": pl.String,
    "charset": pl.String,
}
LABELS = {"keep": 0, "remove": 1, "either": -1}


class LabelledSet(NamedTuple):
    """Lines, pages, and per line its label (0 keep, 1 remove, -1 either), zone and category."""

    lines: pl.DataFrame
    pages: pl.DataFrame
    labels: np.ndarray
    zone: np.ndarray
    categories: list[str]


def read_set(file: Path) -> LabelledSet:
    """One labelled set."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as rows:
        records = [json.loads(row) for row in rows if row.strip()]
    lines, pages, labels, zone, categories = [], [], [], [], []
    for document, record in enumerate(records):
        site = record.get("site") or "unknown"
        pages.append(
            (
                document,
                f"{document:016x}",
                f"{site}/{record['id']}.txt",
                0,
                site,
                None,
                None,
                None,
                None,
                "utf-8",
            )
        )
        line, offset, paragraph = 1, 0, 0
        for item in record["lines"]:
            line, offset = line + item.get("b", 0), offset + item.get("b", 0)
            raw = " ".join(item["t"].split())
            if raw:
                text = unicodedata.normalize("NFC", raw)
                lines.append((document, paragraph, line, offset, offset + len(raw), raw, text, []))
                labels.append(LABELS[item["y"]])
                zone.append(bool(item.get("z")))
                categories.append(item.get("c") or "")
                paragraph += 1
            line, offset = line + 1, offset + len(raw) + 1
    return LabelledSet(
        pl.DataFrame(lines, schema=LINES, orient="row"),
        pl.DataFrame(pages, schema=PAGES, orient="row"),
        np.array(labels),
        np.array(zone),
        categories,
    )
