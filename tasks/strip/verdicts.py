"""Verdicts as they are found: the first to speak about a line has it."""

from dataclasses import dataclass, field

import polars as pl

CODE_RULES = frozenset(
    {
        "after_sign_off",
        "doubled_headlines",
        "doubled_line",
        "markup",
        "markup.next",
        "model",
        "repeated_headline",
        "site_template",
        "title_of_other",
    }
)
"""Rules that are code; all others are data, and carry their own ids."""


@dataclass
class Verdicts:
    """reason, rule and evidence by row of the sheet; `protected` rows (headlines) never get one, from no rule in `off`."""

    protected: frozenset[int] = frozenset()
    off: frozenset[str] = frozenset()
    found: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    def __contains__(self, row: int) -> bool:
        return row in self.found

    def add(self, row: int, reason: str, rule: str, evidence: str) -> None:
        """Record a removal unless the row has one."""
        if row not in self.protected and rule not in self.off:
            self.found.setdefault(row, (reason, rule, evidence))

    def rule(self, row: int) -> str:
        """The rule that spoke about a row, or the empty string."""
        return self.found[row][1] if row in self.found else ""

    def reason(self, row: int) -> str:
        """The reason a row has, or the empty string."""
        return self.found[row][0] if row in self.found else ""

    def to_frame(self) -> pl.DataFrame:
        """row, reason, rule, evidence, sorted by row."""
        rows = [(row, *verdict) for row, verdict in sorted(self.found.items())]
        schema = {"row": pl.UInt32, "reason": pl.String, "rule": pl.String, "evidence": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")
