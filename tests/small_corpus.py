"""A small raw folder with every kind of thing in it, and ways to run on it. All texts are invented."""

import json
import os
from pathlib import Path

import polars as pl

from tasks.export import read_table
from tasks.store import Store

FLOOD = (
    "Sáng 3/4, nước sông Lưu rút xuống dưới báo động một sau năm ngày ngập, người dân xã Đông Ngàn đã quay về dọn nhà.",
    "Ông Bùi Văn Tám, trưởng thôn Ba, cho biết cả thôn có 214 hộ phải đi ở nhờ, đến chiều qua còn 17 hộ chưa về được.",
    "Trường tiểu học của xã dạy bù vào hai ngày cuối tuần, bắt đầu từ tuần tới, để kịp chương trình học kỳ hai.",
)
OTHER_DAY = FLOOD[1].replace("17 hộ", "38 hộ")
"""The same sentence with another number: it must stay."""

MARKET = (
    "Chợ nổi Vàm Lúa họp lại từ tờ mờ sáng sau ba tháng sửa cầu tàu, ghe từ các huyện bên chở khóm và dưa về bán.",
    "Ban quản lý chợ thu phí neo đậu 10.000 đồng mỗi ghe một ngày, bằng với mức thu trước khi sửa cầu tàu.",
)
PAGES = {
    "songque.example/lu-rut.txt": "\n".join(["Nước rút, dân về dọn nhà", *FLOOD, "Theo Báo Sông Quê"]),
    "songque.example/lu-rut-hai.txt": "\n".join(["Hai ngày sau lũ ở Đông Ngàn", OTHER_DAY, MARKET[1]]),
    "chodem.example/lu.txt": "\n".join(["Đông Ngàn sau lũ", f"(CĐ) - {FLOOD[0]}", FLOOD[2], MARKET[0]]),
    "chodem.example/broken.txt": "Bản tin sáng\n" + MARKET[1].encode().decode("latin-1"),
    "chodem.example/empty.txt": " \n\n",
}
RECORDS = (
    {
        "id": "a",
        "url": "https://www.bandoc.example/1",
        "title": "Chợ nổi họp lại",
        "text": "\n".join(MARKET),
        "lang": "vi",
    },
    {
        "url": "https://www.bandoc.example/2",
        "published_at": "2024-05-14",
        "text": "Một bản tin khác, không ai chép lại, nói về mùa cá linh năm nay về sớm hơn mọi năm.",
    },
)


WRITTEN_NS = 1_715_659_200 * 10**9
"""All files of the raw folder are of one time, so that a corpus made of a copy knows them again."""


def write_raw(folder: Path) -> Path:
    """The raw folder of the tests."""
    for path, text in PAGES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    rows = (json.dumps(record, ensure_ascii=False) for record in RECORDS)
    (folder / "dump.jsonl").write_text("\n".join(rows), "utf-8")
    for path in (*PAGES, "dump.jsonl"):
        os.utime(folder / path, ns=(WRITTEN_NS, WRITTEN_NS))
    return folder


def add_blank_line(file: Path) -> None:
    """Other bytes, and the same records."""
    file.write_bytes(file.read_bytes() + b"\n")


def list_raw(folder: Path) -> list[tuple[str, int, int]]:
    """The files of a raw folder as a run tells them apart: path, size, time of change."""
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    told = ((path.relative_to(folder).as_posix(), path.lstat()) for path in files)
    return [(name, status.st_size, status.st_mtime_ns) for name, status in told]


def read_tables(out: Path) -> dict[str, pl.DataFrame]:
    """The tables that must not depend on how a corpus came about, `run_id` aside."""
    names = ("sources", "paragraphs", "documents", "duplicates")
    return {name: read_table(Store(out), name).drop("run_id", strict=False) for name in names}


def assert_same_tables(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    """Every table the same, row for row."""
    for name, rows in expected.items():
        assert rows.to_dicts() == found[name].to_dicts(), name
