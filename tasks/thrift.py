"""Thrift's compact protocol, as far as the footers of Parquet files need it: read, changed in places, written again.

Nothing is known here of what the fields mean (apache/thrift, `doc/specs/thrift-compact-protocol.md`).
"""

from typing import Any, Final, NamedTuple

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
WHOLE_NUMBERS: Final = frozenset({I16, I32, I64})
LONG_LIST: Final = 15
"""A list of fewer says how many it has in the byte that says of what."""


class Field(NamedTuple):
    """A value and its type."""

    kind: int
    value: Any


class List(NamedTuple):
    """Values of one type."""

    kind: int
    items: list[Any]


Struct = dict[int, Field]
"""Fields by their numbers."""


def read_struct(buffer: bytes) -> Struct:
    """The fields of a struct at the beginning of a buffer.

    Raises:
        ValueError: a type that is not known here.

    >>> read_struct(bytes([0x15, 0x06, 0x00]))
    {1: Field(kind=5, value=3)}
    """
    fields: Struct = _Reader(buffer).read_fields()
    return fields


def write_struct(fields: Struct) -> bytes:
    r"""The bytes of a struct.

    >>> write_struct({1: Field(I32, 3)})
    b'\x15\x06\x00'
    """
    out = bytearray()
    _write_fields(out, fields)
    return bytes(out)


class _Reader:
    """Reads values one after the other."""

    def __init__(self, buffer: bytes) -> None:
        self.buffer, self.place = buffer, 0

    def read_byte(self) -> int:
        self.place += 1
        return self.buffer[self.place - 1]

    def read_count(self) -> int:
        """A number, seven bits to the byte."""
        number = shift = 0
        while (byte := self.read_byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def read_number(self) -> int:
        """A number with its sign in the lowest bit."""
        number = self.read_count()
        return (number >> 1) ^ -(number & 1)

    def read_bytes(self, count: int) -> bytes:
        self.place += count
        return self.buffer[self.place - count : self.place]

    def read_fields(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self.read_byte():
            step, kind = head >> 4, head & 0x0F
            number = number + step if step else self.read_number()
            fields[number] = Field(kind, self.read_value(kind))
        return fields

    def read_value(self, kind: int) -> Any:  # noqa: ANN401 - of any kind
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind in WHOLE_NUMBERS:
            return self.read_number()
        if kind in (BYTE, DOUBLE):
            return self.read_bytes(1 if kind == BYTE else 8)
        if kind == BINARY:
            return self.read_bytes(self.read_count())
        if kind == STRUCT:
            return self.read_fields()
        if kind in (LIST, SET):
            head = self.read_byte()
            count, of = head >> 4, head & 0x0F
            count = self.read_count() if count == LONG_LIST else count
            return List(of, [self.read_item(of) for _ in range(count)])
        raise ValueError(f"Thrift type {kind} is not known here.")

    def read_item(self, kind: int) -> Any:  # noqa: ANN401 - of any kind
        """A value in a list, where truth is a byte of its own."""
        return self.read_byte() == TRUE if kind in (TRUE, FALSE) else self.read_value(kind)


def _write_fields(out: bytearray, fields: Struct) -> None:
    last = 0
    for number, field in sorted(fields.items()):
        kind = field.kind if field.kind not in (TRUE, FALSE) else TRUE if field.value else FALSE
        step = number - last
        if 0 < step < 16:
            out.append(step << 4 | kind)
        else:
            out.append(kind)
            _write_number(out, number)
        last = number
        _write_value(out, kind, field.value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:  # noqa: ANN401 - of any kind
    if kind in WHOLE_NUMBERS:
        _write_number(out, value)
    elif kind in (BYTE, DOUBLE):
        out += value
    elif kind == BINARY:
        _write_count(out, len(value))
        out += value
    elif kind == STRUCT:
        _write_fields(out, value)
    elif kind in (LIST, SET):
        count = len(value.items)
        out.append(min(count, LONG_LIST) << 4 | value.kind)
        if count >= LONG_LIST:
            _write_count(out, count)
        for item in value.items:
            if value.kind in (TRUE, FALSE):
                out.append(TRUE if item else FALSE)
            else:
                _write_value(out, value.kind, item)


def _write_number(out: bytearray, number: int) -> None:
    _write_count(out, number << 1 if number >= 0 else (-number << 1) - 1)


def _write_count(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
