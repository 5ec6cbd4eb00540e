"""What a run has to do: RAW as it is, held against the corpus as it is."""

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tasks.errors import UsageError
from tasks.forgotten import load_forgotten, make_file_key, make_problem
from tasks.read import Input, Inputs, Problem, name_file
from tasks.schemas import DECANT_VERSION, QUARANTINE
from tasks.store import Store

MAX_GONE_SHARE = 0.2
"""More than a fifth of the documents gone is rather a disk not mounted than a wish."""

STEP_FILES = {
    "read": ("read", "charset.py", "legacy_charsets.py", "vietnamese.py", "markup.py"),
    "segment": ("segment.py",),
    "repair": ("repair", "vietnamese.py", "legacy_charsets.py", "spans.py"),
    "strip": ("strip", "rules", "markup.py"),
    "match": ("match", "dealer.py"),
}
"""Files of each step below `tasks/`: its code and its rules."""


Age = tuple[int | None, int | None]
"""Size and time of change of a file."""


@dataclass(frozen=True)
class Plan:
    """What a run has to do.

    Args:
        read: files to read, new or changed.
        leave: source paths whose rows leave the corpus first: changed or gone.
        redo: whether every other document is done again from its stored `raw`.
        decide: whether verdicts have to be decided again.
        remarked: whether marks say something else than in the run before, of whatever document.
        seen: files in RAW.
        new: files read for the first time.
        changed: files read again.
        gone: files no longer there.
        problems: what in RAW is no file to read.
        digests: per step, of what decides what it does; the next run compares them with its own.
        is_offline: RAW was not looked at.
    """

    read: list[Input] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)
    redo: bool = False
    decide: bool = False
    remarked: bool = False
    seen: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    problems: list[Problem] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    is_offline: bool = False

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dataclasses.asdict(self)), "ascii")

    @classmethod
    def load(cls, path: Path) -> "Plan":
        """Read what `save` wrote."""
        fields = json.loads(path.read_text("ascii"))
        fields["read"] = [Input(*file) for file in fields["read"]]
        fields["problems"] = [Problem(*problem) for problem in fields["problems"]]
        return cls(**fields)


def make_plan(
    inputs: Inputs,
    store: Store,
    *,
    hash_file: Callable[[Input], str],
    full: bool,
    keep_gone: bool,
    allow_gone: bool,
    digests: dict[str, str],
    config_sha256: str,
    remarked: bool = False,
    selected: Sequence[str] = (),
) -> Plan:
    """Compare RAW with the corpus.

    Args:
        inputs: what lies in RAW.
        store: the corpus.
        hash_file: the `source_sha256` of a file as it is now.
        full: read every file again.
        keep_gone: files no longer there keep their rows.
        allow_gone: let more than a fifth of the documents go.
        digests: of every step, as it would run now.
        config_sha256: of the settings, as they are now.
        remarked: whether marks have changed.
        selected: source paths to read again, changed or not.

    Raises:
        UsageError: more than a fifth of the documents would go.
    """
    inputs = without_forgotten(inputs, load_forgotten(store))
    known, faulty = _read_known(store, "sources"), _read_known(store, QUARANTINE.name)
    chosen = set(selected)
    before = json.loads(str(store.last_run["step_digests"])) if store.last_run else {}
    reread = full or before.get("read", digests["read"]) != digests["read"]
    copied = set() if reread else find_copied(inputs.files, known, store, hash_file)
    read, new, changed = [], 0, 0
    for file in inputs.files:
        stored = known.get(file.source_path, faulty.get(file.source_path))
        is_same = stored == (file.source_bytes, file.source_mtime_ns) or file.source_path in copied
        if is_same and not reread and file.source_path not in chosen:
            continue
        read.append(file)
        new += stored is None
        changed += stored is not None
    present = {file.source_path for file in inputs.files} | {p.source_path for p in inputs.problems}
    gone = (
        []
        if keep_gone
        else [path for path in sorted(known.keys() - present) if not _is_hidden(path, present)]
    )
    if gone and not allow_gone:
        _check_gone(store, gone)
    # What was read before and is no readable file now has changed: its rows leave, and quarantine says why.
    lost = sorted({problem.source_path for problem in inputs.problems} & known.keys())
    # What could not be read and is no longer there has nothing to keep.
    cured = [path for path in sorted(faulty.keys() - known.keys() - present) if not _is_hidden(path, present)]
    redo = any(before.get(step) != digests[step] for step in ("segment", "repair", "strip")) and bool(before)
    decide = (
        store.last_run is None
        or store.is_older
        or before != digests
        or store.last_run["config_sha256"] != config_sha256
    )
    return Plan(
        read=read,
        leave=sorted({f.source_path for f in read} & known.keys()) + gone + lost + cured,
        redo=redo,
        decide=decide,
        remarked=remarked,
        seen=len(inputs.files),
        new=new,
        changed=changed + len(lost),
        gone=len(gone) + len(cured),
        problems=inputs.problems,
        digests=digests,
    )


def find_copied(
    files: Sequence[Input], known: Mapping[str, Age], store: Store, hash_file: Callable[[Input], str]
) -> set[str]:
    """Source paths of files of another age, but the same bytes as when they were read: copied, or fetched once more.

    Reading them again would change nothing. Their bytes are hashed, which takes a hundredth of the time.
    """
    aged = [
        file
        for file in files
        if (age := known.get(file.source_path))
        and age[0] == file.source_bytes
        and age[1] != file.source_mtime_ns
    ]
    if not aged:
        return set()
    named = name_file().is_in(pl.Series([file.source_path for file in aged]).implode())
    stored = store.scan("sources").filter(named).select(name_file(), "source_sha256").unique().collect()
    digests = dict(stored.rows())
    return {file.source_path for file in aged if hash_file(file) == digests[file.source_path]}


def without_forgotten(inputs: Inputs, forgotten: frozenset[str]) -> Inputs:
    """RAW but for the files that are not to be read again, which are problems of their own kind."""
    if not forgotten:
        return inputs
    is_forgotten = [make_file_key(file.source_path) in forgotten for file in inputs.files]
    files = [file for file, out in zip(inputs.files, is_forgotten, strict=True) if not out]
    told = [make_problem(f.source_path) for f, out in zip(inputs.files, is_forgotten, strict=True) if out]
    return Inputs(files, sorted([*inputs.problems, *told]))


def _is_hidden(source_path: str, present: set[str]) -> bool:
    """Whether a folder above a path is itself a problem: what cannot be listed is not gone.

    >>> _is_hidden("a/b/c.txt", {"a/b"}), _is_hidden("a/b.txt", {"a/b"})
    (True, False)
    """
    folders = itertools.accumulate(source_path.split("/")[:-1], "{}/{}".format)
    return any(folder in present for folder in folders)


def _read_known(store: Store, table: str) -> dict[str, Age]:
    """Size and time of change of every file in a table."""
    rows = store.scan(table).select(name_file(), "source_bytes", "source_mtime_ns").unique().collect()
    return {path: (size, changed) for path, size, changed in rows.iter_rows()}


def _check_gone(store: Store, gone: Sequence[str]) -> None:
    is_gone = name_file().is_in(pl.Series(gone, dtype=pl.String).implode())
    total, lost = store.scan("documents").select(pl.len(), is_gone.sum().alias("lost")).collect().row(0)
    if lost > MAX_GONE_SHARE * total:
        raise UsageError(
            f"{lost} of {total} documents would leave the corpus because their files are no longer in RAW "
            f"(the first: {gone[0]}). If that is meant, run again with --allow-gone; if a disk is not mounted, mount it."
        )


UNIT_BYTES = 8 * 2**20
"""Bytes of files that one worker reads at a time; packed text of that size fills a part or two."""

TAIL_BYTES = 4 * 2**20
"""A last part whose ledger is smaller takes in the next records, so that nightly runs leave few parts."""


def cut_by_bytes(inputs: Sequence[Input]) -> list[list[Input]]:
    """Files in order, in units of about the same size; a larger file is a unit of its own."""
    units: list[list[Input]] = []
    size = 0
    for file in inputs:
        if not units or size + file.source_bytes > UNIT_BYTES:
            units.append([])
            size = 0
        units[-1].append(file)
        size += file.source_bytes
    return units


def free_parts(store: Store) -> Iterator[int]:
    """Numbers for new parts; the first may be the last one there is."""
    files = store.files("paragraphs")
    last = max((file.part for file in store.files("sources")), default=0)
    if any(file.part == last and file.path.stat().st_size < TAIL_BYTES for file in files):
        yield last
    yield from itertools.count(last + 1)


def digest_steps(settings: object) -> dict[str, str]:
    """Per step, a digest of everything that decides what it does: its options, its code and its rules.

    Args:
        settings: a frozen dataclass with a field of options per step.
    """
    return {step: digest_step(step, getattr(settings, step)) for step in STEP_FILES}


def digest_step(step: str, options: object) -> str:
    """A digest of what a step would do: its options, its code and its rules."""
    digest = hashlib.sha256(f"{DECANT_VERSION}\n{write_settings(options)}\n".encode())
    for file in _list_files(STEP_FILES[step]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def digest_files() -> dict[str, str]:
    """A short digest of every file of code and rules that a step is made of, by its name below `tasks/`.

    With it a later version can say which of them changed.
    """
    here = Path(__file__).parent
    files = sorted({file for names in STEP_FILES.values() for file in _list_files(names)})
    return {
        file.relative_to(here).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in files
    }


def list_step_files(step: str) -> list[str]:
    """Names below `tasks/` of the files that a step is made of."""
    return [file.relative_to(Path(__file__).parent).as_posix() for file in _list_files(STEP_FILES[step])]


def _list_files(names: Sequence[str]) -> list[Path]:
    here = Path(__file__).parent
    found = [file for name in names for file in ([here / name] if "." in name else (here / name).rglob("*"))]
    return sorted(file for file in found if file.suffix in (".py", ".toml", ".json"))


def write_settings(settings: object) -> str:
    """A dataclass of settings as JSON with sorted keys."""
    assert dataclasses.is_dataclass(settings)
    assert not isinstance(settings, type)
    return json.dumps(dataclasses.asdict(settings), sort_keys=True, ensure_ascii=False, default=str)
