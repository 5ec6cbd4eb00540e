"""Suggest: which change of a setting would do what the marks ask for, and what else it would change.

Nothing is changed. What a policy or a rule decided is counted over the whole corpus, in the ledger; what a number
would do is found by stripping again the marked documents and a sample of the others.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from tasks.explain import name_line, name_record
from tasks.job import Job, Settings
from tasks.learn import load_observations
from tasks.marks import Mark, Piece, find_documents, locate
from tasks.rebuild import rebuild_records
from tasks.schemas import MATCH_REASONS
from tasks.shards import prepare, strip_lines
from tasks.store import Store
from tasks.strip import Knowledge, learn
from tasks.superseded import REASON as SUPERSEDED
from tasks.superseded import add_newer, list_older

SAMPLE_DOCUMENTS: Final = 300
MAX_EXAMPLES: Final = 3
STRIP_VALUES: Final[dict[str, tuple[float, ...]]] = {
    "min_template_documents": (2, 3, 8, 15, 40),
    "min_template_ratio": (0.01, 0.02, 0.1, 0.25),
    "max_template_words": (6, 10, 20, 30),
    "min_removal_probability": (0.3, 0.4, 0.6, 0.7, 0.8, 0.9),
}
"""Values tried on both sides of the defaults."""

Key = tuple[str, int]


class Marked(NamedTuple):
    """A paragraph of a mark, and what would be said of it without."""

    decision: str
    document: str
    start: int
    label: str | None
    rule: str | None
    is_removed: bool

    @property
    def is_open(self) -> bool:
        """Whether it takes the mark to have it so."""
        return self.is_removed == (self.decision == "keep")


class Effect(NamedTuple):
    """What one change would do.

    Attributes:
        change: As it is written in the settings.
        satisfied: Marked paragraphs that it would decide as marked, and that are decided otherwise without.
        broken: Marked paragraphs that it would turn the other way.
        others: Paragraphs without a mark that would change.
        of: What `others` was counted on.
        examples: Places and texts of some of them.
    """

    change: str
    satisfied: int
    broken: int
    others: int
    of: str
    examples: list[tuple[str, str]]


class Suggestions(NamedTuple):
    """What was found: paragraphs that are marked, those that need their mark, and the changes, best first."""

    marked: int
    open: int
    effects: list[Effect]


def suggest(store: Store, settings: Settings, marks: Sequence[Mark]) -> Suggestions:
    """Changes that would satisfy marks; those that satisfy most come first, then those that change least else.

    Raises:
        StoreError: there is no corpus.
    """
    store.require_corpus()
    bench = Bench(store, dataclasses.replace(settings, marks=()), marks)
    marked = bench.judge_marks()
    asked = [one for one in marked if one.is_open]
    effects = [*_weigh_policies(bench, marked), *_weigh_rules(bench, marked), *_weigh_numbers(bench, marked)]
    useful = (effect for effect in effects if effect.satisfied)
    order = sorted(
        useful, key=lambda effect: (effect.broken - effect.satisfied, effect.others, effect.change)
    )
    return Suggestions(len(marked), len(asked), order)


class Bench:
    """The marked documents and a sample, ready to be stripped again under other settings."""

    def __init__(self, store: Store, settings: Settings, marks: Sequence[Mark]) -> None:
        self.store, self.settings, self.marks = store, settings, marks
        sources = store.scan("sources").filter(pl.col("status") == "read")
        places = sources.select("document_id", "source_path", "source_record").collect()
        own = find_documents(places, marks).select("document_id")
        drawn = places.select("document_id").sort("document_id").head(SAMPLE_DOCUMENTS)
        wanted = pl.concat([own, drawn]).unique().lazy()
        self.sources = sources.join(wanted, on="document_id", how="semi").collect().sort("document_id")
        self.ledger = (
            store.scan("paragraphs")
            .join(self.sources.lazy().select("document_id"), on="document_id", how="semi")
            .collect()
        )
        made = prepare(rebuild_records(self.ledger, self.sources), Job(Path(), store.root, settings))
        self.prepared = made._replace(pages=add_newer(made.pages, list_older(store)))
        self.observations = load_observations(store)
        self.base = self.strip(settings)

    @property
    def extent(self) -> str:
        """What was stripped again."""
        return f"{self.sources.height} documents"

    def strip(self, settings: Settings) -> pl.DataFrame:
        """document_id, start, text, label, rule and `goes` of every paragraph under some settings, marks aside."""
        knowledge = Knowledge(*learn(self.observations, options=settings.strip))
        job = Job(Path(), self.store.root, settings)
        pieces = strip_lines(self.prepared.pages, self.prepared.lines, knowledge, job, {})[1]
        labelling = [reason for reason, action in settings.actions.items() if action == "label"]
        goes = pl.col("label").is_not_null() & ~pl.col("label").is_in(labelling)
        return pieces.select("document_id", "start", "line", "raw", "text", "label", "rule", goes=goes)

    def judge_marks(self) -> list[Marked]:
        """Every marked paragraph as it would be without its mark."""
        return list(self._judge_marks())

    def _judge_marks(self) -> Iterator[Marked]:
        rows = self.ledger.with_row_index("row").sort("source_path", "source_record", "start")
        by_record = dict(rows.group_by("source_path", "source_record", maintain_order=True))
        stripped = {(row["document_id"], row["start"]): row for row in self.base.iter_rows(named=True)}
        held = self._read_held()
        for mark in self.marks:
            own = by_record.get((mark.source, mark.record))
            if own is None:
                continue
            pieces = [Piece(*row) for row in own.select("row", "line", "raw").iter_rows()]
            found = set(locate(mark, pieces))
            for row in own.filter(pl.col("row").is_in(sorted(found))).iter_rows(named=True):
                plain = stripped.get(
                    (row["document_id"], row["start"]), {"label": None, "rule": None, "goes": False}
                )
                label, rule, goes = plain["label"], plain["rule"], plain["goes"]
                if not goes and (match := self._tell_match(row, held)):
                    label, rule = match, "match"
                    goes = self.settings.actions.get(match) != "label"
                yield Marked(mark.decision, row["document_id"], row["start"], label, rule, goes)

    def _tell_match(self, row: dict[str, object], held: set[Key]) -> str | None:
        """What match says of a paragraph; of one that is marked keep, what its decided pairs say."""
        if row["label"] in MATCH_REASONS:
            return str(row["label"])
        is_held = (str(row["document_id"]), int(str(row["paragraph"]))) in held
        return "duplicate_contained" if is_held and str(row["rule"]).startswith("mark.") else None

    def _read_held(self) -> set[Key]:
        """Paragraphs of these documents that the other of some decided pair holds."""
        pairs, own = self.store.scan("duplicates"), self.sources.lazy().select("document_id")
        columns = {"same": "b", "b_in_a": "b", "a_in_b": "a"}
        found = [
            pairs.filter(pl.col("decision") == decision)
            .select(f"{side}_document", f"{side}_paragraph")
            .join(own, left_on=f"{side}_document", right_on="document_id", how="semi")
            .collect()
            for decision, side in columns.items()
        ]
        return {key for frame in found for key in frame.iter_rows()}


def _weigh_policies(bench: Bench, marked: Sequence[Marked]) -> Iterator[Effect]:
    """Per reason: remove or label."""
    for label in sorted({str(one.label) for one in marked if one.is_open and one.label}):
        is_kept_now = bench.settings.actions.get(label) == "label"
        action = "remove" if is_kept_now else "label"
        turned = [one for one in marked if one.label == label and one.is_removed != is_kept_now]
        rows = bench.store.scan("paragraphs").filter(
            (pl.col("label") == label) & (pl.col("verdict") == ("kept" if is_kept_now else "removed"))
        )
        # Whether older versions go is no policy, and what else is boilerplate on them would then go as that.
        change = 'superseded = "keep"' if label == SUPERSEDED else f'[policy] {label} = "{action}"'
        yield _count(change, turned, rows)


def _weigh_rules(bench: Bench, marked: Sequence[Marked]) -> Iterator[Effect]:
    """Per rule: off."""
    asked = {str(one.rule) for one in marked if one.is_open and one.is_removed and one.rule}
    for rule in sorted(rule for rule in asked if not rule.startswith(("match", "repair.", SUPERSEDED))):
        turned = [one for one in marked if one.rule == rule and one.is_removed]
        rows = bench.store.scan("paragraphs").filter(
            (pl.col("rule") == rule) & (pl.col("verdict") == "removed")
        )
        yield _count(f'[strip] off = ["{rule}"]', turned, rows)


def _count(change: str, turned: Sequence[Marked], rows: pl.LazyFrame) -> Effect:
    """A change that turns whole groups of rows of the ledger."""
    marked = pl.LazyFrame(
        [(one.document, one.start) for one in turned],
        schema={"document_id": pl.String, "start": pl.Int64},
        orient="row",
    )
    others = rows.join(marked, on=["document_id", "start"], how="anti")
    count = others.select(pl.len()).collect().item()
    columns = ("source_path", "source_record", "line", "text", "document_id", "paragraph")
    shown = others.select(columns).sort("document_id", "paragraph").head(MAX_EXAMPLES).collect()
    examples = [(name_line(row), str(row["text"])) for row in shown.iter_rows(named=True)]
    satisfied = sum(one.is_open for one in turned)
    return Effect(change, satisfied, len(turned) - satisfied, count, "the whole corpus", examples)


def _weigh_numbers(bench: Bench, marked: Sequence[Marked]) -> Iterator[Effect]:
    """Per number of the strip step: a few other values."""
    known = {(one.document, one.start): one for one in marked}
    records = {row["document_id"]: name_record(row) for row in bench.sources.iter_rows(named=True)}
    for name, values in STRIP_VALUES.items():
        for value in values:
            if value == getattr(bench.settings.strip, name):
                continue
            options = dataclasses.replace(bench.settings.strip, **{name: value})  # type: ignore[arg-type]
            other = bench.strip(dataclasses.replace(bench.settings, strip=options))
            both = bench.base.join(other, on=["document_id", "start"], suffix="_now")
            changed = both.filter(pl.col("goes") != pl.col("goes_now")).sort("document_id", "start")
            turned = [
                known[row[:2]]
                for row in changed.select("document_id", "start").iter_rows()
                if row[:2] in known
            ]
            free = [
                row
                for row in changed.iter_rows(named=True)
                if (row["document_id"], row["start"]) not in known
            ]
            satisfied = sum(one.is_open for one in turned)
            examples = [
                (f"{records[row['document_id']]}:{row['line']}", row["text"]) for row in free[:MAX_EXAMPLES]
            ]
            yield Effect(
                f"[strip] {name} = {value:g}",
                satisfied,
                len(turned) - satisfied,
                len(free),
                bench.extent,
                examples,
            )
