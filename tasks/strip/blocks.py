"""Runs of lines that belong together: lists of facts, tables of numbers, threads of dated entries."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.doubt import doubt_prose
from tasks.strip.packs import Rule
from tasks.strip.sheet import Counts, Flags, Reals, Sheet, keep_matching

MIN_SENTENCE_WORDS = 8
MIN_FACT_RATIO, MIN_NUMBER_RATIO, MAX_MARK_RATIO, MAX_COUNT_RATIO, MAX_PRIVACY_RATIO = (
    0.4,
    0.5,
    0.05,
    0.3,
    0.1,
)
MAX_FACT_WORDS = 25
FACT = r"[\d:：]"
NUMBER = r"^[\W\d]*\d[\W\d]*\w{0,3}$"
"""A cell of a table: a number, perhaps with a unit."""
COUNT = r"\(\d+\)$"
"""The size of a category or of a month's archive, as menus print it."""
PRIVACY = (
    r"(?i)\b(?:cookies?|gdpr|consent|datenschutz\w*|personal(?:i[sz]ed)? data|privacy|opt.?out|confidentialité|"
    r"privacidad|privacidade|gizlilik|integritet|personvern)\b"
)
"""Words of consent windows, whose text is prose."""
CLOCK, DATED = r"\b\d{1,2}:\d\d\b", r"\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d\d"
AGO = (
    r"(?i)\b\d+\s?(?:d|h|min|hrs?|hours?|minutes?|days?|weeks?|months?|years?) ago\b|\bvor \d+ (?:Minute|Stunde|Tag|Woche|Monat)|"
    r"\bhace \d+ (?:minuto|hora|día)|\bil y a \d+ |\bhá \d+ (?:minuto|hora|dia)|\d+ (?:phút|giờ|ngày|tháng) trước|"
    r"\d+(?:分|時間|日)前|\d+(?:분|시간|일) 전|\d+ (?:мин|час|дн)\S* назад|\d+ (?:menit|jam|hari) (?:yang )?lalu"
)
ITEM = r"^[#(\[]?(\d{1,3})(?:[.):\]/]|[ªºa-z]{0,3}(?:\s|$))"
MIN_ITEMS, MIN_ITEM_WORDS, MAX_ITEM_GAP = 5, 4, 4
"""Measured on 223 page dumps, weights of unseen sites: 31 lines of the article in such lists would go, and no other line
stays for them. The figures of `most read` stand on lines of their own."""
MIN_ATTACHED_LINES, MIN_ATTACHED_RATIO = 4, 0.7
"""Measured likewise: 50 lines of the article stay for it, and 70 others."""
MAX_STAMP_WORDS, MAX_THREAD_GAP, MAX_ENTRY_PROSE, MIN_THREAD_STAMPS = 16, 12, 2, 3


class Runs(NamedTuple):
    """Per line: the number of its list of facts and of its table (0: none), whether it is in a thread, what its prose counts."""

    facts: Counts
    cells: Counts
    thread: Flags
    weight: Reals


def find_runs(sheet: Sheet, cues: Mapping[int, Rule], gone: Flags) -> Runs:
    """The runs of a sheet; `gone` are the lines that rules removed already."""
    consent = sheet.frame["text"].str.contains(PRIVACY).to_numpy()
    return Runs(
        *find_tables(sheet, cues, gone, consent),
        find_threads(sheet),
        doubt_prose(sheet, is_sentence(sheet), consent, gone),
    )


def is_sentence(sheet: Sheet) -> Flags:
    """Paragraphs of prose, and shorter lines with an end mark."""
    return sheet.prose | (sheet.ends & (sheet.words >= MIN_SENTENCE_WORDS))


def find_blocks(sheet: Sheet, prose: Flags) -> Counts:
    """First rows of the runs of lines without prose; a paragraph of prose is a run of its own."""
    document = sheet.document
    if not len(document):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, prose[1:] | prose[:-1] | (document[1:] != document[:-1])])


def find_tables(sheet: Sheet, cues: Mapping[int, Rule], gone: Flags, consent: Flags) -> tuple[Counts, Counts]:
    """Per line the number of the list of facts and of the table of numbers it is in; 0 is none.

    A list of facts is a run of lines between two paragraphs of prose, two fifths of them with a digit or a colon; half
    of a table are numbers, and it stands between any two sentences. Almost no line of either is a cue or `gone`. Numbers that
    count on (pages, years, the days of a calendar) and sizes in brackets are menus; a consent window has tables too.
    """
    marked = gone.copy()
    marked[list(cues)] = True
    text, short = sheet.frame["text"], (sheet.words <= MAX_FACT_WORDS) & ~marked
    bounds, numbers = spread_flags(is_sentence(sheet) & ~marked, gone, sheet), read_numbers(sheet)
    menu = text.str.contains(COUNT).to_numpy().copy()
    menu[1:] |= np.abs(np.diff(numbers)) == 1
    plain = [(~marked, 1 - MAX_MARK_RATIO), (~menu, 1 - MAX_COUNT_RATIO), (~consent, 1 - MAX_PRIVACY_RATIO)]
    facts, cells = (text.str.contains(pattern).to_numpy() & short for pattern in (FACT, NUMBER))
    return (
        number_runs(
            sheet, spread_flags(sheet.prose & ~marked, gone, sheet), bounds, [(facts, MIN_FACT_RATIO), *plain]
        ),
        number_runs(sheet, bounds, bounds, [(cells, MIN_NUMBER_RATIO), *plain]),
    )


def spread_flags(flags: Flags, gone: Flags, sheet: Sheet) -> Flags:
    """The flagged rows, and the removed rows right before and after them: an advert below a paragraph is no part of a table."""
    rows = np.arange(len(flags))
    back = np.maximum.accumulate(np.where(gone, 0, rows))
    ahead = np.minimum.accumulate(np.where(gone, len(flags) - 1, rows)[::-1])[::-1]
    beside = (flags[back] & (back >= sheet.first)) | (flags[ahead] & (ahead <= sheet.last))
    joined: Flags = flags | (gone & beside)
    return joined


def find_numbered_lists(sheet: Sheet) -> Flags:
    """Entries of lists that count on, `1)`, `2)`, `3)` ..., at most four lines apart: five or more."""
    number = sheet.frame["text"].str.extract(ITEM).cast(pl.Int64).fill_null(-1).to_numpy()
    rows = np.flatnonzero((number >= 0) & (sheet.words >= MIN_ITEM_WORDS))
    listed = np.zeros(len(sheet), dtype=np.bool_)
    if not len(rows):
        return listed
    parted = (
        (np.diff(rows) > MAX_ITEM_GAP) | (np.diff(number[rows]) != 1) | (np.diff(sheet.document[rows]) != 0)
    )
    for run in np.split(rows, np.flatnonzero(parted) + 1):
        if len(run) >= MIN_ITEMS:
            listed[run] = True
    return listed


def find_attached_lists(sheet: Sheet, beside: Flags) -> Flags:
    """Lines with a figure or a colon that follow the main run of prose with no mark between (`beside`): dates, prices.

    Such a list ends with its last line that has one; it has four lines at least, 70 % of them with one.
    """
    within = beside & (sheet.words <= MAX_FACT_WORDS)
    fact = sheet.frame["text"].str.contains(FACT).to_numpy()
    attached = np.zeros(len(sheet), dtype=np.bool_)
    for start in np.flatnonzero(beside & ~np.r_[False, beside[:-1]]).tolist():
        stop = start + int(np.argmin(np.r_[within[start : int(sheet.last[start]) + 1], False]))
        figures = np.flatnonzero(fact[start:stop])
        size = int(figures[-1]) + 1 if len(figures) else 0
        if size >= MIN_ATTACHED_LINES and len(figures) >= MIN_ATTACHED_RATIO * size:
            attached[start : start + size] = True
    return attached


def number_runs(sheet: Sheet, parts: Flags, sentence: Flags, least: Sequence[tuple[Flags, float]]) -> Counts:
    """The runs of lines that `parts` bound, numbered from 1; 0 elsewhere.

    Only runs that stand between sentences and have at least the given share (0..1) of each flag.
    """
    starts = find_blocks(sheet, parts)
    if not len(starts):
        return starts
    sizes = np.diff(np.r_[starts, len(sheet)])
    after = np.minimum(starts + sizes, len(sheet) - 1)
    chosen = sentence[np.maximum(starts - 1, 0)] & (sheet.first[starts] < starts) & ~parts[starts]
    chosen &= sentence[after] & (sheet.last[starts] >= starts + sizes)
    for flags, ratio in least:
        chosen &= np.add.reduceat(flags.astype(np.int64), starts) >= ratio * sizes
    return np.repeat(np.where(chosen, np.arange(1, len(starts) + 1), 0), sizes)


def read_numbers(sheet: Sheet) -> Reals:
    """The number that a line is, nan for other lines."""
    number = sheet.frame["text"].str.extract(r"^\D{0,3}(\d{1,6})\D{0,3}$")
    return number.cast(pl.Float64).fill_null(np.nan).to_numpy()


def find_threads(sheet: Sheet) -> Flags:
    """Runs of stamped entries: what readers wrote, or a list of leads.

    From the second to the last of three or more stamps (a date with a time of day, `2 hours ago`) near each other,
    with two paragraphs of prose between them at most: the first stamp may be the article's own.
    Times alone make none: a live blog is an article. Nor does a page whose only prose is in such a run.
    """
    short = np.flatnonzero(sheet.words <= MAX_STAMP_WORDS)
    short = keep_matching(sheet.text, short, r"\d")
    dated = keep_matching(sheet.text, keep_matching(sheet.text, short, CLOCK), DATED)
    rows = np.union1d(dated, keep_matching(sheet.text, short, AGO))
    thread = np.zeros(len(sheet), dtype=np.bool_)
    if not len(rows):
        return thread
    prose = np.diff(np.cumsum(sheet.prose)[rows])
    parted = (
        (np.diff(rows) > MAX_THREAD_GAP) | (prose > MAX_ENTRY_PROSE) | (np.diff(sheet.document[rows]) != 0)
    )
    for run in np.split(rows, np.flatnonzero(parted) + 1):
        if len(run) >= MIN_THREAD_STAMPS:
            thread[run[1] : run[-1] + 1] = True
    outside = np.bincount(sheet.document, sheet.prose & ~thread)
    return thread & (outside[sheet.document] > 0)
