"""`decant diff`: what changed between two versions, and what had changed before it did."""

from typing import Annotated

import typer

from flows.cli.app import CLEAN, AsJson, Out, app, open_corpus
from flows.cli.output import print_json, print_table, show

MAX_SHOWN_CHARS = 90
MAX_EXAMPLES = 2


@app.command(epilog="Example:  decant diff 1 2")
def diff(
    one: Annotated[int, typer.Argument(metavar="V1", help="A version as `decant history` numbers it.")],
    other: Annotated[int, typer.Argument(metavar="V2", help="The one to compare it with.")],
    out: Out = CLEAN,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions of the corpus, and which rule, input or setting did it."""
    from tasks.versions import compare_versions

    found = compare_versions(open_corpus(out), one, other)
    if as_json:
        print_json(
            found._asdict()
            | {
                "causes": [cause._asdict() for cause in found.causes],
                "moved": [moved._asdict() for moved in found.moved],
            }
        )
        return
    for cause in found.causes:
        change = f"{cause.before} -> {cause.after}" if cause.before else cause.after
        typer.echo(f"{cause.kind} {cause.name}: {change}")
    if not found.causes:
        typer.echo("No input, setting or step differs.")
    typer.echo()
    names = ("added", "removed", "changed")
    counts = (("documents", found.documents), ("paragraphs", found.paragraphs))
    print_table(["", *names], [[name, *(show(count[one]) for one in names)] for name, count in counts])
    for moved in found.moved:
        typer.echo(
            f"\n{show(moved.paragraphs)} paragraphs: {moved.before} -> {moved.after}, {moved.rule} [{moved.cause}]"
        )
        for place, text in moved.examples[:MAX_EXAMPLES]:
            shown = " ".join(text.split())
            cut = "…" if len(shown) > MAX_SHOWN_CHARS else ""
            typer.echo(f"  {place}  {shown[:MAX_SHOWN_CHARS]}{cut}")
