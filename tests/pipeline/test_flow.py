"""The Prefect flow on a real server of its own writes what the plain loop writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import assert_same_tables, read_tables

from tasks.errors import UsageError
from tasks.job import Job
from tasks.stages import STAGES, run
from tasks.store import Store

# Prefect's own dependencies warn on import; none of it is this project's to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    import flows.clean_corpus  # noqa: F401 - sets what Prefect reads when it is imported

    with prefect_test_harness(server_startup_timeout=120):
        yield


def test_the_flow_and_the_plain_loop_write_the_same_tables(server: None, raw: Path, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    from flows.clean_corpus import clean_corpus

    del server
    outcome = clean_corpus(raw, tmp_path / "flow")
    run(Job(raw, tmp_path / "plain"))
    assert_same_tables(read_tables(tmp_path / "flow"), read_tables(tmp_path / "plain"))
    assert outcome.run["number"] == 1
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_runs()[0]
        tasks = client.read_task_runs()
        artifacts = client.read_artifacts()
    assert flow_run.state is not None
    assert flow_run.state.is_completed()
    assert sorted(task.name.rsplit("-", 1)[0] for task in tasks) == sorted(stage.__name__ for stage in STAGES)
    data = {artifact.key: str(artifact.data) for artifact in artifacts}
    assert data.keys() == {"clean-corpus", "clean-corpus-removed", "clean-corpus-quarantine"}
    assert "paragraphs_kept" in data["clean-corpus"]
    again = clean_corpus(raw, tmp_path / "flow")
    assert again.stages["read"]["records"] == 0
    assert Store(tmp_path / "flow").run_number == 2


def test_a_flow_that_is_refused_fails_with_the_same_sentence(server: None, tmp_path: Path) -> None:
    from flows.clean_corpus import clean_corpus

    del server
    with pytest.raises(UsageError, match="There is no folder"):
        clean_corpus(tmp_path / "nowhere", tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_a_schedule_of_times_that_are_none_is_refused_in_a_sentence() -> None:
    from flows.schedule import check_cron

    check_cron("0 3 * * 1-5")
    with pytest.raises(UsageError, match="is no time"):
        check_cron("99 99 * * *")
