"""What the model sees of each line of a page dump: the line, its neighbours, and its place."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from tasks.strip.blocks import (
    PRIVACY,
    Runs,
    find_attached_lists,
    find_blocks,
    find_numbered_lists,
    find_runs,
    is_sentence,
)
from tasks.strip.mainrun import MAIN_PENALTY, WIDE_PENALTY, find_main_runs, score_lines
from tasks.strip.packs import Rule
from tasks.strip.sheet import Counts, Flags, Reals, Sheet, count_before, keep_rows
from tasks.strip.topic import look_at_topic

Columns = dict[str, Reals]

AMOUNT = r"(?i)\d\s?(?:g|kg|ml|l|cm|mm|km|oz|lb|cups?|%|€|\$|£|₫|đ|min|h|pts?)\b|[$€£¥]\s?\d"
MIN_HELD_WORDS, MAX_SUBHEAD_WORDS = 3, 8
"""Shorter lines with an end mark are names and times more often than sentences."""
MIN_STANDFIRST_WORDS, MIN_UNENDED_WORDS = 5, 15
"""Words of a sentence right below a headline, and of one whose end mark is missing."""
MIN_SAME_WORDS_RATIO, MIN_SAME_WORDS = 0.4, 6
"""Share of a line's words that the article has, and the length from which that says something. Measured on 223 page dumps,
weights of unseen sites: 9 lines of the article stay for it, and 46 others."""
NO_ROW = 99
"""Distance to something that is not there."""


class Features(NamedTuple):
    """One column per name and one row per line that is left; `rows` are these lines' rows in the sheet."""

    names: list[str]
    matrix: Reals
    rows: Counts

    def column(self, name: str) -> Reals:
        """The values of one feature."""
        values: Reals = self.matrix[:, self.names.index(name)]
        return values


def build_features(
    whole: Sheet,
    rows: Counts,
    removed: Collection[int],
    cues: Mapping[int, Rule],
    headlines: Collection[int],
    contenders: Collection[int],
) -> Features:
    """Features of `rows` (whole documents of the sheet), without the lines that rules removed.

    Neighbours are neighbours among what is left, so that an advert between two paragraphs does not part
    them; how many lines went nearby is a feature of its own.
    """
    gone = mark(len(whole), removed)
    left = rows[gone[rows] == 0]
    sheet = keep_rows(whole, left)
    place = np.full(len(whole), -1, dtype=np.int64)
    place[left] = np.arange(len(left))
    left_cues = {int(place[row]): rule for row, rule in cues.items() if place[row] >= 0}
    columns = look_at_lines(sheet)
    columns["cue"] = mark(len(sheet), left_cues)
    columns |= look_at_marks(whole, left, gone, cues)
    runs = find_runs(whole, cues, gone == 1)
    columns |= look_at_main(whole, left, gone == 1, cues, runs)
    columns |= look_at_sentences(whole, left, gone == 1, cues)
    columns |= look_at_held(whole, left, gone == 1, cues, runs, columns)
    columns |= look_at_lists(sheet, columns)
    columns["contender"] = mark(len(whole), contenders)[left]
    columns |= look_at_standfirst(sheet, columns)
    columns |= look_at_title(sheet, mark(len(whole), headlines)[left], columns["before_main"])
    columns |= look_at_topic(sheet, columns["in_main"] == 1, columns["title"] == 1)
    columns |= look_at_matter(sheet, columns)
    columns |= look_around(sheet, columns)
    columns |= look_at_block(sheet, columns)
    columns |= look_at_document(sheet, columns)
    names = sorted(columns)
    return Features(names, np.array([columns[name] for name in names]).T, left)


def mark(size: int, rows: Collection[int]) -> Reals:
    """1 at the given rows."""
    marked = np.zeros(size)
    marked[list(rows)] = 1
    return marked


def mean_around(values: Reals, document: Counts, reach: int) -> Reals:
    """For each row the mean of the `reach` rows before and after it, in its document."""
    total, count = np.zeros(len(values)), np.zeros(len(values))
    for step in range(1, min(reach, len(values) - 1) + 1):
        same = document[step:] == document[:-step]
        total[step:] += np.where(same, values[:-step], 0)
        count[step:] += same
        total[:-step] += np.where(same, values[step:], 0)
        count[:-step] += same
    return total / np.maximum(count, 1)


def mean_within(values: Reals, starts: Counts) -> Reals:
    """For each row the mean of the run of rows it is in; runs begin at `starts`."""
    sizes = np.diff(np.r_[starts, len(values)])
    return np.repeat(np.add.reduceat(values, starts) / sizes, sizes)


def distance_to(flags: Flags, sheet: Sheet, *, after: bool) -> Reals:
    """Rows to the nearest flagged row before (or after) in the document, `NO_ROW` at most."""
    rows = np.arange(len(flags))
    far = len(flags) + 10**6
    if after:
        nearest = np.minimum.accumulate(np.where(flags, rows, far)[::-1])[::-1]
        nearest = np.r_[nearest[1:], far]
        away = np.where(nearest <= sheet.last, nearest - rows, NO_ROW)
    else:
        nearest = np.maximum.accumulate(np.where(flags, rows, -far))
        nearest = np.r_[-far, nearest[:-1]]
        away = np.where(nearest >= sheet.first, rows - nearest, NO_ROW)
    return np.minimum(away, NO_ROW).astype(np.float64)


def look_at_lines(sheet: Sheet) -> Columns:
    """What the line itself shows."""
    text = pl.col("text").str.slice(0, 200)
    chars, words = pl.col("chars").clip(1, 200), pl.col("words").clip(1, 40)
    frame = sheet.frame.lazy().select(
        digits=text.str.count_matches(r"\d") / chars,
        capitals=text.str.count_matches(r"\p{Lu}") / chars,
        initials=text.str.count_matches(r"(?:^|\s)[\p{Lu}\d]") / words,
        commas=text.str.count_matches(r"[,;、，]") / words,
        separators=text.str.contains(r"[|•·»›/]|\s[-–—]\s"),
        privacy=text.str.contains(PRIVACY),
        link=text.str.contains(r"https?:|www\.|@"),
        bullet=text.str.contains(r"^[-•*–+▪●]|^\d{1,2}[.)]\s"),
        colon=pl.col("tail").str.contains(r"[:：]$"),
        question=pl.col("tail").str.contains(r"[?？]"),
        ellipsis=pl.col("tail").str.contains(r"(?:…|\.\.\.)$"),
        quote=text.str.contains(r"[“”„«»\"「]"),
        date=text.str.contains(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d|\d{1,2}[./]\d{1,2}[./]"),
        sentence=text.str.contains(r"[.!?]\s+\p{Lu}|[。！？]."),
        bracket=text.str.contains(r"[()\[\]]"),
        amount=text.str.contains(AMOUNT),
        first_word=(pl.len().over("document", text.str.extract(r"^(\W*\w+)").str.to_lowercase()) >= 3),
    )
    columns: Columns = {
        column.name: column.cast(pl.Float64).to_numpy().copy() for column in frame.collect().get_columns()
    }
    columns |= {f"words_{limit}": (sheet.words <= limit) * 1.0 for limit in (1, 3, 8, 14, 29)}
    columns |= {
        name: getattr(sheet, name) * 1.0 for name in ("ends", "prose", "headline", "continues", "named")
    }
    columns["log_words"] = np.log1p(sheet.words)
    return columns


def look_at_marks(whole: Sheet, left: Counts, gone: Reals, cues: Mapping[int, Rule]) -> Columns:
    """Cues and removed lines near by, and what kind of list was opened last."""
    marked = np.maximum(gone, mark(len(whole), cues))
    columns = {
        "marked_near_3": mean_around(marked, whole.document, 3)[left],
        "marked_near_10": mean_around(marked, whole.document, 10)[left],
    }
    for reason in ("comment", "related", "navigation"):
        said = mark(len(whole), [row for row, rule in cues.items() if rule.reason == reason]) == 1
        ago = distance_to(said, whole, after=False)[left]
        columns[f"{reason}_ago"] = np.log1p(ago)
        columns[f"{reason}_said"] = (ago < NO_ROW) * 1.0
    return columns


def look_at_main(whole: Sheet, left: Counts, gone: Flags, cues: Mapping[int, Rule], runs: Runs) -> Columns:
    """Where the line is against the main run of prose, and how many removed or cue lines part it from there."""
    marked = gone.copy()
    marked[list(cues)] = True
    marks: Counts = np.cumsum(marked, dtype=np.int64)
    rows = np.arange(len(left))
    columns: Columns = {}
    for name, penalty in (("main", MAIN_PENALTY), ("wide", WIDE_PENALTY)):
        first, last = find_main_runs(whole, score_lines(whole, cues, penalty, gone, runs))
        begin = np.searchsorted(left, first[left])
        end = np.searchsorted(left, last[left], side="right") - 1
        away = np.where(rows < begin, begin - rows, np.maximum(rows - end, 0))
        columns[f"before_{name}"] = (rows < begin) * 1.0
        columns[f"after_{name}"] = (rows > end) * 1.0
        columns[f"to_{name}"] = np.log1p(np.minimum(away, NO_ROW))
        columns[f"near_{name}"] = ((away > 0) & (away <= 4)) * 1.0
        parted = np.where(rows < begin, marks[first[left]] - marks[left], marks[left] - marks[last[left]])
        columns[f"marks_to_{name}"] = np.log1p(np.where(away > 0, np.maximum(parted, 0), 0))
        columns[f"unmarked_to_{name}"] = ((away > 0) & (parted <= 0)) * 1.0
    columns["in_main"] = 1 - columns["before_main"] - columns["after_main"]
    return columns


def look_at_held(
    whole: Sheet, left: Counts, gone: Flags, cues: Mapping[int, Rule], runs: Runs, columns: Columns
) -> Columns:
    """Lines that weak evidence never removes: sentences in or beside the article, its subheads, tables and lists.

    Nothing in a thread of dated entries is held.
    """
    facts, cells, thread = runs.facts, runs.cells, runs.thread[left]
    beside = (columns["in_main"] + columns["near_main"]) > 0
    wide = (columns["before_wide"] + columns["after_wide"]) == 0
    closing = np.r_[False, facts[:-1] > 0][left] & wide
    sentence = (beside | closing) & whole.ends[left] & (whole.words[left] >= MIN_HELD_WORDS)
    sentence &= columns["privacy"] == 0
    return {
        "held_subhead": (find_subheads(whole, gone, cues)[left] & (columns["in_main"] == 1) & ~thread) * 1.0,
        "thread": thread * 1.0,
        "held_sentence": (sentence & ~thread) * 1.0,
        "held_fact": (wide & ((facts[left] > 0) | (cells[left] > 0)) & ~thread) * 1.0,
    }


def look_at_standfirst(sheet: Sheet, columns: Columns) -> Columns:
    """What stands between a line that may be the headline and the article, which weak evidence never removes either.

    Paragraphs anywhere there, and the sentences right below such a line or beside such a paragraph.
    """
    may = columns["contender"]
    plain = (columns["privacy"] == 0) & (columns["thread"] == 0)
    lead = sheet.prose & (count_before(may, sheet) > 0) & (columns["before_main"] == 1)
    lead |= (shift(may, sheet.document, 1) == 1) & is_lead_sentence(sheet)
    run = find_blocks(sheet, ~(lead | is_lead_sentence(sheet)))
    beside = (mean_within(lead * 1.0, run) > 0) & is_lead_sentence(sheet)
    return {"held_standfirst": ((lead | beside) & plain & (columns["after_main"] == 0)) * 1.0}


def is_lead_sentence(sheet: Sheet) -> Flags:
    """Sentences as they stand between a headline and its article, of which some have no end mark."""
    whole: Flags = (sheet.ends & (sheet.words >= MIN_STANDFIRST_WORDS)) | (sheet.words >= MIN_UNENDED_WORDS)
    return whole


def look_at_lists(sheet: Sheet, columns: Columns) -> Columns:
    """Entries of the article's lists, which weak evidence never removes either."""
    beside = (columns["after_main"] == 1) & (columns["unmarked_to_main"] == 1)
    listed = find_numbered_lists(sheet) | find_attached_lists(sheet, beside)
    return {"held_list": (listed & (columns["thread"] == 0)) * 1.0}


def look_at_matter(sheet: Sheet, columns: Columns) -> Columns:
    """Lines in or above the article that speak of what it speaks of, which weak evidence never removes either."""
    same = (columns["topic"] >= MIN_SAME_WORDS_RATIO) & (sheet.words >= MIN_SAME_WORDS)
    return {"same_matter": (same & (columns["after_main"] == 0) & (columns["thread"] == 0)) * 1.0}


def find_subheads(whole: Sheet, gone: Flags, cues: Mapping[int, Rule]) -> Flags:
    """Short lines that stand alone between two paragraphs, and are neither cues nor names."""
    marked = gone.copy()
    marked[list(cues)] = True
    paragraph = whole.prose & ~marked
    subhead = (whole.words <= MAX_SUBHEAD_WORDS) & ~marked & ~whole.named
    subhead[1:] &= paragraph[:-1] & (whole.first[1:] < np.arange(1, len(whole)))
    subhead[:-1] &= paragraph[1:] & (whole.last[:-1] > np.arange(len(whole) - 1))
    subhead[[0, -1]] = False
    return subhead


def look_at_sentences(whole: Sheet, left: Counts, gone: Flags, cues: Mapping[int, Rule]) -> Columns:
    """What parts the line from the sentences before and after it, and how many are near."""
    marked = gone.copy()
    marked[list(cues)] = True
    rows = np.arange(len(whole))
    marks: Counts = np.cumsum(marked, dtype=np.int64)
    sentence = is_sentence(whole) & ~gone
    before = np.maximum.accumulate(np.where(sentence, rows, -1))
    behind = np.minimum.accumulate(np.where(sentence, rows, len(whole))[::-1])[::-1]
    back = np.concatenate([np.full(1, -1), before[:-1]])
    ahead = np.concatenate([behind[1:], np.full(1, len(whole))])
    known_back, known_ahead = back >= whole.first, ahead <= whole.last
    since: Counts = np.where(known_back, marks - marked - marks[np.maximum(back, 0)], NO_ROW)
    until: Counts = np.where(known_ahead, marks[np.minimum(ahead, len(whole) - 1)] - marks, NO_ROW)
    return {
        "marks_since_sentence": np.log1p(np.clip(since, 0, NO_ROW))[left],
        "marks_until_sentence": np.log1p(np.clip(until, 0, NO_ROW))[left],
        "unmarked_to_sentence": ((since <= 0) & (until <= 0))[left] * 1.0,
        "sentences_near_20": mean_around(sentence * 1.0, whole.document, 20)[left],
        "marked_near_20": mean_around(marked * 1.0, whole.document, 20)[left],
    }


def look_at_title(sheet: Sheet, title: Reals, before_main: Reals) -> Columns:
    """The headline, and what stands between it and the prose."""
    total = np.cumsum(title)
    base = np.where(sheet.first > 0, total[np.maximum(sheet.first - 1, 0)], 0)
    after = np.minimum(total - base, 1)
    return {"title": title, "after_title": after, "title_to_main": after * before_main * (1 - title)}


def look_around(sheet: Sheet, columns: Columns) -> Columns:
    """Neighbours, one by one and as means."""
    document = sheet.document
    back = distance_to(sheet.prose, sheet, after=False)
    ahead = distance_to(sheet.prose, sheet, after=True)
    again = (pl.len().over("document", "fold") > 1) & (pl.col("fold") != "")
    around: Columns = {
        "prose_back": np.log1p(back),
        "prose_ahead": np.log1p(ahead),
        "between": ((back <= 3) & (ahead <= 3)) * 1.0,
        "again": sheet.frame.select(again.cast(pl.Float64)).to_series().to_numpy().copy(),
        "digits_near_5": mean_around(columns["digits"], document, 5),
        "words_near_2": mean_around(columns["log_words"], document, 2),
    }
    for reach in (3, 10):
        around[f"prose_near_{reach}"] = mean_around(columns["prose"], document, reach)
        around[f"short_near_{reach}"] = mean_around(columns["words_3"], document, reach)
        around[f"topic_near_{reach}"] = mean_around(columns["topic"], document, reach)
    for name in ("log_words", "ends", "prose", "cue", "headline", "colon"):
        around[f"{name}_before"] = shift(columns[name], document, 1)
        around[f"{name}_after"] = shift(columns[name], document, -1)
    columns["again"] = around["again"]
    return around


def shift(values: Reals, document: Counts, step: int) -> Reals:
    """The value one row before (1) or after (-1) in the same document, -1 where there is none."""
    moved = np.full(len(values), -1.0)
    same = document[1:] == document[:-1]
    if step > 0:
        moved[1:] = np.where(same, values[:-1], -1.0)
    else:
        moved[:-1] = np.where(same, values[1:], -1.0)
    return moved


def look_at_block(sheet: Sheet, columns: Columns) -> Columns:
    """Of the run of lines without prose that a line is in: its size and what it is made of.

    A table or a list of the article is a run between paragraphs without a single cue; a widget has cues.
    Paragraphs of prose are runs of their own.
    """
    starts = find_blocks(sheet, sheet.prose)
    sizes = np.diff(np.r_[starts, len(sheet)])
    first, last = np.repeat(starts, sizes), np.repeat(starts + sizes - 1, sizes)
    block = {
        f"block_{name}": mean_within(columns[name], starts)
        for name in (
            "cue",
            "log_words",
            "headline",
            "colon",
            "ends",
            "question",
            "named",
            "again",
            "first_word",
            "bracket",
            "amount",
            "continues",
            "thread",
            "topic",
            "topic_words",
        )
    }
    block["block_lines"] = np.log1p(np.repeat(sizes, sizes).astype(np.float64))
    block["block_has_cue"] = (block["block_cue"] > 0) * 1.0
    block["block_digits"] = mean_within(np.minimum(columns["digits"] * 4, 1), starts)
    block["block_numeric"] = mean_within((columns["digits"] > 0.5) * 1.0, starts)
    block["block_commas"] = mean_within(np.minimum(columns["commas"] * 6, 1), starts)
    spread = mean_within(columns["log_words"] ** 2, starts) - block["block_log_words"] ** 2
    block["block_spread"] = np.sqrt(np.maximum(spread, 0))
    block["block_open"] = ((first == sheet.first) | (last == sheet.last)) * 1.0
    return block


def look_at_document(sheet: Sheet, columns: Columns) -> Columns:
    """How much of a dump the page is."""
    starts = np.unique(sheet.first)
    length = (sheet.last - sheet.first + 1).astype(np.float64)
    return {
        "place": (np.arange(len(sheet)) - sheet.first) / length,
        "dump_short": mean_within(columns["words_3"], starts),
        "dump_prose": mean_within(columns["prose"], starts),
        "dump_marks": mean_within(columns["marked_near_3"], starts),
        "dump_lines": np.log1p(length),
    }
