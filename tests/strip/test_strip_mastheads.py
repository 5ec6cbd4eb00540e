"""A line that a site prints above every headline is no headline, and no headline goes for one that is taken."""

import polars as pl
import pytest
from strip.pages_of_lines import OPTIONS, make_tables, run

from tasks.strip import learn, observe

SLOGAN = "Báo Bến Sậy - Tiếng nói của người miệt sông"
NAMES = ["Mận", "Quế", "Sen", "Lựu", "Bưởi", "Chanh", "Đào", "Hồng", "Mơ", "Na", "Ổi", "Xoài"]


def write_article(name: str) -> list[str]:
    """An article that shares nothing with those of other names but its plan."""
    return [
        f"Xóm {name} dựng lại cây cầu tre sau trận lũ lớn",
        f"Sáng nay bà con xóm {name} góp tre và công dựng lại cây cầu bị cuốn trôi trong trận lũ cuối tháng trước ở cù lao.",
        f"Ông trưởng xóm {name} nói cây cầu mới cao hơn cầu cũ một thước, để ghe chở lúa chui qua được khi nước lớn.",
        f"Trẻ con xóm {name} từ thứ hai tới khỏi phải đi đò sang trường, còn chợ sáng thì họp lại ngay ở đầu cầu.",
    ]


def write_site(top: list[str], count: int) -> list[list[str]]:
    """Pages of one site with the same lines on top."""
    return [[*top, *write_article(f"{name} {NAMES[0]}")] for name in NAMES[:count]]


def find_titles(documents: list[list[str]], sites: list[str]) -> tuple[list[str | None], dict[str, str]]:
    """Title per document, and line -> reason of what goes."""
    done = run(documents, sites)
    gone = done.lines.drop_nulls("reason")
    return done.pages["title"].to_list(), dict(zip(gone["text"], gone["reason"], strict=True))


@pytest.mark.parametrize(
    "top",
    [
        [SLOGAN],
        ["Chuyện làng chuyện phố mỗi ngày"],
        [SLOGAN, "Góc nhìn người kể chuyện làng"],
        ["Thứ ba, ngày 14/5/2024 ở bến", SLOGAN],
    ],
    ids=["slogan", "short", "rubric below", "date above"],
)
@pytest.mark.parametrize("count", [5, 12])
def test_the_headline_stands_below_what_all_pages_of_the_site_begin_with(top: list[str], count: int) -> None:
    pages = write_site(top, count)
    copies = [page[len(top) :] for page in pages[:3]]
    titles, gone = find_titles([*pages, *copies], ["bensay.example"] * count + ["muadu.example"] * 3)
    own = [page[len(top)] for page in pages]
    assert SLOGAN not in titles
    assert "related" not in gone.values()
    assert not any(headline in gone for headline in own)
    if "14/5/2024" not in top[0]:
        assert titles == own + own[:3]
        assert gone == dict.fromkeys(top, "site_template")


def test_a_masthead_of_many_rubrics_is_one_for_each() -> None:
    rubrics = ["Chuyện chợ búa quanh bến sông", "Người xưa nếp cũ làng quê"]
    pages = [[SLOGAN, rubrics[at % 2], *page] for at, page in enumerate(write_site([], 12))]
    titles, gone = find_titles(pages, ["bensay.example"] * 12)
    assert titles == [page[2] for page in pages]
    assert set(gone) == {SLOGAN, *rubrics}


def test_a_headline_below_an_unknown_slogan_stays_though_it_heads_another_document() -> None:
    article = write_article("Mận")
    _, gone = find_titles([[SLOGAN, *article], article], ["bensay.example", "muadu.example"])
    assert gone == {}


def test_copies_of_one_article_keep_their_headline() -> None:
    article = write_article("Mận")
    copies = [[article[0], f"Ảnh chụp cây cầu lần thứ {at} trong ngày", *article[1:]] for at in range(8)]
    titles, gone = find_titles(copies, ["bensay.example"] * 8)
    assert titles == [article[0]] * 8
    assert article[0] not in gone


def test_a_series_keeps_its_headlines() -> None:
    pages = [[f"Giá lúa Bến Sậy ngày {at}/5", *page] for at, page in enumerate(write_site([], 12), 1)]
    titles, gone = find_titles(pages, ["bensay.example"] * 12)
    assert titles == [page[0] for page in pages]
    assert gone == {}


def test_a_heading_without_a_headline_below_stays() -> None:
    pages = [["Tin vắn trong ngày ở bến", *page[1:]] for page in write_site([], 8)]
    titles, gone = find_titles(pages, ["bensay.example"] * 8)
    assert titles == ["Tin vắn trong ngày ở bến"] * 8
    assert gone == {}


def test_a_headline_that_others_list_below_theirs_heads_its_own_page() -> None:
    pages = write_site([], 10)
    famous = pages[0][0]
    listed = [pages[0], *([page[0], famous, *page[1:]] for page in pages[1:])]
    listed[0] = [famous, "Cây cầu nhìn từ bờ bên kia sông", *pages[0][1:]]
    titles, _ = find_titles(listed, ["bensay.example"] * 10)
    assert titles == [page[0] for page in listed]


def test_what_is_learnt_of_mastheads_does_not_depend_on_the_order_of_rows() -> None:
    lines, pages = make_tables(write_site([SLOGAN], 6))
    seen = observe(lines, pages, options=OPTIONS)
    one = learn(seen, options=OPTIONS).mastheads
    assert len(one) == 1
    shuffled = seen.sample(fraction=1, shuffle=True, seed=3)
    assert one.equals(learn(shuffled, options=OPTIONS).mastheads)
    assert one.schema == {"site": pl.String, "key": pl.UInt64}
