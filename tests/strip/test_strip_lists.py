"""Lists of related headlines, repetitions, and what the corpus says."""

import time

import polars as pl
from strip.pages_of_lines import OPTIONS, make_tables, read_cases, reasons, run

from tasks.strip import learn, observe, strip

ARTICLE: list[str] = read_cases("negative.json")["articles"]["vi"]
ENGLISH: list[str] = read_cases("negative.json")["articles"]["en"]
HEADLINES = [
    "Chợ nổi đông khách trở lại sau mùa lũ lớn",
    "Người lái đò già và chuyến cuối trong năm nay",
    "Làng dệt chiếu bên sông sáng đèn suốt đêm hè",
]
TEASERS = [
    "Các ghe hàng về lại chợ từ đầu tháng, mang theo trái cây của cả vùng và tiếng rao quen.",
    "Ông nói sẽ nghỉ khi con trai về, nhưng năm nào con ông cũng bận việc ở thành phố xa.",
    "Tiếng khung cửi vang từ chập tối, cả xóm dệt cho kịp chuyến hàng đầu mùa ra tỉnh.",
]


def test_headlines_printed_twice_go_without_a_cue_at_the_end_of_an_article() -> None:
    doubled = [line for pair in zip(HEADLINES, HEADLINES, TEASERS, strict=True) for line in pair]
    assert reasons([[*ARTICLE, *doubled]]) == [None] * len(ARTICLE) + ["related"] * len(doubled)


def test_captions_printed_twice_between_paragraphs_take_no_paragraph_with_them() -> None:
    captions = [
        "Bến phà cũ nhìn từ trên cao buổi sớm mai",
        "Chợ nổi bên sông vào buổi trưa hè",
        "Ông Tư trên con phà của mình",
    ]
    lines = ARTICLE[:1]
    for caption, paragraph in zip(captions, ARTICLE[1:4], strict=True):
        lines = [*lines, paragraph, caption, caption]
    lines = [*lines, *ARTICLE[4:]]
    found = dict(zip(lines, reasons([lines]), strict=True))
    assert not any(found[line] for line in ARTICLE)


def test_headlines_after_a_sign_off_go() -> None:
    lines = [*ARTICLE, "Lê Thị Mận", *HEADLINES, "Email: bandoc@bensong.example"]
    found = reasons([lines])
    assert found[len(ARTICLE) + 1 :] == ["related"] * 3 + ["contact"]
    assert not any(found[: len(ARTICLE)])


def test_a_standfirst_at_the_very_end_stays_after_credit_and_list() -> None:
    lines = [*ARTICLE, "Theo Báo Bến Sông", *HEADLINES, "", "", ARTICLE[1].replace("Sáng", "Chiều")]
    assert reasons([lines])[-1] is None


def test_one_headline_survives() -> None:
    lines = [ARTICLE[0], ARTICLE[1], ARTICLE[0], *ARTICLE[2:], ARTICLE[0]]
    found = reasons([lines])
    assert found[0] is None
    assert [found[2], found[-1]] == ["repeated_headline"] * 2


def test_a_first_line_that_looks_like_a_link_is_the_headline() -> None:
    for headline in (
        "Clip: Chuyến phà đầu tiên rời bến cũ trong sương",
        "Video: Bến phà cũ sau hai năm sửa chữa",
    ):
        done = run([[headline, *ARTICLE[1:]]])
        assert done.lines["reason"][0] is None
        assert done.pages["title"][0] == headline


def test_a_headline_of_another_document_is_related_only_where_it_is_not_its_own() -> None:
    other = [HEADLINES[0], *ENGLISH[1:]]
    found = reasons([[*ARTICLE[:3], HEADLINES[0], *ARTICLE[3:]], other])
    assert found[3] == "related"
    assert found[len(ARTICLE) + 1] is None


def test_the_sections_of_a_round_up_stay_though_others_have_these_headlines() -> None:
    sections = [line for pair in zip(HEADLINES, TEASERS, strict=True) for line in pair]
    round_up = ["Điểm tin bên sông sáng thứ hai đầu tuần", *sections]
    others = [[headline, *[f"{line} {headline}." for line in ENGLISH[1:]]] for headline in HEADLINES]
    assert not any(reasons([round_up, *others]))


def distinct_articles(count: int, extra: list[str], at: int | None = None) -> list[list[str]]:
    """Articles of one site that share only the extra lines."""
    pages = []
    for number in range(count):
        body = [f"{line[:-1]} ({number})." if line.endswith(".") else f"{line} {number}" for line in ENGLISH]
        place = len(body) if at is None else at
        pages.append([*body[:place], *[line.format(number) for line in extra], *body[place:]])
    return pages


def test_a_line_at_the_end_of_many_documents_is_a_template_with_digits_masked() -> None:
    found = reasons(distinct_articles(6, ["River desk, room {0}"]))
    assert found == ([None] * 6 + ["site_template"]) * 6


def test_a_subhead_in_the_middle_of_many_documents_is_no_template() -> None:
    assert not any(reasons(distinct_articles(6, ["What happens next"], at=3)))


def test_a_paragraph_that_many_documents_share_is_no_template() -> None:
    shared = "The agency said that all boats of the county would be checked again before the winter, without exception."
    assert not any(reasons(distinct_articles(8, [shared])))


def test_a_line_of_few_documents_is_no_template() -> None:
    assert not any(reasons(distinct_articles(4, ["River desk, room {0}"])))


def test_what_is_learnt_does_not_depend_on_the_order_of_rows() -> None:
    lines, pages = make_tables(distinct_articles(6, ["River desk, room {0}"]))
    seen = observe(lines, pages, options=OPTIONS)
    one, other = (
        learn(seen, options=OPTIONS),
        learn(seen.sample(fraction=1, shuffle=True, seed=3), options=OPTIONS),
    )
    assert one.templates.equals(other.templates)
    assert one.titles.equals(other.titles)


def test_a_document_is_judged_alike_in_any_shard() -> None:
    documents = [
        ARTICLE,
        [*ENGLISH, "Share this article", "Facebook", "Email"],
        [*ARTICLE[:3], "QUẢNG CÁO", *ARTICLE[3:]],
    ]
    lines, pages = make_tables(documents)
    knowledge = learn(observe(lines, pages, options=OPTIONS), options=OPTIONS)
    whole = strip(lines, pages, knowledge, options=OPTIONS)
    for document in range(len(documents)):
        alone = strip(
            lines.filter(pl.col("document") == document),
            pages.filter(pl.col("document") == document),
            knowledge,
            options=OPTIONS,
        )
        assert alone.lines.equals(whole.lines.filter(pl.col("document") == document))
        assert alone.pages.equals(whole.pages.filter(pl.col("document") == document))


def test_title_byline_and_time_are_read_off_what_goes() -> None:
    lines = ["20:15 | 03/05/2021", *ARTICLE, "Nội dung: Lê Mận"]
    page = run([lines]).pages.row(0, named=True)
    assert page["title"] == ARTICLE[0]
    assert page["published_at"] == "2021-05-03T20:15"
    assert page["byline"] == "Lê Mận"
    assert page["language"] == "vi"
    assert page["kind"] == "article"


def test_dated_leads_without_a_headline_are_a_listing_and_stay() -> None:
    leads = [
        f"Ngày {day}/6, tại bến phà số {day}, đoàn cán bộ của huyện đã kiểm tra an toàn và làm việc với các chủ ghe trong vùng."
        for day in range(1, 13)
    ]
    done = run([leads])
    assert done.pages["kind"].to_list() == ["listing"]
    assert not any(done.lines["reason"])


def test_two_articles_in_one_record_are_flagged() -> None:
    second = ["Làng dệt chiếu bên sông sáng đèn suốt đêm hè", *TEASERS, TEASERS[0].replace("chợ", "bến")]
    done = run([[*ARTICLE, "(Tổng hợp)", *second]])
    assert done.pages["kind"].to_list() == ["spliced"]
    assert done.lines["reason"].to_list() == [None] * 6 + ["source_credit"] + [None] * 5


def test_a_page_that_prints_one_headline_thousands_of_times_is_read_in_seconds() -> None:
    # A second on a slow machine; each further row read to the end again, it would be minutes.
    started = time.process_time()
    assert reasons([[*ARTICLE, *HEADLINES[:1] * 6000]])[: len(ARTICLE)] == [None] * len(ARTICLE)
    assert time.process_time() - started < 20
