"""What lies in RAW: the files to read, and what cannot be one.

Hidden files are nobody's input. A link is followed only to a plain file inside RAW, so nothing outside is
read and nothing is read in circles.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import xxhash

MEMBER = r"(?is)^(.*?\.(?:(?:zip|tar)(?:\.(?:gz|bz2|xz|zst))?|tgz|tbz2?|txz|tzst))!(.*)$"
"""Path of a file inside an archive: the archive's, an exclamation mark, its own in there."""


class Input(NamedTuple):
    """A plain file in RAW.

    `name` is its path relative to RAW as the file system has it; `source_path` is the same as text, with
    backslash escapes for bytes that are no UTF-8.
    """

    source_path: str
    name: str
    source_bytes: int
    source_mtime_ns: int


class Problem(NamedTuple):
    """An input, or one record of it, that could not be read, and a sentence that says what to do.

    Size and time of change are those of the file, so that it is read again when it has changed; None if it is
    to be tried again in any case.
    """

    source_path: str
    source_record: int
    error: str
    source_bytes: int | None = None
    source_mtime_ns: int | None = None


class Inputs(NamedTuple):
    """All of RAW: `files` to read and `problems` with the rest, both by path."""

    files: list[Input]
    problems: list[Problem]


def find_inputs(raw: Path) -> Inputs:
    """Walk RAW.

    Raises:
        OSError: RAW itself cannot be listed.
    """
    files: list[Input] = []
    problems: list[Problem] = []
    root = os.path.realpath(raw)
    for name, entry in _walk(str(raw), "", problems):
        fault = _find_fault(entry, root) or find_name_fault(name)
        if fault:
            problems.append(Problem(write_path(name), 0, fault))
            continue
        status = entry.stat()
        files.append(Input(write_path(name), name, status.st_size, status.st_mtime_ns))
    return Inputs(sorted(files, key=lambda file: os.fsencode(file.name)), sorted(problems))


def _walk(folder: str, name: str, problems: list[Problem]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry below a folder that is not a folder itself, with its path from RAW; hidden ones left out.

    A folder that cannot be listed is a problem, unless it is RAW.
    """
    try:
        with os.scandir(folder) as listed:
            entries = list(listed)
    except OSError as error:
        if not name:
            raise
        problems.append(Problem(write_path(name), 0, _explain(error, "folder")))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        below = f"{name}/{entry.name}" if name else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, below, problems)
        else:
            yield below, entry


def _find_fault(entry: os.DirEntry[str], root: str) -> str:
    """Why an entry cannot be read as a file; empty if it can."""
    try:
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not Path(target).exists():
                return (
                    "This is a link to something that is not there. Remove it, or put the file in its place."
                )
            if os.path.commonpath([root, target]) != root:
                return (
                    "This is a link that leads out of RAW. Copy what it points to into RAW to have it read."
                )
            if Path(target).is_dir():
                return "This is a link to a folder of RAW, which is read where it lies. Remove the link."
        if not stat.S_ISREG(entry.stat().st_mode):
            return "This is no plain file but a pipe, a socket or a device. Move it out of RAW."
    except OSError as error:
        return _explain(error, "file")
    return ""


def find_name_fault(name: str) -> str:
    """Why a file of that name cannot be read; empty if it can."""
    if split_member(name)[1]:
        return "The name reads like that of a file inside an archive. Take the exclamation mark out of it."
    return ""


def split_member(source_path: str) -> tuple[str, str]:
    """The file in RAW, and the file inside it if it is an archive.

    >>> split_member("a/b.zip!c/d.txt"), split_member("wow!.txt")
    (('a/b.zip', 'c/d.txt'), ('wow!.txt', ''))
    """
    found = re.match(MEMBER, source_path)
    return (found[1], found[2]) if found else (source_path, "")


def name_file() -> pl.Expr:
    """The file in RAW that `source_path` lies in: itself, but for members of archives."""
    path = pl.col("source_path")
    return path.str.extract(MEMBER, 1).fill_null(path)


def _explain(error: OSError, what: str) -> str:
    if isinstance(error, PermissionError):
        return f"No permission to read this {what}. Give the user who runs decant the right to read it."
    return f"This {what} cannot be opened ({error.strerror or error}). Repair it, or move it out of RAW."


def explain_os_error(error: OSError) -> str:
    """The sentence for a file that fails while it is read."""
    return _explain(error, "file")


def write_path(name: str) -> str:
    r"""A path as text; bytes that are no UTF-8 become backslash escapes.

    What already looks like such an escape gets a second backslash, so that no two names are written alike.

    >>> write_path("a/b.txt")
    'a/b.txt'
    >>> write_path("\udcff.txt")
    '\\xff.txt'
    >>> print(write_path(r"\xff.txt"))
    \\xff.txt
    """
    if name.isascii() and "\\" not in name:
        return name
    plain = re.sub(r"\\(?=\\*x[0-9a-f]{2})", r"\\\\", name)
    return os.fsencode(plain).decode("utf-8", "backslashreplace")


def make_document_id(name: str, key: str) -> str:
    """Stable id of a record: 32 hex digits of its path's bytes and its key.

    >>> make_document_id("a.txt", "#0") == make_document_id("a.txt", "#0")
    True
    """
    return xxhash.xxh3_128_hexdigest(os.fsencode(name) + b"\0" + key.encode("utf-8", "backslashreplace"))
