"""What the markup of a page said about each line of its visible text: one short code per line.

A code is a letter for the element that the line is the text of (`ELEMENTS`), a digit for the share of its
characters that are links (9: all), and letters for what else is known of it (`FACTS`), in alphabetical order:
`p0Mamv` is a paragraph without links, in `main` and in `article`, that the extractor takes for the body. The
codes of a record stand in the order of its lines, one blank between two.
"""

from collections.abc import Iterable, Sequence
from typing import Final

ELEMENTS: Final = {
    "1": "h1",
    "2": "h2",
    "3": "h3",
    "4": "h4, h5 or h6",
    "p": "p",
    "l": "li, dt or dd",
    "r": "a row of a table",
    "q": "blockquote",
    "x": "pre",
    "g": "figcaption",
    "i": "the alternative text of an image",
    "b": "button, label, option or legend",
    "d": "any other block",
}
"""First letter of a code: the nearest of these elements around the line."""

FACTS: Final = {
    # elements and roles around the line
    "N": "in nav",
    "H": "in header",
    "F": "in footer",
    "S": "in aside",
    "A": "in article",
    "B": "in an article inside an article",
    "M": "in main",
    "O": "in a form",
    "G": "in a figure",
    "T": "in a table",
    "L": "in a list",
    "D": "in a dialog",
    # class, id or itemprop of an element around the line that holds less than half of the page's text
    "s": "marked as share",
    "r": "marked as related",
    "c": "marked as comments",
    "k": "marked as breadcrumb or tags",
    "a": "marked as byline or author",
    "t": "in time, or marked so",
    "n": "marked as navigation",
    "w": "marked as sidebar or widget",
    "u": "marked as advert or promotion",
    "m": "marked as newsletter, sign-up or paywall",
    "f": "marked as footer",
    "h": "marked as header",
    "g": "marked as caption or picture",
    "l": "marked as lead",
    "y": "marked as cookie or privacy notice",
    "e": "marked as teaser, card or list",
    "o": "marked as hidden, for screen readers or as an overlay",
    # the same, whatever it holds
    "b": "marked as body of the article",
    # what was found out on the page
    "v": "in the body by trafilatura",
    "V": "in the body by trafilatura, but only in part",
    "j": "in the body by JSON-LD",
    "1": "equal to the title of the page",
    "2": "equal to the description of the page",
    "3": "in the smallest element that holds half of the body",
    "4": "in the smallest element that holds nine tenths of the body",
    "5": "a sibling of most paragraphs of the body",
    "6": "a sibling of the line before, or of one block with it",
    "0": "no word of the extractor: the page is too large or too deep for it",
}
"""Further letters of a code."""


def join_codes(codes: Iterable[str]) -> str:
    """The codes of a record as one string."""
    return " ".join(codes)


def split_codes(markup: str) -> Sequence[str]:
    """The code of every line of a record, in order."""
    return markup.split(" ") if markup else ()
