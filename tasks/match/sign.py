"""Map: the retrieval keys of every paragraph."""

from typing import Final

import polars as pl
import xxhash

from tasks.match.options import MatchOptions
from tasks.match.signature import sign_text

SCHEMA: Final = {
    "key": pl.Binary,
    "words": pl.UInt32,
    "unspaced": pl.UInt32,
    "bands": pl.Binary,
    "word_bands": pl.Binary,
    "sketch": pl.Binary,
    "phrases": pl.Binary,
    "sentences": pl.Binary,
}
"""The keys that `sign` adds; see `tasks.match.signature.Signature`."""

MIN_LONG_WORDS: Final = 20
MIN_LONG_CHARS: Final = 50
"""Of 35,440 headlines of Vietnamese articles 1 in 44 has twenty syllables or more (counted); a paragraph that
lost its end mark mostly has. In scripts without spaces, letters; by their rate of 2.5 to a syllable."""
MAX_CHARS_PER_WORD: Final = 60
"""On the mean of a text; the longest German compounds have as many. Base64 and runs of marks have more."""
BEGINS: Final = r"^[\p{P}\p{S}\s]*[\p{Lu}\p{Lt}\p{Lo}\p{N}]"
STATES: Final = r"[\p{N}\p{Lo}.!?…:;%$€]|\s[\p{P}\p{S}]*[\p{Lu}\p{Lt}]"
ENDS: Final = r"[.!?…。！？؟।։။።:;][\p{Pe}\p{Pf}\p{Pi}\"'\s]*$"

SMALL: Final = 1500
"""Below so many paragraphs plain Python is done before numba is imported (measured: 0.2 ms a paragraph
against 0.5 s)."""
SMALL_BYTES: Final = 250_000
"""And so many bytes: a line of twelve megabytes is one paragraph too (measured: 2 s a megabyte in plain Python)."""


def sign(paragraphs: pl.DataFrame, *, options: MatchOptions) -> pl.DataFrame:
    """Add the retrieval keys to each paragraph.

    Args:
        paragraphs: n rows with a column `text`; other columns pass through.
        options: What counts as short.

    Returns:
        The same n rows in the same order, with the columns of `SCHEMA`, `is_prose`, `states` and a `digest` of the
        text as it is. They depend on the row's text and on `min_words` and `min_chars`, on nothing else.
    """
    texts = paragraphs["text"]
    if len(texts) < SMALL and (texts.str.len_bytes().sum() or 0) < SMALL_BYTES:
        rows = [sign_text(text, options.min_words, options.min_chars) for text in texts]
        keys = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    else:
        from tasks.match.buffers import sign_texts  # noqa: PLC0415 - numba takes half a second to import

        keys = sign_texts(texts, options.min_words, options.min_chars)
    return (
        paragraphs.drop(*SCHEMA, "is_prose", "states", "digest", strict=False)
        .hstack(keys)
        .with_columns(
            is_prose=tell_prose(),
            states=tell_statement(),
            digest=pl.Series(map(xxhash.xxh3_64_digest, texts.cast(pl.Binary).to_list()), dtype=pl.Binary),
        )
    )


def load_kernels() -> None:
    """Load what `sign` compiles for many texts (0.9 s in a new process)."""
    from tasks.match.buffers import sign_texts  # noqa: PLC0415 - as above

    sign_texts(pl.Series([""]), 1, 1)


def tell_statement() -> pl.Expr:
    """Whether `text`, however short, may state a fact of its own, so that it never goes as a husk.

    A figure, an end mark, a colon, a capital after the first word (a name), or letters without case, which hide
    their names: then it stays. `Tin vắn trong ngày` states nothing.
    """
    return pl.col("text").str.contains(STATES)


def tell_prose() -> pl.Expr:
    """Whether `text` is a statement of its own: it begins and ends as one, or is long enough to be one.

    A headline, a row of a table, an item of a list or half a sentence belongs to its document, whoever else
    says the same words.
    """
    words, unspaced = pl.col("words").cast(pl.Int64), pl.col("unspaced").cast(pl.Int64)
    is_long = (words - unspaced >= MIN_LONG_WORDS) | (unspaced >= MIN_LONG_CHARS)
    is_whole = pl.col("text").str.contains(BEGINS) & pl.col("text").str.contains(ENDS)
    is_language = pl.col("text").str.len_chars() <= MAX_CHARS_PER_WORD * words
    return is_language & (is_long | is_whole)
