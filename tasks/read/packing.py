"""Packed files: gzip, bzip2, xz and zstandard, unpacked as a stream that a bomb cannot fill the memory with."""

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePath
from typing import IO, Protocol

import zstandard

MIB = 2**20
ALIASES = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".tbz": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}
"""One suffix for two."""


class ByteStream(Protocol):
    """What unpacks."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""


class _Zstandard:
    """Frame after frame, with an error where the last one is cut off: the library's own reader just ends there."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._unpacked = b""

    def read(self, size: int = -1, /) -> bytes:
        while not self._unpacked:
            left = self._frame.unused_data if self._frame and self._frame.eof else b""
            block = left or self._packed.read(PACKED_BLOCK)
            if not block:
                if self._frame and not self._frame.eof:
                    raise EOFError("the last zstandard frame has no end")
                return b""
            if self._frame is None or self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._unpacked = self._frame.decompress(block)
        taken = self._unpacked if size < 0 else self._unpacked[:size]
        self._unpacked = self._unpacked[len(taken) :]
        return taken


PACKED_BLOCK = 1024
"""Bytes unpacked at once: a block of four bytes stands for 128 KiB at most (RFC 8878), so 32 MiB come out."""

OPENERS: dict[str, Callable[[IO[bytes]], ByteStream]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _Zstandard,
}

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    zipfile.BadZipFile,
    tarfile.TarError,
)
"""What the unpackers raise where the bytes are not what they should be."""


@lru_cache(maxsize=1024)  # asked again for every record of a file
def split_suffixes(path: str) -> tuple[str, str]:
    """How a file is packed, and what it is then: lower-case suffixes, empty if there is none.

    >>> split_suffixes("a.jsonl.GZ"), split_suffixes("b.tgz"), split_suffixes("c.txt"), split_suffixes("d.zst")
    (('.gz', '.jsonl'), ('.gz', '.tar'), ('', '.txt'), ('.zst', ''))
    """
    name = PurePath(path).name.lower()
    for alias, full in ALIASES.items():
        name = name.removesuffix(alias) + full if name.endswith(alias) else name
    suffixes = ["", *PurePath(name).suffixes]
    return (
        (suffixes[-1], suffixes[-2] if len(suffixes) > 1 else "")
        if suffixes[-1] in OPENERS
        else ("", suffixes[-1])
    )


class TooMuchError(Exception):
    """More came out of a packed file than can be true."""


class Budget:
    """How many bytes may still come out of a file, over all its layers and members.

    Args:
        size: of the file, bytes.
        max_expansion: by how much it may grow.
    """

    def __init__(self, size: int, max_expansion: int) -> None:
        self._left = size * max_expansion + MIB
        self._max_expansion = max_expansion

    def spend(self, count: int) -> None:
        """Take note of bytes that came out.

        Raises:
            TooMuchError: they are too many.
        """
        self._left -= count
        if self._left < 0:
            raise TooMuchError(
                f"This unpacks to more than {self._max_expansion} times its size, like a bomb. "
                "Unpack it by hand if it is wanted, or raise read.max_expansion."
            )


@contextlib.contextmanager
def unpack(file: IO[bytes], packing: str, budget: Budget) -> Iterator[IO[bytes]]:
    """The bytes of a file as they were before it was packed; the file itself if it was not."""
    if not packing:
        yield file
        return
    with io.BufferedReader(Bounded(OPENERS[packing](file), budget)) as stream:
        yield stream


class Bounded(io.RawIOBase):
    """A stream upon another one, which it leaves open; within a budget, if there is one."""

    def __init__(self, stream: ByteStream, budget: Budget | None = None) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Some bytes, unless they are too many."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        block = self._stream.read(len(view))
        if self._budget:
            self._budget.spend(len(block))
        view[: len(block)] = block
        return len(block)


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the bytes are not what they should be, or are packed in a way not known."""
    return isinstance(error, (*DAMAGE, NotImplementedError, RuntimeError)) and not isinstance(
        error, RecursionError
    )


def explain_damage(error: BaseException) -> str:
    """The sentence for it."""
    if isinstance(error, (NotImplementedError, RuntimeError)):
        return f"This is packed in a way that Decant cannot unpack ({error}). Unpack it by hand, or pack it plainly."
    return f"The packed file is damaged or cut off ({error}). Fetch it again."


@contextlib.contextmanager
def as_path(stream: IO[bytes]) -> Iterator[Path]:
    """A stream as a plain file, for libraries that jump about in it: itself, or a copy that goes afterwards."""
    raw = getattr(stream, "raw", None)
    if isinstance(raw, io.FileIO) and isinstance(raw.name, str):
        yield Path(raw.name)
        return
    with tempfile.NamedTemporaryFile(prefix="decant-") as copy:
        while block := stream.read(MIB):
            copy.write(block)
        copy.flush()
        yield Path(copy.name)
