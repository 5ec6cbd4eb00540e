"""The commands. The only file that prints."""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tasks.errors import DecantError, StoreError, UsageError

if TYPE_CHECKING:
    from tasks.explain import Explanation
    from tasks.stages import Outcome

app = typer.Typer(
    name="decant",
    help="Pour clear text off scraped web news and keep the sediment, with a reason for every removal.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Out = Annotated[Path, typer.Option("--out", metavar="CLEAN", help="The corpus.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
CLEAN = Path("clean")

MIN_BYTES_FOR_SPEED = 1_000_000
"""Of less, starting up is most of the time."""

MAX_FAULTS_SHOWN = 5

EXIT_BAD_DATA, EXIT_USAGE = 1, 2


@app.command(epilog="Examples:  decant run  |  decant run dumps --out corpus  |  decant run --full --json")
def run(
    raw: Annotated[Path, typer.Argument(metavar="[RAW]", help="Folder of raw files.")] = Path("raw"),
    out: Out = CLEAN,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings; decant.toml if there is one.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes at most; all cores by default.")
    ] = os.cpu_count() or 1,
    engine: Annotated[str, typer.Option("--engine", help="Where they run: local.")] = "local",
    full: Annotated[bool, typer.Option("--full", help="Read every input again, changed or not.")] = False,
    flow: Annotated[
        bool, typer.Option("--flow", help="Run as a Prefect flow; also when PREFECT_API_URL is set.")
    ] = False,
    allow_gone: Annotated[
        bool, typer.Option("--allow-gone", help="Let more than a fifth of the documents leave the corpus.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Clean RAW into CLEAN: only new and changed inputs, unless --full."""
    if flow or os.environ.get("PREFECT_API_URL"):
        from flows.clean_corpus import clean_corpus

        try:
            outcome = clean_corpus(raw, out, config, workers, engine, full, allow_gone)
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
        from tasks.stages import run as run_stages

        job = Job(raw, out, load_settings(config), workers, engine, full, allow_gone)
        with show_progress(quiet=as_json) as progress:
            outcome = run_stages(job, progress)
    print_outcome(outcome, as_json=as_json)
    if outcome.run["quarantined"] and not as_json:
        print_quarantine(out)
    if outcome.new_faults:
        raise typer.Exit(EXIT_BAD_DATA)


@app.command(epilog="Example:  decant verify --out corpus")
def verify(out: Out = CLEAN, as_json: AsJson = False) -> None:
    """Prove the corpus whole; exit 1 and name the rows at fault if it is not."""
    from tasks.store import Store
    from tasks.verify import Fault
    from tasks.verify import verify as find_faults

    try:
        faults = list(find_faults(Store(out)))
    except StoreError as error:
        if not list(out.glob("*/_delta_log")):
            raise
        faults = [Fault("files", "runs", str(out), str(error))]
    if as_json:
        print_json({"faults": [fault._asdict() for fault in faults]})
    elif not faults:
        typer.echo(f"{out} is whole: every character is accounted for, every pointer names a kept paragraph.")
    for fault in () if as_json else faults:
        typer.echo(f"{fault.table}, {fault.place}: {fault.what} [{fault.check}]")
    if faults:
        raise typer.Exit(EXIT_BAD_DATA)


@app.command(epilog="Examples:  decant explain site/page.txt  |  decant explain site/page.txt:12")
def explain(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE[:LINE]", help="A path as in RAW, or a document id.")
    ],
    out: Out = CLEAN,
    as_json: AsJson = False,
) -> None:
    """Show why each line stayed or went, beside its kept copy."""
    from tasks.explain import explain as find_rows
    from tasks.store import Store

    record = 0
    for explanation in find_rows(Store(out), source):
        if explanation.row["source_record"] != record and not as_json:
            record = int(str(explanation.row["source_record"]))
            typer.echo(f"record {record} ({explanation.row['document_id']})")
        if as_json:
            print_json(explanation.row | {"copies": explanation.copies})
        else:
            print_explanation(explanation)


@app.command(
    epilog="Examples:  decant export documents  |  decant export paragraphs --to ledger.csv --format csv"
)
def export(
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE", help="documents, paragraphs, sources, duplicates, runs or quarantine."
        ),
    ],
    out: Out = CLEAN,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="TABLE.FORMAT here by default.")
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="parquet, jsonl or csv; by default what FILE ends in, or parquet."),
    ] = None,
) -> None:
    """Write a table as a plain file."""
    from tasks.export import export_table, guess_format
    from tasks.store import Store

    written = file_format or guess_format(to)
    file = to or Path(f"{table}.{written}")
    rows = export_table(Store(out), table, Path("/dev/stdout") if str(file) == "-" else file, written)
    typer.echo(f"{rows} rows of {table} in {file}", err=True)


@app.command(
    epilog="""Example:  echo '{"a": "Hơn 300 hộ", "b": "Gần 300 hộ"}' > pairs.jsonl; decant compare pairs.jsonl"""
)
def compare(pairs: Annotated[Path, typer.Argument(metavar="PAIRS.jsonl", help='Rows {"a", "b"}.')]) -> None:
    """Say of each pair of texts whether one may go: same, a_in_b, b_in_a or distinct."""
    from tasks.match.decide import compare as decide

    for number, row in enumerate(read_lines(pairs), 1):
        a, b = read_pair(row, f"{pairs}, line {number}")
        made = decide(a, b)
        print_json(
            {
                "decision": made.decision,
                "edits": [edit._asdict() for edit in made.edits],
                "reason": made.reason,
                "similarity": round(made.similarity, 4),
            }
        )


@app.command(epilog="Example:  decant history --out corpus")
def history(out: Out = CLEAN, as_json: AsJson = False) -> None:
    """List what each run committed."""
    from tasks.store import Store

    store = Store(out)
    store.require_corpus()
    if as_json:
        for row in store.runs.iter_rows(named=True):
            print_json(row)
        return
    columns = {
        "version": "number", "started": "started_at", "command": "command", "files": "inputs_seen",
        "new": "inputs_new", "changed": "inputs_changed", "gone": "inputs_gone", "documents": "documents",
        "kept": "paragraphs_kept", "removed": "paragraphs_removed", "quarantined": "quarantined",
    }  # fmt: skip
    rows = [[show(row[name]) for name in columns.values()] for row in store.runs.iter_rows(named=True)]
    print_table(list(columns), rows)


def main() -> NoReturn:
    """Run a command; what is wrong with the set-up ends in a sentence and exit 2."""
    try:
        app(standalone_mode=True)
    except DecantError as error:
        typer.echo(f"decant: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except FileNotFoundError as error:
        print_damage(error)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; Python would complain once more on closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        typer.echo(
            "decant: stopped. Nothing of this run was committed; the next one does its work.", err=True
        )
        sys.exit(130)
    except Exception as error:
        # A table that breaks while it is read speaks polars; anything else is a bug and shows where it is.
        if not is_damage(error):
            raise
        print_damage(error)
    sys.exit(0)


def is_damage(error: Exception) -> bool:
    """Whether an error says that a file of the corpus is broken."""
    from tasks.store import OF_A_FILE

    return type(error).__module__.startswith("polars") and any(sign in str(error) for sign in OF_A_FILE)


def print_damage(error: Exception) -> NoReturn:
    """Say that a table cannot be read, and end."""
    first_line = str(error).strip().split("\n")[0]
    typer.echo(f"decant: a table cannot be read ({first_line}). `decant verify` names the damage.", err=True)
    sys.exit(EXIT_USAGE)


# -- output -------------------------------------------------------------------------------------------


class show_progress:  # noqa: N801 - reads as the verb it is in a with statement
    """Progress on a terminal; a line per stage in a log; nothing when quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""

    def __enter__(self) -> Callable[[str, int, int], None]:
        if sys.stderr.isatty() and not self._quiet:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description:<8}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            if not self._quiet and stage != self._stage and total > 1:
                typer.echo(f"{stage}: {total} parts", err=True)
            self._stage = stage
            return
        if stage != self._stage:
            self._task = self._bar.add_task(stage, total=total)
        self._stage = stage
        self._bar.update(self._task, completed=done)


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


def print_quarantine(out: Path) -> None:
    """The first inputs that could not be read, and what to do about them."""
    from tasks.store import Store

    rows = Store(out).scan("quarantine").collect().sort("source_path", "source_record")
    for row in rows.head(MAX_FAULTS_SHOWN).iter_rows(named=True):
        typer.echo(f"quarantined {row['source_path']}: {row['error']}", err=True)
    if rows.height > MAX_FAULTS_SHOWN:
        typer.echo(
            f"and {rows.height - MAX_FAULTS_SHOWN} more: decant export quarantine --format csv", err=True
        )


def print_explanation(explanation: "Explanation") -> None:
    """One paragraph with its verdict, and the copies that hold it."""
    from tasks.explain import show_repairs

    row = explanation.row
    why = f"{row['reason']} ({row['rule']}: {row['evidence']})" if row["reason"] else ""
    label = f" labelled {row['label']} ({row['rule']})" if row["label"] and not row["reason"] else ""
    typer.echo(f"{row['line']:>5} {row['verdict']:<8}{why}{label}")
    typer.echo(f"      {row['text']}")
    if row["raw"] != row["text"]:
        repairs = row["repairs"]
        assert isinstance(repairs, list)
        mended = show_repairs(str(row["raw"]), str(row["text"]))
        typer.echo(f"      mended ({', '.join(repairs)}): {mended}")
    for copy in explanation.copies:
        typer.echo(f"      held by {name_place(copy)}: {copy['text']}")


def name_place(row: dict[str, object]) -> str:
    """Source, record if it is not the first, and line."""
    record = f" record {row['source_record']}" if row["source_record"] else ""
    return f"{row['source_path']}{record}:{row['line']}"


def print_table(header: list[str], rows: list[list[str]]) -> None:
    """Columns aligned; the same plain text on a terminal and in a file."""
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    for row in [header, *rows]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show(value: object) -> str:
    """A cell."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def print_json(value: object) -> None:
    """One JSON object on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def read_lines(file: Path) -> list[str]:
    """Lines of a JSONL file that are not blank."""
    try:
        return [line for line in file.read_text("utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}). Name a UTF-8 file of JSON rows.") from error


def read_pair(row: str, place: str) -> tuple[str, str]:
    """Both texts of a row."""
    try:
        parsed = json.loads(row)
        a, b = parsed["a"], parsed["b"]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f'{place} is no row {{"a": ..., "b": ...}}. Mend it and run again.') from error
    if not (isinstance(a, str) and isinstance(b, str)):
        raise UsageError(f"{place}: a and b must be texts. Mend it and run again.")
    return a, b
