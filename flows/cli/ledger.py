"""Commands that read a corpus: why a line went, whether all is whole, what each run did, plain files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.app import CLEAN, EXIT_BAD_DATA, AsJson, Out, app
from flows.cli.output import name_place, print_json, print_table, show
from tasks.errors import StoreError

if TYPE_CHECKING:
    from tasks.explain import Explanation


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
    from tasks.store import reading

    record = 0
    with reading(out) as store:
        explanations = list(find_rows(store, source))
    for explanation in explanations:
        if explanation.row["source_record"] != record and not as_json:
            record = int(str(explanation.row["source_record"]))
            typer.echo(f"record {record} ({explanation.row['document_id']})")
        if as_json:
            print_json(explanation.row | {"copies": explanation.copies})
        else:
            print_explanation(explanation)


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


@app.command(epilog="Example:  decant verify --out corpus")
def verify(out: Out = CLEAN, as_json: AsJson = False) -> None:
    """Prove the corpus whole; exit 1 and name the rows at fault if it is not."""
    from tasks.store import reading
    from tasks.verify import Fault
    from tasks.verify import verify as find_faults

    try:
        with reading(out) as store:
            faults = list(find_faults(store))
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


@app.command(epilog="Example:  decant history --out corpus")
def history(out: Out = CLEAN, as_json: AsJson = False) -> None:
    """List what each run committed."""
    from tasks.store import reading

    with reading(out) as store:
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
    if store.kept_from > 1:
        typer.echo(f"versions from {store.kept_from} on can be restored")


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
    from tasks.store import reading

    written = file_format or guess_format(to)
    file = to or Path(f"{table}.{written}")
    with reading(out) as store:
        rows = export_table(store, table, Path("/dev/stdout") if str(file) == "-" else file, written)
    typer.echo(f"{rows} rows of {table} in {file}", err=True)
