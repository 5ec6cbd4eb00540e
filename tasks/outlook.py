"""Outlook: what a job would do and why, before anything is done."""

import dataclasses
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import polars as pl

from tasks.errors import UsageError
from tasks.job import Job, Settings
from tasks.marks import Mark, find_changed, list_marks_of
from tasks.plan import STEP_FILES, Plan, digest_files, digest_steps, list_step_files, make_plan
from tasks.read import hash_input, list_inputs
from tasks.schemas import DECANT_VERSION
from tasks.selection import is_day
from tasks.store import Row, Store

READ_AGAIN, DONE_AGAIN, DECIDED_AGAIN = (
    "every file is read again",
    "every document is done again",
    "decided again",
)
CONSEQUENCES = {
    "read": READ_AGAIN,
    "segment": DONE_AGAIN,
    "repair": DONE_AGAIN,
    "strip": DONE_AGAIN,
    "match": DECIDED_AGAIN,
    "policy": DECIDED_AGAIN,
    "gone": DECIDED_AGAIN,
    "superseded": DECIDED_AGAIN,
    "marks": "their documents are done again",
}
"""What a change of a step, or of a setting that is no step's, entails."""

ONLY = ("site", "document", "date", "rule")


class Redo(NamedTuple):
    """Something that has to be done again, and why."""

    step: str
    consequence: str
    why: str


def plan_job(job: Job) -> Plan:
    """What a job has to do.

    Raises:
        UsageError: more than a fifth of the documents would go, or `only` is not all there is to do.
    """
    store, digests = Store(job.out), digest_steps(job.settings)
    if job.forgetting.keys:
        return plan_forgetting(store, job.settings.sha256, digests)
    selected = select(store, job.only) if job.only else []
    made = make_plan(
        list_inputs(job.raw),
        store,
        hash_file=partial(hash_input, job.raw),
        full=job.full,
        keep_gone=job.settings.gone == "keep",
        allow_gone=job.allow_gone,
        digests=digests,
        config_sha256=job.settings.sha256,
        remarked=bool(list_changed_marks(store, job)),
        selected=selected,
    )
    if job.only:
        refuse_other_work(made, store, job, set(selected))
    return made


def list_changed_marks(store: Store, job: Job) -> list[Mark]:
    """Marks that came, went or were reworded since the last run."""
    return find_changed(list_marks_of(store.last_run), job.settings.marks)


def plan_forgetting(store: Store, config_sha256: str, digests: dict[str, str]) -> Plan:
    """Nothing is read; the next run reads again what it would have read again without this."""
    assert store.last_run is not None
    before = json.loads(str(store.last_run["step_digests"]))
    changed = {step for step in digests if before[step] != digests[step]} - {"read"}
    return Plan(
        redo=bool(changed - {"match"}),
        decide=bool(changed) or store.is_older or store.last_run["config_sha256"] != config_sha256,
        seen=int(str(store.last_run["inputs_seen"])),
        digests=digests | {"read": before["read"]},
        is_offline=True,
    )


# -- only ---------------------------------------------------------------------------------------------


def select(store: Store, only: str) -> list[str]:
    """Source paths that hold what `only` names.

    Args:
        store: the corpus.
        only: `site=HOST`, `document=SOURCE`, `date=FROM..TO` (of publication, inclusive) or `rule=ID`.

    Raises:
        UsageError: it is none of these, or nothing in the corpus answers to it.
    """
    store.require_corpus()
    kind, equals, value = only.partition("=")
    if kind not in ONLY or not equals or not value:
        raise UsageError(
            f"--only {only} is not understood. Write site=HOST, document=SOURCE, date=2024-05-01..2024-05-31 or rule=ID."
        )
    sources = store.scan("sources")
    if kind == "site":
        rows = sources.filter(pl.col("site") == value)
    elif kind == "document":
        rows = sources.filter((pl.col("source_path") == value) | (pl.col("document_id") == value))
    elif kind == "date":
        first, last = parse_dates(value)
        rows = sources.filter(pl.col("published_at").str.head(10).is_between(pl.lit(first), pl.lit(last)))
    else:
        rows = store.scan("paragraphs").filter(pl.col("rule") == value)
    found = sorted(rows.select("source_path").unique().collect()["source_path"])
    if not found:
        raise UsageError(f"--only {only}: the corpus has no such document. See: decant export sources")
    return found


def parse_dates(value: str) -> tuple[str, str]:
    """Both ends of a range, as ISO dates; one day is a range too.

    >>> parse_dates("2024-05-01..2024-05-31"), parse_dates("2024-05-14")
    (('2024-05-01', '2024-05-31'), ('2024-05-14', '2024-05-14'))
    """
    first, dots, last = value.partition("..")
    ends = first, last if dots else first
    if not all(map(is_day, ends)):
        raise UsageError(f"--only date={value} is no range of days. Write date=2024-05-01..2024-05-31.")
    return ends


def refuse_other_work(made: Plan, store: Store, job: Job, selected: set[str]) -> None:
    """Refuse to do a part where the corpus would not be what a full run makes of RAW.

    Raises:
        UsageError: settings, rules or other files have changed since the last run.
    """
    sick = set(store.scan("quarantine").collect()["source_path"])
    others = [f.source_path for f in made.read if f.source_path not in selected | sick]
    others += [path for path in made.leave if path not in selected]
    if made.decide or made.redo or made.remarked:
        reasons = "; ".join(redo.why for redo in explain_redo(store, job)) or "settings or rules have changed"
    elif others:
        reasons = f"{len(others)} other files have come, changed or gone (the first: {others[0]})"
    else:
        return
    raise UsageError(
        f"--only {job.only} would leave the rest of the corpus behind: {reasons}. "
        "Run without --only; what is new or changed is all that is done then."
    )


# -- dry run ------------------------------------------------------------------------------------------


class Outlook(NamedTuple):
    """What a run would do: its plan, what it would do again and why, and the documents that would leave."""

    plan: Plan
    redo: list[Redo]
    new: list[str]
    changed: list[str]
    gone: list[str]
    documents_gone: int


def look_ahead(job: Job) -> Outlook:
    """Say what a run would do; nothing is written, and nobody is kept waiting.

    Raises:
        UsageError: the run would be refused.
    """
    made, store = plan_job(job), Store(job.out)
    known = set(store.scan("sources").select("source_path").unique().collect()["source_path"])
    read = {file.source_path for file in made.read}
    sick = {problem.source_path for problem in made.problems}
    gone = [path for path in made.leave if path not in read | sick]
    is_gone = pl.col("source_path").is_in(pl.Series(gone, dtype=pl.String).implode())
    documents = store.scan("documents").filter(is_gone).select(pl.len()).collect().item()
    return Outlook(
        made, list(explain_redo(store, job)), sorted(read - known), sorted(read & known), gone, int(documents)
    )


def explain_redo(store: Store, job: Job) -> Iterator[Redo]:
    """The steps that a changed setting, rule pack, module or version makes do again."""
    run = store.last_run
    if run is None:
        return
    before, now = (
        json.loads(str(run["config"])),
        json.loads(json.dumps(dataclasses.asdict(job.settings), default=str)),
    )
    digests = json.loads(str(run["step_digests"])), digest_steps(job.settings)
    for step in STEP_FILES:
        if digests[0].get(step) != digests[1][step]:
            why = [*compare_settings(before.get(step, {}), now[step], step), *compare_files(run, step)]
            yield Redo(step, CONSEQUENCES[step], ", ".join(why) or "its code or rules have changed")
    for name in ("policy", "gone", "superseded"):
        # A run before there was such a setting did what is the default now.
        was = before.get(name, getattr(Settings(), name))
        if was != now[name]:
            changed = compare_settings({name: was}, {name: now[name]}, "")
            yield Redo(name, CONSEQUENCES[name], ", ".join(changed))
    if marks := list_changed_marks(store, job):
        yield Redo("marks", CONSEQUENCES["marks"], f"marks came, went or were reworded: {len(marks)}")


def compare_settings(before: dict[str, object], now: dict[str, object], prefix: str) -> Iterator[str]:
    """Settings that differ, with both values.

    >>> list(compare_settings({"min_words": 8}, {"min_words": 10}, "match"))
    ['match.min_words was 8 and is 10']
    """
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        place = f"{prefix}.{name}".lstrip(".")
        if isinstance(old, dict) and isinstance(new, dict):
            yield from compare_settings(old, new, place)
        elif old != new:
            yield f"{place} was {json.dumps(old, ensure_ascii=False)} and is {json.dumps(new, ensure_ascii=False)}"


def compare_files(run: Row, step: str) -> Iterator[str]:
    """Files of a step that differ from those that a run used, rule packs told from code."""
    if run["decant_version"] != DECANT_VERSION:
        yield f"Decant was {run['decant_version']} and is {DECANT_VERSION}"
    if not run["step_files"]:
        return
    before, now = json.loads(str(run["step_files"])), digest_files()
    mine = re.compile("|".join(map(re.escape, STEP_FILES[step])))
    names = {*list_step_files(step), *(name for name in before if mine.match(name))}
    for name in sorted(names):
        if before.get(name) != now.get(name):
            kind = "rule pack" if name.startswith("rules/") else "code"
            yield f"{kind} {name} has changed"
