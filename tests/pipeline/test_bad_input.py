"""Bad data ends as rows with a sentence; the rest is written."""

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tasks.export import read_table
from tasks.job import Job, Settings
from tasks.read import ReadOptions
from tasks.stages import Outcome, run
from tasks.store import Store
from tasks.verify import verify

Clean = Callable[..., Outcome]
GOOD = "Hội đồng xã họp bàn việc sửa con đường liên thôn dài ba cây số trước mùa mưa năm nay.\n"
ROW = json.dumps({"text": GOOD}, ensure_ascii=False) + "\n"

BAD_FILES: dict[str, tuple[bytes, str]] = {
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary|text"),
    "page.docx": (b"PK\x03\x04", "does not read .docx"),
    "cut.txt.gz": (gzip.compress(GOOD.encode() * 50)[:-30], "damaged or cut off"),
    "cut.txt.bz2": (bz2.compress(GOOD.encode() * 50)[:-30], "damaged or cut off"),
    "cut.txt.xz": (lzma.compress(GOOD.encode() * 50)[:-30], "damaged or cut off"),
    "liar.txt.gz": (GOOD.encode(), "damaged or cut off"),
    "bomb.txt.gz": (gzip.compress(b"a" * 2**26), "bomb"),
    "cut.jsonl": ((ROW + ROW[:40]).encode(), "Line 2 is no JSON"),
    "no_text.jsonl": (b'{"title": "x"}\n', "has no text. .*title"),
    "list.jsonl": (b"[1, 2]\n", "no JSON object but a list"),
    "half.jsonl": (rb'{"ti\ud800tle": "x"}', "has no text"),
    "number.jsonl": (b'{"text": 5}\n', "has no text"),
    "deep.jsonl": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_in_quarantine_with_a_sentence(name: str, clean: Clean, raw: Path, out: Path) -> None:
    content, sentence = BAD_FILES[name]
    (raw / name).write_bytes(content)
    outcome = clean()
    assert outcome.new_faults == 1
    sick = read_table(Store(out), "quarantine")
    assert sick["source_path"].to_list() == [name]
    assert sick["error"].str.contains(sentence).all()
    assert read_table(Store(out), "documents").height >= 4
    assert not list(verify(Store(out)))


def test_good_rows_beside_bad_ones_are_read(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "mixed.jsonl").write_text(ROW + '{"text": \n' + "\n" + ROW.replace("xã", "huyện"), "utf-8")
    clean()
    assert read_table(Store(out), "sources").filter(source_path="mixed.jsonl")["source_record"].to_list() == [
        0,
        2,
    ]
    assert read_table(Store(out), "quarantine").select("source_path", "source_record").rows() == [
        ("mixed.jsonl", 1)
    ]


def test_an_empty_file_is_no_error(clean: Clean, raw: Path, out: Path) -> None:
    for name, content in {
        "a.txt": b"",
        "b.txt": b"\xef\xbb\xbf",
        "c.jsonl": b"\n",
        "d.txt": b" \r\n\t",
    }.items():
        (raw / name).write_bytes(content)
    outcome = clean()
    assert outcome.new_faults == 0
    empty = read_table(Store(out), "sources").filter(status="empty")["source_path"].to_list()
    assert empty == ["a.txt", "b.txt", "c.jsonl", "chodem.example/empty.txt", "d.txt"]
    assert not list(verify(Store(out)))


def test_a_file_that_stays_bad_is_reported_once_as_new(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "number.jsonl").write_bytes(b'{"text": 5}\n')
    assert clean().new_faults == 1
    first = read_table(Store(out), "quarantine")
    outcome = clean()
    assert outcome.new_faults == 0
    assert outcome.run["quarantined"] == 1
    assert read_table(Store(out), "quarantine").equals(first)
    (raw / "number.jsonl").write_text(ROW, "utf-8")
    clean()
    assert read_table(Store(out), "quarantine").is_empty()


def test_nothing_outside_raw_is_read_and_nothing_in_circles(
    clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("Không ai được đọc dòng này vào kho cả.", "utf-8")
    (raw / "out.txt").symlink_to("../secret.txt")
    (raw / "up").symlink_to(".")
    (raw / "loop.txt").symlink_to("loop.txt")
    (raw / "again.txt").symlink_to("songque.example/lu-rut.txt")
    os.mkfifo(raw / "pipe.txt")
    (raw / ".hidden.txt").write_text(GOOD, "utf-8")
    clean()
    sick = read_table(Store(out), "quarantine")
    assert sick["source_path"].to_list() == ["loop.txt", "out.txt", "pipe.txt", "up"]
    assert not read_table(Store(out), "paragraphs")["raw"].str.contains("Không ai được đọc").any()
    assert "again.txt" in read_table(Store(out), "sources")["source_path"].to_list()
    assert ".hidden.txt" not in read_table(Store(out), "sources")["source_path"].to_list()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_access_is_in_quarantine(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "songque.example/locked.txt").write_text(GOOD, "utf-8")
    (raw / "songque.example/locked.txt").chmod(0)
    clean()
    assert read_table(Store(out), "quarantine")["error"].str.contains("No permission").all()


def test_a_reader_that_fails_costs_one_file(clean: Clean, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("too much")

    monkeypatch.setitem(__import__("tasks.read.formats", fromlist=["READERS"]).READERS, ".jsonl", fail)
    clean()
    sick = read_table(Store(out), "quarantine")
    assert sick["source_path"].to_list() == ["dump.jsonl"]
    assert sick["error"].str.contains("MemoryError: too much").all()


def test_names_that_are_no_text(clean: Clean, raw: Path, out: Path) -> None:
    name = os.fsdecode(b"l\xff\n.txt")
    (raw / name).write_text(GOOD, "utf-8")
    clean()
    assert "l\\xff\n.txt" in read_table(Store(out), "sources")["source_path"].to_list()
    assert clean().stages["read"]["records"] == 0


def test_half_a_surrogate_pair_does_not_break_a_record(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "half.jsonl").write_text(r'{"text": "Nước lên \ud800 trong đêm, cả xóm thức canh đê."}', "utf-8")
    clean()
    row = read_table(Store(out), "paragraphs").filter(source_path="half.jsonl")
    assert r"lên \ud800 trong" in row["raw"].item()


def test_records_with_one_id_stay_apart(clean: Clean, raw: Path, out: Path) -> None:
    rows = [
        {"id": "x", "text": f"Bản tin số {n} của ngày hôm nay, mỗi bản một chuyện khác nhau."}
        for n in (1, 2, 3)
    ]
    (raw / "twice.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    clean()
    ids = read_table(Store(out), "sources").filter(source_path="twice.jsonl")["document_id"]
    assert ids.n_unique() == 3


def test_a_document_that_is_too_long_is_not_read(raw: Path, out: Path) -> None:
    (raw / "long.txt").write_bytes(b"a " * 2**20)
    run(Job(raw, out, Settings(read=ReadOptions(max_document_mib=1))))
    assert read_table(Store(out), "quarantine")["error"].str.contains("longer than 1 MiB").all()


def test_charset_of_a_text_gives_back_its_bytes(clean: Clean, raw: Path, out: Path) -> None:
    contents = {
        "utf8.txt": GOOD.encode(),
        "bom.txt": b"\xef\xbb\xbf" + GOOD.encode(),
        "utf16.txt": GOOD.encode("utf-16"),
        "cp1252.txt": "À l’été, l’Assemblée nationale a voté le projet de loi défendu par le ministre.\n".encode(
            "cp1252"
        ),
        "mac.txt": GOOD.replace("\n", "\r").encode() * 2,
    }
    for name, content in contents.items():
        (raw / name).write_bytes(content)
    clean()
    sources = read_table(Store(out), "sources")
    for name, content in contents.items():
        charset = str(sources.filter(source_path=name)["source_charset"].item())
        pieces = read_table(Store(out), "paragraphs").filter(source_path=name)["raw"]
        text = content.decode(charset)
        assert text.encode(charset) == content
        assert "".join(pieces.str.join("").item().split()) == "".join(text.split()).removeprefix("\ufeff")
        assert isinstance(pieces, pl.Series)


def test_ids_that_look_like_the_marks_of_repeats_stay_apart(clean: Clean, raw: Path, out: Path) -> None:
    ids = ["a", "a", "a\x002", "~2=a", "~2~2=a", "#0"]
    rows = [{"id": name, "text": f"Bản tin {n} {name!r}"} for n, name in enumerate(ids)]
    (raw / "crafted.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    clean()
    assert not list(verify(Store(out)))
    assert (
        read_table(Store(out), "sources").filter(source_path="crafted.jsonl")["document_id"].n_unique() == 6
    )


def test_a_date_that_no_calendar_has_costs_no_record(clean: Clean, raw: Path, out: Path) -> None:
    dates = ["Tue, 14 May 99999999999999999999 08:15:00 +0000", "14 May 2024 08:15:00 +9999999", "2024-13-45"]
    rows = [{"text": f"Bản tin số {n}", "date": date} for n, date in enumerate(dates)]
    (raw / "dates.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert clean().new_faults == 0
    extra = read_table(Store(out), "sources").filter(source_path="dates.jsonl")["extra"].to_list()
    assert [json.loads(text)["date"] for text in extra] == dates


def test_a_name_that_looks_like_an_escape_is_not_taken_for_one(clean: Clean, raw: Path, out: Path) -> None:
    (raw / os.fsdecode(b"\xff.txt")).write_text(GOOD, "utf-8")
    (raw / r"\xff.txt").write_text(GOOD.replace("xã", "huyện"), "utf-8")
    clean()
    assert not list(verify(Store(out)))
    assert clean().run["inputs_changed"] == 0


def test_blank_is_what_python_calls_blank(clean: Clean, raw: Path, out: Path) -> None:
    (raw / "blank.jsonl").write_text('{"text": "\\u001c \\u0085\\u2028"}', "utf-8")
    clean()
    assert not list(verify(Store(out)))


def test_a_reader_that_fails_in_mid_file_names_the_record(
    clean: Clean, raw: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks.read import records

    real = records.map_fields

    def fail(fields: dict[str, object], names: records.Fields) -> object:
        if fields.get("n") == 1:
            raise ArithmeticError("odd")
        return real(fields, names)

    monkeypatch.setattr(records, "map_fields", fail)
    rows = [{"n": n, "text": f"Bản tin số {n}"} for n in range(3)]
    (raw / "odd.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    clean()
    sick = read_table(Store(out), "quarantine").filter(source_path="odd.jsonl")
    assert sick["source_record"].to_list() == [1]
    assert not list(verify(Store(out)))
