"""The decision on a pair: the cases, the rules' own examples, and what holds for any two strings."""

import json
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.match import decide, lexicon
from tasks.match.align import align_runs
from tasks.match.decide import MAX_HUNKS, MIRRORED, compare, compare_long, compare_prepared
from tasks.match.fold import fold
from tasks.match.plain import decide_plain
from tasks.match.prepared import prepare
from tasks.match.scan import Scan

FILES = ("same", "contained", "negative", "other_languages")
CASES = Path(__file__).parents[1] / "cases" / "match"
RULES = Path(lexicon.__file__).with_name("vietnamese.toml")


def read_cases(*names: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{name}: {case['label']}")
        for name in names
        for case in json.loads((CASES / f"{name}.json").read_text("utf-8"))
    ]


def read_rules() -> list[Any]:
    rules = tomllib.loads(RULES.read_text("utf-8"))
    return [pytest.param(rule, id=f"{kind}: {rule['id']}") for kind, some in rules.items() for rule in some]


TEXTS = [case.values[0]["given"][side] for case in read_cases(*FILES) for side in "ab"]
WORDS = sorted({word for text in TEXTS for word in text.split()})
PROSE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
)


@pytest.mark.parametrize("case", read_cases(*FILES))
def test_case(case: dict[str, Any]) -> None:
    found = compare(case["given"]["a"], case["given"]["b"])
    assert found.decision == case["expected"], found


def test_there_are_enough_look_alikes_that_must_stay() -> None:
    assert len(read_cases("negative")) >= 80
    assert len(read_cases(*FILES)) >= 150
    assert all(case.values[0]["expected"] == "distinct" for case in read_cases("negative"))


@pytest.mark.parametrize("rule", read_rules())
def test_a_rule_says_why_and_holds_for_its_example_only(rule: dict[str, Any]) -> None:
    assert rule["reason"]
    assert compare(*rule["example"]).decision != "distinct"
    assert compare(*rule["counterexample"]).decision == "distinct"


def test_rules_have_ids_of_their_own() -> None:
    ids = [rule.values[0]["id"] for rule in read_rules()]
    assert len(ids) == len(set(ids))


@settings(max_examples=300, deadline=None)
@given(PROSE, PROSE)
@example("0;0A", "O1GA0B")
def test_the_mirrored_pair_gets_the_mirrored_answer(a: str, b: str) -> None:
    one, other = compare(a, b), compare(b, a)
    assert other.decision == MIRRORED[one.decision]
    assert [(edit.kind, edit.b, edit.a) for edit in other.edits] == [tuple(edit) for edit in one.edits]
    assert other.similarity == one.similarity
    assert 0 <= one.similarity <= 1
    assert one.reason


@settings(max_examples=200, deadline=None)
@given(PROSE)
def test_a_text_is_the_same_as_itself_in_any_notation(text: str) -> None:
    assert compare(text, text).decision == "same"
    assert compare(text, text).edits == ()
    for variant in (unicodedata.normalize("NFD", text), f"  {text}.", text.replace(" ", "  ")):
        if fold(variant) == fold(text):
            assert compare(text, variant).decision == "same"


@settings(max_examples=300, deadline=None)
@given(PROSE, PROSE)
def test_equal_folds_are_the_same(a: str, b: str) -> None:
    for x, y in ((a, b), (a, a.upper()), (a, a.swapcase()), (a, a.replace(",", " ,"))):
        if fold(x) == fold(y):
            assert compare(x, y).decision == "same"


@settings(max_examples=100, deadline=None)
@given(PROSE, PROSE)
def test_texts_prepared_before_are_judged_alike(a: str, b: str) -> None:
    assert compare_prepared(prepare(a), prepare(b)) == compare(a, b)


@pytest.mark.parametrize("tail", ["Giá vé là 70 nghìn đồng.", "Không ai bị thương.", "Ai chịu trách nhiệm?"])
def test_a_sentence_more_is_contained_one_less_is_not(tail: str) -> None:
    head = "Nước sông Trà dâng cao khiến ba bến phà phải ngừng hoạt động từ sáng 4/10."
    assert compare(head, f"{head} {tail}").decision == "a_in_b"
    assert compare(f"{head} {tail}", head).decision == "b_in_a"


def test_every_difference_is_told_with_its_kind() -> None:
    found = compare("Có 12 tàu vào cảng Vân Đồn.", "Có 13 tàu vào cảng Cái Lân.")
    assert [edit.kind for edit in found.edits] == ["number", "name"]
    assert found.edits[0].a == "12"
    assert found.edits[0].b == "13"
    assert "12" in found.reason


def test_a_very_long_pair_is_decided_too() -> None:
    long = " ".join(f"câu thứ {n} nói về làng chài." for n in range(700))
    assert compare(long, long + " Hết mùa biển động.").decision == "a_in_b"


BASE = (
    "Vào sáng sớm 12/9, đoàn thanh tra của tỉnh Phú Lâm kiểm tra 35 lò gạch thủ công ở xã Vĩnh Kiên, nơi nhiều hộ "
    "dân than phiền khói bụi trong suốt mùa khô vừa rồi. Ông Trần Văn Khải nói lò gạch được phép hoạt động "
    "tới năm 2031 và đã nộp 20 triệu đồng tiền ký quỹ cho kho bạc huyện."
)
PLAIN_COPIES = {
    "dateline": ("TTO - " + BASE, "b_in_a"),
    "cut": (BASE[:180].rsplit(" ", 1)[0] + "...", "a_in_b"),
    "typo": (BASE.replace("phiền", "phiiền").replace("trong suốt", "trong suốtt"), "same"),
    "swap": (BASE.replace("mùa khô", "khô mùa"), "same"),
}
PLAIN_NEGATIVES = {
    "number": BASE.replace("35 lò", "36 lò"),
    "date": BASE.replace("12/9", "13/9"),
    "unit": BASE.replace("20 triệu", "20 tỷ"),
    "name": BASE.replace("Văn Khải", "Văn Hạnh"),
    "negation": BASE.replace("được phép", "không được phép"),
    "two facts": BASE.replace("35 lò", "36 lò").replace("2031", "2032"),
}


def test_runs_of_texts_that_repeat_themselves_are_not_sought_for_ever() -> None:
    one, other = "nước sông lên rồi lại xuống ", "nước sông xuống rồi mới lên nữa "
    assert align_runs(prepare(one * 3000).tokens, prepare(other * 3000).tokens) is None
    assert align_runs(prepare(one * 3).tokens, prepare(other * 3).tokens) is not None
    long = " ".join(f"câu thứ {n} nói về làng chài ven sông." for n in range(600))
    found = align_runs(prepare(long).tokens, prepare(f"Tin vắn. {long} Hết.").tokens)
    assert found is not None
    assert len(found.hunks) == 2


def test_texts_that_differ_in_more_places_than_news_does_both_stay() -> None:
    text = " ".join(f"làng {n} có chợ." for n in range(MAX_HUNKS + 100))
    fuller = text.replace("có chợ", "nay có chợ")
    found = compare_long(prepare(text), prepare(fuller))
    assert (found.decision, found.reason) == ("distinct", "they differ in too many places")
    assert compare_long(prepare(fuller), prepare(text)).decision == "distinct"


def test_a_passage_of_thousands_of_words_for_another_is_not_judged_word_by_word() -> None:
    one, other = (f"Mở đầu {' '.join(f'{word}{n}' for n in range(2500))} kết thúc." for word in "kn")
    assert compare_long(prepare(one), prepare(other)).reason == "they differ in too many places"


def test_texts_too_long_for_the_table_both_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.match.align.MAX_CELLS", 3)
    one, other = prepare("Xã mở lại chợ ven sông sáng nay."), prepare("Xã dựng xong cầu ven sông sáng nay.")
    assert compare_long(one, other).reason == "too long to be compared word by word, so both stay"


def go_the_long_way(a: str, b: str) -> str:
    one, other = prepare(a).tokens, prepare(b).tokens
    if one.keys == other.keys:
        return "same"
    if (len(other.keys), other.keys) < (len(one.keys), one.keys):
        return MIRRORED[decide._decide(other, one).decision]
    return decide._decide(one, other).decision


@pytest.mark.parametrize("kind", PLAIN_COPIES)
def test_copies_of_a_plain_kind_are_told_from_the_words(kind: str) -> None:
    text, expected = PLAIN_COPIES[kind]
    plain = decide_plain(prepare(text).words, prepare(BASE).words)
    assert plain is not None
    assert plain.decision == expected
    assert go_the_long_way(text, BASE) == expected


@pytest.mark.parametrize("kind", PLAIN_NEGATIVES)
def test_another_fact_is_told_from_the_words(kind: str) -> None:
    for text in (BASE, *(copy for copy, _ in PLAIN_COPIES.values() if not copy.endswith("..."))):
        plain = decide_plain(prepare(PLAIN_NEGATIVES[kind]).words, prepare(text).words)
        assert plain is not None
        assert plain.decision == "distinct"
        assert go_the_long_way(PLAIN_NEGATIVES[kind], text) == "distinct"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_plain_way_removes_nothing_that_the_long_way_keeps(data: st.DataObject) -> None:
    words = BASE.split()
    others = [*words, "không", "chưa", "hơn", "7", "15", "Hải", "Nga", "phó", "cầu", "thuyền", "bị"]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        words[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.lists(st.sampled_from(others), max_size=2)
        )
    changed = " ".join(words)
    plain = decide_plain(prepare(changed).words, prepare(BASE).words)
    if plain and plain.decision != "distinct":
        removed = go_the_long_way(changed, BASE)
        is_slip = {span.kind for span in plain.spans} <= {"spelling", "order"}
        assert is_slip or removed in (plain.decision, "same")


@given(PROSE)
def test_names_of_words_are_those_of_the_scan(text: str) -> None:
    for version in (text, text.replace("?", " ? ?"), text + "?!"):
        prepared = prepare(version)
        assert list(prepared.words.names) == Scan(prepared.words.text).names


def test_a_run_of_marks_is_cut_into_words_and_still_told_apart() -> None:
    long = "a" + "\u0301" * 5_000
    assert compare(f"{long} rời bến.", f"{long} rời bến").decision == "same"
    assert compare(f"{long} rời bến.", f"{long}\u0302 rời bến.").decision == "distinct"
