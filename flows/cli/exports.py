"""Commands that hand the corpus on: plain files, what changed, and what the tables promise."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.app import CLEAN, EXIT_BAD_DATA, AsJson, Out, app, open_corpus
from flows.cli.output import print_json
from tasks.errors import UsageError

if TYPE_CHECKING:
    from tasks.selection import Selection
    from tasks.store import Store


@app.command(
    epilog="""Examples:  decant export documents  |  decant export paragraphs --to ledger.csv  |
    decant export documents --language vi --since 2026-01-01 --to new.jsonl.zst  |  decant export --dataset corpus-hf  |
    decant export documents --changes 1..2 --to changes.jsonl"""
)
def export(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE", help="documents, paragraphs, sources, duplicates, runs or quarantine."
        ),
    ] = None,
    out: Out = CLEAN,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="TABLE.FORMAT here by default.")
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="parquet, jsonl or csv; by default what FILE ends in, or parquet. "
            "FILE.jsonl.zst and FILE.csv.gz are packed.",
        ),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", help="Only documents in it; may be repeated.")
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option("--site", help="Only documents of it; may be repeated.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only published on that day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Only published on that day or earlier.")
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option("--dataset", metavar="DIR", help="All tables as a folder for Hugging Face datasets."),
    ] = None,
    changes: Annotated[
        str | None, typer.Option("--changes", metavar="V1..V2", help="What changed between two versions.")
    ] = None,
    since_version: Annotated[
        int | None, typer.Option("--since-version", metavar="V", min=0, help="What changed since a version.")
    ] = None,
) -> None:
    """Write a table, or all of them, as plain files."""
    from tasks.selection import Selection

    store = open_corpus(out)
    selection = Selection(tuple(language or ()), tuple(site or ()), since, until)
    if dataset is not None:
        refuse_beside_dataset(
            {"TABLE": table, "--to": to, "--format": file_format}
            | {"--changes": changes, "--since-version": since_version}
        )
        from tasks.dataset import export_dataset

        count = export_dataset(store, dataset, selection)
        typer.echo(f"{count} documents in {dataset}", err=True)
        return
    if table is None:
        raise UsageError("Name a table, or --dataset DIR for all of them.")
    versions = parse_versions(changes, since_version, store.run_number)
    if versions and selection != Selection():
        raise UsageError(
            "Changes are not chosen by document. Leave out --language, --site, --since and --until."
        )
    write_table(store, table, to, file_format, selection, versions)


def refuse_beside_dataset(given: dict[str, object]) -> None:
    """Refuse what a dataset would leave unheard.

    Raises:
        UsageError: something else than a choice of documents is asked for as well.
    """
    if beside := [name for name, value in given.items() if value is not None]:
        raise UsageError(
            f"--dataset writes all tables as they are now. Leave out {' and '.join(beside)}, or --dataset."
        )


def write_table(
    store: "Store",
    table: str,
    to: Path | None,
    file_format: str | None,
    selection: "Selection",
    versions: tuple[int, int] | None,
) -> None:
    """One table, or what changed in it."""
    from tasks.export import check_format, export_table, guess_format, write_file
    from tasks.feed import read_changes

    written = file_format or guess_format(to)
    file = to or Path(f"{table}.{written}")
    target = Path("/dev/stdout") if str(file) == "-" else file
    if versions:
        check_format(written)
        rows = read_changes(store, table, *versions)
        write_file(rows.lazy(), target, written)
        typer.echo(f"{rows.height} changes of {table} in {file}", err=True)
        return
    count = export_table(store, table, target, written, selection)
    typer.echo(f"{count} rows of {table} in {file}", err=True)


def parse_versions(changes: str | None, since_version: int | None, last: int) -> tuple[int, int] | None:
    """The two versions asked for; None if none are.

    >>> parse_versions("3..5", None, 7), parse_versions(None, 4, 7)
    ((3, 5), (4, 7))
    """
    if since_version is not None:
        return since_version, last
    if changes is None:
        return None
    before, dots, after = changes.partition("..")
    if not (dots and before.isdecimal() and after.isdecimal()):
        raise UsageError(
            f"{changes} names no two versions. Write --changes 3..5; `decant history` lists them."
        )
    return int(before), int(after)


@app.command(epilog="Examples:  decant schema documents --json  |  decant schema")
def schema(
    table: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="All tables by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what the tables promise: columns, types and meaning; as JSON schema with --json."""
    from tasks.export import find_table
    from tasks.schemas import SCHEMA_VERSION, TABLES, make_json_schema

    for one in [find_table(table)] if table else TABLES.values():
        if as_json:
            print_json(make_json_schema(one.name))
            continue
        typer.echo(f"{one.name} (version {SCHEMA_VERSION}): {one.rows}")
        for column in one.columns:
            typer.echo(
                f"  {column.name}: {column.dtype}{' or null' if column.nullable else ''}; {column.meaning}"
            )


@app.command(epilog="Example:  decant check documents.parquet documents")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Parquet or JSONL.")],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table that it is said to be.")],
) -> None:
    """Hold a file against what a table promises; exit 1 and say what is different."""
    from tasks.export import read_file
    from tasks.schemas import SCHEMA_VERSION
    from tasks.schemas import check as find_faults

    rows = read_file(file, table)
    faults = find_faults(rows, table)
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(EXIT_BAD_DATA)
    typer.echo(f"{file}: {rows.height} rows, as {table} of version {SCHEMA_VERSION} promises.")
