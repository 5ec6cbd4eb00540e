"""Bytes to characters: in which charset a file is, without losing a byte.

The charset is the Python codec that turns the text back into the very bytes. So a legacy font is none: its
text is read as cp1252 (or as Latin-1, which has a character for every byte) and put right by the repair.
"""

import codecs
import re
from typing import Final, NamedTuple

from tasks.legacy_charsets import best_table, decoders

MAGIC: Final = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "an image, a sound or a video",
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"\x1f\x8b": "gzip data",
    b"\x28\xb5\x2f\xfd": "zstandard data",
    b"\xfd7zXZ": "xz data",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x7fELF": "a program",
}
TEXT_OF_MAGIC: Final = frozenset((b"GIF8", b"RIFF"))
"""Letters that a text may begin with."""
# C0 controls that no text has; not tab, line breaks, form feed, backspace, substitute and escape.
CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x08\x1a\x1b")) + b"\x7f"
MAX_CONTROL_RATIO: Final = 0.03
"""Random bytes have 0.10; text has next to none, but for the six rarest capitals of VISCII."""
MAX_NUL_RATIO: Final = 0.001
"""Inside a text; padding at its end is not counted."""
MIN_NUL_RATIO_OF_UTF16: Final = 0.2
"""High bytes that are zero in UTF-16 without a mark: 0.2 is a fifth of ASCII letters, spaces and digits."""
SAMPLE_BYTES: Final = 100_000
"""As much of the lines with bytes beyond ASCII is judged."""
MIN_UTF8_SHARE: Final = 0.5
"""Of the bytes beyond ASCII, those in whole UTF-8 characters, for a text to count as damaged UTF-8."""
UTF8_CHARACTER: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


class Decoded(NamedTuple):
    """A text, the codec that turns it back into its bytes, and what is wrong if it is no text."""

    text: str
    charset: str
    error: str


def decode(content: bytes) -> Decoded:
    """The text of a file, without its byte-order mark.

    For a text `text.encode(charset) == content`; but where a mark says that the high byte comes first, Python
    has no codec that writes it, and the mark has to be put before `text.encode(charset)`.

    >>> decode("Hà Nội".encode())
    Decoded(text='Hà Nội', charset='utf-8', error='')
    >>> decode("Café à l’hôtel, déjà fermé".encode("cp1252")).charset
    'cp1252'
    >>> decode(bytes(100)).error
    'The file holds NUL bytes and is no text: remove it, or convert it to UTF-8.'
    """
    for mark, charset in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return _with_mark(content, charset)
    if what := _what_magic(content):
        return Decoded("", "", f"The file is {what}, not text: remove it, or extract its text.")
    return _without_mark(content)


def _with_mark(content: bytes, charset: str) -> Decoded:
    """The text behind a byte-order mark."""
    try:
        text = content.decode(charset)
        return Decoded(text.removeprefix("\ufeff") if charset.endswith("-be") else text, charset, "")
    except UnicodeDecodeError as error:
        if charset == "utf-8-sig":
            return _one_byte(content)
        return Decoded(
            "",
            "",
            f"The file is marked as {charset.upper()} but byte {error.start} is damaged: save it as UTF-8.",
        )


def _what_magic(content: bytes) -> str:
    """What the first bytes say, if it is no text."""
    for magic, what in MAGIC.items():
        if content.startswith(magic) and (magic not in TEXT_OF_MAGIC or b"\0" in content[:64]):
            return what
    return ""


def _without_mark(content: bytes) -> Decoded:
    if b"\0" in content:
        if charset := _utf16(content):
            return Decoded(content.decode(charset), charset, "")
        inside = content.rstrip(b"\0")
        if not inside or inside.count(b"\0") > MAX_NUL_RATIO * len(inside):
            return Decoded(
                "", "", "The file holds NUL bytes and is no text: remove it, or convert it to UTF-8."
            )
    controls = len(content) - len(content.translate(None, CONTROLS)) - content.count(b"\0")
    if controls > MAX_CONTROL_RATIO * len(content):
        return Decoded(
            "", "", "The file holds control characters and is no text: remove it, or convert it to UTF-8."
        )
    try:
        return Decoded(content.decode(), "utf-8", "")
    except UnicodeDecodeError:
        return _one_of_many(content)


def _utf16(content: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, told by where the zero bytes are."""
    if len(content) % 2:
        return None
    sample = content[:SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    low, high = min(even, odd), max(even, odd)
    if high * 2 < MIN_NUL_RATIO_OF_UTF16 * len(sample) or low * 50 > high:
        return None
    charset = "utf-16-be" if even > odd else "utf-16-le"
    try:
        text = content.decode(charset)
    except UnicodeDecodeError:
        return None
    odd_ones = sum(not c.isprintable() and not c.isspace() for c in text[:SAMPLE_BYTES])
    return charset if odd_ones <= MAX_CONTROL_RATIO * len(text[:SAMPLE_BYTES]) else None


def _one_of_many(content: bytes) -> Decoded:
    """Text that is not UTF-8: damaged UTF-8, a Vietnamese encoding, or what a detector finds."""
    sample = _sample(content)
    beyond = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    in_utf8 = sum(len(found) for found in UTF8_CHARACTER.findall(sample))
    if in_utf8 >= MIN_UTF8_SHARE * beyond:
        return _one_byte(content)
    table = best_table(sample.decode("latin-1"), decoders(), 1)
    if table is not None:
        return (_decode_as(content, "cp1258") if table == "cp1258" else None) or _one_byte(content)
    return _detect(content, sample) or _one_byte(content)


def _sample(content: bytes) -> bytes:
    """Lines with bytes beyond ASCII."""
    lines, size = [], 0
    for match in re.finditer(rb"[^\n\r]{0,500}[\x80-\xff][^\n\r]{0,500}", content):
        lines.append(match[0])
        size += len(match[0])
        if size > SAMPLE_BYTES:
            break
    return b"\n".join(lines)


def _one_byte(content: bytes) -> Decoded:
    """The text read byte by byte: as cp1252 unless a byte has no character there."""
    return _decode_as(content, "cp1252") or Decoded(content.decode("latin-1"), "latin-1", "")


def _decode_as(content: bytes, charset: str) -> Decoded | None:
    """The text in that charset, if the charset brings back the very bytes."""
    try:
        text = content.decode(charset)
        return Decoded(text, charset, "") if text.encode(charset) == content else None
    except (UnicodeError, LookupError):
        return None


def _detect(content: bytes, sample: bytes) -> Decoded | None:
    """What the detector finds, unless it makes less sense than cp1252."""
    import chardet  # noqa: PLC0415 - a tenth of a second that most runs do not need

    found = chardet.detect(sample)["encoding"]
    decoded = _decode_as(content, codecs.lookup(found).name) if found else None
    if decoded is None or _oddness(sample, decoded.charset) > _oddness(sample, "cp1252"):
        return None
    return decoded


def _oddness(sample: bytes, charset: str) -> int:
    """Words that mix ASCII letters with another alphabet, and characters that no text has."""
    text = sample.decode(charset, "replace")
    mixed = re.findall(r"[a-zA-Z][\u0370-\uffff]|[\u0370-\uffff][a-zA-Z]", text)
    return len(mixed) + len(re.findall("[\x80-\x9f\ufffd]", text))
