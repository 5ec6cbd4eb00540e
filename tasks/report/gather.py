"""Sums over the whole corpus, a part of it in memory at a time."""

from datetime import datetime
from typing import Final, NamedTuple

import polars as pl

from tasks.report.groups import group_of
from tasks.sites import Template, list_sites, list_templates
from tasks.store import Store

MAX_SITES: Final = 24
MAX_TEMPLATE_SITES, MAX_TEMPLATES = 16, 15
MAX_RUNS: Final = 40
MAX_QUARANTINE: Final = 40


class Share(NamedTuple):
    """What became of one part of the input; `reason` is None for what stayed."""

    reason: str | None
    paragraphs: int
    chars: int

    @property
    def group(self) -> str:
        """The kind of verdict, see `tasks.report.groups`."""
        return group_of(self.reason)


class SiteRow(NamedTuple):
    """One site: its documents, its paragraphs, and those removed by reason."""

    site: str
    documents: int
    paragraphs: int
    removed: dict[str, int]


class RunRow(NamedTuple):
    """One run, as told."""

    number: int
    started_at: datetime
    seen: int
    new: int
    changed: int
    gone: int
    documents: int
    kept: int
    removed: int
    quarantined: int


class Mended(NamedTuple):
    """How many paragraphs a repair touched."""

    name: str
    paragraphs: int


class Sums(NamedTuple):
    """Everything that is counted; lists that were cut have their full length beside them."""

    shares: list[Share]
    sites: list[SiteRow]
    site_count: int
    runs: list[RunRow]
    templates: list[Template]
    mended: list[Mended]
    decisions: dict[str, int]
    quarantine: list[dict[str, object]]
    quarantine_count: int
    records: int
    empty: int


def gather_sums(store: Store) -> Sums:
    """Count; exact whatever the size of the corpus. Memory: a part of the ledger, and a row per site."""
    by_site = _count_by_site(store)
    shares = (
        by_site.group_by("reason")
        .agg(pl.col("paragraphs", "chars").sum())
        .sort("chars", "reason", descending=True)
    )
    sites = list_sites(store)
    named = [str(site) for site in sites["site"].head(MAX_TEMPLATE_SITES).drop_nulls()]
    statuses = dict(store.scan("sources").group_by("status").agg(pl.len()).collect().iter_rows())
    decisions = store.scan("duplicates").group_by("decision").agg(pl.len()).collect().iter_rows()
    quarantine = store.scan("quarantine").collect().sort("source_path", "source_record")
    return Sums(
        shares=[Share(*row) for row in shares.select("reason", "paragraphs", "chars").iter_rows()],
        sites=_list_sites(by_site, sites),
        site_count=sites.height,
        runs=_list_runs(store.runs),
        templates=_cut_templates(list_templates(store, named)),
        mended=_count_repairs(store),
        decisions=dict(decisions),
        quarantine=quarantine.head(MAX_QUARANTINE).to_dicts(),
        quarantine_count=quarantine.height,
        records=sum(statuses.values()),
        empty=statuses.get("empty", 0),
    )


def _count_by_site(store: Store) -> pl.DataFrame:
    """site, reason, paragraphs, chars."""
    counts = [
        pl.DataFrame(
            schema={"site": pl.String, "reason": pl.String, "paragraphs": pl.Int64, "chars": pl.Int64}
        )
    ]
    for file in store.files("paragraphs"):
        pages = store.scan("sources", [file.part]).select("document_id", "site")
        counted = (
            store.scan("paragraphs", [file.part])
            .select("document_id", "reason", chars=pl.col("raw").str.len_chars().cast(pl.Int64))
            .join(pages, on="document_id", how="left")
            .group_by("site", "reason")
            .agg(paragraphs=pl.len().cast(pl.Int64), chars=pl.col("chars").sum())
            .collect()
        )
        counts.append(counted)
    return pl.concat(counts).group_by("site", "reason").agg(pl.col("paragraphs", "chars").sum())


def _list_sites(by_site: pl.DataFrame, sites: pl.DataFrame) -> list[SiteRow]:
    rows = []
    for site, documents in sites.head(MAX_SITES).iter_rows():
        own = by_site.filter(pl.col("site").eq_missing(site)).sort("paragraphs", "reason", descending=True)
        counts = dict(own.select("reason", "paragraphs").iter_rows())
        removed = {reason: count for reason, count in counts.items() if reason}
        rows.append(SiteRow(site or "(no site)", documents, sum(counts.values()), removed))
    return rows


def _list_runs(runs: pl.DataFrame) -> list[RunRow]:
    columns = ("number", "started_at", "inputs_seen", "inputs_new", "inputs_changed", "inputs_gone")
    more = ("documents", "paragraphs_kept", "paragraphs_removed", "quarantined")
    return [RunRow(*row) for row in runs.select(*columns, *more).tail(MAX_RUNS).iter_rows()]


def _cut_templates(templates: list[Template]) -> list[Template]:
    """The first of each site."""
    seen: dict[str, int] = {}
    kept = []
    for template in templates:
        seen[template.site] = seen.get(template.site, 0) + 1
        if seen[template.site] <= MAX_TEMPLATES:
            kept.append(template)
    return kept


def _count_repairs(store: Store) -> list[Mended]:
    counted = (
        store.scan("paragraphs")
        .select("repairs")
        .filter(pl.col("repairs").list.len() > 0)
        .explode("repairs")
        .group_by("repairs")
        .agg(paragraphs=pl.len())
        .collect()
        .sort(["paragraphs", "repairs"], descending=[True, False])
    )
    return [Mended(*row) for row in counted.iter_rows()]


def tell_percent(part: int, whole: int) -> str:
    """A share for a reader.

    >>> tell_percent(1, 3), tell_percent(1, 5000), tell_percent(0, 0)
    ('33.3 %', '< 0.1 %', '0 %')
    """
    if not part:
        return "0 %"
    share = 100 * part / whole
    return "< 0.1 %" if share < 0.1 else f"{share:.1f} %"
