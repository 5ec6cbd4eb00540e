"""Thirty nights: what a nightly run costs against what is new, and how large the store gets.

    python tests/benchmarks/nightly.py [RAW] [--nights 30] [--keep-versions 1]

RAW is dealt out over the nights: half of it is there on the first, the rest comes in equal shares; every fifth
night a file changes and one goes. Each run is a process of its own, and its CPU time is what counts. In the end the
store is compacted, and held against that of one run over everything: the tables must be the same.
"""

# ruff: noqa: T201 - a command

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TABLES = ("sources", "paragraphs", "documents", "duplicates")


def decant(*arguments: object) -> float:
    """Run a command; returns its CPU seconds, those of its workers included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def count_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def make_pages(folder: Path, count: int) -> None:
    """News of invented places: a tenth of the paragraphs is copied from an earlier page, a tenth with another figure."""
    chance = random.Random(7)  # noqa: S311 - to be made again
    places = [
        f"{a} {b}"
        for a in ("Bến", "Cồn", "Rạch", "Vàm", "Xóm", "Đông", "Tây", "An")
        for b in ("Sậy", "Lụa", "Ngàn", "Mộc", "Hạ", "Dừa", "Khế", "Sương")
    ]
    things = [
        "họp bàn việc sửa đường liên thôn",
        "đón đợt lũ thứ hai trong năm",
        "khai giảng lớp học ban đêm",
        "mở lại chợ nổi sau ba tháng",
        "gặt xong vụ lúa sớm",
        "dựng cầu tạm qua rạch",
        "phát thuốc cho người già",
        "thả cá giống xuống hồ chung",
    ]
    told: list[str] = []
    for number in range(count):
        lines = [f"Tin {chance.choice(places)} số {number}"]
        for _ in range(chance.randint(3, 8)):
            if told and chance.random() < 0.1:
                lines.append(chance.choice(told))
                continue
            line = (
                f"Ngày {chance.randint(1, 28)}/{chance.randint(1, 12)}, xã {chance.choice(places)} {chance.choice(things)}, "
                f"có {chance.randint(20, 900)} hộ ở {chance.choice(places)} cùng làm, hết {chance.randint(2, 99)} triệu đồng do dân góp."
            )
            told.append(line)
            lines.append(line)
        page = folder / f"{chance.choice(['a', 'b', 'c'])}.example" / f"{number:06d}.txt"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("\n".join(lines), "utf-8")


def copy(file: Path, source: Path, target: Path) -> None:
    """One file of a folder to the same place in another."""
    place = target / file.relative_to(source)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, place)


def change(files: list[Path], night: int) -> None:
    """One file gets another line, one goes."""
    files[night % len(files)].write_text(
        f"Đêm thứ {night} có thêm một dòng tin khác hẳn các dòng cũ.", "utf-8"
    )
    files[-1 - night].unlink(missing_ok=True)


def main() -> None:
    """Print a line per night, and the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("raw", type=Path, nargs="?", help="a folder of your own; invented pages by default")
    parser.add_argument("--pages", type=int, default=3000, help="how many of them (3000)")
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--keep-versions", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tasks.export import read_table
    from tasks.store import Store

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = options.raw or folder / "source"
        if options.raw is None:
            make_pages(source, options.pages)
        files = sorted(path for path in source.rglob("*") if path.is_file())
        random.Random(1).shuffle(files)  # noqa: S311 - to be made again
        raw, out, fresh = folder / "raw", folder / "clean", folder / "fresh"
        share = max(1, len(files) // 2 // max(1, options.nights - 1))
        first = len(files) - share * (options.nights - 1)
        spent = []
        print("night  files_new  cpu_s  store_mb")
        for night in range(options.nights):
            start = first + share * (night - 1)
            arrived = files[:first] if night == 0 else files[start : start + share]
            for file in arrived:
                copy(file, source, raw)
            if night % 5 == 4:
                change([raw / file.relative_to(source) for file in files[:first]], night)
            spent.append(decant("run", raw, "--out", out, "--workers", 1))
            print(
                f"{night + 1:>5}  {len(arrived):>9}  {spent[-1]:>5.1f}  {count_bytes(out) / 1e6:>8.2f}",
                flush=True,
            )
        once = decant("run", raw, "--out", fresh, "--workers", 1)
        nothing = decant("run", raw, "--out", fresh, "--workers", 1)
        grown = count_bytes(out)
        compacting = decant("compact", "--out", out, "--keep-versions", options.keep_versions)
        for table in TABLES:
            found, expected = (
                read_table(Store(place), table).drop("run_id", strict=False) for place in (out, fresh)
            )
            assert found.equals(expected), f"{table} is not what one run makes"
        later = sorted(spent[1:])[len(spent[1:]) // 2]
        print(
            f"nights={options.nights} new_share={share / len(files):.4f} night_cpu_median_s={later:.2f} "
            f"full_cpu_s={once:.2f} nothing_new_cpu_s={nothing:.2f} compact_cpu_s={compacting:.2f} "
            f"store_before_mb={grown / 1e6:.2f} store_after_mb={count_bytes(out) / 1e6:.2f} "
            f"store_fresh_mb={count_bytes(fresh) / 1e6:.2f} ratio={count_bytes(out) / count_bytes(fresh):.2f} "
            f"cpus={os.cpu_count()}"
        )


if __name__ == "__main__":
    main()
