"""`decant verify` proves a corpus whole, and names damage of every kind in every table."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_corpus import FLOOD, write_raw

from tasks.data_files import Change, DataFile
from tasks.job import Job
from tasks.stages import run
from tasks.store import WHOLE, Store
from tasks.verify import verify

Tamper = Callable[[pl.DataFrame], pl.DataFrame]


def rewrite(out: Path, table: str, tamper: Tamper, number: int = 0) -> None:
    """Put other rows in a table's file, under a name with the right digest, as a careful vandal would."""
    store = Store(out)
    file = store.run_files()[0] if table == "runs" else store.files(table)[number]
    rows = tamper(pl.read_parquet(file.path))
    rows.write_parquet(file.path)
    digest = DataFile(file.path, file.part, file.digest).read_digest()
    new = file.path.with_name(file.path.name.replace(file.digest, digest))
    file.path.rename(new)
    for log in (out / table / "_delta_log").glob("*.json"):
        log.write_text(log.read_text().replace(file.path.name, new.name))


def spoil(column: str, value: object, where: pl.Expr | None = None) -> Tamper:
    """Set a column to a value in some rows."""
    condition = pl.lit(value=True) if where is None else where

    def tamper(rows: pl.DataFrame) -> pl.DataFrame:
        new = pl.when(condition).then(pl.lit(value, rows.schema[column])).otherwise(pl.col(column))
        return rows.with_columns(new.alias(column))

    return tamper


def drop_one(where: pl.Expr) -> Tamper:
    def tamper(rows: pl.DataFrame) -> pl.DataFrame:
        chosen = rows.with_row_index("n").filter(where)["n"][0]
        return rows.with_row_index("n").filter(pl.col("n") != chosen).drop("n")

    return tamper


REMOVED, KEPT = pl.col("verdict") == "removed", pl.col("verdict") == "kept"
DUPLICATE = pl.col("reason").str.starts_with("duplicate_").fill_null(value=False)

TAMPERINGS = {
    "a character of raw": (
        "paragraphs",
        spoil("raw", FLOOD[0].replace("3/4", "4/4"), pl.col("raw") == FLOOD[0]),
        "coverage",
    ),
    "a paragraph lost": ("paragraphs", drop_one(KEPT), "coverage"),
    "the text of a kept paragraph": ("paragraphs", spoil("text", "khác", KEPT), "documents"),
    "a text without its repair": ("paragraphs", spoil("text", "khác", REMOVED), "repairs"),
    "another text beside its repair": (
        "paragraphs",
        spoil("text", "khác", REMOVED & (pl.col("repairs").list.len() > 0)),
        "replay",
    ),
    "an unknown repair": ("paragraphs", spoil("repairs", ["magic"]), "repairs"),
    "an offset": ("paragraphs", spoil("start", 1, pl.col("paragraph") == 0), "pieces"),
    "a line": ("paragraphs", spoil("line", 1, pl.col("paragraph") == 2), "lines"),
    "a reason of a kept paragraph": ("paragraphs", spoil("reason", "advert", KEPT), "verdicts"),
    "an unknown reason": ("paragraphs", spoil("reason", "boring", REMOVED), "verdicts"),
    "a removal without a rule": ("paragraphs", spoil("rule", None, REMOVED), "verdicts"),
    "a kept copy that goes": ("paragraphs", spoil("verdict", "removed", KEPT), "pointers"),
    "a pointer to nothing": ("paragraphs", spoil("duplicate_of_paragraph", 99, DUPLICATE), "pointers"),
    "a duplicate without a pointer": (
        "paragraphs",
        spoil("duplicate_of_document", None, DUPLICATE),
        "pointers",
    ),
    "the digest of another text": ("index", spoil("digest", b"12345678"), "index"),
    "a paragraph that the index lacks": ("index", drop_one(pl.lit(value=True)), "index"),
    "a class that is nowhere": ("classes", drop_one(pl.lit(value=True)), "index"),
    "a run that never was": ("paragraphs", spoil("run_id", "r000099"), "runs"),
    "a document's text": ("documents", spoil("text", "khác"), "documents"),
    "a document's title": ("documents", spoil("title", "khác"), "sources"),
    "a document lost": ("documents", drop_one(pl.lit(value=True)), "documents"),
    "a document twice": ("documents", lambda rows: pl.concat([rows, rows.head(1)]), "schema"),
    "a source lost": ("sources", drop_one(pl.col("status") == "read"), "coverage"),
    "a source's digest": ("sources", spoil("record_digest", "0" * 32), "coverage"),
    "a source's status": ("sources", spoil("status", "empty"), "sources"),
    "a source without a path": ("sources", spoil("source_path", None), "schema"),
    "a pair of nothing": ("duplicates", spoil("a_paragraph", 99), "pairs"),
    "an unknown decision": ("duplicates", spoil("decision", "perhaps"), "pairs"),
    "a column lost": ("duplicates", lambda rows: rows.drop("why"), "schema"),
    "a column of another type": (
        "quarantine",
        lambda rows: rows.with_columns(pl.col("source_record").cast(pl.String)),
        "schema",
    ),
    "an error that says nothing": ("quarantine", spoil("error", "bad"), "quarantine"),
    "a quarantined record that was read": (
        "quarantine",
        spoil("source_path", "songque.example/lu-rut.txt"),
        "quarantine",
    ),
    "a count": ("runs", spoil("paragraphs_kept", 7), "runs"),
    "a run lost": ("runs", lambda rows: rows.tail(1), "runs"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    raw, out = write_raw(folder / "raw"), folder / "clean"
    mended = "Chợ nổi họp lại, giá vé vẫn là 10.000 đồng."
    (raw / "mended.txt").write_text(f"{mended}\nTheo Báo Sông Quê".encode().decode("latin-1"), "utf-8")
    (raw / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    run(Job(raw, out))
    run(Job(raw, out))
    return out


@pytest.fixture
def corpus(whole: Path, out: Path) -> Path:
    return Path(shutil.copytree(whole, out))


def checks(out: Path) -> set[str]:
    return {fault.check for fault in verify(Store(out))}


def test_a_corpus_is_whole(corpus: Path) -> None:
    assert list(verify(Store(corpus))) == []


@pytest.mark.parametrize("name", TAMPERINGS)
def test_damage_is_named(name: str, corpus: Path) -> None:
    table, tamper, check = TAMPERINGS[name]
    rewrite(corpus, table, tamper)
    assert check in checks(corpus)


@pytest.mark.parametrize("table", ["sources", "paragraphs", "documents", "duplicates", "quarantine", "runs"])
def test_changed_bytes_are_named(table: str, corpus: Path) -> None:
    store = Store(corpus)
    file = (store.run_files() if table == "runs" else store.files(table))[0].path
    rows = pl.read_parquet(file)
    rows.write_parquet(file, compression="uncompressed")
    faults = [fault for fault in verify(Store(corpus)) if fault.check == "files"]
    assert [(fault.table, fault.place) for fault in faults] == [(table, file.name)]


@pytest.mark.parametrize("table", ["sources", "paragraphs", "documents", "duplicates"])
def test_a_lost_or_cut_file_is_named(table: str, corpus: Path) -> None:
    file = Store(corpus).files(table)[0].path
    file.write_bytes(file.read_bytes()[:-20])
    assert "files" in checks(corpus)
    file.unlink()
    assert "files" in checks(corpus)


def test_a_version_that_no_run_committed_is_named(corpus: Path) -> None:
    store = Store(corpus)
    rows = store.scan("documents").collect().head(1)
    file = store.write_file(rows, "documents", WHOLE, store.run_number + 1)
    store._apply("documents", Change([file], store.files("documents")))
    faults = list(verify(Store(corpus)))
    assert [(fault.check, fault.table) for fault in faults] == [("versions", "documents")]


@pytest.fixture
def parted(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of which each document is a part."""
    monkeypatch.setattr("tasks.read.SHARD_CHARS", 1)
    run(Job(write_raw(tmp_path / "raw"), out))
    return out


def test_a_corpus_of_parts_is_whole(parted: Path) -> None:
    assert len(Store(parted).files("paragraphs")) > 3
    assert list(verify(Store(parted), workers=2)) == []


def test_parts_are_held_against_each_other(parted: Path) -> None:
    store = Store(parted)
    pointing = store.scan("paragraphs").filter(DUPLICATE).collect().row(0, named=True)
    kept = (pl.col("document_id") == pointing["duplicate_of_document"]) & KEPT
    files = [pl.read_parquet(file.path).filter(kept).height for file in store.files("paragraphs")]
    rewrite(parted, "paragraphs", spoil("verdict", "removed", kept), files.index(max(files)))
    places = [fault.place for fault in verify(Store(parted)) if fault.check == "pointers"]
    assert any(pointing["source_path"] in place for place in places)


def test_a_row_in_two_parts_is_named(parted: Path) -> None:
    first = Store(parted).scan("sources", [Store(parted).files("sources")[0].part]).collect()
    rewrite(parted, "sources", lambda rows: pl.concat([rows, first]), 1)
    faults = [fault for fault in verify(Store(parted)) if fault.what == "two rows have one key"]
    assert {fault.place for fault in faults} == {f"{path} 0" for path in first["source_path"]}
