"""Retrieval: every pair that shares enough, once, and oversized buckets bounded and counted."""

import random
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.match import MatchOptions, sign
from tasks.match.keys import MAX_ASKED, Keys, read_keys
from tasks.match.retrieve import MAX_WORD_BUCKET, PHRASE_SHARE, Candidates, pair_bucket_members, retrieve
from tasks.match.signature import BANDS, FINE_BITS
from tasks.match.touched import Moved, find_touched

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


class Drawn(NamedTuple):
    """Keys of a few items, and how tightly to bound what each is compared with."""

    bands: list[list[int]]
    word_bands: list[list[int] | None]
    sketches: list[set[int]]
    phrases: list[list[int]]
    options: MatchOptions
    wanted: list[bool]
    ranges: int

    def make_keys(self, folder: Path | None, chosen: list[int] | None = None) -> Keys:
        """As `retrieve` takes them, the later items first; of some of the items, numbered anew."""
        chosen = list(range(len(self.bands))) if chosen is None else chosen
        keys = Keys(len(chosen), folder, self.ranges)
        for number, n in reversed(list(enumerate(chosen))):
            item, words = np.array([number]), self.word_bands[n]
            keys.add(item, np.array([self.bands[n]], np.uint32))
            if words:
                sketch = [
                    sum(1 << bit % 64 for bit in self.sketches[n] if bit // 64 == half) for half in (0, 1)
                ]
                keys.add_loose(item, np.array([words], np.uint32), np.array([sketch], np.uint64))
            keys.add_phrases(item, np.array(self.phrases[n], np.uint32), np.array([len(self.phrases[n])]))
        return keys


def draw_keys(seed: int, most: int = 9) -> Drawn:
    """Keys with many values in common. Drawn one by one they would take Hypothesis minutes."""
    chance = random.Random(seed)  # noqa: S311 - test data
    count = chance.randint(0, most)
    bands = [[chance.choice([0, chance.randint(1, 60)]) for _ in range(BANDS)] for _ in range(2 * count)]
    kinds = 25
    if chance.random() < 0.5:  # few keys in common: some pairs share one alone
        bands = [[chance.randint(1, 4000) for _ in range(BANDS)] for _ in range(count)]
        bands += [[chance.randint(1, 100) for _ in range(BANDS)] for _ in range(count)]
        kinds = 400
    variety = chance.choice(
        [2, 200]
    )  # of word bands that agree in three values, how many agree in the fourth
    words = [[value * 2**FINE_BITS + chance.randint(0, variety) for value in row] for row in bands[count:]]
    if variety > 2:  # one word band in common at most, and nothing else
        lone = [[chance.randint(1, 2**32 - 1) for _ in range(BANDS)] for _ in range(2 * count)]
        words = [[row[0], *others[1:]] for row, others in zip(words, lone, strict=False)]
        bands = lone[count:]
    phrases = [sorted(chance.sample(range(kinds), chance.randint(1, 20))) for _ in range(count)]
    return Drawn(
        bands[:count],
        [row if chance.random() < 0.7 else None for row in words],
        [set(chance.choices((3, 60, 64, 70, 127), k=4)) for _ in words],
        [[n * (2**32 // kinds) for n in row] for row in phrases],
        MatchOptions(
            max_bucket=4,
            max_bucket_best=2,
            max_candidates=chance.choice([1, 3, 50]),
            max_index_mb=chance.choice([1, 256]),
        ),
        [chance.random() < 0.5 for _ in range(count)],
        chance.choice([1, 4]),
    )


def cap(shared: dict[int, int], most: int) -> set[int]:
    """Of those that share so much with one, half of the most that may be by rank, the others by what they share."""
    best = sorted(shared)[: most - most // 2]
    rest = sorted(set(shared) - set(best), key=lambda other: (-shared[other], other))
    return set(shared) if len(shared) <= most else {*best, *rest[: most // 2]}


def are_alike(one: set[int], other: set[int]) -> bool:
    """Whether two fifths of what either has is in both."""
    return 5 * len(one & other) >= 2 * len(one | other)


def pair_words_slowly(values: list[int], options: MatchOptions) -> tuple[Found, Found]:
    """All pairs with equal values but for the fine bits, where they are few; others as `pair_slowly`, by all bits."""
    coarse = [value >> FINE_BITS for value in values]
    is_few = [coarse.count(value) <= min(MAX_WORD_BUCKET, options.max_bucket) for value in coarse]
    few = {(a, b) for a, b in combinations(range(len(values)), 2) if coarse[a] == coarse[b] and is_few[a]}
    many = [-n - 1 if its else value for n, (value, its) in enumerate(zip(values, is_few, strict=True))]
    found, with_best, _ = pair_slowly(many, options)
    return few | found, with_best


def retrieve_slowly(drawn: Drawn) -> list[tuple[int, int, bool]]:
    """Candidates by going through all pairs; as `(right, left, by_phrase)`."""
    count, options = len(drawn.bands), drawn.options
    near: dict[int, Counter[int]] = {n: Counter() for n in range(count)}
    crowded: dict[int, set[int]] = {n: set() for n in range(count)}
    for band in range(2 * BANDS):
        if band < BANDS:
            having = list(range(count))
            found, with_best, _ = pair_slowly([row[band] for row in drawn.bands], options)
        else:
            words = {n: row[band - BANDS] for n, row in enumerate(drawn.word_bands) if row}
            having = list(words)
            found, with_best = (
                {(a, b) for a, b in pairs if are_alike(drawn.sketches[having[a]], drawn.sketches[having[b]])}
                for pairs in pair_words_slowly(list(words.values()), options)
            )
        for a, b in found:
            near[having[b]][having[a]] += 1
        for a, b in with_best:
            crowded[having[b]].add(having[a])
    owners = Counter(phrase for row in drawn.phrases for phrase in row)
    candidates = []
    for n, row in enumerate(drawn.phrases):
        last = min(1.0, MAX_ASKED / len(row)) * (2**32 - 1)
        asked = {phrase for phrase in row if owners[phrase] <= 30 and phrase <= last}
        every = {a: len(set(drawn.phrases[a]) & asked) for a in range(n)}
        best = set(sorted(crowded[n])[: options.max_bucket_best])
        known = best | set(near[n])
        shared = {a: size for a, size in every.items() if a not in known}
        inside = {a: size for a, size in shared.items() if size >= max(1, PHRASE_SHARE * len(asked))}
        for a in best:
            del near[n][a]
        most = options.max_candidates
        candidates += [(n, a, False) for a in best | cap(near[n], most)]
        candidates += [(n, a, True) for a in cap(inside, most)]
    return sorted(candidates)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("held_bytes", [64, 2**30])
def test_retrieval_finds_what_going_through_all_pairs_finds(
    seed: int, held_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.match.shelf.HELD_BYTES", held_bytes)
    drawn = draw_keys(seed)
    keys = drawn.make_keys(tmp_path / "keys")
    found = retrieve(keys, drawn.options)
    expected = retrieve_slowly(drawn)
    assert (
        list(zip(*(column.tolist() for column in (found.right, found.left, found.by_phrase)), strict=True))
        == expected
    )
    wanted = np.array(drawn.wanted, np.bool_)
    some = retrieve(keys, drawn.options, wanted)
    rows = zip(*(column.tolist() for column in (some.right, some.left, some.by_phrase)), strict=True)
    assert list(rows) == [row for row in expected if drawn.wanted[row[0]]]
    for mine, theirs in ((some.rare, found.rare), (some.left_out, found.left_out)):
        assert np.array_equal(mine, theirs * wanted)
    assert bool(list(tmp_path.rglob("00000"))) == (held_bytes == 64 and bool(drawn.bands))
    keys.clear()
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def list_candidates(found: Candidates, chosen: list[int]) -> dict[int, set[tuple[int, bool]]]:
    """What each item is compared with, by the numbers that they had."""
    lists: dict[int, set[tuple[int, bool]]] = {n: set() for n in chosen}
    for left, right, by_phrase in zip(found.left, found.right, found.by_phrase.tolist(), strict=True):
        lists[chosen[right]].add((chosen[left], by_phrase))
    return lists


def assert_untouched_lists_stay(drawn: Drawn, before: list[int], now: list[int]) -> None:
    had = retrieve(drawn.make_keys(None, before), drawn.options)
    keys = drawn.make_keys(None, now)
    has = retrieve(keys, drawn.options)
    is_new = np.array([n not in before for n in now], np.bool_)
    gone = drawn.make_keys(None, [n for n in before if n not in now])
    sentences = np.empty(0, np.uint64), np.zeros(len(now), np.int64)
    moved = Moved(is_new, is_new, gone, (sentences[0], np.zeros(gone.count, np.int64)))
    rare = np.array([0 if n not in before else had.rare[before.index(n)] for n in now], np.int64)
    touched = find_touched(keys, sentences, moved, rare, drawn.options)
    mine, theirs = list_candidates(had, before), list_candidates(has, now)
    for n, is_wanted in zip(now, touched.wanted.tolist(), strict=True):
        assert is_wanted or mine[n] == theirs[n]
    assert (had.crowd + touched.crowd, had.stock + touched.stock) == (has.crowd, has.stock)


@pytest.mark.parametrize("seed", range(100))
def test_a_list_that_nothing_touches_stays_as_it_was(seed: int) -> None:
    drawn, chance = draw_keys(seed, 20), random.Random(seed)  # noqa: S311 - test data
    every = range(len(drawn.bands))
    before, now = ([n for n in every if chance.random() < share] for share in (0.7, 0.8))
    assert_untouched_lists_stay(drawn, before, now)


@pytest.mark.parametrize(("before", "now"), [(4, 5), (5, 4), (3, 4), (5, 6)])
def test_short_texts_that_share_three_values_of_a_word_band_are_compared_while_they_are_few(
    before: int, now: int
) -> None:
    words = [[7 * 2**FINE_BITS + n, *range(1000 * n + 1, 1000 * n + BANDS)] for n in range(6)]
    bands = [[2**31 + 100 * n + band for band in range(BANDS)] for n in range(6)]
    drawn = Drawn(bands, [*words], [{1, 2}] * 6, [[n] for n in range(6)], SMALL_BUCKETS, [], 1)
    for count in (before, now):
        found = retrieve(drawn.make_keys(None, list(range(count))), SMALL_BUCKETS)
        assert len(found.left) == (count * (count - 1) // 2 if count <= SMALL_BUCKETS.max_bucket else 0)
    assert_untouched_lists_stay(drawn, list(range(before)), list(range(now)))


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
    """Every copy meets a bounded number of others, whatever their number; what it does not meet is counted."""
    options = MatchOptions(max_candidates=8)
    pairs = {}
    for copies in (1000, 2000):
        texts = [
            f"Kết quả xổ số kiến thiết kỳ {n} mở thưởng chiều nay tại trụ sở công ty có giải đặc biệt là {n * 37}."
            for n in range(copies)
        ]
        keys, _ = read_keys(sign(pl.DataFrame({"text": texts}), options=options))
        candidates = retrieve(keys, options)
        assert candidates.unexamined > 0
        assert candidates.stock > 0
        assert np.bincount(candidates.right).max() <= 2 * options.max_candidates + options.max_bucket_best
        pairs[copies] = len(candidates.left)
    assert pairs[2000] < 2.5 * pairs[1000]
