"""The report: bounded, deterministic, escaped, alone; and it works in a browser."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report.browser import Browser, open_browser
from small_corpus import write_raw

from tasks.job import Job, Settings
from tasks.marks import parse_mark
from tasks.report import MAX_PAGE_BYTES, write_report
from tasks.stages import run
from tasks.store import Store

EVIL = "</script><script>document.title = 'gone'</script>"
ODD = {
    "odd.example/evil.txt": f'Một trang có mã {EVIL}\nNgười ta viết <b>thẻ</b> & dấu "nháy" rồi {EVIL} để xem trang có hỏng không.\n{{{{ 7 * 7 }}}}\n',
    "odd.example/unseen.txt": "Một dòng có dấu không ai\u200b nhìn thấy, mà bản báo cáo phải chỉ ra cho người đọc xem.\n",
    "odd.example/rtl.txt": "افتتاح السوق\nقال رئيس البلدية إن السوق الجديد سيفتح أبوابه يوم الأحد أمام التجار والزوار من القرى المجاورة.\n",
}
TEMPLATED = 6


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    raw = write_raw(folder / "raw")
    for path, text in ODD.items():
        (raw / path).parent.mkdir(exist_ok=True)
        (raw / path).write_text(text, "utf-8")
    (raw / "khung.example").mkdir()
    for day in range(TEMPLATED):
        story = f"Ngày thứ {day}, bến Cây Gáo có {day + 31} ghe vào ăn hàng, và người ta cân lúa đến tận nửa đêm mới xong."
        (raw / f"khung.example/{day}.txt").write_text(
            f"Chuyến thứ {day} qua bến\n{story}\nNhà Khung giữ lửa đêm ngày\n", "utf-8"
        )
    run(Job(raw, folder / "clean", Settings()))
    (raw / "bad.jsonl").write_text('{"no": "text"}\n', "utf-8")
    run(Job(raw, folder / "clean", Settings()))
    return folder / "clean"


@pytest.fixture(scope="module")
def page(corpus: Path) -> str:
    return write_report(Store(corpus))


class Reader(HTMLParser):
    """Elements, and every address that one would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.marks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self.marks += [value or "" for name, value in attrs if name == "data-mark"]


def test_the_same_corpus_gives_the_same_page(corpus: Path, page: str) -> None:
    assert write_report(Store(corpus)) == page
    assert len(page.encode()) < MAX_PAGE_BYTES


def test_the_page_asks_for_nothing_outside(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert {address[:1] for address in reader.addresses if not address.startswith("data:,")} == {"#"}
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in unescape(page)


def test_texts_stay_texts(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.tags.count("script") == 1
    assert "&lt;/script&gt;&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert 'dir="auto">افتتاح السوق' in page


def test_the_sums_are_those_of_the_tables(corpus: Path, page: str) -> None:
    run = Store(corpus).last_run
    assert run is not None
    total = int(str(run["paragraphs_kept"])) + int(str(run["paragraphs_removed"]))
    assert f"{total:,} paragraphs went in. {run['paragraphs_kept']:,} stayed" in page


def test_every_section_shows_what_the_corpus_has(page: str) -> None:
    sections = dict(re.findall(r'<section id="(\w+)">(.*?)</section>', page, re.DOTALL))
    assert "Nhà Khung giữ lửa đêm ngày" in sections["templates"]
    assert {"<mark>17</mark>", "<mark>38</mark>"} <= set(re.findall(r"<mark>\d+</mark>", sections["misses"]))
    assert "mojibake" in sections["repairs"]
    assert "<del>⟨U+200B⟩</del>" in sections["repairs"]
    assert "bad.jsonl" in sections["quarantine"]
    assert sections["flow"].count("<svg") == 6
    assert "held by" in sections["clusters"]


def test_every_line_offers_a_mark_that_can_be_read_back(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert len(reader.marks) > 20
    marks = [parse_mark(text, "the page") for text in reader.marks]
    assert {mark.decision for mark in marks} == {"keep", "remove"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, page: str) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("browser")
    (folder / "report.html").write_text(page, "utf-8")
    with open_browser(folder) as opened:
        opened.open(folder / "report.html")
        yield opened


def test_a_browser_loads_the_page_alone_and_without_errors(browser: Browser) -> None:
    assert "lost, and why" in browser.run("return document.title")
    assert browser.read_log("browser") == []
    addresses = browser.list_requests()
    assert [address for address in addresses if not address.startswith(("file:", "data:"))] == []
    blocked = browser.run("""
        return fetch("https://outside.example/").then(() => "went out", () => "blocked")""")
    assert blocked == "blocked"
    browser.read_log("browser")


def test_search_and_filters_narrow_what_is_shown(browser: Browser) -> None:
    def shown(query: str = "", site: str = "", reason: str = "") -> list[str]:
        return browser.run(f"""
            for (const [id, value] of Object.entries({{query: {json.dumps(query)}, site: {json.dumps(site)}, reason: {json.dumps(reason)}}})) {{
              document.getElementById(id).value = value;
              document.getElementById(id).dispatchEvent(new Event("input"));
            }}
            return [...document.querySelectorAll(".list li")].filter((row) => row.offsetParent).map((row) => row.textContent);""")

    every = shown()
    assert len(every) == 15
    assert len(shown(query="214 hộ")) == 2, "by a word of a line, not of the title"
    sections = browser.run(
        """return [...document.querySelectorAll("section")].filter((one) => one.offsetParent).map((one) => one.id)"""
    )
    assert sections == ["misses", "documents"], "where nothing was found nothing is shown"
    assert all("songque.example" in row for row in shown(site="songque.example"))
    assert len(shown(reason="site_template")) == TEMPLATED
    assert shown(query="không có chữ này ở đâu") == []
    assert shown() == every


def test_a_document_opens_by_its_link_and_its_lines_by_keyboard(browser: Browser) -> None:
    opened = browser.run("""
        document.querySelector(".list a").click();
        const page = document.querySelector(".doc:target"), line = page.querySelector("summary");
        line.focus();
        return [page.offsetHeight > 0, document.querySelector("main").offsetHeight, document.activeElement === line];""")
    assert opened == [True, 0, True]


def test_chosen_lines_become_a_file_of_marks(browser: Browser) -> None:
    written = browser.run("""
        let blob;
        const make = URL.createObjectURL;
        URL.createObjectURL = (given) => { blob = given; return make(given); };
        document.querySelectorAll(".choose")[3].click();
        document.getElementById("why").value = 'nó nói "thật"';
        HTMLAnchorElement.prototype.click = () => {};
        document.getElementById("download").click();
        return blob.text();""")
    mark = parse_mark(written.strip(), "the download")
    assert mark.why == 'nó nói "thật"'
