"""HTML pages: what a reader sees of them, what their markup says, and what is none."""

import dataclasses
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tasks.export import read_table
from tasks.job import Settings
from tasks.markup import ELEMENTS, FACTS, split_codes
from tasks.read import ReadOptions
from tasks.read.formats import Fault, Record, read_records
from tasks.read.pages import parse_html, read_html
from tasks.read.pages.page import MAX_TAGS
from tasks.stages import Outcome
from tasks.store import Store
from tasks.strip import StripOptions
from tasks.verify import verify

Clean = Callable[..., Outcome]

STORY = (
    "The pilot boat lay three days on the bar at Skell before the spring tide lifted her off again.",
    "Her crew of four stayed aboard and were fed by the schoolchildren, who walked out at low water.",
    "The harbour office will publish its report on the grounding before the end of the month.",
)
PAGE = f"""<!doctype html><html><head><meta charset="utf-8"><title>Pilot boat afloat again | The Harbour</title>
<link rel="canonical" href="https://www.theharbour.example/pilot"><meta name="author" content="Edda Quill">
<meta property="article:published_time" content="2024-03-02T09:00:00Z"></head><body>
<nav class="top-menu"><ul><li><a href="/">Home</a></li><li><a href="/tides">Tides today</a></li></ul></nav>
<article><h1>Pilot boat afloat again</h1>{"".join(f"<p>{line}</p>" for line in STORY)}</article>
<footer>The Harbour, Pier Road 4</footer></body></html>"""


def lines_of(html: str) -> list[str]:
    return parse_html(html).text.split("\n")


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>one<br>two</p>three", ["one", "two", "three"]),
        ("<p>a  <b>bold</b>\n word</p>", ["a bold word"]),
        ("<p>in<b>sep</b>arable, <i>so</i>.</p>", ["inseparable, so."]),
        ("<table><tr><th>Port<td>Skell<tr><td>Boats<td>12</table>", ["Port\tSkell", "Boats\t12"]),
        ("<table><tr><td><p>a frame</p><td><p>of a page</p></table>", ["a frame", "of a page"]),
        ("<pre>  a\n    b</pre>", ["a", "b"]),
        ("<p>see <img alt='the pier at noon'> here</p><p>x</p>", ["see here", "the pier at noon", "x"]),
        ("<p>fine <img alt='☀'> day</p>", ["fine ☀ day"]),
        ("<p>5 &lt; 6 &amp;amp; so</p>", ["5 < 6 &amp; so"]),
        ("<div>a</div><!-- no --><script>no()</script><style>no</style><noscript>no</noscript>", ["a"]),
        ("<p>a</p><p hidden>no</p><p style='display : none'>no</p><template>no</template>", ["a"]),
        ("<dialog>no</dialog><select><option>a</select><p>b", ["a", "b"]),
        ("<div><a href=1>One</a><a href=2>Two</a></div>", ["One", "Two"]),
        ("<p>The <a href=1>har</a><a href=2>bour</a> is open.</p>", ["The harbour is open."]),
        ("no tags at all", ["no tags at all"]),
    ],
)
def test_the_record_is_what_a_reader_sees(html: str, lines: list[str]) -> None:
    assert lines_of(html) == lines


def test_hidden_paragraphs_of_the_article_are_text_that_waits() -> None:
    waiting = "".join(f"<p>{line}</p>" for line in STORY)
    assert lines_of(f"<article><p>A</p><div hidden>{waiting}</div></article>") == ["A", *STORY]
    assert lines_of(f"<div><p>A</p><div hidden>{waiting}</div></div>") == ["A"], "a window outside of it"


def test_every_line_has_a_code_that_is_documented() -> None:
    page = read_html(PAGE.encode())
    codes = split_codes(page.markup)
    assert len(codes) == len(page.text.split("\n"))
    for code in codes:
        assert code[0] in ELEMENTS
        assert code[1].isdigit()
        assert set(code[2:]) <= set(FACTS)
        assert list(code[2:]) == sorted(code[2:])
    menu, body = codes[0], codes[3]
    assert {"N", "n"} <= set(menu[2:])
    assert menu[1] == "9"
    assert {"A", "v", "4"} <= set(body[2:])
    assert "v" not in menu[2:]


def test_names_that_hold_the_whole_page_say_nothing() -> None:
    story = "".join(f"<p>{line}</p>" for line in STORY)
    page = parse_html(
        f"<body><div class='has-sidebar comments-open'>{story}<p class='comment'>Well done</p></div>"
    )
    first, *_, last = split_codes(page.markup)
    assert not {"w", "c"} & set(first[2:])
    assert "c" in last[2:]


def test_the_page_says_what_it_is() -> None:
    assert dict(read_html(PAGE.encode()).mapped) == {
        "title": "Pilot boat afloat again",
        "byline": "Edda Quill",
        "published_at": "2024-03-02T09:00:00+00:00",
        "url": "https://www.theharbour.example/pilot",
    }


def test_json_ld_is_believed_before_meta() -> None:
    said = {
        "@graph": [
            {
                "@type": ["NewsArticle"],
                "headline": "A tide",
                "author": [{"name": "Ora Finn"}, {"name": "Lew Tarn"}],
            }
        ]
    }
    page = parse_html(
        f"<head><meta name=author content=Nobody><script type='application/ld+json'>{json.dumps(said)}</script></head><p>x y"
    )
    assert page.mapped["title"] == "A tide"
    assert page.mapped["byline"] == "Ora Finn, Lew Tarn"


@pytest.mark.parametrize(
    ("charset", "head", "declared"),
    [
        ("utf-8", "", ""),
        ("utf-8-sig", "<meta charset='latin-1'>", "latin-1"),
        ("utf-8", "<meta charset='utf-16'>", "cp1252"),
        ("utf-16", "", ""),
        ("gb18030", "<meta charset='gb2312'>", ""),
        ("shift_jis", "<meta http-equiv='Content-Type' content='text/html; charset=Shift_JIS'>", ""),
        ("iso-2022-jp", "<meta charset='iso-2022-jp'>", ""),
        ("euc-jp", "", "EUC-JP"),
    ],
)
def test_the_charset_is_what_the_bytes_and_the_page_agree_on(charset: str, head: str, declared: str) -> None:
    text = "港は三日間閉じていた。"
    content = f"<html><head>{head}</head><p>{text}</p>".encode(charset)
    assert read_html(content, declared).text == text


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body></body></html>",
        b"<script>var a = 1;</script>",
        b"<!-- nothing -->",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"<p>a" + bytes(500) + b"b</p>",
        b"<b>" * (MAX_TAGS + 1),
    ],
)
def test_what_is_no_page_is_a_sentence(content: bytes) -> None:
    page = read_html(content)
    assert page.error.endswith(".")
    assert not page.text


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "blockquote"])
def test_nesting_hides_no_text(tag: str) -> None:
    assert STORY[0] in lines_of(f"<p>first</p>{f'<{tag}>' * 3_000}<p>{STORY[0]}</p>")


def test_entities_do_not_multiply() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    page = read_html(f'<!DOCTYPE html [<!ENTITY e0 "ha">{entities}]><p>&e9;</p><p>{STORY[0]}</p>'.encode())
    assert STORY[0] in page.text
    assert len(page.text) < 500


def test_a_record_with_html_and_no_text_is_a_page() -> None:
    rows = [
        {"id": "a", "html": PAGE, "title": "Its own title"},
        {"id": "b", "html": PAGE, "text": "The text that somebody took."},
        {"id": "c", "html": "<p></p>"},
    ]
    content = "\n".join(map(json.dumps, rows)).encode()
    page, text, fault = read_records("a.jsonl", io.BytesIO(content), len(content), ReadOptions())
    assert isinstance(page, Record)
    assert page.text.split("\n")[3:6] == list(STORY)
    assert page.mapped["title"] == "Its own title", "what the record says goes before what the page says"
    assert page.mapped["byline"] == "Edda Quill"
    assert isinstance(text, Record)
    assert text.text == "The text that somebody took."
    assert text.markup is None
    assert json.loads(text.extra or "")["html"] == PAGE
    assert isinstance(fault, Fault)
    assert fault.error.startswith("Line 3: ")


def test_a_page_goes_through_the_whole_run_and_is_done_again_without_its_file(
    clean: Clean, raw: Path, out: Path
) -> None:
    file = raw / "theharbour.example" / "pilot.html"
    file.parent.mkdir()
    file.write_text(PAGE, "utf-8")
    (file.parent / "drawn.html").write_text("<script>draw()</script>", "utf-8")
    clean()
    document = rows(out, "documents").row(0, named=True)
    assert document["text"] == "\n".join(["Pilot boat afloat again", *STORY])
    assert document["source_charset"] == "utf-8"
    assert document["site"] == "theharbour.example"
    assert rows(out, "quarantine")["source_path"].to_list() == ["theharbour.example/drawn.html"]
    assert not list(verify(Store(out)))
    before = rows(out, "paragraphs")
    assert before.filter(pl.col("rule") == "markup").height > 0
    # A changed rule redoes its step from what is stored, markup included: what lies in RAW now is no page.
    status = file.stat()
    file.write_bytes(b"\0" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    clean(dataclasses.replace(Settings(), strip=StripOptions(min_removal_probability=0.6)))
    after = rows(out, "paragraphs")
    told = [name for name in before.columns if name != "run_id"]
    assert before.select(told).equals(after.select(told))
    assert not list(verify(Store(out)))


def rows(out: Path, table: str) -> pl.DataFrame:
    """The rows of the page's site."""
    mine = pl.col("source_path").str.starts_with("theharbour.example/")
    return read_table(Store(out), table).filter(mine)
