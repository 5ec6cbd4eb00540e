"""New site: a pack proposed from what the pages of a site have in common, for a person to read and correct."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl

from tasks.schemas import STRIP_REASONS
from tasks.sites import describe_site, key_lines
from tasks.store import Store
from tasks.strip.own_packs import finds_text, parse_pack
from tasks.strip.packs import Rule

MIN_PAGES, MIN_SHARE = 3, 0.02
"""A line on fewer pages, or on a smaller share of them, is no habit of a site."""
MAX_WORDS: Final = 15
"""As the templates that a run learns by itself."""
MAX_RULES: Final = 25
MIN_FOLLOWED: Final = 0.5
"""Share of a line's pages on which a list of other articles follows it: then it is the list's heading."""
MIN_EDGE: Final = 0.9
"""Share of its occurrences outside the prose, before the rule is bound to the edges of a page."""
MAX_COUNTEREXAMPLES: Final = 400
"""Kept lines among which a counter-example is looked for."""


class Habit(NamedTuple):
    """A line that many pages of a site have.

    Attributes:
        text: As one page has it.
        pages: That have it.
        kept: Of its rows, those that stay today.
        label: What the rules call it today; None if nothing.
        followed: Share of its rows that a removed headline follows.
        edge: Share of its rows in the first or last fifth of their page.
    """

    text: str
    pages: int
    kept: int
    rows: int
    label: str | None
    followed: float
    edge: float


class Proposal(NamedTuple):
    """A pack as TOML, and how many rules it has."""

    toml: str
    rules: int


def propose_pack(store: Store, site: str) -> Proposal:
    """A pack for a site: its frequent lines that no rule of another pack explains, with examples filled in.

    Raises:
        UsageError: the corpus has no page of it.
        StoreError: there is no corpus.
    """
    pages = describe_site(store, site).documents
    habits = find_habits(store, site, pages)
    kept = _read_kept(store, site)
    made = (_make_rule(site, number, habit, kept) for number, habit in enumerate(habits, 1))
    rules = [rule for rule in made if rule]
    toml = "\n".join(
        [_write_head(site, pages, len(rules)), *(_write_rule(rule, habit, pages) for rule, habit in rules)]
    )
    if rules:
        parse_pack(toml.encode(), f"the proposal for {site}")
    return Proposal(toml, len(rules))


def find_habits(store: Store, site: str, pages: int) -> list[Habit]:
    """The frequent lines of a site that nothing removes, or its template alone; the most frequent first."""
    own = store.scan("sources").filter(pl.col("site") == site).select("document_id", "title")
    rows = store.scan("paragraphs").join(own, on="document_id")
    # A series has headlines that differ in a number; a line that never differs heads no article.
    is_series = (pl.col("text") == pl.col("title")).fill_null(value=False)
    rows = rows.sort("document_id", "paragraph").select(
        "document_id",
        "text",
        "label",
        "verdict",
        is_series=is_series,
        place=pl.col("paragraph") / pl.len().over("document_id"),
        next=pl.col("label").shift(-1).over("document_id"),
    )
    short = rows.filter(pl.col("text").str.count_matches(r"\S+").is_between(1, MAX_WORDS)).collect()
    named = (
        short.with_columns(key=key_lines(short["text"]))
        .group_by("key")
        .agg(
            text=pl.col("text").mode().min(),
            pages=pl.col("document_id").n_unique(),
            kept=(pl.col("verdict") == "kept").sum(),
            rows=pl.len(),
            label=pl.col("label").drop_nulls().mode().min(),
            followed=(pl.col("next") == "related").fill_null(value=False).mean(),
            headed=pl.col("is_series").mean(),
            different=pl.col("text").n_unique(),
            edge=((pl.col("place") < 0.2) | (pl.col("place") >= 0.8)).mean(),
        )
        .filter(pl.col("pages") >= max(MIN_PAGES, MIN_SHARE * pages))
        .filter(~((pl.col("headed") > 0.5) & (pl.col("different") > pl.col("rows") / 2)))
        .filter(pl.col("label").is_null() | (pl.col("label") == "site_template"))
        .sort(["pages", "text"], descending=[True, False])
    )
    return [Habit(*row) for row in named.select(Habit._fields).head(MAX_RULES).iter_rows()]


def _read_kept(store: Store, site: str) -> list[str]:
    """Kept lines of a site that are short enough for a rule to look at."""
    own = store.scan("sources").filter(pl.col("site") == site).select("document_id")
    rows = store.scan("paragraphs").filter(
        (pl.col("verdict") == "kept") & pl.col("text").str.len_chars().is_between(20, 200)
    )
    texts = rows.join(own, on="document_id", how="semi").sort("document_id", "paragraph").select("text")
    return texts.head(MAX_COUNTEREXAMPLES).collect()["text"].to_list()


def _make_rule(site: str, number: int, habit: Habit, kept: Sequence[str]) -> tuple[Rule, Habit] | None:
    is_heading = habit.followed >= MIN_FOLLOWED
    reason = "related" if is_heading else _guess_reason(habit)
    rule = Rule(
        id=f"{site}.{reason}.{number}",
        reason=reason,
        match="heading" if is_heading else "line",
        example=habit.text,
        counterexample="",
        where="edge" if habit.edge >= MIN_EDGE and not is_heading else "any",
        phrases=(habit.text,),
    )
    if not finds_text(rule, habit.text):
        return None
    words = set(habit.text.casefold().split())
    others = [text for text in kept if not finds_text(rule, text)]
    nearest = max(others, key=lambda text: len(words & set(text.casefold().split())), default="")
    counterexample = nearest or f"{habit.text} {habit.text} {habit.text}."
    return Rule(**{**vars(rule), "counterexample": counterexample}), habit


def _guess_reason(habit: Habit) -> str:
    """What the rules call it, where they do; a guess to be corrected where they do not."""
    if habit.label in STRIP_REASONS:
        return str(habit.label)
    return "navigation" if len(habit.text.split()) <= 4 else "site_template"


def _write_head(site: str, pages: int, rules: int) -> str:
    return (
        f"# {site}: {rules} rules proposed from {pages} pages. Read each: delete what is part of articles,\n"
        "# correct the reason, and put a counter-example of your own where the one found is beside the point.\n"
        f"site = {json.dumps(site, ensure_ascii=False)}\n" + ("" if rules else "rule = []\n")
    )


def _write_rule(rule: Rule, habit: Habit, pages: int) -> str:
    return "\n".join(_list_lines(rule, habit, pages)) + "\n"


def _list_lines(rule: Rule, habit: Habit, pages: int) -> Iterator[str]:
    yield f"# On {habit.pages} of {pages} pages; {habit.kept} of its {habit.rows} rows stay today."
    yield "[[rule]]"
    for name in ("id", "reason", "match", "where", "example", "counterexample"):
        yield f"{name} = {json.dumps(getattr(rule, name), ensure_ascii=False)}"
    yield f"phrases = {json.dumps(list(rule.phrases), ensure_ascii=False)}"
