"""What was damaged comes out as it was."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tasks.legacy_charsets import byte_of, decoders
from tasks.repair import RepairOptions, repair_document


def _load_damage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("repair_damage", Path(__file__).with_name("damage.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["repair_damage"] = module
    spec.loader.exec_module(module)
    return module


damage = _load_damage()
WHOLE = tuple(damage.SENTENCES)


def texts_of(lines: list[str] | tuple[str, ...]) -> list[str]:
    return [line.text for line in repair_document(lines, options=RepairOptions())]


@pytest.mark.parametrize("name", damage.DAMAGES)
def test_whole_lines_come_back(name: str) -> None:
    assert texts_of([damage.DAMAGES[name](line) for line in WHOLE]) == list(WHOLE)


@pytest.mark.parametrize("name", damage.DAMAGES)
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_words_among_good_words_come_back(name: str, share: float) -> None:
    chance = random.Random(7)  # noqa: S311 - the same words every time
    spoil = damage.DAMAGES[name]
    lines = [" ".join(spoil(w) if chance.random() < share else w for w in line.split(" ")) for line in WHOLE]
    assert texts_of(lines) == list(WHOLE)


@pytest.mark.parametrize("name", damage.DAMAGES)
def test_a_single_line_is_evidence_enough(name: str) -> None:
    for line in WHOLE:
        assert texts_of([damage.DAMAGES[name](line)]) == [line]


def test_most_words_with_lost_bytes_come_back_and_none_is_guessed_wrong() -> None:
    lines = [damage.misread_with_losses(line) for line in WHOLE]
    found = " ".join(texts_of(lines)).split()
    wanted = " ".join(WHOLE).split()
    wrong = [got for want, got in zip(wanted, found, strict=True) if want != got]
    assert len(wrong) < 0.07 * len(wanted)
    assert all(got in " ".join(lines) for got in wrong), wrong


def encode_with(name: str, text: str) -> str:
    """Text as the encoding's bytes look when they are read as cp1252."""
    decode = decoders()[name]
    codes = [*(chr(n) for n in range(256)), *(c for c in byte_of() if ord(c) > 255)]
    pairs = [base + mark for base in "aeouyôöAEOUYÔÖ" for mark in codes] if name == "vni" else []
    back: dict[str, str] = {}
    for code in codes + pairs:
        letter = decode(code)
        if len(letter) == 1 and letter != code and not letter.isascii():
            back.setdefault(letter, code)
    if name == "tcvn3":
        back |= {letter.upper(): code for letter, code in back.items() if letter.upper() not in back}
    back = {code: code for code in codes if decode(code) == code and code.isalpha()} | back
    return "".join(back.get(letter, letter if letter.isascii() else "\ufffd") for letter in text)


@pytest.mark.parametrize("name", ["tcvn3", "vni", "viscii", "vps"])
def test_legacy_fonts_are_read(name: str) -> None:
    lines = [line.replace("“", '"').replace("”", '"') for line in WHOLE]
    lines = [line for line in lines if "\ufffd" not in encode_with(name, line)]
    assert len(lines) >= 6
    spoilt = [encode_with(name, line) for line in lines]
    assert all(old != new for old, new in zip(spoilt, lines, strict=True))
    repaired = repair_document(spoilt, options=RepairOptions())
    assert [line.text for line in repaired] == lines
    assert {names for _, names in repaired} == {(name,)}


def test_windows_1258_read_as_cp1252_is_read() -> None:
    lines = [damage.read_as_cp1252(damage.in_cp1258(line)) for line in WHOLE]
    assert texts_of(lines) == list(WHOLE)


def test_one_page_may_mix_legacy_and_unicode() -> None:
    old = [encode_with("tcvn3", line) for line in WHOLE[:1] + WHOLE[2:3]]
    lines = [WHOLE[4], *old, WHOLE[5]]
    assert texts_of(lines) == [WHOLE[4], WHOLE[0], WHOLE[2], WHOLE[5]]


def test_one_line_may_mix_legacy_and_unicode() -> None:
    line = encode_with("tcvn3", WHOLE[4]) + " " + WHOLE[5]
    assert texts_of([line]) == [f"{WHOLE[4]} {WHOLE[5]}"]


def test_legacy_text_that_was_misread_once_more_comes_back() -> None:
    lines = [damage.misread(encode_with("tcvn3", line), "cp1252") for line in WHOLE[4:]]
    assert texts_of(lines) == list(WHOLE[4:])


def test_a_policy_turns_a_repair_off() -> None:
    spoilt = [damage.misread(WHOLE[0], "cp1252")]
    off = RepairOptions(mojibake="off", ftfy="off", lost_bytes="off")
    assert not {"mojibake", "ftfy", "lost_bytes"} & set(repair_document(spoilt, options=off)[0].repairs)
    assert "mojibake" in repair_document(spoilt, options=RepairOptions())[0].repairs
