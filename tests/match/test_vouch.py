"""Long paragraphs, held sentence by sentence."""

import polars as pl

from tasks.match import Matched, MatchOptions, match, sign
from tasks.match.vouch import is_variant, read_sentences

FIRST = [
    "Con đường đất đỏ dẫn vào bản được đổ bê tông xong trước mùa mưa năm ngoái.",
    "Từ ngày có đường mới, lũ trẻ đến lớp sớm hơn và không còn lấm lem bùn đất.",
    "Thầy hiệu trưởng bảo sĩ số lớp nào cũng đủ, kể cả những hôm trời rét căm căm.",
    "Các gia đình góp ngày công, mỗi nhà một người, làm liền trong hai tháng.",
]
SECOND = [
    "Ở thị trấn, tiệm sách cũ của bà cụ bán hoa vẫn mở cửa đến tận khuya.",
    "Khách quen ghé lại không chỉ để mua sách mà còn để nghe bà kể chuyện xưa.",
    "Bà nói vậy.",
    "Cô cháu gái vừa về phụ bà ghi lại từng đầu sách vào máy tính.",
]
TAIL = "Phiên chợ cuối tuần vẫn là nơi người ta hẹn nhau sau những ngày đồng áng bận rộn nhất trong năm."
PADDING = " ".join(f"Câu phụ thứ {n} chỉ để đoạn này dài hơn hẳn những đoạn còn lại." for n in range(9))


def run(*texts: str) -> Matched:
    options = MatchOptions()
    table = pl.DataFrame(
        {
            "document_id": [f"d{n}" for n in range(len(texts))],
            "paragraph": pl.Series([0] * len(texts), dtype=pl.UInt32),
            "source_path": [f"{n}.txt" for n in range(len(texts))],
            "source_record": pl.Series([0] * len(texts), dtype=pl.UInt32),
            "kind": ["article"] * len(texts),
            "published_at": pl.Series([None] * len(texts), dtype=pl.String),
            "text": texts,
        }
    )
    return match(sign(table, options=options), options=options)


def test_a_long_paragraph_whose_sentences_all_stand_elsewhere_goes() -> None:
    one_line = " ".join([*FIRST, *SECOND])
    holders = (" ".join([*FIRST, PADDING]), " ".join([TAIL, *SECOND, PADDING.replace("phụ", "đệm")]))
    (verdict,) = run(one_line, *holders).verdicts.iter_rows(named=True)
    assert (verdict["document_id"], verdict["reason"], verdict["rule"]) == (
        "d0",
        "duplicate_contained",
        "match.sentences",
    )
    assert verdict["duplicate_of_document"] == verdict["duplicate_of"][0]["document_id"]
    assert {place["document_id"] for place in verdict["duplicate_of"]} == {"d1", "d2"}
    assert 0.5 <= verdict["similarity"] < 1


def test_one_sentence_of_its_own_keeps_it() -> None:
    one_line = " ".join([*FIRST, *SECOND, "Chiều qua bản làng lại có thêm một lớp học tình thương."])
    assert run(one_line, " ".join([*FIRST, PADDING]), " ".join([TAIL, *SECOND, PADDING])).verdicts.is_empty()


def test_a_copy_with_another_fact_does_not_vouch() -> None:
    """Each copy denies one of the facts: together they hold every sentence, and yet neither says the same."""
    whole = [*FIRST, *SECOND[:2]]
    other_month = [line.replace("hai tháng", "ba tháng") for line in whole]
    other_house = [line.replace("thị trấn", "thành phố") for line in whole]
    assert run(
        " ".join(whole), " ".join([*other_month, PADDING]), " ".join([*other_house, PADDING])
    ).verdicts.is_empty()


def test_a_sentence_like_but_not_equal_makes_a_variant() -> None:
    own = read_sentences(" ".join(FIRST))
    assert is_variant(own, read_sentences(FIRST[0].replace("ngoái", "kia")))
    assert not is_variant(own, read_sentences(FIRST[0] + " " + TAIL))
