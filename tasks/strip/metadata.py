"""What the boilerplate says about its article: title, byline, time of publication, kind of page."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tasks.strip.kind import find_kinds
from tasks.strip.sheet import Sheet
from tasks.strip.verdicts import Verdicts

HEAD_LINES = 8
"""Lines after the headline in which a time of publication is looked for."""
CLOCK = r"(?P<hour>[01]?\d|2[0-3])[:hg](?P<minute>[0-5]\d)"
NUMERIC = re.compile(
    rf"(?:(?<!\d){CLOCK}\D{{0,24}})?(?<![\d/.-])(?P<day>[0-3]?\d)(?P<sep>[/.-])(?P<month>[01]?\d)(?P=sep)(?P<year>(?:19|20)\d\d)(?!\d)"
)
NUMERIC_CLOCK = re.compile(rf"\D{{1,16}}{CLOCK}(?!\d)")
ISO = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.年]\s?(?P<month>[01]?\d)[-/.月]\s?(?P<day>[0-3]?\d)(?!\d)"
)
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
ENGLISH = re.compile(
    r"(?i)\b(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?P<day>[0-3]?\d)(?:st|nd|rd|th)?,? (?P<year>(?:19|20)\d\d)\b"
    r"|\b(?P<day2>[0-3]?\d) (?P<name2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?P<year2>(?:19|20)\d\d)\b"
)
NAMED = re.compile(
    r"(?<!\d)(?P<day>[0-3]?\d)\.?\s(?:de\s)?(?P<name>[^\W\d_]{3,10})\.?\s(?:de\s)?(?P<year>(?:19|20)\d\d)(?!\d)"
)
NAMED_CLOCK = re.compile(r"\D{1,12}(?P<hour>[01]?\d|2[0-3])[:.h](?P<minute>[0-5]\d)(?!\d)")
STEMS = (
    "jan ene gen sty янв", "feb fév fev lut фев", "mar mär mrt мар", "apr abr avr kwi апр", "may mai maj mei mag мая",
    "jun juin giu cze июн", "jul juil lug lip июл", "aug ago aoû sie agu авг", "sep set wrz сен", "oct okt out ott paź окт",
    "nov lis ноя", "dec dez dic déc des gru дек",
)  # fmt: skip
"""How the months begin in eleven languages, in order."""
BESIDE = re.compile(
    r"\s*[|•·]\s*|\s+(?=(?:Publisert|Published|Updated|Oppdatert|Veröffentlicht|Publié|Publicado)\b)"
)
ROLE = re.compile(r"^(?:[^:]{1,24}:\s*|(?:By|Av|Von|Por|Par|Di|Door|Af|Oleh)\s+(?=[^\W\d_a-z]))")
LABEL = re.compile(r"^[\w\s]{2,24}[:：]\s*")


def add_metadata(
    pages: pl.DataFrame, sheet: Sheet, languages: pl.Series, headlines: Mapping[int, int], verdicts: Verdicts,
    signed: Sequence[int],
) -> pl.DataFrame:  # fmt: skip
    """`pages` with title, byline, published_at, language and kind; what the record came with stays."""
    spoken = pl.DataFrame({"document": sheet.frame["document"], "language": languages})
    spoken = spoken.unique("document", keep="first", maintain_order=True)
    pages = pages.join(spoken, on="document", how="left", maintain_order="left")
    found = {
        "title": {document: sheet.texts[row] for document, row in headlines.items()},
        "byline": find_bylines_of(sheet, verdicts, signed),
        "published_at": find_times(sheet, headlines, verdicts),
        "kind": find_kinds(sheet, headlines, verdicts),
    }
    for name, values in found.items():
        mapped = (
            pl.col("document").replace_strict(values, default=None, return_dtype=pl.String)
            if values
            else None
        )
        if name == "kind":
            kind = pl.lit(None, pl.String) if mapped is None else mapped
            pages = pages.with_columns(kind=kind.fill_null("article"))
        elif mapped is not None:
            pages = pages.with_columns(pl.coalesce(name, mapped).alias(name))
    return pages


def find_bylines_of(sheet: Sheet, verdicts: Verdicts, signed: Sequence[int]) -> dict[int, str]:
    """Document -> who wrote it: a byline that goes, else the name that signs the article."""
    found: dict[int, str] = {}
    gone = [row for row in sorted(verdicts.found) if verdicts.reason(row) == "byline"]
    names = [row for row in signed if row not in verdicts and sheet.named[row] and sheet.words[row] >= 2]
    for row in (*gone, *sorted(names)):
        found.setdefault(int(sheet.document[row]), clean_byline(sheet.texts[row]))
    return {document: name for document, name in found.items() if name}


def clean_byline(text: str) -> str:
    """The name in a byline, without what it is called there and what else stands beside it.

    >>> clean_byline("Thực hiện: Vũ Nhạ | Thiết kế: Mai Quế"), clean_byline("Av Oddny Tveit Publisert 3. mai 2024")
    ('Vũ Nhạ', 'Oddny Tveit')
    """
    name = BESIDE.split(LABEL.sub("", text).strip(" -–|"), maxsplit=1)[0]
    return ROLE.sub("", name).strip(" -–|,")


def find_times(sheet: Sheet, headlines: Mapping[int, int], verdicts: Verdicts) -> dict[int, str]:
    """Document -> time of publication, from timestamp lines or short lines beside the headline."""
    found: dict[int, str] = {}
    rows = [row for row in verdicts.found if verdicts.reason(row) == "timestamp"]
    year = sheet.frame.select(short=(pl.col("words") <= 14) & pl.col("text").str.contains(r"(?:19|20)\d\d"))
    dated = set(np.flatnonzero(year["short"].to_numpy() & ~sheet.ends).tolist())
    for row in headlines.values():
        rows += [at for at in range(row, min(row + HEAD_LINES, int(sheet.last[row])) + 1) if at in dated]
    for row in sorted(rows):
        document = int(sheet.document[row])
        if document not in found:
            time = read_time(sheet.texts[row])
            if time:
                found[document] = time
    return found


def read_time(text: str) -> str | None:
    """The date of a line, with its time of day if it has one, in ISO 8601; day before month where numeric.

    >>> read_time("20:37 | 29/07/2022")
    '2022-07-29T20:37'
    >>> read_time("Thứ hai, 5/8/2024, 06:15 (GMT+7)")
    '2024-08-05T06:15'
    >>> read_time("November 20, 2019 - 11:28 AMT")
    '2019-11-20'
    >>> read_time("45/13/2022") is None
    True
    """
    match = NUMERIC.search(text)
    if match:
        clock = match if match["hour"] else NUMERIC_CLOCK.match(text, match.end())
        date = write_date(match["year"], match["month"], match["day"])
        if date and clock and clock["hour"]:
            return f"{date}T{int(clock['hour']):02d}:{clock['minute']}"
        return date
    match = ISO.search(text)
    if match:
        return write_date(match["year"], match["month"], match["day"])
    match = NAMED.search(text)
    month = find_month(match["name"]) if match else None
    if match and month:
        clock = NAMED_CLOCK.match(text, match.end())
        date = write_date(match["year"], str(month), match["day"])
        return f"{date}T{int(clock['hour']):02d}:{clock['minute']}" if date and clock else date
    match = ENGLISH.search(text)
    if match:
        name = (match["name"] or match["name2"]).lower()
        month = next(number for number, full in enumerate(MONTHS, 1) if full.startswith(name))
        return write_date(match["year"] or match["year2"], str(month), match["day"] or match["day2"])
    return None


def find_month(name: str) -> int | None:
    """Number of a month by how its name begins.

    >>> find_month("oktober"), find_month("juillet"), find_month("people")
    (10, 7, None)
    """
    begun = [
        (len(stem), number)
        for number, stems in enumerate(STEMS, 1)
        for stem in stems.split()
        if name.casefold().startswith(stem)
    ]
    return max(begun)[1] if begun else None


def write_date(year: str, month: str, day: str) -> str | None:
    """year-month-day if there is such a day in some month."""
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{year}-{int(month):02d}-{int(day):02d}"
