"""The stored index: the keys of every paragraph and what retrieval said of them, so that a run reads what is new.

Five tables for `decant run` alone. `index` has a file per part, with a row per paragraph that strip left: what match
ranks it by, its keys and the digest of its text, but not the text. `classes`, `candidates` and `holders` say which
of them have to do with which (`tasks.match.links`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from tasks.engine import map_shards
from tasks.job import Job
from tasks.marks import KEEP_RULE
from tasks.match import BY_KEY, INDEXED, LINKS, Part, Stored, match_parts, sign
from tasks.schemas import DUPLICATES, MATCH_REASONS, PARAGRAPHS, SOURCES
from tasks.scratch import Scratch
from tasks.shards import PIECES, Task, stay
from tasks.store import Store
from tasks.write import forget_matches, is_removed

PLACE: Final = ("document_id", "paragraph")
OF_STRIP: Final = ("label", "rule", "evidence")
"""What strip said of a paragraph that the policy keeps all the same; match may write over it in the ledger."""

INDEX: Final = pl.Schema({**INDEXED, **dict.fromkeys(OF_STRIP, pl.String)})
INTERNAL: Final = {"index": INDEX, **LINKS}
"""The tables of this module."""

HELD: Final = (*OF_STRIP, "similarity", "duplicate_of_document", "duplicate_of_paragraph", "duplicate_of")


class Pieces(NamedTuple):
    """Paragraphs with strip's labels, and the rows of `sources` of their documents."""

    pieces: pl.DataFrame
    pages: pl.DataFrame


# -- which parts --------------------------------------------------------------------------------------


def starts_anew(job: Job, store: Store) -> bool:
    """Whether nothing that the index says can be relied on: other settings or rules, or no index."""
    plan = job.load_plan()
    return plan.redo or plan.decide or not store.files("index")


def parts_to_index(job: Job) -> list[int]:
    """Parts that have other paragraphs than before this run; all of them if the index starts anew."""
    store, done = job.open_store(), set(Scratch(job.scratch).parts("pieces"))
    is_anew, loses = starts_anew(job, store), bool(job.load_plan().leave or job.forgetting.document_ids)
    for file in store.files("sources") if is_anew or loses else []:
        places = pl.read_parquet(file.path, columns=["source_path", "document_id"], glob=False)
        if is_anew or stay(places.lazy(), job).collect().height < places.height:
            done.add(file.part)
    return sorted(done) or [1]


# -- reading ------------------------------------------------------------------------------------------


def read_fresh(job: Job, part: int) -> Pieces:
    """The documents of a part that this run has labelled."""
    scratch = Scratch(job.scratch)
    if not scratch.path("pieces", part).exists():
        return _as_pieces([], [])
    pages = pl.read_parquet(scratch.path("stripped", part), glob=False)
    return _as_pieces([scratch.load_text("pieces", part)], [pages])


def read_stored(store: Store, part: int, documents: pl.DataFrame, ledger: pl.DataFrame) -> Pieces:
    """Some stored documents of a part, by `document_id`, with the labels that strip gave them.

    Args:
        store: the corpus.
        part: its part.
        documents: which.
        ledger: rows of `paragraphs` of the part.
    """
    if not documents.height:
        return _as_pieces([], [])
    pages = store.scan("sources", [part]).join(documents.lazy(), on="document_id", how="semi").collect()
    pieces = restore_labels(store, part, ledger.join(documents, on="document_id", how="semi"))
    return _as_pieces([pieces], [pages])


def restore_labels(store: Store, part: int, ledger: pl.DataFrame) -> pl.DataFrame:
    """Rows of the ledger of a part with the labels that strip gave them."""
    pieces = forget_matches(ledger)
    labelled = scan_index(store, part).filter(pl.col("label").is_not_null())
    known = labelled.select(*PLACE, *(pl.col(name).alias(f"{name}_of_strip") for name in OF_STRIP)).collect()
    return pieces.join(known, on=PLACE, how="left", maintain_order="left").with_columns(
        pl.coalesce(f"{name}_of_strip", name).alias(name) for name in OF_STRIP
    )


def list_staying(job: Job, store: Store, part: int, fresh: Pieces) -> pl.DataFrame:
    """`document_id` of the stored documents of a part that stay as they were read and labelled."""
    stored = stay(store.scan("sources", [part]), job).select("document_id").collect()
    return stored.join(fresh.pages, on="document_id", how="anti")


def scan_index(store: Store, part: int) -> pl.LazyFrame:
    """The stored index of a part."""
    return (
        store.scan("index", [part])
        if part in {f.part for f in store.files("index")}
        else INDEX.to_frame().lazy()
    )


def _as_pieces(pieces: Sequence[pl.DataFrame], pages: Sequence[pl.DataFrame]) -> Pieces:
    """Frames one above the other, in the types of the tables."""
    return Pieces(
        _stack(pieces, PARAGRAPHS.schema, PIECES), _stack(pages, SOURCES.schema, SOURCES.schema.names()[:-1])
    )


def _stack(frames: Sequence[pl.DataFrame], schema: pl.Schema, columns: Sequence[str]) -> pl.DataFrame:
    cast = [frame.select(pl.col(name).cast(schema[name]) for name in columns) for frame in frames]
    return pl.concat([pl.DataFrame(schema={name: schema[name] for name in columns}), *cast])


# -- match --------------------------------------------------------------------------------------------


def index_part(task: Task) -> int:
    """Write the index of a part as it is now; returns how many paragraphs were signed."""
    job, part = task
    store, fresh = job.open_store(), read_fresh(job, part)
    staying = list_staying(job, store, part, fresh)
    done, kept = [fresh], INDEX.to_frame()
    if starts_anew(job, store):  # what is stored may have other columns than this version's
        done.append(read_stored(store, part, staying, store.scan("paragraphs", [part]).collect()))
    else:
        stored = scan_index(store, part).join(staying.lazy(), on="document_id", how="semi")
        kept = stored.select(INDEX.names()).collect()
    signed = [_sign(pieces, pages, job) for pieces, pages in done]
    rows = pl.concat([kept, *signed]).sort(PLACE)
    rows.write_parquet(Scratch(job.scratch).path("index", part), compression="lz4")
    return sum(frame.height for frame in signed)


def _sign(pieces: pl.DataFrame, pages: pl.DataFrame, job: Job) -> pl.DataFrame:
    """The index of paragraphs that strip left."""
    left = pieces.filter(~is_removed(job.settings.actions)).join(
        pages.select("document_id", "source_path", "source_record", "kind", "published_at"), on="document_id"
    )
    signed = sign(left, options=job.settings.match)
    return signed.select(pl.col(name).cast(dtype) for name, dtype in INDEX.items())


def match_corpus(job: Job) -> dict[str, float]:
    """Duplicates among all paragraphs; writes verdicts and pairs by part, and the links."""
    scratch, store = Scratch(job.scratch), job.open_store()
    before = {} if starts_anew(job, store) else {file.part: file.path for file in store.files("index")}
    now = {part: scratch.path("index", part) for part in scratch.parts("index")}
    parts = [Part(part, (before | now)[part], before.get(part)) for part in sorted(before | now)]
    matched = match_parts(
        parts,
        CorpusLedger(job),
        scratch.root / "match",
        stored=_load_links(job),
        options=job.match_options,
        **find_pinned(job, parts),
        map_batches=lambda judge, batches: map_shards(judge, batches, job.workers, job.engine),
        is_shared=job.workers > 1 or job.engine != "local",
    )
    (scratch.root / "links").mkdir()
    matched.links.save(scratch.root / "links")
    found = matched.links.candidates
    counts = {"pairs_not_examined": found.unexamined, "stock_phrases": found.stock}
    pl.DataFrame(counts).write_parquet(scratch.path("not_examined", 0))
    return {"pairs": matched.pair_count, **counts}


def find_pinned(job: Job, parts: Sequence[Part]) -> dict[str, pl.DataFrame]:
    """Places of the paragraphs that a person has marked to stay: `pinned`, and `repinned` where marks have changed."""
    if not job.settings.marks and not job.load_plan().remarked:
        return {}
    now, before = (
        _read_pinned(file for file in files if file)
        for files in ([part.now for part in parts], [part.before for part in parts])
    )
    changed = [one.join(other, on=PLACE, how="anti") for one, other in ((now, before), (before, now))]
    return {"pinned": now, "repinned": pl.concat(changed)}


def _read_pinned(files: Iterable[Path]) -> pl.DataFrame:
    is_pinned = pl.col("rule") == KEEP_RULE
    found = [pl.scan_parquet(file, glob=False).filter(is_pinned).select(PLACE).collect() for file in files]
    return pl.concat([INDEX.to_frame().select(PLACE), *found])


def _load_links(job: Job) -> Stored | None:
    """The links of the run before; None where everything is decided again."""
    store = job.open_store()
    if starts_anew(job, store) or job.settings.match.scope == "document":
        # Whether a whole document goes hangs on all its paragraphs, of which the ledger keeps no verdicts if it stays.
        return None
    tables = {
        name: store.scan(name).select(schema.names()).collect() if store.files(name) else schema.to_frame()
        for name, schema in LINKS.items()
    }
    run = store.last_run
    assert run is not None
    unexamined, stock = (int(str(run[name])) for name in ("pairs_not_examined", "stock_phrases"))
    return Stored(**tables, unexamined=unexamined, stock=stock)


class CorpusLedger:
    """Texts and verdicts of the corpus, part by part."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.store = job.open_store()
        self.fresh = set(Scratch(job.scratch).parts("pieces"))

    def read_texts(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """The texts of some paragraphs: of this run where it has labelled their document, else the stored ones."""
        stored = self.store.scan("paragraphs", [part]).select(*PLACE, "text")
        texts = [stored.join(places.lazy(), on=PLACE, how="semi").collect()]
        if part in self.fresh:
            scratch = Scratch(self.job.scratch)
            fresh = scratch.scan_text("pieces", part)
            pages = pl.scan_parquet(scratch.path("stripped", part), glob=False).select("document_id")
            texts[0] = texts[0].join(pages.collect(), on="document_id", how="anti")
            mine = fresh.select("document_id", pl.col("paragraph").cast(pl.Int32), "text")
            texts.append(mine.join(places.lazy(), on=PLACE, how="semi").collect())
        return pl.concat(texts)

    def read_held(self, part: int, documents: pl.DataFrame) -> pl.DataFrame:
        """What held the paragraphs of some stored documents; husks are told anew."""
        held = read_verdicts(self.store, part, documents)
        return held.filter(pl.col("reason") != "husk")

    def read_pairs(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """The pairs that were compared in the run before, of paragraphs that are what they were then."""
        pairs = self.store.scan(DUPLICATES.name, [part]).filter(pl.col("retrieved_by") != BY_KEY)
        for side in ("a", "b"):
            place = [f"{side}_document", f"{side}_paragraph"]
            pairs = pairs.join(places.lazy(), left_on=place, right_on=PLACE, how="semi")
        return pairs.collect()


def read_verdicts(store: Store, part: int, documents: pl.DataFrame) -> pl.DataFrame:
    """What match said of some documents of a part in the run before."""
    ledger = select_verdicts(store.scan("paragraphs", [part]))
    return ledger.join(documents.lazy(), on="document_id", how="semi").collect()


def select_verdicts(ledger: pl.LazyFrame) -> pl.LazyFrame:
    """What match says in rows of the ledger."""
    of_match = ledger.select(*PLACE, *HELD).filter(pl.col("label").is_in(MATCH_REASONS))
    return of_match.rename({"label": "reason"})


def list_files(folder: Path) -> dict[int, Path]:
    """Files or folders that are named by part."""
    return {int(path.stem): path for path in sorted(folder.glob("*"))}
