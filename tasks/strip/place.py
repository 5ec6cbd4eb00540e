"""Where a line is in its document, and whether a cue counts there."""

from collections.abc import Callable, Container

from tasks.strip.packs import Rule
from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import Verdicts

SUBHEAD_REASONS = frozenset({"navigation", "share", "comment", "widget", "rating"})
MAX_SUBHEAD_WORDS, MAX_SUBHEAD_SIGNS = 2, 8
"""Words, or signs of one word: in scripts without spaces a word of five signs counts as several."""
MIN_PROSE_AROUND = 3
"""Paragraphs that a document has beside a caption: in a photo story the captions are the text."""


def is_in_sentence(sheet: Sheet, row: int, cued: Container[int] = ()) -> bool:
    """Whether the line is part of a sentence that a scraper cut at inline links.

    The line before ends without an end mark and the line after goes on in lower case or with a
    comma: then `Zing.vn` or `Facebook` on a line of its own is a word of the article. Lines that are
    `cued` themselves do not go on with a sentence.
    """
    before, after = row > sheet.first[row], row < sheet.last[row]
    opened = bool(before and not sheet.ends[row - 1] and sheet.gap[row] == 0)
    goes_on = bool(after and sheet.continues[row + 1] and sheet.gap[row + 1] == 0)
    if goes_on and row + 1 not in cued and (sheet.words[row + 1] >= 4 or sheet.chars[row + 1] == 1):
        return opened or not sheet.ends[row]
    begins = after and sheet.gap[row + 1] == 0 and not sheet.continues[row + 1]
    return bool(opened and sheet.continues[row] and sheet.words[row - 1] >= 8 and not begins)


def is_edge(sheet: Sheet, row: int) -> bool:
    """Before the first or after the last paragraph of prose."""
    return bool(sheet.prose_before[row] == 0 or sheet.prose_after[row] == 0)


def is_tail(sheet: Sheet, row: int) -> bool:
    """After the last paragraph of prose but one: some sites print the standfirst at the very end."""
    return bool(sheet.prose_after[row] <= 1 and row > sheet.first[row])


def is_closing(sheet: Sheet, row: int, verdicts: Verdicts) -> bool:
    """What comes before is finished: a sentence with its end mark, or a line that goes itself."""
    if row == sheet.first[row]:
        return False
    before = row - 1
    if (
        sheet.ends[before]
        or sheet.texts[before].endswith((")", "]"))
        or before in verdicts
        or sheet.gap[row] > 0
    ):
        return True
    return bool(sheet.named[before])


def is_ambiguous(sheet: Sheet, row: int, rule: Rule, cued: Container[int]) -> bool:
    """Whether a short cue between paragraphs may as well be a subhead: `Facebook`, `Services`, `Giới thiệu`.

    Another cue within two lines makes it a menu again; so does a place before or after all prose, where
    there is any (a poem or a list has none). `Advertisement` is nobody's subhead.
    """
    if rule.match != "line" or rule.reason not in SUBHEAD_REASONS:
        return False
    one_word = " " not in sheet.texts[row] and sheet.chars[row] <= MAX_SUBHEAD_SIGNS
    if sheet.words[row] > MAX_SUBHEAD_WORDS and not one_word:
        return False
    decorated = not sheet.texts[row][:1].isalnum() or not sheet.texts[row][-1:].isalnum()
    outside = sheet.prose_before[row] == 0 or sheet.prose_after[row] == 0
    alone = sheet.prose_before[row] + sheet.prose_after[row] == 0
    if decorated or (outside and not alone):
        return False
    return not any(at != row and at in cued for at in neighbours(sheet, row))


def neighbours(sheet: Sheet, row: int) -> range:
    """Rows within two lines in the same document."""
    return range(max(int(sheet.first[row]), row - 2), min(int(sheet.last[row]), row + 2) + 1)


def counts_there(sheet: Sheet, row: int, rule: Rule, verdicts: Verdicts, cued: Container[int]) -> bool:
    """Whether a rule's `where` holds for a row."""
    if is_in_sentence(sheet, row, cued) or is_ambiguous(sheet, row, rule, cued):
        return False
    around = sheet.prose_before[row] + sheet.prose_after[row]
    holds: dict[str, Callable[[], bool]] = {
        "any": lambda: True,
        "amid": lambda: bool(around >= MIN_PROSE_AROUND),
        "edge": lambda: is_edge(sheet, row) or is_tail(sheet, row),
        "tail": lambda: is_tail(sheet, row),
        "closing": lambda: is_closing(sheet, row, verdicts),
        "ending": lambda: is_tail(sheet, row) and is_closing(sheet, row, verdicts),
    }
    return holds[rule.where]()
