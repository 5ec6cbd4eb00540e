"""Commands that change what a corpus keeps: go back, make it smaller, take something out for good."""

import sys
from typing import Annotated

import typer

from flows.cli.app import CLEAN, AsJson, Config, Out, app
from flows.cli.output import print_json, show, show_progress
from flows.cli.run import CORES, Workers
from tasks.errors import UsageError


@app.command(epilog="Example:  decant history, then decant restore 12")
def restore(
    version: Annotated[int, typer.Argument(metavar="VERSION", help="As `decant history` lists it.")],
    out: Out = CLEAN,
    as_json: AsJson = False,
) -> None:
    """Go back to what an earlier version committed; nothing is destroyed.

    What is in force then is a new version. The next `decant run` reads what differs from RAW.
    """
    from tasks.restore import restore as go_back
    from tasks.store import Store

    row = go_back(Store(out), version)
    if as_json:
        print_json(row)
        return
    typer.echo(
        f"version {row['number']} holds what version {version} held: {show(row['documents'])} documents, "
        f"{show(row['paragraphs_kept'])} paragraphs kept"
    )


@app.command(
    epilog="Examples:  decant compact  |  decant compact --keep-versions 1  |  decant compact --keep-days 30"
)
def compact(
    out: Out = CLEAN,
    keep_versions: Annotated[
        int | None,
        typer.Option("--keep-versions", metavar="N", help="The newest N stay; 7 if nothing is said."),
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option("--keep-days", metavar="D", help="What was in force in the last D days stays as well."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Merge small files, and delete what only older versions need.

    Who reads the corpus meanwhile is not disturbed. Versions that are not kept cannot be restored any more.
    """
    from tasks.compact import compact as make_smaller
    from tasks.store import Store

    done = make_smaller(Store(out), keep_versions, keep_days)
    if as_json:
        print_json(done._asdict() | {"swept": done.swept._asdict()})
        return
    merged = f"{done.merged_parts} small parts merged, " if done.merged_parts else ""
    typer.echo(
        f"{merged}{show(done.swept.files)} files deleted ({done.swept.deleted_bytes / 1e6:.1f} MB); "
        f"versions from {done.kept_from} on can be restored"
    )
    if not done.swept.is_done:
        print_pending()


@app.command(epilog="Example:  decant forget site/page.txt")
def forget(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A path as in RAW (all its documents), or a document id.")
    ],
    out: Out = CLEAN,
    config: Config = None,
    workers: Workers = CORES,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a document or a file out of the corpus and its history, for good.

    Every older version is given up with it, since it holds what has to go. Only a hash stays, so that no later
    run reads it again; marks that quote it leave their file too. RAW is not changed: delete it there yourself.
    """
    from pydantic import TypeAdapter

    from flows.settings import locate_marks
    from tasks.forget import find_forgetting
    from tasks.forget import forget as take_out
    from tasks.job import Settings
    from tasks.marks import drop_from_file
    from tasks.store import Store

    store = Store(out)
    store.require_corpus()
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            f"This gives up {source} and all older versions of {out} for good. If that is meant, add --yes."
        )
    if not yes:
        typer.confirm(f"Forget {source}, and give up all older versions of {out}?", abort=True)
    assert store.last_run is not None
    settings = TypeAdapter(Settings).validate_json(str(store.last_run["config"]))
    marks, forgetting = locate_marks(config), find_forgetting(store, source)
    with show_progress(quiet=as_json) as progress:
        outcome, swept = take_out(out, source, settings, workers, progress)
    dropped = drop_from_file(marks, forgetting)
    if as_json:
        print_json(outcome.run | {"swept": swept._asdict(), "marks_dropped": dropped})
        return
    typer.echo(
        f"{source} is forgotten: version {outcome.run['number']} holds {show(outcome.run['documents'])} documents, "
        f"and {show(swept.files)} files of older versions are deleted. If RAW still holds it, delete it there."
    )
    if dropped:
        typer.echo(
            f"{dropped} marks that quote it were deleted from {marks}. Its own history may still hold them."
        )
    if not swept.is_done:
        print_pending()


def print_pending() -> None:
    """Say that what has to be deleted is still there."""
    typer.echo(
        "Somebody is reading the corpus, so nothing was deleted yet; the next command that writes does it: decant compact",
        err=True,
    )
