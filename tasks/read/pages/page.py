"""One page, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.read.pages.charsets import decode_page

NO_TEXT = (
    "The page holds markup but no text that a reader would see: it may be drawn by a script. "
    "Save it as a browser shows it, or remove it."
)


@dataclass(frozen=True)
class Page:
    """A page as a record.

    Attributes:
        text: Visible text, a line per block in document order; image alt texts are lines of their own.
        markup: What the markup says of each line, see `tasks/markup.py`; as many codes as lines.
        mapped: title, byline, published_at and url as the page gives them; only those that it does.
        error: What is wrong and what to do, if it cannot be read; empty if it can.
    """

    text: str = ""
    markup: str = ""
    mapped: Mapping[str, str | None] = field(default_factory=dict)
    error: str = ""


def read_html(content: bytes, declared_charset: str = "") -> Page:
    """A page from its bytes.

    Args:
        content: the file, the body of the response, or the member of an archive.
        declared_charset: what an HTTP header said, if there was one; a byte-order mark and valid UTF-8 are
            believed before it, the page's own `meta` after it.
    """
    if not content.strip():
        return Page()
    decoded = decode_page(content, declared_charset)
    return Page(error=decoded.error) if decoded.error else parse_html(decoded.text)


def parse_html(html: str) -> Page:
    """A page from its characters."""
    return Page(error=NO_TEXT) if html else Page()
