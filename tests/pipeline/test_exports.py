"""What leaves the corpus: plain files, a dataset, a feed of changes, and the promise that they keep."""

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard
from command_line import decant, start
from small_corpus import write_raw

from tasks.dataset import export_dataset
from tasks.errors import StoreError, UsageError
from tasks.export import export_table, read_file, read_table
from tasks.feed import read_changes
from tasks.in_order import read_in_order
from tasks.job import Job
from tasks.schemas import TABLES, check, make_json_schema
from tasks.selection import Selection
from tasks.stages import run
from tasks.store import Store

FORMULA = '=HYPERLINK("http://bad.example") là dòng mà bảng tính tưởng là công thức.'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two versions of a corpus: the second has a page less, one more, and one that changed."""
    folder = tmp_path_factory.mktemp("exports")
    raw = write_raw(folder / "raw")
    run(Job(raw, folder / "clean"))
    (raw / "songque.example/lu-rut-hai.txt").unlink()
    (raw / "chodem.example/moi.txt").write_text(FORMULA, "utf-8")
    with (raw / "chodem.example/lu.txt").open("a", encoding="utf-8") as page:
        page.write("\nXã Đông Ngàn mở thêm một bến phà cho 45 hộ ở cồn Giữa đi lại trong mùa nước.")
    run(Job(raw, folder / "clean", allow_gone=True))
    return Store(folder / "clean")


# -- files --------------------------------------------------------------------------------------------


def test_packed_files(store: Store, tmp_path: Path) -> None:
    texts = read_table(store, "documents")["text"].to_list()
    for name, unpack in {"a.jsonl.gz": gzip.decompress, "a.jsonl.zst": unpack_zstandard}.items():
        export_table(store, "documents", tmp_path / name, "jsonl")
        lines = unpack((tmp_path / name).read_bytes()).decode().splitlines()
        assert [json.loads(line)["text"] for line in lines] == texts


def unpack_zstandard(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def test_csv_holds_no_formula_and_loses_nothing(store: Store, tmp_path: Path) -> None:
    export_table(store, "documents", tmp_path / "a.csv", "csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    assert "'" + FORMULA in [row["text"] for row in rows]
    assert {row["text"].removeprefix("'") for row in rows} == set(read_table(store, "documents")["text"])


def test_documents_are_chosen(store: Store) -> None:
    by_site = read_table(store, "documents", Selection(sites=("bandoc.example",)))
    assert by_site["site"].unique().to_list() == ["bandoc.example"]
    ledger = read_table(store, "paragraphs", Selection(sites=("bandoc.example",)))
    assert set(ledger["document_id"]) >= set(by_site["document_id"])
    assert read_table(store, "documents", Selection(since="2024-05-14", until="2024-05-14")).height == 1
    assert read_table(store, "documents", Selection(since="2024-05-15")).is_empty()
    assert read_table(store, "documents", Selection(languages=("vi",))).height > 1
    assert read_table(store, "documents", Selection(languages=("fr",))).is_empty()
    pairs = read_table(store, "duplicates")
    for side in ("a_document", "b_document"):
        site = read_table(store, "sources").filter(document_id=pairs[side][0])["site"].item()
        assert pairs.row(0) in read_table(store, "duplicates", Selection(sites=(site,))).rows()
    with pytest.raises(UsageError, match="belong to no document"):
        read_table(store, "runs", Selection(languages=("vi",)))
    for day in ("yesterday", "2024-13-01", "2023-02-29"):
        with pytest.raises(UsageError, match="is no day"):
            Selection(since=day)


# -- readers of others --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for name in ("documents", "paragraphs"):
        export_table(store, name, folder / f"{name}.parquet", "parquet")
    return folder


def expected_pieces(store: Store) -> int:
    """Kept paragraphs, by the documents' own count."""
    return int(read_table(store, "documents")["paragraphs_kept"].sum())


def test_duckdb_joins_text_to_provenance(store: Store, files: Path) -> None:
    import duckdb

    query = f"""
        select count(*), bool_and(contains(d.text, p.text))
        from '{files}/documents.parquet' d join '{files}/paragraphs.parquet' p using (document_id)
        where p.verdict = 'kept'
    """  # noqa: S608 - paths of the test
    assert duckdb.sql(query).fetchall() == [(expected_pieces(store), True)]


def test_pandas_joins_text_to_provenance(store: Store, files: Path) -> None:
    import pandas as pd

    documents, ledger = (pd.read_parquet(files / f"{name}.parquet") for name in ("documents", "paragraphs"))
    both = ledger[ledger.verdict == "kept"].merge(documents, on="document_id", suffixes=("_piece", ""))
    assert len(both) == expected_pieces(store)
    assert all(piece in text for piece, text in zip(both.text_piece, both.text, strict=True))


def test_polars_joins_text_to_provenance_in_place(store: Store) -> None:
    documents = pl.scan_delta(str(store.root / "documents"))
    ledger = pl.scan_delta(str(store.root / "paragraphs")).filter(verdict="kept")
    assert ledger.join(documents, on="document_id").collect().height == expected_pieces(store)


def test_hugging_face_loads_the_dataset(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own: what it may not do without a network is set when it is imported."""
    count = export_dataset(store, tmp_path / "corpus")
    code = """
import json, sys
from datasets import load_dataset, get_dataset_config_names
folder, cache = sys.argv[1:]
loaded = {name: load_dataset(folder, name, split="train", cache_dir=cache) for name in get_dataset_config_names(folder)}
texts = {row["document_id"]: row["text"] for row in load_dataset(folder, split="train", cache_dir=cache)}
kept = [row for row in loaded["paragraphs"] if row["verdict"] == "kept"]
print(json.dumps({"names": list(loaded), "documents": len(texts), "kept": len(kept),
    "joined": all(row["text"] in texts[row["document_id"]] for row in kept),
    "pairs": [row["edits"] for row in loaded["duplicates"]]}))
"""
    environment = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "corpus"), str(tmp_path / "cache")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["names"] == ["documents", "paragraphs", "sources", "duplicates"]
    assert (found["documents"], found["kept"], found["joined"]) == (count, expected_pieces(store), True)
    assert [len(edits) for edits in found["pairs"]] == read_table(store, "duplicates")[
        "edits"
    ].list.len().to_list()
    with pytest.raises(UsageError, match="is there already"):
        export_dataset(store, tmp_path / "corpus")


# -- changes ------------------------------------------------------------------------------------------


def test_a_feed_makes_the_one_version_into_the_other(store: Store) -> None:
    feed = read_changes(store, "documents", 1, 2)
    by_change = {
        change: rows["source_path"].to_list()
        for (change,), rows in feed.group_by("change", maintain_order=True)
    }
    assert by_change["removed"] == ["songque.example/lu-rut-hai.txt"]
    assert by_change["added"] == ["chodem.example/moi.txt"]
    assert "chodem.example/lu.txt" in by_change["changed"]
    for name in ("documents", "paragraphs", "sources", "duplicates"):
        assert replay(store, name) == set(read_table(store, name).select(TABLES[name].key).rows()), name
    assert read_changes(store, "documents", 2, 2).is_empty()
    assert set(read_changes(store, "documents", 0, 2)["change"]) == {"added"}
    with pytest.raises(StoreError, match="has no version 9"):
        read_changes(store, "documents", 1, 9)


def replay(store: Store, name: str) -> set[Any]:
    """Keys of the second version, made of the first and the feed."""
    key = TABLES[name].key
    first = {
        row for file in store.files_of_run(name, 1) for row in pl.read_parquet(file.path).select(key).rows()
    }
    feed = read_changes(store, name, 1, 2)
    gone = set(feed.filter(change="removed").select(key).rows())
    assert gone <= first
    return (first - gone) | set(feed.filter(pl.col("change") != "removed").select(key).rows())


# -- the promise --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_every_export_keeps_the_promise(name: str, file_format: str, store: Store, tmp_path: Path) -> None:
    import jsonschema

    file = tmp_path / f"a.{file_format}"
    export_table(store, name, file, file_format)
    assert check(read_file(file, name), name) == []
    if file_format == "jsonl":
        for line in file.read_text("utf-8").splitlines():
            jsonschema.validate(json.loads(line), make_json_schema(name))


def test_a_file_that_breaks_the_promise_is_told_apart(store: Store, tmp_path: Path) -> None:
    rows = read_table(store, "paragraphs")
    bad = (
        pl.concat([rows, rows.head(1)])
        .with_columns(verdict=pl.lit("gone"), line=pl.lit("x"), raw=None)
        .drop("end")
    )
    faults = check(bad, "paragraphs")
    for word in ("no column 'end'", "line is String", "raw is null", "holds 'gone'", "1 rows whose"):
        assert any(word in fault for fault in faults), word
    bad.write_parquet(tmp_path / "bad.parquet")
    done = decant("check", tmp_path / "bad.parquet", "paragraphs")
    assert (done.returncode, "no column 'end'" in done.stdout) == (1, True)


def test_commands(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "new.jsonl.zst"
    out = ("--out", store.root)
    done = decant("export", "documents", *out, "--site", "bandoc.example", "--to", file)
    assert (done.returncode, "1 rows" in done.stderr) == (0, True), done.stderr
    done = start("export", "documents", *out, "--since-version", 1, "--to", "-")
    assert {json.loads(line)["change"] for line in done.stdout.splitlines()} >= {
        "added",
        "removed",
        "changed",
    }
    assert decant("export", *out).returncode == 2
    assert decant("export", "documents", *out, "--changes", "1-2").returncode == 2
    assert json.loads(decant("schema", "documents", "--json").stdout)["title"] == "documents"
    assert "documents (version" in decant("schema").stdout
    assert decant("export", *out, "--dataset", tmp_path / "set", "--language", "vi").returncode == 0


# -- large tables -------------------------------------------------------------------------------------


@pytest.fixture
def parted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A corpus of which each document is a part, and more of them than are sorted at once."""
    monkeypatch.setattr("tasks.read.SHARD_CHARS", 1)
    monkeypatch.setattr("tasks.in_order.SAMPLE", 2)
    raw = write_raw(tmp_path / "raw")
    lines = [json.dumps({"id": str(n), "text": f"Bến số {n} có {3 * n + 2} chuyến đò."}) for n in range(9)]
    (raw / "ben.jsonl").write_text("\n".join(lines), "utf-8")
    run(Job(raw, tmp_path / "clean"))
    return Store(tmp_path / "clean")


@pytest.mark.parametrize("table", ["documents", "paragraphs", "sources", "duplicates"])
@pytest.mark.parametrize("selection", [Selection(), Selection(sites=("songque.example",))])
def test_parts_are_handed_on_in_order(
    parted: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, selection: Selection
) -> None:
    assert len(parted.files("documents")) > 6
    slices = list(read_in_order(parted, table, selection))
    for file_format in ("parquet", "jsonl", "csv"):
        export_table(parted, table, tmp_path / f"parts.{file_format}", file_format, selection)
    monkeypatch.setattr("tasks.in_order.MAX_WHOLE", 10**6)
    whole = read_table(parted, table, selection)
    for file_format in ("parquet", "jsonl", "csv"):
        export_table(parted, table, tmp_path / f"whole.{file_format}", file_format, selection)
        names = (tmp_path / f"{name}.{file_format}" for name in ("parts", "whole"))
        assert len({name.read_bytes() for name in names}) == 1
    assert whole.height
    assert pl.concat(slices).equals(whole)
    assert table == "duplicates" or len(slices) > 2


def test_a_dataset_of_parts(parted: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.dataset.FILE_ROWS", 5)
    documents = export_dataset(parted, tmp_path / "set")
    files = sorted((tmp_path / "set" / "documents").glob("*.parquet"))
    assert len(files) == -(-documents // 5)
    assert pl.concat(map(pl.read_parquet, files)).equals(read_table(parted, "documents"))
    assert not list((tmp_path / "set").glob(".*"))


def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/a.parquet cannot be written .* Check the folder"):
        export_table(store, "documents", tmp_path / "nowhere" / "a.parquet", "parquet")
