"""Retrieval: every pair that shares enough, once, and oversized buckets bounded and counted."""

import random
from collections import defaultdict
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.match import MatchOptions, match, sign
from tasks.match.keys import read_keys
from tasks.match.retrieve import MAX_ASKED, PHRASE_SHARE, Keys, pair_bucket_members, retrieve
from tasks.match.signature import BANDS

SMALL_BUCKETS = MatchOptions(max_bucket=4, max_bucket_best=2)


Found = set[tuple[int, int]]


def pair_slowly(values: list[int], options: MatchOptions) -> tuple[Found, Found, int]:
    """All pairs of places with equal values; of large buckets those with the best few; how many were left out."""
    buckets = defaultdict(list)
    for place, value in enumerate(values):
        buckets[value].append(place)
    found, with_best, skipped = set(), set(), 0
    for bucket in buckets.values():
        every = set(combinations(bucket, 2))
        if len(bucket) <= options.max_bucket:
            found |= every
        else:
            best = {pair for pair in every if pair[0] in bucket[: options.max_bucket_best]}
            with_best |= best
            skipped += len(every) - len(best)
    return found, with_best, skipped


@given(st.lists(st.sampled_from([1, 2, 3, 2**32 - 1]), max_size=25))
def test_members_of_a_bucket_are_paired_once(values: list[int]) -> None:
    items = np.arange(len(values))
    pairs, with_best, skipped = pair_bucket_members(np.array(values, np.uint32), items, SMALL_BUCKETS)
    found = [[(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in some] for some in (pairs, with_best)]
    assert [len(some) for some in found] == [len(set(some)) for some in found]
    assert (set(found[0]), set(found[1]), skipped) == pair_slowly(values, SMALL_BUCKETS)


@st.composite
def key_sets(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]]]:
    count = draw(st.integers(0, 9))
    band = st.lists(st.one_of(st.just(0), st.integers(1, 60)), min_size=BANDS, max_size=BANDS)
    values = st.integers(0, 24).map(lambda n: n * (2**32 // 25))
    phrases = st.lists(values, min_size=1, max_size=20, unique=True).map(sorted)
    return [draw(band) for _ in range(count)], [draw(phrases) for _ in range(count)]


@given(key_sets(), st.sampled_from([1, 256]))
def test_retrieval_finds_what_going_through_all_pairs_finds(
    drawn: tuple[list[list[int]], list[list[int]]], megabytes: int
) -> None:
    bands, phrases = drawn
    each = [pair_slowly([row[band] for row in bands], SMALL_BUCKETS) for band in range(BANDS)]
    crowded = sorted({(b, a) for _, with_best, _ in each for a, b in with_best})
    of_one = {n: [a for b, a in crowded if b == n][:2] for n in range(len(bands))}
    near = set().union(*(found for found, _, _ in each)) | {
        (a, n) for n, others in of_one.items() for a in others
    }
    owners = {
        phrase: [n for n, row in enumerate(phrases) if phrase in row] for row in phrases for phrase in row
    }
    asked = [
        {p for p in row if len(owners[p]) <= 30 and p <= min(1.0, MAX_ASKED / len(row)) * (2**32 - 1)}
        for row in phrases
    ]
    inside = {
        (a, b)
        for a, b in combinations(range(len(phrases)), 2)
        if len(set(phrases[a]) & asked[b]) >= max(1, PHRASE_SHARE * len(asked[b]))
    }
    keys = Keys(
        np.array(bands, np.uint32).reshape(-1, BANDS),
        np.empty(0, np.int64),
        np.empty((0, BANDS), np.uint32),
        np.array([phrase for row in phrases for phrase in row], np.uint32),
        np.array([len(row) for row in phrases], np.int64),
    )
    options = MatchOptions(max_bucket=4, max_bucket_best=2, max_index_mb=megabytes)
    candidates = retrieve(keys, options)
    found = list(zip(candidates.left.tolist(), candidates.right.tolist(), strict=True))
    assert found == sorted(near | inside, key=lambda pair: pair[::-1])
    assert [pair not in near for pair in found] == candidates.by_phrase.tolist()


def make_words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices("bcdghklmnt", k=2)) + chance.choice("aeiou") for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_a_text_is_found_inside_one_five_times_as_long(seed: int) -> None:
    """At a Jaccard similarity of .2 bands find 5 %: the phrases must find the rest."""
    chance = random.Random(seed)  # noqa: S311 - test data
    found = 0
    for _ in range(40):
        words = make_words(chance, 120)
        start = chance.randrange(96)
        texts = [" ".join(words), " ".join(words[start : start + 24])]
        keys, _ = read_keys(sign(pl.DataFrame({"text": texts}), options=MatchOptions()))
        found += len(retrieve(keys, MatchOptions()).left)
    assert found >= 39


def test_a_template_with_other_numbers_does_not_blow_up() -> None:
    """Every copy meets a few of its bucket, whatever their number: pairs grow in proportion to copies."""
    options = MatchOptions()
    counts = {}
    for copies in (300, 600):
        texts = [
            f"Kết quả xổ số kiến thiết kỳ {n} mở thưởng chiều nay tại trụ sở công ty có giải đặc biệt là {n * 37}."
            for n in range(copies)
        ]
        table = (
            pl.DataFrame({"text": texts})
            .with_row_index("n")
            .select(
                "text",
                document_id=pl.format("d{}", "n"),
                paragraph=pl.lit(0, pl.UInt32),
                source_path=pl.format("{}.txt", "n"),
                source_record=pl.lit(0, pl.UInt32),
                kind=pl.lit("article"),
                published_at=pl.lit(None, pl.String),
            )
        )
        matched = match(sign(table, options=options), options=options)
        assert matched.verdicts.is_empty()
        assert matched.unexamined > 0
        counts[copies] = matched.pairs.height
    assert counts[600] < 2.5 * counts[300] < 2.5 * 300 * 40
