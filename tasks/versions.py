"""Versions: what changed between two commits of a corpus, and what had changed before it did."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.explain import name_line
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
    Files that both versions share are not read. Parts may differ between versions, so the others are joined by
    document, as many at a time as BUCKET_BYTES hold: that is what it takes in memory, beside a row per input.

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
    moved = _compare_ledgers(before, after, inputs)
    documents = _compare_documents(before, after)
    counts = Counter[str]()
    for group in moved:
        counts["added" if group.before == "-" else "removed" if group.after == "-" else "changed"] += (
            group.paragraphs
        )
    told = Counter(inputs["became"].to_list())
    causes = [
        *_compare_runs(first, second),
        *(Cause("input", name, "", str(told[name])) for name in sorted(told)),
    ]
    return Difference(
        documents, {name: counts[name] for name in ("added", "removed", "changed")}, causes, moved
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


GROUP: Final = ("was", "now", "rule", "cause")
BUCKET_BYTES: Final = 64 * 2**20
"""Of the files of both ledgers, packed as they lie on disk; some five times as much in memory."""


def _compare_ledgers(before: Store, after: Store, inputs: pl.DataFrame) -> list[Moved]:
    """Every paragraph that is not what it was, in groups."""
    parts = _list_other_parts(before, after, "paragraphs")
    size = sum(
        file.path.stat().st_size
        for store, own in zip((before, after), parts, strict=True)
        for file in store.files("paragraphs")
        if file.part in own
    )
    buckets = min(256, 1 + size // BUCKET_BYTES)
    named = _name_cause(before, after, inputs)
    counts, heads = [], []
    for bucket in range(buckets):
        is_mine = pl.col("document_id").str.head(2).str.to_integer(base=16) % buckets == bucket
        old, new = (
            _read_ledger(store, own, is_mine) for store, own in zip((before, after), parts, strict=True)
        )
        rows = _find_moved(old, new).with_columns(cause=named).sort(*GROUP, *PLACE)
        counts.append(rows.group_by(GROUP).agg(paragraphs=pl.len()))
        heads.append(rows.group_by(GROUP, maintain_order=True).head(MAX_EXAMPLES).select(*GROUP, *PLACE))
    summed = pl.concat(counts).group_by(GROUP).agg(pl.col("paragraphs").sum())
    examples = pl.concat(heads).sort(*GROUP, *PLACE).group_by(GROUP, maintain_order=True).head(MAX_EXAMPLES)
    shown: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    for row in examples.iter_rows(named=True):
        shown.setdefault(tuple(row[name] for name in GROUP), []).append((name_line(row), row["raw"]))
    moved = [
        Moved(was, now, rule, cause, count, shown[was, now, rule, cause])
        for was, now, rule, cause, count in summed.iter_rows()
    ]
    return sorted(moved, key=lambda one: (-one.paragraphs, one.before, one.after, one.rule, one.cause))


def _list_other_parts(before: Store, after: Store, table: str) -> tuple[set[int], set[int]]:
    """Parts of each version that are not, to the byte, parts of the other."""
    old, new = ({file.path: file.part for file in store.files(table)} for store in (before, after))
    return {old[path] for path in old.keys() - new.keys()}, {new[path] for path in new.keys() - old.keys()}


PLACE: Final = ("source_path", "source_record", "line", "raw")


def _find_moved(old: pl.LazyFrame, new: pl.LazyFrame) -> pl.DataFrame:
    """was, now, rule, PLACE and `copies` of every paragraph of a bucket that is not what it was."""
    key = ["document_id", "raw", "occurrence"]
    both = old.join(new, on=key, how="full", coalesce=True, suffix="_now")
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
    copies = [f"{name}{side}" for name in ("duplicate_of_document", "superseded_by") for side in ("", "_now")]
    return (
        both.filter(~is_same)
        .select(
            "raw",
            *(pl.coalesce(f"{name}_now", name).alias(name) for name in PLACE[:-1]),
            was=was,
            now=now,
            rule=pl.coalesce("rule_now", "rule").fill_null("-"),
            copies=pl.concat_list(copies),
        )
        .collect()
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


def _read_ledger(store: Store, parts: Collection[int], wanted: pl.Expr) -> pl.LazyFrame:
    columns = ("document_id", "paragraph", *PLACE, "duplicate_of_document", *COMPARED)
    rows = store.scan("paragraphs", sorted(parts)).select(columns).filter(wanted)
    rows = rows.sort("document_id", "paragraph")
    rows = rows.join(scan_older(store), on="document_id", how="left", maintain_order="left")
    return rows.with_columns(occurrence=pl.int_range(pl.len()).over("document_id", "raw")).drop("paragraph")


def _compare_documents(before: Store, after: Store) -> dict[str, int]:
    parts = _list_other_parts(before, after, "documents")
    # A hash of this process stands for the text, and is compared with no other's.
    columns = (pl.col("document_id"), pl.col("text").hash(), pl.col("kept_chars"))
    old, new = (
        store.scan("documents", sorted(own)).select(columns)
        for store, own in zip((before, after), parts, strict=True)
    )
    both = old.join(new, on="document_id", how="full", coalesce=True, suffix="_now")
    was, now = pl.col("text").is_not_null(), pl.col("text_now").is_not_null()
    is_other = (pl.col("text") != pl.col("text_now")) | (pl.col("kept_chars") != pl.col("kept_chars_now"))
    counts = both.select(
        added=(~was & now).sum(), removed=(was & ~now).sum(), changed=(was & now & is_other).sum()
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
