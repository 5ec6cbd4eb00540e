"""Each format from a program that knows nothing of Decant, and the same file cut off: read there, in quarantine here."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline.written_files import FERRY, ROWS, WELL, write_warc

from tasks.export import read_table
from tasks.job import Job
from tasks.stages import run
from tasks.store import Store
from tasks.verify import verify

LINES = FERRY.split("\n")
PAGE = "".join(f"<p>{line}</p>" for line in (*LINES, WELL))
HTML = f"<!doctype html><html><head><title>Phà</title></head><body><article>{PAGE}</article></body></html>".encode()
TEXT = f"{FERRY}\n{WELL}\n".encode()


def from_command(*command: str) -> Callable[[], bytes]:
    """A program that packs its input; the test is skipped where it is not installed."""

    def write() -> bytes:
        if shutil.which(command[0]) is None:
            pytest.skip(f"needs the command {command[0]}")
        return subprocess.run(command, input=TEXT, capture_output=True, check=True).stdout

    return write


def from_archiver(folder: Path, *command: str) -> bytes:
    """A program that packs a folder."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs the command {command[0]}")
    (folder / "in").mkdir()
    (folder / "in/a.txt").write_bytes(TEXT)
    subprocess.run([*command, "out", "in"], cwd=folder, capture_output=True, check=True)
    return next(path for path in folder.iterdir() if path.is_file()).read_bytes()


def from_duckdb(folder: Path, how: str) -> bytes:
    """The two rows, as DuckDB copies them out."""
    import duckdb
    import pandas as pd

    rows = pd.DataFrame(list(ROWS))
    connection = duckdb.connect()
    connection.register("texts", rows)
    connection.execute(f"copy texts to '{folder}/out' ({how})")
    return (folder / "out").read_bytes()


def from_pandas(how: Callable[..., object], **options: object) -> bytes:
    import pandas as pd

    file = io.BytesIO()
    how(pd.DataFrame(list(ROWS)), file, **options)
    return file.getvalue()


def write(name: str, folder: Path) -> bytes:
    """A good file of a kind."""
    import pandas as pd

    writers: dict[str, Callable[[], bytes]] = {
        "a.txt.gz": from_command("gzip", "-c"),
        "a.txt.bz2": from_command("bzip2", "-c"),
        "a.txt.xz": from_command("xz", "-c"),
        "a.txt.zst": from_command("zstd", "-c", "-q"),
        "a.zip": lambda: from_archiver(folder, "zip", "-q", "-r"),
        "a.tar": lambda: from_archiver(folder, "tar", "-cf"),
        "a.tar.gz": lambda: from_archiver(folder, "tar", "-czf"),
        "a.csv": lambda: from_duckdb(folder, "format csv, header, quote '\"'"),
        "a.ndjson": lambda: from_duckdb(folder, "format json"),
        "a.parquet": lambda: from_duckdb(folder, "format parquet, compression zstd"),
        "b.parquet": lambda: from_pandas(pd.DataFrame.to_parquet, engine="pyarrow"),
        "a.tsv": lambda: from_pandas(pd.DataFrame.to_csv, sep="\t", index=False),
        "a.jsonl": lambda: from_pandas(pd.DataFrame.to_json, orient="records", lines=True),
        "a.warc": lambda: write_warc([("https://bensay.example/pha", "text/html; charset=utf-8", HTML)]),
        "a.warc.gz": lambda: write_warc([("https://bensay.example/pha", "text/plain", TEXT)], packed=True),
        "a.wet": write_wet,
    }
    return writers[name]()


def write_wet() -> bytes:
    """The plain text of a page as Common Crawl gives it out: a record of the type `conversion`."""
    from warcio.warcwriter import WARCWriter

    file = io.BytesIO()
    writer = WARCWriter(file, gzip=False)
    record = writer.create_warc_record(
        "https://bensay.example/pha", "conversion", payload=io.BytesIO(TEXT), warc_content_type="text/plain"
    )
    writer.write_record(record)
    return file.getvalue()


KINDS = (
    *("a.txt.gz", "a.txt.bz2", "a.txt.xz", "a.txt.zst", "a.zip", "a.tar", "a.tar.gz"),
    *("a.csv", "a.tsv", "a.jsonl", "a.ndjson", "a.parquet", "b.parquet", "a.warc", "a.warc.gz", "a.wet"),
)


@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_others_is_read_and_a_part_of_it_is_told(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    content = write(name, made)
    raw, out = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    (raw / name).write_bytes(content)
    # The end of a tar is kilobytes of nothing, of which nobody misses some.
    size = len(content.rstrip(b"\0"))
    (raw / f"cut.{name.partition('.')[2]}").write_bytes(content[: size * 4 // 5])
    run(Job(raw, out))
    ledger = read_table(Store(out), "paragraphs")
    whole = ledger.filter(ledger["source_path"].str.starts_with(name))
    assert {*LINES, WELL} <= set(whole["text"])
    sick = read_table(Store(out), "quarantine")
    assert sick["source_path"].str.starts_with("cut.").all()
    assert sick.height >= 1
    assert not list(verify(Store(out)))


@pytest.mark.parametrize("suffix", [".txt", ".text", ".md", ".html", ".htm", ".xhtml"])
def test_a_page_and_a_text_are_read_and_a_picture_by_their_name_is_told(suffix: str, tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    (raw / f"a{suffix}").write_bytes(HTML if "h" in suffix else TEXT)
    (raw / f"picture{suffix}").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9)
    run(Job(raw, out))
    assert {*LINES, WELL} <= set(read_table(Store(out), "paragraphs")["text"])
    assert read_table(Store(out), "quarantine")["source_path"].to_list() == [f"picture{suffix}"]
    assert not list(verify(Store(out)))
