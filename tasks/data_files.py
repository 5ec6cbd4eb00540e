"""The files of the tables: how they and their logs are named, and what a commit does to them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tasks.errors import StoreError
from tasks.splice import digest_file

LOG_NAME = re.compile(r"(\d{20})\.(json|checkpoint\.parquet)")
FILE_NAME = re.compile(r"r(?P<run>\d{6,})-p(?P<part>\d{6,})-(?P<digest>[0-9a-f]{32})\.parquet")


def has_log(table: Path) -> bool:
    """Whether a table was ever committed: one that a run died over has a folder for its log, and nothing in it."""
    log = table / "_delta_log"
    return log.is_dir() and any(LOG_NAME.fullmatch(path.name) for path in log.iterdir())


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table: where it lies, the part it holds, the digest its name promises."""

    path: Path
    part: int
    digest: str

    @classmethod
    def parse(cls, path: Path) -> "DataFile":
        """Read part and digest off the name.

        Raises:
            StoreError: the name is none that `Store.write_file` gives.
        """
        match = FILE_NAME.fullmatch(path.name)
        if match is None:
            raise StoreError(
                f"{path} was not written by Decant. Move it out of the corpus, or restore the corpus from a copy."
            )
        return cls(path, int(match["part"]), match["digest"])

    def read_digest(self) -> str:
        """The digest of the bytes on disk; equals `digest` unless the file was damaged."""
        return digest_file(self.path)


@dataclass
class Change:
    """What a commit does to one table: files that come in, files that leave."""

    added: list[DataFile] = field(default_factory=list)
    removed: list[DataFile] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)
