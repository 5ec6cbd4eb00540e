"""Scheduled runs: the flow as a deployment that this process serves.

    decant serve --cron "0 3 * * *"

For a work pool instead of a process that serves, see `prefect.yaml`; both are explained in `flows/README.md`.
"""

import fcntl
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from prefect import get_client
from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, State, StateType
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.states import Crashed
from prefect.types.entrypoint import EntrypointType
from pydantic import SecretStr

from flows.clean_corpus import clean_corpus
from tasks.locks import HIDDEN

IfRunning = Literal["wait", "cancel"]
STRATEGIES = {"wait": ConcurrencyLimitStrategy.ENQUEUE, "cancel": ConcurrencyLimitStrategy.CANCEL_NEW}

MESSAGE = """{
  "text": "Decant: {{ flow_run.name }} {{ flow_run.state.name | lower }}: {{ flow_run.state.message }}",
  "deployment": "{{ deployment.name }}",
  "flow_run_id": "{{ flow_run.id }}"
}"""
"""What a webhook is sent; `text` is the key that chat services show."""


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
        cron: when, in the machine's time zone; None waits for runs that somebody starts.
        if_running: whether a run that is due while another goes on waits for it, or is cancelled.
        notify: address that is sent a message when a run fails, crashes or never starts.
    """
    end_dead_runs(name, Path(parameters["out"]))
    watch_for_failures(name, notify)
    clean_corpus.serve(
        name=name,
        cron=cron,
        parameters=parameters,
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=STRATEGIES[if_running]),
        entrypoint_type=EntrypointType.MODULE_PATH,
        description=clean_corpus.description,
    )


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


def watch_for_failures(name: str, notify: str | None) -> None:
    """Let the server itself send a message when a run of the deployment fails, since a dead process cannot.

    What was asked for under that name before is replaced; None takes it back.
    """
    title = f"{name}-failed"
    with get_client(sync_client=True) as client:
        for old in client.read_automations_by_name(title):
            client.delete_automation(old.id)
    if not notify:
        return
    block = Webhook(method="POST", url=SecretStr(notify)).save(title, overwrite=True)
    assert isinstance(block, UUID)
    Automation(
        name=title,
        description="Made by `decant serve --notify`.",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"},
            match_related={"prefect.resource.role": "deployment", "prefect.resource.name": name},
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[CallWebhook(block_document_id=block, payload=MESSAGE)],
    ).create()
