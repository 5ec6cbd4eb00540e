"""Dataset: the corpus as a folder that Hugging Face `datasets` loads, with a card that says what it is."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tasks.errors import StoreError, UsageError
from tasks.export import CANNOT_WRITE
from tasks.in_order import sort_table
from tasks.schemas import SCHEMA_VERSION, TABLES, Table
from tasks.selection import Selection
from tasks.store import Store

CONFIGS = ("documents", "paragraphs", "sources", "duplicates")
"""Tables that go along, the first by default."""

FILE_ROWS = 100_000
"""Rows of a file; a document of some 3 KB makes that 300 MB, about what the Hub asks for."""

SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
"""The Hub's names for numbers of rows."""


class Written(NamedTuple):
    """A table in the folder."""

    table: Table
    rows: int
    num_bytes: int
    file_bytes: int


def export_dataset(store: Store, to: Path, selection: Selection | None = None) -> int:
    """Write the folder; returns the documents in it.

    Args:
        store: the corpus.
        to: the folder, which must not be there yet, or be empty.
        selection: which documents; all by default.

    Raises:
        UsageError: the folder holds something.
        StoreError: there is no corpus, or the folder cannot be written.
    """
    store.require_corpus()
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"{to} is there already. Name a new folder, or empty that one.")
    pending = to.with_name(f".{to.name}.{os.getpid()}.pending")
    try:
        written = [_write_table(store, TABLES[name], selection, pending / name) for name in CONFIGS]
        documents = pl.scan_parquet(pending / CONFIGS[0] / "*.parquet")
        languages = documents.select(pl.col("language").drop_nulls().unique().sort()).collect()
        (pending / "README.md").write_text(
            write_card(store, written, languages["language"].to_list()), "utf-8"
        )
        if to.exists():
            to.rmdir()
        pending.rename(to)
    except OSError as error:
        shutil.rmtree(pending, ignore_errors=True)
        raise StoreError(CANNOT_WRITE.format(to=to, error=error)) from error
    return written[0].rows


def _write_table(store: Store, table: Table, selection: Selection | None, folder: Path) -> Written:
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix=".rows-", dir=folder.parent) as sorted_rows:
        rows = pl.scan_parquet(sort_table(store, table.name, Path(sorted_rows), selection), glob=False)
        height, size = rows.select(pl.len()).collect().item(), 0
        count = max(1, -(-height // FILE_ROWS))
        for number in range(count):
            some = rows.slice(number * FILE_ROWS, FILE_ROWS).collect()
            some.write_parquet(folder / f"train-{number:05d}-of-{count:05d}.parquet", compression="zstd")
            size += int(some.estimated_size())
    file_bytes = sum(file.stat().st_size for file in folder.iterdir())
    return Written(table, height, size, file_bytes)


def write_card(store: Store, written: list[Written], languages: list[str]) -> str:
    """The card: what a machine reads, then what a person does."""
    run = store.last_run
    assert run is not None
    documents = written[0].rows
    head = [
        "---",
        *(["language:", *(f"- {json.dumps(language)}" for language in languages)] if languages else []),
        "size_categories:",
        f"- {next((name for limit, name in SIZES if documents < limit), '10M<n<100M')}",
        "task_categories:",
        "- text-generation",
        "configs:",
        *(line for table in written for line in _write_config(table)),
        "dataset_info:",
        *(line for table in written for line in _write_info(table)),
        "---",
    ]
    return "\n".join(head) + BODY.format(
        documents=f"{documents:,}", run=run["run_id"], version=run["decant_version"],
        config=run["config_sha256"], schema=SCHEMA_VERSION,
        tables="\n".join(f"| `{table.table.name}` | {table.rows:,} | {table.table.rows} |" for table in written),
        columns="\n".join(f"| `{c.name}` | {c.meaning.replace('|', chr(92) + '|')} |" for c in TABLES["documents"].columns),
    )  # fmt: skip


def _write_config(written: Written) -> list[str]:
    name = written.table.name
    default = ["  default: true"] if name == CONFIGS[0] else []
    return [f"- config_name: {name}", f'  data_files: "{name}/*.parquet"', *default]


def _write_info(written: Written) -> list[str]:
    features = [
        line
        for column in written.table.columns
        for line in [f"  - name: {column.name}", *_write_type(column.dtype, "    ")]
    ]
    return [
        f"- config_name: {written.table.name}",
        "  features:",
        *features,
        "  splits:",
        "  - name: train",
        f"    num_bytes: {written.num_bytes}",
        f"    num_examples: {written.rows}",
        f"  download_size: {written.file_bytes}",
        f"  dataset_size: {written.num_bytes}",
    ]


def _write_type(dtype: object, indent: str) -> list[str]:
    """The type of a column as YAML."""
    if isinstance(dtype, pl.List):
        if isinstance(dtype.inner, pl.Struct):
            return [f"{indent}list:", *_write_fields(dtype.inner, indent)]
        return [f"{indent}list: {_name_type(dtype.inner)}"]
    return [f"{indent}dtype: {_name_type(dtype)}"]


def _write_fields(struct: pl.Struct, indent: str) -> list[str]:
    return [
        line
        for field in struct.fields
        for line in [
            f"{indent}- name: {field.name}",
            f"{indent}  dtype: {_name_type(field.dtype)}",
        ]
    ]


def _name_type(dtype: object) -> str:
    return next(name for known, name in HUB_TYPES if dtype == known)


HUB_TYPES = (
    (pl.String, "large_string"),
    (pl.Int32, "int32"),
    (pl.Int64, "int64"),
    (pl.Float64, "float64"),
    (pl.Datetime, "timestamp[us, tz=UTC]"),
)
"""The names that `datasets` has for the types of our tables."""

BODY = """

# A cleaned corpus, with the reason for every removal

{documents} documents, cleaned and deduplicated by Decant {version} (run {run}, configuration {config}, version
{schema} of the tables). The texts belong to those who published them.

```python
from datasets import load_dataset

documents = load_dataset("path/of/this/folder", split="train")
ledger = load_dataset("path/of/this/folder", "paragraphs", split="train")
```

| configuration | rows | |
|---|---|---|
{tables}

`paragraphs` holds what was removed too, with its reason, and beside a duplicate the place of the copy that stays
(`duplicate_of_document`, `duplicate_of_paragraph`). `document_id` joins all tables.

## `documents`

| column | meaning |
|---|---|
{columns}
"""
