"""Fixtures: a raw folder, a corpus to be, and a way to run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from small_corpus import write_raw

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


@pytest.fixture
def clean(raw: Path, out: Path) -> Clean:
    """Run on the raw folder with other settings or arguments."""

    def call(settings: Settings | None = None, **arguments: object) -> Outcome:
        return run(Job(raw, out, settings or Settings(), **arguments))  # type: ignore[arg-type]

    return call
