"""`decant report`: the corpus as a page to look at."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.app import CLEAN, Out, app, open_corpus
from tasks.errors import UsageError


@app.command(epilog="Examples:  decant report  |  decant report --out corpus --to week-20.html")
def report(
    out: Out = CLEAN,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE.html", help="The page; - writes it to stdout.")
    ] = Path("report.html"),
) -> None:
    """Show what went and why as one self-contained page: no network, under 5 MB."""
    from tasks.report import write_report

    write_page(write_report(open_corpus(out)), to)


def write_page(page: str, to: Path) -> None:
    """Put a page where it was asked for."""
    written = page.encode("utf-8", "backslashreplace")
    if str(to) == "-":
        typer.echo(written, nl=False)
        return
    try:
        to.write_bytes(written)
    except OSError as error:
        raise UsageError(
            f"{to} cannot be written ({error.strerror}). Name another file with --to."
        ) from error
    typer.echo(f"{to}: {len(written) / 1e6:.1f} MB", err=True)
