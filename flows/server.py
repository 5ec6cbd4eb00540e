"""The Prefect server that scheduled runs report to: the one that is named, one that is there, or one of our own.

Nothing here imports Prefect: what it reads from the environment has to be there before it is imported.
"""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from tasks.errors import UsageError

QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
"""Neither Prefect nor its server reports home."""

START_SECONDS = 120
"""Making its database takes a new server 10-20 s, and two minutes on a busy machine."""


@contextlib.contextmanager
def reach_server(port: int) -> Iterator[str]:
    """The address of a server, which is in PREFECT_API_URL from here on.

    Args:
        port: on this machine, where none is named in PREFECT_API_URL: a server that answers there is used,
            else one is started, and stopped again in the end.

    Raises:
        UsageError: the server that is named does not answer, or none can be started.
    """
    named = os.environ.get("PREFECT_API_URL")
    url = named or f"http://127.0.0.1:{port}/api"
    os.environ.update(
        {"PREFECT_API_URL": url} | {name: os.environ.get(name, value) for name, value in QUIET.items()}
    )
    if answers(url):
        yield url
        return
    if named:
        raise UsageError(f"No Prefect server answers at PREFECT_API_URL={url}. Start it, or unset it.")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - Prefect's own command
        try:
            wait_until_it_answers(url, server)
            yield url
        finally:
            server.terminate()


def wait_until_it_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait for a server that starts.

    Raises:
        UsageError: it ended, or does not answer in time.
    """
    until = time.monotonic() + START_SECONDS
    while not answers(url):
        if server.poll() is not None or time.monotonic() > until:
            raise UsageError(
                f"A Prefect server could not be started for {url}. See why with: prefect server start, or name another --port."
            )
        time.sleep(0.5)


def answers(url: str) -> bool:
    """Whether a Prefect server answers at an address."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - the operator's own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False
