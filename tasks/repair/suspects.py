"""Which lines are worth a closer look: a test that runs over whole columns, 500 MB a second.

Every line that a repair would change has to be among the suspects; lines that stay as they are may be.
"""

import re
from functools import cache
from typing import Final

import polars as pl

from tasks.repair.legacy_fonts import MIN_SIGNS_OF_LEGACY, SIGN_OF_LEGACY
from tasks.repair.mojibake import MISREAD

# What normal form C changes by itself (NFC_Quick_Check=No), and after another character (=Maybe), Unicode 14.
_NEVER_COMPOSED: Final = (
    "\u0340\u0341\u0343\u0344\u0374\u037e\u0387\u0958-\u095f\u09dc\u09dd\u09df\u0a33\u0a36\u0a59-\u0a5b\u0a5e"
    "\u0b5c\u0b5d\u0f43\u0f4d\u0f52\u0f57\u0f5c\u0f69\u0f73\u0f75\u0f76\u0f78\u0f81\u0f93\u0f9d\u0fa2\u0fa7"
    "\u0fac\u0fb9\u1f71\u1f73\u1f75\u1f77\u1f79\u1f7b\u1f7d\u1fbb\u1fbe\u1fc9\u1fcb\u1fd3\u1fdb\u1fe3\u1feb"
    "\u1fee\u1fef\u1ff9\u1ffb\u1ffd\u2000\u2001\u2126\u212a\u212b\u2329\u232a\u2adc\uf900-\ufad9\ufb1d-\ufb4e"
    "\U0001d15e-\U0001d164\U0001d1bb-\U0001d1c0\U0002f800-\U0002fa1d"
)
_COMPOSED: Final = (
    "\u0300-\u0345\u0653-\u0655\u093c\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0c56\u0cc2\u0cd5\u0cd6\u0d3e\u0d57"
    "\u0dca\u0dcf\u0ddf\u102e\u1161-\u1175\u11a8-\u11c2\u1b35\u3099\u309a\U000110ba\U00011127\U0001133e\U00011357"
    "\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
)
_INVISIBLE: Final = (
    "\x00-\x08\x0a-\x1f\x7f-\xa0\u00ad\u034f\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
)
_LATIN: Final = "A-Za-zÀ-ɏḀ-ỿ"
COSMETIC: Final = (
    f"[{_INVISIBLE}{_NEVER_COMPOSED}{_COMPOSED}ÐƉðɖ]|\\p{{M}}{{2}}|&[#A-Za-z]"
    f"|[{_LATIN}][\u0370-\u052f]|[\u0370-\u052f][{_LATIN}]|^\\s|\\s$"
)
LOST: Final = r"á»|â€|Ä\p{L}|Ã[^\P{L}àáâãèéêìíòóôõùúý]|[ÄÃ]\x{FFFD}"
CONTROLS: Final = r"[\r\n\x80-\x9f]"
"""Controls that cp1252 has letters for, and line breaks, which become spaces first."""
PLUS: Final = r"[A-Z][A-Z0-9]\+"
LOST_PLUS: Final = r"[A-Z][A-Z0-9]+ [\d),.;:]"


@cache
def suspicious() -> str:
    """One pattern for all, since each costs a run over the text: ours, and whatever ftfy calls bad."""
    from ftfy.badness import BADNESS_RE  # noqa: PLC0415 - import time that most runs do not need

    return "|".join((COSMETIC, _without_space(BADNESS_RE.pattern), MISREAD.pattern, LOST, SIGN_OF_LEGACY))


@cache
def misread_signs() -> str:
    """What a line holds that a repair of encodings changes, entities aside, or that makes it change another line."""
    from ftfy.badness import BADNESS_RE  # noqa: PLC0415 - import time that most runs do not need

    return "|".join((_without_space(BADNESS_RE.pattern), MISREAD.pattern, LOST, SIGN_OF_LEGACY, CONTROLS))


def _without_space(verbose: str) -> str:
    """A verbose pattern as a plain one: in Rust's verbose patterns space inside brackets counts for nothing.

    >>> _without_space("[a b] # a comment")
    '[a b]'
    """
    token = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|#[^\n]*|\s+|.", re.DOTALL)
    kept = (match[0] for match in token.finditer(verbose) if match[0][0] != "#" and not match[0].isspace())
    return "".join(kept)


def find_suspects(documents: pl.Series, lines: pl.Series) -> pl.Series:
    r"""For each line whether its document's repair has to look at it.

    Args:
        documents: The document of each line.
        lines: The lines.

    >>> lines = pl.Series(["Hà Nội", "H&agrave; Nội", "Hà\u00a0Nội"])
    >>> find_suspects(pl.Series([0, 0, 0]), lines).to_list()
    [False, True, True]
    """
    table = pl.DataFrame({"document": documents, "raw": lines})
    table = table.with_columns(alone=pl.col("raw").str.contains(suspicious()))
    found = table["alone"]
    for beside, sign in (
        (_legacy_documents(table), r"[^\x00-\x7f]"),
        (_plus_documents(table), f"{PLUS}|{LOST_PLUS}"),
    ):
        if len(beside):
            rows = table.select(pl.col("document").is_in(beside.implode())).to_series().arg_true()
            found = found.scatter(rows.filter(table["raw"].gather(rows).str.contains(sign)), values=True)
    return found.rename("raw")


def _legacy_documents(table: pl.DataFrame) -> pl.Series:
    """Documents in which any line may be in a legacy encoding."""
    found = table.filter("alone").filter(~pl.col("raw").str.contains(MISREAD.pattern))
    signs = pl.col("raw").str.count_matches(SIGN_OF_LEGACY).sum()
    return found.group_by("document").agg(signs).filter(pl.col("raw") >= MIN_SIGNS_OF_LEGACY)["document"]


def _plus_documents(table: pl.DataFrame) -> pl.Series:
    """Documents that write a plus sign after a name."""
    return table.filter(pl.col("raw").str.contains(PLUS))["document"].unique()
