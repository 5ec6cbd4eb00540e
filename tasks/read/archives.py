"""Archives: the files inside a ZIP or TAR, one after the other, and never one outside."""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from tasks.read.packing import Bounded, Budget, TooMuchError, as_path, explain_damage, is_damage

ARCHIVES = (".zip", ".tar")

EMPTY = io.BytesIO()


class Member(NamedTuple):
    """A file in an archive, or what is wrong with it; of the archive itself, without a name."""

    name: str
    fault: str = ""
    stream: IO[bytes] = EMPTY


def open_archive(stream: IO[bytes], kind: str, budget: Budget) -> Iterator[Member]:
    """Every plain file of an archive, in its order; each is to be read before the next is asked for.

    Folders and hidden files are left out, as they are in RAW. A link, a file of a name that was there before,
    and a name that leads out of the archive's own folder are faults.

    Args:
        stream: the archive, unpacked.
        kind: one of ARCHIVES.
        budget: what may come out of it.
    """
    seen: set[str] = set()
    try:
        for member in (_open_zip if kind == ".zip" else _open_tar)(stream, budget):
            name = member.name.removeprefix("./")
            if any(part.startswith(".") and part != ".." for part in name.split("/")):
                continue
            fault = member.fault or find_fault(name)
            if not fault and name in seen:
                fault = "The archive holds this name more than once, and the first was read. Give each its own name."
            seen.add(name)
            yield Member(name, fault, member.stream)
    except TooMuchError as error:
        yield Member("", str(error))
    except Exception as error:
        if not is_damage(error):
            raise
        yield Member("", explain_damage(error).replace("packed file", "archive"))


def find_fault(name: str) -> str:
    r"""Why a member of that name is not read; empty if it is.

    >>> find_fault("site/page.txt"), find_fault("../page.txt")[:28], find_fault(r"c:\page.txt")[:28]
    ('', 'This path leads out of the a', 'This path leads out of the a')
    """
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[a-zA-Z]:[/\\]", name):
        return "This path leads out of the archive, so it was not read. Pack the file under a plain name."
    return ""


def _open_zip(stream: IO[bytes], budget: Budget) -> Iterator[Member]:
    if not stream.seekable():
        with as_path(stream) as path, path.open("rb") as copy:
            yield from _open_zip(copy, budget)
        return
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                yield Member(info.filename, "This file is encrypted. Unpack the archive with its password.")
                continue
            if info.external_attr >> 28 == 0xA:
                yield Member(info.filename, LINK)
                continue
            try:
                opened = archive.open(info)
            except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
                yield Member(info.filename, explain_damage(error))
                continue
            with opened, io.BufferedReader(Bounded(opened, budget)) as member:
                yield Member(info.filename, "", member)


LINK = "This is a link and no file of its own. Pack what it points to."


class _EndingTar(tarfile.TarInfo):
    """Remembers how the archive ended: Python's reader takes a cut for the end."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> "_EndingTar":  # the standard library's name
        try:
            return super().fromtarfile(tarfile)
        except Exception as error:
            tarfile.ended_by = error  # type: ignore[attr-defined]
            raise


def _open_tar(stream: IO[bytes], budget: Budget) -> Iterator[Member]:
    del budget  # a plain TAR is no larger than its file
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_EndingTar) as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined] # else it keeps every header
            if info.isdir():
                continue
            if not info.isreg():
                yield Member(info.name, LINK)
                continue
            opened = archive.extractfile(info)
            assert opened is not None
            with opened:
                yield Member(info.name, "", opened)
        ended_by = getattr(archive, "ended_by", None)
    if not isinstance(ended_by, tarfile.EOFHeaderError):  # type: ignore[attr-defined]
        raise tarfile.ReadError(f"no end mark: {ended_by}")
