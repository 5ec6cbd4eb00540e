"""The commands as a person meets them: help, output, exit codes."""

import json
from pathlib import Path

import polars as pl
import pytest
from command_line import decant, start

COMMANDS = (
    *("run", "verify", "explain", "export", "compare", "history", "schema", "check"),
    *("report", "sample", "mark", "suggest", "new-site", "diff"),
    *("restore", "compact", "forget", "serve"),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from small_corpus import write_raw

    folder = tmp_path_factory.mktemp("commands")
    write_raw(folder / "raw")
    (folder / "raw" / "bad.jsonl").write_text('{"no": "text"}\n', "utf-8")
    done = start("run", folder / "raw", "--out", folder / "clean", "--json")
    assert done.returncode == 1, done.stderr
    summary = json.loads(done.stdout)
    assert summary["quarantined"] == 1
    assert summary["documents"] == 5
    assert [*summary["stages"]] == ["plan", "read", "repair", "strip", "match", "write"]
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str) -> None:
    done = decant(command, "--help")
    assert done.returncode == 0
    assert f"decant {command}" in " ".join(done.stdout.split())
    assert "Example" in done.stdout


def test_a_run_ends_in_a_short_table(corpus: Path) -> None:
    done = decant("run", corpus / "raw", "--out", corpus / "clean")
    assert done.returncode == 0, "what was bad before is no news"
    for word in ("inputs", "documents", "paragraphs kept", "removed", "quarantined", "done in"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout + done.stderr, "a pipe sees plain text"


def test_a_dry_run_says_that_nothing_is_to_be_done(corpus: Path) -> None:
    done = decant("run", corpus / "raw", "--out", corpus / "clean", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Nothing was changed (--dry-run)." in done.stdout


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import version

    assert start("--version").stdout == f"decant {version('decant-corpus')}\n"


def test_a_later_run_says_what_it_did_itself(tmp_path: Path) -> None:
    from small_corpus import write_raw

    write_raw(tmp_path / "raw")
    assert "this run" not in decant("run", cwd=tmp_path).stdout, "the table says it all"
    assert "+0 documents, +0 kept, +0 removed; 0 paragraphs" in decant("run", cwd=tmp_path).stdout
    (tmp_path / "raw/chodem.example/lu.txt").unlink()
    assert "+0 documents, -1 kept, -3 removed" in decant("run", cwd=tmp_path).stdout, (
        "three of four come back"
    )


def test_explain_writes_a_page_and_tells_of_a_site(corpus: Path, tmp_path: Path) -> None:
    out = ("--out", corpus / "clean")
    assert decant("explain", "dump.jsonl", "--html", tmp_path / "page.html", *out).returncode == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count('<article class="doc alone"') == 2
    told = decant("explain", "--site", "songque.example", *out).stdout
    assert told.startswith("songque.example: 2 documents")
    assert decant("explain", *out).returncode == 2


def test_a_husk_is_not_said_to_be_held_itself(corpus: Path, tmp_path: Path) -> None:
    from small_corpus import FLOOD, write_raw

    write_raw(tmp_path / "raw")
    (tmp_path / "raw/vang.example").mkdir()
    (tmp_path / "raw/vang.example/a.txt").write_text(f"Nước rút rồi\n{FLOOD[0]}\n", "utf-8")
    decant("run", cwd=tmp_path)
    told = decant("explain", "vang.example/a.txt:1", cwd=tmp_path).stdout
    assert "this document's paragraph 1 is held by chodem.example/lu.txt:2" in told


def test_raw_and_clean_have_defaults(corpus: Path) -> None:
    done = start("run", cwd=corpus)
    assert done.returncode == 0, done.stderr
    assert start("verify", cwd=corpus).returncode == 0


def test_verify_says_that_it_is_whole_or_what_is_not(corpus: Path, tmp_path: Path) -> None:
    import shutil

    assert "is whole" in decant("verify", "--out", corpus / "clean").stdout
    copy = shutil.copytree(corpus / "clean", tmp_path / "copy")
    next(copy.glob("documents/*.parquet")).unlink()
    done = decant("verify", "--out", copy)
    assert done.returncode == 1
    assert "documents" in done.stdout
    assert "missing" in done.stdout
    assert "Traceback" not in done.stderr


def test_explain_gives_every_line_its_reason_and_the_kept_copy(corpus: Path) -> None:
    done = decant("explain", "songque.example/lu-rut.txt", "--out", corpus / "clean")
    assert done.returncode == 0
    assert "kept" in done.stdout
    assert "source_credit" in done.stdout
    assert "held by chodem.example/lu.txt:2: (CĐ) - Sáng 3/4" in done.stdout
    one = decant("explain", "songque.example/lu-rut.txt:5", "--out", corpus / "clean", "--json")
    assert [json.loads(line)["reason"] for line in one.stdout.splitlines()] == ["source_credit"]
    assert (
        "mended (mojibake)"
        in decant("explain", "chodem.example/broken.txt", "--out", corpus / "clean").stdout
    )


@pytest.mark.parametrize("file_format", ["parquet", "jsonl", "csv"])
@pytest.mark.parametrize("table", ["documents", "paragraphs", "sources", "duplicates", "quarantine", "runs"])
def test_every_table_is_exported_in_every_format(
    table: str, file_format: str, corpus: Path, tmp_path: Path
) -> None:
    from tasks.export import export_table
    from tasks.schemas import TABLES
    from tasks.store import Store

    file = tmp_path / f"{table}.{file_format}"
    rows = export_table(Store(corpus / "clean"), table, file, file_format)
    read = {"parquet": pl.read_parquet, "jsonl": pl.read_ndjson, "csv": pl.read_csv}[file_format]
    found = read(file)  # type: ignore[operator]
    assert found.height == rows > 0
    assert found.columns == TABLES[table].schema.names()


def test_export_names_its_file_after_the_table(corpus: Path) -> None:
    done = decant("export", "documents", "--format", "jsonl", cwd=corpus)
    assert done.returncode == 0
    assert "5 rows of documents in documents.jsonl" in done.stderr
    rows = [json.loads(line) for line in (corpus / "documents.jsonl").read_text("utf-8").splitlines()]
    assert [row["source_path"] for row in rows] == sorted(row["source_path"] for row in rows)


def test_compare_answers_pair_by_pair(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    text = "Hơn 300 hộ dân ven sông đã được đưa đến nơi an toàn trước khi bão vào bờ."
    rows = [(text, text), (text, text.replace("300", "500")), (text, f"{text} Trường học đóng cửa hai ngày.")]
    pairs.write_text("\n".join(json.dumps({"a": a, "b": b}) for a, b in rows), "utf-8")
    answers = [json.loads(line) for line in decant("compare", pairs).stdout.splitlines()]
    assert [answer["decision"] for answer in answers] == ["same", "distinct", "a_in_b"]
    assert all({"edits", "reason"} <= answer.keys() for answer in answers)


def test_history_lists_the_runs(corpus: Path) -> None:
    done = decant("history", "--out", corpus / "clean")
    assert done.stdout.split()[0] == "version"
    assert len(done.stdout.splitlines()) >= 2


WRONG = {
    "no such folder": (("run", "nowhere", "--out", "new"), "There is no folder nowhere"),
    "no such option": (("run", "raw", "--wrong"), "--wrong"),
    "no such command": (("rum",), "rum"),
    "no such configuration": (
        ("run", "raw", "--out", "new", "--config", "none.toml"),
        "none.toml cannot be read",
    ),
    "a broken configuration": (("run", "raw", "--out", "new", "--config", "broken.toml"), "no valid TOML"),
    "an unknown key": (
        ("run", "raw", "--out", "new", "--config", "unknown.toml"),
        "Did you mean 'min_words'",
    ),
    "an unknown reason": (
        ("run", "raw", "--out", "new", "--config", "reason.toml"),
        "Did you mean 'caption'",
    ),
    "a value of the wrong kind": (
        ("run", "raw", "--out", "new", "--config", "kind.toml"),
        "match.min_words is wrong: it holds 'many', and must be a whole number",
    ),
    "a switch that is none": (
        ("run", "raw", "--out", "new", "--config", "switch.toml"),
        "must be one of 'drop' or 'keep'",
    ),
    "a text for a list": (
        ("run", "raw", "--out", "new", "--config", "list.toml"),
        "read.fields.text is wrong: it holds 5, and must be a list",
    ),
    "no such version": (("restore", "99", "--out", "clean"), "has no version 99 to go back to"),
    "nothing to forget": (
        ("forget", "lu-rut.txt", "--yes", "--out", "clean"),
        "Did you mean songque.example/lu-rut",
    ),
    "forgetting unasked": (("forget", "lu-rut.txt", "--out", "clean"), "If that is meant, add --yes."),
    "no corpus to compact": (("compact", "--out", "new"), "holds no corpus yet"),
    "no versions to keep": (("compact", "--out", "clean", "--keep-versions", "0"), "is 1 or more"),
    "no such part": (("run", "raw", "--out", "clean", "--only", "moon"), "Write site=HOST"),
    "no such schedule": (("serve", "raw", "--cron", "at three"), "has not five fields"),
    "no raw to serve": (("serve", "nowhere"), "There is no folder nowhere"),
    "no such choice": (("serve", "raw", "--if-running", "panic"), "Use wait or cancel"),
    "a share that is none": (("run", "raw", "--out", "new", "--config", "share.toml"), "between 0 and 1"),
    "a size that is none": (("run", "raw", "--out", "new", "--config", "size.toml"), "must be 1 or more"),
    "an unknown engine": (("run", "raw", "--out", "new", "--engine", "moon"), "--engine moon"),
    "an engine without a port": (
        ("run", "raw", "--out", "new", "--engine", "tcp://host"),
        "needs a host and a port",
    ),
    "a dry run on no engine": (("run", "raw", "--engine", "moon", "--dry-run"), "--engine moon"),
    "an unknown rule": (
        ("run", "raw", "--out", "new", "--config", "off.toml"),
        "Did you mean 'repeated_headline'",
    ),
    "marks that are not there": (
        ("run", "raw", "--out", "new", "--config", "marks.toml"),
        "which is not there, and without it no mark would be heard",
    ),
    "marks that are no file": (
        ("run", "raw", "--out", "new", "--config", "three.toml"),
        "marks is wrong: it holds 3, and must name a file in quotes",
    ),
    "marks of no file to mark in": (
        ("mark", "chodem.example/lu.txt:2", "keep", "--why", "x", "--out", "clean", "--config", "three.toml"),
        "must name a file in quotes",
    ),
    "an ending that is none": (
        ("export", "documents", "--out", "clean", "--to", "x.zzz"),
        "x.zzz ends in no format. Let it end in .parquet, .jsonl, .csv, .jsonl.gz, .jsonl.zst",
    ),
    "packed Parquet": (
        ("export", "documents", "--out", "clean", "--to", "x.parquet.gz"),
        "ends in no format",
    ),
    "a table of a dataset": (
        ("export", "documents", "--out", "clean", "--dataset", "new"),
        "--dataset writes all tables as they are now. Leave out TABLE, or --dataset.",
    ),
    "a language spelt out": (
        ("export", "duplicates", "--out", "clean", "--language", "Vietnamese"),
        "is no code of a language",
    ),
    "no corpus": (("verify", "--out", "new"), "holds no corpus yet"),
    "no corpus to export": (("export", "documents", "--out", "new"), "holds no corpus yet"),
    "no such table": (("export", "document", "--out", "clean"), "The tables are"),
    "no such format": (("export", "documents", "--out", "clean", "--format", "xml"), "The formats are"),
    "a full device": (("export", "documents", "--out", "clean", "--to", "/dev/full"), "cannot be written"),
    "no such source": (("explain", "lu-rut.txt", "--out", "clean"), "Did you mean songque.example/lu-rut"),
    "a source in quarantine": (("explain", "bad.jsonl", "--out", "clean"), "is in quarantine"),
    "no pairs": (("compare", "nowhere.jsonl"), "cannot be read"),
    "pairs that are none": (("compare", "broken.toml"), "is no row"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_exits_2_with_a_hint_and_changes_nothing(name: str, corpus: Path) -> None:
    (corpus / "broken.toml").write_text("this is [not toml", "utf-8")
    (corpus / "unknown.toml").write_text("[match]\nmin_word = 3\n", "utf-8")
    (corpus / "reason.toml").write_text('[policy]\ncaptoin = "label"\n', "utf-8")
    (corpus / "share.toml").write_text("[strip]\nmin_removal_probability = 1\n", "utf-8")
    (corpus / "size.toml").write_text("[match]\nmax_index_mb = 0\n", "utf-8")
    (corpus / "switch.toml").write_text('gone = "perhaps"\n', "utf-8")
    (corpus / "list.toml").write_text("[read.fields]\ntext = 5\n", "utf-8")
    (corpus / "kind.toml").write_text('[match]\nmin_words = "many"\n', "utf-8")
    (corpus / "off.toml").write_text('[strip]\noff = ["repeated_headlines"]\n', "utf-8")
    (corpus / "marks.toml").write_text('marks = "decant.mraks.jsonl"\n', "utf-8")
    (corpus / "three.toml").write_text("marks = 3\n", "utf-8")
    arguments, hint = WRONG[name]
    done = decant(*arguments, cwd=corpus)
    assert done.returncode == 2, done.stdout + done.stderr
    assert hint in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list((corpus / "new").rglob("*.parquet"))


def test_an_export_to_a_link_leaves_the_link(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("old", "utf-8")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    done = decant("export", "documents", "--out", corpus / "clean", "--to", tmp_path / "link.jsonl")
    assert done.returncode == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len((tmp_path / "real.jsonl").read_text("utf-8").splitlines()) == 5


@pytest.mark.parametrize("table", ["paragraphs", "runs"])
@pytest.mark.parametrize(
    "command", ["verify", "explain songque.example/lu-rut.txt", "export documents --to -"]
)
def test_a_damaged_corpus_ends_in_a_sentence(command: str, table: str, corpus: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(corpus / "clean", tmp_path / "copy")
    for file in copy.glob(f"{table}/*.parquet"):
        file.write_bytes(file.read_bytes()[:100])
    done = decant(*command.split(), "--out", copy)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1 if command == "verify" else done.returncode in (0, 2)


@pytest.mark.parametrize("table", ["paragraphs", "runs"])
def test_verify_names_a_table_that_is_gone(table: str, corpus: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(corpus / "clean", tmp_path / "copy")
    shutil.rmtree(copy / table)
    done = decant("verify", "--out", copy)
    assert done.returncode == 1
    assert table in done.stdout
