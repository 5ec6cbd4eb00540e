"""Rule packs: one TOML file per language, read when a document of that language is seen."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from tasks.strip.fold import fold_text, mask_digits

MATCHES = ("line", "heading", "pattern", "joined", "head", "tail")
PLACES = ("amid", "any", "edge", "tail", "closing", "ending")


@dataclass(frozen=True)
class Rule:
    """One rule of a pack.

    Attributes:
        id: Name in the ledger.
        reason: What the line is, in the ledger's words.
        match: `line`: the whole line is one of the phrases. `heading`: the same, and it opens a list.
            `pattern`: the regular expression finds the line. `joined`: it finds two or three
            neighbouring lines joined by a space, the first of which matches `opens`. `head`, `tail`: it
            finds the part of a line that goes.
        where: Where in its document the line must be (see `Place`).
        phrases: Compared by their folded form.
        pattern: A regular expression of the Rust crate `regex`, without case unless `case`.
        holds: A cheap one that must find the line as well, and is looked for first: a dear pattern says which
            letters may stand there, this how many words.
        opens: For `joined`: what the first line looks like.
        max_words: Longer lines are never matched.
        case: Letter case matters.
        beside: A rule id stem that must match within three lines for this one to count.
        example: A line that matches.
        counterexample: A line that must not.
    """

    id: str
    reason: str
    match: str
    example: str
    counterexample: str
    where: str = "any"
    phrases: tuple[str, ...] = ()
    pattern: str = ""
    holds: str = ""
    opens: str = ""
    max_words: int = 40
    case: bool = False
    beside: str = ""

    def flag(self, pattern: str) -> str:
        """The rule's pattern, or another of its expressions, with the rule's flag."""
        return pattern if self.case or not pattern else f"(?i:{pattern})"


@dataclass(frozen=True)
class Pack:
    """The rules of one language, or of one site."""

    language: str
    rules: tuple[Rule, ...]
    site: str = ""


@cache
def load_pack(language: str) -> Pack | None:
    """The pack of a language (ISO 639-1), or `any`; None if there is none."""
    file = files("tasks.rules") / f"{language}.toml"
    if not file.is_file():
        return None
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    rules = (Rule(**{**rule, "phrases": tuple(rule.get("phrases", ()))}) for rule in data["rule"])
    return Pack(data["language"], tuple(rules))


@cache
def list_packs() -> tuple[str, ...]:
    """Languages that have a pack, `any` first."""
    names = sorted(file.name for file in files("tasks.rules").iterdir() if file.name.endswith(".toml"))
    return tuple(sorted((name.removesuffix(".toml") for name in names), key=lambda name: name != "any"))


@cache
def index_phrases(language: str) -> dict[str, tuple[Rule, str]]:
    """Folded phrase -> (rule, phrase as written), for one pack; the first rule that names a phrase has it."""
    pack = load_pack(language)
    pairs = [(phrase, rule) for rule in (pack.rules if pack else ()) for phrase in rule.phrases]
    if not pairs:
        return {}
    keys = pl.DataFrame({"text": [phrase for phrase, _ in pairs]})
    folded = keys.select(fold=fold_text("text")).select(mask_digits("fold")).to_series()
    index: dict[str, tuple[Rule, str]] = {}
    for key, (phrase, rule) in zip(folded, pairs, strict=True):
        index.setdefault(key, (rule, phrase))
    return index
