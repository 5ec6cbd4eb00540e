"""A corpus is a function of its inputs: not of how often, when or in which order they came."""

import dataclasses
import itertools
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from small_corpus import FLOOD, MARKET, OTHER_DAY, assert_same_tables, read_tables, write_raw

from tasks.errors import UsageError
from tasks.export import FORMATS, read_table, write_file
from tasks.job import Job, Settings
from tasks.marks import Mark, make_mark
from tasks.match import MatchOptions
from tasks.segment import SegmentOptions
from tasks.stages import Outcome, run
from tasks.store import Store
from tasks.verify import verify

Clean = Callable[..., Outcome]


def rows(out: Path, name: str) -> pl.DataFrame:
    return read_table(Store(out), name)


def from_nothing(raw: Path, tmp_path: Path, settings: Settings | None = None) -> dict[str, pl.DataFrame]:
    fresh = tmp_path / f"fresh{len(list(tmp_path.iterdir()))}"
    run(Job(raw, fresh, settings or Settings()))
    return read_tables(fresh)


def test_a_second_run_reads_nothing_and_changes_nothing(clean: Clean, out: Path) -> None:
    clean()
    before = {name: rows(out, name) for name in ("sources", "paragraphs", "documents", "duplicates")}
    versions = Store(out).versions()
    outcome = clean()
    assert outcome.stages["read"]["records"] == 0
    assert Store(out).versions() == versions
    for name, table in before.items():
        assert table.equals(rows(out, name))


def test_a_copied_file_is_told_by_its_bytes(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    for file in raw.rglob("*.*"):
        os.utime(file, ns=(1, 1))
    assert clean().stages["read"]["records"] == 0
    page = raw / "songque.example/lu-rut.txt"
    content = page.read_bytes()
    page.write_bytes(content.replace(b"a", b"e", 1))
    os.utime(page, ns=(2, 2))
    outcome = clean()
    assert (page.stat().st_size, outcome.run["inputs_changed"]) == (len(content), 1)
    assert outcome.stages["read"]["records"] == 1
    assert not list(verify(Store(out)))


def test_a_changed_input_changes_its_rows_and_what_leaned_on_them(
    clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    clean()
    held = rows(out, "paragraphs").filter(pl.col("text") == FLOOD[2])
    assert sorted(held["verdict"]) == ["kept", "removed"]
    gone_from = str(held.filter(verdict="kept")["source_path"].item())
    page = raw / gone_from
    page.write_text(
        page.read_text("utf-8").replace(FLOOD[2], "Trường mầm non nghỉ thêm một tuần để khử khuẩn."), "utf-8"
    )
    outcome = clean()
    assert (outcome.run["inputs_new"], outcome.run["inputs_changed"], outcome.run["inputs_gone"]) == (0, 1, 0)
    assert rows(out, "paragraphs").filter(pl.col("text") == FLOOD[2])["verdict"].to_list() == ["kept"]
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))
    untouched = rows(out, "paragraphs").filter(pl.col("source_path") == "dump.jsonl")
    assert untouched["run_id"].str.starts_with("r000001").all()
    assert not list(verify(Store(out)))


def test_an_added_input_can_take_the_place_of_a_kept_copy(
    clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    clean()
    fuller = FLOOD[0] + " Bộ đội biên phòng giúp dân dọn bùn ở chợ và trạm xá."
    (raw / "songque.example/moi.txt").write_text(f"Bộ đội giúp dân\n{fuller}\n", "utf-8")
    clean()
    ledger = rows(out, "paragraphs")
    assert ledger.filter(pl.col("text") == fuller)["verdict"].to_list() == ["kept"]
    assert ledger.filter(pl.col("text") == FLOOD[0])["verdict"].to_list() == ["removed"]
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))


def test_a_deleted_input_gives_back_what_it_held(clean: Clean, raw: Path, out: Path, tmp_path: Path) -> None:
    clean()
    (raw / "songque.example/lu-rut.txt").unlink()
    outcome = clean()
    assert outcome.run["inputs_gone"] == 1
    assert "songque.example/lu-rut.txt" not in set(rows(out, "sources")["source_path"])
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))


def test_gone_inputs_stay_where_the_settings_say_so(clean: Clean, raw: Path, out: Path) -> None:
    settings = Settings(gone="keep")
    clean(settings)
    (raw / "songque.example/lu-rut.txt").unlink()
    clean(settings)
    assert "songque.example/lu-rut.txt" in set(rows(out, "sources")["source_path"])


def test_a_run_that_would_drop_more_than_a_fifth_refuses(clean: Clean, raw: Path, out: Path) -> None:
    clean()
    before = read_tables(out)
    shutil.rmtree(raw / "songque.example")
    with pytest.raises(UsageError, match=r"--allow-gone"):
        clean()
    assert_same_tables(read_tables(out), before)
    assert Store(out).run_number == 1
    clean(allow_gone=True)
    assert rows(out, "documents").height < before["documents"].height


def test_many_runs_over_parts_agree_with_one_over_everything(raw: Path, out: Path, tmp_path: Path) -> None:
    growing = tmp_path / "growing"
    for path in sorted((path for path in raw.rglob("*") if path.is_file()), reverse=True):
        copy = growing / path.relative_to(raw)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        run(Job(growing, out))
    assert Store(out).run_number == 6
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))


def test_the_number_of_workers_changes_nothing(
    clean: Clean, raw: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.plan.UNIT_BYTES", 600)
    monkeypatch.setattr("tasks.plan.TAIL_BYTES", 0)
    clean(workers=2)
    assert len(Store(out).files("paragraphs")) > 1
    monkeypatch.undo()
    found, expected = read_tables(out), from_nothing(raw, tmp_path)
    assert_same_tables(found, expected)
    for name, file_format in itertools.product(expected, FORMATS):
        for tables, place in ((found, "many"), (expected, "one")):
            write_file(tables[name].lazy(), tmp_path / place, file_format)
        assert (tmp_path / "many").read_bytes() == (tmp_path / "one").read_bytes(), (name, file_format)


def test_a_changed_setting_redoes_its_step_without_raw(
    clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    wrapped = (
        "Gió mùa về sớm hơn mọi năm nên bà con xóm chài kéo lưới lên bờ từ hôm\n"
        "rằm, vá lại những mắt lưới rách rồi đem phơi dọc theo triền đê. Mấy\n"
        "đứa nhỏ chạy theo nhặt ốc, đứa nào cũng lấm lem. Người già trong xóm\n"
        "nói rằng chưa năm nào mà nước lại trong như năm nay, cá thì ít đi một\n"
        "nửa, còn tôm càng lại nhiều, ai cũng lấy làm lạ. Thương lái đến tận\n"
        "bến mua, trả giá cao hơn tháng trước một chút nên nhà nào cũng mừng,\n"
        "có nhà bán xong là sắm luôn cho ghe cái máy mới để kịp con nước tới."
    )
    (raw / "songque.example/wrapped.txt").write_text(wrapped, "utf-8")
    clean()
    # The stored `raw` must do: what lies in RAW now cannot be read, and looks as it did.
    hidden = raw / "songque.example/wrapped.txt"
    status = hidden.stat()
    hidden.write_bytes(b"\0" * status.st_size)
    os.utime(hidden, ns=(status.st_atime_ns, status.st_mtime_ns))
    settings = dataclasses.replace(Settings(), segment=SegmentOptions(unwrap=False))
    outcome = clean(settings)
    assert outcome.run["inputs_changed"] == 0
    pieces = rows(out, "paragraphs").filter(pl.col("source_path") == "songque.example/wrapped.txt")
    assert pieces["raw"].to_list() == wrapped.split("\n")
    hidden.write_text(wrapped, "utf-8")
    os.utime(hidden, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path, settings))


def test_an_index_with_other_columns_is_made_anew(clean: Clean, raw: Path, out: Path, tmp_path: Path) -> None:
    """As after an update: then the verdicts are decided again, as with another setting."""
    clean()
    files = Store(out).files("index")
    for file in files:
        pl.read_parquet(file.path, glob=False).drop("sketch").write_parquet(file.path)
    settings = dataclasses.replace(Settings(), match=MatchOptions(max_candidates=31))
    clean(settings)
    assert all("sketch" in pl.read_parquet_schema(file.path) for file in Store(out).files("index"))
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path, settings))


def test_full_reads_everything_again_and_keeps_run_ids_of_what_is_the_same(clean: Clean, out: Path) -> None:
    clean()
    outcome = clean(full=True)
    assert outcome.run["inputs_changed"] == outcome.run["inputs_seen"]
    assert rows(out, "paragraphs")["run_id"].str.starts_with("r000001").all()


def test_a_policy_labels_instead_of_removing(clean: Clean, out: Path) -> None:
    clean()
    assert rows(out, "paragraphs").filter(reason="source_credit").height == 1
    clean(Settings(policy={"source_credit": "label"}))
    labelled = rows(out, "paragraphs").filter(label="source_credit")
    assert labelled.select("verdict", "reason").rows() == [("kept", None)]
    assert "Theo Báo Sông Quê" in "\n".join(rows(out, "documents")["text"])


def test_raw_may_lie_anywhere(clean: Clean, raw: Path, out: Path, tmp_path: Path) -> None:
    clean()
    moved = write_raw(tmp_path / "elsewhere" / "raw")
    other = tmp_path / "other"
    run(Job(moved, other))
    mine, theirs = read_tables(out), read_tables(other)
    assert mine["documents"]["document_id"].to_list() == theirs["documents"]["document_id"].to_list()


def test_overlapping_folders_are_refused(raw: Path) -> None:
    with pytest.raises(UsageError, match="overlap"):
        run(Job(raw, raw / "clean"))
    assert not (raw / "clean").exists()


TITLES = {
    "with a figure": "Giá lúa Cồn Sương ngày 12/5 lúa thơm tăng 200 đồng",
    "of many words": (
        "Chợ nổi Vàm Lúa họp lại sau ba tháng sửa cầu tàu, ghe từ các huyện bên chở khóm và dưa về bán đông nghịt"
    ),
}


@pytest.mark.parametrize("name", TITLES)
def test_a_headline_that_comes_or_goes_decides_older_pages_again(
    name: str, clean: Clean, raw: Path, out: Path, tmp_path: Path
) -> None:
    page = ["Nước rút dân về dọn nhà cửa và trường học", FLOOD[1], FLOOD[2], TITLES[name]]
    (raw / "songque.example/older.txt").write_text("\n".join(page), "utf-8")
    clean()
    newer = raw / "chodem.example/newer.txt"
    newer.write_text(f"{TITLES[name]}\nBản tin này kể một chuyện khác hẳn, không trang nào có.", "utf-8")
    clean()
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))
    newer.unlink()
    clean()
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))


PLAIN = Settings()
SMALL = Settings(
    match=MatchOptions(max_bucket=2, max_bucket_best=1, max_candidates=2, min_long_sentences=2),
    policy={"source_credit": "label", "duplicate_contained": "label"},
)
WHOLE_ONLY = Settings(match=MatchOptions(scope="document"))


def write_page(chance: random.Random) -> str:
    """A page of paragraphs that other pages have too, were it with another figure or one more sentence."""
    paragraphs = [*FLOOD, *MARKET, OTHER_DAY, f"{FLOOD[0]} {FLOOD[2]}", f"{MARKET[0]} {FLOOD[1]} {MARKET[1]}"]
    chosen = chance.sample(paragraphs, chance.randint(1, 4))
    if chance.random() < 0.5:
        place = chance.randrange(len(chosen))
        chosen[place] = chosen[place].replace("17 hộ", f"{chance.randint(3, 9)} hộ").replace("bà con", "dân")
    ends = ["Theo Báo Sông Quê", "Đọc thêm", TITLES["with a figure"], chosen[0]]
    return "\n".join([chance.choice(list(TITLES.values())), *chosen, chance.choice(ends)])


def draw_marks(out: Path, chance: random.Random) -> tuple[Mark, ...]:
    """Decisions against what was said of some paragraphs, drawn anew, so that others are withdrawn."""
    if not Store(out).run_number:
        return ()
    ledger = rows(out, "paragraphs").sort("document_id", "paragraph").to_dicts()
    chosen = chance.choices(ledger, [4 if row["reason"] else 1 for row in ledger], k=chance.randint(0, 6))
    return tuple(make_mark(row, "keep" if row["reason"] else "remove", "by lot") for row in chosen)


def grow(folder: Path, chance: random.Random) -> None:
    """Some pages come, some go, some are other than they were."""
    for _ in range(chance.randint(1, 4)):
        page = folder / f"site{chance.randrange(2)}.example/{chance.randrange(6)}.txt"
        page.parent.mkdir(parents=True, exist_ok=True)
        if page.exists() and chance.random() < 0.4:
            page.unlink()
        else:
            page.write_text(write_page(chance), "utf-8")
            os.utime(page, ns=(chance.randrange(10**15), chance.randrange(10**15)))


@pytest.mark.parametrize(
    ("seed", "runs", "tail_bytes", "settings"),
    [(1, 4, 0, SMALL), (2, 3, 10**6, SMALL), (3, 3, 0, PLAIN), (5, 2, 0, WHOLE_ONLY)],
)
def test_a_folder_that_grows_and_shrinks_gives_what_one_run_gives(
    seed: int, runs: int, tail_bytes: int, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.plan.TAIL_BYTES", tail_bytes)
    chance = random.Random(seed)  # noqa: S311 - test data
    raw, out = tmp_path / "growing", tmp_path / "grown"
    raw.mkdir()
    for _ in range(runs):
        grow(raw, chance)
        settings = dataclasses.replace(settings, marks=draw_marks(out, chance))
        run(Job(raw, out, settings, allow_gone=True))
        assert not list(verify(Store(out)))
        fresh = tmp_path / f"fresh{Store(out).run_number}"
        run(Job(raw, fresh, settings))
        assert_same_tables(read_tables(out), read_tables(fresh))


def test_a_file_that_becomes_a_broken_link_leaves(clean: Clean, raw: Path, out: Path, tmp_path: Path) -> None:
    clean()
    (raw / "songque.example/lu-rut.txt").unlink()
    (raw / "songque.example/lu-rut.txt").symlink_to("nowhere")
    clean()
    assert not list(verify(Store(out)))
    assert_same_tables(read_tables(out), from_nothing(raw, tmp_path))
