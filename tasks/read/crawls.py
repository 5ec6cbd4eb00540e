"""Crawls: WARC files, and the WET files of Common Crawl; every page in them is a record."""

import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from tasks.charset import decode
from tasks.read.fields import parse_time
from tasks.read.packing import Bounded
from tasks.read.records import SPLIT, Found, LeftOut, ReadOptions, Records

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

    from tasks.read.pages import Page

HTML = ("text/html", "application/xhtml+xml")
TEXT = ("text/plain",)
HEADERS = {"id": "WARC-Record-ID", "url": "WARC-Target-URI", "fetched_at": "WARC-Date"}
NOT_CONTENT = ("warcinfo", "request", "metadata")
"""Records about the crawl itself."""


def read_warc(stream: IO[bytes], options: ReadOptions) -> Iterator[Found]:
    """HTTP responses of HTML and plain text, and the texts of WET files; what is neither is counted.

    The URL is that of the record. Its date says when the page was fetched, not when it was published.
    """
    from fastwarc.warc import ArchiveIterator  # noqa: PLC0415 - what most runs do not need

    records = Records(options)
    buffered = io.BufferedReader(Bounded(stream))
    if not buffered.peek(1):
        return
    try:
        for record in ArchiveIterator(
            _Forward(buffered),  # type: ignore[arg-type] # it does not seek
            parse_http=False,
            stream_detect=False,
        ):
            kind = str(record.record_type)
            if kind in NOT_CONTENT:
                continue
            yield _read_record(record, kind, records, options)
    except OSError as error:
        if "WARC" not in str(error):
            raise
        yield records.fault(f"From here on this is no WARC file ({error}). Fetch it again.")


class _Forward:
    """A stream that can only be read on: the library panics if one that has `seek` does not like to."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes."""
        block = self._stream.read(size)
        self._read += len(block)
        return block

    def tell(self) -> int:
        """Bytes read."""
        return self._read


def _read_record(record: "WarcRecord", kind: str, records: Records, options: ReadOptions) -> Found:
    """One response or conversion."""
    url = record.headers.get("WARC-Target-URI") or ""
    said = record.headers.get("Content-Length") or ""
    if not said.isdecimal():
        return records.fault(f"The file is cut off or damaged in the head of the page {url}. Fetch it again.")
    length = int(said)
    if length > options.max_document_bytes:
        return records.fault(f"The page {url} is longer than {options.max_document_mib} MiB. {SPLIT}")
    block = record.reader.read(length)
    if len(block) < length:
        return records.fault(f"The file is cut off in the page {url}. Fetch it again.")
    if kind not in ("response", "conversion", "resource"):
        return LeftOut(f"{kind} records")
    return _read_body(record, block, records, options)


class _Body(NamedTuple):
    """What a record holds, unpacked."""

    status: int
    content_type: str
    charset: str
    content: bytes


def _open_body(block: bytes, content_type: str, limit: int) -> _Body:
    """The body of a response; a record that is none is its own body, and counts as answered.

    A response that is not packed as it says breaks the reader that it comes from; so it gets one of its own.
    """
    if not content_type.startswith("application/http"):
        return _Body(200, content_type, "", block)
    from fastwarc.warc import WarcRecord  # noqa: PLC0415 - what most runs do not need

    head = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    record = WarcRecord.from_bytes(head.encode("utf-8", "replace") + block + b"\r\n\r\n")
    record.parse_http(auto_decode="all")
    status = record.http_headers.status_code if record.http_headers else None
    content = record.reader.read(limit)
    return _Body(status or 0, record.http_content_type or "", record.http_charset or "", content)


def _read_body(record: "WarcRecord", block: bytes, records: Records, options: ReadOptions) -> Found:
    """The page that a record holds."""
    url = record.headers.get("WARC-Target-URI") or ""
    outer_type = record.headers.get("Content-Type") or ""
    try:
        body = _open_body(
            block, outer_type.replace("\r", " ").replace("\n", " "), options.max_document_bytes + 1
        )
    except OSError as error:
        return records.fault(f"The page {url} is damaged ({error}). Fetch it again.")
    if not 200 <= body.status < 300:
        return LeftOut(f"status {body.status}")
    content, declared = body.content, body.charset
    content_type = body.content_type.split(";")[0].strip().lower()
    if content_type not in HTML + TEXT:
        return LeftOut(content_type or "no content type")
    if len(content) > options.max_document_bytes:
        return records.fault(f"The page {url} is longer than {options.max_document_mib} MiB. {SPLIT}")
    page = _read_page(content, declared) if content_type in HTML else _read_text(content)
    if page.error:
        return records.fault(f"The page {url} cannot be read. {page.error}")
    known = {role: record.headers.get(name) for role, name in HEADERS.items()}
    known["fetched_at"] = parse_time(known["fetched_at"] or "")
    taken = {role: HEADERS[role] for role, value in known.items() if value}
    return records.add(page.text, {**page.mapped, **known}, markup=page.markup or None, taken=taken)


def _read_page(content: bytes, declared: str) -> "Page":
    from tasks.read.pages import read_html  # noqa: PLC0415 - a third of a second that most runs do not need

    return read_html(content, declared)


def _read_text(content: bytes) -> "Page":
    from tasks.read.pages import Page  # noqa: PLC0415 - as above

    text, _, error = decode(content)
    return Page(text, error=error)
