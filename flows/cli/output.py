"""Tables, JSON and progress on the terminal."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import typer


class show_progress:  # noqa: N801 - reads as the verb it is in a with statement
    """Progress on a terminal; a line per stage in a log; nothing when quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""

    def __enter__(self) -> Callable[[str, int, int], None]:
        if sys.stderr.isatty() and not self._quiet:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description:<8}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            if not self._quiet and stage != self._stage and total > 1:
                typer.echo(f"{stage}: {total} parts", err=True)
            self._stage = stage
            return
        if stage != self._stage:
            self._task = self._bar.add_task(stage, total=total)
        self._stage = stage
        self._bar.update(self._task, completed=done)


def print_table(header: list[str], rows: list[list[str]]) -> None:
    """Columns aligned; the same plain text on a terminal and in a file."""
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    for row in [header, *rows]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show(value: object) -> str:
    """A cell."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def print_json(value: object) -> None:
    """One JSON object on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
