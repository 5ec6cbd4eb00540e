"""Puts the real output of the commands into the README: python tests/readme.py.

README.md is the template and the result: the fenced blocks `before`, `after` and `text` are filled anew.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHOWN = "chodem.example/gia-lua-12-5.txt"
EXPLAINED = "songque.example/tin-van-cau-vam-lua.txt"
EXPLAINED_ROWS = 12


def decant(*arguments: object) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "flows", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip()


def fill(readme: str, folder: Path) -> str:
    """The README with its blocks as they come out now."""
    import polars as pl

    from tasks.store import Store

    listed = subprocess.run(["git", "ls-files", "raw"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    run = decant("run", folder / "raw", "--out", folder / "clean")
    texts = Store(folder / "clean").scan("documents").filter(pl.col("source_path") == SHOWN)
    explained = decant("explain", EXPLAINED, "--out", folder / "clean").split("\n")[:EXPLAINED_ROWS]
    readme = put(readme, "before", 0, (ROOT / "raw" / SHOWN).read_text("utf-8").strip())
    readme = put(readme, "after", 0, texts.collect()["text"].item())
    readme = put(readme, "text", 0, run)
    return put(readme, "text", 1, "\n".join(explained))


def put(readme: str, language: str, number: int, content: str) -> str:
    """The `number`-th block of a language gets another content."""
    found = list(re.finditer(rf"^```{language}\n(.*?)^```", readme, re.MULTILINE | re.DOTALL))[number]
    trimmed = "\n".join(line.rstrip() for line in content.split("\n"))
    return readme[: found.start(1)] + trimmed + "\n" + readme[found.end(1) :]


def main() -> None:
    """Rewrite README.md."""
    file = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        file.write_text(fill(file.read_text("utf-8"), Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
