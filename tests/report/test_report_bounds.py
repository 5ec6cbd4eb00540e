"""However large a corpus and what is in it, its report is a page for a mail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.job import Job
from tasks.report import MAX_PAGE_BYTES, page, write_report
from tasks.stages import Outcome, run
from tasks.store import Store

Clean = Callable[..., Outcome]

PAGES, LINES, WORDS = 60, 40, 260
SHARED = 6
"""Lines that every page of a site has again, a fact or a word away from the others'."""


def write_huge(raw: Path) -> Path:
    """Pages of lines that are long, hard to escape, near to each other and mended; under a long name."""
    folder = raw / ("<site>&" * 20 + ".example")
    folder.mkdir(parents=True)
    for number in range(PAGES):
        lines = [f'Bản <b>tin</b> & "số" {number} {"<&>" * 400} nói về bến phà']
        for line in range(LINES):
            own = number if line >= SHARED else f"{number % 7} Ð"
            words = (f'<bến{line * WORDS + word}>&"{own}"' for word in range(WORDS))
            lines.append(f"Ngày {own}/4, {' '.join(words)} rồi thôi. Ðông Ngàn.")
        (folder / f"{'&' * 80}{number}.txt").write_text("\n".join(lines), "utf-8")
    (raw / "bad.jsonl").write_text("".join(f'{{"{"<&>" * 3000}": {n}}}\n' for n in range(50)), "utf-8")
    return raw


def test_a_corpus_of_huge_samples_has_a_small_report(tmp_path: Path) -> None:
    run(Job(write_huge(tmp_path / "raw"), tmp_path / "clean"))
    html = write_report(Store(tmp_path / "clean"))
    assert 1_000_000 < len(html.encode()) < MAX_PAGE_BYTES
    for section in (
        "flow",
        "reasons",
        "templates",
        "clusters",
        "misses",
        "repairs",
        "quarantine",
        "documents",
    ):
        assert f'<section id="{section}">' in html


@pytest.mark.parametrize("kilobytes", [70, 50])
def test_what_does_not_fit_is_left_out(
    kilobytes: int, clean: Clean, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean()
    whole = write_report(Store(out))
    monkeypatch.setattr(page, "MAX_PAGE_BYTES", kilobytes * 1000)
    html = write_report(Store(out))
    assert len(html.encode()) <= kilobytes * 1000 < len(whole.encode())
    assert "paragraphs went in." in html
