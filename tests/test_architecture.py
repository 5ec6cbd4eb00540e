"""The layout: which way imports go, what the program may import, how long a module is."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STEPS = ("read", "segment", "repair", "strip", "match", "write")
FILES = sorted([*ROOT.glob("tasks/**/*.py"), *ROOT.glob("flows/**/*.py")])
MAX_LINES = 400


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(file) for file in FILES}


def imports(file: Path) -> set[str]:
    """Modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (whole & NAMES) | ({node.module} if whole - NAMES else set())
    return found


def step_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "tasks" and parts[1] in STEPS else None


def test_tasks_import_neither_prefect_nor_flows() -> None:
    for file in FILES:
        if file.is_relative_to(ROOT / "tasks"):
            strange = {name for name in imports(file) if name.split(".")[0] in ("prefect", "flows")}
            assert not strange, f"{file} imports {strange}"


def test_the_whole_program_runs_without_prefect() -> None:
    code = "import sys; sys.modules['prefect'] = None\n" + "\n".join(
        f"import {name}" for name in sorted(NAMES) if name.startswith("tasks")
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_no_step_imports_another() -> None:
    for file in FILES:
        own = step_of(name_of(file))
        if own:
            others = {name for name in imports(file) if step_of(name) not in (None, own)}
            assert not others, f"{file} imports {others}"


def test_there_is_no_import_cycle() -> None:
    graph = {name_of(file): (imports(file) & NAMES) - {name_of(file)} for file in FILES}
    # A package's front door imports its rooms; a room that names its package means another room.
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_module_has_one_job_and_fits_its_length(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= MAX_LINES


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {part for name in NAMES for part in name.split(".")}
    assert not names & (sys.stdlib_module_names - {"__main__"})


def test_nothing_is_a_drawer() -> None:
    names = {part for name in NAMES for part in name.split(".")}
    assert not names & {"utils", "helpers", "common", "base", "misc"}


def test_every_step_can_be_imported_quickly_and_without_the_others_tools() -> None:
    """What a command does not need, it does not import: these cost a third to two seconds each."""
    code = "import sys, flows.cli, tasks.stages; print(*sorted({'numba', 'prefect', 'ftfy', 'chardet'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_step_is_redone_when_anything_that_it_imports_changes() -> None:
    from tasks.plan import STEP_FILES, _list_files

    for step, names in STEP_FILES.items():
        covered = set(_list_files(names))
        modules = {name_of(file) for file in covered if file.suffix == ".py"}
        needed = {name for file in FILES if file in covered for name in imports(file) & NAMES}
        assert needed <= modules | {"tasks.errors", "tasks.schemas"}, step
