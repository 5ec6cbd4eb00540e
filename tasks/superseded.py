"""Superseded: which records are older versions of a page that was scraped again, and what becomes of them.

Two records are versions of one page if their URLs are the same but for what names no other page anywhere: `http`
or `https`, capitals in the host, the usual port, a trailing slash, `utm_` parameters and the fragment. All else
may name another page, so it counts: `www.`, the order of parameters, an address within a page (`#!` and `#/`).
A front page (no path, no parameters) has no versions: it is another page every hour, and what a scraper writes
where it knows no better.

The newest is the one fetched last, then the one published last, by what the records themselves say (a record
without a time is older than one with it), then the last by source path and record. Nothing of it depends on the
order of arrival. A record without text supersedes nothing.
"""

import json
from typing import Final, NamedTuple

import polars as pl

from tasks.job import Job
from tasks.scratch import Scratch
from tasks.store import Row, Store

REASON: Final = "superseded"
"""Reason and rule of what goes with an older version."""

HTTP: Final = r"^\s*(?i:https?)://([^/?#\s]+)([^?#\s]*)(?:\?([^#\s]*))?(?:#(\S*))?\s*$"
USUAL_PORT: Final = r":(?:80|443)?$"
CAMPAIGN: Final = r"(?i)^utm_"
"""What newsletters and posts add to a link; the names are those of Google Analytics' campaign URL builder."""
ADDRESS: Final = r"^[!/]"
"""A fragment that a page's script takes for an address."""

CLOCK: Final = r"^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d(?::\d\d)?)?$"

ORIGIN: Final = ("source_path", "source_record")
COLUMNS: Final = ("document_id", *ORIGIN, "status", "url", "fetched_at")
SUPERSEDED: Final = pl.Schema(
    {"document_id": pl.String(), "superseded_by": pl.String(), "newer_path": pl.String()}
)


def make_page_key(url: pl.Expr) -> pl.Expr:
    """What the URLs of one page have in common; null where a URL names none.

    >>> urls = ["http://Bao.example:80/a/?utm_source=x&id=7#top", "https://bao.example/a?id=7", "https://bao.example/"]
    >>> pl.DataFrame({"url": urls}).select(make_page_key(pl.col("url"))).to_series().to_list()
    ['bao.example/a?id=7', 'bao.example/a?id=7', None]
    """
    host = url.str.extract(HTTP, 1).str.to_lowercase().str.replace(USUAL_PORT, "")
    path = url.str.extract(HTTP, 2).str.strip_chars_end("/")
    kept = (
        url.str.extract(HTTP, 3)
        .fill_null("")
        .str.split("&")
        .list.filter((pl.element() != "") & ~pl.element().str.contains(CAMPAIGN))
        .list.join("&")
    )
    fragment = url.str.extract(HTTP, 4).fill_null("")
    asked = pl.when(kept != "").then(pl.concat_str(pl.lit("?"), kept)).otherwise(pl.lit(""))
    address = pl.when(fragment.str.contains(ADDRESS)).then(pl.concat_str(pl.lit("#"), fragment))
    rest = pl.concat_str(path, asked, address.otherwise(pl.lit("")))
    return pl.when(rest != "").then(pl.concat_str(host, rest))


def read_instant(time: pl.Expr) -> pl.Expr:
    """A time in ISO 8601 as an instant; without a zone it is taken as UTC, without a clock as the day's begin.

    >>> times = ["2024-05-14", "2024-05-14T07:00:00+07:00", "2024-05-14T00:00:00.5", "soon"]
    >>> pl.DataFrame({"time": times}).select(read_instant(pl.col("time")).dt.microsecond()).to_series().to_list()
    [0, 0, 500000, None]
    """
    parts = [time.str.extract(CLOCK, number) for number in range(1, 5)]
    zone = parts[3].str.replace("Z", "+00:00").str.head(len("+00:00")).fill_null("+00:00")
    clock = parts[1].fill_null("00:00:00")
    whole = pl.concat_str(parts[0], pl.lit("T"), clock, parts[2].fill_null(".0"), zone)
    return whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False)


def find_superseded(records: pl.DataFrame) -> pl.DataFrame:
    """Older versions, each with the newest of its page.

    Args:
        records: a row per record with `COLUMNS` and `published_at` (as the record says), in any order.

    Returns:
        Rows of SUPERSEDED, sorted by `document_id`.
    """
    known = records.filter((pl.col("status") == "read") & pl.col("url").is_not_null())
    paged = known.with_columns(page=make_page_key(pl.col("url"))).filter(pl.col("page").is_not_null())
    again = paged.filter(pl.col("page").is_duplicated())
    order = [read_instant(pl.col("fetched_at")), read_instant(pl.col("published_at")), *map(pl.col, ORIGIN)]
    ranked = again.sort(*order, descending=True, nulls_last=True)
    newest = pl.col("document_id", "source_path").first().over("page")
    found = ranked.with_columns(newest.name.prefix("newest_")).filter(
        pl.col("document_id") != pl.col("newest_document_id")
    )
    return found.select(
        "document_id", superseded_by="newest_document_id", newer_path="newest_source_path"
    ).sort("document_id")


# -- in a run -----------------------------------------------------------------------------------------


class Versions(NamedTuple):
    """The older versions in the corpus as it was and as it will be.

    Attributes:
        before: `document_id` of those that were.
        now: Rows of SUPERSEDED.
        changed: `document_id` and `part` of the stored documents of which something else holds now.
    """

    before: pl.DataFrame
    now: pl.DataFrame
    changed: pl.DataFrame


def find_versions(job: Job, staying: pl.DataFrame) -> Versions:
    """Find the older versions in the corpus as it will be, and write them for `strip_part`.

    Args:
        job: the run.
        staying: `document_id` of the stored documents that are not read again.
    """
    scratch, store = Scratch(job.scratch), Store(job.out)
    fresh = [
        pl.scan_parquet(scratch.path("pages", part), glob=False).select(*COLUMNS, "published_at")
        for part in scratch.parts("pages")
    ]
    ids = staying.lazy().select("document_id")
    stored = store.scan("sources").join(ids, on="document_id", how="semi")
    told = stored.select(*COLUMNS, published_at=pl.col("mapped").str.json_path_match("$.published_at"))
    now = find_superseded(pl.concat([*fresh, told]).filter(pl.col("url").is_not_null()).collect())
    now.write_parquet(scratch.path(REASON, 0))
    before = scan_older(store).collect()
    both = before.join(now, on="document_id", how="full", coalesce=True, suffix="_now")
    is_other = pl.col("superseded_by").ne_missing(pl.col("superseded_by_now"))
    if _read_action(store.last_run) != job.settings.superseded:
        is_other = pl.lit(value=True)
    other = both.filter(is_other).join(staying, on="document_id", how="semi").select("document_id")
    return Versions(before, now, _add_parts(store, other))


def scan_older(store: Store) -> pl.LazyFrame:
    """`document_id` and `superseded_by` of the older versions in a corpus."""
    is_older = pl.col("superseded_by").is_not_null()
    return store.scan("sources").filter(is_older).select("document_id", "superseded_by")


def _read_action(run: Row | None) -> str:
    """What a run did with older versions; those before there was a choice kept them."""
    return str(json.loads(str(run["config"])).get("superseded", "keep")) if run else "keep"


def _add_parts(store: Store, documents: pl.DataFrame) -> pl.DataFrame:
    found = [pl.DataFrame(schema={"document_id": pl.String, "part": pl.Int64})]
    for file in store.files("sources") if documents.height else ():
        ids = store.scan("sources", [file.part]).select("document_id")
        own = ids.join(documents.lazy(), on="document_id", how="semi").collect()
        found.append(own.with_columns(part=pl.lit(file.part, pl.Int64)))
    return pl.concat(found)


def list_older(store: Store) -> pl.DataFrame:
    """Rows of SUPERSEDED, as a corpus has them."""
    paths = store.scan("sources").select(superseded_by="document_id", newer_path="source_path")
    return scan_older(store).join(paths, on="superseded_by").select(SUPERSEDED.names()).collect()


def add_newer(pages: pl.DataFrame, older: pl.DataFrame) -> pl.DataFrame:
    """Add `superseded_by` and `newer_path` of rows of SUPERSEDED; null for what is no older version."""
    return pages.join(older, on="document_id", how="left", maintain_order="left")


def label_older(pieces: pl.DataFrame, pages: pl.DataFrame, action: str) -> pl.DataFrame:
    """What is said of the paragraphs of older versions takes the place of what rules said.

    Args:
        pieces: paragraphs with `document_id`, `label`, `rule` and `evidence`.
        pages: `document_id` and `newer_path` (null for what is no older version) of their documents.
        action: `keep` leaves all as it is.
    """
    if action == "keep" or not pages["newer_path"].count():
        return pieces
    newer = pages.select("document_id", "newer_path").drop_nulls()
    said = {
        "label": pl.lit(REASON),
        "rule": pl.lit(REASON),
        # No times and no record: what the newer version says of itself may change, and this row would with it.
        "evidence": pl.format("a newer version of the page is in {}", "newer_path"),
    }
    return (
        pieces.join(newer, on="document_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("newer_path").is_not_null()).then(value).otherwise(pl.col(name)).alias(name)
            for name, value in said.items()
        )
        .drop("newer_path")
    )
