"""The star: fuller stays, no chains, no order dependence, against an obvious reference."""

import random
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.match import Matched, MatchOptions, match, sign
from tasks.match.decide import compare
from tasks.match.fold import fold, fold_tokens
from tasks.match.keys import MAX_ASKED
from tasks.match.retrieve import PHRASE_SHARE
from tasks.match.sign import tell_prose
from tasks.match.signature import is_substantial, sign_text

Row = dict[str, object]

SENTENCES = [
    "Sáng 12/3, đoàn thiện nguyện trao 250 suất quà cho học sinh nghèo xã Mường Lạn.",
    "Bà Hoàng Thị Lụa nói lũ cuốn trôi toàn bộ vườn bưởi của gia đình chỉ trong một đêm.",
    "Chợ nổi họp từ lúc trời còn tối, ghe xuồng chở đầy trái cây từ các cù lao lân cận.",
    "Đội khách dẫn trước hai bàn trong hiệp một nhưng để chủ nhà gỡ hòa vào phút cuối.",
]
EDITS = [
    lambda s: s.upper(),
    lambda s: s.replace(",", " ,").rstrip("."),
    lambda s: s.replace("250", "260").replace("12/3", "13/3"),
    lambda s: s.replace("Hoàng Thị Lụa", "Hoàng Thị Mơ"),
    lambda s: "TTO - " + s,
    lambda s: s[: int(len(s) * 0.85)].rstrip() + "...",
    lambda s: s.replace("trôi toàn bộ", "trôi gần hết"),
    lambda s: s.replace("hai bàn", "2 bàn"),
    lambda s: "Thật vậy, " + s,
]


@st.composite
def corpora(draw: st.DrawFn) -> list[Row]:
    """Small corpora of edited copies: documents of one to four lines, short ones among them."""
    lines = st.one_of(
        st.sampled_from(["Cảm ơn ông!", "Xem thêm", "***", ""]),
        st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join),
        st.tuples(st.sampled_from(SENTENCES), st.lists(st.sampled_from(EDITS), max_size=2)).map(_edit),
    )
    documents = draw(st.lists(st.lists(lines, min_size=1, max_size=4), min_size=1, max_size=6))
    kinds = st.sampled_from(["article", "listing", "spliced"])
    dates = st.sampled_from([None, "2017-01-02", "2017-01-03T08:00"])
    rows = []
    for n, document in enumerate(documents):
        kind, date = draw(kinds), draw(dates)
        rows += [make_row(n, m, text, kind, date) for m, text in enumerate(document)]
    return rows


def _edit(given: tuple[str, Sequence]) -> str:
    text, edits = given
    for edit in edits:
        text = edit(text)
    return text


def make_row(document: int, paragraph: int, text: str, kind: str = "article", date: str | None = None) -> Row:
    return {
        "document_id": f"d{document}",
        "paragraph": paragraph,
        "source_path": f"site/{document}.txt",
        "source_record": 0,
        "kind": kind,
        "published_at": date,
        "text": text,
    }


def run(rows: Sequence[Row], **settings: object) -> Matched:
    options = MatchOptions(**settings)  # type: ignore[arg-type]
    schema = {"paragraph": pl.UInt32, "source_record": pl.UInt32, "published_at": pl.String}
    return match(sign(pl.DataFrame(rows, schema_overrides=schema), options=options), options=options)


def make_document(*lines: str, number: int = 0) -> list[Row]:
    return [make_row(number, n, line) for n, line in enumerate(lines)]


def verdicts_of(matched: Matched) -> dict[tuple[str, int], dict[str, object]]:
    return {(row["document_id"], row["paragraph"]): row for row in matched.verdicts.iter_rows(named=True)}


# -- the reference --------------------------------------------------------------------------------


def is_long_enough(text: str) -> bool:
    folded = fold_tokens(text)
    is_prose = (
        pl.select(text=pl.lit(text), words=len(folded.words), unspaced=folded.unspaced)
        .select(tell_prose())
        .item()
    )
    return is_prose and is_substantial(len(folded.words), folded.unspaced, 8, 20)


def rank_key(row: Row) -> tuple:
    kinds = ["article", "spliced", "listing"]
    date = row["published_at"]
    return (
        -len(fold_tokens(str(row["text"])).words),
        kinds.index(str(row["kind"])),
        date is None,
        date or "",
        row["source_path"],
        row["source_record"],
        row["paragraph"],
    )


def is_near(a: str, b: str) -> bool:
    """Whether a band, or enough phrases of the second, bring two texts together (no bucket is oversized here)."""
    one, two = sign_text(a, 8, 20), sign_text(b, 8, 20)
    bands = [(s.bands[n : n + 4]) for s in (one, two) for n in range(0, 128, 4)]
    phrases = [np.frombuffer(s.phrases, "<u4") for s in (one, two)]
    asked = phrases[1][phrases[1] <= min(1.0, MAX_ASKED / len(phrases[1])) * (2**32 - 1)]
    shared = len(set(phrases[0].tolist()) & set(asked.tolist()))
    is_inside = shared > 0 and shared >= PHRASE_SHARE * len(asked)
    return is_inside or any(x == y for x, y in zip(bands[:32], bands[32:], strict=True))


def is_repeat(row: Row, keeper: Row) -> bool:
    """Whether a document says in few words what it says elsewhere."""
    return row["document_id"] == keeper["document_id"] and len(fold_tokens(str(row["text"])).words) < 41


def settle_slowly(rows: Sequence[Row]) -> tuple[dict, set, bool]:
    """What goes and its keeper, the pairs compared, and whether a fuller text came after its part."""
    ranked = sorted((r for r in rows if is_long_enough(str(r["text"]))), key=rank_key)
    texts = [str(row["text"]) for row in ranked]
    folds = [fold(text) for text in texts]
    kept: dict[str, int] = {}
    held, compared, is_displaced = {}, set(), False
    for n in sorted(range(len(ranked)), key=lambda n: (folds.index(folds[n]), n)):
        if folds[n] in kept:
            held[n] = kept[folds[n]]
            compared.add((min(n, held[n]), max(n, held[n])))
            continue
        best = texts[folds.index(folds[n])]
        earlier = list(dict.fromkeys(folds))
        for other in earlier[: earlier.index(folds[n])]:
            if other not in kept or not is_near(texts[folds.index(other)], best):
                continue
            keeper = kept[other]
            compared.add((min(n, keeper), max(n, keeper)))
            decision = compare(texts[keeper], texts[n]).decision
            if decision in {"same", "b_in_a"}:
                held[n] = keeper
                break
            is_displaced |= decision == "a_in_b"
        else:
            kept[folds[n]] = n
    place = [(row["document_id"], row["paragraph"]) for row in ranked]
    return (
        {place[n]: place[k] for n, k in held.items() if not is_repeat(ranked[n], ranked[k])},
        {(place[a], place[b]) for a, b in compared},
        is_displaced,
    )


@settings(max_examples=150, deadline=None)
@given(corpora())
def test_the_star_is_the_one_that_the_plain_reading_gives(rows: list[Row]) -> None:
    matched = run(rows)
    held, compared, is_displaced = settle_slowly(rows)
    if is_displaced:
        return
    found = {
        place: (row["duplicate_of_document"], row["duplicate_of_paragraph"])
        for place, row in verdicts_of(matched).items()
        if row["rule"] != "match.husk"
    }
    pairs = {((a, m), (b, n)) for a, m, b, n in matched.pairs.select(pl.nth(range(4))).rows()}
    assert found == held
    assert pairs == compared


@settings(max_examples=150, deadline=None)
@given(corpora(), st.sampled_from(["fullest", "first"]), st.randoms(use_true_random=False))
def test_each_that_goes_leans_on_a_kept_copy_that_says_it_all(
    rows: list[Row], keep: str, chance: random.Random
) -> None:
    matched = run(rows, keep=keep)
    text = {(r["document_id"], r["paragraph"]): str(r["text"]) for r in rows}
    verdicts = verdicts_of(matched)
    for place, row in verdicts.items():
        keeper = (row["duplicate_of_document"], row["duplicate_of_paragraph"])
        assert keeper in text
        assert keeper not in verdicts
        assert is_long_enough(text[keeper])
        if row["rule"] in {"match.near", "match.contained"}:
            assert compare(text[keeper], text[place]).decision in {"same", "b_in_a"}
        if row["rule"] == "match.exact":
            assert fold(text[keeper]) == fold(text[place])
    shuffled = list(rows)
    chance.shuffle(shuffled)
    again = run(shuffled, keep=keep)
    assert again.verdicts.equals(matched.verdicts)
    assert again.pairs.equals(matched.pairs)


@settings(max_examples=60, deadline=None)
@given(corpora())
def test_scopes_take_no_more_than_they_say(rows: list[Row]) -> None:
    every = verdicts_of(run(rows))
    marked = verdicts_of(run(rows, scope="label"))
    assert set(marked) == set(every)
    assert not any(row["removes"] for row in marked.values())
    whole = verdicts_of(run(rows, scope="document"))
    gone = {document for document, _ in whole}
    assert {(r["document_id"], r["paragraph"]) for r in rows if r["document_id"] in gone} == set(whole)
    assert all(row["duplicate_of_document"] not in gone for row in whole.values())


# -- single rules ---------------------------------------------------------------------------------


def test_the_fuller_copy_stays_and_says_why() -> None:
    rows = make_document(SENTENCES[0]) + make_document(SENTENCES[0] + " " + SENTENCES[1], number=1)
    (verdict,) = run(rows).verdicts.iter_rows(named=True)
    assert (verdict["document_id"], verdict["reason"], verdict["rule"]) == (
        "d0",
        "duplicate_contained",
        "match.contained",
    )
    assert verdict["duplicate_of_document"] == "d1"
    assert verdict["evidence"]
    assert verdict["duplicate_of"] is None


def test_another_number_keeps_both_and_the_pair_is_on_record() -> None:
    rows = make_document(SENTENCES[0]) + make_document(SENTENCES[0].replace("250", "260"), number=1)
    matched = run(rows)
    assert matched.verdicts.is_empty()
    (pair,) = matched.pairs.iter_rows(named=True)
    assert pair["decision"] == "distinct"
    assert {"a": "250", "b": "260"}.items() <= pair["edits"][0].items()


def test_of_equal_copies_kind_then_date_then_path_decides() -> None:
    rows = [
        make_row(0, 0, SENTENCES[1], "listing", "2017-01-01"),
        make_row(1, 0, SENTENCES[1], "article", None),
        make_row(2, 0, SENTENCES[1], "article", "2017-01-03"),
        make_row(3, 0, SENTENCES[1], "article", "2017-01-02"),
    ]
    assert set(run(rows).verdicts["duplicate_of_document"]) == {"d3"}
    assert set(run(rows[:3]).verdicts["duplicate_of_document"]) == {"d2"}
    assert set(run(rows[:2]).verdicts["duplicate_of_document"]) == {"d1"}


def test_a_short_line_is_nobodys_duplicate() -> None:
    lines = ["Cảm ơn ông!", SENTENCES[0], "Cảm ơn ông!", "* * *", "* * *"]
    rows = make_document(*lines) + make_document("Cảm ơn ông!", SENTENCES[2], number=1)
    assert run(rows).verdicts.is_empty()


BELONGS_TO_ITS_DOCUMENT = {
    "a headline": "Đoàn thiện nguyện trao 250 suất quà cho học sinh nghèo xã Mường Lạn",
    "a row of a table": "Lúa thơm 8.400 đồng một ký, lúa nếp 7.900 đồng một ký",
    "an item of a list": "1 chén gạo nếp, 2 muỗng đường, nửa trái dừa nạo và một nhúm muối",
    "half a sentence": "nói lũ cuốn trôi toàn bộ vườn bưởi của gia đình chỉ trong một đêm.",
    "a row in Japanese": "新しい橋は来年の春に開通する予定、総工費は三億円",
}


@pytest.mark.parametrize("name", BELONGS_TO_ITS_DOCUMENT)
def test_what_is_no_statement_of_its_own_belongs_to_its_document(name: str) -> None:
    line = BELONGS_TO_ITS_DOCUMENT[name]
    rows = make_document(line, SENTENCES[0], line) + make_document(line, f"{line}. {SENTENCES[2]}", number=1)
    assert run(rows).verdicts.is_empty()


def test_a_long_paragraph_that_lost_its_end_mark_is_still_one() -> None:
    long = f"{SENTENCES[0]} {SENTENCES[1]}".rstrip(".")
    assert set(verdicts_of(run(make_document(long) + make_document(long.lower(), number=1)))) == {("d1", 0)}


def test_what_is_left_of_a_document_held_by_others_goes_as_husk() -> None:
    whole = make_document(SENTENCES[0], SENTENCES[1] + " " + SENTENCES[2])
    copy = make_document("Tin mới", SENTENCES[0], "Tin mới", SENTENCES[1] + " " + SENTENCES[2], number=1)
    verdicts = verdicts_of(run(whole + copy))
    assert set(verdicts) == {("d1", n) for n in range(4)}
    for n in (0, 2):
        husk = verdicts["d1", n]
        assert (husk["reason"], husk["duplicate_of_document"], husk["duplicate_of_paragraph"]) == (
            "husk",
            "d0",
            1,
        )


def test_one_paragraph_of_its_own_keeps_the_short_lines_of_a_document() -> None:
    copy = make_document("Tin mới", SENTENCES[0], SENTENCES[3], number=1)
    assert set(verdicts_of(run(make_document(SENTENCES[0]) + copy))) == {("d1", 1)}


def test_what_a_document_says_twice_in_few_words_stays_twice() -> None:
    assert run(make_document(SENTENCES[0], SENTENCES[1], SENTENCES[0])).verdicts.is_empty()
    everywhere = make_document(SENTENCES[0], SENTENCES[1], SENTENCES[0]) + make_document(
        SENTENCES[0], number=1
    )
    assert set(verdicts_of(run(everywhere))) == {("d1", 0)}, "another document's copy goes as before"


def test_of_long_repeats_in_one_document_the_first_stays() -> None:
    long = " ".join(SENTENCES)
    verdicts = verdicts_of(run(make_document(long, SENTENCES[1] + " Hết.", long.upper())))
    assert set(verdicts) == {("d0", 2)}
    assert verdicts["d0", 2]["evidence"] == "differs in case, punctuation, spaces or tone placement only"


def test_a_huge_paragraph_is_matched_by_key_alone() -> None:
    long = " ".join(SENTENCES) + " tên số 7"
    near = run(make_document(long) + make_document(long + " Hết.", number=1), max_words=10)
    assert near.verdicts.is_empty()
    assert near.pairs.is_empty()
    equal = run(make_document(long) + make_document(long.upper(), number=1), max_words=10)
    assert set(verdicts_of(equal)) == {("d1", 0)}


def test_keep_first_never_displaces_what_was_published() -> None:
    rows = [
        make_row(0, 0, SENTENCES[0], "article", "2017-01-01"),
        make_row(1, 0, SENTENCES[0] + " " + SENTENCES[1], "article", "2017-01-02"),
    ]
    assert set(verdicts_of(run(rows))) == {("d0", 0)}
    assert run(rows, keep="first").verdicts.is_empty()


def test_what_is_no_language_is_nobodys_duplicate() -> None:
    marks = "a" + "\u0301" * 30_000 + " " + SENTENCES[0]
    encoded = "Khóa: " + "QmFzZTY0IGlzIG5vIGxhbmd1YWdl" * 40 + " là mã của tệp đính kèm bài này."
    for odd in (marks, encoded):
        rows = make_document(odd, SENTENCES[1]) + make_document(odd.replace(".", "!"), SENTENCES[2], number=1)
        assert run(rows).verdicts.is_empty()
