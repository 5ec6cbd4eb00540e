"""What kind of page a document is: one article, a list of leads, or articles run together."""

import re
from collections.abc import Mapping

import numpy as np

from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import Verdicts

MIN_LEADS = 8
"""Paragraphs without a headline before a page counts as a list of leads."""
MAX_LEAD_WORDS = 75
"""Mean length of a lead; paragraphs of articles vary more. Set by hand, see `is_listing`."""
MAX_LEAD_SENTENCES = 1.8
MIN_DATED_RATIO = 0.3
MIN_LEAD_HEADLINE_WORDS = 8
MIN_HEADED_RATIO = 0.9
"""Subheads of listicles are shorter, and some of their sections have two paragraphs; the questions of an
interview have an end mark."""
MIN_SECOND_PROSE = 3
SIGN_OFF = frozenset({"source_credit", "byline", "timestamp"})
DATED = re.compile(r"\b\d{1,2}[/-]\d{1,2}\b|\b(?:19|20)\d\d\b|\b\d{1,2} tháng \d")
SENTENCE_END = re.compile(r"[.!?…]['\"”’»)]*(?=\s+[^\W\d_a-z]|\s*$)")


def find_kinds(sheet: Sheet, headlines: Mapping[int, int], verdicts: Verdicts) -> dict[int, str]:
    """Document -> listing or spliced; articles are not named."""
    kinds: dict[int, str] = {}
    starts = np.unique(sheet.first)
    if not len(starts):
        return kinds
    lead = sheet.prose.copy()
    lead[1:] &= sheet.headline[:-1] & ~sheet.ends[:-1] & (sheet.words[:-1] >= MIN_LEAD_HEADLINE_WORDS)
    leads = np.add.reduceat(lead.astype(np.int64), starts)
    prose = np.add.reduceat(sheet.prose.astype(np.int64), starts)
    headed = (leads >= MIN_LEADS) & (leads >= MIN_HEADED_RATIO * prose)
    for first, is_headed in zip(starts.tolist(), headed.tolist(), strict=True):
        document = int(sheet.document[first])
        if is_headed or (document not in headlines and is_listing(sheet, first, verdicts)):
            kinds[document] = "listing"
    for first in find_spliced(sheet, verdicts):
        kinds.setdefault(int(sheet.document[first]), "spliced")
    return kinds


def is_listing(sheet: Sheet, first: int, verdicts: Verdicts) -> bool:
    """Leads without a headline over them: paragraphs only, dated, of one or two sentences each."""
    rows = [row for row in range(first, int(sheet.last[first]) + 1) if row not in verdicts]
    prose = [row for row in rows if sheet.prose[row]]
    if len(prose) < max(MIN_LEADS, 0.9 * len(rows)):
        return False
    texts = sheet.text.gather(prose).to_list()
    sentences = sum(max(1, len(SENTENCE_END.findall(text))) for text in texts) / len(texts)
    dated = sum(bool(DATED.search(text)) for text in texts) / len(texts)
    words = float(np.mean(sheet.words[prose]))
    return words <= MAX_LEAD_WORDS and sentences <= MAX_LEAD_SENTENCES and dated >= MIN_DATED_RATIO


def find_spliced(sheet: Sheet, verdicts: Verdicts) -> list[int]:
    """First rows of documents that have a credit or a time in the middle, then a headline and an article."""
    found = []
    for row, (reason, _, _) in verdicts.found.items():
        last = int(sheet.last[row])
        if reason not in SIGN_OFF or sheet.prose_before[row] < MIN_SECOND_PROSE:
            continue
        after = next((at for at in range(row + 1, last + 1) if at not in verdicts), last)
        if sheet.headline[after] and sheet.words[after] >= 6 and sheet.prose_after[after] >= MIN_SECOND_PROSE:
            found.append(int(sheet.first[row]))
    return found
