"""Characters that nobody sees: they go, or become the plain space that they look like."""

import re
from typing import Final

SPACES: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
"""No-break space and its kin, and the controls and separators that part words. The ideographic space
U+3000 is punctuation of its scripts and stays."""
CONTROLS: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
ALWAYS: Final = "\u00ad\u034f\u180e\u2060-\u2064\u206a-\u206f\ufeff"
"""Soft hyphen, grapheme joiner, word joiner and other marks without a meaning in plain text."""
JOINERS: Final = "\u200b-\u200d"
DIRECTIONS: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# In these scripts a joiner or a zero-width space is spelling: Arabic to Myanmar, Khmer, Mongolian, emoji.
JOINING_SCRIPTS: Final = "\u0590-\u08ff\u0900-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1cff\u2600-\u27bf\ufe0f\ufb50-\ufdff\ufe70-\ufefc\U0001f000-\U0001faff\U00011000-\U00011fff"
RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
MEANINGLESS: Final = re.compile(
    f"[{ALWAYS}]|(?<![{JOINING_SCRIPTS}])[{JOINERS}]|[{JOINERS}](?![{JOINING_SCRIPTS}{JOINERS}])"
)
NONCHARACTERS: Final = re.compile(
    f"[{''.join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))}]"
)


INVISIBLE: Final = re.compile(f"[{ALWAYS}{JOINERS}{DIRECTIONS}]|{CONTROLS.pattern}|{NONCHARACTERS.pattern}")


def remove_invisible(text: str) -> str:
    r"""Remove control characters and what has no width, but not where it is spelling.

    >>> remove_invisible("tin\u200b tức\x07 xã\u00adhội"), remove_invisible("می\u200cخواهم")
    ('tin tức xãhội', 'می\u200cخواهم')
    """
    if not INVISIBLE.search(text):
        return text
    text = NONCHARACTERS.sub("", MEANINGLESS.sub("", CONTROLS.sub("", text)))
    return text if RIGHT_TO_LEFT.search(text) else re.sub(f"[{DIRECTIONS}]", "", text)


def plain_spaces(text: str) -> str:
    """Write every kind of space as a plain one, and none at the ends.

    >>> plain_spaces("\u00a0Hà\u00a0Nội,\u2009Huế")
    'Hà Nội, Huế'
    """
    return SPACES.sub(" ", text).strip()
