"""Read: files in RAW to records with stable ids.

`find_inputs` says what is there, `read_shard` reads some of it. A file that cannot be read, or a record
of it, becomes a `Problem`, never an exception.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import polars as pl
import xxhash

from tasks.read.fields import Fields, find_site
from tasks.read.formats import Fault, ReadOptions, Record, clean_surrogates, read_records
from tasks.read.inputs import (
    Input,
    Inputs,
    Problem,
    explain_os_error,
    find_inputs,
    make_document_id,
)

__all__ = [
    "RECORDS",
    "Fields",
    "Input",
    "Inputs",
    "Problem",
    "ReadOptions",
    "Shard",
    "digest_text",
    "digest_texts",
    "find_inputs",
    "read_shard",
]

RECORDS = pl.Schema(
    {
        "document_id": pl.String(),
        "source_path": pl.String(),
        "source_record": pl.Int32(),
        "source_sha256": pl.String(),
        "source_bytes": pl.Int64(),
        "source_mtime_ns": pl.Int64(),
        "source_charset": pl.String(),
        "record_digest": pl.String(),
        "status": pl.String(),
        "site": pl.String(),
        "url": pl.String(),
        "title": pl.String(),
        "byline": pl.String(),
        "published_at": pl.String(),
        "extra": pl.String(),
        "markup": pl.String(),
        "text": pl.String(),
    }
)
"""One row per record; `text` is the decoded record, `markup` what a page's markup said of its lines."""

SHARD_CHARS = 16 * 2**20
"""Characters per shard: about 50 MB once segmented, so that two workers stay far below 1 GB."""


class Shard(NamedTuple):
    """Some records, and the problems met among them."""

    records: pl.DataFrame
    problems: list[Problem]


def read_shard(raw: Path, inputs: Sequence[Input], options: ReadOptions) -> Iterator[Shard]:
    """Read files in order; a new shard begins whenever one is full.

    Args:
        raw: the folder that the inputs' names are relative to.
        inputs: which files.
        options: how to read them.
    """
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    chars = 0
    for file in inputs:
        for row in _read_file(raw, file, options):
            if isinstance(row, Problem):
                problems.append(row)
                continue
            rows.append(row)
            chars += len(str(row["text"]))
            if chars >= SHARD_CHARS:
                yield Shard(_make_table(rows), problems)
                rows, problems, chars = [], [], 0
    if rows or problems:
        yield Shard(_make_table(rows), problems)


def _read_file(raw: Path, file: Input, options: ReadOptions) -> Iterator[dict[str, object] | Problem]:
    """Rows of RECORDS, and problems."""
    next_record = 0
    try:
        with (raw / file.name).open("rb") as opened:
            origin = _describe(file, _hash_file(opened))
            opened.seek(0)
            has_rows = False
            for record in read_records(file.name, opened, file.source_bytes, options):
                has_rows = True
                next_record = record.record + 1
                if isinstance(record, Fault):
                    yield Problem(file.source_path, record.record, record.error)
                else:
                    yield origin | _make_row(file, record)
            if not has_rows:
                yield origin | _make_row(file, Record(0, "#0", "", "utf-8", {}))
    except OSError as error:
        yield Problem(file.source_path, 0, explain_os_error(error))
    except Exception as error:  # noqa: BLE001 - the one broad catch: a file that breaks a reader must not end the run
        yield Problem(
            file.source_path,
            next_record,
            f"Reading this failed in an unexpected way ({type(error).__name__}: {error}). "
            "Move it out of RAW and report it with the file.",
        )


def _hash_file(opened: BufferedReader) -> str:
    return hashlib.file_digest(opened, "sha256").hexdigest()


def _describe(file: Input, sha256: str) -> dict[str, object]:
    return {
        "source_path": file.source_path,
        "source_sha256": sha256,
        "source_bytes": file.source_bytes,
        "source_mtime_ns": file.source_mtime_ns,
    }


def _make_row(file: Input, record: Record) -> dict[str, object]:
    is_blank = not record.text or record.text.isspace()
    return {
        **dict.fromkeys(("url", "title", "byline", "published_at")),
        **record.mapped,
        "document_id": make_document_id(file.name, record.key),
        "source_record": record.record,
        "source_charset": record.charset,
        "status": "empty" if is_blank else "read",
        "site": find_site(record.mapped.get("url"), file.source_path),
        "extra": record.extra,
        "markup": record.markup,
        "text": record.text,
    }


def _make_table(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """The rows as a table, with the digests of their texts."""
    texts = [str(row["text"]) for row in rows]
    try:
        text = pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:
        text = pl.Series(map(clean_surrogates, texts), dtype=pl.String)
    made = {"text": text, "record_digest": digest_texts(text)}
    columns = {
        name: made[name] if name in made else pl.Series([row[name] for row in rows], dtype=dtype)
        for name, dtype in RECORDS.items()
    }
    return pl.DataFrame(columns, schema=RECORDS)


BLANK_BYTES = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
WIDE_BLANK = "[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""What Python calls white space, in ASCII and beyond."""


def digest_texts(texts: pl.Series) -> pl.Series:
    """`digest_text` of every text of a column, five times as fast."""
    is_wide = texts.str.contains(WIDE_BLANK)
    contents = texts.cast(pl.Binary)
    return pl.Series(
        [
            digest_text(content.decode())
            if wide
            else xxhash.xxh3_128_hexdigest(content.translate(None, BLANK_BYTES))
            for content, wide in zip(contents, is_wide, strict=True)
        ],
        dtype=pl.String,
    )


def digest_text(text: str) -> str:
    r"""xxh3-128 of what is not white space, so that the ledger's pieces can be held against it.

    >>> digest_text("a b") == digest_text("a\nb\n")
    True
    """
    return xxhash.xxh3_128_hexdigest("".join(text.split()).encode())
