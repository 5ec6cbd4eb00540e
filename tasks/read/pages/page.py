"""One page, read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from tasks.markup import join_codes
from tasks.read.pages.about import describe_page
from tasks.read.pages.blocks import Element, Line, Walk, hand_down
from tasks.read.pages.body import find_body
from tasks.read.pages.charsets import decode_page
from tasks.read.pages.marks import write_bits

NO_TEXT: Final = (
    "The page holds markup but no text that a reader would see; a script may draw it. "
    "Save it as a browser shows it, or remove it."
)
MAX_TAGS: Final = 1_000_000
"""A page of so many takes half a minute and a gigabyte (measured); a long one of news has 10,000."""
TOO_MANY_TAGS: Final = (
    f"The page has more than {MAX_TAGS:,} tags, too many for one page. Split it, or convert it to text."
)
NESTING: Final = re.compile(r"<(?!/?(?:script|style|title|template|noscript|meta|link)\b)/?[a-zA-Z][^<>]*>")


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
    r"""A page from its characters.

    >>> page = parse_html("<h1>Ferry returns</h1><p>It was <b>late</b>.<br>Very.</p><img alt='The pier'>")
    >>> page.text.split("\n"), page.markup
    (['Ferry returns', 'It was late.', 'Very.', 'The pier'], '10345v p0456 p0456v i0456')
    """
    if not html or html.isspace():
        return Page()
    if html.count("<") > MAX_TAGS:
        return Page(error=TOO_MANY_TAGS)
    root = parse_tree(html)
    if root is None:
        return Page(error=NO_TEXT)
    walk = Walk().run(root)
    if not walk.lines:
        return Page(error=NO_TEXT)
    about = describe_page(root, walk.lines)
    bits = find_body(root, walk, about, len(html))
    inherited = hand_down(walk)
    codes = [write_code(line, inherited[line.node] | own) for line, own in zip(walk.lines, bits, strict=True)]
    return Page("\n".join(line.text for line in walk.lines), join_codes(codes), about.mapped)


def write_code(line: Line, bits: int) -> str:
    """The code of a line, see `tasks/markup.py`."""
    return f"{line.letter}{min(9, int(line.density * 10))}{write_bits(bits)}"


def parse_tree(html: str) -> Element | None:
    """The tree of a page; of one nested deeper than the parser goes, its text without the nesting."""
    root, is_cut = _parse(html.replace("\0", ""))
    if is_cut:
        root, _ = _parse(NESTING.sub("<br>", html.replace("\0", "")))
    return root


def _parse(html: str) -> tuple[Element | None, bool]:
    parser = lxml_html.HTMLParser(
        collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True, huge_tree=True,
        encoding="utf-8",
    )  # fmt: skip
    try:
        root = lxml_html.document_fromstring(html.encode("utf-8", "backslashreplace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        root = None
    return root, any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
