"""Megabytes a second, on one core, that the repair takes from clean and from damaged lines.

    python tests/benchmarks/repair_speed.py ARTICLES.jsonl.gz

The rows hold a `text`. In the damaged copies one line in ten is damaged whole. CPU time, second run.
"""

import gzip
import importlib.util
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl

from tasks.repair import RepairOptions, repair

MAX_BYTES = 12_000_000


def load_damage() -> Any:  # noqa: ANN401 - a module
    path = Path(__file__).parents[1] / "repair" / "damage.py"
    spec = importlib.util.spec_from_file_location("repair_damage", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_lines(file: Path) -> pl.DataFrame:
    rows, size = [], 0
    with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as opened:
        for document, row in enumerate(opened):
            lines = [line.strip() for line in json.loads(row)["text"].split("\n")]
            rows += [(document, line) for line in lines if line]
            size += len(row.encode())
            if size > MAX_BYTES:
                break
    return pl.DataFrame(rows, schema={"document": pl.UInt32, "raw": pl.String}, orient="row")


def measure(lines: pl.DataFrame) -> float:
    seconds = 0.0
    for _ in range(2):
        start = time.process_time()
        repair(lines, options=RepairOptions())
        seconds = time.process_time() - start
    return lines["raw"].str.len_bytes().sum() / 1e6 / seconds


def main() -> None:
    lines = read_lines(Path(sys.argv[1]))
    sys.stdout.write(f"clean: {measure(lines):.1f} MB/s\n")
    for name, spoil in load_damage().DAMAGES.items():
        chance = random.Random(1)  # noqa: S311 - the same lines every time
        raw = [spoil(line) if chance.random() < 0.1 else line for line in lines["raw"]]
        sys.stdout.write(f"{name}: {measure(lines.with_columns(raw=pl.Series(raw))):.1f} MB/s\n")


if __name__ == "__main__":
    main()
