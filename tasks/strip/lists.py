"""Lists of related headlines: after a cue heading, of doubled headlines, and after the article's end."""

import re

import numpy as np
import numpy.typing as npt

from tasks.strip.packs import Rule
from tasks.strip.place import is_in_sentence, is_tail
from tasks.strip.sheet import CREDIT, Sheet
from tasks.strip.verdicts import Verdicts

MAX_LIST_LINES, MAX_SIGN_OFF_LINES = 60, 10
MIN_PROSE_BEFORE = 4
"""Paragraphs before a doubled list that has no cue heading: captions printed with their alt text look the
same, but begin early and run through the whole article."""
MIN_TEASERS = 2
"""Headlines with teasers after a cue heading that are a list."""
MIN_LINK_WORDS, MAX_DATE_WORDS, MAX_TEASER_WORDS = 6, 8, 70
ENTRY = re.compile(
    r"^[-+•*–]|^\d+[.):h/]|\d[\d.,]{3,}\s*(?:đồng|đ\b|vnđ|usd|triệu|€|\$|%)|[:：]\s*\d[\d.,]*", re.IGNORECASE
)
"""Entries of the lists that follow a signature in articles: hours, numbered items, sums of money."""
DATE = re.compile(r"\d{1,2}[/.:-]\d{1,2}|\b(?:19|20)\d\d\b|\d+ (?:giờ|phút|ngày|hours?|minutes?|days?)")
MIN_DOUBLED = 3
"""Doubled headlines in a row that are a list without a cue heading."""


def equal_or_prefix(one: str, other: str) -> bool:
    """Whether two folded lines are one headline: equal, or one cut short (12 letters or more)."""
    if not one or not other:
        return False
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= 12 and long.startswith(short)


def is_doubled(sheet: Sheet, row: int) -> bool:
    """Whether the row and the next are one headline twice."""
    if row >= sheet.last[row] or sheet.words[row] < 3 or sheet.words[row] > 32:
        return False
    return equal_or_prefix(sheet.folds[row], sheet.folds[row + 1]) and not CREDIT.search(
        sheet.texts[row][-40:]
    )


def read_doubled(sheet: Sheet, row: int, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """(pairs, row after the last) of headline, headline, optional teaser, from `row` on.

    `known` keeps what was read, for the rows further down: a page may print one line thousands of times.
    """
    path: list[int] = []
    at, last = row, int(sheet.last[row])
    while at <= last and at not in known and is_doubled(sheet, at):
        path.append(at)
        at += 2
        if at <= last and not is_doubled(sheet, at) and (sheet.ends[at] or sheet.words[at] >= 12):
            at += 1
    pairs, end = known.get(at, (0, at)) if at <= last else (0, at)
    for one in reversed(path):
        pairs += 1
        known[one] = (pairs, end)
    return pairs, end


def has_distinct(sheet: Sheet, row: int, end: int, changes: npt.NDArray[np.int64]) -> bool:
    """Whether MIN_DOUBLED headlines of a list are different ones; `changes` are the rows unlike the row before."""
    seen: set[str] = set()
    at = row
    while at < end - 1 and len(seen) < MIN_DOUBLED:
        if is_doubled(sheet, at):
            seen.add(sheet.folds[at])
            place = int(np.searchsorted(changes, at, side="right"))
            at = int(changes[place]) if place < len(changes) else end
        else:
            at += 1
    return len(seen) >= MIN_DOUBLED


def find_doubled_lists(sheet: Sheet, verdicts: Verdicts, headlines: dict[int, int]) -> None:
    """Three or more doubled headlines in a row, in the later part of a document."""
    same = (sheet.fold == sheet.fold.shift(-1)).fill_null(value=False).to_numpy() & (sheet.words >= 3)
    same[:-1] &= sheet.document[:-1] == sheet.document[1:]
    starts = np.flatnonzero(same & (sheet.fold != "").to_numpy())
    changes = np.flatnonzero((sheet.fold != sheet.fold.shift(1)).fill_null(value=True).to_numpy())
    known: dict[int, tuple[int, int]] = {}
    done = -1
    for row in map(int, starts):
        if row < done or row in verdicts or is_headline_again(sheet, row, headlines):
            continue
        pairs, end = read_doubled(sheet, row, known)
        before = int(sheet.prose_before[row])
        if (
            pairs >= MIN_DOUBLED
            and before >= max(MIN_PROSE_BEFORE, int(np.sum(sheet.prose[row:end])))
            and int(sheet.prose_after[end - 1]) <= 1
            and has_distinct(sheet, row, end, changes)
        ):
            mark(
                verdicts,
                range(row, end),
                "doubled_headlines",
                f"{pairs} headlines printed twice, each with a teaser",
            )
            done = end


def is_headline_again(sheet: Sheet, row: int, headlines: dict[int, int]) -> bool:
    """Whether the row says what the document's headline says."""
    headline = headlines.get(int(sheet.document[row]))
    return headline is not None and sheet.folds[headline] == sheet.folds[row]


def mark(verdicts: Verdicts, rows: range, rule: str, evidence: str) -> None:
    """All rows of a list."""
    for row in rows:
        verdicts.add(row, "related", rule, evidence)


def find_headed_lists(sheet: Sheet, verdicts: Verdicts, cues: dict[int, Rule], dumps: set[int]) -> None:
    """A cue heading, and the headlines after it."""
    for row, rule in sorted(cues.items()):
        if rule.match != "heading" or is_in_sentence(sheet, row):
            continue
        end, kind = read_list(sheet, row + 1, cues)
        found = end - row - 1
        heading = sheet.texts[row].strip()[:40]
        if found:
            evidence = f"cue heading {heading!r} and {found} {kind} after it"
        elif (
            is_tail(sheet, row)
            or int(sheet.document[row]) in dumps
            or sheet.texts[row].rstrip().endswith((":", ">", "»"))
        ):
            evidence = f"cue heading {heading!r}"
        elif sheet.texts[row].lstrip().startswith(("(", "[")):
            verdicts.add(row, "navigation", rule.id, f"link words {heading!r}")
            continue
        else:
            continue
        verdicts.add(row, rule.reason, rule.id, evidence)
        mark(verdicts, range(row + 1, end), rule.id, evidence)


def read_list(sheet: Sheet, row: int, cues: dict[int, Rule]) -> tuple[int, str]:
    """(row after the list, what it is made of), for the list that begins at `row`."""
    last = int(sheet.last[min(row, len(sheet) - 1)])
    if row > last or sheet.document[row] != sheet.document[row - 1]:
        return row, ""
    pairs, end = read_doubled(sheet, row, {})
    if pairs:
        return end, "lines of headlines printed twice"
    groups, end = read_teasers(sheet, row, cues)
    if groups >= MIN_TEASERS and (end > last or end in cues or sheet.gap[end] > sheet.gap[row]):
        return end, "lines of headlines and teasers"
    tail = is_tail(sheet, row)
    at = row
    limit = min(last + 1, row + (MAX_LIST_LINES if tail else 6))
    while at < limit and is_list_item(sheet, at, row) and at not in cues:
        at += 1
    if not tail and not opens_list(sheet, row - 1, at - row):
        return row, ""
    if not tail and at - row > 1 and at <= last and not sheet.prose[at]:
        at = row + 1
    if at == row and is_teaser_line(sheet, row) and sheet.texts[row - 1].rstrip().endswith(":"):
        at = row + 1
    return at, "headlines"


def opens_list(sheet: Sheet, heading: int, items: int) -> bool:
    """Whether a heading between paragraphs is a link box: it ends with a colon, or long headlines follow."""
    if sheet.texts[heading].rstrip(" )").endswith((":", ">", "»")):
        return True
    text = sheet.texts[heading].strip()
    long = items and min(sheet.words[heading + 1 : heading + 1 + items]) >= MIN_LINK_WORDS
    return bool(long and " " in text and text[-1].isalnum())


def read_teasers(sheet: Sheet, row: int, cues: dict[int, Rule]) -> tuple[int, int]:
    """(groups, row after the last) of a headline, perhaps a date, and one teaser."""
    groups, at, last = 0, row, int(sheet.last[row])
    while at <= last and at not in cues and is_list_item(sheet, at, row):
        at += 1
        while at <= last and sheet.words[at] <= MAX_DATE_WORDS and DATE.search(sheet.texts[at]):
            at += 1
        if at <= last and sheet.gap[at] <= sheet.gap[row] and is_teaser(sheet, at) and at not in cues:
            groups += 1
            at += 1
        elif not groups:
            return 0, row
    return groups, at


def is_teaser(sheet: Sheet, row: int) -> bool:
    """One or two sentences that may stand under a headline of a list."""
    return bool((sheet.ends[row] or sheet.words[row] >= 12) and 8 <= sheet.words[row] <= MAX_TEASER_WORDS)


def is_list_item(sheet: Sheet, row: int, start: int) -> bool:
    """A headline; a blank gap that the list did not begin with ends it."""
    if sheet.continues[row] or (row > start and sheet.gap[row] > sheet.gap[start] + 1):
        return False
    return bool(sheet.headline[row] and sheet.words[row] >= 5)


def is_bare_item(sheet: Sheet, row: int, start: int) -> bool:
    """A list item that needs no cue heading: longer, and neither a programme nor a list of gifts."""
    return is_list_item(sheet, row, start) and sheet.words[row] >= 6 and not ENTRY.search(sheet.texts[row])


def is_teaser_line(sheet: Sheet, row: int) -> bool:
    """`Headline - its first sentence` in one line."""
    head, dash, tail = sheet.texts[row].partition(" - ")
    return bool(dash) and 4 <= head.count(" ") + 1 <= 22 and tail.count(" ") >= 6 and sheet.words[row] <= 60


def find_lists_after_end(sheet: Sheet, verdicts: Verdicts, ends: list[int]) -> None:
    """Two or more headlines between the sign-off of an article and what closes the page."""
    for row in sorted(ends):
        at, last = row + 1, int(sheet.last[row])
        while at <= min(last, row + MAX_SIGN_OFF_LINES) and at in verdicts:
            at += 1
        start = at
        while at <= last and at not in verdicts and is_bare_item(sheet, at, start):
            at += 1
        closed = at > last or at in verdicts or (sheet.gap[at] > 0 and sheet.prose[at])
        if at - start >= 2 and closed and is_tail(sheet, start):
            mark(
                verdicts,
                range(start, at),
                "after_sign_off",
                f"{at - start} headlines after the sign-off {sheet.texts[row].strip()[:40]!r}",
            )
