"""What holds for any text."""

import importlib.util
import unicodedata
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.repair import REPAIRS, RepairOptions, repair, repair_document, repair_spans
from tasks.repair.document import run_repairs
from tasks.repair.suspects import find_suspects
from tasks.spans import raw_offset

_spec = importlib.util.spec_from_file_location("damage_of_any", Path(__file__).with_name("damage.py"))
assert _spec is not None
assert _spec.loader is not None
damage: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(damage)

OPTIONS = RepairOptions()
ODD = "\u00a0\u00ad\u200b\u200d\u0301\u0302\u0323ÃÂÄá»›‡”â€œ\x81\x90ÐđµĐ¸&;#é°îòÒ\ufeff+ \U0001f468аοş\ufffd\u1ec7"
PIECES = st.one_of(
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=8),
    st.text(st.sampled_from(ODD), max_size=6),
    st.sampled_from(
        [
            damage.DAMAGES[name](word)
            for name in damage.DAMAGES
            for word in ("Điện", "về", "“À", "nước", "CAFÉ")
        ]
        + ["Céng", "hoµ", "®­îc", "Coäng", "hoøa", "&amp;", "&nbsp", "ASEAN+3", "ASEAN 3", "Það", "l’été"]
    ),
)
LINES = st.lists(PIECES, max_size=8).map(" ".join)
DOCUMENTS = st.lists(LINES, min_size=1, max_size=5)
FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(DOCUMENTS)
def test_a_second_repair_changes_nothing(lines: list[str]) -> None:
    once = [line.text for line in repair_document(lines, options=OPTIONS)]
    assert [line.text for line in repair_document(once, options=OPTIONS)] == once


@FEW
@given(DOCUMENTS)
def test_the_text_is_clean(lines: list[str]) -> None:
    for raw, (text, names) in zip(lines, repair_document(lines, options=OPTIONS), strict=True):
        assert text == text.strip() or raw == text
        assert unicodedata.is_normalized("NFC", text)
        assert not any("\ud800" <= letter <= "\udfff" for letter in text)
        assert bool(names) == (raw != text)
        assert list(names) == [name for name in REPAIRS if name in names]


@FEW
@given(DOCUMENTS)
def test_the_spans_of_a_repair_undo_it(lines: list[str]) -> None:
    for raw, (text, _) in zip(lines, repair_document(lines, options=OPTIONS), strict=True):
        rebuilt, end = "", 0
        for span in repair_spans(raw, text):
            assert end <= span.start <= span.end
            rebuilt += raw[end : span.start] + span.new
            end = span.end
        assert rebuilt + raw[end:] == text


@FEW
@given(DOCUMENTS)
def test_what_is_not_suspect_would_not_be_repaired(lines: list[str]) -> None:
    suspects = find_suspects(pl.repeat(0, len(lines), eager=True), pl.Series(lines, dtype=pl.String))
    everything = run_repairs(lines, OPTIONS.names())
    for line, suspect, (text, names) in zip(lines, suspects, everything, strict=True):
        assert suspect or text == line, names


@FEW
@given(st.lists(DOCUMENTS, max_size=4))
def test_documents_do_not_touch_each_other(documents: list[list[str]]) -> None:
    rows = [(number, line) for number, lines in enumerate(documents) for line in lines]
    table = pl.DataFrame(rows, schema={"document": pl.UInt32, "raw": pl.String}, orient="row")
    together = repair(table, options=OPTIONS)["text"].to_list()
    alone = [line.text for lines in documents for line in repair_document(lines, options=OPTIONS)]
    assert together == alone


@FEW
@given(LINES)
def test_offsets_of_what_stays_are_exact(raw: str) -> None:
    text = repair_document([raw], options=OPTIONS)[0].text
    for offset in range(len(text) + 1):
        place = raw_offset(raw, text, offset)
        assert place is None or 0 <= place <= len(raw)
        if place is not None and raw == text:
            assert place == offset


@pytest.mark.parametrize("line", [*damage.SENTENCES, *damage.FOREIGN, damage.FAMILY])
def test_good_text_comes_out_identical(line: str) -> None:
    assert repair_document([line], options=OPTIONS) == [(line, ())]


def test_good_text_comes_out_identical_beside_damaged_text() -> None:
    spoilt = [damage.misread(line, "cp1252") for line in damage.SENTENCES]
    lines = [*damage.FOREIGN, *spoilt, *damage.SENTENCES]
    wanted = [*damage.FOREIGN, *damage.SENTENCES, *damage.SENTENCES]
    assert [line.text for line in repair_document(lines, options=OPTIONS)] == wanted


@pytest.mark.parametrize("name", [name for name in damage.DAMAGES if name != "no-break spaces"])
def test_the_number_of_words_stays(name: str) -> None:
    for line in damage.SENTENCES:
        spoilt = damage.DAMAGES[name](line)
        assert len(repair_document([spoilt], options=OPTIONS)[0].text.split()) == len(line.split())


@FEW
@given(DOCUMENTS)
def test_where_the_number_of_words_changes_a_repair_says_why(lines: list[str]) -> None:
    may_cut_or_join = {
        "entities",
        "lost_bytes",
        "mojibake",
        "ftfy",
        "invisible",
        "tcvn3",
        "vni",
        "viscii",
        "vps",
        "cp1258",
    }
    for raw, (text, names) in zip(lines, repair_document(lines, options=OPTIONS), strict=True):
        if len(raw.split()) != len(text.split()):
            assert may_cut_or_join & set(names), (raw, text, names)


VALID_WORDS = {line: line.split() for line in (*damage.SENTENCES, *damage.FOREIGN)}


@FEW
@given(st.data())
def test_valid_words_in_any_order_come_out_identical(data: st.DataObject) -> None:
    words = VALID_WORDS[data.draw(st.sampled_from(sorted(VALID_WORDS)))]
    lines = data.draw(
        st.lists(st.lists(st.sampled_from(words), min_size=1).map(" ".join), min_size=1, max_size=4)
    )
    assert [line.text for line in repair_document(lines, options=OPTIONS)] == lines


def test_earlier_names_stay_first_and_a_line_break_is_a_space() -> None:
    lines = pl.DataFrame(
        {"document": [0, 0], "raw": ["một hai \n\tba&amp;bốn", "năm"], "repairs": [["unwrap"], None]},
        schema={"document": pl.UInt32, "raw": pl.String, "repairs": pl.List(pl.String)},
    )
    table = repair(lines, options=OPTIONS)
    assert table["text"].to_list() == ["một hai ba&bốn", "năm"]
    assert table["repairs"].to_list() == [["unwrap", "entities"], []]
    assert table["raw"].to_list() == lines["raw"].to_list()


def test_an_empty_table_has_the_columns() -> None:
    lines = pl.DataFrame(schema={"document": pl.UInt32, "raw": pl.String})
    table = repair(lines, options=OPTIONS)
    assert table.schema["text"] == pl.String
    assert table.schema["repairs"] == pl.List(pl.String)


def test_a_huge_line_takes_seconds() -> None:
    line = "Đường xã hẹp, xe tải không vào được. " * 30_000 + damage.misread("nước", "cp1252")
    assert repair_document([line], options=OPTIONS)[0].text.endswith(" nước")
    many_marks = "a" + "\u0301" * 100_000
    assert repair_document([many_marks], options=OPTIONS)[0].text.startswith("á")
    one_word = "ă" * 1_000_000 + "Ã"
    assert repair_document([one_word], options=OPTIONS)[0].text == one_word
