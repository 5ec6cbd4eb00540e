"""A corpus that grows, shrinks and changes is matched as if it had always been what it is."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.match import BY_KEY, LINKS, MatchOptions, Part, Stored, match, match_parts, sign
from tasks.match.batch import Comparer
from tasks.match.comparison import Comparison
from tasks.match.corpus import PAIR, Matched
from tasks.match.documents import PLACE, VERDICT
from tasks.match.links import Links

WORDS = [
    "ghe",
    "chở",
    "khóm",
    "về",
    "chợ",
    "nổi",
    "sớm",
    "nay",
    "bà",
    "con",
    "xóm",
    "đáy",
    "vá",
    "lưới",
    "phơi",
    "tôm",
    "khô",
    "bên",
    "bờ",
    "kênh",
    "mới",
    "đào",
    "thầy",
    "giáo",
    "dạy",
    "đám",
    "trẻ",
    "hát",
    "bài",
    "ca",
    "mùa",
    "gặt",
    "lúa",
    "chín",
    "vàng",
    "ngoài",
    "đồng",
    "nước",
    "lên",
    "trạm",
    "xá",
    "phát",
    "thuốc",
    "cho",
    "người",
    "già",
    "ốm",
]
Document = tuple[int, str, tuple[str, ...]]
Folder = dict[int, Document]
"""By number: the part that a document lies in, when it was published, and its paragraphs."""


def write_texts(chance: random.Random) -> list[str]:
    """Texts that share much with each other: copies with one edit, parts, and several joined in one."""
    base = [" ".join(chance.choices(WORDS, k=chance.randint(9, 26))) for _ in range(5)]
    texts = []
    for _ in range(40):
        words = chance.choice(base).split()
        edit = chance.randrange(6)
        if edit == 0:
            words[chance.randrange(len(words))] = chance.choice(WORDS)
        elif edit == 1:
            words.insert(chance.randrange(len(words)), str(chance.randint(2, 9)))
        elif edit == 2:
            words = words[: chance.randint(7, len(words))]
        elif edit == 3:
            chance.shuffle(words)
        elif edit == 4:
            words = [*words, *chance.choice(base).split()]
        else:
            words[0] = words[0].upper()
        texts.append(" ".join(words).capitalize() + ".")
    long = [" ".join(chance.sample(texts, 3)) for _ in range(4)]
    return [*texts, *long, "Chợ nổi", "Ghe 3 người"]


def change(folder: Folder, chance: random.Random, texts: list[str]) -> Folder:
    """Some documents come, some go, some are other than they were."""
    folder = dict(folder)
    for _ in range(chance.randint(1, 4)):
        number = chance.randrange(14)
        if number in folder and chance.random() < 0.4:
            del folder[number]
        else:
            count = chance.randint(1, 4)
            published = f"2024-0{chance.randint(1, 3)}-01"
            folder[number] = (chance.randrange(3), published, tuple(chance.choices(texts, k=count)))
    return folder


def tabulate(folder: Folder, options: MatchOptions) -> pl.DataFrame:
    rows = [
        (f"d{number}", n, f"{number}.txt", 0, "article", published, text, part)
        for number, (part, published, texts) in folder.items()
        for n, text in enumerate(texts)
    ]
    schema = {
        "document_id": pl.String,
        "paragraph": pl.Int32,
        "source_path": pl.String,
        "source_record": pl.Int32,
        "kind": pl.String,
        "published_at": pl.String,
        "text": pl.String,
        "part": pl.Int64,
    }
    return sign(pl.DataFrame(rows, schema=schema, orient="row"), options=options)


class Corpus:
    """What is stored between runs: files by part, links, verdicts and pairs."""

    def __init__(self, root: Path, options: MatchOptions) -> None:
        self.root, self.options = root, options
        self.runs = self.recalled = 0
        self.files: dict[int, Path] = {}
        self.stored: Stored | None = None
        nothing = match(tabulate({}, options), options=options)
        self.verdicts = nothing.verdicts.with_columns(part=pl.lit(0, pl.Int64))
        self.pairs = nothing.pairs
        self.links: Links | None = None

    def read_texts(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """As match asks for them."""
        return pl.read_parquet(self.now[part], columns=[*PLACE, "text"]).join(places, on=PLACE, how="semi")

    def read_pairs(self, part: int, places: pl.DataFrame) -> pl.DataFrame:
        """As match asks for them."""
        part_of = pl.concat(
            pl.read_parquet(file, columns=["document_id", "part"]) for file in self.now.values()
        ).unique()
        pairs = self.pairs.filter(pl.col("retrieved_by") != BY_KEY)
        for side in ("a", "b"):
            place = [f"{side}_document", f"{side}_paragraph"]
            pairs = pairs.join(places, left_on=place, right_on=PLACE, how="semi")
            pairs = pairs.join(part_of.rename({"document_id": place[0], "part": side}), on=place[0])
        pairs = pairs.filter(pl.max_horizontal("a", "b") == part).drop("a", "b")
        self.recalled += pairs.height
        return pairs

    def read_held(self, part: int, documents: pl.DataFrame) -> pl.DataFrame:
        """As match asks for it."""
        rows = self.verdicts.join(documents, on="document_id", how="semi")
        return rows.filter((pl.col("reason") != "husk") & (pl.col("part") == part))

    def run(self, table: pl.DataFrame) -> None:
        """Match what there is now, from what was stored."""
        self.runs += 1
        folder = self.root / str(self.runs)
        folder.mkdir()
        self.now = dict(self.files)
        for part in sorted(set(table["part"]) | set(self.files) | {0}):
            rows = table.filter(pl.col("part") == part)
            if part not in self.files or not rows.equals(pl.read_parquet(self.files[part])):
                self.now[part] = folder / f"{part}.parquet"
                rows.write_parquet(self.now[part])
        parts = [Part(n, file, self.files.get(n)) for n, file in self.now.items()]
        found = match_parts(parts, self, folder / "match", stored=self.stored, options=self.options)
        self.store(found.folder)
        found.links.save(folder)
        tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in LINKS}
        left_out = found.links.candidates
        self.stored = Stored(**tables, unexamined=left_out.unexamined, stock=left_out.stock)
        self.links, self.files = found.links, self.now

    def store(self, folder: Path) -> None:
        """Put what was found in the place of what it replaces."""
        verdicts = [
            pl.read_parquet(file).with_columns(part=pl.lit(int(file.stem), pl.Int64))
            for file in folder.glob("verdicts/*")
        ]
        pairs = [pl.read_parquet(file) for file in folder.glob("pairs/*/*")]
        settled = folder / "settled.parquet"
        if settled.exists():
            concluded = [pl.read_parquet(file) for file in folder.glob("documents/*")]
            there = pl.concat(pl.read_parquet(file, columns=["document_id"]) for file in self.now.values())
            remaining = self.verdicts.join(there, on="document_id", how="semi")
            for documents in concluded:
                remaining = remaining.join(documents, on="document_id", how="anti")
            verdicts.append(remaining)
            places = pl.read_parquet(settled).select(b_document="document_id", b_paragraph="paragraph")
            pairs.append(self.pairs.join(places, on=["b_document", "b_paragraph"], how="anti"))
        self.verdicts = pl.concat([self.verdicts.clear(), *verdicts])
        self.pairs = pl.concat([self.pairs.clear(), *pairs])


def assert_same(corpus: Corpus, whole: Matched) -> None:
    verdicts = corpus.verdicts.select(VERDICT).sort(PLACE)
    assert verdicts.to_dicts() == whole.verdicts.select(VERDICT).to_dicts()
    assert corpus.pairs.sort(PAIR).to_dicts() == whole.pairs.to_dicts()
    assert corpus.links is not None
    assert corpus.links.candidates.unexamined == whole.unexamined


OPTIONS = st.builds(
    MatchOptions,
    max_bucket=st.integers(1, 4),
    max_bucket_best=st.integers(1, 2),
    max_candidates=st.integers(1, 4),
    min_long_sentences=st.integers(2, 3),
    keep=st.sampled_from(["fullest", "first"]),
    max_words=st.sampled_from([30, 20_000]),
)


ALL_GO = MatchOptions(max_bucket=1, max_bucket_best=1, max_candidates=1, min_long_sentences=2, max_words=30)


@settings(max_examples=6)
@given(st.integers(0, 2**32), OPTIONS, st.integers(1, 6), st.integers(1, 7))
@example(6423, ALL_GO, 1, 2)
def test_many_runs_give_what_one_gives(
    seed: int, options: MatchOptions, phrase_bucket: int, count: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    texts = write_texts(chance)
    folder: Folder = {}
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        for module in ("retrieve", "touched"):
            patch.setattr(f"tasks.match.{module}.MAX_PHRASE_BUCKET", phrase_bucket)
        corpus = Corpus(Path(root), options)
        for _ in range(count):
            folder = change(folder, chance, texts)
            table = tabulate(folder, options)
            corpus.run(table)
            assert_same(corpus, match(table.drop("part"), options=options))
        again = Path(root) / "again"
        again.mkdir()
        fresh = Corpus(again, options)
        fresh.run(table)
        assert_same_links(corpus.links, fresh.links)


def assert_same_links(found: Links | None, expected: Links | None) -> None:
    """Every number that is stored for the next run, not only what this one needed."""
    assert found
    assert expected
    assert found.keys.tolist() == expected.keys.tolist()
    assert found.holders.equals(expected.holders)
    for name, mine, theirs in zip(
        found.candidates._fields, found.candidates, expected.candidates, strict=True
    ):
        assert np.array_equal(mine, theirs), name


def test_what_was_decided_on_unchanged_texts_is_not_decided_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = " ".join(WORDS[:20]).capitalize()
    pages = {n: (0, "2024-01-01", (f"{shared} {n + 2} ghe.",)) for n in range(6)}
    options = MatchOptions()
    corpus = Corpus(tmp_path, options)
    corpus.run(tabulate(pages, options))
    asked: list[tuple[str, str]] = []

    def compare(comparer: Comparer, a: int, b: int, pair: int = -1) -> Comparison:
        asked.append((comparer.texts[a], comparer.texts[b]))
        return decide(comparer, a, b, pair)

    decide = Comparer.__call__
    monkeypatch.setattr(Comparer, "__call__", compare)
    pages[6] = (0, "2024-01-01", (f"{shared} 9 ghe.",))
    table = tabulate(pages, options)
    corpus.run(table)
    assert len(asked) == 6
    assert corpus.recalled == 15
    assert all(any("9 ghe" in text for text in pair) for pair in asked)
    assert_same(corpus, match(table.drop("part"), options=options))
