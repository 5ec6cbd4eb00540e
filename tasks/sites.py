"""Sites: what was learnt of each from all its pages."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.learn import load_observations
from tasks.store import Store
from tasks.strip import StripOptions, learn
from tasks.strip.fold import fold_text, mask_digits
from tasks.strip.templates import hash_column


class Template(NamedTuple):
    """A line that a site prints around its articles.

    Attributes:
        site: Its domain or folder.
        example: The line, digits as on one page.
        documents: Pages that have it.
        site_documents: Pages of the site.
        position: head | tail.
        removed: Paragraphs that went as this site's template with these words.
        since: Start of the earliest run that wrote such a row; None where other reasons took every one.
    """

    site: str
    example: str
    documents: int
    site_documents: int
    position: str
    removed: int
    since: datetime | None


def list_sites(store: Store) -> pl.DataFrame:
    """Count the documents of each site: site (null where a source has none), documents; the largest first, then by name."""
    sizes = store.scan("sources").group_by("site").agg(documents=pl.len()).collect()
    return sizes.sort(["documents", "site"], descending=[True, False], nulls_last=True)


def list_templates(store: Store, sites: Sequence[str]) -> list[Template]:
    """The templates of some sites, the most frequent first within each; `sites` gives the order."""
    wanted = pl.Series(sorted(set(sites)), dtype=pl.String)
    rows = load_observations(store, wanted)
    run = store.last_run
    assert run is not None
    options = StripOptions(**json.loads(str(run["config"]))["strip"])
    templates = learn(rows, options=options).templates
    removed = _count_removed(store, wanted)
    starts = dict(store.runs.select("run_id", "started_at").iter_rows())
    found = []
    for site, key, documents, of, position, example in templates.select(
        "site", "key", "documents", "site_documents", "position", "example"
    ).iter_rows():
        count, since = removed.get((site, key), (0, None))
        found.append(Template(site, example, documents, of, position, count, starts.get(since)))
    place = {site: number for number, site in enumerate(sites)}
    return sorted(found, key=lambda template: (place[template.site], -template.documents, template.example))


def _count_removed(store: Store, sites: pl.Series) -> dict[tuple[str, int], tuple[int, str]]:
    """(site, key of a line) -> rows that went as its template, and the earliest run that wrote one."""
    counts: dict[tuple[str, int], tuple[int, str]] = {}
    for file in store.files("paragraphs"):
        pages = store.scan("sources", [file.part]).filter(pl.col("site").is_in(sites.implode()))
        rows = (
            store.scan("paragraphs", [file.part])
            .filter(pl.col("reason") == "site_template")
            .join(pages.select("document_id", "site"), on="document_id")
            .group_by("site", "text")
            .agg(count=pl.len(), since=pl.col("run_id").min())
            .collect()
        )
        for site, key, count, since in zip(
            rows["site"], key_lines(rows["text"]), rows["count"], rows["since"], strict=True
        ):
            known, earliest = counts.get((site, key), (0, since))
            counts[site, key] = (known + count, min(earliest, since))
    return counts


def key_lines(lines: pl.Series) -> pl.Series:
    """The keys by which templates are counted: pages that differ in a date print the same line."""
    folded = lines.to_frame("text").select(fold=fold_text("text")).select(key=mask_digits("fold"))
    return hash_column(folded["key"])


class SiteReport(NamedTuple):
    """One site: its pages, what went from them by reason, its templates."""

    site: str
    documents: int
    reasons: list[tuple[str | None, int]]
    templates: list[Template]


def describe_site(store: Store, site: str) -> SiteReport:
    """What is known of a site.

    Raises:
        UsageError: the corpus has no page of it.
        StoreError: there is no corpus.
    """
    store.require_corpus()
    own = store.scan("sources").filter(pl.col("site") == site).select("document_id").collect()
    if own.is_empty():
        known = [name for name in list_sites(store)["site"].head(5) if name]
        raise UsageError(
            f"The corpus has no page of {site!r}. Its largest sites: {', '.join(known) or 'none'}."
        )
    reasons = (
        store.scan("paragraphs")
        .join(own.lazy(), on="document_id", how="semi")
        .group_by("reason")
        .agg(count=pl.len())
        .collect()
        .sort(["count", "reason"], descending=[True, False])
    )
    return SiteReport(site, own.height, list(reasons.iter_rows()), list_templates(store, [site]))
