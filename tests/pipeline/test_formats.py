"""Every format, written by somebody else's writer, and what is wrong with files of it. All texts are invented."""

import bz2
import csv
import datetime as dt
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.export import read_table
from tasks.job import Job, Settings
from tasks.read import ReadOptions
from tasks.read.formats import read_records
from tasks.read.records import Fault, Found, LeftOut, Record
from tasks.stages import Outcome, run
from tasks.store import Store
from tasks.verify import verify

Clean = Callable[..., Outcome]

FERRY = 'Phà Bến Sậy chạy lại từ sáng thứ hai, mỗi giờ một chuyến; chủ phà nói "đủ người là đi".\nVé vẫn 5.000 đồng.'
WELL = "Giếng khoan của xã Đông Ngàn cho nước ngọt ở độ sâu 86 mét, đủ cho 120 hộ dùng quanh năm."
ROWS = (
    {"url": "https://bensay.example/pha", "title": "Phà chạy lại", "text": FERRY, "views": "12"},
    {"url": "https://bensay.example/gieng", "title": "Giếng mới", "text": WELL, "views": ""},
)


def read(name: str, content: bytes, options: ReadOptions | None = None) -> list[Found]:
    return list(read_records(name, io.BytesIO(content), len(content), options or ReadOptions()))


def records(name: str, content: bytes) -> list[Record]:
    found = [row for row in read(name, content) if not isinstance(row, LeftOut)]
    assert all(isinstance(row, Record) for row in found), found
    return [row for row in found if isinstance(row, Record)]


def faults(name: str, content: bytes, options: ReadOptions | None = None) -> list[Fault]:
    return [row for row in read(name, content, options) if isinstance(row, Fault)]


def write_csv(rows: tuple[dict[str, str], ...] = ROWS, **dialect: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), **dialect)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def write_zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def write_tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def write_parquet(columns: dict[str, object], **options: object) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def write_warc(pages: list[tuple[str, str, bytes]], *, packed: bool = False, status: str = "200 OK") -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "a test"}))
    for url, content_type, body in pages:
        headers = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": "2024-05-14T01:15:00Z"},
            )
        )
    return file.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: __import__("zstandard").compress(content),
}


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


# -- packing and archives -----------------------------------------------------------------------------

FILES = {
    "./bensay.example/gieng.txt": WELL.encode(),
    "bang.csv": write_csv().encode(),
    "goi/dong.jsonl.gz": gzip.compress(json.dumps({"text": FERRY}).encode()),
    ".git/config.txt": b"hidden",
}
MEMBERS = ["bensay.example/gieng.txt", "bang.csv", "bang.csv", "goi/dong.jsonl.gz"]


@pytest.mark.parametrize("packing", PACKERS)
def test_everything_can_be_packed(packing: str) -> None:
    pack = PACKERS[packing]
    assert records(f"a.txt{packing}", pack(WELL.encode()))[0].text == WELL
    assert [r.text for r in records(f"a.csv{packing}", pack(write_csv().encode()))] == [FERRY, WELL]
    assert records(f"a.parquet{packing}", pack(write_parquet({"text": [WELL]})))[0].text == WELL
    assert [r.member for r in records(f"a.tar{packing}", pack(write_tar(FILES)))] == MEMBERS
    assert [r.member for r in records(f"a.zip{packing}", pack(write_zip(FILES)))] == MEMBERS


def test_frames_of_zstandard_follow_one_another() -> None:
    import zstandard

    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0" + b"skip"
    packed = zstandard.compress(WELL.encode()) + skippable + zstandard.compress(FERRY.encode())
    assert records("a.txt.zst", packed)[0].text == WELL + FERRY


@pytest.mark.parametrize("packing", PACKERS)
def test_a_packed_file_that_is_cut_off_says_so(packing: str) -> None:
    rows = "".join(json.dumps({"text": f"{WELL} {n}"}) + "\n" for n in range(3000)).encode()
    packed = PACKERS[packing](rows)
    assert "damaged or cut off" in faults(f"a.jsonl{packing}", packed[: len(packed) * 2 // 3])[-1].error
    assert "damaged or cut off" in faults(f"a.jsonl{packing}", packed[:-1])[-1].error
    assert faults(f"a.jsonl{packing}", rows)


@pytest.mark.parametrize("packing", PACKERS)
def test_a_bomb_does_not_go_off(packing: str) -> None:
    packed = PACKERS[packing](bytes(2**26))
    assert "like a bomb" in faults(f"a.txt{packing}", packed, ReadOptions(max_expansion=10))[0].error


def test_a_bomb_in_a_zip() -> None:
    content = write_zip({"a.txt": b"a" * 2**24, "b.txt": WELL.encode()})
    (fault, *_) = faults("a.zip", content, ReadOptions(max_expansion=10))
    assert "like a bomb" in fault.error
    assert fault.member == "a.txt"


@pytest.mark.parametrize(
    ("name", "write"), [("a.zip", write_zip), ("a.tar", write_tar), ("a.tgz", lambda f: write_tar(f, "w:gz"))]
)
def test_archives(name: str, write: Callable[[dict[str, bytes]], bytes]) -> None:
    found = records(name, write(FILES))
    assert [record.member for record in found] == MEMBERS
    assert [record.record for record in found] == [0, 0, 1, 0]


BAD_MEMBERS = {
    "../ngoai.txt": "leads out of the archive",
    "/etc/ngoai.txt": "leads out of the archive",
    "trong.zip": "archive inside an archive",
    "anh.jpg": "does not read .jpg",
    "dut.txt.gz": "damaged or cut off",
}


@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_bad_members_leave_the_good_ones(write: Callable[[dict[str, bytes]], bytes]) -> None:
    files = {
        **dict.fromkeys(BAD_MEMBERS, b"x"),
        "dut.txt.gz": gzip.compress(WELL.encode())[:-9],
        "tot.txt": WELL.encode(),
    }
    found = read("a.zip" if write is write_zip else "a.tar", write(files))
    sick = {row.member: row.error for row in found if isinstance(row, Fault)}
    assert sick.keys() == BAD_MEMBERS.keys()
    for name, sentence in BAD_MEMBERS.items():
        assert sentence in sick[name]
    assert [row.member for row in found if isinstance(row, Record)] == ["tot.txt"]


def test_links_and_repeated_names_in_archives() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"noi{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    *links, whole = faults("a.tar", packed.getvalue())
    assert ["a link" in fault.error for fault in links] == [True] * 3
    assert (whole.member, "No file in this archive" in whole.error) == ("", True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as twice:
        twice.writestr("a.txt", WELL)
        with pytest.warns(UserWarning, match="Duplicate name"):
            twice.writestr("a.txt", FERRY)
    assert "more than once" in faults("a.zip", packed.getvalue())[0].error


def test_an_encrypted_zip() -> None:
    content = bytearray(write_zip({"a.txt": WELL.encode(), "b.txt": WELL.encode()}))
    directory = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1
    (fault,) = faults("a.zip", bytes(content))
    assert (fault.member, "is encrypted" in fault.error) == ("a.txt", True)


def test_archives_that_are_cut_off_or_lie() -> None:
    files = {f"{n}.txt": f"{WELL} {n}".encode() * 20 for n in range(9)}
    assert "cut off" in faults("a.zip", write_zip(files)[:-30])[0].error
    tar = write_tar(files)
    size = len(tar.rstrip(b"\0"))
    for cut in (size - 100, 512 * 7, 512 * 7 + 100):
        found = read("a.tar", tar[:cut])
        assert isinstance(found[0], Record)
        assert isinstance(found[-1], Fault), cut
    damaged = bytearray(write_zip(files))
    damaged[60] ^= 0xFF
    assert faults("a.zip", bytes(damaged))[0].member == "0.txt"
    assert len(records("a.zip", write_zip(files))) == 9


# -- in a corpus --------------------------------------------------------------------------------------


def test_a_corpus_of_archives(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "goi.zip").write_bytes(write_zip({**FILES, "anh.jpg": b"x"}))
    outcome = clean()
    assert not list(verify(Store(out)))
    sources = read_table(Store(out), "sources").filter(source_path="goi.zip!bensay.example/gieng.txt")
    assert sources["site"].item() == "bensay.example"
    assert sources["source_bytes"].item() == (raw / "goi.zip").stat().st_size
    assert {row["format"] for row in outcome.run["fields"]} == {"csv", "jsonl"}  # type: ignore[union-attr]
    assert read_table(Store(out), "quarantine")["source_path"].to_list() == ["goi.zip!anh.jpg"]

    again = clean()
    assert again.run["inputs_new"] == again.run["inputs_changed"] == 0
    assert again.run["quarantined"] == 1

    (raw / "goi.zip").write_bytes(write_zip({"moi.txt": WELL.encode()}))
    changed = clean()
    assert (changed.run["inputs_changed"], changed.run["quarantined"]) == (1, 0)
    paths = read_table(Store(out), "sources")["source_path"]
    assert paths.filter(paths.str.starts_with("goi.zip")).to_list() == ["goi.zip!moi.txt"]

    (raw / "goi.zip").unlink()
    assert clean().run["inputs_gone"] == 1
    assert not read_table(Store(out), "sources")["source_path"].str.starts_with("goi.zip").any()


def test_a_file_with_no_good_record_is_read_once(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "anh.jpg").write_bytes(b"x")
    (raw / "rong.zip").write_bytes(write_zip({}))
    assert clean().run["inputs_new"] == 6 + 2
    again = clean()
    assert (again.run["inputs_new"], again.run["inputs_changed"], again.run["quarantined"]) == (0, 0, 1)
    (raw / "anh.jpg").unlink()
    gone = clean()
    assert (gone.run["inputs_gone"], gone.run["quarantined"]) == (1, 0)
    assert out.exists()


def test_a_name_that_reads_like_a_member_is_refused(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "goi.zip!gieng.txt").write_text(WELL, "utf-8")
    clean()
    assert "exclamation mark" in read_table(Store(out), "quarantine")["error"].item()


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
