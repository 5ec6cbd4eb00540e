"""A document on the terminal: its lines, with verdict and reason in the margin."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from tasks.differences import Run
    from tasks.explain import Explanation

STYLES = {
    "kept": "",
    "boilerplate": "yellow",
    "duplicate": "cyan",
    "husk": "magenta",
    "superseded": "blue",
    "marked": "bold red",
}


def print_explanations(explanations: "Iterable[Explanation]") -> None:
    """Colours and columns for a person; plain lines for a pipe or a file."""
    record = 0
    if sys.stdout.isatty():
        from rich.console import Console

        Console().print(make_page(explanations))
        return
    for explanation in explanations:
        if explanation.row["source_record"] != record:
            record = int(str(explanation.row["source_record"]))
            typer.echo(name_record(explanation.row))
        print_plain(explanation)


def print_plain(explanation: "Explanation") -> None:
    """One paragraph with its verdict, and the copies that hold it."""
    from tasks.explain import name_line, show_repairs

    row = explanation.row
    typer.echo(f"{row['line']:>5} {row['verdict']:<8}{tell_why(row)}".rstrip())
    typer.echo(f"      {row['text']}")
    if row["raw"] != row["text"]:
        repairs = row["repairs"]
        assert isinstance(repairs, list)
        mended = show_repairs(str(row["raw"]), str(row["text"]))
        typer.echo(f"      mended ({', '.join(repairs)}): {mended}")
    for copy in explanation.copies:
        typer.echo(f"      {name_holder(row)} {name_line(copy)}: {copy['text']}")


def name_record(row: "dict[str, object]") -> str:
    """The heading of a record, in the form that the commands take."""
    return f"{row['source_path']}[{row['source_record']}] ({row['document_id']})"


def tell_why(row: dict[str, object]) -> str:
    """Reason, rule and evidence in one phrase; nothing where no rule spoke."""
    if row["reason"]:
        return f"{row['reason']} ({row['rule']}: {row['evidence']})"
    if row["label"]:
        return f" labelled {row['label']} ({row['rule']})"
    return f" ({row['rule']}: {row['evidence']})" if row["rule"] else ""


def name_holder(row: dict[str, object]) -> str:
    """What stands before a kept copy: a husk is held by nobody, its document's longest paragraph is."""
    if row["label"] != "husk":
        return "held by"
    return f"this document's {str(row['evidence']).rpartition('(its longest is ')[2].removesuffix(')')} is held by"


def make_page(explanations: "Iterable[Explanation]") -> "Table":
    """The lines as a table: number, sign, reason, text."""
    from rich.table import Table
    from rich.text import Text

    from tasks.report.groups import BY_KEY, group_of

    page = Table(box=None, show_header=False, padding=(0, 1, 0, 0), expand=True)
    page.add_column(justify="right", style="dim", no_wrap=True)
    page.add_column(no_wrap=True)
    page.add_column(no_wrap=True, style="dim", max_width=20)
    page.add_column(ratio=1, overflow="fold")
    record = None
    for explanation in explanations:
        row = explanation.row
        if record not in (None, row["source_record"]) or (record is None and row["source_record"]):
            page.add_row("", "", "", Text(name_record(row), "bold"))
        record = row["source_record"]
        group = BY_KEY["marked" if str(row["rule"]).startswith("mark.") else group_of(row["reason"])]
        style = STYLES[group.key]
        sign = Text(group.sign if group.key != "kept" else " ", style)
        name = str(row["reason"] or row["label"] or "")
        page.add_row(str(row["line"]), sign, Text(name, style), make_body(explanation, style))
    return page


def make_body(explanation: "Explanation", style: str) -> "Text":
    """The text, what was mended in it, why it went, and the kept copy with what differs marked."""
    from rich.text import Text

    from tasks.differences import Run, mark_differences
    from tasks.explain import name_line, show_repairs
    from tasks.report.groups import group_of

    row, text = explanation.row, str(explanation.row["text"])
    ours, copies = [Run(text, False)], [[Run(str(copy["text"]), False)] for copy in explanation.copies]
    if copies and group_of(row["label"]) == "duplicate":
        compared = [mark_differences(text, str(copy["text"])) for copy in explanation.copies]
        ours, copies = compared[0][0], [theirs for _, theirs in compared]
    body = Text()
    add_runs(body, ours, style, "reverse")
    if row["raw"] != row["text"]:
        body.append(f"\nmended: {show_repairs(str(row['raw']), text)}", "dim italic")
    if why := tell_why(row).strip():
        body.append(f"\n{why}", "dim")
    for copy, runs in zip(explanation.copies, copies, strict=True):
        body.append(f"\n{name_holder(row)} {name_line(copy)}\n", "dim")
        add_runs(body, runs, "green", "bold underline")
    return body


def add_runs(body: "Text", runs: "list[Run]", style: str, own: str) -> None:
    """Append runs, those of this text alone in a style of their own."""
    for run in runs:
        body.append(run.text, f"{style} {own}".strip() if run.is_own else style)
