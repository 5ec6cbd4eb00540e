"""One run as data: what decides its result, and where it reads and writes."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from tasks.forgotten import Forgetting
from tasks.marks import Mark
from tasks.match import MatchOptions
from tasks.plan import Plan, write_settings
from tasks.read import ReadOptions
from tasks.repair import RepairOptions
from tasks.schemas import MATCH_REASONS
from tasks.segment import SegmentOptions
from tasks.store import SCRATCH, Store
from tasks.strip import StripOptions


@dataclass(frozen=True)
class Settings:
    """Everything that decides what comes out, and nothing else.

    Args:
        read: how inputs are read.
        segment: how records are cut.
        repair: what is mended.
        strip: what is boilerplate.
        match: what is the same text.
        policy: per reason, `remove` or `label` (the paragraph stays and the ledger says what it is); reasons
            that are not named remove.
        marks: what people decided of single texts, above every rule.
        gone: `drop` takes a file that is no longer in RAW out of the corpus, `keep` leaves it in.
        superseded: of a page that was scraped again, `keep` leaves the older versions in, marked by
            `superseded_by`, and `drop` removes all their paragraphs, with the reason `superseded`.
    """

    read: ReadOptions = ReadOptions()
    segment: SegmentOptions = SegmentOptions()
    repair: RepairOptions = RepairOptions()
    strip: StripOptions = StripOptions()
    match: MatchOptions = MatchOptions()
    policy: Mapping[str, Literal["remove", "label"]] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    gone: Literal["drop", "keep"] = "drop"
    superseded: Literal["keep", "drop"] = "keep"

    @property
    def actions(self) -> Mapping[str, str]:
        """The policy in force; the scope `label` of match is a policy for all that match finds."""
        labelled = MATCH_REASONS if self.match.scope == "label" else ()
        return dict(self.policy) | dict.fromkeys(labelled, "label")

    @property
    def sha256(self) -> str:
        """Digest that every document carries. Without the marks: one on a text is nothing to all other documents."""
        return hashlib.sha256(write_settings(dataclasses.replace(self, marks=())).encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """One run: where from, where to, and how.

    Args:
        raw: the folder of inputs, or the URL of an object store.
        out: the corpus.
        settings: what decides.
        workers: processes at most.
        engine: where they run.
        full: read every input again.
        allow_gone: let more than a fifth of the documents go.
        index_mb: memory for the index of match, where it has to be less than its setting says.
        only: read again what this names, such as `site=HOST`, and refuse where that is not all there is to do.
        forgetting: what leaves the corpus and its history; RAW is not looked at then.
        number: of the run; 0 until it has the corpus to itself.
        started_at: UTC.
    """

    raw: Path | str
    out: Path
    settings: Settings = Settings()
    workers: int = 1
    engine: str = "local"
    full: bool = False
    allow_gone: bool = False
    index_mb: int | None = None
    only: str | None = None
    forgetting: Forgetting = Forgetting()
    number: int = 0
    started_at: datetime = datetime.fromtimestamp(0, UTC)

    @property
    def run_id(self) -> str:
        """What the rows that it writes carry."""
        return make_run_id(self.number, self.started_at)

    @property
    def command(self) -> str:
        """What `runs` says was done."""
        return "forget" if self.forgetting.keys else "run"

    @property
    def match_options(self) -> MatchOptions:
        """The settings of match within the memory of this run, which decides nothing."""
        match = self.settings.match
        index_mb = match.max_index_mb if self.index_mb is None else min(match.max_index_mb, self.index_mb)
        return dataclasses.replace(match, max_index_mb=index_mb)

    @property
    def scratch(self) -> Path:
        """Files between stages."""
        return self.out / SCRATCH

    def load_plan(self) -> Plan:
        """What the first stage decided."""
        path = self.scratch / "plan.json"
        return _load_plan(path, self.run_id, self.started_at) if self.number else Plan.load(path)

    def open_store(self) -> Store:
        """The corpus as the run before left it."""
        return _open_store(self.out, self.run_id, self.started_at) if self.number else Store(self.out)


# Every part asks for both: to list the files of all tables takes longer than what a small run does to one part.


@lru_cache(maxsize=1)
def _load_plan(path: Path, run_id: str, started_at: datetime) -> Plan:
    """The plan of a run, read once in each process."""
    del run_id, started_at
    return Plan.load(path)


@lru_cache(maxsize=1)
def _open_store(out: Path, run_id: str, started_at: datetime) -> Store:
    """What was in force when a run began, opened once in each process."""
    del run_id, started_at
    return Store(out)


def make_run_id(number: int, started_at: datetime) -> str:
    """Number and start: sorts by time, and a person can read it.

    >>> make_run_id(7, datetime(2024, 5, 14, 3, 0, tzinfo=UTC))
    'r000007-20240514T030000Z'
    """
    return f"r{number:06d}-{started_at:%Y%m%dT%H%M%SZ}"
