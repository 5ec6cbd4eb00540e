"""Every character that is not white space is in exactly one paragraph, at its offsets."""

import re
import textwrap

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rebuild import join_pieces
from tasks.segment import SegmentOptions, segment

TEXTS = st.lists(
    st.sampled_from(
        [*"ab đ\t\r\n\u00a0\u2028\x0b\x0c\x85\x1c\ufeff𠀀", "\r\n", " ", "\n\n", "một câu dài hơn. "]
    ),
    max_size=60,
).map("".join)

PROSE = (
    "Gió mùa về sớm hơn mọi năm nên bà con xóm chài kéo lưới lên bờ từ hôm rằm, vá lại những mắt lưới rách rồi đem "
    "phơi dọc theo triền đê. Người già trong xóm nói rằng chưa năm nào mà nước lại trong như năm nay, cá thì ít đi "
    "một nửa, còn tôm càng lại nhiều, ai cũng lấy làm lạ. Thương lái đến tận bến mua, trả giá cao hơn tháng trước "
    "một chút nên nhà nào cũng mừng, có nhà bán xong là sắm luôn cho ghe cái máy mới để kịp con nước tới."
)
SECOND = "Chiều nay bến vắng. Chỉ còn mấy đứa nhỏ chạy theo nhặt ốc ngoài bãi, đứa nào đứa nấy lấm lem bùn đất mà vui."


def cut(*texts: str, unwrap: bool = True) -> pl.DataFrame:
    return segment(pl.DataFrame({"text": texts}, schema={"text": pl.String}), options=SegmentOptions(unwrap))


@given(st.lists(TEXTS, max_size=4))
def test_pieces_and_gaps_are_the_record(texts: list[str]) -> None:
    rows = cut(*texts)
    for document, text in enumerate(texts):
        end = 0
        own = rows.filter(pl.col("document") == document)
        assert own["paragraph"].to_list() == list(range(own.height))
        for row in own.iter_rows(named=True):
            assert text[row["start"] : row["end"]] == row["raw"]
            assert not text[end : row["start"]].strip()
            assert row["line"] == len(re.findall(r"\r\n|\r|\n", text[: row["start"]])) + 1
            end = row["end"]
        assert not text[end:].strip()


@given(TEXTS)
def test_cutting_what_was_put_together_again_gives_the_same(text: str) -> None:
    rows = cut(text)
    again = join_pieces(*(rows[name].to_list() for name in ("line", "start", "end", "raw")))
    assert cut(again).to_dicts() == rows.to_dicts()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("width", [60, 72, 80])
def test_text_broken_at_a_constant_width_is_joined(end: str, width: int) -> None:
    text = (end + end).join(end.join(textwrap.wrap(paragraph, width)) for paragraph in (PROSE, SECOND))
    rows = cut(text)
    assert [" ".join(raw.split()) for raw in rows["raw"]] == [PROSE, SECOND]
    assert rows["repairs"].to_list() == [["unwrap"], ["unwrap"]]
    assert rows["line"].to_list() == [1, len(textwrap.wrap(PROSE, width)) + 2]
    assert cut(text, unwrap=False).height == len(textwrap.wrap(PROSE, width)) + len(
        textwrap.wrap(SECOND, width)
    )


NOT_WRAPPED = {
    "a line per paragraph": [PROSE, SECOND, PROSE, SECOND, PROSE, SECOND, PROSE],
    "a poem": [
        "Con thuyền neo ở bến xưa",
        "Nghe con nước lớn giữa mùa gió đông",
        "Mẹ ngồi vá lưới bên sông",
        "Chờ cha về kịp bữa cơm canh cà",
        "Đèn ai thắp phía làng xa",
        "Mà sao lạnh cả hiên nhà chiều nay",
        "Một mình đếm những bàn tay",
    ],
    "a list": [
        f"Hộ ông Nguyễn Văn {name}, thôn {n}"
        for n, name in enumerate(["An", "Bình", "Cường", "Dũng", "Giang", "Hải", "Khoa"])
    ],
    "one-line sentences of a length": [
        f"Ngày mùng {n} tháng này trời trở gió, thuyền về bến sớm hơn hôm qua." for n in range(1, 10)
    ],
    "few lines": textwrap.wrap(SECOND, 60),
}


@pytest.mark.parametrize("name", NOT_WRAPPED)
def test_other_lines_stay_lines(name: str) -> None:
    lines = NOT_WRAPPED[name]
    assert cut("\n".join(lines))["raw"].to_list() == lines


def test_no_records_give_no_paragraphs() -> None:
    assert cut().is_empty()
    assert cut("", " \n ").is_empty()
