"""Which field of a record is which."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from tasks.read.inputs import split_member


@dataclass(frozen=True)
class Fields:
    """Names of the fields to map, best first; capitals count for nothing, nor does a blank or hyphen for `_`.

    The defaults are those of the dumps of newspaper4k, news-please, Scrapy, Common Crawl's news extractors and
    Hugging Face text sets, and the Vietnamese words for them.

    Args:
        text: what becomes the document.
        html: a page, read where there is no text.
        url: where it was published.
        title: its headline.
        byline: who wrote it.
        published_at: when it was published.
        fetched_at: when it was scraped.
        id: what tells it from the others of its file, now and in later versions of it.
    """

    text: tuple[str, ...] = (
        "text", "content", "body", "maintext", "article", "raw_content", "article_text", "full_text", "plain_text",
        "noi_dung", "nội_dung",
    )  # fmt: skip
    html: tuple[str, ...] = ("html", "raw_html", "html_content")
    url: tuple[str, ...] = ("url", "link", "source_url", "canonical_url", "uri")
    title: tuple[str, ...] = ("title", "headline", "tieu_de", "tiêu_đề")
    byline: tuple[str, ...] = ("byline", "author", "authors", "tac_gia", "tác_giả")
    published_at: tuple[str, ...] = (
        "published_at", "published", "date_publish", "publish_date", "published_date", "publication_date", "date",
        "ngay_dang", "ngày_đăng",
    )  # fmt: skip
    fetched_at: tuple[str, ...] = ("fetched_at", "crawled_at", "scraped_at", "date_download", "crawl_date")
    id: tuple[str, ...] = ("id", "_id", "uuid")


@lru_cache(4096)
def fold(name: str) -> str:
    """A field's name without what people write now so and now so.

    >>> fold(" Publish-Date ")
    'publish_date'
    """
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def find_field(names: Iterable[str], wanted: Sequence[str]) -> str | None:
    """The best of the fields that are there; None if there is none."""
    folded = {fold(name): name for name in reversed(list(names))}
    return next((folded[fold(name)] for name in wanted if fold(name) in folded), None)


@lru_cache(4096)
def find_candidates(fields: tuple[str, ...], names: Fields) -> dict[str, list[str]]:
    """For each role the fields that may be it, best first; most records of a file have the same fields.

    >>> find_candidates(("Body", "date", "n"), Fields())["text"]
    ['Body']
    """
    folded = {fold(name): name for name in reversed(fields)}
    candidates = {
        role: [name if name in fields else folded.get(fold(name)) for name in wanted]
        for role, wanted in vars(names).items()
    }
    return {role: [name for name in found if name is not None] for role, found in candidates.items()}


class Mapped(NamedTuple):
    """The fields by role, all others as JSON (None if there is none), and which field was taken for which role."""

    roles: dict[str, str | None]
    extra: str | None
    taken: dict[str, str]


WHOLE = ("text", "html")
"""Roles of fields that are taken as they stand."""
TIMES = ("published_at", "fetched_at")


def map_fields(fields: Mapping[str, object], names: Fields) -> Mapped:
    """Which field of a record is which.

    A field that is there but cannot be what its name says stays among the others.

    >>> map_fields({"Body": "x", "date": "2024-05-14", "n": 1}, Fields()).taken
    {'text': 'Body', 'published_at': 'date'}
    """
    taken: dict[str, str] = {}
    roles: dict[str, str | None] = {}
    for role, candidates in find_candidates(tuple(fields), names).items():
        roles[role] = None
        for found in candidates:
            value = _read_field(role, fields[found])
            if value is not None:
                roles[role], taken[role] = value, found
                break
    if roles["html"] is not None and (roles["text"] or "").strip():
        # What somebody took for the text is the text; the page it came from goes along unread.
        roles["html"] = None
        del taken["html"]
    used = set(taken.values())
    others = {name: value for name, value in fields.items() if name not in used}
    return Mapped(roles, _write_json(others) if others else None, taken)


def _read_field(role: str, value: object) -> str | None:
    """The value as text; None if it is none of that role."""
    if role == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if role == "byline" and isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = ", ".join(value)
    if not isinstance(value, str) or (role not in WHOLE and not value.strip()):
        return None
    if role in TIMES:
        return parse_time(value)
    return value if role in WHOLE else _scalar(value)


def _scalar(value: str) -> str:
    """A short text as a table can hold it."""
    return value.strip().encode("utf-8", "backslashreplace").decode()


def _write_json(others: Mapping[str, object]) -> str:
    """JSON as its standard has it, which knows no NaN and no half surrogate pair."""
    try:
        written = json.dumps(others, ensure_ascii=False, allow_nan=False)
    except ValueError:
        written = json.dumps(_name_odd_numbers(others), ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(written))
    return written


def _name_odd_numbers(value: object) -> object:
    """NaN and infinities as texts, which JSON has no numbers for.

    >>> _name_odd_numbers({"a": [1.5, float("nan")], "b": float("-inf")})
    {'a': [1.5, 'NaN'], 'b': '-Infinity'}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    if isinstance(value, dict):
        return {name: _name_odd_numbers(item) for name, item in value.items()}
    return [_name_odd_numbers(item) for item in value] if isinstance(value, list) else value


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

    An archive right in RAW stands for RAW: what counts then is the first folder inside.

    >>> find_site("https://www.chodem.example/a", "x/y.txt"), find_site(None, "x/y.txt"), find_site(None, "y.txt")
    ('chodem.example', 'x', None)
    >>> find_site(None, "all.zip!x/y.txt"), find_site(None, "x/all.zip!y.txt")
    ('x', 'x')
    """
    if url:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            host = None
        if host:
            return host.removeprefix("www.")
    file, member = split_member(source_path)
    folder, slash, _ = (file if "/" in file else member).partition("/")
    return folder if slash else None
