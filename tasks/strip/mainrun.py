"""The run of lines that an article's prose makes up."""

from collections.abc import Container, Mapping

import numpy as np

from tasks.strip.packs import Rule
from tasks.strip.sheet import Counts, Reals, Sheet

MAIN_REWARD_WORDS = 60
"""Words at most that one paragraph adds to the run of prose it is in; an outlier must not decide alone."""
MAIN_PENALTY = 7.0
"""What a line that is no prose takes from it. Maximum subsequence segmentation, Pasternack and Roth 2009."""
WIDE_PENALTY = 2.5
"""The same for a run that lists and tables may interrupt."""
BARRIERS = {"comment": 150.0, "related": 25.0}
"""What a cue line takes from it: what readers wrote below `Leave a comment` is prose, but not the article."""


def score_lines(sheet: Sheet, cues: Mapping[int, Rule], penalty: float) -> Reals:
    """What each line adds to the run it is in."""
    reward = np.minimum(sheet.words, MAIN_REWARD_WORDS).astype(np.float64)
    half_prose = sheet.ends & (sheet.words >= 8)
    score = np.where(sheet.prose, reward, np.where(half_prose, reward / 2, -penalty))
    for row, rule in cues.items():
        if sheet.words[row] <= 8 and rule.reason in BARRIERS:
            score[row] = -BARRIERS[rule.reason]
    return score


def find_main_runs(
    sheet: Sheet, score: Reals, documents: Container[int] | None = None
) -> tuple[Counts, Counts]:
    """First and last row of each document's main run (by row): the run whose scores add up to most.

    Documents other than those named are one run from end to end.
    """
    begin, end = sheet.first.copy(), sheet.last.copy()
    values = score.tolist()
    for start in np.unique(sheet.first).tolist():
        if documents is not None and int(sheet.document[start]) not in documents:
            continue
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
