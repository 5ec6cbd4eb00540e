"""Retrieval against brute force: of the pairs that the decision accepts, how many does retrieval find?

    python tests/benchmarks/match_recall.py TEXTS.jsonl.gz ... --paragraphs 20000

TEXTS has rows with a `text` or a `content`; each line of it is a paragraph. Brute force compares every pair of
paragraphs of which the shorter has `--share` of its distinct word pairs in the longer, however common these are.
Prints the recall of `same` pairs and of contained ones, and how many pairs retrieval gives. A pair that is not
retrieved is no loss where the text goes all the same, held by another copy: so the texts that go are compared too.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import xxhash
from numba import njit

from tasks.match import MatchOptions, sign
from tasks.match.batch import Batch, judge_batch
from tasks.match.decide import compare_prepared
from tasks.match.fold import fold_tokens
from tasks.match.holders import find_holders
from tasks.match.keys import KEY_COLUMNS, Sentences, read_keys
from tasks.match.prepared import prepare
from tasks.match.rank import mark_substantial, rank
from tasks.match.retrieve import retrieve

Ints = npt.NDArray[np.int64]


def read_paragraphs(files: Sequence[Path]) -> Iterator[str]:
    """Every line of every text."""
    for file in files:
        with (gzip.open if file.suffix == ".gz" else open)(file, "rt", encoding="utf-8") as rows:
            for row in rows:
                record = json.loads(row)
                yield from filter(None, map(str.strip, (record.get("text") or record["content"]).split("\n")))


def make_table(texts: Sequence[str]) -> pl.DataFrame:
    """The texts as paragraphs of one document each."""
    frame = pl.DataFrame({"text": texts}).with_row_index("n")
    return frame.select(
        "text",
        document_id=pl.format("d{}", "n"),
        paragraph=pl.lit(0, pl.UInt32),
        source_path=pl.format("{}.txt", "n"),
        source_record=pl.lit(0, pl.UInt32),
        kind=pl.lit("article"),
        published_at=pl.lit(None, pl.String),
    )


def hash_word_pairs(text: str) -> npt.NDArray[np.uint64]:
    """The distinct pairs of neighbouring words."""
    words = fold_tokens(text).words
    return np.unique(
        np.array(
            [xxhash.xxh64_intdigest(f"{a} {b}".encode()) for a, b in pairwise(words)],
            np.uint64,
        )
    )


@njit(cache=True)
def pair_by_share(
    starts: Ints, ids: Ints, posting_starts: Ints, postings: Ints, share: float, out: Ints
) -> int:
    """Every pair of which the one with fewer word pairs has `share` of them in the other."""
    texts = len(starts) - 1
    counts = np.zeros(texts, np.int32)
    touched = np.empty(texts, np.int32)
    found = 0
    for one in range(texts):
        many = 0
        for place in range(starts[one], starts[one + 1]):
            for at in range(posting_starts[ids[place]], posting_starts[ids[place] + 1]):
                other = postings[at]
                if other >= one:
                    break
                if counts[other] == 0:
                    touched[many] = other
                    many += 1
                counts[other] += 1
        size = starts[one + 1] - starts[one]
        for n in range(many):
            other = touched[n]
            fewer = min(size, starts[other + 1] - starts[other])
            if counts[other] >= share * fewer and found < len(out):
                out[found, 0], out[found, 1] = other, one
                found += 1
            counts[other] = 0
    return found


def find_by_brute_force(texts: Sequence[str], share: float) -> npt.NDArray[np.int64]:
    """Pairs of texts, by what they share of their word pairs."""
    hashes = [hash_word_pairs(text) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(h) for h in hashes])])
    ids = np.unique(np.concatenate(hashes), return_inverse=True)[1]
    owners = np.repeat(np.arange(len(texts)), np.diff(starts))
    order = np.argsort(ids, kind="stable")
    posting_starts = np.concatenate([[0], np.cumsum(np.bincount(ids))])
    out = np.empty((20_000_000, 2), np.int64)
    return out[: pair_by_share(starts, ids, posting_starts, owners[order], share, out)]


def find_gone(
    best: pl.DataFrame, sentences: Sentences, pairs: Sequence[tuple[int, int]], settings: MatchOptions
) -> set[str]:
    """The documents of the texts that go when these pairs are compared."""
    rows = best.select("document_id", "paragraph", "text").with_columns(pl.int_range(pl.len()).alias("class"))
    table = pl.DataFrame(pairs, schema={"left": pl.Int64, "right": pl.Int64}, orient="row")
    candidates = table.with_columns(by_phrase=pl.lit(value=False))
    judged = judge_batch(Batch(rows, candidates, find_holders(*sentences, settings)), settings)
    return set(judged.held["document_id"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--paragraphs", type=int, default=20_000)
    parser.add_argument("--share", type=float, default=0.4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", type=Path, help="write the pairs that were missed here, as JSONL")
    options = parser.parse_args()
    every = list(dict.fromkeys(read_paragraphs(options.texts)))
    chosen = random.Random(options.seed).sample(every, min(options.paragraphs, len(every)))  # noqa: S311 - a sample
    settings = MatchOptions()
    signed = mark_substantial(sign(make_table(chosen), options=settings), settings)
    ranked = rank(signed.filter("substantial"), settings)
    best = ranked.frame[ranked.best]
    texts = best["text"].to_list()
    started = time.process_time()
    keys, sentences = read_keys(best.select(KEY_COLUMNS))
    candidates = retrieve(keys, settings)
    spent = time.process_time() - started
    retrieved = set(zip(candidates.left.tolist(), candidates.right.tolist(), strict=True))
    near = find_by_brute_force(texts, options.share)
    print(  # noqa: T201 - the figures
        f"distinct substantial texts {len(texts)}, retrieved pairs {len(retrieved)} in {spent:.2f} s, brute-force pairs {len(near)}"
    )
    prepared: dict[int, Any] = {}
    total, hit = {"same": 0, "contained": 0}, {"same": 0, "contained": 0}
    missed = []
    for a, b in sorted({*map(tuple, near.tolist()), *retrieved}):
        for n in (a, b):
            if n not in prepared:
                prepared[n] = prepare(texts[n])
        decision = compare_prepared(prepared[a], prepared[b]).decision
        if decision == "distinct":
            continue
        name = "same" if decision == "same" else "contained"
        total[name] += 1
        hit[name] += (a, b) in retrieved
        if (a, b) not in retrieved:
            missed.append({"a": texts[a], "b": texts[b], "decision": decision})
    if options.missed:
        options.missed.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in missed), "utf-8"
        )
    figures = {f"recall_{name}": hit[name] / max(1, total[name]) for name in total}
    gone = find_gone(best, sentences, sorted(retrieved), settings)
    should = find_gone(best, sentences, sorted({*map(tuple, near.tolist()), *retrieved}), settings)
    figures["recall_removed"] = len(gone & should) / max(1, len(should))
    print(  # noqa: T201 - the figures
        " ".join(f"{name}={value:.4f}" for name, value in figures.items()),
        *(f"{n}={c}" for n, c in total.items()),
        f"removed={len(gone)} removed_by_brute_force={len(should)} unexamined={candidates.unexamined}",
    )


if __name__ == "__main__":
    main()
