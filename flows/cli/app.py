"""What all commands share: the application, options that mean the same everywhere, exit codes."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tasks.store import Store

app = typer.Typer(
    name="decant",
    help="Pour clear text off scraped web news and keep the sediment, with a reason for every removal.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(asked: bool) -> None:  # noqa: FBT001 - typer's own signature
    """Say which Decant this is, and end."""
    if asked:
        from tasks.schemas import DECANT_VERSION

        typer.echo(f"decant {DECANT_VERSION}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """Pour clear text off scraped web news and keep the sediment, with a reason for every removal."""


Out = Annotated[Path, typer.Option("--out", metavar="CLEAN", help="The corpus.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; decant.toml if there is one.")
]
CLEAN = Path("clean")

EXIT_BAD_DATA, EXIT_USAGE = 1, 2

_held = contextlib.ExitStack()


def open_corpus(out: Path) -> "Store":
    """A corpus to read from, of which nothing is deleted until this command has ended."""
    from tasks.store import reading

    return _held.enter_context(reading(out))
