"""The language of each document."""

import re

import polars as pl

SAMPLE_CHARS = 320
"""Enough for cld2 to be sure; more only costs time (measured: about 25 microseconds a call at this length)."""

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
    languages = [detect_language(" \n ".join(texts)[:SAMPLE_CHARS]) for texts in samples["text"].to_list()]
    return samples.select("document", pl.Series("language", languages, dtype=pl.String))
