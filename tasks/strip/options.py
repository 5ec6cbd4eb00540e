"""What a user may set for this step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StripOptions:
    """Thresholds of the strip step; the defaults are those that were measured.

    Attributes:
        min_template_documents: Documents of one site that must share a line before it counts as template.
        min_template_ratio: Share (0..1) of a site's documents that must hold it.
        max_template_words: Longest line, in words, that a template may be.
        min_removal_probability: What the model must reach (0..1) before weak evidence alone removes.
    """

    min_template_documents: int = 5
    min_template_ratio: float = 0.05
    max_template_words: int = 15
    min_removal_probability: float = 0.5
