"""The run of lines that an article's prose makes up."""

from collections.abc import Mapping

import numpy as np

from tasks.strip.blocks import Runs, is_sentence
from tasks.strip.packs import Rule
from tasks.strip.sheet import Counts, Flags, Reals, Sheet, count_before

MAIN_REWARD_WORDS = 60
"""Words at most that one paragraph adds to the run of prose it is in; an outlier must not decide alone."""
UNENDED_REWARD = 0.8
"""What a long line without an end mark adds of that: a cloud of tags is a long line too, and breaks no tie."""
MAIN_PENALTY = 8.0
"""What a line that is no prose takes from it. Maximum subsequence segmentation, Pasternack and Roth 2009."""
WIDE_PENALTY = 2.5
"""The same for a run that lists and tables may interrupt."""
MAX_BARRIER_WORDS = 8
BARRIERS = {"comment": 150.0, "related": 25.0}
"""What a cue line takes from it: what readers wrote below `Leave a comment` is prose, but not the article."""
MIN_ABOVE = 100.0
BELOW = {"comment": 0.4, "related": 0.8}
"""Of prose below a cue line so much counts, if there is so much above: what readers wrote and leads to other articles may
be longer than the article. Measured on 223 page dumps: 1,800 tokens less of junk in the main run, 240 more of the article."""
GONE_PENALTY = 2.0
"""What a line that a rule removed takes from it: an advert between two paragraphs does not part them."""
TABLE_COST = 20.0
"""What a list of facts takes from it in all; a table of numbers takes nothing. Line by line they would weigh more
than the article that they belong to."""


def score_lines(sheet: Sheet, cues: Mapping[int, Rule], penalty: float, gone: Flags, runs: Runs) -> Reals:
    """What each line adds to the run it is in; `gone` are the lines that rules removed already."""
    reward = np.minimum(sheet.words, MAIN_REWARD_WORDS) * np.where(sheet.ends, 1.0, UNENDED_REWARD)
    score = np.where(sheet.prose, reward, np.where(is_sentence(sheet), reward / 2, -penalty))
    score[score > 0] *= runs.weight[score > 0]
    score[runs.thread] = -penalty
    score[gone] = -GONE_PENALTY
    for table, most in zip((runs.facts, runs.cells), (TABLE_COST, 0.0), strict=True):
        cost = np.bincount(table, np.maximum(-score, 0))[table]
        cheap = (table > 0) & (score < 0) & (cost > most)
        score[cheap] *= most / cost[cheap]
    above = count_before(np.maximum(score, 0), sheet)
    headed = {reason: np.zeros(len(sheet), dtype=np.bool_) for reason in BELOW}
    for row, rule in cues.items():
        if sheet.words[row] <= MAX_BARRIER_WORDS and rule.reason in BARRIERS:
            score[row] = -BARRIERS[rule.reason]
            headed[rule.reason][row] = above[row] >= MIN_ABOVE
    for reason, rows in headed.items():
        score[(count_before(rows, sheet) > 0) & (score > 0)] *= BELOW[reason]
    return score


def find_main_runs(sheet: Sheet, score: Reals) -> tuple[Counts, Counts]:
    """First and last row of each document's main run (by row): the run whose scores add up to most."""
    begin, end = sheet.first.copy(), sheet.last.copy()
    values = score.tolist()
    for start in np.unique(sheet.first).tolist():
        last = int(sheet.last[start])
        best, total, left, pair = 0.0, 0.0, start, (start, last)
        for row in range(start, last + 1):
            if total <= 0:
                total, left = 0.0, row
            total += values[row]
            if total > best:
                best, pair = total, (left, row)
        begin[start : last + 1], end[start : last + 1] = pair
    return begin, end
