"""Commands that read a corpus: why a line went, whether all is whole, what each run did."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.app import CLEAN, EXIT_BAD_DATA, AsJson, Out, app, open_corpus
from flows.cli.output import print_json, print_table, show
from flows.cli.run import CORES, Workers
from tasks.errors import StoreError, UsageError


@app.command(
    epilog="Examples:  decant explain site/page.txt:12  |  decant explain 'dump.jsonl[6]'  |  decant explain site/page.txt --html page.html  |  decant explain --site site"
)
def explain(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE[:LINE]",
            help="A path as in RAW or a document id; of a file of records LINE is a record, and SOURCE[RECORD]:LINE a line of one.",
        ),
    ] = None,
    out: Out = CLEAN,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page; - to stdout.")
    ] = None,
    site: Annotated[
        str | None, typer.Option("--site", metavar="DOMAIN", help="What was learnt of a site instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show why each line stayed or went, beside its kept copy."""
    from tasks.explain import explain as find_rows

    if site is not None:
        print_site(out, site, as_json=as_json)
        return
    if source is None:
        raise UsageError(
            "Name a source (decant explain SOURCE[:LINE]) or a site (decant explain --site DOMAIN)."
        )
    explanations = find_rows(open_corpus(out), source)
    if as_json:
        for explanation in explanations:
            print_json(explanation.row | {"copies": explanation.copies})
    elif html is not None:
        from flows.cli.report import write_page
        from tasks.report import write_explanation

        write_page(write_explanation(open_corpus(out), source), html)
    else:
        from flows.cli.margin import print_explanations

        print_explanations(explanations)


def print_site(out: Path, site: str, *, as_json: bool) -> None:
    """What was learnt of a site from all its pages."""
    from tasks.sites import describe_site

    found = describe_site(open_corpus(out), site)
    if as_json:
        print_json(found._asdict() | {"templates": [template._asdict() for template in found.templates]})
        return
    typer.echo(f"{site}: {found.documents:,} documents")
    print_table(
        ["became", "paragraphs"], [[reason or "kept", show(count)] for reason, count in found.reasons]
    )
    if not found.templates:
        typer.echo("No line stands on enough of its pages to be its template.")
        return
    rows = [
        [
            show(template.documents),
            f"{100 * template.documents / template.site_documents:.0f} %",
            template.position,
            show(template.removed),
            f"{template.since:%Y-%m-%d}" if template.since else "-",
            template.example,
        ]
        for template in found.templates
    ]
    typer.echo()
    print_table(["pages", "share", "where", "removed as template", "since", "line"], rows)


@app.command(epilog="Example:  decant verify --out corpus")
def verify(out: Out = CLEAN, workers: Workers = CORES, as_json: AsJson = False) -> None:
    """Prove the corpus whole; exit 1 and name the rows at fault if it is not."""
    from tasks.data_files import has_log
    from tasks.faults import Fault
    from tasks.verify import verify as find_faults

    try:
        faults = list(find_faults(open_corpus(out), workers))
    except StoreError as error:
        if not any(map(has_log, out.glob("*"))):
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
    store = open_corpus(out)
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
