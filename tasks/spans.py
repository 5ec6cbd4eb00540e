"""Which characters of a raw text became which of its repaired text."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

MAX_PRODUCT: Final = 100_000_000
"""Characters times characters that are aligned letter by letter (ten milliseconds, measured); a larger
block of words is one span."""


class Span(NamedTuple):
    """Characters `start` to `end` of the raw text became `new`."""

    start: int
    end: int
    new: str


def repair_spans(raw: str, text: str) -> list[Span]:
    """What to replace in `raw` to get `text`, in order, without overlap.

    >>> repair_spans("Bé tµi chÝnh", "Bộ tài chính")
    [Span(start=1, end=2, new='ộ'), Span(start=4, end=5, new='à'), Span(start=9, end=10, new='í')]
    """
    if raw == text:
        return []
    raw_words, text_words = _words(raw), _words(text)
    if len(raw_words) == len(text_words):
        blocks: Iterable[tuple[int, int, int, int]] = [
            (place, place + 1, place, place + 1) for place in range(len(raw_words))
        ]
    else:
        blocks = _unequal_blocks(raw_words, text_words)
    raw_ends, text_ends = _ends(raw_words), _ends(text_words)
    return [
        span
        for first, last, text_first, text_last in blocks
        for span in _inner_spans(
            raw[raw_ends[first] : raw_ends[last]],
            text[text_ends[text_first] : text_ends[text_last]],
            raw_ends[first],
        )
    ]


def raw_offset(raw: str, text: str, offset: int) -> int | None:
    """Where in `raw` the text begins that begins at `offset` in `text`; None inside or at a change.

    >>> raw_offset("Bé tµi. HÕt", "Bộ tài. Hết", 8), raw_offset("tµi", "tài", 2), raw_offset("ti&ecirc;n", "tiên", 3)
    (8, 2, 9)
    >>> raw_offset("½ kg", "1/2 kg", 2) is None
    True
    """
    shift = 0
    for start, end, new in repair_spans(raw, text):
        if start + shift >= offset:
            break
        if start + shift + len(new) > offset:
            return None
        shift += len(new) - (end - start)
    return offset - shift


def _words(text: str) -> list[str]:
    """Pieces of a text: each word with the white space before it."""
    return re.findall(r"[ \t\r\n]*[^ \t\r\n]+|[ \t\r\n]+$", text)


def _ends(words: list[str]) -> list[int]:
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word))
    return ends


def _unequal_blocks(raw_words: list[str], text_words: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Blocks of words that differ."""
    for step in Levenshtein.opcodes(raw_words, text_words):
        if step.tag != "equal":
            yield step.src_start, step.src_end, step.dest_start, step.dest_end


def _inner_spans(raw: str, text: str, at: int) -> Iterator[Span]:
    """Changes within a block, letter by letter unless it is huge."""
    if raw == text:
        return
    if len(raw) * len(text) > MAX_PRODUCT:
        yield Span(at, at + len(raw), text)
        return
    steps = [step for step in Levenshtein.opcodes(raw, text) if step.tag != "equal"]
    first = 0
    for place, step in enumerate(steps):
        if place + 1 < len(steps) and steps[place + 1].src_start == step.src_end:
            continue
        start = steps[first]
        yield Span(at + start.src_start, at + step.src_end, text[start.dest_start : step.dest_end])
        first = place + 1
