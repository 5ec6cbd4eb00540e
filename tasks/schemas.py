"""Every table of CLEAN, every verdict and every reason, in the order of the pipeline.

The README of `clean/` is generated from this file, and a test keeps the two together.
"""

from dataclasses import dataclass

import polars as pl

DECANT_VERSION = "0.1.0"
"""Part of every document's row; a new version redoes all steps from the stored `raw`."""

SCHEMA_VERSION = 3
"""Of the tables as declared here, and kept in `runs`: it goes up with every column that comes, or changes its meaning,
its type or its name. A store of an earlier one is brought up to it by the next run, one of a later one is refused."""

STRIP_REASONS = (
    "navigation",
    "related",
    "rating",
    "widget",
    "share",
    "advert",
    "contact",
    "source_credit",
    "caption",
    "byline",
    "timestamp",
    "copyright",
    "comment",
    "repeated_headline",
    "truncated_teaser",
    "site_template",
    "outside_article",
)
"""Why a paragraph is boilerplate."""

MATCH_REASONS = ("duplicate_exact", "duplicate_near", "duplicate_contained", "husk")
"""Why a paragraph is held by another copy."""

REPAIR_REASONS = ("invisible",)
"""Nothing was left of a paragraph but characters that nobody sees."""

VERSION_REASONS = ("superseded",)
"""The page was scraped again, and the settings drop its older versions."""

MARK_REASONS = ("marked",)
"""A person said so (`decant mark`)."""

REASONS = REPAIR_REASONS + STRIP_REASONS + MATCH_REASONS + VERSION_REASONS + MARK_REASONS


@dataclass(frozen=True)
class Column:
    """One column: what it means, in one line, whether it may be null, and the only values it takes (any if none are given)."""

    name: str
    dtype: pl.DataType
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of CLEAN: its rows, the columns that identify a row, and the columns."""

    name: str
    rows: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        """Names and types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})


_TEXT, _INT, _BIG, _REAL = pl.String(), pl.Int32(), pl.Int64(), pl.Float64()
_TIME = pl.Datetime("us", "UTC")
_PLACE = pl.List(pl.Struct({"document_id": pl.String, "paragraph": pl.Int32}))
_EDITS = pl.List(pl.Struct({"kind": pl.String, "a": pl.String, "b": pl.String}))

_ORIGIN = (
    Column(
        "source_path",
        _TEXT,
        "path relative to RAW, of a file in an archive `a.zip!inner/b.txt`; bytes that are no UTF-8 as backslash escapes",
    ),
    Column("source_record", _INT, "0-based record within the file; 0 for a one-document file"),
)
_DOCUMENT_ID = Column("document_id", _TEXT, "32 hex digits; the same source and record give the same id")
_RUN_ID = Column("run_id", _TEXT, "the run that wrote this row as it is")

_PAGE = (
    Column("title", _TEXT, "mapped field, or the headline found", nullable=True),
    Column("language", _TEXT, "ISO 639 code", nullable=True),
    Column("site", _TEXT, "host of the URL, else the first folder under RAW", nullable=True),
    Column("url", _TEXT, "mapped field", nullable=True),
    Column("byline", _TEXT, "mapped field, or found in the text", nullable=True),
    Column("published_at", _TEXT, "ISO 8601; mapped field, or found in the text", nullable=True),
    Column(
        "fetched_at", _TEXT, "ISO 8601; mapped field, or the date of the record in a crawl", nullable=True
    ),
    Column("kind", _TEXT, "article | listing (a page of leads) | spliced (two articles in one record)"),
    Column(
        "superseded_by",
        _TEXT,
        "document_id of the newest version of a page that was scraped again; null for the newest itself",
        nullable=True,
    ),
)

SOURCES = Table(
    "sources",
    "one row per record read",
    ("source_path", "source_record"),
    (
        *_ORIGIN,
        Column("source_sha256", _TEXT, "of the file as it lies in RAW"),
        Column("source_bytes", _BIG, "size of that file, bytes"),
        Column("source_mtime_ns", _BIG, "its modification time when it was read, nanoseconds since 1970"),
        Column("source_charset", _TEXT, "Python codec that turns the record back into the file's bytes"),
        Column("document_id", _TEXT, "the document made of it"),
        Column("record_digest", _TEXT, "xxh3-128 of the record's characters that are not white space"),
        Column("status", _TEXT, "read | empty", values=("read", "empty")),
        *_PAGE,
        Column("extra", _TEXT, "fields of the record that are not mapped, as JSON", nullable=True),
        Column(
            "mapped", _TEXT, "title, byline and published_at as the record gave them, as JSON", nullable=True
        ),
        Column(
            "markup",
            _TEXT,
            "of HTML: per line of the record a code of what its markup said, see tasks/markup.py",
            nullable=True,
        ),
        Column("raw_chars", _BIG, "characters of the decoded record"),
        _RUN_ID,
    ),
)

PARAGRAPHS = Table(
    "paragraphs",
    "the ledger: one row per paragraph of every document read, kept or not",
    ("source_path", "source_record", "paragraph"),
    (
        _DOCUMENT_ID,
        Column("paragraph", _INT, "0-based, in order"),
        *_ORIGIN,
        Column("line", _INT, "1-based line of the decoded record where it starts"),
        Column("start", _BIG, "character offset in the decoded record"),
        Column("end", _BIG, "character offset after the last character"),
        Column("raw", _TEXT, "exactly as decoded"),
        Column("text", _TEXT, "after repair"),
        Column("repairs", pl.List(pl.String), "names of the repairs, in order; empty if untouched"),
        Column("verdict", _TEXT, "kept | removed", values=("kept", "removed")),
        Column("reason", _TEXT, "why it was removed; null when kept", nullable=True, values=REASONS),
        Column("rule", _TEXT, "id of the rule or matcher that decided", nullable=True),
        Column("evidence", _TEXT, "what it saw, short and readable", nullable=True),
        Column("label", _TEXT, "the reason found, also where the policy keeps what it labels", nullable=True),
        Column("duplicate_of_document", _TEXT, "the kept copy: its document", nullable=True),
        Column("duplicate_of_paragraph", _INT, "the kept copy: its paragraph", nullable=True),
        Column("duplicate_of", _PLACE, "all kept copies, where several hold it together", nullable=True),
        Column("similarity", _REAL, "0..1, to the kept copy", nullable=True),
        _RUN_ID,
    ),
)

DOCUMENTS = Table(
    "documents",
    "one row per document that has kept text",
    ("source_path", "source_record"),
    (
        _DOCUMENT_ID,
        Column("text", _TEXT, "kept paragraphs, joined by a newline"),
        *_PAGE,
        *_ORIGIN,
        Column("source_sha256", _TEXT, "of the file as it lies in RAW"),
        Column("source_charset", _TEXT, "Python codec of the file"),
        Column("extra", _TEXT, "fields of the record that are not mapped, as JSON", nullable=True),
        Column("raw_chars", _BIG, "characters of the decoded record"),
        Column("kept_chars", _BIG, "characters of `text`"),
        Column("paragraphs_kept", _INT, "rows of the ledger that stayed"),
        Column("paragraphs_removed", _INT, "rows of the ledger that went"),
        _RUN_ID,
        Column("decant_version", _TEXT, "the version that decided"),
        Column("config_sha256", _TEXT, "of the settings that decided, marks aside"),
    ),
)

DUPLICATES = Table(
    "duplicates",
    "one row per pair of paragraphs decided, kept apart ones too; `a` ranks first (the fuller)",
    ("a_document", "a_paragraph", "b_document", "b_paragraph"),
    (
        Column("a_document", _TEXT, "document of the paragraph that ranks first"),
        Column("a_paragraph", _INT, "its place there"),
        Column("b_document", _TEXT, "document of the other"),
        Column("b_paragraph", _INT, "its place there"),
        Column("retrieved_by", _TEXT, "what brought the two together"),
        Column("similarity", _REAL, "0..1"),
        Column("edits", _EDITS, "what differs, each with the kind of thing it touches"),
        Column(
            "decision",
            _TEXT,
            "same | a_in_b | b_in_a | distinct",
            values=("same", "a_in_b", "b_in_a", "distinct"),
        ),
        Column("why", _TEXT, "the reason in words"),
    ),
)

QUARANTINE = Table(
    "quarantine",
    "one row per input that could not be read",
    ("source_path", "source_record"),
    (
        *_ORIGIN,
        Column("error", _TEXT, "what is wrong and what to do, in a sentence"),
        Column("at", _TIME, "when it was first seen so"),
        Column(
            "source_bytes",
            _BIG,
            "size of the file, bytes; null if it is tried again in every run",
            nullable=True,
        ),
        Column(
            "source_mtime_ns",
            _BIG,
            "its modification time, nanoseconds since 1970; null likewise",
            nullable=True,
        ),
    ),
)

_COUNTS = pl.List(pl.Struct({"name": pl.String, "count": pl.Int64}))
_FIELDS = pl.List(
    pl.Struct({"format": pl.String, "role": pl.String, "field": pl.String, "records": pl.Int64})
)
_VERSIONS = pl.List(pl.Struct({"table": pl.String, "version": pl.Int64}))

RUNS = Table(
    "runs",
    "one row per run; the last one is the commit: it names the version of every other table",
    ("run_id",),
    (
        Column("run_id", _TEXT, "number and time of start"),
        Column("number", _BIG, "1, 2, 3 ..."),
        Column("command", _TEXT, "run | restore | compact | forget"),
        Column("started_at", _TIME, "UTC"),
        Column("ended_at", _TIME, "UTC"),
        Column("inputs_seen", _BIG, "files in RAW"),
        Column("inputs_new", _BIG, "read for the first time"),
        Column("inputs_changed", _BIG, "read again"),
        Column("inputs_gone", _BIG, "no longer there"),
        Column(
            "fields",
            _FIELDS,
            "per format of the inputs read: which field was taken for what, in how many records",
            nullable=True,
        ),
        Column("documents", _BIG, "documents with kept text"),
        Column("paragraphs_kept", _BIG, "rows of the ledger that stayed"),
        Column("paragraphs_removed", _BIG, "rows of the ledger that went"),
        Column("removed", _COUNTS, "removed paragraphs by reason"),
        Column("quarantined", _BIG, "rows in quarantine"),
        Column("pairs_not_examined", _BIG, "pairs with a key in common left out, since too many have it"),
        Column(
            "stock_phrases",
            _BIG,
            "phrases in too many paragraphs to look for near-duplicates by them; null in runs that did not count",
            nullable=True,
        ),
        Column("decant_version", _TEXT, "the version that ran"),
        Column("config", _TEXT, "the settings in force, as JSON"),
        Column("config_sha256", _TEXT, "of those settings, marks aside"),
        Column("step_digests", _TEXT, "JSON: per step, digest of its settings, rules and version"),
        Column("step_files", _TEXT, "JSON: digest of every file of code and rules", nullable=True),
        Column("restored", _BIG, "of a restore: the version gone back to", nullable=True),
        Column("kept_from", _BIG, "oldest version that can be gone back to since then", nullable=True),
        Column("schema_version", _INT, "form of the tables; null in a store of form 1", nullable=True),
        Column("versions", _VERSIONS, "Delta version of every other table"),
    ),
)

TABLES = {table.name: table for table in (SOURCES, PARAGRAPHS, DOCUMENTS, DUPLICATES, QUARANTINE, RUNS)}


def check(frame: pl.DataFrame, table: str) -> list[str]:
    """What of a table as somebody got it is not as it is declared; nothing if all is.

    More columns than declared are no fault.

    Args:
        frame: the rows.
        table: which table they are said to be.

    Raises:
        KeyError: there is no such table.

    >>> check(pl.DataFrame({"document_id": ["a"]}), "documents")[0]
    "documents has no column 'text' (String)."
    """
    declared = TABLES[table]
    faults = [
        f"{table} has no column {column.name!r} ({column.dtype})."
        for column in declared.columns
        if column.name not in frame.columns
    ]
    there = [column for column in declared.columns if column.name in frame.columns]
    faults += [
        f"{table}.{column.name} is {frame.schema[column.name]} and not {column.dtype}."
        for column in there
        if frame.schema[column.name] != column.dtype
    ]
    for column in there:
        values = frame[column.name]
        if not column.nullable and (nulls := values.null_count()):
            faults.append(f"{table}.{column.name} is null in {nulls} rows.")
        if column.values and values.dtype == pl.String:
            strange = values.drop_nulls().filter(~values.drop_nulls().is_in(list(column.values)))
            faults += [f"{table}.{column.name} holds {value!r}." for value in strange.unique().sort().head(5)]
    if set(declared.key) <= set(frame.columns):
        repeated = frame.height - frame.select(declared.key).n_unique()
        faults += [f"{table} has {repeated} rows whose {', '.join(declared.key)} are not their own."] * (
            repeated > 0
        )
    return faults


def make_json_schema(table: str) -> dict[str, object]:
    """The JSON schema of a row as JSONL has it.

    >>> make_json_schema("quarantine")["required"]
    ['source_path', 'source_record', 'error', 'at']
    """
    columns = TABLES[table].columns
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table,
        "description": TABLES[table].rows,
        "version": SCHEMA_VERSION,
        "type": "object",
        "properties": {column.name: _describe_json(column) for column in columns},
        "required": [column.name for column in columns if not column.nullable],
    }


def _describe_json(column: Column) -> dict[str, object]:
    kind = _name_json_type(column.dtype)
    described = kind | {"description": column.meaning}
    if column.nullable:
        described["type"] = [kind["type"], "null"]
    if column.values:
        described["enum"] = [*column.values, *([None] if column.nullable else [])]
    return described


def _name_json_type(dtype: object) -> dict[str, object]:
    if isinstance(dtype, pl.List):
        return {"type": "array", "items": _name_json_type(dtype.inner)}
    if isinstance(dtype, pl.Struct):
        return {"type": "object", "properties": {f.name: _name_json_type(f.dtype) for f in dtype.fields}}
    is_integer = dtype in (pl.Int32, pl.Int64)
    return {"type": "integer" if is_integer else "number" if dtype == pl.Float64 else "string"}


def describe_tables() -> str:
    """The README of `clean/`: every table and column, as Markdown."""
    parts = [_INTRODUCTION]
    for table in TABLES.values():
        parts.append(
            f"## `{table.name}`\n\n{table.rows[0].upper()}{table.rows[1:]}. Sorted by {', '.join(table.key)}.\n"
        )
        parts.append("| column | type | meaning |\n|---|---|---|\n" + "".join(map(_describe, table.columns)))
    return "\n".join(parts)


def _describe(column: Column) -> str:
    kind = str(column.dtype).replace("|", "\\|") + (", may be null" if column.nullable else "")
    return f"| `{column.name}` | {kind} | {column.meaning.replace('|', chr(92) + '|')} |\n"


_INTRODUCTION = f"""# The corpus

`decant run` writes its tables here, each a folder of Delta Lake; this page is made from `tasks/schemas.py`
(version {SCHEMA_VERSION} of the tables; `decant schema TABLE --json` prints it, `decant check FILE TABLE` holds a file against it).
The last row of `runs` is the commit: it names the version of every other table, and `decant` reads through it.

Take plain files from `decant export TABLE`, or read the tables in place with `polars.scan_delta`, DuckDB,
pandas or Spark. `observations`, `index`, `classes`, `candidates` and `holders` are no tables for readers: they hold what `decant run` has counted and signed, so that it need not do so again; nor is `forgotten`, which holds hashes of what must not be read. Never collect the Parquet files of a folder by hand: some hold rows of older versions.

`reason` is one of: {", ".join(f"`{reason}`" for reason in REASONS)}.
"""


if __name__ == "__main__":
    print(describe_tables(), end="")  # noqa: T201 - `python -m tasks.schemas > clean/README.md`
