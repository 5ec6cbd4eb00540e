"""The tables that go in and come out: offsets, cuts, odd input."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from strip.pages_of_lines import OPTIONS, make_tables, run

from tasks.strip import learn, observe, strip

WORDS = st.sampled_from(
    [
        "Xem thêm:",
        "Advertisement",
        "The",
        "boat",
        "left.",
        "phà",
        "rời",
        "bến.",
        "Theo",
        "(",
        "Ảnh:",
        "★★",
        "12",
        "ﷺ",
        "น้ำ",
        "水",
        "\u200b",
        "»",
        "©",
    ]
)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=30).map(" ".join), max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_no_character_is_lost_and_none_invented(documents: list[list[str]]) -> None:
    done = run(documents)
    for document, texts in enumerate(documents):
        rows = done.lines.filter(pl.col("document") == document)
        record = "\n".join(texts) + "\n"
        rebuilt = [" "] * len(record)
        for row in rows.iter_rows(named=True):
            assert record[row["start"] : row["end"]] == row["raw"]
            rebuilt[row["start"] : row["end"]] = row["raw"]
        assert "".join(rebuilt).split() == record.split()
        assert rows["paragraph"].to_list() == list(range(len(rows)))
        assert (rows["reason"].is_null() == rows["rule"].is_null()).all()
        assert (rows["reason"].is_null() == rows["evidence"].is_null()).all()
    assert len(done.pages) == len(documents)


def test_a_link_behind_the_last_sentence_is_cut_off_exactly() -> None:
    line = "Phà rời bến lúc rạng sáng thứ bảy.  Xem thêm: Chợ nổi đông khách trở lại"
    rows = run([["Bến phà cũ mở lại sau hai năm", line]]).lines.rows(named=True)
    assert [row["raw"] for row in rows[1:]] == line.split("  ")
    assert [row["reason"] for row in rows] == [None, None, "related"]
    assert [row["line"] for row in rows] == [1, 2, 2]


def test_a_repaired_line_is_cut_where_the_repair_leaves_no_doubt() -> None:
    lines, pages = make_tables([["x", "PhÃ rời bến lúc rạng sáng. Xem thêm: Chợ nổi đông khách trở lại"]])
    text = (
        pl.when(pl.col("paragraph") == 1)
        .then(pl.col("text").str.replace("PhÃ", "Phà"))
        .otherwise(pl.col("text"))
    )
    done = run_tables(lines.with_columns(text=text), pages)
    assert done["text"].to_list() == [
        "x",
        "Phà rời bến lúc rạng sáng.",
        "Xem thêm: Chợ nổi đông khách trở lại",
    ]
    assert done["raw"][1] == "PhÃ rời bến lúc rạng sáng."


def test_a_line_is_not_cut_where_a_repair_hides_the_place() -> None:
    lines, pages = make_tables([["x", "Phà rời bến lúc rạng sáng. Xem thÃªm: Chợ nổi đông khách trở lại"]])
    text = pl.col("text").str.replace("thÃªm", "thêm")
    assert len(run_tables(lines.with_columns(text=text), pages)) == 2


def run_tables(lines: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    return strip(lines, pages, knowledge, options=OPTIONS).lines


def test_a_record_title_and_language_free_pages_are_no_trouble() -> None:
    done = run([[], ["12 34"], ["🙂🙂🙂", "\x01\x02"], ["ok"]])
    assert len(done.lines) == 4
    assert done.pages["kind"].to_list() == ["article"] * 4


def test_what_the_record_came_with_stays() -> None:
    lines, pages = make_tables(
        [
            [
                "Một dòng đầu tiên không phải tít bài",
                "Bến phà cũ mở lại sau hai năm",
                "Phà chạy lại từ hôm nay.",
            ]
        ]
    )
    pages = pages.with_columns(title=pl.lit("Bến phà cũ mở lại sau hai năm"), byline=pl.lit("Lê Mận"))
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    page = strip(lines, pages, knowledge, options=OPTIONS).pages.row(0, named=True)
    assert page["title"] == "Bến phà cũ mở lại sau hai năm"
    assert page["byline"] == "Lê Mận"


def test_a_page_dump_loses_its_menus_and_keeps_its_article() -> None:
    menu = [
        "Home",
        "News",
        "Sport",
        "Weather",
        "Search",
        "Sign in",
        "Subscribe",
        "Harbour",
        "Markets",
        "Travel",
        "Letters",
        "Shop",
        "Jobs",
        "Events",
    ]
    body = [
        "Old ferry returns to the river after two years",
        "By Mary Stone",
        "The first boat left the pier on Saturday while the fog still lay on the water, with forty people on board.",
        "The pilot, who has crossed this river for thirty years, said the current was stronger than he could remember.",
        "Advertisement",
        "People on both banks had been waiting since before dawn, some with baskets of fruit for the first passengers.",
        "The mayor said the repairs were paid for by the county and by the traders who keep stalls around the market.",
    ]
    foot = [
        "Share this article",
        "Facebook",
        "Twitter",
        "About us",
        "Contact us",
        "Privacy policy",
        "Terms of use",
        "© 2021 River Press",
    ]
    found = run([[*menu, *body, *foot]]).lines["reason"].to_list()
    kept = [line for line, reason in zip([*menu, *body, *foot], found, strict=True) if reason is None]
    assert [line for line in kept if line in body] == [
        line for line in body if line not in ("Advertisement", "By Mary Stone") or line in kept
    ]
    assert body[0] in kept
    assert all(line in kept for line in body if line.endswith("."))
    assert len([line for line in kept if line in menu + foot]) <= 2
