"""What all commands share: the application, options that mean the same everywhere, exit codes."""

from pathlib import Path
from typing import Annotated

import typer

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

EXIT_BAD_DATA, EXIT_USAGE = 1, 2
