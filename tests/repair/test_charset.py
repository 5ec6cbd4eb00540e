"""Bytes to text and back to the very bytes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.charset import decode


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same noise every time


TEXT = (
    "Hợp tác xã vừa mua thêm hai máy gặt, nông dân ba thôn đỡ phải chờ.\n"
    "Giá thuê vẫn giữ như năm ngoái: 180.000 đồng một sào.\r\n"
)
FOREIGN = {
    "cp1251": "Старый мост через реку закрыли на ремонт, и жители деревни переправляются на лодках.",
    "koi8-r": "Старый мост через реку закрыли на ремонт, и жители деревни переправляются на лодках.",
    "shift_jis": "昨夜の雨で川の水位が上がり、古い橋は通行止めになった。町の人々は船で川を渡っている。",
    "euc-kr": "어젯밤 비로 강물이 불어나 오래된 다리가 통제되었다. 주민들은 배를 타고 강을 건넌다.",
    "gb18030": "昨夜大雨，河水上涨，旧桥已经封闭，村民们只能乘船过河，镇政府正在组织抢修。",
    "cp1252": "Près de la forêt, l’hôtel où dînait Zoé n’a rouvert qu’à Noël – quel été étrange !",
    "cp874": "สะพานเก่าปิดซ่อมแซม ชาวบ้านจึงต้องข้ามแม่น้ำด้วยเรือ นักเรียนมาสายทุกวัน",
}


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", TEXT.encode()),
        ("utf-8-sig", TEXT.encode("utf-8-sig")),
        ("utf-16", TEXT.encode("utf-16")),
        ("utf-32", TEXT.encode("utf-32")),
        ("utf-16-le", TEXT.encode("utf-16-le")),
        ("utf-16-be", TEXT.encode("utf-16-be")),
        ("utf-8", b""),
        ("utf-8", b" \n\t\r\n"),
        ("utf-8-sig", b"\xef\xbb\xbf"),
    ],
)
def test_unicode_is_named(charset: str, content: bytes) -> None:
    found = decode(content)
    assert (found.charset, found.error) == (charset, "")
    assert found.text.encode(charset) == content
    assert not found.text.startswith("\ufeff")


def test_big_endian_with_a_mark_is_utf16() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == (TEXT, "utf-16-be", "")


@pytest.mark.parametrize("charset", FOREIGN)
def test_other_charsets_are_found(charset: str) -> None:
    found = decode(FOREIGN[charset].encode(charset))
    assert found.text == FOREIGN[charset]
    assert found.text.encode(found.charset) == FOREIGN[charset].encode(charset)


def test_a_few_bad_bytes_leave_the_bytes_readable() -> None:
    content = TEXT.encode()[:40] + b"\xff\xfe\x81" + TEXT.encode()[40:]
    found = decode(content)
    assert (found.charset, found.error) == ("latin-1", "")
    assert found.text.encode("latin-1") == content


@pytest.mark.parametrize(
    "content",
    [
        bytes(4096),
        TEXT.replace(" ", "\0").encode(),
        noise(3, 5000),
        noise(4, 400),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + noise(5, 300),
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0",
        TEXT.encode("utf-16")[:-1],
        b"\xff\xfe" + TEXT.encode("utf-16-le") + b"\x00\xd8\n\0",
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(content: bytes) -> None:
    text, _, error = decode(content)
    assert text == ""
    assert len(error.split()) > 5
    assert error.endswith(".")


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode() + bytes(600),
        b"\x1b[31m\x1b]0;t\x07" + TEXT.encode() + b"\b\b\x7f\x0b\x0c",
        TEXT.encode("utf-7"),
        "MZ là hai chữ cái\n".encode(),
    ],
)
def test_odd_text_is_still_text(content: bytes) -> None:
    text, charset, error = decode(content)
    assert error == ""
    assert text.encode(charset) == content


BYTES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore")),
    st.lists(
        st.sampled_from([*TEXT.encode().split(b" "), b"\xe9", b"\xc3", b"\x81", b"\n"]), max_size=30
    ).map(b" ".join),
    st.text(st.characters(codec="cp1258"), max_size=80).map(lambda text: text.encode("cp1258")),
    st.text(st.characters(codec="utf-16-le"), max_size=80).map(lambda text: text.encode("utf-16")),
)


@settings(max_examples=600, deadline=None)
@given(BYTES)
def test_what_is_accepted_turns_back_into_its_bytes(content: bytes) -> None:
    text, charset, error = decode(content)
    if error:
        assert text == ""
    elif not content.startswith((b"\xfe\xff", b"\0\0\xfe\xff")):
        assert text.encode(charset) == content
    assert not any("\ud800" <= letter <= "\udfff" for letter in text)


def test_a_big_file_is_read_at_once() -> None:
    text, charset, _ = decode((TEXT * 100_000).encode())
    assert (len(text), charset) == (len(TEXT) * 100_000, "utf-8")
