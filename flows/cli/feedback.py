"""Commands that take a correction: this line should have stayed, that one should have gone."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.app import CLEAN, AsJson, Out, app
from flows.cli.output import print_json
from tasks.errors import UsageError

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; decant.toml if there is one.")
]


@app.command(
    epilog='Examples:  decant mark site/page.txt:12 keep --why "the price list belongs to it"  |  decant mark --list'
)
def mark(
    place: Annotated[
        str | None, typer.Argument(metavar="SOURCE:LINE", help="As `decant explain` names it.")
    ] = None,
    decision: Annotated[str | None, typer.Argument(metavar="keep|remove")] = None,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="For those who read it later.")] = "",
    out: Out = CLEAN,
    config: Config = None,
    show: Annotated[bool, typer.Option("--list", help="Show the marks, and those without a text.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide on one line, above every rule; the next run obeys. Marks are a file to put under version control."""
    from flows.settings import locate_marks
    from tasks.explain import find_line
    from tasks.marks import add_marks, make_mark
    from tasks.store import Store

    file = locate_marks(config)
    if show:
        list_marks(file, out, as_json=as_json)
        return
    if place is None or decision not in ("keep", "remove"):
        raise UsageError("Say what to mark and how: decant mark SOURCE:LINE keep|remove --why TEXT")
    if not why.strip():
        raise UsageError("Say why, for those who read it later: --why TEXT")
    made = [
        make_mark(row, "keep" if decision == "keep" else "remove", why.strip())
        for row in find_line(Store(out), place)
    ]
    count = add_marks(file, made)
    for one in made:
        typer.echo(f"{one.decision} {one.source}:{one.line} {one.text!r}")
    typer.echo(f"{file}: {count} marks; the next `decant run` obeys them.", err=True)


def list_marks(file: Path, out: Path, *, as_json: bool) -> None:
    """Every mark of a file, and whether its text is in the corpus."""
    from dataclasses import asdict

    from tasks.marks import find_lost, read_marks
    from tasks.store import Store

    marks = read_marks(file)
    lost = set(find_lost(Store(out), marks))
    for one in marks:
        if as_json:
            print_json(asdict(one) | {"found": one not in lost})
            continue
        note = "  (its text is no longer there)" if one in lost else ""
        typer.echo(f"{one.decision:<7}{one.source}:{one.line}  {one.text!r}  {one.why}{note}")
    if not marks and not as_json:
        typer.echo(f"No marks in {file}. Make one with: decant mark SOURCE:LINE keep --why TEXT", err=True)


@app.command(epilog="Examples:  decant sample --reason related -n 20  |  decant sample --kept --seed 7")
def sample(
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="R", help="Only what went for this reason.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="ID", help="Only what this rule decided.")
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="Paragraphs.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed draws others.")] = 0,
    kept: Annotated[bool, typer.Option("--kept", help="Draw from what stayed.")] = False,
    out: Out = CLEAN,
    as_json: AsJson = False,
) -> None:
    """Draw removed paragraphs by lot, to judge a rule by reading what it did."""
    from flows.cli.margin import print_plain
    from tasks.audit import draw_paragraphs
    from tasks.explain import name_line
    from tasks.store import Store

    for drawn in draw_paragraphs(Store(out), count, seed=seed, reason=reason, rule=rule, kept=kept):
        if as_json:
            print_json(drawn.row | {"copies": drawn.copies})
        else:
            typer.echo(name_line(drawn.row))
            print_plain(drawn)
