"""Records, their fields and their ids."""

import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.read import ReadOptions, digest_text, digest_texts, find_inputs, read_shard
from tasks.read.fields import Fields, find_site, map_fields, parse_time
from tasks.read.formats import read_records
from tasks.read.inputs import make_document_id, write_path
from tasks.read.records import Fault, Found, LeftOut, Record


def read(name: str, content: bytes, options: ReadOptions | None = None) -> list[Found]:
    return list(read_records(name, io.BytesIO(content), len(content), options or ReadOptions()))


def test_fields_are_mapped_and_the_rest_goes_along() -> None:
    row = {
        "id": 7,
        "title": " Nước rút ",
        "authors": ["An", "Bình"],
        "date": "14 May 2024 08:15:00 +0700",
        "body": " x ",
        "tags": ["lũ"],
    }
    record = read("a.jsonl", json.dumps(row).encode())[0]
    assert isinstance(record, Record)
    assert record.text == " x ", "the text is taken as it is"
    assert record.key == "=7"
    assert record.mapped == {
        "url": None,
        "title": "Nước rút",
        "byline": "An, Bình",
        "published_at": "2024-05-14T08:15:00+07:00",
        "fetched_at": None,
    }
    assert json.loads(record.extra or "") == {"tags": ["lũ"]}


def test_a_field_that_is_not_what_its_name_says_stays_among_the_others() -> None:
    mapped, extra, _ = map_fields({"text": "x", "date": "hôm qua", "title": 5, "url": ""}, Fields())
    assert (mapped["published_at"], mapped["title"], mapped["url"]) == (None, None, None)
    assert json.loads(extra or "") == {"date": "hôm qua", "title": 5, "url": ""}


def test_field_names_can_be_set() -> None:
    options = ReadOptions(fields=Fields(text=("noi_dung",)))
    record = read("a.jsonl", b'{"noi_dung": "x", "text": "y"}', options)[0]
    assert isinstance(record, Record)
    assert record.text == "x"


@given(
    st.lists(
        st.dictionaries(st.text(max_size=4), st.text() | st.integers() | st.none(), max_size=3), max_size=5
    )
)
def test_every_row_is_a_record_or_a_fault(rows: list[dict[str, object]]) -> None:
    content = "\n".join(json.dumps(row) for row in rows).encode()
    found = read("a.jsonl", content)
    # A file without a line has one record, which is empty.
    assert [row.record for row in found if not isinstance(row, LeftOut)] == list(range(len(rows) or 1))


@given(st.binary(max_size=300))
def test_any_bytes_end_as_records_or_faults(content: bytes) -> None:
    for name in (
        "a.txt",
        "a.jsonl",
        "a.txt.gz",
        "a.jsonl.xz",
        "a.bz2",
        "a.pdf",
        "a",
        "a.csv",
        "a.warc",
        "a.zip",
        "a.tar",
        "a.txt.zst",
        "a.tar.gz",
        "a.parquet",
    ):
        for found in read(name, content):
            assert not isinstance(found, Fault) or len(found.error.split()) > 3


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.TXT", "a", "a.txt.gz", "a.gz"])
def test_a_text_is_one_record(name: str) -> None:
    content = "Một dòng.\nHai dòng.".encode()
    found = read(name, gzip.compress(content) if name.endswith("gz") else content)
    assert [record.text for record in found if isinstance(record, Record)] == ["Một dòng.\nHai dòng."]


def test_a_packed_file_that_breaks_off_gives_what_came_before() -> None:
    rows = b"".join(json.dumps({"text": f"Bản tin số {n} {'x' * n}"}).encode() + b"\n" for n in range(3000))
    packed = gzip.compress(rows)
    found = read("a.jsonl.gz", packed[: len(packed) // 2])
    assert isinstance(found[0], Record)
    assert isinstance(found[-1], Fault)
    assert found[-1].record == len(found) - 1


def test_ids_depend_on_path_and_key_alone() -> None:
    ids = {
        make_document_id(name, key)
        for name in ("a.txt", "b/a.txt", "á.txt", "a\u0301.txt")
        for key in ("#0", "#1", "=0")
    }
    assert len(ids) == 12
    assert make_document_id("a.txt", "#0") == "3d136f0c223fc58c6a839d3b49a41e4a"


def test_paths_that_are_no_utf8_are_written_with_escapes() -> None:
    assert write_path("l\udcff.txt") == r"l\xff.txt"


@pytest.mark.parametrize(
    ("url", "path", "site"),
    [
        ("https://www.ChoDem.example:8080/a?b", "x/y.txt", "chodem.example"),
        ("//chodem.example/a", "y.txt", "chodem.example"),
        ("not a url", "x/y.txt", "x"),
        ("http://[broken", "x/y.txt", "x"),
        (None, "x/deep/y.txt", "x"),
        (None, "y.txt", None),
    ],
)
def test_the_site_is_the_host_or_the_first_folder(url: str | None, path: str, site: str | None) -> None:
    assert find_site(url, path) == site


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2024-05-14", "2024-05-14"),
        ("2024-05-14T08:15:00Z", "2024-05-14T08:15:00+00:00"),
        ("2024-05-14 08:15", "2024-05-14T08:15:00"),
        ("14/5/2024", None),
        ("", None),
    ],
)
def test_times(given_time: str, expected: str | None) -> None:
    assert parse_time(given_time) == expected


def test_the_digests_of_a_column_are_those_of_its_texts() -> None:
    blanks = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    texts = ["", "Hà Nội\n", *(f"a{blank}ợ{blank}" for blank in blanks), "a\u200bb", "".join(blanks)]
    digests = digest_texts(pl.Series(texts)).to_list()
    assert digests == [digest_text(text) for text in texts]


def test_half_surrogates_of_a_record_keep_their_escapes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(r'{"text": "a\ud800b"}' + "\n" + r'{"text": "ợ"}', "utf-8")
    (shard,) = read_shard(tmp_path, find_inputs(tmp_path).files, ReadOptions())
    assert shard.records["text"].to_list() == ["a\\ud800b", "ợ"]
