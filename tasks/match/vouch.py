"""Long paragraphs, matched sentence by sentence.

Some articles come as a single line. Such a paragraph may go when every one of its sentences stands in
kept paragraphs, though no single one holds them all.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from tasks.match.fold import fold_tokens
from tasks.match.signature import hash_sentences

VARIANT_RATIO: Final = 60.0
"""Two unlike sentences closer than this (`fuzz.ratio`, 0..100) may be one sentence with another fact;
set below the ratio of any hard negative and above that of unrelated sentences of news (about 50)."""
MAX_COMPARED: Final = 10_000
"""Pairs of unlike sentences compared one by one; of longer texts it is not known what they vary, so they stay."""
MAX_READ: Final = 1 << 10
"""Long texts whose sentences are remembered."""
MIN_SENTENCE_WORDS: Final = 8
"""A copy vouches by at least one sentence of this length, never by a "He said so." alone."""


class Vouched(NamedTuple):
    """The kept paragraphs that hold a long one together, that with most of it first, and its share of it."""

    keepers: tuple[int, ...]
    share: float


class Vouchers(NamedTuple):
    """Which classes hold the sentences of the long ones.

    Attributes:
        holders: For a long class, for each sentence hash the classes before it that have the sentence.
            A long class with a sentence that nothing else has is left out.
    """

    holders: Mapping[int, Mapping[int, Sequence[int]]]

    def vouch(
        self, one: int, paragraph: int, kept: Mapping[int, int], text_of: Callable[[int], str]
    ) -> Vouched | None:
        """The kept copies that hold all sentences of a paragraph of class `one` together, or None."""
        holders = self.holders.get(one)
        if not holders or not all(any(other in kept for other in others) for others in holders.values()):
            return None
        own = read_sentences(text_of(paragraph))
        held_by: dict[int, set[int]] = {}
        for sentence, others in holders.items():
            for other in others:
                if other in kept:
                    held_by.setdefault(kept[other], set()).add(sentence)
        parts = {k: held for k, held in held_by.items() if not is_variant(own, read_sentences(text_of(k)))}
        return _choose_keepers(own, parts)


@lru_cache(maxsize=MAX_READ)
def read_sentences(text: str) -> dict[int, str]:
    """The folded sentences of a text by their hashes.

    >>> list(read_sentences("Có 5 người. Họ ở Huế.").values())
    ['có 5 người', 'họ ở huế']
    """
    folded = fold_tokens(text)
    starts = (0, *folded.sentence_ends[:-1])
    texts = [
        " ".join(folded.tokens[start:end]) for start, end in zip(starts, folded.sentence_ends, strict=True)
    ]
    return dict(zip(hash_sentences(folded).tolist(), texts, strict=True))


def is_variant(own: Mapping[int, str], others: Mapping[int, str]) -> bool:
    """Whether another text says something like, but not the same as, one of our sentences.

    Such a text may state another fact in the same place: it cannot vouch for the rest.
    """
    mine = [text for sentence, text in own.items() if sentence not in others]
    theirs = [text for sentence, text in others.items() if sentence not in own]
    if len(mine) * len(theirs) > MAX_COMPARED:
        return True
    return any(fuzz.ratio(a, b, score_cutoff=VARIANT_RATIO) for a in mine for b in theirs)


def _choose_keepers(own: Mapping[int, str], parts: Mapping[int, set[int]]) -> Vouched | None:
    """Greedily the copy that holds most of what is left; the better-ranked one of two that hold as much."""
    left = set(own)
    keepers: list[int] = []
    shares: list[float] = []
    total = sum(map(len, own.values()))
    while left:
        size, keeper = max(
            ((sum(len(own[s]) for s in held & left), -k) for k, held in parts.items()), default=(0, 0)
        )
        held = parts.get(-keeper, set()) & left
        if not size or not any(own[s].count(" ") + 1 >= MIN_SENTENCE_WORDS for s in held):
            return None
        keepers.append(-keeper)
        shares.append(size / total)
        left -= held
    return Vouched(tuple(keepers), round(shares[0], 4))
