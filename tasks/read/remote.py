"""RAW in an object store: what lies under a URL, and its bytes, through fsspec.

Credentials, region and endpoint are taken from where the tools of the store take them (of S3: `AWS_*` variables,
or `~/.aws`), never from Decant's settings.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import xxhash

from tasks.errors import UsageError
from tasks.read.inputs import Input, Inputs, Problem, find_name_fault, write_path

SMALL_BYTES = 32 * 2**20
"""A smaller object is fetched in one request and kept in memory; a larger one is read twice, in blocks: for its
digest, and for its records."""
BLOCK_BYTES = 8 * 2**20
EXTRAS = {"s3": "decant-corpus[s3]", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
"""What to install for a kind of store; S3 is what is tested."""


class RemoteError(Exception):
    """The store did not answer as it should: to be tried again in the next run."""


def parse_raw(raw: str | Path) -> Path | str:
    """RAW as it was given: a path, or the URL of an object store.

    Raises:
        UsageError: it is a URL of a kind that holds no files.

    >>> parse_raw("raw"), parse_raw("file:///a/b"), parse_raw("s3://bucket/news/")
    (PosixPath('raw'), PosixPath('/a/b'), 's3://bucket/news')
    """
    if "://" not in str(raw):
        return Path(raw)
    parts = urlsplit(str(raw))
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    if parts.scheme in ("memory", "http", "https", "data"):
        raise UsageError(
            f"{raw} is nothing that could be listed. Name a folder, or the bucket and prefix of an object store: s3://bucket/news"
        )
    return str(raw).rstrip("/")


def find_remote(url: str) -> Inputs:
    """Every object under a URL; hidden ones are left out, as they are in a folder.

    Raises:
        UsageError: the store cannot be reached, or there is nothing.
    """
    store, root = connect(url)
    try:
        store.invalidate_cache()
        found = store.find(root, detail=True)
    except Exception as error:  # each store has errors of its own
        raise UsageError(
            f"{url} cannot be listed ({error}). Check the address and the credentials."
        ) from error
    files, problems = [], []
    for path, about in sorted(found.items()):
        name = path.removeprefix(root).lstrip("/")
        if not name or name.endswith("/") or any(part.startswith(".") for part in name.split("/")):
            continue
        if fault := find_name_fault(name):
            problems.append(Problem(write_path(name), 0, fault))
            continue
        files.append(Input(write_path(name), name, int(about["size"] or 0), read_change(about)))
    if not files and not problems:
        raise UsageError(f"There is nothing at {url}. Check the bucket and the prefix.")
    return Inputs(files, problems)


def read_change(about: dict[str, Any]) -> int:
    """When an object was changed, in nanoseconds; stores know seconds, so the rest is a digest of its ETag.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2024, 5, 14, tzinfo=UTC)
    >>> one, other = (read_change({"LastModified": at, "ETag": tag}) for tag in "ab")
    >>> one != other, one // 10**9 == other // 10**9
    (True, True)
    """
    at = next(
        (about[name] for name in ("LastModified", "mtime", "last_modified", "updated") if about.get(name)), 0
    )
    seconds = at if isinstance(at, int | float) else at.timestamp()
    tag = str(about.get("ETag") or about.get("etag") or about.get("md5Hash") or "").encode()
    return int(seconds) * 10**9 + (xxhash.xxh64_intdigest(tag) % 10**9 if tag else int(seconds % 1 * 10**9))


@contextlib.contextmanager
def open_remote(url: str, file: Input) -> Iterator[IO[bytes]]:
    """The bytes of an object.

    Raises:
        RemoteError: the store did not answer, now or while the bytes are read.
    """
    store, root = connect(url)
    path = f"{root}/{file.name}"
    try:
        small = io.BytesIO(store.cat_file(path)) if file.source_bytes <= SMALL_BYTES else None
        opened = small or store.open(path, "rb", block_size=BLOCK_BYTES, cache_type="readahead")
    except Exception as error:  # each store has errors of its own
        raise RemoteError(str(error)) from error
    with opened, io.BufferedReader(_Remote(opened), BLOCK_BYTES) as stream:
        yield stream


class _Remote(io.RawIOBase):
    """An object as a stream; whatever goes wrong on the way is a `RemoteError`, and no damage of the file."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._opened.seek(offset, whence)

    def tell(self) -> int:
        return self._opened.tell()

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            block = self._opened.read(len(view))
        except Exception as error:
            raise RemoteError(str(error)) from error
        view[: len(block)] = block
        return len(block)


def connect(url: str) -> tuple[Any, str]:
    """The store and the path in it.

    Raises:
        UsageError: what speaks to it is not installed.
    """
    from fsspec.core import url_to_fs  # noqa: PLC0415 - what most runs do not need

    scheme = urlsplit(url).scheme
    try:
        store, root = url_to_fs(url)
    except (ImportError, ValueError) as error:
        package = EXTRAS.get(scheme, f"the fsspec package for {scheme}")
        raise UsageError(
            f"{url} cannot be opened ({error}). Install what speaks to it: pip install '{package}'"
        ) from error
    return store, str(root).rstrip("/")
