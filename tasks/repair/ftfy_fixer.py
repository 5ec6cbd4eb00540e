"""What ftfy repairs: mojibake of other languages and encodings, whole lines at a time."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

MAX_CHARS: Final = 1_000_000
"""A longer line is left alone: ftfy takes seconds per megabyte."""


C1_CONTROLS: Final = re.compile("[\x80-\x9f]")


def fix_with_ftfy(text: str) -> str:
    """The line after ftfy's repair of encodings and of C1 controls that were cp1252; nothing cosmetic.

    >>> fix_with_ftfy("L'humanitÃ©"), fix_with_ftfy("“LÃ” is a syllable")
    ("L'humanité", '“LÃ” is a syllable')
    """
    if text.isascii() or len(text) > MAX_CHARS:
        return text
    import ftfy  # noqa: PLC0415 - import time that most runs do not need
    from ftfy.badness import is_bad  # noqa: PLC0415 - import time that most runs do not need

    if not is_bad(text) and not C1_CONTROLS.search(text):
        return text

    # fix_text drops the settings that concern encodings; this does not.
    return ftfy.fix_and_explain(text, _configuration()).text


def _configuration() -> "TextFixerConfig":
    """Of ftfy's fixers only those that undo a misreading."""
    from ftfy import TextFixerConfig  # noqa: PLC0415 - import time that most runs do not need

    return TextFixerConfig(
        uncurl_quotes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        decode_inconsistent_utf8=False,
        unescape_html=False,
        fix_line_breaks=False,
        remove_terminal_escapes=False,
        remove_control_chars=False,
        normalization=None,
    )
