"""What a page says of itself: JSON-LD first, then `meta`, then its own elements."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from tasks.read.fields import parse_time
from tasks.read.pages.blocks import Element, Line

ARTICLE_TYPES: Final = re.compile(r"(?:Article|BlogPosting|Report|Posting|Review)$")
MAX_JSON_NODES: Final = 5000
"""Of a page's JSON-LD; some hold a shop."""
MAX_JSON_CHARS: Final = 2_000_000
TAG: Final = re.compile(r"<[^<>]{1,500}>")
BREAKS: Final = re.compile(r"(?i)<(?:br|/p|/div|/li|/h\d)[^<>]{0,50}>")
SEPARATOR: Final = re.compile(r"\s+[|\-–—•·»«:]+\s+")
MAX_TITLE_CHARS, MAX_BYLINE_CHARS = 400, 200

TITLES: Final = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "title")
DESCRIPTIONS: Final = ("og:description", "description", "twitter:description", "dc.description")
AUTHORS: Final = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
DATES: Final = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "dc.date.issued",
    "dcterms.created", "pubdate", "publishdate", "publish-date", "parsely-pub-date", "sailthru.date", "article.published",
)  # fmt: skip


@dataclass(frozen=True)
class About:
    """Facts of the page.

    Attributes:
        mapped: title, byline, published_at and url, those that are given.
        titles: Whatever it calls itself.
        descriptions: Of its content, in a sentence or two.
        body: The article's text by JSON-LD; empty if it has none.
    """

    mapped: Mapping[str, str | None] = field(default_factory=dict)
    titles: Sequence[str] = ()
    descriptions: Sequence[str] = ()
    body: str = ""


def describe_page(root: Element, lines: Sequence[Line]) -> About:
    """All that a page says of itself."""
    meta = read_meta(root)
    article = find_article(root)
    titles = [_text(article.get("headline")), _text(article.get("name")), *_values(meta, TITLES)]
    element = root.find(".//title")
    title_element = clean(element.text_content()) if element is not None else ""
    titles = list(dict.fromkeys(title for title in (*titles, title_element) if title))
    descriptions = [_text(article.get("description")), *_values(meta, DESCRIPTIONS)]
    authors = [*_names(article.get("author")), *_values(meta, AUTHORS)]
    byline = next((name for name in authors if is_name(name)), "")
    if byline and len(listed := [name for name in _names(article.get("author")) if is_name(name)]) > 1:
        byline = ", ".join(dict.fromkeys(listed))
    dates = [_text(article.get("datePublished")), *_values(meta, DATES)]
    found = {
        "title": pick_title(titles, lines),
        "byline": byline[:MAX_BYLINE_CHARS],
        "published_at": next((time for date in dates if (time := parse_time(date))), None),
        "url": find_url(root, meta, article),
    }
    mapped = {name: value for name, value in found.items() if value}
    return About(
        mapped, titles, [text for text in descriptions if text], clean_body(article.get("articleBody"))
    )


def read_meta(root: Element) -> dict[str, list[str]]:
    """Name or property, in lower case -> contents in order."""
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = clean(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _values(meta: Mapping[str, list[str]], names: Sequence[str]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def find_article(root: Element) -> Mapping[str, Any]:
    """The first object of the page's JSON-LD that is an article; one with a body before one without."""
    best: Mapping[str, Any] = {}
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in walk_json(read_json(script.text or "")):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if not any(isinstance(kind, str) and ARTICLE_TYPES.search(kind) for kind in kinds):
                continue
            if node.get("articleBody"):
                return node
            best = best or node
    return best


def read_json(text: str) -> object:
    """Parsed JSON-LD; None where it is none."""
    text = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
    if not text or len(text) > MAX_JSON_CHARS:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def walk_json(value: object) -> Iterator[Mapping[str, Any]]:
    """All objects, outer ones first."""
    queue = [value]
    for seen, one in enumerate(queue):
        if seen > MAX_JSON_NODES:
            return
        if isinstance(one, dict):
            yield one
            queue += [inner for inner in one.values() if isinstance(inner, (dict, list))]
        elif isinstance(one, list):
            queue += [inner for inner in one if isinstance(inner, (dict, list))]


def _text(value: object) -> str:
    """A string of JSON-LD as plain text."""
    return clean(html.unescape(TAG.sub("", value))) if isinstance(value, str) else ""


def _names(value: object) -> list[str]:
    """The names of people in JSON-LD."""
    if isinstance(value, dict):
        return _names(value.get("name"))
    if isinstance(value, list):
        return [name for one in value[:20] for name in (_names(one) if not isinstance(one, list) else [])]
    return [_text(value)] if _text(value) else []


def clean(text: str) -> str:
    """One line without runs of blanks, as a table can hold it."""
    return " ".join(text.split()).encode("utf-8", "backslashreplace").decode()


def clean_body(value: object) -> str:
    """The articleBody as lines; some sites put markup into it."""
    if isinstance(value, list):
        value = "\n".join(one for one in value if isinstance(one, str))
    if not isinstance(value, str):
        return ""
    return html.unescape(TAG.sub("", BREAKS.sub("\n", value)))


def is_name(text: str) -> bool:
    """Whether a value can be an author: no address, no number, not a paragraph."""
    return (
        2 <= len(text) <= MAX_BYLINE_CHARS
        and "://" not in text
        and not text.isdigit()
        and text.count(" ") <= 20
    )


def find_url(root: Element, meta: Mapping[str, list[str]], article: Mapping[str, Any]) -> str | None:
    """The canonical address, if it is a whole one."""
    links = [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    page = article.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, dict) else page
    for url in (*links, *meta.get("og:url", ()), page, article.get("url")):
        if isinstance(url, str) and is_address(clean(url)):
            return clean(url)
    return None


def is_address(url: str) -> bool:
    """Whether it names a scheme and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        return False


def pick_title(titles: Sequence[str], lines: Sequence[Line]) -> str:
    """The headline as readers see it: the heading that is one of the titles, or most like one.

    >>> pick_title(["Ferry is back - The Harbour"], [Line("Home", "p", 4, 1), Line("Ferry is back", "1", 0, 2)])
    'Ferry is back'
    """
    known = {_fold(title) for title in titles}
    parts = {_fold(part) for title in titles for part in (title, *SEPARATOR.split(title))}
    headings = [line.text for line in lines if line.letter == "1" and len(line.text) <= MAX_TITLE_CHARS]
    others = [line.text for line in lines if line.letter in "234" and len(line.text) <= MAX_TITLE_CHARS]
    for wanted, among in ((known, headings), (known, others), (parts, headings)):
        for text in among:
            if _fold(text) in wanted and " " in text.strip():
                return text
    like = [(_likeness(text, titles), -place, text) for place, text in enumerate(headings)]
    if like and max(like)[0] >= 0.5:
        return max(like)[2]
    if titles:
        return _without_site(titles)[:MAX_TITLE_CHARS]
    return headings[0] if len(headings) == 1 else ""


def _fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _likeness(text: str, titles: Sequence[str]) -> float:
    """Share of the words of the shorter that both have, for the title most like it."""
    words = set(text.casefold().split())
    shares = [
        len(words & other) / min(len(words), len(other))
        for title in titles
        if len(other := set(title.casefold().split())) > 2 and len(words) > 2
    ]
    return max(shares, default=0.0)


def _without_site(titles: Sequence[str]) -> str:
    """The first title, without a last part that names the site."""
    parts = SEPARATOR.split(titles[0])
    if len(parts) > 1 and len(parts[-1].split()) <= 4 and len(parts[0].split()) >= 3:
        return titles[0][: titles[0].rfind(parts[-1])].rstrip(" |-–—•·»«:")
    return titles[0]
