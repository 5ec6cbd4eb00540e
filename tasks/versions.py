"""Versions: what changed between two commits of a corpus, and what had changed before it did."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.store import Row, Store
from tasks.superseded import scan_older

MAX_EXAMPLES: Final = 5
COMPARED: Final = ("verdict", "reason", "rule", "text")


class Cause(NamedTuple):
    """One thing that differs between two runs.

    Attributes:
        kind: setting | step | version | input.
        name: The setting, the step, or what became of inputs.
        before: As it was, short.
        after: As it is.
    """

    kind: str
    name: str
    before: str
    after: str


class Moved(NamedTuple):
    """Paragraphs that went from one verdict to another.

    Attributes:
        before: Reason, `kept`, or `-` where the paragraph was not there.
        after: The same, as it is.
        rule: What decides now (what decided, where the paragraph is gone).
        cause: input: its own source is new, changed or gone. copy: the source of the copy that holds it, or held
            it, is, or that of a newer version of the page. mark: a person decided. decision: neither; a setting or a step's rules did it.
        paragraphs: How many.
        examples: Places and texts.
    """

    before: str
    after: str
    rule: str
    cause: str
    paragraphs: int
    examples: list[tuple[str, str]]


class Difference(NamedTuple):
    """What changed between two versions."""

    documents: dict[str, int]
    paragraphs: dict[str, int]
    causes: list[Cause]
    moved: list[Moved]


def compare_versions(store: Store, one: int, other: int) -> Difference:
    """Hold two versions of a corpus against each other, as `decant history` numbers them.

    Paragraphs are the same if their document and their place among its pieces with the same raw text are.
    Parts may differ between versions, so both ledgers are joined as a whole, streaming.

    Raises:
        UsageError: there is no such version, or its files are gone.
        StoreError: there is no corpus.
    """
    store.require_corpus()
    before, after = (open_version(store, number) for number in (one, other))
    first, second = before.last_run, after.last_run
    assert first is not None
    assert second is not None
    inputs = _compare_inputs(before, after)
    rows = _compare_ledgers(before, after, inputs)
    documents = _compare_documents(before, after)
    counts = Counter[str]()
    for was, now, count in rows.group_by("was", "now").agg(pl.len()).iter_rows():
        counts["added" if was == "-" else "removed" if now == "-" else "changed"] += count
    told = Counter(inputs["became"].to_list())
    causes = [
        *_compare_runs(first, second),
        *(Cause("input", name, "", str(told[name])) for name in sorted(told)),
    ]
    return Difference(
        documents, {name: counts[name] for name in ("added", "removed", "changed")}, causes, _group(rows)
    )


def open_version(store: Store, number: int) -> Store:
    """A corpus as one of its runs left it.

    Raises:
        UsageError: there was no such run, or a file of that version has been vacuumed.
    """
    numbers = store.runs["number"].to_list()
    if number not in numbers:
        raise UsageError(f"There is no version {number}; `decant history` lists 1 to {store.run_number}.")
    opened = Store(store.root)
    opened.runs = store.runs.filter(pl.col("number") <= number)
    lost = [
        file.path
        for table in ("sources", "paragraphs", "documents")
        for file in opened.files(table)
        if not file.path.exists()
    ]
    if lost:
        raise UsageError(
            f"Version {number} cannot be read any more: {lost[0].name} was vacuumed. Name a later one."
        )
    return opened


def _compare_inputs(before: Store, after: Store) -> pl.DataFrame:
    """source_path, became (new | changed | gone) of the inputs that are not what they were."""
    columns = pl.col("source_path"), pl.col("source_sha256")
    old, new = (store.scan("sources").select(columns).unique() for store in (before, after))
    both = old.join(new, on="source_path", how="full", coalesce=True, suffix="_now")
    is_same = pl.col("source_sha256").eq_missing(pl.col("source_sha256_now"))
    became = (
        pl.when(pl.col("source_sha256").is_null())
        .then(pl.lit("new"))
        .when(pl.col("source_sha256_now").is_null())
        .then(pl.lit("gone"))
        .otherwise(pl.lit("changed"))
    )
    return both.filter(~is_same).select("source_path", became=became).collect().sort("source_path")


def _compare_ledgers(before: Store, after: Store, inputs: pl.DataFrame) -> pl.DataFrame:
    """was, now, rule, cause, place, text of every paragraph that is not what it was."""
    old, new = (_read_ledger(store) for store in (before, after))
    key = ["document_id", "raw", "occurrence"]
    both = old.join(new, on=key, how="full", coalesce=True, suffix="_now")
    told = pl.col("source_path").fill_null(pl.col("source_path_now"))
    was, now = (
        pl.when(pl.col(f"verdict{side}").is_null())
        .then(pl.lit("-"))
        .otherwise(pl.col(f"reason{side}").fill_null("kept"))
        for side in ("", "_now")
    )
    is_same = (
        was.eq(now)
        & pl.col("rule").eq_missing(pl.col("rule_now"))
        & pl.col("text").eq_missing(pl.col("text_now"))
    )
    return (
        both.filter(~is_same)
        .select(
            was=was,
            now=now,
            rule=pl.coalesce("rule_now", "rule").fill_null("-"),
            source_path=told,
            line=pl.coalesce("line_now", "line"),
            raw="raw",
            copies=pl.concat_list(
                *(
                    pl.col(f"{name}{side}")
                    for name in ("duplicate_of_document", "superseded_by")
                    for side in ("", "_now")
                )
            ),
        )
        .collect()
        .with_columns(cause=_name_cause(before, after, inputs))
        .sort("was", "now", "rule", "source_path", "line", "raw")
    )


def _name_cause(before: Store, after: Store, inputs: pl.DataFrame) -> pl.Expr:
    changed = inputs["source_path"].implode()
    touched = pl.concat(
        store.scan("sources").filter(pl.col("source_path").is_in(changed)).select("document_id")
        for store in (before, after)
    )
    documents = touched.unique().collect()["document_id"].implode()
    return (
        pl.when(pl.col("source_path").is_in(changed))
        .then(pl.lit("input"))
        .when(pl.col("rule").str.starts_with("mark."))
        .then(pl.lit("mark"))
        .when(pl.col("copies").list.eval(pl.element().is_in(documents)).list.any())
        .then(pl.lit("copy"))
        .otherwise(pl.lit("decision"))
    )


def _read_ledger(store: Store) -> pl.LazyFrame:
    columns = ("document_id", "paragraph", "source_path", "line", "raw", "duplicate_of_document", *COMPARED)
    rows = store.scan("paragraphs").select(columns).sort("document_id", "paragraph")
    rows = rows.join(scan_older(store), on="document_id", how="left", maintain_order="left")
    return rows.with_columns(occurrence=pl.int_range(pl.len()).over("document_id", "raw")).drop("paragraph")


def _compare_documents(before: Store, after: Store) -> dict[str, int]:
    old, new = (store.scan("documents").select("document_id", "text") for store in (before, after))
    both = old.join(new, on="document_id", how="full", coalesce=True, suffix="_now")
    was, now = pl.col("text").is_not_null(), pl.col("text_now").is_not_null()
    counts = both.select(
        added=(~was & now).sum(),
        removed=(was & ~now).sum(),
        changed=(was & now & (pl.col("text") != pl.col("text_now"))).sum(),
    )
    return counts.collect().row(0, named=True)


def _compare_runs(before: Row, after: Row) -> Iterator[Cause]:
    """Settings, steps and version that differ."""
    if before["decant_version"] != after["decant_version"]:
        yield Cause("version", "decant", str(before["decant_version"]), str(after["decant_version"]))
    old, new = (flatten(json.loads(str(run["config"]))) for run in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if (old.get(name) or None) != (new.get(name) or None):
            yield Cause("setting", name, show_value(old.get(name)), show_value(new.get(name)))
    settings = {name.partition(".")[0] for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    steps = (json.loads(str(run["step_digests"])) for run in (before, after))
    was, now = steps
    for step in sorted(was.keys() | now.keys()):
        if was.get(step) != now.get(step) and step not in settings:
            yield Cause("step", step, "other code or rules", "its code or rules have changed")


def flatten(config: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Settings by dotted name.

    >>> flatten({"match": {"scope": "label"}, "gone": "drop"})
    {'match.scope': 'label', 'gone': 'drop'}
    """
    flat: dict[str, object] = {}
    for name, value in config.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def show_value(value: object) -> str:
    """A setting for a reader: marks and other lists by their length."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{len(value)} entries"
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def _group(rows: pl.DataFrame) -> list[Moved]:
    groups = rows.group_by("was", "now", "rule", "cause", maintain_order=True).agg(
        pl.len(), pl.col("source_path", "line", "raw").head(MAX_EXAMPLES)
    )
    moved = [
        Moved(
            was,
            now,
            rule,
            cause,
            count,
            [(f"{path}:{line}", raw) for path, line, raw in zip(paths, lines, raws, strict=True)],
        )
        for was, now, rule, cause, count, paths, lines, raws in groups.iter_rows()
    ]
    return sorted(moved, key=lambda one: (-one.paragraphs, one.before, one.after, one.rule))
