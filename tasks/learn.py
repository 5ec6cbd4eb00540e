"""Learn: what the whole corpus says of its sites, and which stored documents that changes."""

import polars as pl

from tasks.job import Job
from tasks.marks import find_changed, find_documents, list_marks_of
from tasks.scratch import Scratch
from tasks.shards import stay
from tasks.store import Store
from tasks.strip import Knowledge, learn
from tasks.strip.templates import HEADLINE_POSITIONS, LINE_POSITIONS, decisive
from tasks.strip.templates import OBSERVATIONS as OBSERVED
from tasks.superseded import find_versions, scan_older

OBSERVATIONS = pl.Schema(OBSERVED)


def learn_sites(job: Job) -> list[int]:
    """Learn from the observations of all present documents; returns the parts that need labels.

    Writes what was learnt, the observations of every part that has others now, and for every part the
    stored documents that have to be labelled again since what was learnt about their lines has changed.
    """
    scratch, store = Scratch(job.scratch), job.open_store()
    fresh = [
        pl.read_parquet(scratch.path("observations", part), glob=False)
        for part in scratch.parts("observations")
    ]
    done = [
        pl.read_parquet(scratch.path("pages", part), columns=["document_id"], glob=False)
        for part in scratch.parts("pages")
    ]
    stored = read_stored(store)
    staying = stay(store.scan("sources").select("source_path", "document_id"), job).collect()
    for pages in done:
        staying = staying.join(pages, on="document_id", how="anti")
    unchanged = stored.join(staying, on="document_id", how="semi")
    versions = find_versions(job, staying)
    options = job.settings.strip
    before = learn(leave_out(stored, versions.before), options=options)
    now = pl.concat([*fresh, unchanged.select(OBSERVATIONS.names())])
    after = learn(leave_out(now, versions.now), options=options)
    scratch.save_tables("knowledge", after)
    affected = find_affected(decisive(before), decisive(after), unchanged)
    redo = pl.concat([affected, find_marked(job, staying), versions.changed]).unique()
    for (part,), rows in redo.group_by("part"):
        rows.select("document_id").write_parquet(scratch.path("redo", int(str(part))))
    merge_observations(scratch, unchanged, stored)
    return sorted({*scratch.parts("lines"), *scratch.parts("redo")})


def find_marked(job: Job, staying: pl.DataFrame) -> pl.DataFrame:
    """`document_id` and `part` of the stored documents of which a mark says something else now."""
    store = job.open_store()
    changed = find_changed(list_marks_of(store.last_run), job.settings.marks)
    none = pl.DataFrame(schema={"document_id": pl.String, "part": pl.Int64})
    if not changed:
        return none
    parts = [
        find_documents(store.scan("sources", [file.part]).collect(), changed)
        .join(staying, on="document_id", how="semi")
        .select("document_id", part=pl.lit(file.part, pl.Int64))
        for file in store.files("sources")
    ]
    return pl.concat([none, *parts])


def leave_out(observations: pl.DataFrame, older: pl.DataFrame) -> pl.DataFrame:
    """Observations but for those of older versions: a page that was scraped ten times is no site of ten pages."""
    return observations.join(older, on="document_id", how="anti").select(OBSERVATIONS.names())


def load_observations(store: Store, sites: pl.Series | None = None) -> pl.DataFrame:
    """All that a corpus, or some sites of it, had to learn from."""
    rows = (
        store.scan("observations")
        if store.files("observations")
        else to_delta(OBSERVATIONS.to_frame()).lazy()
    )
    if sites is not None:
        rows = rows.filter(pl.col("site").is_in(sites.implode()))
    return leave_out(from_delta(rows.collect()), scan_older(store).collect())


def read_stored(store: Store) -> pl.DataFrame:
    """Observations of the corpus, with the part they are in."""
    frames = [OBSERVATIONS.to_frame().with_columns(part=pl.lit(0, pl.Int64))]
    for file in store.files("observations"):
        rows = from_delta(pl.read_parquet(file.path, glob=False))
        frames.append(rows.with_columns(part=pl.lit(file.part, pl.Int64)))
    return pl.concat(frames)


def find_affected(before: Knowledge, after: Knowledge, observations: pl.DataFrame) -> pl.DataFrame:
    """`document_id` and `part` of the documents with a line of which something else is known now."""
    found = []
    for old, new, positions in (
        (before.templates, after.templates, LINE_POSITIONS),
        (before.titles, after.titles, HEADLINE_POSITIONS),
        (before.mastheads, after.mastheads, ("top",)),
    ):
        rows = observations.filter(pl.col("position").is_in(positions))
        keys = [name for name in ("site", "key") if name in old.columns]
        changed = pl.concat(
            [
                old.join(new, on=old.columns, how="anti", nulls_equal=True).select(keys),
                new.join(old, on=old.columns, how="anti", nulls_equal=True).select(keys),
            ]
        ).unique()
        found.append(rows.join(changed, on=keys, how="semi", nulls_equal=True).select("document_id", "part"))
    return pl.concat(found).unique()


def merge_observations(scratch: Scratch, unchanged: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Write the observations of every part that has others now, as they will be stored."""
    lost = stored.join(unchanged, on="document_id", how="anti")
    fresh = set(scratch.parts("observations"))
    for part in sorted(fresh | set(lost["part"])):
        rows = [unchanged.filter(pl.col("part") == part).select(OBSERVATIONS.names())]
        if part in fresh:
            rows.append(pl.read_parquet(scratch.path("observations", part), glob=False))
        merged = to_delta(pl.concat(rows)).sort(pl.all())
        merged.write_parquet(scratch.path("merged", part))


def to_delta(rows: pl.DataFrame) -> pl.DataFrame:
    """Delta has no unsigned numbers: keys keep their 64 bits under a sign."""
    return rows.with_columns(pl.col("key").reinterpret(signed=True))


def from_delta(rows: pl.DataFrame) -> pl.DataFrame:
    """The keys as they were."""
    return rows.with_columns(pl.col("key").reinterpret(signed=False)).select(OBSERVATIONS.names())
