"""Packs of the user's own: for a site or a language, from a folder that the settings name.

They are read when the settings are, so that their text is part of what decides a run. A rule that does not find its
example, or finds its counter-example, is refused there and then.
"""

import dataclasses
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tasks.errors import SettingsError
from tasks.schemas import STRIP_REASONS
from tasks.strip.cues import MAX_CUE_CHARS, MAX_CUE_WORDS
from tasks.strip.fold import fold_phrase
from tasks.strip.packs import PLACES, Pack, Rule, list_packs, load_pack
from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import CODE_RULES

OWN_MATCHES = ("line", "heading", "pattern")
"""What a rule of one's own may do; to cut lines takes a pack of the project."""


def read_packs(folder: Path) -> tuple[Pack, ...]:
    """The packs of a folder, by file name.

    Raises:
        SettingsError: there is no such folder, a file is no pack, or a rule does not do what it says.
    """
    if not folder.is_dir():
        raise SettingsError(
            f"strip.rules names {folder}, which is no folder. Make it, or take the setting out."
        )
    packs = tuple(parse_pack(file.read_bytes(), str(file)) for file in sorted(folder.glob("*.toml")))
    ids = [rule.id for pack in packs for rule in pack.rules]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise SettingsError(
            f"{folder}: two rules are called {twice[0]!r}. The ledger names rules by their id."
        )
    return packs


def list_rules(own: Sequence[Pack]) -> frozenset[str]:
    """The ids of all rules that may be silenced: of the project's packs, of one's own, and of the code."""
    packs = [pack for language in list_packs() if (pack := load_pack(language))]
    return frozenset(rule.id for pack in (*packs, *own) for rule in pack.rules) | CODE_RULES


def parse_pack(content: bytes, place: str) -> Pack:
    """A pack of a TOML file.

    Raises:
        SettingsError: it is none.
    """
    try:
        data = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{place} is no valid TOML: {error}.") from error
    if not (data.keys() <= {"site", "language", "rule"} and isinstance(data.get("rule"), list)):
        raise SettingsError(f"{place} is no pack: it has `site` or `language`, and [[rule]] tables.")
    rules = tuple(_parse_rule(given, f"{place}, rule {n}") for n, given in enumerate(data["rule"], 1))
    return Pack(str(data.get("language", "")), rules, str(data.get("site", "")))


def _parse_rule(given: Any, place: str) -> Rule:  # noqa: ANN401 - whatever stands in the file
    fields = {field.name: field for field in dataclasses.fields(Rule)}
    unknown = sorted(set(given) - set(fields))
    needed = [name for name in ("id", "reason", "match", "example", "counterexample") if not given.get(name)]
    if unknown or needed:
        what = f"there is no field {unknown[0]!r}" if unknown else f"{needed[0]} is missing"
        raise SettingsError(f"{place}: {what}. A rule has {', '.join(fields)}.")
    rule = Rule(**(given | {"phrases": tuple(given.get("phrases", ()))}))
    for name, known in (("reason", STRIP_REASONS), ("match", OWN_MATCHES), ("where", PLACES)):
        if getattr(rule, name) not in known:
            raise SettingsError(f"{place}: {name} = {getattr(rule, name)!r} is none of {', '.join(known)}.")
    if bool(rule.phrases) == bool(rule.pattern) or bool(rule.pattern) != (rule.match == "pattern"):
        raise SettingsError(f"{place}: a pattern rule has `pattern`, the others have `phrases`.")
    try:
        finds, errs = finds_text(rule, rule.example), finds_text(rule, rule.counterexample)
    except (re.error, pl.exceptions.ComputeError) as error:
        raise SettingsError(f"{place}: the pattern is wrong: {error}.") from error
    if not finds or errs:
        what = "finds its counterexample" if errs else "does not find its example"
        raise SettingsError(f"{place}: {rule.id} {what}. Mend the rule or the text.")
    return rule


def finds_text(rule: Rule, text: str) -> bool:
    """Whether a rule of one's own speaks about a line, its place aside.

    >>> finds_text(Rule("a", "share", "line", "x", "y", phrases=("Chia sẻ 12",)), "CHIA SẺ: 7")
    True
    """
    if len(text.split()) > min(rule.max_words, MAX_CUE_WORDS) or len(text) > MAX_CUE_CHARS:
        return False
    if rule.pattern:
        return bool(pl.Series([text]).str.contains(rule.flag(rule.pattern)).item())
    return fold_phrase(text) in {fold_phrase(phrase) for phrase in rule.phrases}


def find_own_cues(
    sheet: Sheet, pages: pl.DataFrame, languages: pl.Series, packs: Sequence[Pack]
) -> dict[int, Rule]:
    """Row -> rule of a pack of the user's; the first rule that finds a row has it."""
    found: dict[int, Rule] = {}
    if not packs:
        return found
    lines = sheet.frame.select("document", "text", "key", "words", "chars").with_row_index("row")
    lines = lines.with_columns(language=languages).join(
        pages.select("document", "site"), on="document", how="left", maintain_order="left"
    )
    short = lines.filter((pl.col("chars") <= MAX_CUE_CHARS) & (pl.col("words") <= MAX_CUE_WORDS))
    for pack in packs:
        own = short
        for name in ("site", "language"):
            if getattr(pack, name):
                own = own.filter(pl.col(name) == getattr(pack, name))
        for rule in pack.rules:
            hits = _match_rule(own.filter(pl.col("words") <= rule.max_words), rule)
            for row in hits["row"]:
                found.setdefault(row, rule)
    return found


def _match_rule(rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    if rule.pattern:
        return rows.filter(pl.col("text").str.contains(rule.flag(rule.pattern)))
    keys = pl.Series(sorted({fold_phrase(phrase) for phrase in rule.phrases} - {""}), dtype=pl.String)
    return rows.filter(pl.col("key").is_in(keys.implode()))
