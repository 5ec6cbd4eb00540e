"""What of one text is not in another, word by word, for a reader's eye; it decides nothing."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import Indel

from tasks.spans import repair_spans

MAX_WORDS: Final = 2000
"""Longer texts are shown without marks: nobody reads so far, and aligning is quadratic."""


class Run(NamedTuple):
    """A stretch of a text, and whether the other text lacks it."""

    text: str
    is_own: bool


def mark_differences(one: str, other: str) -> tuple[list[Run], list[Run]]:
    """Both texts in runs; each joined again is the text it was.

    Case and punctuation at the ends of words are no difference here.

    >>> mark_differences("Hơn 300 hộ", "Hơn 30 hộ.")[0]
    [Run(text='Hơn ', is_own=False), Run(text='300 ', is_own=True), Run(text='hộ', is_own=False)]
    """
    ours, theirs = _cut(one), _cut(other)
    if max(len(ours), len(theirs)) > MAX_WORDS:
        return [Run(one, False)], [Run(other, False)]
    steps = Indel.opcodes([_fold(word) for word in ours], [_fold(word) for word in theirs])
    equal = [step for step in steps if step.tag == "equal"]
    return (
        _join(ours, [(step.src_start, step.src_end) for step in equal]),
        _join(theirs, [(step.dest_start, step.dest_end) for step in equal]),
    )


def mark_repairs(raw: str, text: str) -> tuple[list[Run], list[Run]]:
    """Both texts in runs, those that a repair changed marked letter by letter."""
    before, after, start, shift = [], [], 0, 0
    for span in repair_spans(raw, text):
        same = raw[start : span.start]
        before += [Run(same, False), Run(raw[span.start : span.end], True)]
        after += [Run(same, False), Run(span.new, True)]
        start, shift = span.end, shift + len(span.new) - (span.end - span.start)
    rest = Run(raw[start:], False)
    return [run for run in (*before, rest) if run.text], [run for run in (*after, rest) if run.text]


def mark_phrases(text: str, phrases: Iterable[str]) -> list[Run]:
    """A text in runs, those that begin with a word of the phrases and stay within one marked.

    Punctuation between the words of a phrase may differ from the text's.

    >>> mark_phrases("ngày 3/4, ở Lưu", ["3/4"])
    [Run(text='ngày ', is_own=False), Run(text='3/4', is_own=True), Run(text=', ở Lưu', is_own=False)]
    """
    patterns = sorted(
        {r"\W*".join(map(re.escape, phrase.split())) for phrase in phrases}, key=len, reverse=True
    )
    if not any(patterns):
        return [Run(text, False)]
    found = re.split(rf"(?<!\w)((?i:{'|'.join(filter(None, patterns))}))(?!\w)", text)
    return [Run(part, number % 2 == 1) for number, part in enumerate(found) if part]


def _cut(text: str) -> list[str]:
    return re.findall(r"\S+\s*|^\s+", text)


def _fold(word: str) -> str:
    return word.strip().casefold().strip(".,;:!?…\"'“”‘’()[]") or word


def _join(words: Sequence[str], equal: Sequence[tuple[int, int]]) -> list[Run]:
    runs: list[Run] = []
    at = 0
    for start, end in (*equal, (len(words), len(words))):
        for first, last, is_own in ((at, start, True), (start, end, False)):
            part = "".join(words[first:last])
            if part and runs and runs[-1].is_own == is_own:
                runs[-1] = Run(runs[-1].text + part, is_own)
            elif part:
                runs.append(Run(part, is_own))
        at = end
    return runs
