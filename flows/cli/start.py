"""Start, and end in a sentence where a command cannot go on."""

import os
import sys
from typing import NoReturn

import typer

from flows.cli.app import EXIT_USAGE, app
from tasks.errors import DecantError


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
    from tasks.locks import OF_A_FILE

    return type(error).__module__.startswith("polars") and any(sign in str(error) for sign in OF_A_FILE)


def print_damage(error: Exception) -> NoReturn:
    """Say that a table cannot be read, and end."""
    first_line = str(error).strip().split("\n")[0]
    typer.echo(f"decant: a table cannot be read ({first_line}). `decant verify` names the damage.", err=True)
    sys.exit(EXIT_USAGE)
