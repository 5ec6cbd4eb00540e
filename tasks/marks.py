"""Marks: what a person decided of single texts, above every rule.

A mark lives in a JSONL file under version control and names its text by source, record and digest, so that it
outlives reprocessing: the line is only asked where a source says the same thing twice. White space counts for
nothing, and a text that is cut otherwise today is found as the run of paragraphs that has its characters.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from tasks.errors import SettingsError, UsageError
from tasks.forgotten import Forgetting, make_file_key
from tasks.read import digest_text
from tasks.store import Row, Store

MARKS_FILE = "decant.marks.jsonl"
KEEP_RULE, REMOVE_RULE = "mark.keep", "mark.remove"
MAX_SHOWN_CHARS = 80
"""Of its text a mark shows the beginning: for those who read the file, it decides nothing."""

Decision = Literal["keep", "remove"]


@dataclass(frozen=True)
class Mark:
    """A decision on one text.

    Attributes:
        source: Path relative to RAW.
        record: 0-based record within the source.
        line: 1-based line of the record where the text stood; the nearest of several equal texts is meant.
        chars: Characters of the text that are not white space.
        digest: xxh3-128 of these characters.
        decision: keep | remove.
        why: In the words of the one who decided.
        text: How the text begins.
    """

    source: str
    record: int
    line: int
    chars: int
    digest: str
    decision: Decision
    why: str
    text: str = ""

    @property
    def key(self) -> tuple[str, int, str, int]:
        """What a second mark must share to take the place of this one."""
        return self.source, self.record, self.digest, self.line


def make_mark(row: Mapping[str, object], decision: Decision, why: str) -> Mark:
    """The mark of a row of the ledger."""
    raw = str(row["raw"])
    return Mark(
        source=str(row["source_path"]),
        record=int(str(row["source_record"])),
        line=int(str(row["line"])),
        chars=len("".join(raw.split())),
        digest=digest_text(raw),
        decision=decision,
        why=why,
        text=" ".join(raw.split())[:MAX_SHOWN_CHARS],
    )


# -- the file -----------------------------------------------------------------------------------------


def read_marks(file: Path) -> tuple[Mark, ...]:
    """The marks of a file, in its order; none if there is no file yet. Of two on one text the later counts.

    Raises:
        SettingsError: the file cannot be read, or a line is no mark.
    """
    try:
        lines = file.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The marks in {file} cannot be read ({error}). Put the file right.") from error
    parsed = [parse_mark(line, f"{file}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    return tuple({mark.key: mark for mark in parsed}.values())


def parse_mark(line: str, place: str) -> Mark:
    """One line of the file.

    Raises:
        SettingsError: it is no JSON object with the fields of `Mark`.
    """
    try:
        given = json.loads(line)
    except ValueError as error:
        raise SettingsError(f"{place} is no JSON ({error}). Mend or delete the line.") from error
    kinds = {field.name: int if field.type in (int, "int") else str for field in fields(Mark)}
    is_mark = (
        isinstance(given, dict) and given.keys() <= kinds.keys() and given.keys() >= kinds.keys() - {"text"}
    )
    if not is_mark or any(type(given[name]) is not kinds[name] for name in given):
        raise SettingsError(f"{place} is no mark: it needs {', '.join(kinds)}. Mend or delete the line.")
    if given["decision"] not in ("keep", "remove"):
        raise SettingsError(f"{place}: the decision is keep or remove, not {given['decision']!r}.")
    return Mark(**given)


def write_mark(mark: Mark) -> str:
    """One line of the file."""
    return json.dumps(asdict(mark), ensure_ascii=False)


def add_marks(file: Path, marks: Sequence[Mark]) -> int:
    """Write marks into a file, each in the place of an older one on the same text; returns how many are there."""
    together = {mark.key: mark for mark in (*read_marks(file), *marks)}
    _write_marks(file, together.values())
    return len(together)


def _write_marks(file: Path, marks: Iterable[Mark]) -> None:
    rows = map(write_mark, marks)
    pending = file.with_name(f"{file.name}.pending")
    try:
        pending.write_text("".join(f"{row}\n" for row in rows), "utf-8", errors="backslashreplace")
        pending.replace(file)
    except OSError as error:
        raise UsageError(
            f"The marks cannot be written to {file} ({error.strerror}). Name a file of yours in the settings: marks = ..."
        ) from error


# -- their texts --------------------------------------------------------------------------------------


class Piece(NamedTuple):
    """A paragraph as a mark sees it: its row, line and raw text."""

    row: int
    line: int
    raw: str


def locate(mark: Mark, pieces: Sequence[Piece]) -> list[int]:
    """Rows of the paragraphs of its record that hold the text of a mark, no more and no less; none if it is gone.

    >>> pieces = [Piece(7, 1, "Tin"), Piece(8, 2, "mới"), Piece(9, 3, "Tin")]
    >>> mark = Mark("a.txt", 0, 3, 3, digest_text("Tin"), "keep", "")
    >>> locate(mark, pieces)
    [9]
    """
    found = list(_find_runs(mark, pieces))
    nearest = min(found, key=lambda run: abs(run[0].line - mark.line), default=[])
    return [piece.row for piece in nearest]


def _find_runs(mark: Mark, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    sizes = [len("".join(piece.raw.split())) for piece in pieces]
    for first in range(len(pieces)):
        chars, last = 0, first
        while last < len(pieces) and chars < mark.chars:
            chars += sizes[last]
            last += 1
        run = pieces[first:last]
        if chars == mark.chars and digest_text("".join(piece.raw for piece in run)) == mark.digest:
            yield run


def apply_marks(pieces: pl.DataFrame, pages: pl.DataFrame, marks: Sequence[Mark]) -> pl.DataFrame:
    """What marks say takes the place of what rules said.

    Args:
        pieces: paragraphs with `document_id`, `paragraph`, `line`, `raw`, `label`, `rule` and `evidence`.
        pages: `document_id`, `source_path` and `source_record` of their documents.
        marks: of any sources.

    Returns:
        `pieces`; those marked remove are labelled `marked`, those marked keep have no label.
    """
    decided = list(_find_decided(pieces, pages, marks))
    if not decided:
        return pieces
    schema = {
        "row": pl.UInt32,
        "marked_label": pl.String,
        "marked_rule": pl.String,
        "marked_evidence": pl.String,
    }
    said = pl.DataFrame(decided, schema=schema, orient="row").unique("row", keep="last")
    joined = pieces.with_row_index("row").join(said, on="row", how="left", maintain_order="left")
    is_marked = pl.col("marked_rule").is_not_null()
    return joined.with_columns(
        pl.when(is_marked).then(f"marked_{name}").otherwise(name).alias(name)
        for name in ("label", "rule", "evidence")
    ).select(pieces.columns)


def _find_decided(
    pieces: pl.DataFrame, pages: pl.DataFrame, marks: Sequence[Mark]
) -> Iterator[tuple[int, str | None, str, str]]:
    if not marks:
        return
    rows = pieces.with_row_index("row").join(find_documents(pages, marks), on="document_id")
    for (source, record), own in rows.group_by("source_path", "source_record"):
        found = list_pieces(own)
        for mark in marks:
            if (mark.source, mark.record) == (source, record):
                said = (None, KEEP_RULE) if mark.decision == "keep" else ("marked", REMOVE_RULE)
                yield from ((row, *said, mark.why) for row in locate(mark, found))


def list_pieces(rows: pl.DataFrame) -> list[Piece]:
    """The paragraphs of one record, in order."""
    return [Piece(*row) for row in rows.sort("start").select("row", "line", "raw").iter_rows()]


def find_documents(pages: pl.DataFrame, marks: Sequence[Mark]) -> pl.DataFrame:
    """`document_id`, `source_path` and `source_record` of the records that marks name."""
    keys = pl.DataFrame(
        [(mark.source, mark.record) for mark in marks],
        schema={"source_path": pl.String, "source_record": pl.Int64},
        orient="row",
    ).unique()
    named = pages.select("document_id", "source_path", pl.col("source_record").cast(pl.Int64))
    return named.join(keys, on=["source_path", "source_record"], how="semi")


def find_changed(before: Sequence[Mark], after: Sequence[Mark]) -> list[Mark]:
    """Marks that were added, withdrawn or reworded."""
    return sorted(set(before) ^ set(after), key=lambda mark: (*mark.key, mark.decision, mark.why))


def list_marks_of(run: Row | None) -> tuple[Mark, ...]:
    """The marks that a run obeyed."""
    config = json.loads(str(run["config"])) if run else {}
    return tuple(Mark(**given) for given in config.get("marks", ()))


def drop_forgotten(marks: Sequence[Mark], forgetting: Forgetting) -> tuple[Mark, ...]:
    """The marks but for those on what is forgotten: they quote it."""
    return tuple(
        mark
        for mark in marks
        if not {make_file_key(path) for path in (mark.source, mark.source.split("!")[0])} & {*forgetting.keys}
        and (mark.source, mark.record) not in forgetting.places
    )


def drop_from_runs(runs: pl.DataFrame, forgetting: Forgetting) -> pl.DataFrame:
    """`runs` without the marks on what is forgotten in the settings that earlier runs obeyed."""
    configs = []
    for config in runs["config"]:
        given = json.loads(config)
        stay = drop_forgotten([Mark(**mark) for mark in given.get("marks", ())], forgetting)
        is_changed = len(stay) < len(given.get("marks", ()))
        given["marks"] = [asdict(mark) for mark in stay]
        configs.append(json.dumps(given, sort_keys=True, ensure_ascii=False) if is_changed else config)
    return runs.with_columns(config=pl.Series(configs, dtype=pl.String))


def drop_from_file(file: Path, forgetting: Forgetting) -> int:
    """Take the marks on what is forgotten out of a file; returns how many there were."""
    marks = read_marks(file)
    stay = drop_forgotten(marks, forgetting)
    if len(stay) < len(marks):
        _write_marks(file, stay)
    return len(marks) - len(stay)


def find_lost(store: Store, marks: Sequence[Mark]) -> list[Mark]:
    """Marks whose text the corpus has no more."""
    if not marks:
        return []
    named = pl.Series(sorted({mark.source for mark in marks}), dtype=pl.String)
    rows = store.scan("paragraphs").filter(pl.col("source_path").is_in(named.implode()))
    by_record = {
        key: list_pieces(own)
        for key, own in rows.select("source_path", "source_record", "line", "start", "raw").collect()
        .with_row_index("row")
        .group_by("source_path", "source_record")
    }  # fmt: skip
    return [mark for mark in marks if not locate(mark, by_record.get((mark.source, mark.record), ()))]
