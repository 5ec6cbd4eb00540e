"""The Prefect flow on a real server of its own writes what the plain loop writes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import assert_same_tables, read_tables

from tasks.errors import UsageError
from tasks.job import Job
from tasks.stages import STAGES, run
from tasks.store import Store

ROOT = Path(__file__).parent.parent.parent

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
    again = clean_corpus(raw, tmp_path / "flow", report=tmp_path / "report.html")
    assert "</html>" in (tmp_path / "report.html").read_text("utf-8")
    with get_client(sync_client=True) as client:
        (link,) = [artifact for artifact in client.read_artifacts() if artifact.key == "clean-corpus-report"]
    assert (tmp_path / "report.html").as_uri() in str(link.data)
    assert again.stages["read"]["records"] == 0
    assert Store(tmp_path / "flow").run_number == 2


def test_a_flow_that_is_refused_fails_with_the_same_sentence(server: None, tmp_path: Path) -> None:
    from flows.clean_corpus import clean_corpus

    del server
    with pytest.raises(UsageError, match="There is no folder"):
        clean_corpus(tmp_path / "nowhere", tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_a_schedule_of_another_corpus_is_not_taken_over(server: None) -> None:
    from prefect.client.orchestration import get_client

    from flows.clean_corpus import clean_corpus
    from flows.schedule import check_name

    del server
    check_name("ours", "/srv/news/clean")
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(
            client.create_flow(clean_corpus), "ours", parameters={"out": "/srv/news/clean"}
        )
        check_name("ours", "/srv/news/clean")
        with pytest.raises(UsageError, match=r"runs /srv/news/clean under the name ours.*--name OTHER"):
            check_name("ours", "/srv/other/clean")
        client.pause_deployment(deployment)
    check_name("ours", "/srv/other/clean")


def test_a_schedule_of_times_that_are_none_is_refused_in_a_sentence() -> None:
    from flows.schedule import check_cron

    check_cron("0 3 * * 1-5")
    with pytest.raises(UsageError, match="is no time"):
        check_cron("99 99 * * *")


def test_the_deployment_names_a_flow_that_is_found_from_any_folder(tmp_path: Path) -> None:
    text = (ROOT / "prefect.yaml").read_text("utf-8")
    entrypoint = re.search(r"^ +entrypoint: (\S+)", text, re.MULTILINE)
    assert entrypoint is not None
    code = f"from prefect.flows import load_flow_from_entrypoint as load; print(load({entrypoint[1]!r}).name)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "clean-corpus"
