"""Which field of a record is which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fields:
    """Names of the fields to map, best first.

    The defaults are those of the dumps of newspaper4k, news-please, Common Crawl's news extractors and
    Hugging Face text sets.
    """

    text: tuple[str, ...] = ("text", "content", "body", "maintext", "article", "raw_content")
    html: tuple[str, ...] = ("html", "raw_html", "html_content")
    url: tuple[str, ...] = ("url", "link", "source_url", "canonical_url")
    title: tuple[str, ...] = ("title", "headline")
    byline: tuple[str, ...] = ("byline", "author", "authors")
    published_at: tuple[str, ...] = ("published_at", "published", "date_publish", "publish_date", "date")
    id: tuple[str, ...] = ("id", "_id", "uuid")


WHOLE = ("text", "html")
"""Roles of fields that are taken as they stand."""


def map_fields(fields: Mapping[str, object], names: Fields) -> tuple[dict[str, str | None], str | None]:
    """The mapped fields, and all others as JSON (None if there is none).

    A field that is there but cannot be what its name says stays among the others.

    >>> map_fields({"body": "x", "date": "2024-05-14", "n": 1}, Fields())[0]["published_at"]
    '2024-05-14'
    """
    taken: dict[str, str] = {}
    mapped: dict[str, str | None] = {}
    for role, wanted in vars(names).items():
        mapped[role] = None
        for name in wanted:
            if name in fields and (value := _read_field(role, fields[name])) is not None:
                mapped[role] = value
                taken[name] = role
                break
    if mapped["html"] is not None and (mapped["text"] or "").strip():
        # What somebody took for the text is the text; the page it came from goes along unread.
        mapped["html"] = None
        taken = {name: role for name, role in taken.items() if role != "html"}
    others = {name: value for name, value in fields.items() if name not in taken}
    return mapped, _write_json(others) if others else None


def _read_field(role: str, value: object) -> str | None:
    """The value as text; None if it is none of that role."""
    if role == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if role == "byline" and isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    if not isinstance(value, str) or (role not in WHOLE and not value.strip()):
        return None
    return parse_time(value) if role == "published_at" else value if role in WHOLE else _scalar(value)


def _scalar(value: str) -> str:
    """A short text as a table can hold it."""
    return value.strip().encode("utf-8", "backslashreplace").decode()


def _write_json(others: Mapping[str, object]) -> str:
    written = json.dumps(others, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(others)
    return written


def parse_time(value: str) -> str | None:
    """ISO 8601 of a date in ISO or mail form; None if it is neither.

    >>> parse_time("Tue, 14 May 2024 08:15:00 +0700")
    '2024-05-14T08:15:00+07:00'
    >>> parse_time("yesterday")
    """
    value = value.strip()
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
    if len(value) == len("2024-05-14") and parsed == datetime(parsed.year, parsed.month, parsed.day):  # noqa: DTZ001 - a day has no zone
        return value
    return parsed.isoformat()


def find_site(url: str | None, source_path: str) -> str | None:
    """Host of the URL without `www.`, else the first folder under RAW; None for a file right in RAW.

    >>> find_site("https://www.chodem.example/a", "x/y.txt"), find_site(None, "x/y.txt"), find_site(None, "y.txt")
    ('chodem.example', 'x', None)
    """
    if url:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if host:
            return host.removeprefix("www.")
    folder, slash, _ = source_path.partition("/")
    return folder if slash else None
