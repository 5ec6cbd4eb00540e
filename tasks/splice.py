"""Splice: data files as bytes; a Parquet file with some columns replaced, the others copied as they lie in it.

Most of a part's file is text, packed. Where a run changes only what is said of the text, packing it again would be
most of what a small run costs. A Parquet file is column after column and a footer that says where each begins, so a
column can be taken over byte by byte; only the footer is written anew (apache/parquet-format, `parquet.thrift`).
"""

from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import xxhash

from tasks.thrift import Struct, read_struct, write_struct

MAGIC: Final = b"PAR1"
TAIL_BYTES: Final = 8
"""The length of the footer, and the magic word."""
GROUPS = 4
"""Of `FileMetaData`."""
COLUMNS, GROUP_BYTES, GROUP_ROWS, GROUP_OFFSET, GROUP_PACKED_BYTES = 1, 2, 3, 5, 6
"""Fields of `RowGroup`."""
CHUNK_OFFSET, CHUNK = 2, 3
"""Fields of `ColumnChunk`; those above point at indexes of pages, which readers can do without."""
TYPE, PATH, PLAIN_BYTES, PACKED_BYTES, DATA_OFFSET, INDEX_OFFSET, DICTIONARY_OFFSET = 1, 3, 6, 7, 9, 10, 11
BLOOM_FIELDS: Final = (14, 15)
"""Fields of `ColumnMetaData`."""


class _Chunk(NamedTuple):
    """A column of a row group: where its bytes are, and what the footer says of it."""

    file: BinaryIO
    fields: Struct

    @property
    def about(self) -> Struct:
        """Its `ColumnMetaData`."""
        about: Struct = self.fields[CHUNK].value
        return about


def digest_file(path: Path) -> str:
    """xxh3-128 of a file, hex: fast enough to read back everything on `verify`."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as opened:
        while block := opened.read(2**22):
            digest.update(block)
    return digest.hexdigest()


def replace_columns(old: Path, new: Path) -> bool:
    """Give `new` the columns that it lacks, as they are in `old`.

    Args:
        old: a Parquet file.
        new: another of as many rows, with some of the same columns.

    Returns:
        False if the two do not fit: they are cut into row groups differently, or a column is of another type.
        Nothing is changed then.
    """
    target = new.with_suffix(".spliced")
    with old.open("rb") as one, new.open("rb") as other:
        footer, replacing = _read_footer(one), _read_footer(other)
        pairs = list(zip(footer[GROUPS].value.items, replacing[GROUPS].value.items, strict=False))
        fits = len(footer[GROUPS].value.items) == len(replacing[GROUPS].value.items)
        if not (fits and all(_fit(*pair) for pair in pairs)):
            return False
        with target.open("wb") as out:
            out.write(MAGIC)
            for group, of_new in pairs:
                chunks = {path: _Chunk(other, fields) for path, fields in _list_columns(of_new).items()}
                of_old = {path: _Chunk(one, fields) for path, fields in _list_columns(group).items()}
                _copy_group(group, [chunks.get(path, chunk) for path, chunk in of_old.items()], out)
            written = write_struct(footer)
            out.write(written + len(written).to_bytes(4, "little") + MAGIC)
    target.replace(new)
    return True


def _fit(group: Struct, new: Struct) -> bool:
    """Whether a row group has all columns of another in the same types, and as many rows."""
    columns, others = _list_columns(group), _list_columns(new)
    names = {path[0] for path in others}
    replaced = {path: _tell_type(fields) for path, fields in columns.items() if path[0] in names}
    its = {path: _tell_type(fields) for path, fields in others.items()}
    return int(group[GROUP_ROWS].value) == int(new[GROUP_ROWS].value) and replaced == its


def _list_columns(group: Struct) -> dict[tuple[bytes, ...], Struct]:
    """The columns of a row group by name, those of a nested one by the names of the fields within it."""
    columns = group[COLUMNS].value.items
    return {tuple(fields[CHUNK].value[PATH].value.items): fields for fields in columns}


def _tell_type(column: Struct) -> int:
    return int(column[CHUNK].value[TYPE].value)


def _read_footer(file: BinaryIO) -> Struct:
    """The `FileMetaData` of a file."""
    end = file.seek(-TAIL_BYTES, 2)
    length = int.from_bytes(file.read(4), "little")
    file.seek(end - length)
    return read_struct(file.read(length))


def _copy_group(group: Struct, chunks: list[_Chunk], out: BinaryIO) -> None:
    """Copy the bytes of the columns, and tell the footer where they are now."""
    start = out.tell()
    for chunk in chunks:
        about = chunk.about
        first = min(about[field].value for field in (DATA_OFFSET, DICTIONARY_OFFSET) if field in about)
        shift = out.tell() - first
        chunk.file.seek(first)
        out.write(chunk.file.read(about[PACKED_BYTES].value))
        for field in (DATA_OFFSET, INDEX_OFFSET, DICTIONARY_OFFSET):
            if field in about:
                about[field] = about[field]._replace(value=about[field].value + shift)
        for field in BLOOM_FIELDS:
            about.pop(field, None)
        for field in [field for field in chunk.fields if field > CHUNK]:
            del chunk.fields[field]
        chunk.fields[CHUNK_OFFSET] = chunk.fields[CHUNK_OFFSET]._replace(value=first + shift)
    _set(group, COLUMNS, group[COLUMNS].value._replace(items=[chunk.fields for chunk in chunks]))
    _set(group, GROUP_BYTES, sum(chunk.about[PLAIN_BYTES].value for chunk in chunks))
    _set(group, GROUP_OFFSET, start)
    _set(group, GROUP_PACKED_BYTES, sum(chunk.about[PACKED_BYTES].value for chunk in chunks))


def _set(fields: Struct, field: int, value: Any) -> None:  # noqa: ANN401 - of any kind
    """Another value for a field that is there."""
    if field in fields:
        fields[field] = fields[field]._replace(value=value)
