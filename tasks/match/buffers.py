"""Texts as one buffer for the kernels, and the kernels' arrays as columns."""

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.fold import HYPHENS, OPEN_SYLLABLE, TABLE_END, classify
from tasks.match.kernels import CLASS_SHIFT, HAS_TAIL, Outputs, Tables, find_unsure, sign_rows
from tasks.match.signature import BANDS, MAX_LOOSE_WORDS, SKETCH_BITS


@cache
def build_tables() -> Tables:
    """What `tasks.match.fold` says of every code point (0.1 s)."""
    chars = list(map(chr, range(TABLE_END)))
    forms = list(map(str.casefold, chars))
    tails = np.zeros((TABLE_END, 2), np.uint32)
    folded = np.arange(TABLE_END, dtype=np.uint32)
    for code, (char, form) in enumerate(zip(chars, forms, strict=True)):
        if char != form:
            folded[code] = ord(form[0])
            tails[code, : len(form) - 1] = [ord(extra) for extra in form[1:]]
    for char in HYPHENS:
        folded[ord(char)] = ord("-")
    vowels = [[*map(ord, before), *map(ord, after)] for before, after in OPEN_SYLLABLE.items()]
    classes = np.fromiter(map(classify, chars), np.uint32, TABLE_END)
    has_tail = tails.any(axis=1).astype(np.uint32)
    return Tables(
        folded | (classes << np.uint32(CLASS_SHIFT)) | (has_tail * np.uint32(HAS_TAIL)),
        tails,
        np.fromiter(map(_is_doubtful, chars), np.uint8, TABLE_END),
        np.array(vowels, np.uint32),
    )


def _is_doubtful(char: str) -> bool:
    """Whether a text with this character may not be in NFC, or not in canonical order."""
    if char < "\u0300":
        return False
    is_jamo = "\u1100" <= char <= "\u11ff"
    return is_jamo or unicodedata.category(char)[0] == "M" or not unicodedata.is_normalized("NFC", char)


def sign_texts(texts: pl.Series, min_words: int, min_chars: int) -> pl.DataFrame:
    """The signatures of all texts, row for row."""
    tables = build_tables()
    buffer, offsets = join_texts(texts)
    unsure = np.zeros(len(texts), np.bool_)
    find_unsure(buffer, offsets, tables.doubts, unsure)
    rows = [n for n in np.flatnonzero(unsure).tolist() if not unicodedata.is_normalized("NFC", texts[n])]
    if rows:
        normal = [unicodedata.normalize("NFC", texts[n]) for n in rows]
        buffer, offsets = join_texts(texts.scatter(rows, normal))
    outputs = _allocate(len(texts), len(buffer))
    phrases, sentences = sign_rows(buffer, offsets, min_words, min_chars, tables, outputs)
    return _tabulate(outputs, phrases, sentences)


def join_texts(texts: pl.Series) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """All texts as UTF-8 in one buffer, and where each begins; the last offset is the end."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(texts.str.len_bytes().to_numpy(), out=offsets[1:])
    return np.frombuffer(b"".join(texts.cast(pl.Binary).to_list()), np.uint8), offsets


def _allocate(rows: int, size: int) -> Outputs:
    """Room for the keys of so many texts of so many bytes in all."""
    return Outputs(
        np.empty((rows, 2), np.uint64),
        np.empty(rows, np.uint32),
        np.empty(rows, np.uint32),
        np.empty((rows, BANDS), np.uint32),
        np.empty((rows, BANDS), np.uint32),
        np.empty((rows, 2), np.uint64),
        np.empty(size + 1, np.uint32),
        np.empty(size + 1, np.uint64),
        np.empty((rows, 2), np.int64),
    )


def _tabulate(outputs: Outputs, phrases: int, sentences: int) -> pl.DataFrame:
    """The keys as columns of bytes; empty ones for short texts."""
    is_long = outputs.counts[:, 0] > 0
    is_loose = is_long & (outputs.words < MAX_LOOSE_WORDS)
    return pl.DataFrame(
        {
            "key": _cut(outputs.keys, np.full(len(is_long), 16)),
            "words": outputs.words,
            "unspaced": outputs.unspaced,
            "bands": _cut(outputs.bands[is_long], is_long * 4 * BANDS),
            "word_bands": _cut(outputs.word_bands[is_loose], is_loose * 4 * BANDS),
            "sketch": _cut(outputs.sketches[is_loose], is_loose * (SKETCH_BITS // 8)),
            "phrases": _cut(outputs.phrases[:phrases], outputs.counts[:, 0] * 4),
            "sentences": _cut(outputs.sentences[:sentences], outputs.counts[:, 1] * 8),
        }
    )


def _cut(values: npt.NDArray[Any], sizes: npt.NDArray[np.int64]) -> pl.Series:
    """Bytes of an array, cut into pieces of the sizes given."""
    whole = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    ends = np.cumsum(sizes).tolist()
    return pl.Series(
        [whole[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)], dtype=pl.Binary
    )
