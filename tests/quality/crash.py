"""Kill any command that writes, at any moment, and the corpus is whole: before or after, never between.

    python tests/quality/crash.py [--kills 200] [--seed 1]

Every trial starts from a copy of one corpus, runs one of COMMANDS in a process group of its own, and sends it
SIGKILL at a moment of its length; the moments are spread, so that no phase is left out. Then: a reader finds
the tables of before or of after, `verify` finds nothing, the command carried on to its end gives exactly what it
gives when nobody kills it, and what `forget` took out is nowhere on the disk.
"""

# ruff: noqa: T201 - a command

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from small_corpus import FLOOD, read_tables, write_raw  # noqa: E402 - after the path is set

from tasks.compact import compact  # noqa: E402
from tasks.store import Store  # noqa: E402
from tasks.verify import verify  # noqa: E402

LEFT_OUT = "songque.example/lu-rut.txt"
SETTINGS = '[policy]\nbyline = "label"\n'
COMMANDS: dict[str, tuple[str, ...]] = {
    "run on new files": ("run", "RAW", "--out", "CLEAN", "--workers", "1"),
    "run with another setting": ("run", "RAW", "--out", "CLEAN", "--workers", "1", "--config", "CONFIG"),
    "run with workers": ("run", "RAW", "--out", "CLEAN", "--workers", "2", "--full"),
    "restore": ("restore", "1", "--out", "CLEAN"),
    "compact": ("compact", "--out", "CLEAN", "--keep-versions", "1"),
    "forget": ("forget", LEFT_OUT, "--yes", "--out", "CLEAN", "--workers", "1"),
}
Tables = dict[str, list[dict[str, Any]]]


class Course(NamedTuple):
    """A command, and what it makes of the corpus when nobody kills it."""

    name: str
    arguments: list[str]
    after: Tables
    seconds: float


def read(out: Path) -> Tables:
    """The tables that must not depend on kills."""
    return {name: rows.to_dicts() for name, rows in read_tables(out).items()}


def start(arguments: list[str], clean: Path) -> subprocess.Popen[bytes]:
    """Start a command on a copy of the corpus."""
    command = [
        sys.executable,
        "-m",
        "flows",
        *(str(clean) if word == "CLEAN" else word for word in arguments),
    ]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def kill(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill a command and its workers after some seconds; False if it had ended before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def begin(folder: Path) -> tuple[Path, Path, Path]:
    """A corpus of two versions and some parts, and a RAW that has moved on since."""
    raw, out = write_raw(folder / "raw"), folder / "begun"
    (folder / "other.toml").write_text(SETTINGS, "utf-8")
    for number in range(40):
        page = raw / f"songque.example/{number:03d}.txt"
        page.write_text(
            f"Bản tin số {number}\n{FLOOD[number % 3]}\nCó {number + 20} hộ ở xóm {number} cùng làm.", "utf-8"
        )
    assert start(["run", str(raw), "--out", "CLEAN"], out).wait() in (0, 1)
    (raw / "songque.example/003.txt").unlink()
    assert start(["run", str(raw), "--out", "CLEAN"], out).wait() in (0, 1)
    for number in range(20, 30):
        (raw / f"songque.example/{number:03d}.txt").write_text(
            f"Tin sửa lại {number}\n{FLOOD[0]} Thêm {number}.", "utf-8"
        )
    (raw / "chodem.example/moi.txt").write_text(f"Bản tin mới\n{FLOOD[1]} Cả xã mừng.", "utf-8")
    return raw, out, folder / "other.toml"


def plan_courses(folder: Path) -> tuple[Path, list[Course]]:
    """Go every course once without a kill."""
    raw, begun, config = begin(folder)
    places = {"RAW": str(raw), "CONFIG": str(config)}
    courses = []
    for name, words in COMMANDS.items():
        clean, arguments = folder / "whole", [places.get(word, word) for word in words]
        shutil.copytree(begun, clean)
        started = time.monotonic()
        assert start(arguments, clean).wait() in (0, 1), name
        courses.append(Course(name, arguments, read(clean), time.monotonic() - started))
        shutil.rmtree(clean)
    return begun, courses


def find_fault(course: Course, clean: Path, before: Tables) -> str:
    """What is wrong after a kill; empty if nothing is."""
    found = read(clean)
    if found not in (before, course.after):
        return "a reader finds neither what was before nor what is after"
    is_done = Store(clean).run_number > 2
    if not is_done or course.name.startswith("run"):
        start(course.arguments, clean).wait()
    if read(clean) != course.after:
        return "carried on to its end, it gives something else"
    if course.name == "forget":
        compact(Store(clean), keep_versions=1)
        if LEFT_OUT in read_everything(clean):
            return "what was forgotten is still on the disk"
    return "; ".join(f"{fault.check} {fault.place}: {fault.what}" for fault in verify(Store(clean)))


def read_everything(out: Path) -> str:
    """All text in all files of a corpus."""
    import polars as pl

    tables = (str(pl.read_parquet(path, glob=False).to_dicts()) for path in out.glob("*/*.parquet"))
    return "\n".join(tables)


def try_kills(folder: Path, kills: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Kill so many times; returns the kills by command, and the faults."""
    begun, courses = plan_courses(folder)
    before, chance = read(begun), random.Random(seed)  # noqa: S311 - to be made again
    counts: Counter[str] = Counter()
    faults = []
    for trial in range(kills):
        course, clean = courses[trial % len(courses)], folder / "trial"
        shutil.copytree(begun, clean)
        # One moment in each of as many equal parts as the command has trials.
        rounds = max(1, -(-kills // len(courses)))
        moment = course.seconds * (trial // len(courses) + chance.random()) / rounds
        while not kill(start(course.arguments, clean), moment):
            shutil.rmtree(clean)
            shutil.copytree(begun, clean)
            moment *= 0.8
        counts[course.name] += 1
        if fault := find_fault(course, clean, before):
            faults.append(f"{course.name} at {moment:.2f} s of {course.seconds:.2f}: {fault}")
            print(faults[-1], flush=True)
        shutil.rmtree(clean)
    return counts, faults


def main() -> int:
    """Print the kills by command; 1 if any did harm."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        counts, faults = try_kills(folder, options.kills, options.seed)
    for name, count in counts.items():
        print(f"{name:<26}{count:>5} kills")
    print(f"kills={sum(counts.values())} faults={len(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
