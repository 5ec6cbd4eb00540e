"""What is documented is so: commands, output, tables."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import command_line
import pytest

from tasks.schemas import REASONS, TABLES, describe_tables

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def decant(*arguments: object) -> str:
    done = command_line.decant(*arguments, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples of `raw/`, which must be there without anything a user put beside them."""
    out = tmp_path_factory.mktemp("docs") / "clean"
    listed = subprocess.run(["git", "ls-files", "raw"], cwd=ROOT, capture_output=True, text=True, check=True)
    raw = out.parent / "raw"
    for name in filter(None, listed.stdout.split("\n")):
        copy = raw / Path(name).relative_to("raw")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    (out.parent / "run.txt").write_text(decant("run", raw, "--out", out), "utf-8")
    return out


def test_the_tables_are_described_as_they_are() -> None:
    assert (ROOT / "clean/README.md").read_text("utf-8") == describe_tables()


def test_every_column_and_reason_is_described() -> None:
    text = (ROOT / "clean/README.md").read_text("utf-8")
    for table in TABLES.values():
        for column in table.columns:
            assert f"| `{column.name}` |" in text
    for reason in REASONS:
        assert f"`{reason}`" in text


def test_every_command_is_documented() -> None:
    from flows.cli.app import app

    for command in app.registered_commands:
        assert command.callback is not None
        assert f"decant {command.callback.__name__.replace('_', '-')}" in README


def test_whoever_wants_to_change_something_is_sent_to_files_that_are_there() -> None:
    """A bare name is one of the folders that its row names."""
    table = README.partition("| to change | go to |")[2].partition("\n\n")[0]
    rows = [row for row in table.splitlines() if "`" in row]
    assert len(rows) > 15
    for row in rows:
        names = re.findall(r"`([\w/.*]+(?:/|\.py|\.toml|\.json|\.md))`", row.rpartition(" | ")[2])
        folders = [ROOT, *(ROOT / name if name.endswith("/") else (ROOT / name).parent for name in names)]
        for name in (name for name in names if name != "decant.toml"):
            assert any(list(folder.glob(name)) for folder in folders), f"{name} in: {row}"


def test_the_output_shown_is_the_output_given(corpus: Path) -> None:
    shown = next(block for block in blocks("text") if block.startswith("run 1"))
    given = (corpus.parent / "run.txt").read_text("utf-8")
    assert strip_time(shown) == strip_time(given)


def strip_time(output: str) -> list[str]:
    """The lines but for the time it took."""
    return [line.rstrip() for line in output.splitlines() if not line.startswith("done in")]


def test_the_explanation_shown_is_the_one_given(corpus: Path) -> None:
    shown = next(block for block in blocks("text") if block.lstrip().split()[1] in ("kept", "removed"))
    command = re.search(r"decant explain ([\w.-]+/[\w./-]+)", README)
    assert command is not None
    given = decant("explain", command[1], "--out", corpus)
    assert [line.rstrip() for line in shown.splitlines()] == [
        line.rstrip() for line in given.splitlines()[: len(shown.splitlines())]
    ]


def test_before_is_in_raw_and_after_in_the_corpus(corpus: Path) -> None:
    before, after = blocks("before")[0], blocks("after")[0]
    raw = "\n".join(path.read_text("utf-8", "replace") for path in (corpus.parent / "raw").rglob("*.txt"))
    assert before.strip() in raw
    import polars as pl

    from tasks.store import Store

    texts = Store(corpus).scan("documents").select(pl.col("text")).collect()["text"]
    assert any(after.strip() in text for text in texts)


def test_the_configuration_shown_is_valid() -> None:
    import tomllib

    from flows.settings import parse_settings
    from tasks.job import Settings

    parsed = [parse_settings(tomllib.loads(block), "README.md") for block in blocks("toml")]
    assert parsed[-1] == Settings(), "the last block shows the defaults"


def test_the_history_commands_shown_run(corpus: Path, tmp_path: Path) -> None:
    """Word for word, on a copy of the samples' corpus."""
    import shutil

    folder = tmp_path / "samples"
    shutil.copytree(corpus.parent, folder)
    block = next(block for block in blocks("sh") if block.startswith("decant history"))
    for line in block.splitlines():
        decant(*shlex.split(line)[1:], "--out", folder / "clean")
    assert "forget" in decant("history", "--out", folder / "clean")
    assert "is whole" in decant("verify", "--out", folder / "clean")


def test_the_exports_shown_run(corpus: Path) -> None:
    import os

    (block,) = [block for block in blocks("sh") if "decant export" in block]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=corpus.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (corpus.parent / "corpus-hf/README.md").exists()


def test_python_shown_runs(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus.parent)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - the README's own code


def test_the_commands_of_feedback_run_in_the_order_shown(corpus: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(corpus.parent / "raw", tmp_path / "raw")
    shown = blocks("feedback")[0].strip().split("\n")
    new_site = re.search(r"`(decant new-site [^`]+)`", README)
    assert new_site is not None
    done = {}
    for line in ["decant run", *shown, new_site[1], "decant report"]:
        ran = command_line.decant(*shlex.split(line)[1:], cwd=tmp_path)
        assert ran.returncode == 0, f"{line}: {ran.stderr}"
        done[line.split()[1]] = ran.stdout
    assert "mark.keep" in done["diff"]
    assert "satisfies 1 of 1" in done["suggest"]
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert (tmp_path / "rules/chodem.toml").read_text("utf-8").count('site = "chodem.example"') == 1


def test_every_field_and_reason_of_a_rule_is_described() -> None:
    import dataclasses

    from tasks.schemas import STRIP_REASONS
    from tasks.strip.own_packs import parse_pack
    from tasks.strip.packs import MATCHES, PLACES, Rule

    text = (ROOT / "tasks/rules/README.md").read_text("utf-8")
    for name in (*(field.name for field in dataclasses.fields(Rule)), *MATCHES, *PLACES, *STRIP_REASONS):
        assert f"`{name}`" in text, name
    packs = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(parse_pack(packs[0].encode(), "tasks/rules/README.md").rules) == 2
