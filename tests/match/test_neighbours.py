"""The table of neighbours: what is counted is what is looked up, and only what many texts have."""

from collections import Counter

from tasks.match.lexicon import word_key
from tasks.match.neighbours import BUCKETS, NONE, TABLE, find_bond, is_slip_between, look_up, open_table
from tests.quality.neighbour_train import MIN_TEXTS, list_pairs, pack


def count(*texts: str) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        counts.update(list_pairs(text))
    return counts


def keys(words: str) -> tuple[str, str]:
    left, right = map(word_key, words.split())
    return left, right


def test_a_pair_is_found_with_the_number_of_texts_that_have_it() -> None:
    table = open_table(pack(count(*["Ghe chở than vào kênh."] * 9, *["Ghe chở muối vào chợ."] * MIN_TEXTS)))
    assert look_up(table, *keys("chở than")) == (8, True, True)
    assert look_up(table, *keys("chở muối")) == (2, True, True)
    assert look_up(table, *keys("than vào")).texts == 8
    assert look_up(table, *keys("vào than")) == NONE


def test_what_few_texts_have_is_left_out() -> None:
    assert pack(count(*["Ghe chở than vào kênh."] * (MIN_TEXTS - 1))) == bytes(BUCKETS)


def test_neither_names_nor_words_of_two_clauses_are_neighbours() -> None:
    assert list_pairs("Lữ Bá về, than đen") == {keys("bá về"), keys("than đen")}


def test_the_order_of_texts_does_not_matter() -> None:
    texts = ["Ghe chở than vào kênh."] * 4 + ["Xe chở đá ra bến."] * 3
    assert pack(count(*texts)) == pack(count(*reversed(texts)))


def test_the_table_that_comes_along_is_whole_and_small() -> None:
    data = TABLE.read_bytes()
    assert len(data) == BUCKETS + 2 * sum(data[:BUCKETS])
    assert len(data) <= 1_000_000


def test_which_word_is_named_first_does_not_matter() -> None:
    for a, b, before, after in (("pháp", "phát", "do", "luật"), ("chở", "chờ", "tàu", "than")):
        assert is_slip_between(a, b, before, after) == is_slip_between(b, a, before, after)
    assert find_bond(*keys("pháp luật")).texts > 1000
