"""What a user may set for this step."""

from dataclasses import dataclass

from tasks.strip.packs import Pack


@dataclass(frozen=True)
class StripOptions:
    """Thresholds of the strip step; the defaults are those that were measured.

    Attributes:
        min_template_documents: Documents of one site that must share a line before it counts as template.
        min_template_ratio: Share (0..1) of a site's documents that must hold it.
        max_template_words: Longest line, in words, that a template may be.
        min_removal_probability: What the model must reach (0..1) before weak evidence alone removes.
        rules: Packs of the user's own, heard before those of the project.
        off: Ids of rules that are not heard.
    """

    min_template_documents: int = 5
    min_template_ratio: float = 0.05
    max_template_words: int = 15
    min_removal_probability: float = 0.5
    rules: tuple[Pack, ...] = ()
    off: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no share can be.

        Raises:
            ValueError: a share is not between 0 and 1.
        """
        for name in ("min_template_ratio", "min_removal_probability"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, both excluded")
        for name in ("min_template_documents", "max_template_words"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more")
