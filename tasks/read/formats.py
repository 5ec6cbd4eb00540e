"""One reader per format: the bytes of a file to its records.

To add a format, write a function of the shape of `read_text` and name its suffixes in `READERS`. To add a
compression, name its suffix and its opener in `OPENERS`.
"""

import bz2
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

from tasks.charset import decode
from tasks.read.fields import Fields, map_fields

if TYPE_CHECKING:
    from tasks.read.pages import Page

MIB = 2**20


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read.

    Args:
        fields: names of the record fields that hold text, html, url, title, byline, published_at and id; the
            first that a record has is taken. A page is read where there is no text.
        max_document_mib: a longer record is not read. A newspaper's whole year is under 100 MiB; 256 keeps
            one record within the memory of a small machine.
        max_expansion: a packed file that grows by more than this is a bomb. Text shrinks 3 to 10 times,
            and 60 times at the most in the log files of the zstd and gzip manuals.
    """

    fields: Fields = Fields()
    max_document_mib: int = 256
    max_expansion: int = 200

    def __post_init__(self) -> None:
        """Refuse what no run can do.

        Raises:
            ValueError: a count or a size is not above 0.
        """
        for name, value in vars(self).items():
            if isinstance(value, int) and value < 1:
                raise ValueError(f"{name} must be 1 or more")


class Record(NamedTuple):
    """One document of a file; `key` tells it from the others there."""

    record: int
    key: str
    text: str
    charset: str
    mapped: Mapping[str, str | None]
    extra: str | None = None
    markup: str | None = None


class Fault(NamedTuple):
    """A record, or from there on the rest of the file, that could not be read."""

    record: int
    error: str


Reader = Callable[[IO[bytes], ReadOptions], Iterator[Record | Fault]]

BROKEN_PACKING = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


def read_text(stream: IO[bytes], options: ReadOptions) -> Iterator[Record | Fault]:
    """The whole file is one record."""
    limit = options.max_document_mib * MIB
    content = stream.read(limit + 1)
    if len(content) > limit:
        yield Fault(
            0, f"This is longer than {options.max_document_mib} MiB, too long for one document. {SPLIT}"
        )
        return
    decoded = decode(content)
    if decoded.error:
        yield Fault(0, decoded.error)
        return
    yield Record(0, "#0", decoded.text, decoded.charset, {})


def read_page(stream: IO[bytes], options: ReadOptions) -> Iterator[Record | Fault]:
    """The whole file is one HTML page."""
    from tasks.read.pages import read_html  # noqa: PLC0415 - a third of a second that most runs do not need

    limit = options.max_document_mib * MIB
    content = stream.read(limit + 1)
    if len(content) > limit:
        yield Fault(0, f"This page is longer than {options.max_document_mib} MiB. {SPLIT}")
        return
    page = read_html(content)
    if page.error:
        yield Fault(0, page.error)
        return
    yield Record(0, "#0", page.text, "utf-8", page.mapped, markup=page.markup)


SPLIT = "Split it into documents, or raise read.max_document_mib in the configuration."


def read_jsonl(stream: IO[bytes], options: ReadOptions) -> Iterator[Record | Fault]:
    """One record per line that is not blank; a line that is none leaves the others as they are."""
    limit = options.max_document_mib * MIB
    seen: dict[str, int] = {}
    record = -1
    for number, line in enumerate(_read_lines(stream, limit), 1):
        if not line.strip():
            continue
        record += 1
        if len(line) > limit:
            yield Fault(record, f"Line {number} is longer than {options.max_document_mib} MiB. {SPLIT}")
            continue
        fields, fault = _parse_line(line)
        if fault:
            yield Fault(record, f"Line {number} {fault}")
            continue
        yield make_record(record, fields, seen, f"Line {number}", options.fields)


def make_record(
    record: int, fields: dict[str, object], seen: dict[str, int], place: str, names: Fields
) -> Record | Fault:
    """A record of mapped fields.

    Args:
        record: its 0-based index in the file.
        fields: by name, as the file has them.
        seen: how often each id was met in this file; updated. A repeated id keeps its records apart.
        place: where it stands, for the message.
        names: which field is which.
    """
    mapped, extra = map_fields(fields, names)
    text, html = mapped.pop("text"), mapped.pop("html")
    markup = None
    if html is not None and not (text and text.strip()):
        page = _parse_html(html)
        if page.error:
            return Fault(record, f"{place}: {page.error}")
        text, markup = page.text, page.markup
        mapped = {**page.mapped, **{role: value for role, value in mapped.items() if value is not None}}
    if not isinstance(text, str):
        held = ", ".join(list(fields)[:8]) or "nothing"
        return Fault(
            record,
            f"{place} has no text (its fields: {held}). Name the field that holds it in read.fields.text.",
        )
    identity = mapped.pop("id", None)
    key = f"#{record}" if identity is None else f"={identity}"
    seen[key] = seen.get(key, 0) + 1
    if seen[key] > 1:
        key = f"~{seen[key]}{key}"  # no id can begin so: keys begin with "#" or "="
    return Record(record, key, text, "utf-8", mapped, extra, markup)


def _parse_html(html: str) -> "Page":
    from tasks.read.pages import parse_html  # noqa: PLC0415 - a third of a second that most runs do not need

    return parse_html(clean_surrogates(html))


def clean_surrogates(text: str) -> str:
    r"""Half surrogate pairs, which no encoding can write, stay as the escapes that they were written in.

    >>> clean_surrogates("a\ud800b")
    'a\\ud800b'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def _read_lines(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """Lines of bounded length: of one that is longer, the first `limit` + 1 bytes."""
    first = True
    while line := stream.readline(limit + 1):
        if len(line) > limit:
            while (rest := stream.readline(MIB)) and not rest.endswith(b"\n"):
                pass
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _parse_line(line: bytes) -> tuple[dict[str, object], str]:
    """The fields of a JSONL line, or what is wrong with it."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = decode(line).text
    try:
        parsed = json.loads(text)
    except RecursionError:
        return {}, "is nested too deeply to be a record. Remove it or mend it."
    except ValueError as error:
        reason = getattr(error, "msg", "a number that is too long")
        return {}, f"is no JSON ({reason}); it may have been cut off. Mend the line or remove it."
    if not isinstance(parsed, dict):
        return {}, f"is no JSON object but a {type(parsed).__name__}. Each line must be one {{...}}."
    return parsed, ""


READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    "": read_text,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".html": read_page,
    ".htm": read_page,
    ".xhtml": read_page,
}


class ByteStream(Protocol):
    """What unpacks."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""


OPENERS: dict[str, Callable[[IO[bytes]], ByteStream]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}


def read_records(path: str, file: IO[bytes], size: int, options: ReadOptions) -> Iterator[Record | Fault]:
    """All records of a file, by its suffix; what is wrong with it comes as a `Fault`.

    Args:
        path: the file's name.
        file: its bytes, opened.
        size: how many they are.
        options: how to read.
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    opener = OPENERS.get(suffixes[-1]) if suffixes else None
    kind = (suffixes[-2] if len(suffixes) > 1 else "") if opener else (suffixes[-1] if suffixes else "")
    reader = READERS.get(kind)
    if reader is None:
        known = ", ".join(sorted(filter(None, READERS)))
        yield Fault(0, f"Decant does not read {kind} files, but {known}. Convert it, or move it out of RAW.")
        return
    if opener is None:
        yield from reader(file, options)
        return
    bounded = io.BufferedReader(_Bounded(opener(file), size * options.max_expansion + MIB))
    done = 0
    try:
        for record in reader(bounded, options):
            done = record.record + 1
            yield record
    except _BombError:
        yield Fault(
            done,
            f"This unpacks to more than {options.max_expansion} times its size, like a bomb. "
            "Unpack it by hand if it is wanted, or raise read.max_expansion.",
        )
    except BROKEN_PACKING as error:
        yield Fault(done, f"The packed file is damaged or cut off ({error}). Fetch it again.")


class _BombError(Exception):
    """More came out than can be true."""


class _Bounded(io.RawIOBase):
    """A stream that stops a bomb before it fills the memory."""

    def __init__(self, stream: ByteStream, limit: int) -> None:
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        block = self._stream.read(len(view))
        self._left -= len(block)
        if self._left < 0:
            raise _BombError
        view[: len(block)] = block
        return len(block)
