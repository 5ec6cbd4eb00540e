"""The language of each document."""

import re

import polars as pl

SAMPLE_CHARS = 320
"""Enough for cld2 to be sure; more only costs time (measured: about 25 microseconds a call at this length)."""

OF_VIETNAMESE = "[ơưấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữự]"
MIN_OF_VIETNAMESE, MIN_SHARE_OF_VIETNAMESE = 10, 0.07
"""Letters that no other language has; 83 % of 49,561 Vietnamese pages have as many, and cld2 called every one of
them Vietnamese, as it did 6,989 of 7,000 samples in which half was of another language (the others: Korean, Russian)."""
OTHER_SCRIPT = "[\u0370-\u1dff\u2e80-\uffef]"

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]|[\U000e0000-\U000e0fff]")
MODERN = {"iw": "he", "jw": "jv", "in": "id", "ji": "yi", "zh-Hant": "zh", "no": "nb"}


def detect_language(text: str) -> str | None:
    """ISO 639-1 code of a text's language, None where cld2 will not say.

    >>> detect_language("Nước sông lên nhanh trong đêm, nhiều nhà dân ven bờ phải dời đi từ sớm.")
    'vi'
    >>> detect_language("12 34 56") is None
    True
    """
    import pycld2  # noqa: PLC0415 (25 ms that a run without this step need not pay)

    try:
        found = pycld2.detect(UNSAFE.sub(" ", text), bestEffort=True)
    except (pycld2.error, UnicodeError, ValueError):
        return None
    code = found[2][0][1]
    return None if code == "un" else MODERN.get(code, code)


def detect_languages(lines: pl.DataFrame) -> pl.DataFrame:
    """document, language: judged by the longest lines of each document, up to 320 characters."""
    samples = (
        lines.lazy()
        .select(
            "document",
            "paragraph",
            text=pl.col("text").str.slice(0, 160),
            size=pl.col("text").str.len_bytes(),
        )
        .sort("document", "size", "paragraph", descending=[False, True, False])
        .group_by("document", maintain_order=True)
        .agg(pl.col("text").head(2))
        .collect()
    )
    texts = samples.select(pl.col("text").list.join(" \n ").str.slice(0, SAMPLE_CHARS)).to_series()
    languages = [
        "vi" if plain else detect_language(text)
        for text, plain in zip(texts, is_plain_vietnamese(texts), strict=True)
    ]
    return samples.select("document", pl.Series("language", languages, dtype=pl.String))


def is_plain_vietnamese(texts: pl.Series) -> pl.Series:
    """Whether so many letters are those that only Vietnamese has that there is nothing to detect."""
    letters = texts.str.count_matches(OF_VIETNAMESE)
    is_enough = (letters >= MIN_OF_VIETNAMESE) & (letters >= MIN_SHARE_OF_VIETNAMESE * texts.str.len_chars())
    return is_enough & ~texts.str.contains(OTHER_SCRIPT)
