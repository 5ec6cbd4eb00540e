"""`decant run`, and what it says when it is done."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.app import CLEAN, EXIT_BAD_DATA, AsJson, Config, Out, app
from flows.cli.output import print_json, print_table, show, show_progress
from tasks.errors import UsageError

if TYPE_CHECKING:
    from tasks.job import Job
    from tasks.stages import Outcome

MIN_BYTES_FOR_SPEED = 1_000_000
"""Of less, starting up is most of the time."""

MAX_FAULTS_SHOWN = 5

CORES = os.cpu_count() or 1

Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes at most; all cores by default.")]
Allow = Annotated[
    bool, typer.Option("--allow-gone", help="Let more than a fifth of the documents leave the corpus.")
]


@app.command(epilog="Examples:  decant run  |  decant run dumps --out corpus  |  decant run --full --json")
def run(
    raw: Annotated[
        str, typer.Argument(metavar="[RAW]", help="Folder of raw files, or s3://BUCKET/PREFIX.")
    ] = "raw",
    out: Out = CLEAN,
    config: Config = None,
    workers: Workers = CORES,
    engine: Annotated[
        str, typer.Option("--engine", help="Where they run: local, or tcp://HOST:8786 of a Dask scheduler.")
    ] = "local",
    memory: Annotated[
        float | None,
        typer.Option("--memory", metavar="GB", help="For all processes together; fewer of them run in less."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read every input again, changed or not.")] = False,
    flow: Annotated[
        bool, typer.Option("--flow", help="Run as a Prefect flow; also when PREFECT_API_URL is set.")
    ] = False,
    allow_gone: Allow = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="WHAT", help="Read again site=, document=, date=FROM..TO or rule= alone."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done and why; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Clean RAW into CLEAN: only new and changed inputs, unless --full."""
    from tasks.read import parse_raw

    if dry_run:
        from flows.settings import load_settings
        from tasks.job import Job

        print_outlook(
            Job(parse_raw(raw), out, load_settings(config), 1, engine, full, allow_gone, only=only),
            as_json=as_json,
        )
        return
    if flow or os.environ.get("PREFECT_API_URL"):
        if memory is not None:
            raise UsageError("--memory does not reach into a Prefect flow. Say --workers instead.")
        from flows.clean_corpus import clean_corpus

        try:
            outcome = clean_corpus(parse_raw(raw), out, config, workers, engine, full, allow_gone, only)
        except RuntimeError as error:
            if "Failed to reach API" not in str(error):
                raise
            url = os.environ.get("PREFECT_API_URL")
            raise UsageError(
                f"No Prefect server answers at PREFECT_API_URL={url}. Start it, or unset it."
            ) from error
    else:
        from flows.settings import load_settings
        from tasks.job import Job
        from tasks.memory import fit_memory
        from tasks.stages import run as run_stages

        job = Job(parse_raw(raw), out, load_settings(config), workers, engine, full, allow_gone, only=only)
        job = fit_memory(job, int(memory * 1000)) if memory is not None else job
        with show_progress(quiet=as_json) as progress:
            outcome = run_stages(job, progress)
    print_outcome(outcome, as_json=as_json)
    if not as_json:
        print_change(out)
    if outcome.run["quarantined"] and not as_json:
        print_quarantine(out)
    if outcome.new_faults:
        raise typer.Exit(EXIT_BAD_DATA)


def print_outlook(job: "Job", *, as_json: bool) -> None:
    """What a run would read, do again and drop, and why."""
    from tasks.outlook import look_ahead
    from tasks.stages import check_places

    check_places(job)
    ahead = look_ahead(job)
    names = {"new": ahead.new, "changed": ahead.changed, "gone": ahead.gone}
    if as_json:
        redo = [reason._asdict() for reason in ahead.redo]
        faults = [problem._asdict() for problem in ahead.plan.problems]
        print_json(names | {"documents_gone": ahead.documents_gone, "redo": redo, "quarantine": faults})
        return
    for what, paths in names.items():
        shown = ", ".join(paths[:MAX_FAULTS_SHOWN]) + (", ..." if len(paths) > MAX_FAULTS_SHOWN else "")
        tail = f" ({ahead.documents_gone} documents leave)" if what == "gone" and paths else ""
        typer.echo(f"{what:<8}{len(paths)}{tail}{': ' if paths else ''}{shown}")
    for reason in ahead.redo:
        typer.echo(f"{reason.step}: {reason.consequence}, since {reason.why}")
    if not (any(names.values()) or ahead.redo):
        typer.echo("There is nothing to do.")
    typer.echo("Nothing was changed (--dry-run).")


def print_outcome(outcome: "Outcome", *, as_json: bool) -> None:
    """The summary of a run."""
    row = outcome.run
    seconds = sum(counts["wall_seconds"] for counts in outcome.stages.values())
    if as_json:
        print_json(
            row | {"seconds": round(seconds, 3), "raw_bytes": outcome.raw_bytes, "stages": outcome.stages}
        )
        return
    removed = row["removed"]
    assert isinstance(removed, list)
    rows = [
        [
            "inputs",
            f"{show(row['inputs_seen'])}",
            f"{row['inputs_new']} new, {row['inputs_changed']} changed, {row['inputs_gone']} gone",
        ],
        ["documents", show(row["documents"]), ""],
        ["paragraphs kept", show(row["paragraphs_kept"]), ""],
        ["paragraphs removed", show(row["paragraphs_removed"]), ""],
        *(
            ["  " + item["name"], show(item["count"]), ""]
            for item in sorted(removed, key=lambda item: -item["count"])
        ),
        ["quarantined", show(row["quarantined"]), "decant export quarantine" if row["quarantined"] else ""],
    ]
    print_table(["run " + str(row["number"]), "", ""], rows)
    read = row["inputs_new"] + row["inputs_changed"]  # type: ignore[operator]
    is_telling = read == row["inputs_seen"] and outcome.raw_bytes > MIN_BYTES_FOR_SPEED
    speed = f", {outcome.raw_bytes / 1e6 / seconds:.1f} MB/s" if is_telling else ""
    typer.echo(f"done in {seconds:.1f} s{speed}")
    for line in describe_fields(row["fields"]):  # type: ignore[arg-type]
        typer.echo(line, err=True)


def describe_fields(fields: list[dict[str, object]]) -> list[str]:
    """A line per format that was read: which field was taken for what, and what was left out."""
    by_format: dict[object, list[dict[str, object]]] = {}
    for field in fields:
        by_format.setdefault(field["format"], []).append(field)
    lines = []
    for name, rows in sorted(by_format.items(), key=str):
        taken = [f"{row['role']} = {row['field']}" for row in rows if row["role"] != "left out"]
        left = [f"{row['records']} {row['field']}" for row in rows if row["role"] == "left out"]
        lines.append(f"read .{name}: {', '.join(taken) or 'nothing'}; other fields are in `extra`")
        if left:
            lines.append(f"left out of .{name} as no documents: {', '.join(left)}")
    return lines


def print_quarantine(out: Path) -> None:
    """The first inputs that could not be read, and what to do about them."""
    from tasks.explain import name_record
    from tasks.store import Store

    rows = Store(out).scan("quarantine").collect().sort("source_path", "source_record")
    for row in rows.head(MAX_FAULTS_SHOWN).iter_rows(named=True):
        typer.echo(f"quarantined {name_record(row)}: {row['error']}", err=True)
    if rows.height > MAX_FAULTS_SHOWN:
        typer.echo(
            f"and {rows.height - MAX_FAULTS_SHOWN} more: decant export quarantine --format csv", err=True
        )


def print_change(out: Path) -> None:
    """What the run itself did to a corpus that was there before; the table above it shows totals."""
    import polars as pl

    from tasks.store import Store

    store = Store(out)
    if store.runs.height < 2:
        return
    before, now = store.runs.tail(2).iter_rows(named=True)
    names = {"documents": "documents", "paragraphs_kept": "kept", "paragraphs_removed": "removed"}
    told = ", ".join(f"{now[name] - before[name]:+,} {word}" for name, word in names.items())
    rows = (
        store.scan("paragraphs").filter(pl.col("run_id") == now["run_id"]).select(pl.len()).collect().item()
    )
    typer.echo(f"this run: {told}; {rows:,} paragraphs are new or decided otherwise")
