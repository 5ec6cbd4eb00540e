"""Reduce: all paragraphs of a corpus, ranked, retrieved, decided, and told as tables."""

from typing import Final, NamedTuple

import polars as pl

from tasks.match.batch import Batch, judge_batch
from tasks.match.documents import conclude
from tasks.match.holders import find_holders
from tasks.match.keys import KEY_COLUMNS, read_keys
from tasks.match.options import MatchOptions
from tasks.match.rank import mark_substantial, rank
from tasks.match.retrieve import retrieve

PAIR: Final = ("a_document", "a_paragraph", "b_document", "b_paragraph")


class Matched(NamedTuple):
    """What `match` returns.

    Attributes:
        verdicts: One row per paragraph that others hold: `document_id`, `paragraph`, `reason`, `rule`,
            `evidence`, `duplicate_of_document`, `duplicate_of_paragraph`, `duplicate_of` (null unless
            several), `similarity`, and `removes` (false where the scope only labels).
        pairs: One row per pair decided: `a_document`, `a_paragraph`, `b_document`, `b_paragraph` (`a`
            ranks first), `retrieved_by` (key | bands | phrases | displaced), `similarity`, `edits`,
            `decision`, `why`.
        unexamined: Pairs that share a key and were not compared, since too many do.
    """

    verdicts: pl.DataFrame
    pairs: pl.DataFrame
    unexamined: int


def match(paragraphs: pl.DataFrame, *, options: MatchOptions) -> Matched:
    """Find what other paragraphs hold, and say which kept copy stands for it.

    Args:
        paragraphs: One row per paragraph in any order, with `document_id`, `paragraph`, `source_path`,
            `source_record`, `kind`, `published_at`, `text` and the columns of `sign`.
        options: Scope, lengths and limits.

    Returns:
        Verdicts and pairs, sorted; the same for any order of rows.
    """
    paragraphs = mark_substantial(paragraphs, options)
    ranked = rank(paragraphs.filter("substantial"), options)
    best = ranked.frame.select(*KEY_COLUMNS, "words")[ranked.best]
    keys, sentences = read_keys(best)
    candidates = retrieve(keys, options).without((best["words"] > options.max_words).to_numpy())
    holders = find_holders(*sentences, options)
    rows = ranked.frame.select("document_id", "paragraph", "text").with_columns(
        pl.Series("class", ranked.class_of)
    )
    judged = judge_batch(Batch(rows, candidates.to_frame(), holders), options)
    verdicts = conclude(paragraphs, judged.held, options)
    return Matched(verdicts, pl.concat(judged.pairs).sort(PAIR), candidates.unexamined)
