"""Read: files in RAW to records with stable ids.

`find_inputs` says what is there, `read_shard` reads some of it. A file that cannot be read, or a record
of it, becomes a `Problem`, never an exception.
"""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import polars as pl
import xxhash

from tasks.read.fields import Fields, find_site
from tasks.read.formats import read_records
from tasks.read.inputs import (
    Input,
    Inputs,
    Problem,
    explain_os_error,
    find_inputs,
    make_document_id,
    name_file,
    write_path,
)
from tasks.read.packing import split_suffixes
from tasks.read.records import Fault, LeftOut, ReadOptions, Record, clean_surrogates
from tasks.read.remote import RemoteError, find_remote, open_remote, parse_raw

__all__ = [
    "RECORDS",
    "Fields",
    "Input",
    "Inputs",
    "Problem",
    "ReadOptions",
    "Shard",
    "Taken",
    "digest_text",
    "digest_texts",
    "find_inputs",
    "list_inputs",
    "name_file",
    "parse_raw",
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
        "fetched_at": pl.String(),
        "extra": pl.String(),
        "markup": pl.String(),
        "text": pl.String(),
    }
)
"""One row per record; `text` is the decoded record, `markup` what a page's markup said of its lines."""

SHARD_CHARS = 16 * 2**20
"""Characters per shard: about 50 MB once segmented, so that two workers stay far below 1 GB."""


class Taken(NamedTuple):
    """What readers made of a kind of file: `field` was taken for `role`; or left out, as no document."""

    kind: str
    role: str
    field: str


LEFT_OUT = "left out"
"""The role of what is no document by its nature, such as pictures in a crawl."""


class Shard(NamedTuple):
    """Some records, the problems met among them, and how often a field was taken for something."""

    records: pl.DataFrame
    problems: list[Problem]
    taken: Counter[Taken]


def list_inputs(raw: Path | str) -> Inputs:
    """All of RAW, a folder or the URL of an object store.

    Raises:
        OSError: RAW itself cannot be listed.
        UsageError: the store cannot be reached, or there is nothing.
    """
    return find_remote(raw) if isinstance(raw, str) else find_inputs(raw)


@contextlib.contextmanager
def open_input(raw: Path | str, file: Input) -> Iterator[IO[bytes]]:
    """The bytes of a file in RAW."""
    with open_remote(raw, file) if isinstance(raw, str) else (raw / file.name).open("rb") as opened:
        yield opened


def hash_input(raw: Path | str, file: Input) -> str:
    """The digest that `sources` has of a file, by its bytes as they are now; "" if it cannot be read.

    Args:
        raw: the folder or URL that the file's name is relative to.
        file: which.
    """
    try:
        with open_input(raw, file) as opened:
            return _hash_file(opened)
    except (OSError, RemoteError):
        return ""


def read_shard(raw: Path | str, inputs: Sequence[Input], options: ReadOptions) -> Iterator[Shard]:
    """Read files in order; a new shard begins whenever one is full.

    Args:
        raw: the folder or URL that the inputs' names are relative to.
        inputs: which files.
        options: how to read them.
    """
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    taken: Counter[Taken] = Counter()
    chars = 0
    for file in inputs:
        for row in _read_file(raw, file, options, taken):
            if isinstance(row, Problem):
                problems.append(row)
                continue
            rows.append(row)
            chars += len(str(row["text"]))
            if chars >= SHARD_CHARS:
                yield Shard(_make_table(rows), problems, taken)
                rows, problems, taken, chars = [], [], Counter(), 0
    if rows or problems or taken:
        yield Shard(_make_table(rows), problems, taken)


def _read_file(
    raw: Path | str, file: Input, options: ReadOptions, taken: Counter[Taken]
) -> Iterator[dict[str, object] | Problem]:
    """Rows of RECORDS, and problems; what was taken for what is counted."""
    stamp = (file.source_bytes, file.source_mtime_ns)
    last = ("", -1)
    try:
        with open_input(raw, file) as opened:
            origin = _describe(file, _hash_file(opened))
            opened.seek(0)
            for found in read_records(file.name, opened, file.source_bytes, options):
                if isinstance(found, LeftOut):
                    taken[Taken(_kind_of(file.name), LEFT_OUT, found.kind)] += 1
                    continue
                last = (found.member, found.record)
                name = f"{file.name}!{found.member}" if found.member else file.name
                if isinstance(found, Fault):
                    yield Problem(write_path(name), found.record, found.error, *stamp)
                    continue
                for role, field in found.taken.items():
                    taken[Taken(_kind_of(name), role, field)] += 1
                yield origin | _make_row(name, found)
    except OSError as error:
        yield Problem(file.source_path, 0, explain_os_error(error))
    except RemoteError as error:
        yield Problem(
            file.source_path,
            last[1] + 1,
            f"The store did not hand this over ({error}). The next run tries again.",
        )
    except BaseException as error:  # the one broad catch: a file that breaks a reader must not end the run
        if not (isinstance(error, Exception) or type(error).__name__ == PANIC):
            raise
        member, record = last
        yield Problem(
            write_path(f"{file.name}!{member}") if member else file.source_path,
            record + 1,
            f"Reading this failed in an unexpected way ({type(error).__name__}: {error}). "
            "Move it out of RAW and report it with the file.",
            *stamp,
        )


PANIC = "PanicException"
"""What libraries in Rust raise when they break, each a class of its own that is no `Exception`."""


def _kind_of(name: str) -> str:
    """The format of a file, by its suffix."""
    return split_suffixes(name)[1].removeprefix(".")


def _hash_file(opened: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := opened.read(2**20):
        digest.update(block)
    return digest.hexdigest()


def _describe(file: Input, sha256: str) -> dict[str, object]:
    return {
        "source_sha256": sha256,
        "source_bytes": file.source_bytes,
        "source_mtime_ns": file.source_mtime_ns,
    }


def _make_row(name: str, record: Record) -> dict[str, object]:
    is_blank = not record.text or record.text.isspace()
    source_path = write_path(name)
    return {
        **dict.fromkeys(("url", "title", "byline", "published_at", "fetched_at")),
        **record.mapped,
        "source_path": source_path,
        "document_id": make_document_id(name, record.key),
        "source_record": record.record,
        "source_charset": record.charset,
        "status": "empty" if is_blank else "read",
        "site": find_site(record.mapped.get("url"), source_path),
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
