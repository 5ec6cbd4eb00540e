"""In which charset a page is: what it says counts, but not against the bytes."""

import codecs
import re
from typing import Final

from tasks.charset import Decoded, decode

HEAD_BYTES: Final = 4096
"""Where `meta` is looked for: the standard says 1,024, but scripts before it push it down."""
META: Final = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE
)
XML: Final = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{2,40})""")
WIDER: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "latin-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "big5": "big5hkscs",
}
"""Which codec a browser takes for a label (encoding.spec.whatwg.org, names and labels)."""
SEVEN_BITS: Final = ("iso2022", "hz")
"""Charsets whose bytes are valid UTF-8, but are not meant so."""
MAX_LOST: Final = 0.001
"""Characters that may be damaged in a page before its charset is not believed."""


def decode_page(content: bytes, declared: str = "") -> Decoded:
    """The text of a page: byte-order mark, UTF-8, HTTP header, `meta`, and then what the bytes look like.

    >>> decode_page('<meta charset="gb2312"><p>中文</p>'.encode("gb18030")).text[-6:]
    '中文</p>'
    >>> decode_page("<meta charset='utf-16'><p>Hà Nội</p>".encode()).charset
    'utf-8'
    """
    if b"\0" in content or content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(content)
    said = [codec for label in find_labels(content, declared) if (codec := find_codec(label))]
    if said and said[0].startswith(SEVEN_BITS) and (decoded := _decode_as(content, said[0])):
        return decoded
    try:
        return Decoded(content.decode(), "utf-8", "")
    except UnicodeDecodeError:
        pass
    return next((decoded for codec in said if (decoded := _decode_as(content, codec))), None) or decode(
        content
    )


def find_labels(content: bytes, declared: str) -> list[str]:
    """What the header, `meta` and the XML declaration call the charset."""
    head = content[:HEAD_BYTES]
    found = [match[1].decode() for pattern in (META, XML) if (match := pattern.search(head))]
    return [declared, *found] if declared else found


def find_codec(label: str) -> str | None:
    """The Python codec that reads what a browser would read under this label.

    >>> find_codec("ISO-8859-1"), find_codec("utf8"), find_codec("x-user-defined"), find_codec("zip")
    ('cp1252', 'utf-8', None, None)
    """
    try:
        found = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return WIDER.get(found.name, found.name) if found._is_text_encoding else None  # noqa: SLF001 - no public way


def _decode_as(content: bytes, codec: str) -> Decoded | None:
    """The text in the charset that was said, unless too much of it is damaged then."""
    if codec in ("cp1252", "utf-8"):
        # What editors write without thinking; a Vietnamese table or damaged UTF-8 shows in the bytes.
        decoded = decode(content)
        return (
            decoded
            if decoded.error or decoded.charset in ("cp1258", "utf-8", "latin-1") or codec == "utf-8"
            else Decoded(content.decode("cp1252", "replace"), "cp1252", "")
        )
    if codec.startswith(("utf-16", "utf-32", "utf-7")):
        return None
    try:
        text = content.decode(codec, "replace")
    except (UnicodeError, LookupError):
        return None
    lost = text.count("\ufffd")
    return Decoded(text, codec, "") if lost <= MAX_LOST * len(text) else None
