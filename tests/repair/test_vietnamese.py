"""The judge: which letters are a Vietnamese syllable."""

import unicodedata

import pytest

from tasks.vietnamese import is_syllable, is_syllable_chain, is_vietnamese_line, syllables

GOOD = [
    "nghiêng",
    "ngoằn",
    "ngoèo",
    "khuỷu",
    "quýt",
    "quỳnh",
    "giếng",
    "giêng",
    "gì",
    "gìn",
    "giặt",
    "giữa",
    "quốc",
    "quở",
    "xoong",
    "moóc",
    "boong",
    "thuở",
    "huơ",
    "khuya",
    "yểng",
    "yêu",
    "ý",
    "ỷ",
    "kỹ",
    "lý",
    "mỹ",
    "ghế",
    "nghĩ",
    "kẻ",
    "gỗ",
    "ngõ",
    "khoắng",
    "loắt",
    "choắt",
    "toét",
    "hoẵng",
    "ngoạm",
    "khuếch",
    "huênh",
    "huỳnh",
    "tuýp",
    "uỳnh",
    "ướt",
    "ươm",
    "ủa",
    "ừ",
    "ốc",
    "đắk",
    "niê",
    "hoà",
    "hòa",
    "thuý",
    "thúy",
    "khoẻ",
    "khỏe",
    "quẫy",
    "quấy",
    "quăng",
    "quằng",
    "chuếnh",
]
WRONG = [
    "ngé",
    "ghà",
    "cé",
    "kà",
    "ngha",
    "gé",
    "nghỏ",
    "hocd",
    "tấ́t",
    "học̣",
    "mạch́",
    "sáp̀",
    "cảp",
    "mẽc",
    "tịnq",
    "wườn",
    "đaf",
    "sôs",
    "ưa̛",
    "uưở",
    "ôê",
    "hiêu̓",
    "iềm",
    "ăo",
    "ấi",
    "oêi",
    "ngừơi",
    "tiêt̉",
    "phưởngs",
    "ẹâ",
    "rýn",
    "quoan",
    "ckính",
    "yêngh",
]


def test_the_set_is_closed_and_composed() -> None:
    assert 15_000 < len(syllables()) < 22_000
    assert all(word == unicodedata.normalize("NFC", word.lower()) for word in syllables())
    assert max(map(len, syllables())) <= 7


@pytest.mark.parametrize("word", GOOD)
def test_is_a_syllable_in_any_case(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(word.upper())
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize("word", WRONG)
def test_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_a_syllable_that_ends_in_a_stop_has_two_tones() -> None:
    assert is_syllable("mát")
    assert is_syllable("mạt")
    assert not any(map(is_syllable, ("màt", "mảt", "mãt")))


def test_chains_end_with_a_whole_syllable() -> None:
    assert is_syllable_chain("HồChíMinh")
    assert not is_syllable_chain("HồChíMinhq")
    assert not is_syllable_chain("ă" * 100)


@pytest.mark.parametrize(
    "line", ["À l’été prochain, là-bas dès midi", "Það er gott veður í dag, segir hún", ""]
)
def test_lines_of_other_languages_are_not_vietnamese(line: str) -> None:
    assert not is_vietnamese_line(line)
