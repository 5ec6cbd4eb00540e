"""`decant config`: which settings are in force."""

import typer

from flows.cli.app import Config, app


@app.command(
    epilog="Examples:  decant config  |  decant config > decant.toml  |  decant config --config nightly.toml",
)
def config(
    config: Config = None,
) -> None:
    """Print all settings with their meaning, as a file to start from, and where each value comes from."""
    from flows.describe import describe_settings
    from flows.settings import DEFAULT_FILE, load_settings, read_toml

    settings = load_settings(config)
    place = config or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    typer.echo(describe_settings(settings, read_toml(place) if place else {}, str(place)), nl=False)
