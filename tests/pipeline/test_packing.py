"""Packed files and archives, and what becomes of those that are damaged, hostile or cut off."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline.written_files import (
    FERRY,
    WELL,
    faults,
    read,
    records,
    write_csv,
    write_parquet,
    write_tar,
    write_zip,
)

from tasks.export import read_table
from tasks.read import ReadOptions
from tasks.read.records import Fault, Record
from tasks.stages import Outcome
from tasks.store import Store
from tasks.verify import verify

Clean = Callable[..., Outcome]

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: __import__("zstandard").compress(content),
}

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
