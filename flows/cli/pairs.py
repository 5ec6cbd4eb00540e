"""`decant compare`: the decision on texts that are in no corpus."""

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.app import app
from flows.cli.output import print_json
from tasks.errors import UsageError


@app.command(
    epilog="""Example:  echo '{"a": "Hơn 300 hộ", "b": "Gần 300 hộ"}' > pairs.jsonl; decant compare pairs.jsonl"""
)
def compare(pairs: Annotated[Path, typer.Argument(metavar="PAIRS.jsonl", help='Rows {"a", "b"}.')]) -> None:
    """Say of each pair of texts whether one may go: same, a_in_b, b_in_a or distinct."""
    from tasks.match.decide import compare as decide

    for number, row in enumerate(read_lines(pairs), 1):
        a, b = read_pair(row, f"{pairs}, line {number}")
        made = decide(a, b)
        print_json(
            {
                "decision": made.decision,
                "edits": [edit._asdict() for edit in made.edits],
                "reason": made.reason,
                "similarity": round(made.similarity, 4),
            }
        )


def read_lines(file: Path) -> list[str]:
    """Lines of a JSONL file that are not blank."""
    try:
        return [line for line in file.read_text("utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}). Name a UTF-8 file of JSON rows.") from error


def read_pair(row: str, place: str) -> tuple[str, str]:
    """Both texts of a row."""
    try:
        parsed = json.loads(row)
        a, b = parsed["a"], parsed["b"]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f'{place} is no row {{"a": ..., "b": ...}}. Mend it and run again.') from error
    if not (isinstance(a, str) and isinstance(b, str)):
        raise UsageError(f"{place}: a and b must be texts. Mend it and run again.")
    return a, b
