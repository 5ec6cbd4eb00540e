"""RAW in an object store, spoken to over HTTP: moto's server, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_corpus import assert_same_tables, read_tables, write_raw

from tasks.errors import StoreError, UsageError
from tasks.export import read_table
from tasks.job import Job
from tasks.read import parse_raw, remote
from tasks.stages import run
from tasks.store import Store

Storage = Any
"""s3fs has no types."""
BUCKET = "s3://tin-tuc"


@pytest.fixture(scope="module")
def store() -> Iterator[Storage]:
    """A file system of s3fs on an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        wait_for(port)
        import s3fs

        made = s3fs.S3FileSystem()
        made.mkdir(BUCKET)
        yield made
    finally:
        server.kill()
        server.wait()
        for name in variables:
            os.environ.pop(name)
        os.environ.update(before)


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.1)
        else:
            return


def test_a_bucket_is_read_like_a_folder(
    store: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "SMALL_BYTES", 400)  # the longer files are read in blocks
    raw = write_raw(tmp_path / "raw")
    import zipfile

    with zipfile.ZipFile(raw / "goi.zip", "w") as archive:
        archive.writestr(
            "a.txt", "Gói tin trong kho đám mây có một dòng, và dòng ấy phải được đọc đúng như nó là."
        )
    store.put(str(raw), f"{BUCKET}/news", recursive=True)
    url = f"{BUCKET}/news"
    first = run(Job(parse_raw(url + "/"), tmp_path / "there"))
    run(Job(raw, tmp_path / "here"))
    found, expected = read_tables(tmp_path / "there"), read_tables(tmp_path / "here")
    for tables in (found, expected):
        tables["sources"] = tables["sources"].drop("source_mtime_ns")
    assert_same_tables(found, expected)
    assert first.run["inputs_new"] == 7

    again = run(Job(url, tmp_path / "there"))
    assert (again.run["inputs_new"], again.run["inputs_changed"]) == (0, 0)
    size = (raw / "songque.example/lu-rut.txt").stat().st_size
    store.pipe(f"{url}/songque.example/lu-rut.txt", b"b" * size)
    store.rm(f"{url}/dump.jsonl")
    changed = run(Job(url, tmp_path / "there", allow_gone=True))
    assert (changed.run["inputs_changed"], changed.run["inputs_gone"]) == (1, 1), (
        "the same size, in the same second"
    )


def test_a_store_that_fails_is_tried_again(
    store: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe(
        f"{BUCKET}/one/a.txt",
        "Một dòng tin đủ dài để ở lại trong kho sau khi mạng đã thông trở lại.".encode(),
    )
    real = remote.connect
    broken = []

    class Broken:
        def __init__(self, whole: Storage) -> None:
            self._whole = whole

        def cat_file(self, path: str) -> bytes:
            broken.append(path)
            raise ConnectionResetError("gone away")

        def __getattr__(self, name: str) -> object:
            return getattr(self._whole, name)

    def connect(url: str) -> tuple[Any, str]:
        whole, root = real(url)
        return Broken(whole), root

    monkeypatch.setattr(remote, "connect", connect)
    run(Job(f"{BUCKET}/one", tmp_path / "clean"))
    assert "next run tries again" in read_table(Store(tmp_path / "clean"), "quarantine")["error"].item()
    monkeypatch.setattr(remote, "connect", real)
    run(Job(f"{BUCKET}/one", tmp_path / "clean"))
    assert broken
    assert read_table(Store(tmp_path / "clean"), "quarantine").is_empty()
    assert read_table(Store(tmp_path / "clean"), "documents").height == 1


def test_urls_that_cannot_be_raw(store: Storage, tmp_path: Path) -> None:
    for url in ("memory://x", "https://a.example/x"):
        with pytest.raises(UsageError, match="could be listed"):
            parse_raw(url)
    with pytest.raises(UsageError, match="nothing at"):
        run(Job(f"{BUCKET}/nowhere", tmp_path / "clean"))
    with pytest.raises(UsageError, match=r"cannot be listed|nothing at"):
        run(Job("s3://no-such-bucket/x", tmp_path / "clean"))
    with pytest.raises(UsageError, match="Install what speaks to it"):
        run(Job("moon://x/y", tmp_path / "clean"))
    with pytest.raises(StoreError, match="has to be in a folder"):
        Store(Path("s3://bucket/clean"))
