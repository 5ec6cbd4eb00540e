"""What matching costs: CPU seconds and memory of keys, retrieval and decisions.

    python tests/benchmarks/match_cost.py RAW            every line of every .txt file below RAW is a paragraph
    python tests/benchmarks/match_cost.py --template N   one template N times, each with other numbers

Start-up and the compilation of kernels are left out: a small table is matched first. Prints paragraphs, megabytes of
text, CPU seconds of each step, megabytes per CPU second of all, pairs decided and left out, and the peak memory.
"""

import argparse
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from tasks.match import MatchOptions, match, sign

Line = tuple[str, int, str]


def read_lines(raw: Path) -> Iterator[Line]:
    """Document, paragraph and text of every line."""
    for file in sorted(raw.rglob("*.txt")):
        path = str(file.relative_to(raw))
        yield from ((path, n, line.strip()) for n, line in enumerate(file.read_text("utf-8").splitlines()))


def make_template(count: int) -> Iterator[Line]:
    """Lottery results: the same words, other numbers."""
    for n in range(count):
        day, month = n % 28 + 1, n // 28 % 12 + 1
        text = (
            f"Kết quả xổ số kiến thiết ngày {day}/{month}: giải đặc biệt {n * 7919 % 1_000_000:06d}, giải nhất "
            f"{n * 104729 % 100_000:05d}, giải nhì {n * 1299709 % 100_000:05d}, trị giá {n % 97 + 2} tỷ đồng mỗi vé."
        )
        yield f"d{n // 10}", n % 10, text


def make_table(lines: Sequence[Line]) -> pl.DataFrame:
    """The lines as paragraphs."""
    schema = {"document_id": pl.String, "paragraph": pl.UInt32, "text": pl.String}
    return pl.DataFrame(lines, schema=schema, orient="row").with_columns(
        source_path="document_id",
        source_record=pl.lit(0, pl.UInt32),
        kind=pl.lit("article"),
        published_at=pl.lit(None, pl.String),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("raw", type=Path, nargs="?")
    parser.add_argument("--template", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    lines = list(make_template(arguments.template) if arguments.template else read_lines(arguments.raw))
    table, options = make_table(lines), MatchOptions()
    match(sign(table.head(3000), options=options), options=options)
    megabytes = int(table["text"].str.len_bytes().sum()) / 1e6
    started = time.process_time()
    signed = sign(table, options=options)
    sign_seconds = time.process_time() - started
    matched = match(signed, options=options)
    seconds = time.process_time() - started
    figures = {
        "paragraphs": table.height,
        "megabytes": round(megabytes, 2),
        "sign_cpu_seconds": round(sign_seconds, 2),
        "match_cpu_seconds": round(seconds - sign_seconds, 2),
        "mb_per_cpu_second": round(megabytes / seconds, 2),
        "verdicts": matched.verdicts.height,
        "pairs": matched.pairs.height,
        "pairs_left_out": matched.unexamined,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(" ".join(f"{name}={value}" for name, value in figures.items()))  # noqa: T201 - the figures


if __name__ == "__main__":
    main()
