"""Tables and crawls, written by somebody else's writer, and what is wrong with files of it. All texts are invented."""

import datetime as dt
import json
from pathlib import Path

import pytest
from pipeline.written_files import FERRY, WELL, faults, read, records, write_csv, write_parquet, write_warc

from tasks.export import read_table
from tasks.job import Job, Settings
from tasks.read import ReadOptions
from tasks.read.records import Fault, LeftOut, Record
from tasks.stages import run
from tasks.store import Store

# -- tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_csv(delimiter: str, charset: str) -> None:
    content = write_csv(delimiter=delimiter).encode(charset)
    found = records("a.csv", b"\xfe\xff" + content if charset == "utf-16-be" else content)
    assert [record.text for record in found] == [FERRY, WELL]
    assert found[0].mapped["url"] == "https://bensay.example/pha"
    assert [record.extra for record in found] == ['{"views": "12"}', None]
    assert found[0].taken == {"text": "text", "url": "url", "title": "title"}


def test_csv_of_another_charset_and_tsv() -> None:
    rows = ({"Title": "Été", "Body": "À l’été, l’Assemblée nationale a voté le projet de loi défendu."},) * 2
    found = records("a.csv", write_csv(rows).encode("cp1252"))
    assert [record.text for record in found] == [row["Body"] for row in rows]
    assert records("a.tsv", write_csv(delimiter="\t").encode())[0].text == FERRY


def test_csv_of_two_bytes_a_letter_that_is_cut_off() -> None:
    content = write_csv().encode("utf-16")
    found = read("a.csv", content[:-3])
    assert [type(row).__name__ for row in found] == ["Record", "Fault"]
    assert isinstance(found[1], Fault)
    assert "no UTF-16" in found[1].error


def test_a_last_row_that_lacks_columns_and_its_end_is_told() -> None:
    text = WELL.replace(",", " và")
    header, whole, cut = "title,text,views\n", f"a,{text},1\n", f"b,{text[:40]}"
    (fault,) = faults("a.csv", (header + whole + cut).encode())
    assert "line 3 has 2 of 3 columns" in fault.error
    assert [record.text for record in records("a.csv", (header + cut + "\n" + whole).encode())] == [
        text[:40],
        text,
    ]
    assert records("a.csv", (header + whole).rstrip("\n").encode())[0].text == text


def test_a_row_that_is_no_csv_costs_itself_alone() -> None:
    text = write_csv().replace("12\r\n", '12\r\nhttps://x.example,Thừa,một,hai,ba,bốn\r\nx,"y"z,a,b\r\n', 1)
    found = read("a.csv", text.encode())
    assert [type(row).__name__ for row in found] == ["Record", "Fault", "Fault", "Record"]
    assert isinstance(found[1], Fault)
    assert "6 columns where the header has 4" in found[1].error
    assert "line 4" in found[1].error, "the text of the first row has two lines"


def test_an_open_quote_is_told_with_its_line() -> None:
    found = faults("a.csv", ('title,text\nmột,"mở ra\n' + "hai,không đóng\n" * 5).encode())
    assert len(found) == 1
    assert "line 2 is never closed" in found[0].error


def test_a_table_without_a_text_is_one_fault() -> None:
    for name, content in {
        "a.csv": b"name,price\nx,1\ny,2\n",
        "a.parquet": write_parquet({"n": [1, 2]}),
    }.items():
        (fault,) = faults(name, content)
        assert "read.fields.text" in fault.error
    options = ReadOptions(fields=ReadOptions().fields.__class__(text=("name",)))
    assert len(read("a.csv", b"name,price\nx,1\ny,2\n", options)) == 2


def test_columns_of_one_name_both_stay() -> None:
    (record,) = records("a.csv", b"text,tag,tag\nx,a,b\n")
    assert json.loads(record.extra or "") == {"tag": "a", "tag (1)": "b"}


@pytest.mark.parametrize("row_group_size", [1, 100])
def test_parquet(row_group_size: int) -> None:
    columns = {
        "id": [7, 8],
        "content": [FERRY, WELL],
        "date": [dt.datetime(2024, 5, 14, 8, 15, tzinfo=dt.UTC), None],
        "score": [float("nan"), 1.5],
        "tags": [["phà"], []],
        "blob": [b"\xc4\x91", None],
    }
    found = records("a.parquet", write_parquet(columns, row_group_size=row_group_size))
    assert [(record.key, record.text) for record in found] == [("=7", FERRY), ("=8", WELL)]
    assert found[0].mapped["published_at"] == "2024-05-14T08:15:00+00:00"
    assert json.loads(found[0].extra or "") == {"score": "NaN", "tags": ["phà"], "blob": "đ"}


def test_damaged_parquet_is_one_fault() -> None:
    content = write_parquet({"text": [FERRY] * 100}, compression="none")
    for bad in (
        content[:-20],
        content[: len(content) // 2],
        content[:4] + bytes(200) + content[204:],
        b"PAR1",
    ):
        assert faults("a.parquet", bad)


# -- crawls -------------------------------------------------------------------------------------------


# warcio leaves its temporary files to the garbage collector.
warcio = pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")


@warcio
@pytest.mark.parametrize("packed", [False, True])
def test_warc(packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    page = f"<html><body><article><h1>Phà chạy lại</h1><p>{FERRY}</p></article></body></html>"
    content = write_warc(
        [
            ("https://bensay.example/a.txt", "text/plain; charset=utf-8", FERRY.encode()),
            ("https://bensay.example/anh.png", "image/png", b"\x89PNG"),
            ("https://bensay.example/pha", "text/html; charset=utf-8", page.encode()),
        ],
        packed=packed,
    )
    found = read("a.warc.gz" if packed else "a.warc", content)
    text, picture, *_ = found
    assert isinstance(text, Record)
    assert text.text == FERRY
    assert text.mapped["url"] == "https://bensay.example/a.txt"
    assert text.mapped["fetched_at"] == "2024-05-14T01:15:00+00:00"
    assert text.key.startswith("=<urn:uuid:")
    assert picture == LeftOut("image/png")
    (html,) = found[2:]
    assert isinstance(html, Record)
    assert html.text.startswith("Phà chạy lại")
    assert html.text.split() == f"Phà chạy lại {FERRY}".split()
    assert html.markup
    assert html.mapped["url"] == "https://bensay.example/pha"


@warcio
def test_a_page_that_lies_about_its_packing_costs_itself_alone() -> None:
    pages = [(f"https://bensay.example/{n}", "text/plain", WELL.encode()) for n in range(2)]
    content = write_warc(
        [*pages, ("https://bensay.example/goi", "text/plain\r\nContent-Encoding: gzip", b"x" * 90), *pages]
    )
    found = read("a.warc", content)
    assert [type(row).__name__ for row in (*found[:2], *found[3:])] == ["Record"] * 4
    assert isinstance(found[2], Fault)
    assert "is damaged" in found[2].error


@warcio
def test_pages_that_were_not_there_are_left_out_and_counted() -> None:
    content = write_warc([("https://bensay.example/x", "text/plain", b"Not here")], status="404 Not Found")
    left, nothing = read("a.warc", content)
    assert left == LeftOut("status 404")
    assert isinstance(nothing, Record)
    assert not nothing.text


@warcio
def test_a_warc_that_is_cut_off_gives_what_came_before() -> None:
    pages = [(f"https://bensay.example/{n}", "text/plain", f"{WELL} {n}".encode()) for n in range(5)]
    content = write_warc(pages)
    for cut in (60, 200, len(content) // 2):
        found = read("a.warc", content[:-cut])
        assert isinstance(found[0], Record)
        assert isinstance(found[-1], Fault)
    assert "no WARC file" in faults("a.warc", b"this is none\n" * 9)[0].error


# -- in general ---------------------------------------------------------------------------------------


def test_repeated_keys_and_odd_numbers_are_kept() -> None:
    (record,) = records(
        "a.jsonl", b'{"text": "x", "n": NaN, "m": [1e999, -Infinity], "a": 1, "a": {"b": 2, "b": 3}}'
    )
    assert json.loads(record.extra or "", parse_constant=pytest.fail) == {
        "n": "NaN",
        "m": ["Infinity", "-Infinity"],
        "a": {"b": 3, "b (1)": 2},
        "a (1)": 1,
    }


def test_a_larger_file_needs_no_more_memory(tmp_path: Path) -> None:
    """Of a CSV three times as large, a reader holds no more than of the first: a shard, whatever follows it."""
    import subprocess
    import sys

    code = r"""
import csv, re, sys
from pathlib import Path
from tasks.read import Input, ReadOptions, read_shard
raw = Path(sys.argv[1])
def peak():  # of this process alone: what resource tells begins with its parent's peak
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) * 1024
def read(name, count):
    with (raw / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "text"])
        for number in range(count):
            writer.writerow([f"Tin {number}", f"Bản tin số {number}. " * 5000])
    size = (raw / name).stat().st_size
    rows = sum(shard.records.height for shard in read_shard(raw, [Input(name, name, size, 0)], ReadOptions()))
    return rows, size
read("lon.csv", 500)
before = peak()
print(*read("lon_hon.csv", 1500), peak() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    rows, size, grown = map(int, done.stdout.split())
    assert rows == 1500
    assert size > 140e6
    assert grown < 40e6


def test_runs_of_the_same_input_in_other_wrapping_agree(tmp_path: Path) -> None:
    texts = []
    for name, content in {
        "a.csv": write_csv().encode(),
        "b.parquet": write_parquet({"text": [FERRY, WELL]}),
    }.items():
        raw = tmp_path / name / "raw"
        raw.mkdir(parents=True)
        (raw / name).write_bytes(content)
        run(Job(raw, tmp_path / name / "clean", Settings()))
        texts.append(read_table(Store(tmp_path / name / "clean"), "documents")["text"].to_list())
    assert texts[0] == texts[1]
