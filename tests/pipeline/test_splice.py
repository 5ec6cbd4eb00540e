"""A file with some columns replaced reads as if it had been written anew, and what was copied is what it was."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.retell import SAID
from tasks.schemas import PARAGRAPHS
from tasks.splice import replace_columns
from tasks.store import Store

PLACES = pl.List(pl.Struct({"document_id": pl.String, "paragraph": pl.Int32}))
SCHEMA = {"text": pl.String, "number": pl.Int64, "share": pl.Float64, "flag": pl.Boolean, "places": PLACES}
PLACE = st.fixed_dictionaries({"document_id": st.text(max_size=3), "paragraph": st.integers(0, 9)})
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=40),
        "number": st.none() | st.integers(-(2**40), 2**40),
        "share": st.none() | st.floats(0, 1),
        "flag": st.none() | st.booleans(),
        "places": st.none() | st.lists(PLACE, max_size=3),
    }
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(ROW, ROW), min_size=1, max_size=30),
    st.sets(st.sampled_from(sorted(SCHEMA)), min_size=1),
    st.integers(1, 12),
    st.sampled_from(["zstd", "uncompressed"]),
)
def test_replaced_columns_are_the_new_ones_and_all_others_the_old(
    pairs: list[tuple[dict[str, object], dict[str, object]]], names: set[str], group: int, packing: str
) -> None:
    old, new = (pl.DataFrame([pair[side] for pair in pairs], schema=SCHEMA) for side in (0, 1))
    with TemporaryDirectory() as name:
        one, other = (Path(name) / f"{side}.parquet" for side in "ab")
        old.write_parquet(one, row_group_size=group)
        new.select(sorted(names)).write_parquet(other, row_group_size=group, compression=packing)
        before = one.read_bytes()
        assert replace_columns(one, other)
        expected = old.with_columns(new.select(sorted(names)))
        assert pl.read_parquet(other).equals(expected)
        assert pl.read_parquet_schema(other) == pl.read_parquet_schema(one)
        assert pq.read_table(other).to_pylist() == expected.to_dicts()
        assert one.read_bytes() == before
        assert sorted(path.name for path in Path(name).iterdir()) == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize(
    "other",
    [pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": ["1", "2", "3"]}), pl.DataFrame({"c": [1, 2, 3]})],
)
def test_what_does_not_fit_is_left_alone(tmp_path: Path, other: pl.DataFrame) -> None:
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}).write_parquet(old)
    other.write_parquet(new)
    before = new.read_bytes()
    assert not replace_columns(old, new)
    assert new.read_bytes() == before


def test_a_file_of_other_row_groups_is_written_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    whole = pl.DataFrame({"a": range(50), "b": [str(n) for n in range(50)]})
    base = store.write_file(whole, "table", 1, 1)
    whole.write_parquet(base.path, row_group_size=7)
    said = pl.DataFrame({"a": range(50, 100)})
    written = store.write_file(said, "table", 1, 2, base)
    assert pl.read_parquet(written.path).equals(whole.with_columns(said))
    assert written.read_digest() == written.digest


def test_all_that_is_copied_is_none_of_what_match_says() -> None:
    of_the_page = {"document_id", "paragraph", "source_path", "source_record", "line", "start", "end"}
    assert set(PARAGRAPHS.schema) - {*SAID, "run_id"} == of_the_page | {"raw", "text", "repairs"}
