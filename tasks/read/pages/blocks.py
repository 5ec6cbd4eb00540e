"""The visible text of a page: a line per block, in document order, with where in the tree each line stands.

What a reader would not see is left out: scripts, styles, templates, comments, what stands in for a missing
player, elements that are `hidden` or have `display: none`. White space collapses as in a browser: a block
and `br` end a line, `pre` keeps its own, cells of one row are parted by a tab.
"""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from lxml import etree

from tasks.read.pages.marks import ARTICLE, BIT, NESTED_ARTICLE, TAGS, load_marks, read_names

Element = Any
"""An element of lxml, which has no types."""

UNSEEN: Final = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "noembed",
        "noframes",
        "iframe",
        "object",
        "embed",
        "applet",
        "video",
        "audio",
        "canvas",
        "svg",
        "datalist",
        "param",
        "source",
        "track",
        "rp",
        "title",
        "meta",
        "link",
        "base",
        "area",
        "frameset",
        "colgroup",
        "col",
        "input",
    ]
)
"""Elements whose content a browser does not show as text of the page."""
BLOCKS: Final = frozenset(
    [
        "html",
        "body",
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "plaintext",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "caption",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "ul",
        "xmp",
        "dialog",
        "td",
        "th",
        "textarea",
    ]
)
"""Elements that a line ends before and after (html.spec.whatwg.org, rendering)."""
CELLS: Final = frozenset(("td", "th"))
CELL_BLOCKS: Final = tuple(BLOCKS - CELLS)
"""What makes of a table the frame of a page, whose cells are no cells of a row."""
LETTERS: Final = {
    **{f"h{level}": str(min(level, 4)) for level in range(1, 7)},
    **dict.fromkeys(("li", "dt", "dd"), "l"),
    **dict.fromkeys(("td", "th", "tr"), "r"),
    **dict.fromkeys(("button", "label", "option", "legend", "summary"), "b"),
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext", "textarea"), "x"),
    "p": "p",
    "blockquote": "q",
    "figcaption": "g",
}
PRESERVED: Final = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))
CLICKED: Final = frozenset(("a", "button"))
NEVER_HIDDEN: Final = frozenset(("html", "body", "main", "article"))
"""What a script shows when it is done is no secret."""
HIDING: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
BLANKS: Final = re.compile(r"[ \t\n\r\f\x0b]+")
EDGES: Final = " \t\n\r\f\x0b"
PROSE_CHARS: Final = 80
"""A line as long as this with few links is rather a paragraph than a name in a list."""
MIN_WAITING: Final = 3
"""Hidden paragraphs of prose inside an article that are a part of it, and no window over it."""


@dataclass
class Line:
    """One line: its text, the letter of its element, how many of its characters are links, its node."""

    text: str
    letter: str
    linked: int
    node: int

    @property
    def density(self) -> float:
        """Share of the characters that are links."""
        return min(1.0, self.linked / max(1, len(self.text)))


@dataclass
class Tree:
    """Nodes in document order: parent, last descendant, letter, and bits said by tag and by name."""

    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)

    def join(self, one: int, other: int) -> int:
        """The nearest node that holds both."""
        while one != other:
            if one > other:
                one = self.parents[one]
            else:
                other = self.parents[other]
        return one

    def sum_below(self, values: dict[int, int]) -> list[int]:
        """Per node the sum of the values of the nodes in it."""
        sums = [0] * len(self.parents)
        for node in range(len(sums) - 1, -1, -1):
            sums[node] += values.get(node, 0)
            if node:
                sums[self.parents[node]] += sums[node]
        return sums


class Walk:
    """One walk over a tree; `lines` and `tree` are what it brings."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.tree = Tree()
        self._open: list[int] = []
        self._pieces: list[tuple[str, bool]] = []
        self._node = -1
        self._alts: list[Line] = []
        self._links = 0
        self._kept_blanks = 0
        self._row = -1
        self._has_cell = False
        self._after_click = False

    def run(self, root: Element) -> "Walk":
        """Walk from the root down."""
        walker = etree.iterwalk(root, events=("start", "end"))
        skipped = None
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if not isinstance(tag, str) or tag in UNSEEN or is_hidden(element, tag):
                    walker.skip_subtree()
                    skipped = element
                else:
                    self._start(element, tag)
                continue
            if element is skipped:
                skipped = None
            else:
                self._end(element, tag)
            self._add(element.tail)
        self._flush()
        return self

    def _start(self, element: Element, tag: str) -> None:
        if tag in CLICKED:
            if self._after_click and all(linked or not text.strip() for text, linked in self._pieces):
                self._flush()
            self._links += 1
        elif tag in BLOCKS and not (tag in CELLS and self._row >= 0):
            self._flush()
        node = self._push(element, tag)
        if tag == "br":
            self._pieces.append((" " if self._row >= 0 else "\n", False))
        elif tag == "img":
            self._add_alt(element)
        elif tag == "tr" and is_row(element):
            self._row = node
        elif tag in CELLS and self._row >= 0:
            if self._has_cell:
                self._pieces.append(("\t", False))
            self._has_cell = True
        self._kept_blanks += tag in PRESERVED
        self._add(element.text)
        self._after_click = False

    def _push(self, element: Element, tag: str) -> int:
        """A new node, and all that its element says."""
        tree, node = self.tree, len(self.tree.parents)
        parent = self._open[-1] if self._open else 0
        inherited = tree.bits[parent] if self._open else 0
        own = BIT[TAGS[tag]] if tag in TAGS else 0
        named = 0
        if tag == "article":
            own |= NESTED_ARTICLE if inherited & ARTICLE else ARTICLE
        if element.attrib and tag not in ("html", "body"):
            own |= load_marks().roles.get(element.get("role") or "", 0)
            names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
            named = read_names(names) if len(names) > 2 else 0
        tree.parents.append(parent)
        tree.ends.append(node)
        tree.bits.append(inherited | own)
        tree.names.append(named)
        tree.letters.append(LETTERS.get(tag) or (tree.letters[parent] if self._open else "d"))
        self._open.append(node)
        return node

    def _end(self, element: Element, tag: str) -> None:
        if tag in CLICKED:
            self._links -= 1
            self._after_click = not (element.tail and element.tail[0] in EDGES)
        elif tag in BLOCKS and not (tag in CELLS and self._row >= 0):
            self._flush()
        self._kept_blanks -= tag in PRESERVED
        node = self._open.pop()
        self.tree.ends[node] = len(self.tree.parents) - 1
        if node == self._row:
            self._row = -1

    def _add(self, text: str | None) -> None:
        """Text of the node that is open."""
        if not text:
            return
        if not self._kept_blanks:
            text = BLANKS.sub(" ", text)
        self._pieces.append((text, self._links > 0))
        if text.strip(EDGES) and self._open:
            self._node = self._open[-1] if self._node < 0 else self.tree.join(self._node, self._open[-1])
            self._after_click = False

    def _add_alt(self, image: Element) -> None:
        """A picture of a sign belongs to the line; what tells of a picture is a line after it."""
        alt = " ".join((image.get("alt") or "").split())
        if not alt:
            return
        if not any(character.isalnum() for character in alt):
            self._add(alt)
            return
        self._alts.append(Line(alt, "i", len(alt) if self._links else 0, self._open[-1]))

    def _flush(self) -> None:
        """What was gathered becomes lines."""
        if self._node >= 0:
            letter = self.tree.letters[self._node]
            for text, linked in cut_lines(self._pieces):
                self.lines.append(Line(text, letter, linked, self._node))
        self.lines += self._alts
        self._pieces, self._alts, self._node, self._has_cell = [], [], -1, False
        self._after_click = False


def is_row(row: Element) -> bool:
    """Whether a `tr` is a row of cells, and not the frame of a page: no blocks in it, hardly a line break."""
    if next(row.iterdescendants(*CELL_BLOCKS), None) is not None:
        return False
    return sum(1 for _ in row.iterdescendants("br")) <= len(row)


def cut_lines(pieces: list[tuple[str, bool]]) -> list[tuple[str, int]]:
    r"""Each line of some pieces of text, collapsed, and its characters inside links.

    >>> cut_lines([("one  ", True), (" two", False), ("\n", False), ("three", True)])
    [('one two', 3), ('three', 5)]
    """
    lines: list[tuple[str, int]] = []
    texts: list[str] = []
    linked = 0
    for text, is_link in [*pieces, ("\n", False)]:
        parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for place, part in enumerate(parts):
            if place:
                line = collapse("".join(texts))
                if line:
                    lines.append((line, linked))
                texts, linked = [], 0
            texts.append(part)
            linked += len(part.strip()) * is_link
    return lines


def collapse(line: str) -> str:
    """A line without blanks at its ends, and with one for each run of them inside.

    Cells stay parted by one tab.
    """
    line = line.strip(EDGES)
    if "\t" in line:
        return re.sub(r" *\t[ \t]*", "\t", re.sub(" {2,}", " ", line))
    return re.sub(" {2,}", " ", line) if "  " in line else line


def is_hidden(element: Element, tag: str) -> bool:
    """Whether the markup itself hides an element, and for good.

    Paragraphs inside the article that wait for a click or a subscription are text of the page (measured: the
    body of 1 of 229 news pages is hidden so).
    """
    if tag == "dialog" and element.get("open") is None:
        return True
    if not element.attrib or tag in NEVER_HIDDEN:
        return False
    hidden = element.get("hidden")
    if hidden == "until-found" or (hidden is None and not HIDING.search(element.get("style") or "")):
        return False
    return not waits_in_article(element)


def waits_in_article(element: Element) -> bool:
    """Whether a hidden element is a part of the article, with several paragraphs of prose."""
    if next(element.iterancestors("article", "main"), None) is None:
        return False
    prose = (paragraph for paragraph in element.iterdescendants("p") if is_prose(paragraph))
    return sum(1 for _ in islice(prose, MIN_WAITING)) == MIN_WAITING


def is_prose(paragraph: Element) -> bool:
    """Whether an element holds a sentence or two."""
    return sum(map(len, paragraph.itertext())) >= PROSE_CHARS


def hand_down(walk: Walk) -> list[int]:
    """The bits of every node: its own and its parents', but for names of what holds half of the page's prose.

    Themes write the names of all that a page may have into the classes of its outermost elements.
    """
    tree = walk.tree
    prose: dict[int, int] = {}
    for line in walk.lines:
        if len(line.text) >= PROSE_CHARS and line.density < 0.5 and line.letter != "i":
            prose[line.node] = prose.get(line.node, 0) + len(line.text)
    sums = tree.sum_below(prose)
    body = BIT["b"]
    bits: list[int] = []
    for node, parent in enumerate(tree.parents):
        named = tree.names[node]
        if 2 * sums[node] > sums[0]:
            named &= body
        bits.append(tree.bits[node] | named | (bits[parent] if node else 0))
    return bits
