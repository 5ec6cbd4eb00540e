"""Signing: keys that can be stored, the same from the plain and the compiled reading."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.match.buffers import sign_texts
from tasks.match.options import MatchOptions
from tasks.match.sign import SCHEMA, SMALL, sign
from tasks.match.signature import sign_text

PIECES = st.sampled_from(
    [
        "Hoà",
        "THUỶ",
        "quý",
        "Nguyễn",
        "Văn",
        "An",
        "nói",
        "rằng",
        "1.500",
        "6/8",
        "-5",
        "%",
        "?",
        ".",
        "!",
        "…",
        "“",
        "”",
        "(",
        ")",
        ",",
        ";",
        ":",
        "-",
        "–",
        "\xad",
        "\u200d",
        "ậ",
        "ß",
        "İ",
        "ΐ",
        "ﬁ",
        "我",
        "们",
        "北",
        "京",
        "。",
        "？",
        "สวัสดี",
        "๕",
        "한국",
        "각",
        "😀",
        "★",
        "■",
        "|",
        "~",
        "$",
        "€",
        "x2",
        "H5N1",
        "oà",
        "uỳ",
        "quỳ",
        "ͅ",
        "𝐀",
        "\U000e0041",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, max_size=60).map(" ".join),
    st.lists(PIECES, max_size=60).map("".join),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(["", " ", "?", "a" * 5000, "x " * 4000])
def test_the_compiled_reading_equals_the_plain_one(texts: list[str]) -> None:
    fast = sign_texts(pl.Series(texts, dtype=pl.String), 8, 20)
    slow = [sign_text(text, 8, 20) for text in texts]
    assert fast.rows() == [tuple(signature) for signature in slow]


def test_keys_do_not_depend_on_the_size_of_the_table() -> None:
    texts = [f"Đoạn văn số {n} kể về một ngày mưa ở làng chài ven biển miền Trung." for n in range(SMALL)]
    options = MatchOptions()
    large = sign(pl.DataFrame({"text": texts}), options=options)
    small = sign(pl.DataFrame({"text": texts[:5]}), options=options)
    assert large.head(5).equals(small)
    assert dict(large.schema) == {"text": pl.String} | SCHEMA | {
        "is_prose": pl.Boolean,
        "states": pl.Boolean,
        "digest": pl.Binary,
    }


def test_other_columns_pass_and_an_empty_table_stays_one() -> None:
    signed = sign(pl.DataFrame({"text": ["Xin chào"], "n": [7]}), options=MatchOptions())
    assert signed["n"].to_list() == [7]
    empty = sign(pl.DataFrame(schema={"text": pl.String}), options=MatchOptions())
    assert empty.is_empty()
    assert set(SCHEMA) < set(empty.columns)


def test_keys_are_those_of_the_first_release() -> None:
    """Stored keys must stay comparable: this fails when the definition of a key changes."""
    signature = sign_text("Sáng nay, mưa lớn gây ngập nhiều tuyến phố ở trung tâm thị xã.", 8, 20)
    assert signature.key.hex() == "b1f07fd5885f9bf89bd3319f3a42aaa4"
    assert signature.bands[:8].hex() == "814493d4b33818c5"
    assert signature.phrases[:8].hex() == "069af802af8e0610"
    assert signature.sentences.hex() == "63802e3ccfdf6704"


@pytest.mark.parametrize("text", ["Cảm ơn quý vị đã theo dõi!", "Xem thêm", "", "谢谢大家"])
def test_a_short_text_has_no_keys_but_its_own(text: str) -> None:
    signature = sign_text(text, 8, 20)
    assert (signature.bands, signature.phrases, signature.sentences) == (b"", b"", b"")
