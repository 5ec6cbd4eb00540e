"""How fast the strip step is, and whether its cost grows with the lines.

    python tests/benchmarks/strip_speed.py ARTICLES.jsonl.gz

Rows {id, text}, one paragraph per line of `text`. CPU seconds of one process with one polars thread,
best of --rounds; the step alone, and with the observation for the corpus.
"""

import argparse
import gzip
import json
import os
import time
import unicodedata
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl

from tasks.strip import StripOptions, learn, observe, strip

OPTIONS = StripOptions()


def read_articles(file: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines and pages of a file of articles."""
    lines, pages = [], []
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as rows:
        for document, row in enumerate(rows):
            record = json.loads(row)
            pages.append((document, str(record["id"]), "bench"))
            offset, paragraph = 0, 0
            for number, text in enumerate(record["text"].split("\n"), 1):
                raw = text.strip()
                if raw:
                    clean = unicodedata.normalize("NFC", raw)
                    lines.append((document, paragraph, number, offset, offset + len(raw), raw, clean, []))
                    paragraph += 1
                offset += len(text) + 1
    names = ("document", "paragraph", "line", "start", "end", "raw", "text", "repairs")
    kinds = (pl.UInt32, pl.UInt32, pl.UInt32, pl.Int64, pl.Int64, pl.String, pl.String, pl.List(pl.String))
    table = pl.DataFrame(lines, schema=dict(zip(names, kinds, strict=True)), orient="row")
    pages_table = pl.DataFrame(
        pages, schema={"document": pl.UInt32, "document_id": pl.String, "site": pl.String}, orient="row"
    )
    empty = {name: pl.lit(None, pl.String) for name in ("url", "title", "byline", "published_at")}
    return table, pages_table.with_columns(**empty)


def measure(lines: pl.DataFrame, pages: pl.DataFrame, rounds: int) -> tuple[float, float]:
    """CPU seconds of observe and of strip."""
    best_observe = best_strip = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        seen = observe(lines, pages, options=OPTIONS)
        best_observe = min(best_observe, time.process_time() - start)
        knowledge = learn(seen, options=OPTIONS)
        start = time.process_time()
        strip(lines, pages, knowledge, options=OPTIONS)
        best_strip = min(best_strip, time.process_time() - start)
    return best_observe, best_strip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("articles", type=Path, metavar="ARTICLES.jsonl[.gz]")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    lines, pages = read_articles(options.articles)
    print("documents   lines      MB  observe s  strip s  strip MB/s  pages/s")  # noqa: T201 (a command)
    for part in (8, 4, 2, 1):
        few = pages.head(len(pages) // part)
        some = lines.filter(pl.col("document") < len(few))
        size = some["text"].str.len_bytes().sum() / 1e6
        seen, stripped = measure(some, few, options.rounds)
        figures = f"{len(few):9} {len(some):7} {size:7.1f} {seen:10.2f} {stripped:8.2f} {size / stripped:11.1f} {len(few) / stripped:8.0f}"
        print(figures)  # noqa: T201 (a command)


if __name__ == "__main__":
    main()
