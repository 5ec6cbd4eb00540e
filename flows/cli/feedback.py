"""Commands that take a correction: this line should have stayed, that one should have gone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.app import CLEAN, AsJson, Config, Out, app, open_corpus
from flows.cli.output import print_json
from tasks.errors import UsageError

if TYPE_CHECKING:
    from tasks.marks import Mark

MAX_EFFECTS, MAX_EXAMPLE_CHARS = 8, 90


@app.command(
    epilog='Examples:  decant mark site/page.txt:12 keep --why "the price list belongs to it"  |  decant mark --list'
)
def mark(
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE:LINE", help="As `decant explain` names it; of a dump SOURCE[RECORD]:LINE."
        ),
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
        for row in find_line(open_corpus(out), place)
    ]
    count = add_marks(file, made)
    for one in made:
        typer.echo(f"{one.decision} {name_text(one)} {one.text!r}")
    typer.echo(f"{file}: {count} marks; the next `decant run` obeys them.", err=True)


def name_text(mark: "Mark") -> str:
    """Where the text of a mark stood, as the commands take it."""
    from tasks.explain import name_line

    return name_line({"source_path": mark.source, "source_record": mark.record, "line": mark.line})


def list_marks(file: Path, out: Path, *, as_json: bool) -> None:
    """Every mark of a file, and whether its text is in the corpus."""
    from dataclasses import asdict

    from tasks.marks import find_lost, read_marks

    store, marks = open_corpus(out), read_marks(file)
    store.require_corpus()
    lost = set(find_lost(store, marks))
    for one in marks:
        if as_json:
            print_json(asdict(one) | {"found": one not in lost})
            continue
        note = "  (its text is no longer there)" if one in lost else ""
        typer.echo(f"{one.decision:<7}{name_text(one)}  {one.text!r}  {one.why}{note}")
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

    for drawn in draw_paragraphs(open_corpus(out), count, seed=seed, reason=reason, rule=rule, kept=kept):
        if as_json:
            print_json(drawn.row | {"copies": drawn.copies})
        else:
            typer.echo(name_line(drawn.row))
            print_plain(drawn)


@app.command(
    epilog="Examples:  decant new-site news.example  |  decant new-site news.example --to rules/news.toml"
)
def new_site(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="A site as the corpus names it.")],
    out: Out = CLEAN,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE.toml", help="Write it there; stdout by default.")
    ] = None,
) -> None:
    """Propose rules for a site from what its pages have in common."""
    from tasks.newsite import propose_pack

    proposal = propose_pack(open_corpus(out), domain)
    if to is None:
        typer.echo(proposal.toml, nl=False)
        return
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("x", encoding="utf-8") as opened:
            opened.write(proposal.toml)
    except OSError as error:
        raise UsageError(f"{to} cannot be written ({error.strerror}). Name a new file with --to.") from error
    if proposal.rules:
        told = f'{proposal.rules} rules. Read them, then name the folder: [strip] rules = "{to.parent}"'
    else:
        told = f"no rules. What pages of {domain} share goes by other rules already, or stands on too few of them."
    typer.echo(f"{to}: {told}", err=True)


@app.command(epilog="Example:  decant suggest")
def suggest(out: Out = CLEAN, config: Config = None, as_json: AsJson = False) -> None:
    """Show which settings would do what the marks ask for, and what else they would change; changes nothing."""
    from flows.settings import load_settings, locate_marks
    from tasks.suggest import suggest as weigh_changes

    settings = load_settings(config)
    if not settings.marks:
        raise UsageError(
            f"There are no marks in {locate_marks(config)}. Make one with: decant mark SOURCE:LINE keep --why TEXT"
        )
    found = weigh_changes(open_corpus(out), settings, settings.marks)
    if as_json:
        print_json(found._asdict() | {"effects": [effect._asdict() for effect in found.effects]})
        return
    typer.echo(f"{found.marked} marked paragraphs, {found.open} of them decided otherwise without their mark")
    for effect in found.effects[:MAX_EFFECTS]:
        broken = f", breaks {effect.broken}" if effect.broken else ""
        typer.echo(f"\n{effect.change}")
        typer.echo(
            f"  satisfies {effect.satisfied} of {found.open}{broken}; changes {effect.others:,} more paragraphs of {effect.of}"
        )
        for place, text in effect.examples:
            typer.echo(f"    {place}  {text[:MAX_EXAMPLE_CHARS]}")
    if not found.effects and found.open:
        typer.echo(
            "No setting does; write a rule for it (decant new-site DOMAIN proposes some), or leave it to the mark."
        )
