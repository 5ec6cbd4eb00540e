"""The Prefect flow: the stages of `tasks.stages`, each as one task.

    clean_corpus
      plan -> read -> repair -> strip -> match -> write

One task run per stage, never one per document, and only counts between them: what is done is read from the
corpus, never from Prefect's state.
"""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any

# Prefect reads these when it is imported. A server that starts with the flow may need two minutes on a busy
# machine (its own limit is 20 s), and neither Prefect nor its server should report home.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")

from prefect import Task, flow, get_run_logger
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from flows.notify import tell_failure
from flows.settings import load_settings
from tasks.errors import DecantError
from tasks.export import replacing
from tasks.job import Job
from tasks.read import parse_raw
from tasks.stages import Counts, Outcome, Progress, Stage, run
from tasks.store import reading

READING_STAGES = ("plan", "read")
"""Stages that fail for reasons that pass by themselves: a network disk that stalls, a file being replaced."""


@flow(name="clean-corpus", log_prints=False, on_failure=[tell_failure], on_crashed=[tell_failure])
def clean_corpus(
    raw: Path | str = Path("raw"),
    out: Path = Path("clean"),
    config: Path | None = None,
    workers: Annotated[int, Field(ge=1)] = 1,
    engine: str = "local",
    full: bool = False,  # noqa: FBT001, FBT002 - a flow's parameters are a form in the UI
    allow_gone: bool = False,  # noqa: FBT001, FBT002
    only: Annotated[str | None, Field(pattern="^(site|document|date|rule)=.+$")] = None,
    report: Path | None = None,
) -> Outcome:
    """Clean RAW into CLEAN: what is new or changed.

    Args:
        raw: folder of raw files, or the URL of an object store.
        out: the corpus.
        config: settings; `decant.toml` if there is one.
        workers: processes at most.
        engine: where they run: local.
        full: read every input again.
        allow_gone: let more than a fifth of the documents leave the corpus.
        only: read again what this names: site=HOST, document=SOURCE, date=FROM..TO or rule=ID.
        report: file in which the report is put after each run, and which the run's page names.
    """
    job = Job(parse_raw(raw), out, load_settings(config), workers, engine, full, allow_gone, only=only)
    outcome = run(job, call=call_as_task)
    publish(outcome, out)
    if report is not None:
        publish_report(outcome, out, report)
    return outcome


def call_as_task(stage: Stage, job: Job, progress: Progress) -> Counts:
    """Run a stage as a task of the flow, and log its counts."""
    counts: Counts = make_task(stage)(job, progress)
    told = ", ".join(f"{name} {round(value, 2):,.10g}" for name, value in counts.items())
    get_run_logger().info("%s: %s", stage.__name__, told or "nothing to do")
    return counts


@cache
def make_task(stage: Stage) -> Any:  # noqa: ANN401 - Prefect's types do not tell a task that waits from one that does not
    """The task of a stage; only reading is tried again."""
    retries = 2 if stage.__name__ in READING_STAGES else 0
    return Task(
        stage,
        name=stage.__name__,
        retries=retries,
        retry_delay_seconds=5,
        retry_condition_fn=is_passing,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


def is_passing(_task: object, _run: object, state: Any) -> bool:  # noqa: ANN401 - Prefect's own signature
    """Whether a failed task may do better in five seconds: the system said so, not Decant."""
    return isinstance(state.result(raise_on_failure=False), OSError)


def publish(outcome: Outcome, out: Path) -> None:
    """The run's summary as artifacts of the flow run: counts, reasons and what could not be read; no text."""
    title = f"Run {outcome.run['number']}"
    removed = outcome.run["removed"]
    assert isinstance(removed, list)
    create_table_artifact(
        [{"what": name, "count": outcome.run[name]} for name in SUMMARY],
        key="clean-corpus",
        description=f"{title}: what was read, what stayed and what went",
    )
    create_table_artifact(
        [{"reason": item["name"], "paragraphs": item["count"]} for item in removed],
        key="clean-corpus-removed",
        description=f"{title}: removed paragraphs by reason",
    )
    with reading(out) as store:
        sick = store.scan("quarantine").sort("at", "source_path", descending=[True, False]).collect()
    create_table_artifact(
        [
            {
                "input": row["source_path"],
                "record": row["source_record"],
                "what to do": row["error"],
                "since": f"{row['at']:%Y-%m-%d}",
            }
            for row in sick.head(MAX_FAULTS_SHOWN).iter_rows(named=True)
        ],
        key="clean-corpus-quarantine",
        description=f"{title}: what could not be read, the newest first",
    )


def publish_report(outcome: Outcome, out: Path, to: Path) -> None:
    """Write the report, and a link to it; a report that cannot be written is a warning, since the corpus is."""
    from tasks.report import write_report  # noqa: PLC0415 - only those who ask for it

    try:
        with reading(out) as store, replacing(to) as pending:
            pending.write_bytes(write_report(store).encode("utf-8", "backslashreplace"))
    except DecantError as error:
        get_run_logger().warning("The corpus is written, but its report is not: %s", error)
        return
    create_link_artifact(
        to.resolve().as_uri(),
        link_text=str(to.resolve()),
        key="clean-corpus-report",
        description=f"Run {outcome.run['number']}: the report, a file on the machine that ran",
    )


MAX_FAULTS_SHOWN = 100
SUMMARY = (
    "inputs_seen",
    "inputs_new",
    "inputs_changed",
    "inputs_gone",
    "documents",
    "paragraphs_kept",
    "paragraphs_removed",
    "quarantined",
)
