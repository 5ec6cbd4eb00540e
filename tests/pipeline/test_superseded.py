"""A page that was scraped again: the newest version is known, and older ones stay or go by choice."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_corpus import assert_same_tables, read_tables

from tasks.export import read_table
from tasks.job import Job, Settings
from tasks.marks import make_mark
from tasks.stages import run
from tasks.store import Store
from tasks.superseded import make_page_key
from tasks.verify import verify
from tasks.versions import compare_versions

Clean = Callable[..., object]

URL = "https://bao.example/tin/cau-moi"
DROP = Settings(superseded="drop")
FIRST = "Cầu mới qua sông Lưu dự kiến thông xe vào ngày 3/4, chủ đầu tư cho biết tại buổi họp sáng qua."
SECOND = "Cầu mới qua sông Lưu dự kiến thông xe vào ngày 9/4, chủ đầu tư cho biết tại buổi họp sáng qua."
THIRD = "Cầu mới qua sông Lưu đã thông xe sáng 9/4, chuyến xe đầu tiên chở học sinh xã Đông Ngàn qua cầu."


def page(
    text: str, fetched_at: str | None = None, url: str | None = URL, **fields: object
) -> dict[str, object]:
    said = {
        "url": url,
        "fetched_at": fetched_at,
        "title": "Cầu mới qua sông Lưu sắp thông xe",
        "text": text,
        **fields,
    }
    return {name: value for name, value in said.items() if value is not None}


PAGES: Mapping[str, dict[str, object]] = {
    "a.jsonl": page(THIRD, "2024-04-09T20:00:00+07:00"),
    "b.jsonl": page(FIRST, "2024-03-20", f"{URL}/?utm_source=x#top"),
    "c.jsonl": page(SECOND, "Tue, 02 Apr 2024 08:00:00 +0700", "http://BAO.example:80/tin/cau-moi"),
    "other.jsonl": page(
        "Chợ nổi họp lại sau ba tháng sửa cầu tàu, ghe từ các huyện bên chở khóm về bán.", url=f"{URL}?id=2"
    ),
}


def write(raw: Path, pages: Mapping[str, dict[str, object]] = PAGES) -> Path:
    for name, fields in pages.items():
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text(json.dumps(fields, ensure_ascii=False) + "\n", "utf-8")
    return raw


def tell(out: Path) -> dict[str, str | None]:
    """Source path -> that of the newest version of its page."""
    sources = read_table(Store(out), "sources")
    paths = dict(sources.select("document_id", "source_path").iter_rows())
    return {
        path: paths.get(newest) for path, newest in sources.select("source_path", "superseded_by").iter_rows()
    }


def clean(raw: Path, out: Path, settings: Settings = DROP, **arguments: object) -> None:
    run(Job(raw, out, settings, **arguments))  # type: ignore[arg-type]
    assert not list(verify(Store(out)))


def assert_like_from_nothing(raw: Path, out: Path, settings: Settings = DROP) -> None:
    fresh = out.with_name("fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    run(Job(raw, fresh, settings))
    assert_same_tables(read_tables(out), read_tables(fresh))


def test_older_versions_name_the_newest_and_stay_by_default(tmp_path: Path) -> None:
    raw, out = write(tmp_path / "raw"), tmp_path / "clean"
    clean(raw, out, Settings())
    assert tell(out) == {"a.jsonl": None, "b.jsonl": "a.jsonl", "c.jsonl": "a.jsonl", "other.jsonl": None}
    assert set(read_table(Store(out), "paragraphs").filter(reason="superseded")["text"]) == set()
    documents = read_table(Store(out), "documents")
    assert {FIRST, SECOND, THIRD} <= {line for text in documents["text"] for line in text.splitlines()}
    assert dict(documents.select("source_path", pl.col("superseded_by").is_not_null()).iter_rows())["c.jsonl"]


def test_they_go_with_a_reason_where_the_settings_say_so(tmp_path: Path) -> None:
    raw, out = write(tmp_path / "raw"), tmp_path / "clean"
    clean(raw, out)
    gone = read_table(Store(out), "paragraphs").filter(reason="superseded")
    assert {(row["text"], row["rule"], row["evidence"]) for row in gone.iter_rows(named=True)} >= {
        (text, "superseded", "a newer version of the page is in a.jsonl") for text in (FIRST, SECOND)
    }
    documents = read_table(Store(out), "documents")
    assert sorted(documents["source_path"]) == ["a.jsonl", "other.jsonl"]


def test_a_change_of_the_choice_is_done_without_reading_again(tmp_path: Path) -> None:
    raw, out = write(tmp_path / "raw"), tmp_path / "clean"
    for settings in (Settings(), DROP, Settings()):
        done = run(Job(raw, out, settings))
        assert_like_from_nothing(raw, out, settings)
    assert done.stages["read"]["records"] == 0
    causes = {(cause.kind, cause.name, cause.after) for cause in compare_versions(Store(out), 2, 3).causes}
    assert causes == {("setting", "superseded", '"keep"')}


def test_a_newer_version_that_comes_or_goes_decides_the_older_ones_again(tmp_path: Path) -> None:
    raw, out = write(tmp_path / "raw"), tmp_path / "clean"
    newest = (raw / "a.jsonl").read_text("utf-8")
    (raw / "a.jsonl").unlink()
    clean(raw, out)
    assert tell(out)["b.jsonl"] == "c.jsonl"
    (raw / "a.jsonl").write_text(newest, "utf-8")
    clean(raw, out)
    assert tell(out)["b.jsonl"] == tell(out)["c.jsonl"] == "a.jsonl"
    assert_like_from_nothing(raw, out)
    moved = compare_versions(Store(out), 1, 2).moved
    assert ("kept", "superseded", "copy") in {(one.before, one.after, one.cause) for one in moved}
    (raw / "a.jsonl").unlink()
    clean(raw, out, allow_gone=True)
    assert tell(out) == {"b.jsonl": "c.jsonl", "c.jsonl": None, "other.jsonl": None}
    assert_like_from_nothing(raw, out)


@pytest.mark.parametrize("order", ["abco", "ocba", "bcoa"])
def test_the_order_of_arrival_decides_nothing(tmp_path: Path, order: str) -> None:
    raw, out, all_of_it = tmp_path / "raw", tmp_path / "clean", write(tmp_path / "all")
    raw.mkdir()
    for name in sorted(PAGES, key=lambda name: order.index(name[0])):
        shutil.copy2(all_of_it / name, raw / name)
        clean(raw, out)
    assert_like_from_nothing(raw, out)


def test_what_a_person_marked_stays_on_an_older_version(tmp_path: Path) -> None:
    raw, out = write(tmp_path / "raw"), tmp_path / "clean"
    clean(raw, out)
    row = read_table(Store(out), "paragraphs").filter(text=FIRST).row(0, named=True)
    marks = (make_mark(row, "keep", "the first date was news too"),)
    settings = dataclasses.replace(DROP, marks=marks)
    clean(raw, out, settings)
    assert read_table(Store(out), "paragraphs").filter(text=FIRST)["verdict"].item() == "kept"
    assert_like_from_nothing(raw, out, settings)


def test_times_then_names_say_which_is_newest(tmp_path: Path) -> None:
    pages = {
        # The same instant in two zones, then the day of publication.
        "x1.jsonl": page(FIRST, "2024-04-02T08:00:00+07:00", "https://x.example/1", published_at="2024-04-01"),
        "x2.jsonl": page(SECOND, "2024-04-02T01:00:00Z", "https://x.example/1", published_at="2024-03-31"),
        # A record without a time is older than one with it.
        "y1.jsonl": page(FIRST, "2001-01-01", "https://x.example/2"),
        "y2.jsonl": page(SECOND, None, "https://x.example/2"),
        # Nothing tells them apart but their names.
        "z1.jsonl": page(FIRST, None, "https://x.example/3"),
        "z2.jsonl": page(SECOND, None, "https://x.example/3"),
    }  # fmt: skip
    raw, out = write(tmp_path / "raw", pages), tmp_path / "clean"
    clean(raw, out)
    assert {path: newest for path, newest in tell(out).items() if newest} == {
        "x2.jsonl": "x1.jsonl", "y2.jsonl": "y1.jsonl", "z1.jsonl": "z2.jsonl",
    }  # fmt: skip


def test_an_empty_record_and_a_front_page_supersede_nothing(tmp_path: Path) -> None:
    pages = {
        "full.jsonl": page(FIRST, "2024-01-01"),
        "blank.jsonl": page(" ", "2024-02-01"),
        "front1.jsonl": page(SECOND, "2024-01-01", "https://bao.example/"),
        "front2.jsonl": page(THIRD, "2024-02-01", "https://bao.example/?utm_medium=rss"),
        "none1.jsonl": page(SECOND.replace("9/4", "1/5"), "2024-01-01", "bao"),
        "none2.jsonl": page(SECOND.replace("9/4", "2/5"), "2024-02-01", "bao"),
    }
    raw, out = write(tmp_path / "raw", pages), tmp_path / "clean"
    clean(raw, out)
    assert set(tell(out).values()) == {None}


def test_a_page_scraped_every_night_is_no_template_of_its_site(tmp_path: Path) -> None:
    title, place = "Cầu mới qua sông Lưu thông xe sáng nay", "Một góc cầu nhìn từ bến cũ"
    text = f"{title}\n{THIRD}\nBà con hai bên bờ đứng kín đường dẫn từ năm giờ sáng để chờ chuyến xe đầu.\n{place}"
    pages = {f"{day:02d}.jsonl": page(text, f"2024-04-{day:02d}", title=title) for day in range(1, 31)}
    raw, out = write(tmp_path / "raw", pages), tmp_path / "clean"
    clean(raw, out)
    kept = read_table(Store(out), "documents").filter(source_path="30.jsonl")["text"].item()
    assert kept.splitlines() == text.splitlines()
    templates = read_table(Store(out), "paragraphs").filter(label="site_template")
    assert templates.is_empty()


PARTS = st.sampled_from(
    ["a", "B", "/", "?", "&", "=", "#", "!", "utm_x=1", "utm_", "id=7", "%20", ".", ":", "@", " ", "é"]
)


@given(st.lists(PARTS, max_size=8).map("".join))
def test_a_page_key_is_one_for_every_spelling_of_a_url(rest: str) -> None:
    spellings = [
        f"https://bao.example/{rest}",
        f"http://BAO.example:80/{rest}",
        f" HTTPS://bao.example:443/{rest} ",
    ]
    keys = pl.DataFrame({"url": spellings}).select(make_page_key(pl.col("url"))).to_series().to_list()
    assert len(set(keys)) == 1
    if keys[0] is not None:
        again = pl.DataFrame({"url": [f"https://{keys[0]}"]}).select(make_page_key(pl.col("url")))
        assert again.item() == keys[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a", "/A"),
        ("/a?x=1&y=2", "/a?y=2&x=1"),
        ("/a", "/a/b"),
        ("/#!/a", "/#!/b"),
        ("/a?p=1", "/a?p=2"),
        ("/a", "/a?utmost=1"),
    ],
)
def test_what_may_be_another_page_is_one(one: str, other: str) -> None:
    urls = [f"https://bao.example{one}", f"https://bao.example{other}"]
    keys = pl.DataFrame({"url": urls}).select(make_page_key(pl.col("url"))).to_series()
    assert keys.n_unique() == 2
