"""Rebuild: the ledger's pieces to records again, so that a step can be redone without RAW."""

import json

import polars as pl

from tasks.read import RECORDS


def rebuild_records(paragraphs: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Records as they were read, white space between pieces aside.

    Every piece stands at its old offset and on its old line, so that cutting the records again gives the
    same paragraphs; which blanks stood in a gap is not known any more, and decides nothing.

    Args:
        paragraphs: rows of the ledger, of whole documents.
        sources: rows of `sources` of the same documents.

    Returns:
        A row of RECORDS per row of `sources`, in its order.
    """
    pieces = (
        paragraphs.sort("document_id", "start")
        .group_by("document_id", maintain_order=True)
        .agg("line", "start", "end", "raw")
    )
    texts = {row[0]: join_pieces(*row[1:]) for row in pieces.iter_rows()}
    rows = [
        row
        | dict.fromkeys(("title", "byline", "published_at"))
        | json.loads(row["mapped"] or "{}")
        # What stood after the last piece is blank too.
        | {"text": texts.get(row["document_id"], "").ljust(row["raw_chars"])}
        for row in sources.iter_rows(named=True)
    ]
    return pl.DataFrame([{name: row[name] for name in RECORDS} for row in rows], schema=RECORDS)


def join_pieces(lines: list[int], starts: list[int], ends: list[int], raws: list[str]) -> str:
    r"""One record of its pieces, in order.

    >>> join_pieces([1, 3, 3], [0, 4, 5], [2, 5, 6], ["ab", "c", "d"])
    'ab\n\ncd'
    """
    parts: list[str] = []
    line, place = 1, 0
    for its_line, start, end, raw in zip(lines, starts, ends, raws, strict=True):
        breaks = its_line - line
        parts.append("\n" * breaks + " " * (start - place - breaks))
        parts.append(raw)
        line = its_line + count_breaks(raw)
        place = end
    return "".join(parts)


def count_breaks(raw: str) -> int:
    r"""Line ends in a text: LF, CRLF or CR.

    >>> count_breaks("a\r\nb\rc\nd")
    3
    """
    return raw.count("\n") + raw.count("\r") - raw.count("\r\n")
