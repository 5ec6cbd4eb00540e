"""Scheduled runs: the flow as a deployment that this process serves.

    decant serve --cron "0 3 * * *"

For a work pool instead of a process that serves, see `prefect.yaml`; both are explained in `flows/README.md`.
"""

import asyncio
import contextlib
import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from prefect import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    FlowRun,
    State,
    StateType,
)
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType
from pydantic import ValidationError

from flows.clean_corpus import clean_corpus
from flows.notify import ADDRESS, tell_failure
from tasks.errors import UsageError
from tasks.locks import HIDDEN

IfRunning = Literal["wait", "cancel"]
STRATEGIES = {"wait": ConcurrencyLimitStrategy.ENQUEUE, "cancel": ConcurrencyLimitStrategy.CANCEL_NEW}


def serve(
    name: str,
    parameters: dict[str, Any],
    *,
    cron: str | None,
    if_running: IfRunning,
    notify: str | None = None,
) -> None:
    """Run the flow on a schedule, until this process is stopped.

    Args:
        name: of the deployment.
        parameters: of the flow, the same in every scheduled run; a run from the UI may have others.
        cron: when, in UTC; None waits for runs that somebody starts.
        if_running: whether a run that is due while another goes on waits for it, or is cancelled.
        notify: address that is sent a message when a run fails or crashes.

    Raises:
        UsageError: `cron` is no schedule, or another corpus is served under this name.
    """
    if cron is not None:
        check_cron(cron)
    # Inherited by the processes of the runs.
    os.environ.pop(ADDRESS, None)
    if notify:
        os.environ[ADDRESS] = notify
    check_name(name, parameters["out"])
    end_dead_runs(name, Path(parameters["out"]))
    drop_old_runs(name, parameters)
    runner = Served(name=name)
    runner.add_flow(
        clean_corpus,
        name=name,
        cron=cron,
        parameters=parameters,
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=STRATEGIES[if_running]),
        entrypoint_type=EntrypointType.MODULE_PATH,
        description=clean_corpus.description,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(runner.start())


class Served(Runner):
    """A runner that SIGTERM stops as it should.

    Prefect's own handler calls `stop` from within the event loop, where that only makes a coroutine which nobody
    awaits: the process ends with a warning, and its runs are not told as cancelled (seen with 3.8.8).
    """

    def handle_sigterm(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Prefect's own signature
        """Cancel the runs that go on, then end."""
        self.execute_in_background(self.astop)


def check_cron(cron: str) -> None:
    """Refuse what Prefect takes for no schedule.

    Raises:
        UsageError: its fields are no times.
    """
    try:
        CronSchedule(cron=cron)
    except ValidationError as error:
        raise UsageError(
            f'--cron "{cron}" is no time: minute, hour, day, month, weekday. At 3 each morning: --cron "0 3 * * *"'
        ) from error


def check_name(name: str, out: str) -> None:
    """Refuse to take over the schedule of another corpus.

    Raises:
        UsageError: another corpus is served under this name, or was, by a process that was killed.
    """
    full_name = f"{clean_corpus.name}/{name}"
    with get_client(sync_client=True) as client:
        try:
            known = client.read_deployment_by_name(full_name)
        except ObjectNotFound:
            return
    other = known.parameters.get("out", out)
    if other != out and not known.paused:
        raise UsageError(
            f"This Prefect server runs {other} under the name {name}. Name this one otherwise: --name OTHER. "
            f"If that one is given up: prefect deployment delete {full_name}"
        )


def drop_old_runs(name: str, parameters: dict[str, Any]) -> None:
    """Delete the runs that an earlier schedule of this name has left, which Prefect would start one after another.

    The last of those that are overdue stays, if it would do what is asked for now: it makes up for a night in which
    nobody served. Runs that somebody began by hand stay as well.
    """
    waiting = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])),
            flow_run_filter=FlowRunFilter(state=waiting),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        ):
            planned = [run for run in runs if run.auto_scheduled]
            due = [run.id for run in planned if is_due(run) and run.parameters == parameters]
            dropped = [run.id for run in planned if run.id not in due[-1:]]
            for run_id in dropped:
                client.delete_flow_run(run_id)
            if not dropped:
                return


def is_due(flow_run: FlowRun) -> bool:
    """Whether a run should have begun by now."""
    return flow_run.expected_start_time is not None and flow_run.expected_start_time <= datetime.now(UTC)


def end_dead_runs(name: str, out: Path) -> None:
    """Runs that a killed process left as running are told to be over, so that none waits for them.

    Nothing is done while somebody writes the corpus: then a run may well be alive.
    """
    if is_being_written(out):
        return
    alive = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    with get_client(sync_client=True) as client:
        for flow_run in client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=alive))),
        ):
            told: State[Any] = Crashed(
                message="The process was killed. What it had not committed, the next run does."
            )
            client.set_flow_run_state(flow_run.id, told, force=True)
            tell_failure(None, flow_run, told)


def is_being_written(out: Path) -> bool:
    """Whether somebody holds a corpus."""
    try:
        with (out / HIDDEN / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
