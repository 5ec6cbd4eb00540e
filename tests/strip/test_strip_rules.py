"""Every rule of every pack finds its example and leaves its counter-example."""

import ast
import re
from pathlib import Path

import polars as pl
import pytest

from tasks import strip
from tasks.schemas import STRIP_REASONS
from tasks.strip.cues import list_patterns, match_patterns, match_phrases
from tasks.strip.own_packs import list_rules
from tasks.strip.packs import MATCHES, PLACES, Rule, list_packs, load_pack
from tasks.strip.sheet import measure_lines
from tasks.strip.split import find_cut
from tasks.strip.verdicts import CODE_RULES


def rules() -> list[tuple[str, Rule]]:
    packs = [(name, load_pack(name)) for name in list_packs()]
    return [(name, rule) for name, pack in packs if pack for rule in pack.rules]


def matches(pack: str, rule: Rule, text: str) -> bool:
    """Whether this very rule is the one that speaks about the line."""
    if rule.match in ("head", "tail"):
        return find_cut(text, rule) is not None
    if rule.match == "joined":
        return re.fullmatch(rule.pattern, text, re.IGNORECASE) is not None
    table = pl.DataFrame({"document": [0], "line": [1], "text": [text]})
    rows = measure_lines(table).with_row_index("row").with_columns(edge=pl.lit(value=True))
    found = [*match_phrases(pack, rows), *match_patterns(pack, rows)]
    return any(hit.id == rule.id for _, hit in found)


@pytest.mark.parametrize(("pack", "rule"), rules(), ids=lambda value: getattr(value, "id", value))
def test_a_rule_finds_its_example_and_nothing_else(pack: str, rule: Rule) -> None:
    assert matches(pack, rule, rule.example)
    assert not matches(pack, rule, rule.counterexample)


@pytest.mark.parametrize(("pack", "rule"), rules(), ids=lambda value: getattr(value, "id", value))
def test_a_rule_is_well_formed(pack: str, rule: Rule) -> None:
    assert rule.id.startswith(f"{pack}.")
    assert rule.reason in STRIP_REASONS
    assert rule.match in MATCHES
    assert rule.where in PLACES
    assert bool(rule.phrases) != bool(rule.pattern)


def test_a_head_is_found_wherever_its_pattern_is() -> None:
    headed = 0
    for pack in list_packs():
        for rule, head in list_patterns(pack):
            if head:
                headed += 1
                found = pl.Series([rule.example]).str.contains(rule.flag(head))
                assert found.item(), rule.id
    assert headed > 40


def test_ids_are_unique() -> None:
    ids = [rule.id for _, rule in rules()]
    assert len(ids) == len(set(ids))


def test_the_languages_that_were_promised_have_packs() -> None:
    wanted = {"vi", "en", "de", "fr", "es", "pt", "id", "th", "zh", "ja", "ko", "ar", "ru"}
    assert wanted <= set(list_packs())


def test_every_rule_that_is_code_can_be_named_in_the_settings() -> None:
    """Verdicts are added by `add`, or by `mark` with a rule of its own; the other ids come from packs."""
    named = set()
    for file in Path(strip.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) == 4:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                rule = node.args[2]
                if name in ("add", "mark") and isinstance(rule, ast.Constant):
                    named.add(rule.value)
    assert named == CODE_RULES
    assert list_rules(()) >= {rule.id for _, rule in rules()} | CODE_RULES
