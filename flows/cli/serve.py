"""`decant serve`: runs on a schedule."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from flows.cli.app import CLEAN, Config, Out, app
from flows.cli.run import CORES, Allow, Workers
from tasks.errors import UsageError

if TYPE_CHECKING:
    from flows.schedule import IfRunning

FIELDS_OF_CRON = 5


@app.command(
    epilog='Examples:  decant serve --cron "0 3 * * *"  |  decant serve --cron "0 3 * * *" --if-running cancel --notify https://chat.example/hook'
)
def serve(
    raw: Annotated[Path, typer.Argument(metavar="[RAW]", help="Folder of raw files.")] = Path("raw"),
    out: Out = CLEAN,
    cron: Annotated[
        str | None,
        typer.Option(
            "--cron", help='When, in UTC, such as "0 3 * * *" (at 3 in the morning); else from the UI only.'
        ),
    ] = None,
    if_running: Annotated[
        str, typer.Option("--if-running", help="A run that is due during another: wait, or cancel it.")
    ] = "wait",
    notify: Annotated[
        str | None, typer.Option("--notify", metavar="URL", help="Send a message there when a run fails.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write the report there after each run."),
    ] = None,
    config: Config = None,
    workers: Workers = CORES,
    allow_gone: Allow = False,
    name: Annotated[
        str, typer.Option("--name", help="Of the deployment; another corpus on this server needs another.")
    ] = "decant",
    port: Annotated[
        int, typer.Option("--port", help="Of the server on this machine, unless PREFECT_API_URL names one.")
    ] = 4200,
) -> None:
    """Run on a schedule, with a web page that shows each run, until stopped with Ctrl-C."""
    from flows.server import reach_server
    from flows.settings import DEFAULT_FILE, load_settings

    if if_running not in ("wait", "cancel"):
        raise UsageError(f"--if-running {if_running} is not known. Use wait or cancel.")
    if cron is not None and len(cron.split()) != FIELDS_OF_CRON:
        raise UsageError(f'--cron "{cron}" has not five fields. At 3 each morning: --cron "0 3 * * *"')
    if not raw.is_dir():
        raise UsageError(f"There is no folder {raw}. Name the folder of your raw files: decant serve RAW")
    load_settings(config)
    if config is None and DEFAULT_FILE.exists():
        config = DEFAULT_FILE
    parameters = {
        "raw": str(raw.resolve()),
        "out": str(out.resolve()),
        "config": str(config.resolve()) if config else None,
        "workers": workers,
        "allow_gone": allow_gone,
        "report": str(report.resolve()) if report else None,
    }
    with reach_server(port) as url:
        from flows.schedule import serve as serve_flow

        typer.echo(f"Runs are shown at {url.removesuffix('/api')}. Stop with Ctrl-C.")
        serve_flow(name, parameters, cron=cron, if_running=cast("IfRunning", if_running), notify=notify)
