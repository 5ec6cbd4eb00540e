"""Fixtures: a raw folder, a corpus to be, and a way to run."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from small_corpus import list_raw, write_raw

from tasks.job import Job, Settings
from tasks.stages import Outcome, run

# Time limits per example fail on a busy machine, and say nothing of the code.
settings.register_profile("decant", deadline=None)
settings.load_profile("decant")

# Scripts that score and fit on labelled sets, which are not part of the project.
collect_ignore_glob = ["quality/*"]

Clean = Callable[..., Outcome]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_raw(tmp_path / "raw")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "clean"


class Made(NamedTuple):
    """A corpus of the raw folder as it is written, under the defaults, and how its run ended."""

    raw: list[tuple[str, int, int]]
    out: Path
    outcome: Outcome


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    raw = write_raw(folder / "raw")
    return Made(list_raw(raw), folder / "clean", run(Job(raw, folder / "clean")))


@pytest.fixture
def clean(raw: Path, out: Path, made: Made, request: pytest.FixtureRequest) -> Clean:
    """Run on the raw folder with other settings or arguments.

    A first run that would do what every other test's does is copied, but not where a test has patched the program.
    """
    is_patched = "monkeypatch" in request.fixturenames

    def call(settings: Settings | None = None, **arguments: object) -> Outcome:
        is_first = settings is None and not arguments and not out.exists()
        if is_first and not is_patched and list_raw(raw) == made.raw:
            shutil.copytree(made.out, out)
            return made.outcome
        return run(Job(raw, out, settings or Settings(), **arguments))  # type: ignore[arg-type]

    return call
