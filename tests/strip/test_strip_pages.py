"""Whole pages, line by line against their labels: what may be lost, what may be left."""

from collections.abc import Iterator
from typing import NamedTuple

from strip.pages_of_lines import CASES, run

MIN_PRECISION, MIN_RECALL, MAX_CHARS_LOST = 0.99, 0.9, 0.003


class Page(NamedTuple):
    """A page of `pages.txt`: its language, its name and (label, line) pairs."""

    language: str
    name: str
    lines: list[tuple[str, str]]


def read_pages() -> Iterator[Page]:
    page: Page | None = None
    for row in (CASES / "pages.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("==="):
            if page:
                yield page
            _, language, site, name = row.split()
            page = Page(language, f"{site} {name}", [])
        elif page and row:
            page.lines.append((row[0], row[2:]))
    assert page
    yield page


PAGES = list(read_pages())


def judge() -> list[tuple[Page, str, str, bool]]:
    """page, label, line, whether it goes."""
    done = run([[line for _, line in page.lines] for page in PAGES], [page.name for page in PAGES]).lines
    gone = {
        (document, line): reason
        for document, line, reason in done.select("document", "line", "reason").rows()
    }
    return [
        (page, label, line, gone[document, number] is not None)
        for document, page in enumerate(PAGES)
        for number, (label, line) in enumerate(page.lines, 1)
    ]


def test_there_are_enough_pages_in_enough_languages() -> None:
    assert len(PAGES) >= 12
    assert len({page.language for page in PAGES}) >= 6
    assert all({label for label, _ in page.lines} <= {"+", "-", "?"} for page in PAGES)


def test_what_goes_is_not_the_article_and_what_is_not_the_article_goes() -> None:
    judged = judge()
    lost = [(page.name, line) for page, label, line, gone in judged if label == "+" and gone]
    left = [(page.name, line) for page, label, line, gone in judged if label == "-" and not gone]
    right = sum(gone for _, label, _, gone in judged if label == "-")
    article = sum(len(line) for _, label, line, _ in judged if label == "+")
    assert right / (right + len(lost)) >= MIN_PRECISION, lost
    assert right / (right + len(left)) >= MIN_RECALL, left
    assert sum(len(line) for _, line in lost) / article <= MAX_CHARS_LOST, lost


def test_no_page_loses_more_than_a_fiftieth_of_its_article() -> None:
    judged = judge()
    for page in PAGES:
        mine = [(line, gone) for of, label, line, gone in judged if of is page and label == "+"]
        lost = [line for line, gone in mine if gone]
        assert sum(map(len, lost)) <= 0.02 * sum(len(line) for line, _ in mine), (page.name, lost)
