"""What a user may set for this step."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MatchOptions:
    """Settings of the match step.

    Attributes:
        scope: What may go: single paragraphs; only whole documents; or nothing, everything is marked.
        keep: Which copy stays: the fullest, or the first published, which is never displaced.
        min_words: Shorter paragraphs are nobody's duplicate.
        min_chars: The same in scripts without spaces, in letters.
        min_repeat_words: What says again, with fewer words, what its own document says elsewhere stays: a question
            put to everyone, a dish on every day, a refrain. (Of 156 that went so from 229 page dumps 154 had at most 40
            words, and about half were lines of the article.)
        min_long_sentences: From so many sentences on, a paragraph is also matched sentence by sentence.
        max_words: Longer paragraphs are matched by key and by sentence only.
        max_bucket: Items of one bucket that are all compared with each other; of a larger one each is
            compared with the fullest few only.
        max_bucket_best: How many those few are, of all its oversized buckets together.
        max_candidates: Better-ranked texts that one is compared with because of its bands, and again because of
            its phrases; of more, half are the best-ranked, and half those that share most.
        max_index_mb: Memory for the pairs of one round of retrieval by phrases, in MB.
        max_texts_mb: Paragraphs decided at a time, in MB of text.
    """

    scope: Literal["paragraph", "document", "label"] = "paragraph"
    keep: Literal["fullest", "first"] = "fullest"
    min_words: int = 8
    min_chars: int = 20
    min_repeat_words: int = 41
    min_long_sentences: int = 6
    max_words: int = 20_000
    max_bucket: int = 50
    max_bucket_best: int = 3
    max_candidates: int = 32
    max_index_mb: int = 512
    max_texts_mb: int = 4

    def __post_init__(self) -> None:
        """Refuse what no run can do.

        Raises:
            ValueError: a count or a size is not above 0.
        """
        for name, value in vars(self).items():
            least = 0 if name == "max_texts_mb" else 1  # 0: each group of near texts by itself
            if isinstance(value, int) and value < least:
                raise ValueError(f"{name} must be {least} or more")
