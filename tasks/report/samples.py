"""Samples of what a corpus holds: bounded, the same for the same corpus, and said to be samples.

A document's id is a hash, so the smallest ids are a sample that no order of arrival decides.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from tasks.differences import Run, mark_differences, mark_phrases
from tasks.explain import find_rows, list_copies, name_line, name_record
from tasks.marks import Mark, make_mark
from tasks.report.groups import group_of
from tasks.store import Store

MAX_DOCUMENTS, MAX_LINES, MAX_LINE_CHARS = 60, 150, 1200
DOCUMENTS_PER_REASON: Final = 3
MAX_CLUSTERS, MAX_MEMBERS, MAX_OPENING_CHARS = 20, 6, 160
MAX_MISSES: Final = 30
UNTOLD: Final = frozenset({"spelling", "order"})
"""Edits that keep no pair apart."""

CUT: Final = Run(" …", False)
"""Stands for the rest of a text."""

Row = Mapping[str, object]
Place = tuple[str, int]


class Copy(NamedTuple):
    """A kept copy: where it is, and its text with what the removed one lacks marked."""

    place: str
    runs: list[Run]


class Line(NamedTuple):
    """One paragraph of a sampled document.

    Attributes:
        number: Line of the record.
        group: Kind of verdict.
        label: Reason, or the label that the policy keeps.
        rule: What decided.
        evidence: What it saw.
        repairs: Names, joined.
        runs: The text, cut to MAX_LINE_CHARS; what the kept copy lacks is marked.
        copies: What stands for it.
        mark: What a decision against this verdict would be, as it is written.
        place: SOURCE:LINE.
    """

    number: int
    group: str
    label: str
    rule: str
    evidence: str
    repairs: str
    runs: list[Run]
    copies: list[Copy]
    mark: Mark
    place: str


class Page(NamedTuple):
    """A sampled document."""

    document_id: str
    title: str
    place: str
    site: str
    language: str
    kind: str
    lines: list[Line]
    paragraphs: int
    reasons: list[tuple[str, int]]


class Member(NamedTuple):
    """A removed paragraph of a cluster, and the kept text against which it is marked."""

    place: str
    reason: str
    runs: list[Run]
    lacking: int


class Cluster(NamedTuple):
    """Paragraphs that one kept copy stands for."""

    place: str
    runs: list[Run]
    size: int
    members: list[Member]

    @property
    def opening(self) -> str:
        """How the kept copy begins, for a line that is closed."""
        return self.runs[0].text[:MAX_OPENING_CHARS]


class Miss(NamedTuple):
    """Two kept paragraphs that a fact keeps apart."""

    a_place: str
    b_place: str
    a: list[Run]
    b: list[Run]
    facts: list[tuple[str, str, str]]
    why: str
    similarity: float


# -- documents ----------------------------------------------------------------------------------------


def sample_pages(store: Store) -> list[Page]:
    """Documents: for each reason the first few that have it, and others up to MAX_DOCUMENTS."""
    chosen = _choose_documents(store)
    wanted = pl.LazyFrame({"document_id": chosen}, schema={"document_id": pl.String})
    sources = store.scan("sources").join(wanted, on="document_id", how="semi").collect()
    own = store.scan("paragraphs").join(wanted, on="document_id", how="semi")
    counts = own.group_by("document_id", "reason").agg(pl.len()).collect()
    shown = own.filter(pl.col("paragraph") < MAX_LINES).collect().sort("document_id", "paragraph")
    copies = find_texts(store, (key for row in shown.iter_rows(named=True) for key in list_copies(row)))
    reasons: dict[str, dict[str | None, int]] = {}
    for document, reason, count in counts.iter_rows():
        reasons.setdefault(document, {})[reason] = count
    pages = {row["document_id"]: row for row in sources.iter_rows(named=True)}
    return [
        _make_page(pages[document], rows.to_dicts(), copies, reasons[document])
        for (document,), rows in shown.group_by("document_id", maintain_order=True)
    ]


def explain_pages(store: Store, place: str) -> list[Page]:
    """Every document of a source, or what of it a place names; lines as in a sample, but all of them."""
    rows = find_rows(store, place)
    sources = store.scan("sources").join(rows.lazy().select("document_id"), on="document_id", how="semi")
    pages = {row["document_id"]: row for row in sources.collect().iter_rows(named=True)}
    copies = find_texts(store, (key for row in rows.iter_rows(named=True) for key in list_copies(row)))
    return [
        _make_page(pages[document], own.to_dicts(), copies, dict(Counter(own["reason"])))
        for (document,), own in rows.group_by("document_id", maintain_order=True)
    ]


def _choose_documents(store: Store) -> list[str]:
    reasons: dict[str, list[str]] = {}
    anyone: list[str] = []
    for file in store.files("paragraphs"):
        rows = store.scan("paragraphs", [file.part])
        by_reason = (
            rows.filter(pl.col("label").is_not_null())
            .group_by("label")
            .agg(pl.col("document_id").unique().sort().head(DOCUMENTS_PER_REASON))
            .collect()
        )
        for reason, documents in by_reason.iter_rows():
            reasons[reason] = sorted({*reasons.get(reason, ()), *documents})[:DOCUMENTS_PER_REASON]
        some = rows.select("document_id").unique().sort("document_id").head(MAX_DOCUMENTS).collect()
        anyone = sorted({*anyone, *some["document_id"]})[:MAX_DOCUMENTS]
    first = [document for reason in sorted(reasons) for document in reasons[reason]]
    return sorted(list(dict.fromkeys([*first, *anyone]))[:MAX_DOCUMENTS])


def _make_page(
    source: Row, rows: Sequence[Row], copies: Mapping[Place, Row], counts: Mapping[str | None, int]
) -> Page:
    """A document of the lines that are shown; `counts` has all its paragraphs by reason."""
    name = str(source["source_path"])
    return Page(
        document_id=str(source["document_id"]),
        title=str(source["title"] or rows[0]["text"] or name),
        place=name_record(source),
        site=str(source["site"] or "(no site)"),
        language=str(source["language"] or ""),
        kind=str(source["kind"]),
        lines=[make_line(row, copies) for row in rows],
        paragraphs=sum(counts.values()),
        reasons=sorted(
            ((reason, count) for reason, count in counts.items() if reason),
            key=lambda item: (-item[1], item[0]),
        ),
    )


def make_line(row: Row, copies: Mapping[Place, Row]) -> Line:
    """A row of the ledger as a line of a page."""
    text = str(row["text"])
    runs = [Run(text, False)]
    told = []
    is_compared = group_of(row["reason"]) == "duplicate"
    for number, key in enumerate(key for key in list_copies(dict(row)) if key in copies):
        kept = str(copies[key]["text"])
        ours, theirs = mark_differences(text, kept)
        runs = ours if is_compared and not number else runs
        told.append(Copy(name_line(copies[key]), cut_runs(theirs if is_compared else [Run(kept, False)])))
    repairs = row["repairs"]
    assert isinstance(repairs, list)
    return Line(
        number=int(str(row["line"])),
        group="marked" if str(row["rule"]).startswith("mark.") else group_of(row["reason"]),
        label=str(row["reason"] or row["label"] or ""),
        rule=str(row["rule"] or ""),
        evidence=str(row["evidence"] or ""),
        repairs=", ".join(repairs),
        runs=cut_runs(runs),
        copies=told,
        mark=make_mark(row, "keep" if row["verdict"] == "removed" else "remove", ""),
        place=name_line(row),
    )


def cut_runs(runs: Iterable[Run]) -> list[Run]:
    """The first MAX_LINE_CHARS characters, and a sign where there are more."""
    left, kept = MAX_LINE_CHARS, []
    for run in runs:
        kept.append(Run(run.text[:left], run.is_own))
        left -= len(run.text)
        if left < 0:
            kept.append(CUT)
            break
    return kept


def find_texts(store: Store, keys: Iterable[Place]) -> dict[Place, Row]:
    """Rows of the ledger by document and paragraph."""
    wanted = pl.LazyFrame(
        sorted(set(keys)), schema={"document_id": pl.String, "paragraph": pl.Int32}, orient="row"
    )
    columns = ("document_id", "paragraph", "source_path", "source_record", "line", "text", "verdict")
    rows = store.scan("paragraphs").select(columns).join(wanted, on=["document_id", "paragraph"], how="semi")
    return {(row["document_id"], row["paragraph"]): row for row in rows.collect().iter_rows(named=True)}


# -- duplicates ---------------------------------------------------------------------------------------


def sample_clusters(store: Store) -> list[Cluster]:
    """The kept copies that stand for most paragraphs, husks aside, with the first of those."""
    key = ["duplicate_of_document", "duplicate_of_paragraph"]
    held = store.scan("paragraphs").filter(pl.col(key[0]).is_not_null() & (pl.col("label") != "husk"))
    largest = (
        held.group_by(key)
        .agg(size=pl.len())
        .sort(["size", *key], descending=[True, False, False])
        .head(MAX_CLUSTERS)
        .collect()
    )
    members = _sample_members(store, largest.select(key))
    kept = find_texts(store, ((row[0], row[1]) for row in largest.iter_rows()))
    clusters = []
    for document, paragraph, size in largest.iter_rows():
        own = members.filter((pl.col(key[0]) == document) & (pl.col(key[1]) == paragraph))
        text = str(kept[document, paragraph]["text"])
        shown = [_make_member(row, text) for row in own.iter_rows(named=True)]
        place = name_line(kept[document, paragraph])
        clusters.append(Cluster(place, cut_runs([Run(text, False)]), size, shown))
    return clusters


def _sample_members(store: Store, copies: pl.DataFrame) -> pl.DataFrame:
    """The first MAX_MEMBERS different texts that each of some copies holds; a part of the ledger at a time."""
    key, place = copies.columns, ("document_id", "paragraph")
    columns = (*key, *place, "source_path", "source_record", "line", "text", "label")
    found = pl.DataFrame(schema=store.scan("paragraphs").select(columns).collect_schema())
    for file in store.files("paragraphs"):
        rows = store.scan("paragraphs", [file.part]).filter(pl.col("label") != "husk").select(columns)
        more = rows.join(copies.lazy(), on=key, how="semi").collect()
        both = pl.concat([found, more]).sort(*key, *place)
        different = both.unique([*key, "text"], keep="first", maintain_order=True)
        found = different.group_by(key, maintain_order=True).head(MAX_MEMBERS).select(columns)
    return found


def _make_member(row: Row, text: str) -> Member:
    ours, theirs = mark_differences(str(row["text"]), text)
    lacking = sum(len(run.text.split()) for run in theirs if run.is_own)
    return Member(name_line(row), str(row["label"]), cut_runs(ours), lacking)


def sample_misses(store: Store) -> list[Miss]:
    """The most similar pairs of kept paragraphs that a stated difference keeps apart."""
    told = pl.col("edits").list.eval(~pl.element().struct.field("kind").is_in(list(UNTOLD))).list.any()
    ids = ["a_document", "a_paragraph", "b_document", "b_paragraph"]
    nearest = store.scan("duplicates").head(0).collect()
    for file in store.files("duplicates"):
        pairs = store.scan("duplicates", [file.part]).filter((pl.col("decision") == "distinct") & told)
        nearest = (
            pl.concat([nearest, pairs.collect()])
            .sort(["similarity", *ids], descending=[True, False, False, False, False])
            .head(MAX_MISSES * 4)
        )
    texts = find_texts(
        store, ((row[ids[at]], row[ids[at + 1]]) for row in nearest.iter_rows(named=True) for at in (0, 2))
    )
    both = (
        (row, texts[row["a_document"], row["a_paragraph"]], texts[row["b_document"], row["b_paragraph"]])
        for row in nearest.iter_rows(named=True)
    )
    kept = [pair for pair in both if pair[1]["verdict"] == pair[2]["verdict"] == "kept"]
    return [_make_miss(*pair) for pair in kept[:MAX_MISSES]]


def _make_miss(pair: Row, a: Row, b: Row) -> Miss:
    edits = pair["edits"]
    assert isinstance(edits, list)
    facts = [
        (edit["kind"].replace("_", " "), edit["a"], edit["b"]) for edit in edits if edit["kind"] not in UNTOLD
    ]
    return Miss(
        name_line(a),
        name_line(b),
        cut_runs(_mark_facts(str(a["text"]), str(b["text"]), [fact[1] for fact in facts])[0]),
        cut_runs(_mark_facts(str(b["text"]), str(a["text"]), [fact[2] for fact in facts])[0]),
        facts,
        str(pair["why"]),
        float(str(pair["similarity"])),
    )


def _mark_facts(text: str, other: str, facts: Sequence[str]) -> tuple[list[Run], bool]:
    """The facts where they differ from the other text; where they cannot be found, all that differs."""
    runs = mark_differences(text, other)[0]
    differing = [
        part
        for run in runs
        for part in (mark_phrases(run.text, facts) if run.is_own else [Run(run.text, False)])
    ]
    return (differing, True) if any(run.is_own for run in differing) else (runs, False)
