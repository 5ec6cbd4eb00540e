"""Two invented texts in every format, written by other people's writers, and a way to read one file."""

import csv
import io
import tarfile
import zipfile

from tasks.read import ReadOptions
from tasks.read.formats import read_records
from tasks.read.records import Fault, Found, LeftOut, Record

FERRY = 'Phà Bến Sậy chạy lại từ sáng thứ hai, mỗi giờ một chuyến; chủ phà nói "đủ người là đi".\nVé vẫn 5.000 đồng.'
WELL = "Giếng khoan của xã Đông Ngàn cho nước ngọt ở độ sâu 86 mét, đủ cho 120 hộ dùng quanh năm."
ROWS = (
    {"url": "https://bensay.example/pha", "title": "Phà chạy lại", "text": FERRY, "views": "12"},
    {"url": "https://bensay.example/gieng", "title": "Giếng mới", "text": WELL, "views": ""},
)


def read(name: str, content: bytes, options: ReadOptions | None = None) -> list[Found]:
    return list(read_records(name, io.BytesIO(content), len(content), options or ReadOptions()))


def records(name: str, content: bytes) -> list[Record]:
    found = [row for row in read(name, content) if not isinstance(row, LeftOut)]
    assert all(isinstance(row, Record) for row in found), found
    return [row for row in found if isinstance(row, Record)]


def faults(name: str, content: bytes, options: ReadOptions | None = None) -> list[Fault]:
    return [row for row in read(name, content, options) if isinstance(row, Fault)]


def write_csv(rows: tuple[dict[str, str], ...] = ROWS, **dialect: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), **dialect)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def write_zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def write_tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def write_parquet(columns: dict[str, object], **options: object) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def write_warc(pages: list[tuple[str, str, bytes]], *, packed: bool = False, status: str = "200 OK") -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    file = io.BytesIO()
    writer = WARCWriter(file, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "a test"}))
    for url, content_type, body in pages:
        headers = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": "2024-05-14T01:15:00Z"},
            )
        )
    return file.getvalue()
