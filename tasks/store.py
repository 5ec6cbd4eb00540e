"""The tables on disk: only this file writes them, and only `sweep.py` deletes from them.

CLEAN is a folder of Delta tables. Delta commits one table at a time, so the last row of `runs` is the
commit of all of them: it names the version of every other table, and everything is read through it. A
run writes its Parquet files into a scratch folder, moves them in, commits table by table, and `runs`
last; whatever a dead run left beyond the last row is rolled back by the next one.

Files that a commit takes out stay on disk: every version since the one that `runs` calls `kept_from` can be
gone back to.

A *part* is a slice of the documents, small enough for memory. Each table holds one file per part, named
after the run that wrote it, the part, and the digest of its bytes, so that damage can be named:

    paragraphs/r000007-p000002-5f0c...e1.parquet
"""

import json
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, Schema, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from tasks.data_files import FILE_NAME, Change, DataFile, has_log
from tasks.errors import StoreError
from tasks.locks import HIDDEN, as_store_error, hold_for_reading, hold_for_writing
from tasks.schemas import RUNS, SCHEMA_VERSION, TABLES
from tasks.splice import digest_file, replace_columns

SCRATCH = f"{HIDDEN}/work"
"""Where a run keeps what is not committed yet; on the same file system as the tables."""
ODD_CHARACTERS = frozenset("%[]\\")
"""Delta's paths are URLs: it looks in another folder (percent signs, backslashes), or panics (brackets)."""
WHOLE = 0
"""The part number of tables that are not cut into parts."""
KEEP_LOGS = PostCommitHookProperties(cleanup_expired_logs=False)
"""Delta would drop its logs after thirty days, and with them the way back."""

Row = dict[str, object]


class Store:
    """A corpus on disk, read through its last commit.

    Args:
        root: the CLEAN folder. It need not exist before the first commit.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        if root.exists() and not root.is_dir():
            raise StoreError(f"{root} is a file. Name a folder for the corpus with --out.")
        if re.match(r"\w{2,}:/", str(root)):
            raise StoreError(
                f"{root} is a URL. The corpus has to be in a folder: its commits rename files and hold a lock, which "
                "object stores do not do. Name a folder with --out, and copy it to the store when a run is done."
            )
        if odd := sorted(set(str(root.resolve())) & ODD_CHARACTERS):
            raise StoreError(
                f"{root} has {' '.join(odd)} in its path, which Delta takes amiss. Name another --out."
            )
        self._files: dict[str, list[DataFile]] = {}
        self.runs = self._read_runs()

    # -- reading ------------------------------------------------------------------------------------

    @property
    def last_run(self) -> Row | None:
        """The row of `runs` that is the commit in force; None for an empty store."""
        return self.runs.row(-1, named=True) if self.runs.height else None

    @property
    def run_number(self) -> int:
        """Number of the last run; 0 for an empty store."""
        return int(str(self.last_run["number"])) if self.last_run else 0

    @property
    def kept_from(self) -> int:
        """The oldest version that can still be gone back to."""
        return int(str((self.last_run or {}).get("kept_from") or 1))

    @property
    def is_older(self) -> bool:
        """Whether an earlier version of Decant wrote the tables in force, with other columns."""
        return self.last_run is not None and int(str(self.last_run["schema_version"] or 1)) < SCHEMA_VERSION

    def added_columns(self, table: str) -> frozenset[str]:
        """Columns of a table that some of its rows lack, since an earlier version of Decant wrote them."""
        if table == RUNS.name:
            older = self.runs.filter(pl.col("schema_version").is_null())
            return frozenset(name for name in older.columns if older[name].null_count())
        files = self.files(table) if self.is_older else []
        written = {name for file in files for name in pl.read_parquet_schema(file.path)}
        return frozenset(TABLES[table].schema) - written if files else frozenset()

    def find_run(self, number: int) -> Row:
        """The row of `runs` of a version that can be gone back to.

        Raises:
            StoreError: there is no such version, or it is not kept any more.
        """
        self.require_corpus()
        if not self.kept_from <= number <= self.run_number:
            raise StoreError(
                f"{self.root} has no version {number} to go back to; it keeps {self.kept_from} to "
                f"{self.run_number}. See: decant history --out {self.root}"
            )
        return self.runs.row(by_predicate=pl.col("number") == number, named=True)

    def require_corpus(self) -> None:
        """Raise unless there is a corpus to read.

        Raises:
            StoreError: no run has committed anything here.
        """
        if self.last_run is not None:
            return
        self._refuse_losses(self.latest_versions())
        raise StoreError(f"{self.root} holds no corpus yet. Make one with: decant run RAW --out {self.root}")

    def versions(self) -> dict[str, int]:
        """Delta version of every table in the commit in force."""
        if self.last_run is None:
            return {}
        return versions_of(self.last_run)

    def files(self, table: str) -> list[DataFile]:
        """The files of a table in the commit in force, by part."""
        if table not in self._files:
            version = self.versions().get(table)
            self._files[table] = [] if version is None else self.files_at(table, version)
        return self._files[table]

    def files_of(self, run: Row) -> dict[str, list[DataFile]]:
        """The files of every table in the commit of a run."""
        return {table: self.files_at(table, version) for table, version in versions_of(run).items()}

    def files_of_run(self, table: str, number: int) -> list[DataFile]:
        """The files of a table as a run committed it.

        Raises:
            StoreError: there was no such run, or its files are not kept any more.
        """
        version = versions_of(self.find_run(number)).get(table)
        return [] if version is None else self.files_at(table, version)

    def run_files(self) -> list[DataFile]:
        """The files of `runs` itself."""
        return self.files_at(RUNS.name, None)

    def scan(self, table: str, parts: Sequence[int] | None = None) -> pl.LazyFrame:
        """Rows of a table in the commit in force, in no particular order.

        Args:
            table: its name.
            parts: only these parts; all of them by default.
        """
        paths = [file.path for file in self.files(table) if parts is None or file.part in parts]
        schema = TABLES[table].schema if table in TABLES else None
        if not paths:
            return pl.LazyFrame(schema=schema)
        if schema and self.is_older:
            return pl.scan_parquet(
                paths, schema=schema, missing_columns="insert", extra_columns="ignore", glob=False
            )
        return pl.scan_parquet(paths, missing_columns="insert", glob=False)

    def latest_versions(self) -> dict[str, int]:
        """Delta version of every table on disk, committed by a run or not."""
        names = sorted(table.name for table in self.root.glob("*") if has_log(table))
        return {name: self._open(name).version() for name in names if name != RUNS.name}

    def find_uncommitted(self) -> list[str]:
        """Tables of which the newest version shows other files than the commit in force."""
        return [
            table
            for table, version in self.latest_versions().items()
            if version != self.versions().get(table)
            and {file.path for file in self.files_at(table, version)}
            != {file.path for file in self.files(table)}
        ]

    # -- writing ------------------------------------------------------------------------------------

    def lock(self) -> AbstractContextManager[None]:
        """Hold CLEAN for one writer.

        Raises:
            StoreError: another run holds it, or the folder cannot be written.
        """
        return hold_for_writing(self.root)

    def recover(self) -> None:
        """Take back whatever a dead run left beyond the last commit. Call with the lock held.

        Raises:
            StoreError: tables are there but the `runs` that would say which versions count is not.
        """
        with as_store_error(self.root):
            self.runs = self._read_runs()
            latest = self.latest_versions()
            self._refuse_losses(latest)
            committed = self.versions()
            for table, version in latest.items():
                self._roll_back(table, version, committed.get(table))
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _refuse_losses(self, there: Collection[str]) -> None:
        """Raise if tables that count are no longer there, or `runs`, which would say which of those there do."""
        if there and not has_log(self.root / RUNS.name):
            raise StoreError(
                f"{self.root} has tables ({', '.join(there)}) but no `runs`, which says what of them counts. "
                "Put `runs` back from a copy, or name another folder with --out."
            )
        if lost := self.versions().keys() - there:
            raise StoreError(
                f"{self.root} has lost {', '.join(sorted(lost))}, of which only a copy knows what was in them. "
                "Put them back, or name another folder with --out."
            )

    @property
    def scratch(self) -> Path:
        """SCRATCH of this corpus."""
        return self.root / SCRATCH

    def write_file(
        self, frame: pl.DataFrame, table: str, part: int, run: int, base: DataFile | None = None
    ) -> DataFile:
        """Write one part of a table into the scratch folder, ready for `commit`; columns that it lacks are those of `base`."""
        folder = self.scratch / "out" / table
        folder.mkdir(parents=True, exist_ok=True)
        pending = folder / f"p{part:06d}.pending"
        # Level 3 takes twice the time for a fifth less (measured on the ledger): most of what a small run costs.
        frame.write_parquet(pending, compression="zstd", compression_level=1)
        if base is not None and not replace_columns(base.path, pending):
            whole = pl.read_parquet(base.path, glob=False).with_columns(frame)
            return self.write_file(whole, table, part, run)
        digest = digest_file(pending)
        final = folder / f"r{run:06d}-p{part:06d}-{digest}.parquet"
        pending.rename(final)
        return DataFile(final, part, digest)

    def commit(self, changes: Mapping[str, Change], run: Row, schemas: Mapping[str, pl.Schema]) -> None:
        """Make the changes and the row of `runs` that names them the state of the corpus.

        Args:
            changes: by table; tables that are not named keep their version.
            run: the row of `runs`, without `versions`.
            schemas: the columns of every table, for those that are made now or lack some.
        """
        with as_store_error(self.root):
            # `runs` comes first so that a store without it can only be a damaged one.
            self._create(RUNS.name, RUNS.schema)
            versions = self.versions()
            for table, schema in schemas.items():
                # The newest version is the committed one, or one that was brought back to it.
                versions[table] = self._create(table, schema)
                if changes.get(table):
                    versions[table] = self._apply(table, changes[table])
            pairs = [{"table": table, "version": version} for table, version in sorted(versions.items())]
            kept = {"kept_from": self.kept_from, "schema_version": SCHEMA_VERSION}
            row = pl.DataFrame([kept | run | {"versions": pairs}], schema=RUNS.schema)
            runs = pl.concat([self.runs, row])
            number = int(str(run["number"]))
            change = Change([self.write_file(runs, RUNS.name, WHOLE, number)], self.files_at(RUNS.name, None))
            self._apply(RUNS.name, change)
            self.runs = runs
            self._files = {}
            shutil.rmtree(self.scratch, ignore_errors=True)

    # -- Delta --------------------------------------------------------------------------------------

    def _open(self, table: str, version: int | None = None) -> DeltaTable:
        with as_store_error(self.root):
            return DeltaTable((self.root / table).resolve().as_uri(), version=version)

    def _read_runs(self) -> pl.DataFrame:
        if not has_log(self.root / RUNS.name):
            return RUNS.schema.to_frame()
        files = self.files_at(RUNS.name, None)
        with as_store_error(self.root):
            frames = [pl.read_parquet(file.path, glob=False) for file in files]
        runs = pl.concat([RUNS.schema.to_frame(), *frames], how="diagonal_relaxed").sort("number")
        written = runs["schema_version"].cast(pl.Int64, strict=False).max()
        if isinstance(written, int) and written > SCHEMA_VERSION:
            version = runs.row(-1, named=True)["decant_version"]
            raise StoreError(
                f"{self.root} was written by a newer Decant ({version}, tables of form {written}; "
                f"this one knows form {SCHEMA_VERSION}). Install that version, or name another --out."
            )
        return runs

    def files_at(self, table: str, version: int | None) -> list[DataFile]:
        """The files of a table in a Delta version of it, by part; in its newest where None."""
        folder = self.root / table
        actions = pl.DataFrame(self._open(table, version).get_add_actions(flatten=True))
        paths = actions["path"].to_list() if actions.height else []
        return sorted((DataFile.parse(folder / path) for path in paths), key=lambda file: file.part)

    def _create(self, table: str, schema: pl.Schema) -> int:
        folder = self.root / table
        if not has_log(folder):
            shutil.rmtree(folder / "_delta_log", ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            write_deltalake(folder.resolve().as_uri(), schema.to_frame(), mode="ignore")
        opened = self._open(table)
        known = {column.name for column in opened.schema().fields}
        if lacking := [column for column in Schema.from_arrow(schema).fields if column.name not in known]:
            opened.alter.add_columns(lacking, post_commithook_properties=KEEP_LOGS)
        return self._open(table).version()

    def _apply(self, table: str, change: Change) -> int:
        """One Delta commit; returns the new version."""
        now = int(time.time() * 1000)
        folder = self.root / table
        for file in change.added:
            file.path.replace(folder / file.path.name)
        actions: list[AddAction | RemoveAction] = [
            RemoveAction(file.path.name, True, now) for file in change.removed
        ]
        actions += [_add_action(folder / file.path.name, now) for file in change.added]
        opened = self._open(table)
        opened.create_write_transaction(
            actions, "append", opened.schema(), post_commithook_properties=KEEP_LOGS
        )
        return self._open(table).version()

    def _roll_back(self, table: str, latest: int, committed: int | None) -> None:
        """Bring the newest version back to the committed one, and delete files of runs that died."""
        wanted = [] if committed is None else self.files_at(table, committed)
        present = self.files_at(table, None)
        if latest != committed and {f.path for f in wanted} != {f.path for f in present}:
            lost = [file for file in wanted if file not in present]
            surplus = [file for file in present if file not in wanted]
            self._apply(table, Change(lost, surplus))
        for path in (self.root / table).glob("*.parquet"):
            match = FILE_NAME.fullmatch(path.name)
            if match and int(match["run"]) > self.run_number:
                path.unlink(missing_ok=True)


@contextmanager
def reading(root: Path) -> Iterator[Store]:
    """A corpus to read from: while this is held, nothing of it is deleted."""
    with hold_for_reading(root):
        yield Store(root)


def versions_of(run: Row) -> dict[str, int]:
    """The table versions that a row of `runs` names."""
    pairs = run["versions"]
    assert isinstance(pairs, list)
    return {pair["table"]: pair["version"] for pair in pairs}


def _add_action(path: Path, now: int) -> AddAction:
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    return AddAction(path.name, path.stat().st_size, {}, now, True, json.dumps({"numRecords": rows}))
