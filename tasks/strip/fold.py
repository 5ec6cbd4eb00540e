"""Keys under which lines are compared: letters and digits without case, accents and punctuation."""

import unicodedata

import polars as pl

NOT_WORD = r"[^\p{L}\p{N}]+"
DIGITS = r"\p{N}+"


def fold_text(column: str) -> pl.Expr:
    """The folded text of a column: what is left says the same words, however a scraper mangled them.

    Compatibility decomposition (NFKD) and the loss of all marks also make `Doc them` and `Đọc thêm` one.
    """
    return (
        pl.col(column)
        .str.normalize("NFKD")
        .str.to_lowercase()
        .str.replace_all(r"\p{M}+", "")
        .str.replace_all("đ", "d", literal=True)
        .str.replace_all(NOT_WORD, " ")
        .str.strip_chars(" ")
    )


def mask_digits(column: str) -> pl.Expr:
    """The folded text with every run of digits as one 0."""
    return pl.col(column).str.replace_all(DIGITS, "0")


def fold_phrase(phrase: str) -> str:
    """The masked key of one phrase, by the same steps.

    >>> fold_phrase("  ĐỌC THÊM: 12 tin ")
    'doc them 0 tin'
    """
    frame = pl.DataFrame({"text": [unicodedata.normalize("NFC", phrase)]})
    return str(frame.select(fold=fold_text("text")).select(mask_digits("fold")).item())
