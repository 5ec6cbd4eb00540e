"""The samples under `raw/`, cleaned by the real command, line by line against what they should become.

`cases/samples.json` says of every line of every sample whether it stays, goes (with which reasons) or may
do either, how it reads after repair, which copy stands for which, and which look-alikes both stay.
"""

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tasks.read.pages import parse_html

Row = dict[str, Any]
Place = tuple[str, int, int]

RAW = Path(__file__).parents[1] / "raw"
CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "samples.json").read_text("utf-8"))
DOCUMENTS: list[Row] = CASES["documents"]

MAX_RAW_BYTES = 100_000
"""The samples are something to read, not a corpus: their size is part of what a clone costs."""


class Corpus(NamedTuple):
    """What one run over the samples wrote."""

    summary: subprocess.CompletedProcess[str]
    paragraphs: dict[Place, list[Row]]  # by source, record and line, in order
    documents: dict[tuple[str, int], Row]
    ids: dict[tuple[str, int], Row]  # by document id and paragraph

    def at(self, where: Place) -> list[Row]:
        """The ledger's rows of one line; none if the ledger does not know it."""
        return self.paragraphs.get(where, [])


def decant(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, from a folder without a configuration."""
    return subprocess.run(
        [sys.executable, "-m", "flows", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def export(table: str, folder: Path) -> list[Row]:
    target = folder / f"{table}.jsonl"
    done = decant("export", table, "--out", "clean", "--format", "jsonl", "--to", str(target), cwd=folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in target.read_text("utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The samples alone, whatever else lies in `raw/`, through `decant run`."""
    folder = tmp_path_factory.mktemp("samples")
    for source in {document["source"] for document in DOCUMENTS}:
        (folder / "raw" / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(RAW / source, folder / "raw" / source)
    summary = decant("run", "raw", "--out", "clean", "--workers", "1", "--json", cwd=folder)
    assert summary.returncode == 0, summary.stderr
    paragraphs: dict[Place, list[Row]] = defaultdict(list)
    ids = {}
    ledger = export("paragraphs", folder)
    for row in sorted(ledger, key=lambda row: (row["source_path"], row["source_record"], row["paragraph"])):
        paragraphs[row["source_path"], row["source_record"], row["line"]].append(row)
        ids[row["document_id"], row["paragraph"]] = row
    documents = {(row["source_path"], row["source_record"]): row for row in export("documents", folder)}
    return Corpus(summary, dict(paragraphs), documents, ids)


def name(document: Row) -> str:
    return f"{Path(document['source']).stem}:{document['record']}"


def place(document: Row, line: Row) -> Place:
    return document["source"], document["record"], line["line"]


def lines_of(document: Row, verdict: str) -> list[Row]:
    return [line for line in document["lines"] if line.get("verdict") == verdict]


def shown(rows: list[Row]) -> list[tuple[str, str | None, str | None, str]]:
    return [(row["verdict"], row["reason"], row["rule"], row["text"]) for row in rows]


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


UNDAMAGED = [document for document in DOCUMENTS if "damage" not in document and "repaired" not in document]


@pytest.mark.parametrize("document", UNDAMAGED, ids=name)
def test_the_case_file_quotes_the_sample(document: Row) -> None:
    content = (RAW / document["source"]).read_text("utf-8")
    if document["source"].endswith(".html"):
        content = parse_html(content).text
    if document["source"].endswith(".jsonl"):
        content = json.loads(content.split("\n")[document["record"]])["text"]
    raw = [line.strip() for line in re.split(r"\r\n|\n|\r", content)]
    quoted = {
        line["line"]: line["text"] if "text" in line else "".join(part["text"] for part in line["parts"])
        for line in document["lines"]
    }
    held = {number: text for number, text in enumerate(raw, 1) if text}
    assert {number: "".join(text.split()) for number, text in quoted.items()} == {
        number: "".join(text.split()) for number, text in held.items()
    }


def test_the_samples_are_small() -> None:
    sources = {document["source"] for document in DOCUMENTS}
    assert sum((RAW / source).stat().st_size for source in sources) < MAX_RAW_BYTES


def test_the_samples_in_other_encodings_are_what_they_claim_to_be() -> None:
    damage = {
        document["damage"]: (RAW / document["source"]).read_bytes()
        for document in DOCUMENTS
        if "damage" in document
    }
    assert set(damage) == {"cp1258", "tcvn3", "nfd", "wrapped"}
    for charset in ("cp1258", "tcvn3"):
        with pytest.raises(UnicodeDecodeError):
            damage[charset].decode("utf-8")
    decomposed = damage["nfd"].decode("utf-8")
    assert unicodedata.is_normalized("NFD", decomposed)
    assert not unicodedata.is_normalized("NFC", decomposed)


def test_every_line_is_in_the_ledger(corpus: Corpus) -> None:
    expected = {place(document, line) for document in DOCUMENTS for line in document["lines"]}
    assert set(corpus.paragraphs) == expected


@every_document
def test_what_is_article_stays_and_reads_right(corpus: Corpus, document: Row) -> None:
    wrong = []
    for line in lines_of(document, "kept"):
        rows = corpus.at(place(document, line))
        if [(row["verdict"], row["text"]) for row in rows] != [("kept", line["text"])]:
            wrong.append((line["line"], line["text"], shown(rows)))
    assert not wrong, "\n".join(map(str, wrong))


@every_document
def test_what_is_no_article_goes_with_a_reason_that_fits(corpus: Corpus, document: Row) -> None:
    wrong = []
    for line in lines_of(document, "removed"):
        rows = corpus.at(place(document, line))
        if not rows or any(
            row["verdict"] != "removed" or row["reason"] not in line["reasons"] for row in rows
        ):
            wrong.append((line["line"], line["text"], line["reasons"], shown(rows)))
    assert not wrong, "\n".join(map(str, wrong))


@every_document
def test_a_line_that_is_half_boilerplate_is_divided(corpus: Corpus, document: Row) -> None:
    for line in (line for line in document["lines"] if "parts" in line):
        rows = corpus.at(place(document, line))
        kept = [row["text"] for row in rows if row["verdict"] == "kept"]
        assert kept == [part["text"] for part in line["parts"] if part["verdict"] == "kept"], shown(rows)
        gone = [row for row in rows if row["verdict"] == "removed"]
        allowed = {reason for part in line["parts"] for reason in part.get("reasons", ())}
        text = "".join("".join(row["text"].split()) for row in gone)
        assert text == "".join("".join(part["text"].split()) for part in line["parts"] if "reasons" in part)
        assert {row["reason"] for row in gone} <= allowed


@every_document
def test_what_is_known_of_a_page_is_in_its_columns(corpus: Corpus, document: Row) -> None:
    row = corpus.documents.get((document["source"], document["record"]))
    if not lines_of(document, "kept"):
        assert row is None
        return
    assert row is not None
    columns = {
        "title": "title",
        "site": "site",
        "kind": "kind",
        "language": "language",
        "charset": "source_charset",
    }
    wrong = {}
    for key, column in columns.items():
        right = document.get(key, row[column])
        if row[column] not in (right if isinstance(right, list) else [right]):  # a list: any of these
            wrong[column] = row[column]
    if document.get("byline", "") not in (row["byline"] or ""):
        wrong["byline"] = row["byline"]
    if not (row["published_at"] or "").startswith(document.get("published", "")):
        wrong["published_at"] = row["published_at"]
    assert not wrong, wrong


@every_document
def test_damaged_words_are_repaired_and_it_is_recorded(corpus: Corpus, document: Row) -> None:
    for repaired in document.get("repaired", ()):
        rows = corpus.at(place(document, repaired))
        assert any(repaired["before"] in row["raw"] for row in rows), shown(rows)
        assert all(repaired["before"] == " " or repaired["before"] not in row["text"] for row in rows), shown(
            rows
        )
        assert any(repaired["after"] in row["text"] for row in rows), shown(rows)
        assert any(row["repairs"] for row in rows)


def test_a_text_that_differs_from_its_raw_says_which_repair_did_it(corpus: Corpus) -> None:
    rows = [row for rows in corpus.paragraphs.values() for row in rows]
    unexplained = [row["raw"] for row in rows if row["raw"] != row["text"] and not row["repairs"]]
    assert unexplained == []
    idle = [row["raw"] for row in rows if row["raw"] == row["text"] and row["repairs"]]
    assert idle == []


def the_row(corpus: Corpus, where: Row) -> Row:
    (row,) = corpus.at((where["source"], where["record"], where["line"]))
    return row


def kept_copy(corpus: Corpus, row: Row) -> Row | None:
    return corpus.ids.get((row["duplicate_of_document"], row["duplicate_of_paragraph"]))


@pytest.mark.parametrize(
    "case", CASES["pointers"], ids=lambda case: f"{name(case['removed'])}:{case['removed']['line']}"
)
def test_a_copy_names_the_text_that_stands_for_it(corpus: Corpus, case: Row) -> None:
    removed, kept = the_row(corpus, case["removed"]), the_row(corpus, case["kept"])
    assert (removed["verdict"], kept["verdict"]) == ("removed", "kept"), shown([removed, kept])
    assert removed["reason"] in case["reasons"]
    if removed["reason"] == "husk" or removed["reason"].startswith("duplicate_"):
        assert kept_copy(corpus, removed) == kept


@pytest.mark.parametrize("case", CASES["one_of_two"], ids=lambda case: case["comment"])
def test_of_two_equal_texts_one_stays(corpus: Corpus, case: Row) -> None:
    pair = [the_row(corpus, where) for where in case["pair"]]
    kept, removed = sorted(pair, key=lambda row: row["verdict"])
    assert (kept["verdict"], removed["verdict"]) == ("kept", "removed"), shown(pair)
    assert removed["reason"].startswith("duplicate_")
    assert kept_copy(corpus, removed) == kept


@pytest.mark.parametrize(
    "case",
    CASES["apart"],
    ids=lambda case: f"{name(case['pair'][0])}:{case['pair'][0]['line']} {case['comment']}",
)
def test_look_alikes_both_stay(corpus: Corpus, case: Row) -> None:
    pair = [the_row(corpus, where) for where in case["pair"]]
    assert [row["verdict"] for row in pair] == ["kept", "kept"], shown(pair)


def test_every_copy_that_stands_for_another_is_kept(corpus: Corpus) -> None:
    for row in (row for rows in corpus.paragraphs.values() for row in rows):
        if row["duplicate_of_document"] is not None:
            copy = kept_copy(corpus, row)
            assert copy is not None, row
            assert copy["verdict"] == "kept", (row["text"], copy["text"])


def test_a_document_is_its_kept_paragraphs(corpus: Corpus) -> None:
    kept: dict[tuple[str, int], list[str]] = defaultdict(list)
    for rows in corpus.paragraphs.values():
        for row in rows:
            if row["verdict"] == "kept":
                kept[row["source_path"], row["source_record"]].append(row["text"])
    assert {key: row["text"] for key, row in corpus.documents.items()} == {
        key: "\n".join(texts) for key, texts in kept.items()
    }


def test_the_run_counts_what_it_read(corpus: Corpus) -> None:
    summary = json.loads(corpus.summary.stdout)
    ledger = [row["verdict"] for rows in corpus.paragraphs.values() for row in rows]
    assert summary["inputs_seen"] == len({document["source"] for document in DOCUMENTS})
    assert (summary["paragraphs_kept"], summary["paragraphs_removed"]) == (
        ledger.count("kept"),
        ledger.count("removed"),
    )
