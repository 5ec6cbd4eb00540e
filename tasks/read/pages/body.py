"""Which lines others take for the body: trafilatura, and the page itself where it has JSON-LD.

Their voices are facts about lines like any other; the strip step weighs them.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from tasks.read.pages.about import About
from tasks.read.pages.blocks import Element, Line, Walk
from tasks.read.pages.marks import BIT

MAX_EXTRACTED_CHARS: Final = 6_000_000
"""A longer page is not given to the extractor, whose time grows faster than the page."""
MAX_EXTRACTED_NODES: Final = 60_000
MAX_EXTRACTED_DEPTH: Final = 400
MIN_INSIDE: Final = 25
"""Letters and digits of a line that may be found inside a paragraph; a shorter one has to be all of it."""
UNLETTERED: Final = re.compile(r"[\W_]+")


def squeeze(text: str) -> str:
    """Letters and digits alone, in lower case.

    >>> squeeze("It's 5 p.m., Hà Nội")
    'its5pmhànội'
    """
    return UNLETTERED.sub("", text).casefold()


def find_body(root: Element, walk: Walk, about: About, chars: int) -> list[int]:
    """The bits of every line."""
    squeezed = [squeeze(line.text) for line in walk.lines]
    extracted = extract(root, chars, walk)
    if extracted is None:
        bits = [BIT["0"]] * len(walk.lines)
    else:
        whole, part = match_lines(squeezed, extracted.split("\n"))
        bits = [
            whole_one * BIT["v"] | part_one * BIT["V"]
            for whole_one, part_one in zip(whole, part, strict=True)
        ]
    if about.body:
        for place, is_inside in enumerate(match_lines(squeezed, re.split(r"[\n\r]+", about.body))[0]):
            bits[place] |= is_inside * BIT["j"]
    for names, bit in ((about.titles, BIT["1"]), (about.descriptions, BIT["2"])):
        wanted = {squeeze(name) for name in names} - {""}
        for place, one in enumerate(squeezed):
            bits[place] |= (one in wanted) * bit
    locate(walk, bits)
    return bits


def extract(root: Element, chars: int, walk: Walk) -> str | None:
    """What trafilatura takes for the body, a line per paragraph; None if it was not asked or gave up."""
    if chars > MAX_EXTRACTED_CHARS or len(walk.tree.parents) > MAX_EXTRACTED_NODES or is_deep(walk):
        return None
    import trafilatura  # noqa: PLC0415 - a third of a second that a text-only run does not need

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = trafilatura.bare_extraction(root, fast=True, include_comments=False)
    except Exception:  # noqa: BLE001 - whatever it trips over, our own evidence is left
        return None
    return str(getattr(found, "text", None) or "")


def is_deep(walk: Walk) -> bool:
    """Whether elements are nested so deep that recursion over them is no good idea."""
    depths = [0] * len(walk.tree.parents)
    for node, parent in enumerate(walk.tree.parents):
        depths[node] = depths[parent] + 1 if node else 0
    return max(depths, default=0) > MAX_EXTRACTED_DEPTH


def match_lines(lines: Sequence[str], paragraphs: Iterable[str]) -> tuple[list[bool], list[bool]]:
    """Per squeezed line whether it is in a paragraph as a whole, and whether a paragraph is a part of it.

    >>> match_lines(["menu", "thepierwasopenedatnoonbyall"], ["The pier was opened at noon by all.", "Menu item"])
    ([False, True], [False, False])
    """
    known = [one for one in map(squeeze, paragraphs) if one]
    together, alone = "\n".join(known), set(known)
    long = [one for one in known if len(one) >= MIN_INSIDE]
    whole = [one in alone or (len(one) >= MIN_INSIDE and one in together) for one in lines]
    part = [
        not is_whole and len(one) > MIN_INSIDE and any(other in one for other in long)
        for one, is_whole in zip(lines, whole, strict=True)
    ]
    return whole, part


def locate(walk: Walk, bits: list[int]) -> None:
    """Add where lines stand against the element that holds the body."""
    tree = walk.tree
    body: dict[int, int] = {}
    for line, own in zip(walk.lines, bits, strict=True):
        if own & BIT["v"]:
            body[line.node] = body.get(line.node, 0) + len(line.text)
    for place, (before, line) in enumerate(pairwise(walk.lines), 1):
        is_sibling = before.node == line.node or tree.parents[before.node] == tree.parents[line.node]
        bits[place] |= is_sibling * BIT["6"]
    sums = tree.sum_below(body)
    if not sums or not sums[0]:
        return
    half, most = (find_smallest(tree.parents, sums, share) for share in (0.5, 0.9))
    beside: dict[int, int] = {}
    for node, size in body.items():
        beside[tree.parents[node]] = beside.get(tree.parents[node], 0) + size
    parent = max(beside, key=lambda node: (beside[node], -node))
    for place, line in enumerate(walk.lines):
        bits[place] |= is_inside(line, half, tree.ends) * BIT["3"]
        bits[place] |= is_inside(line, most, tree.ends) * BIT["4"]
        bits[place] |= (tree.parents[line.node] == parent) * BIT["5"]


def find_smallest(parents: Sequence[int], sums: Sequence[int], share: float) -> int:
    """The last node in document order that holds so much, which is the innermost (above half there is but one chain)."""
    del parents
    return max(node for node, size in enumerate(sums) if size >= share * sums[0])


def is_inside(line: Line, node: int, ends: Sequence[int]) -> bool:
    """Whether a line stands in a node."""
    return node <= line.node <= ends[node]
