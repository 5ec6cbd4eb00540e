"""One reader per format: the bytes of a file to its records.

To add a format, write a function of the shape of `read_text` and name its suffixes in `READERS`. To add a
compression, name its suffix and its opener in `tasks/read/packing.py`.
"""

import json
from collections.abc import Iterator
from typing import IO

from tasks.charset import decode
from tasks.read.archives import ARCHIVES, open_archive
from tasks.read.crawls import read_warc
from tasks.read.packing import Budget, TooMuchError, explain_damage, is_damage, split_suffixes, unpack
from tasks.read.records import (
    SPLIT,
    Fault,
    Found,
    LeftOut,
    Reader,
    ReadOptions,
    Record,
    Records,
    read_lines,
)
from tasks.read.tables import read_csv, read_parquet, read_tsv


def read_text(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """The whole file is one record."""
    content = stream.read(options.max_document_bytes + 1)
    if len(content) > options.max_document_bytes:
        yield Fault(
            0, f"This is longer than {options.max_document_mib} MiB, too long for one document. {SPLIT}"
        )
        return
    decoded = decode(content)
    if decoded.error:
        yield Fault(0, decoded.error)
        return
    yield Record(0, "#0", decoded.text, decoded.charset, {})


def read_page(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """The whole file is one HTML page."""
    from tasks.read.pages import read_html  # noqa: PLC0415 - a third of a second that most runs do not need

    content = stream.read(options.max_document_bytes + 1)
    if len(content) > options.max_document_bytes:
        yield Fault(0, f"This page is longer than {options.max_document_mib} MiB. {SPLIT}")
        return
    page = read_html(content)
    if page.error:
        yield Fault(0, page.error)
        return
    yield Record(0, "#0", page.text, "utf-8", page.mapped, markup=page.markup)


def read_jsonl(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """One record per line that is not blank; a line that is none leaves the others as they are."""
    records = Records(options)
    for number, line in enumerate(read_lines(stream, options.max_document_bytes), 1):
        if not line.strip():
            continue
        if len(line) > options.max_document_bytes:
            yield records.fault(f"Line {number} is longer than {options.max_document_mib} MiB. {SPLIT}")
            continue
        fields, fault = _parse_line(line)
        yield records.fault(f"Line {number} {fault}") if fault else records.make(fields, f"Line {number}")


def _parse_line(line: bytes) -> tuple[dict[str, object], str]:
    """The fields of a JSONL line, or what is wrong with it."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = decode(line).text
    try:
        parsed = json.loads(text, object_pairs_hook=keep_repeated)
    except RecursionError:
        return {}, "is nested too deeply to be a record. Remove it or mend it."
    except ValueError as error:
        reason = getattr(error, "msg", "a number that is too long")
        return {}, f"is no JSON ({reason}); it may have been cut off. Mend the line or remove it."
    if not isinstance(parsed, dict):
        return {}, f"is no JSON object but a {type(parsed).__name__}. Each line must be one {{...}}."
    return parsed, ""


def keep_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of its pairs; of a repeated key the last value counts, and the others stay beside it.

    >>> keep_repeated([("a", 1), ("b", 2), ("a", 3)])
    {'a': 3, 'b': 2, 'a (1)': 1}
    """
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    before: dict[str, int] = {}
    for name, value in reversed(pairs):
        times = before[name] = before.get(name, -1) + 1
        while times and (other := f"{name} ({times})") in plain:
            times += 1
        if times:
            plain[other] = value
    return plain


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    "": read_text,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".parquet": read_parquet,
    ".html": read_page,
    ".htm": read_page,
    ".xhtml": read_page,
    ".warc": read_warc,
    ".wet": read_warc,
}


def read_records(path: str, file: IO[bytes], size: int, options: ReadOptions) -> Iterator[Found]:
    """All records of a file, by its suffix; what is wrong with it comes as a `Fault`.

    Args:
        path: the file's name.
        file: its bytes, opened.
        size: how many they are.
        options: how to read.
    """
    budget = Budget(size, options.max_expansion)
    packing, kind = split_suffixes(path)
    if kind not in ARCHIVES:
        yield from _read_file(path, file, options, budget)
        return
    is_empty, is_read = True, False
    with unpack(file, packing, budget) as stream:
        for member in open_archive(stream, kind, budget):
            is_empty = False
            if member.fault:
                is_read |= not member.name  # the archive's own fault says it all
                yield Fault(0, member.fault, member.name)
                continue
            for found in _read_file(member.name, member.stream, options, budget, is_packed=True):
                is_read |= isinstance(found, Record)
                yield found if isinstance(found, LeftOut) else found._replace(member=member.name)
    if is_empty:
        yield EMPTY
    elif not is_read:
        yield Fault(0, "No file in this archive could be read; a row of quarantine for each says why.")


EMPTY = Record(0, "#0", "", "utf-8", {})
"""Stands for a file in which there is nothing, so that it is known to have been read."""


def _read_file(
    name: str, file: IO[bytes], options: ReadOptions, budget: Budget, *, is_packed: bool = False
) -> Iterator[Found]:
    """All records of a file that is no archive, or lies in one (`is_packed`)."""
    packing, kind = split_suffixes(name)
    reader = READERS.get(kind)
    if kind in ARCHIVES:
        yield Fault(
            0, "This is an archive inside an archive, which Decant does not open. Unpack the outer one."
        )
        return
    if reader is None:
        known = ", ".join(sorted({*filter(None, READERS), *ARCHIVES}))
        yield Fault(0, f"Decant does not read {kind} files, but {known}. Convert it, or move it out of RAW.")
        return
    done, is_empty = 0, True
    try:
        with unpack(file, packing, budget) as stream:
            for found in reader(stream, options):
                if not isinstance(found, LeftOut):
                    is_empty = False
                    done = found.record + 1
                yield found
        if is_empty:
            yield EMPTY
    except TooMuchError as error:
        yield Fault(done, str(error))
    except Exception as error:
        if not (is_packed or packing) or not is_damage(error):
            raise
        yield Fault(done, explain_damage(error))
