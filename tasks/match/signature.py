"""The retrieval keys of one text, in plain Python: the readable twin of `tasks.match.kernels`.

All hashes are fixed by their definition (xxHash64 and the arithmetic below), so that they can be stored
and compared with those of another run, machine or version of Python.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from tasks.match.fold import Folded, fold_tokens

Words64 = npt.NDArray[np.uint64]
Words32 = npt.NDArray[np.uint32]

SHINGLE_WORDS: Final = 3
"""Words a shingle of the MinHash has (measured: 99.9 % of true pairs against 87-96 % with five)."""
PERMUTATIONS: Final = 128
BANDS: Final = 32
ROWS: Final = PERMUTATIONS // BANDS
"""Bands of four rows: a pair at Jaccard .5 is found with .87, at .7 with .9998 (1-(1-j^4)^32)."""
MAX_LOOSE_WORDS: Final = 24
"""A shorter text has bands over its single words as well: one word put elsewhere leaves it few shingles. (Measured on
6,935 paragraphs of several outlets on the same events: 1.00 of `same` pairs are found instead of .84, .94 of contained
ones instead of .82, for a tenth more candidates; with 16 words .89 of contained ones, with 32 .95.)"""
FINE_BITS: Final = 8
"""Of a word band the lowest, from its fourth value alone; the others are of the first three. By three a pair at Jaccard
.53 is found with .99, by four with .92; but of a million made-up short paragraphs three bring eight times as many
together by chance."""
SKETCH_BITS: Final = 128
"""Two texts of 13 words have a bit and a half of it in common by chance."""
PHRASE_WORDS: Final = 3
"""Words of a phrase, by which a text is found inside a longer one."""
PHRASE_WINDOW: Final = 2
"""Of so many neighbouring phrases the one with the least hash is a key (winnowing, Schleimer, Wilkerson
and Aiken 2003): a text and a longer one that holds it choose the same. (Phrases of three words and windows of
two find .95 of contained pairs, of five and four .81: `tests/benchmarks/match_recall.py` on 17,159 paragraphs
of news, counting pairs that share runs of three words for .6 of the shorter.)"""

KEY_SEEDS: Final = (0x0DECA170, 0x0DECA171)
SENTENCE_SEED: Final = 0x0DECA172
TOKEN_SEED: Final = 0
FACTOR: Final = 0x9E3779B97F4A7C15
MIX_1: Final = 0xFF51AFD7ED558CCD
MIX_2: Final = 0xC4CEB9FE1A85EC53
"""2^64 / golden ratio, and the finaliser of MurmurHash3 (`fmix64`)."""


def _draw_permutations() -> tuple[Words32, Words32]:
    """Odd factors and addends, by splitmix64 from 0 (Steele, Lea and Flood 2014): the same everywhere."""
    state = np.arange(1, 2 * PERMUTATIONS + 1, dtype=np.uint64) * np.uint64(FACTOR)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    high = ((state ^ (state >> np.uint64(31))) >> np.uint64(32)).astype(np.uint32)
    return high[:PERMUTATIONS] | np.uint32(1), high[PERMUTATIONS:]


FACTORS, ADDENDS = _draw_permutations()


class Signature(NamedTuple):
    """What retrieval knows of one text; the last five are empty for a short one.

    Attributes:
        key: 128 bits of the folded text: equal keys, equal folds.
        words: Words and numbers; letters in scripts without spaces.
        unspaced: How many of them are letters of such a script.
        bands: 32 hashes of four MinHash values each, 32 bits, little endian.
        word_bands: The same over single words, as `hash_word_bands` packs them; empty for a text of `MAX_LOOSE_WORDS`
            or more.
        sketch: A bit for each of its words, 128 in all, as two numbers of 64, little endian; empty where `word_bands` is.
        phrases: Sorted hashes of the chosen phrases, 32 bits each.
        sentences: A hash of each folded sentence, in order, 64 bits each.
    """

    key: bytes
    words: int
    unspaced: int
    bands: bytes
    word_bands: bytes
    sketch: bytes
    phrases: bytes
    sentences: bytes


def is_substantial(words: int, unspaced: int, min_words: int, min_chars: int) -> bool:
    """Whether a text is long enough to be a duplicate; mixed scripts count in proportion.

    >>> is_substantial(8, 0, 8, 20), is_substantial(19, 19, 8, 20), is_substantial(14, 10, 8, 20)
    (True, False, True)
    """
    return (words - unspaced) * min_chars + unspaced * min_words >= min_words * min_chars


def sign_text(text: str, min_words: int, min_chars: int) -> Signature:
    """The keys of one text."""
    folded = fold_tokens(text)
    encoded = folded.text.encode()
    key = b"".join(xxhash.xxh64_intdigest(encoded, seed).to_bytes(8, "little") for seed in KEY_SEEDS)
    words = folded.words
    if not is_substantial(len(words), folded.unspaced, min_words, min_chars):
        return Signature(key, len(words), folded.unspaced, b"", b"", b"", b"", b"")
    hashes = np.array([xxhash.xxh64_intdigest(word.encode(), TOKEN_SEED) for word in words], np.uint64)
    is_loose = len(words) < MAX_LOOSE_WORDS
    return Signature(
        key,
        len(words),
        folded.unspaced,
        hash_bands(hashes).astype("<u4").tobytes(),
        hash_word_bands(hashes).astype("<u4").tobytes() if is_loose else b"",
        sketch_words(hashes).astype("<u8").tobytes() if is_loose else b"",
        choose_phrases(hashes).astype("<u4").tobytes(),
        hash_sentences(folded).astype("<u8").tobytes(),
    )


def mix(hashes: Words64) -> Words64:
    """`fmix64`: every bit of the result depends on every bit given."""
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(MIX_1)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(MIX_2)
    return hashes ^ (hashes >> np.uint64(33))


def hash_shingles(hashes: Words64, size: int) -> Words32:
    """A hash of each `size` neighbouring words, 32 bits; a text with fewer is one shingle."""
    size = min(size, len(hashes))
    count = len(hashes) - size + 1
    rolled = np.zeros(count, np.uint64)
    for place in range(size):
        rolled = rolled * np.uint64(FACTOR) + hashes[place : place + count]
    return (mix(rolled) >> np.uint64(32)).astype(np.uint32)


def find_least(hashes: Words64, size: int) -> Words64:
    """MinHash over shingles (Broder 1997), by bands (Leskovec et al., MMDS ch. 3): 32 x 4."""
    shingles = hash_shingles(hashes, size)
    least: Words32 = (shingles[:, None] * FACTORS + ADDENDS).min(axis=0)
    return least.astype(np.uint64).reshape(BANDS, ROWS)


def hash_bands(hashes: Words64) -> Words32:
    """A hash of the four values of each band over shingles."""
    least = find_least(hashes, SHINGLE_WORDS)
    pairs = (least[:, 0::2] << np.uint64(32)) | least[:, 1::2]
    return (mix(pairs[:, 0] * np.uint64(FACTOR) + pairs[:, 1]) >> np.uint64(32)).astype(np.uint32)


def hash_word_bands(hashes: Words64) -> Words32:
    """Of each band over single words a hash of three values, 24 bits, and the lowest 8 bits of the fourth."""
    least = find_least(hashes, 1)
    three = mix(((least[:, 0] << np.uint64(32)) | least[:, 1]) * np.uint64(FACTOR) + least[:, 2])
    fine = np.uint64(2**FINE_BITS - 1)
    return (((three >> np.uint64(32)) & ~fine) | (least[:, 3] & fine)).astype(np.uint32)


def sketch_words(hashes: Words64) -> Words64:
    """A bit for each word (Bloom 1970, with one hash): two numbers of 64."""
    bits = hash_shingles(hashes, 1).astype(np.uint64) // np.uint64(2**32 // SKETCH_BITS)
    sketch = np.zeros(SKETCH_BITS // 64, np.uint64)
    np.bitwise_or.at(sketch, bits // np.uint64(64), np.uint64(1) << bits % np.uint64(64))
    return sketch


def choose_phrases(hashes: Words64) -> Words32:
    """The winnowed phrases, sorted, each once."""
    phrases = hash_shingles(hashes, PHRASE_WORDS)
    window = min(PHRASE_WINDOW, len(phrases))
    return np.unique(np.lib.stride_tricks.sliding_window_view(phrases, window).min(axis=1))


def hash_sentences(folded: Folded) -> Words64:
    """A hash of each sentence's tokens."""
    starts = (0, *folded.sentence_ends[:-1])
    return np.array(
        [
            xxhash.xxh64_intdigest(" ".join(folded.tokens[start:end]).encode(), SENTENCE_SEED)
            for start, end in zip(starts, folded.sentence_ends, strict=True)
        ],
        np.uint64,
    )
