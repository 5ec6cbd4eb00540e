"""Which documents are dumps of whole pages, menus and all, and not articles that somebody cut out."""

from collections.abc import Mapping

import numpy as np

from tasks.strip.packs import Rule
from tasks.strip.sheet import Sheet

MIN_EDGE_LINES = 12
"""Menu-like lines before the first and after the last prose. Measured: 223 of 229 page dumps have as many,
36 of 3,756 clean articles."""
MIN_PAGE_CUES = 3
"""Lines that only a page's frame has; lists and quizzes of articles have none."""
MIN_HEAD_LINES, MANY_HEAD_LINES = 15, 40
"""Menu-like lines before any prose that make a page with one cue, or without any (a language that has no
pack): an article's list or table follows at least one paragraph."""
FRAME_REASONS = frozenset(
    {"navigation", "share", "copyright", "comment", "advert", "related", "contact", "widget"}
)


def find_dumps(sheet: Sheet, cues: Mapping[int, Rule]) -> set[int]:
    """Documents with enough menu-like lines at their edges, and cue lines of a page's frame."""
    if not len(sheet):
        return set()
    starts = np.unique(sheet.first)
    framed = np.zeros(len(sheet))
    framed[[row for row, rule in cues.items() if rule.reason in FRAME_REASONS and sheet.words[row] <= 6]] = 1
    edge = (sheet.prose_before == 0) | (sheet.prose_after == 0)
    menu = (sheet.words <= 4) & ~sheet.ends & ~sheet.continues
    short = np.add.reduceat(menu.astype(np.int64), starts)
    edges = np.add.reduceat((menu & edge).astype(np.int64), starts)
    frames = np.add.reduceat(framed, starts)
    sizes = np.diff(np.r_[starts, len(sheet)])
    heads = np.add.reduceat((menu & (sheet.prose_before == 0)).astype(np.int64), starts)
    prose = np.add.reduceat(sheet.prose.astype(np.int64), starts)
    enough = (edges >= MIN_EDGE_LINES) | ((short >= MIN_EDGE_LINES) & (short >= 0.3 * sizes))
    framed_page = enough & (frames >= MIN_PAGE_CUES)
    headed_page = (prose >= 1) & (((heads >= MIN_HEAD_LINES) & (frames >= 1)) | (heads >= MANY_HEAD_LINES))
    return {int(sheet.document[start]) for start in starts[framed_page | headed_page]}
