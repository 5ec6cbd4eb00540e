"""Prose that is likely not the article's: consent windows, leads of a list, what a page prints twice."""

import numpy as np
import polars as pl

from tasks.strip.sheet import Counts, Flags, Reals, Sheet

LEAD, TWICE, CONSENT = 0.3, 0.0, 0.0
"""What is left of the weight of such prose in the run that it is in. Measured on 223 page dumps: with a dearer break
between paragraphs (`MAIN_PENALTY`) junk in the main run falls from 16,100 tokens to 11,900, and the article's own outside
it grows from 7,200 to 7,600."""
MIN_LEADS, LEAD_REACH, MIN_LEAD_RATIO = 3, 8, 0.9
"""Paragraphs within so many lines that stand alone between headlines, and their share of the paragraphs there."""
MIN_TWICE_WORDS, TWICE_CHARS = 8, 80


def doubt_prose(sheet: Sheet, sentence: Flags, consent: Flags, gone: Flags) -> Reals:
    """Per line what its prose counts, 0 to 1.

    Args:
        sheet: the lines, whole documents.
        sentence: paragraphs and shorter sentences.
        consent: lines that speak of cookies and privacy.
        gone: lines that rules removed, which part nothing.
    """
    weight = np.ones(len(sheet))
    left = np.flatnonzero(~gone)
    weight[left[find_leads(sheet.prose[left], sentence[left], sheet.document[left])]] = LEAD
    weight[find_twice(sheet)] *= TWICE
    weight[consent] = CONSENT
    return weight


def find_leads(prose: Flags, sentence: Flags, document: Counts) -> Flags:
    """Paragraphs that stand alone between lines that are no sentences, among others that do: leads under headlines.

    An article has subheads too, but two paragraphs follow on each other somewhere near.

    >>> page = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0], dtype=bool)
    >>> np.flatnonzero(find_leads(page, page, np.zeros(9, dtype=np.int64))).tolist()
    [1, 3, 5, 7]
    """
    joined = sentence[1:] & sentence[:-1] & (document[1:] == document[:-1])
    alone = prose.copy()
    alone[1:] &= ~joined
    alone[:-1] &= ~joined
    leads, paragraphs = (count_around(flags, document, LEAD_REACH) for flags in (alone, prose))
    found: Flags = alone & (leads >= MIN_LEADS + 1) & (leads >= MIN_LEAD_RATIO * paragraphs)
    return found


def count_around(flags: Flags, document: Counts, reach: int) -> Counts:
    """Flagged rows from `reach` rows before a row to as many after it, in its document."""
    total = np.r_[0, np.cumsum(flags)]
    rows = np.arange(len(flags))
    first = np.maximum(rows - reach, np.searchsorted(document, document))
    last = np.minimum(rows + reach + 1, np.searchsorted(document, document, side="right"))
    counted: Counts = total[last] - total[first]
    return counted


def find_twice(sheet: Sheet) -> Flags:
    """Longer lines whose beginning stands on the page exactly twice: a teaser, a standfirst, a caption.

    What stands there more often is a question or a refrain of the article.
    """
    start = pl.col("text").str.slice(0, TWICE_CHARS)
    rows = np.flatnonzero(sheet.words >= MIN_TWICE_WORDS)
    twice = np.zeros(len(sheet), dtype=np.bool_)
    if len(rows):
        few = sheet.frame[rows].select(pl.len().over("document", start) == 2)
        twice[rows] = few.to_series().to_numpy()
    return twice
