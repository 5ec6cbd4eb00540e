"""The same verdicts from files as from memory, however the corpus is cut."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.match import MatchOptions, Part, ahead, beforehand, match, match_parts, sign
from tasks.match.components import cut_batches, find_components
from tasks.match.corpus import PAIR
from tasks.match.documents import PLACE

VOCABULARY = [
    "thầy",
    "trò",
    "lớp",
    "học",
    "vùng",
    "cao",
    "dựng",
    "lại",
    "mái",
    "trường",
    "sau",
    "cơn",
    "bão",
    "lớn",
    "hôm",
    "qua",
    "người",
    "dân",
    "góp",
    "tre",
    "nứa",
    "công",
    "sức",
    "từ",
    "sáng",
    "sớm",
    "đến",
    "chiều",
    "muộn",
    "trẻ",
    "em",
    "được",
    "đến",
    "lớp",
    "đúng",
    "ngày",
    "khai",
    "giảng",
    "niềm",
    "vui",
    "lan",
    "khắp",
    "bản",
    "làng",
]


def make_corpus(seed: int) -> pl.DataFrame:
    """Sixty documents of copies, edited copies and short lines."""
    chance = random.Random(seed)  # noqa: S311 - test data
    base = [" ".join(chance.choices(VOCABULARY, k=chance.randint(12, 40))).capitalize() for _ in range(40)]
    rows = []
    for document in range(60):
        for paragraph in range(chance.randint(1, 5)):
            words = chance.choice(base).split()
            if chance.random() < 0.4:
                words[chance.randrange(len(words))] = str(chance.randint(2, 99))
            if chance.random() < 0.3:
                words = words[: chance.randint(6, len(words))]
            path = f"site{document % 3}/{document}.txt"
            rows.append((f"d{document}", paragraph, path, 0, "article", None, " ".join(words)))
    names = ["document_id", "paragraph", "source_path", "source_record", "kind", "published_at", "text"]
    types = [pl.String, pl.UInt32, pl.String, pl.UInt32, pl.String, pl.String, pl.String]
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


@pytest.mark.parametrize("scope", ["paragraph", "document", "label"])
@pytest.mark.parametrize("megabytes", [0, 64])
def test_parts_give_what_memory_gives(tmp_path: Path, scope: str, megabytes: int) -> None:
    options = MatchOptions(scope=scope, max_texts_mb=megabytes)  # type: ignore[arg-type]
    signed = sign(make_corpus(megabytes), options=options)
    whole = match(signed, options=options)
    parts = []
    for n, part in enumerate(cut_documents(signed, 37)):
        parts.append(Part(n, tmp_path / f"{n}.parquet"))
        part.write_parquet(parts[-1].now)
    parted = match_parts(parts, Files(parts), tmp_path / "scratch", options=options)
    assert gather(parted.folder, "verdicts/*").drop("part", strict=False).sort(PLACE).equals(whole.verdicts)
    assert gather(parted.folder, "pairs/*/*").sort(PAIR).equals(whole.pairs)
    assert (parted.links.candidates.unexamined, parted.pair_count) == (whole.unexamined, whole.pairs.height)
    batches = len(list(parted.folder.glob("batch-*")))
    assert batches > 10 if not megabytes else batches == 1
    assert whole.pairs["decision"].n_unique() > 1


def cut_documents(table: pl.DataFrame, count: int) -> Iterator[pl.DataFrame]:
    """The rows of so many documents at a time, in no order."""
    documents = table["document_id"].unique().sample(fraction=1, shuffle=True, seed=1)
    for start in range(0, len(documents), count):
        yield table.filter(pl.col("document_id").is_in(documents[start : start + count].implode()))


def gather(folder: Path, pattern: str) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(file) for file in sorted(folder.glob(pattern)))


class Files:
    """A ledger of nothing but texts."""

    def __init__(self, parts: list[Part]) -> None:
        self.files = {part.number: part.now for part in parts}

    def read_texts(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """From the very files."""
        return pl.read_parquet(self.files[part], columns=[*PLACE, "text"]).join(places, on=PLACE, how="semi")

    def read_held(self, part: int, documents: pl.DataFrame) -> pl.DataFrame:
        """Nothing was held before."""
        raise AssertionError(part, documents)

    def read_pairs(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """Nothing was decided before."""
        raise AssertionError(part, places)


def test_nothing_gives_nothing(tmp_path: Path) -> None:
    empty = sign(make_corpus(1).clear(), options=MatchOptions())
    empty.write_parquet(tmp_path / "empty.parquet")
    matched = match(empty, options=MatchOptions())
    parts = [Part(0, tmp_path / "empty.parquet")]
    parted = match_parts(parts, Files(parts), tmp_path / "scratch", options=MatchOptions())
    assert matched.verdicts.is_empty()
    assert not list(parted.folder.glob("verdicts/*"))


@pytest.mark.parametrize("small", [0, beforehand.SMALL])
def test_pieces_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(beforehand, "SMALL", small)  # with and without the kernels
    monkeypatch.setattr(ahead, "PIECE_BYTES", 900)
    signed = sign(make_corpus(7), options=MatchOptions())
    parts = [Part(0, tmp_path / "0.parquet")]
    signed.write_parquet(parts[0].now)
    parted = match_parts(parts, Files(parts), tmp_path / "scratch", options=MatchOptions(), is_shared=True)
    whole = match(signed, options=MatchOptions())
    assert gather(parted.folder, "verdicts/*").drop("part", strict=False).sort(PLACE).equals(whole.verdicts)
    assert gather(parted.folder, "pairs/*/*").sort(PAIR).equals(whole.pairs)
    pieces = [pl.read_parquet(file) for file in parted.folder.glob("batch-*/known-ahead-*")]
    told = pl.concat(pieces).select(PAIR)
    assert len(pieces) > 3
    assert told.is_duplicated().sum() == 0
    compared = whole.pairs.filter(pl.col("retrieved_by").is_in(["phrases", "bands"]))
    assert compared.join(told, on=PAIR, how="anti").is_empty()


def test_only_what_is_worth_it_is_cut_into_pieces() -> None:
    large, many = 3 * ahead.PIECE_BYTES, ahead.MAX_CANDIDATES
    assert ahead.count_pieces(large, many) == 3
    assert ahead.count_pieces(large, many + 1) == ahead.count_pieces(ahead.PIECE_BYTES, many) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_those_of_a_walk(edges: list[tuple[int, int]]) -> None:
    near: dict[int, set[int]] = {n: {n} for n in range(31)}
    for a, b in edges:
        near[a].add(b)
        near[b].add(a)
    expected = []
    for start in range(31):
        seen, ahead = set(), {start}
        while ahead:
            seen |= ahead
            ahead = set().union(*(near[n] for n in ahead)) - seen
        expected.append(min(seen))
    left, right = (np.array([edge[n] for edge in edges], np.int64) for n in (0, 1))
    assert find_components(31, left, right).tolist() == expected


def test_a_batch_holds_whole_components_up_to_its_size() -> None:
    components = np.array([0, 1, 0, 3, 3, 5])
    assert cut_batches(components, np.array([4, 3, 4, 1, 1, 9]), 10).tolist() == [0, 1, 0, 1, 1, 2]
