"""A headless Chromium, driven over the W3C WebDriver protocol; nothing but the standard library."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
LOGS = {"browser": "ALL", "performance": "ALL"}


class Browser:
    """One session."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """One command of the protocol; returns its value."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the driver on this machine
            f"{self.url}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
            return json.load(answer)["value"]

    def open(self, file: Path) -> None:
        """Load a page from disk."""
        self.call("POST", "/url", {"url": file.resolve().as_uri()})

    def run(self, script: str) -> Any:  # noqa: ANN401 - JSON
        """The value of a JavaScript function's body."""
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def read_log(self, name: str) -> list[str]:
        """Messages since it was read last."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": name})]

    def list_requests(self) -> list[str]:
        """Addresses that the page asked for since this was asked last."""
        events = [json.loads(message)["message"] for message in self.read_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
            and event["params"]["documentURL"].startswith("file:")
        ]


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile; skips the test where there is none."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    log = folder / "driver.log"
    with log.open("wb") as opened:
        process = subprocess.Popen([driver, "--port=0"], stdout=opened, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{wait_for_port(log)}"
        options = {"args": [*ARGUMENTS, f"--user-data-dir={folder / 'profile'}"], "binary": chromium}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": LOGS}
        session = Browser(address).call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        browser = Browser(f"{address}/session/{session['sessionId']}")
        try:
            yield browser
        finally:
            browser.call("DELETE", "")
    finally:
        process.terminate()
        process.wait()


def wait_for_port(log: Path) -> str:
    """The port that the driver says it listens on."""
    for _ in range(300):
        _, found, rest = log.read_text("utf-8", "replace").partition("successfully on port ")
        if found and "." in rest:
            return rest.partition(".")[0]
        time.sleep(0.1)
    raise TimeoutError(log.read_text("utf-8", "replace"))
