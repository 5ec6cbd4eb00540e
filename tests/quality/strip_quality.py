"""Floors of the strip step on labelled sets: measured here, written down once, never lowered by this command.

    python tests/quality/strip_quality.py SET.jsonl[.gz] ...            measure and check
    python tests/quality/strip_quality.py SET.jsonl[.gz] ... --raise    ... and raise what got better

`strip_floors.json` holds per set its digest and the least that each figure must be (the most, for
`keep_chars_lost`). Exit 1 if a figure is below its floor, 2 if a set is not the one the floor was measured
on. On a set that the weights were fitted on the figures flatter: there only the article's characters that are
lost have a floor, and the `unseen_` and `careful_` figures, which weights gave that never saw a page's site: at even
odds, which says how well they tell lines apart, and with the care that the program takes. These come from
`weights.json`; `strip_train.py` measures them anew.

Below each set stand the --pages pages that lose most of their article, by weak evidence (rule `model`) and by strong.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from strip_pages import count_losing, list_losses, print_losses
from strip_sets import LabelledSet, read_set

from tasks.strip import StripOptions, learn, observe, strip
from tasks.strip.sheet import measure_lines

FLOORS = Path(__file__).with_name("strip_floors.json")
WEIGHTS = Path(__file__).parents[2] / "tasks" / "strip" / "weights.json"
LOSSES = (
    "keep_chars_lost",
    "zone_keep_chars_lost",
    "pages_losing_over_2_percent",
    "pages_losing_over_2_percent_by_weights",
)
"""What has a floor on a set that the weights were fitted on."""
UNSEEN = {"unseen": "unseen_sites", "careful": "unseen_sites_careful"}
WEAK_RULES = ("model", "markup")
SHOWN = 8
OPTIONS = StripOptions()


def measure(labelled: LabelledSet, shown: int) -> dict[str, float]:
    """precision, recall, F1 of removed lines and share of the article's characters lost, whole and zone."""
    knowledge = learn(observe(labelled.lines, labelled.pages, options=OPTIONS), options=OPTIONS)
    done = strip(labelled.lines, labelled.pages, knowledge, options=OPTIONS).lines
    removed, chars = share_removed(labelled, done, pl.col("reason").is_not_null())
    weak, _ = share_removed(labelled, done, pl.col("rule").is_in(WEAK_RULES).fill_null(value=False))
    figures = score(labelled.labels, removed, chars, labelled.labels >= 0)
    words = measure_lines(labelled.lines)["words"].to_numpy()
    figures["kept_token_f1"] = score_kept(labelled.labels, removed, words)
    losses = list_losses(labelled, removed, weak)
    figures |= count_losing(losses, len(labelled.pages))
    print_losses(losses, shown)
    if labelled.zone.any():
        zone = score(labelled.labels, removed, chars, (labelled.labels >= 0) & labelled.zone)
        figures |= {f"zone_{name}": value for name, value in zone.items()}
    return {name: round(value, 4) for name, value in figures.items()}


def share_removed(
    labelled: LabelledSet, lines: pl.DataFrame, chosen: pl.Expr
) -> tuple[np.ndarray, np.ndarray]:
    """Per labelled line: whether half of its characters or more are in chosen lines, and its characters."""
    starts = {key: at for at, key in enumerate(labelled.lines.select("document", "start").rows())}
    chars = (labelled.lines["end"] - labelled.lines["start"]).to_numpy()
    gone = np.zeros(len(chars))
    owner = -1
    for document, start, end, is_chosen in lines.select(
        "document", "start", "end", chosen=chosen
    ).iter_rows():
        owner = starts.get((document, start), owner)
        gone[owner] += (end - start) * is_chosen
    return 2 * gone >= chars, chars


def score(labels: np.ndarray, removed: np.ndarray, chars: np.ndarray, chosen: np.ndarray) -> dict[str, float]:
    """The figures over the chosen lines."""
    right = float((removed & chosen & (labels == 1)).sum())
    wrong = removed & chosen & (labels == 0)
    wanted = float((chosen & (labels == 1)).sum())
    precision = right / max(1.0, right + wrong.sum())
    recall = right / max(1.0, wanted)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "keep_chars_lost": float(chars[wrong].sum()) / max(1.0, float(chars[chosen & (labels == 0)].sum())),
    }


def score_kept(labels: np.ndarray, removed: np.ndarray, words: np.ndarray) -> float:
    """F1 of the kept text against the article, each line weighed by its words."""
    good = float(words[(labels == 0) & ~removed].sum())
    wrong = float(words[((labels == 0) & removed) | ((labels == 1) & ~removed)].sum())
    return 2 * good / max(1.0, 2 * good + wrong)


def read_unseen(name: str, digest: str) -> dict[str, float]:
    """What pages of unseen sites gave when the weights were fitted, if they were fitted on this very set.

    The figures are as old as the weights: `strip_train.py` measures them anew.
    """
    origin = json.loads(WEIGHTS.read_text(encoding="utf-8"))["origin"]
    if origin["sets"].get(name) != digest:
        return {}
    return {
        f"{name}_{part}_{figure}": value
        for name, key in UNSEEN.items()
        for part, figures in origin[key].items()
        for figure, value in figures.items()
    }


def is_below(name: str, value: float, floor: float) -> bool:
    """Whether a figure is worse than its floor."""
    return value > floor if "_lost" in name or "_losing_" in name else value < floor


def check(file: Path, floors: dict[str, dict[str, object]], *, raise_floors: bool, shown: int) -> int:
    """Exit code of one set; prints its figures."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    known = floors.setdefault(file.name, {"sha256": digest, "floors": {}})
    if known["sha256"] != digest:
        print(f"{file} is not the set that its floors were measured on: give it another name")  # noqa: T201 (a command)
        return 2
    least: dict[str, float] = known["floors"]  # type: ignore[assignment]
    code = 0
    figures, unseen = measure(read_set(file), shown), read_unseen(file.name, digest)
    floored = {*(LOSSES if unseen else figures), *unseen}
    for name, value in (figures | unseen).items():
        floor = least.get(name)
        bad = floor is not None and is_below(name, value, floor)
        code = max(code, int(bad))
        mark = "  BELOW" if bad else ""
        print(f"{file.name:28} {name:34} {value:8.4f}  floor {'-' if floor is None else floor}{mark}")  # noqa: T201 (a command)
        if raise_floors and name in floored and (floor is None or is_below(name, floor, value)):
            least[name] = value
    return code


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, nargs="+", metavar="SET.jsonl[.gz]")
    parser.add_argument("--raise", dest="raise_floors", action="store_true", help="write better figures down")
    parser.add_argument(
        "--pages", type=int, default=SHOWN, help="how many of the pages that lose most are listed"
    )
    options = parser.parse_args()
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    code = max(
        check(file, floors, raise_floors=options.raise_floors, shown=options.pages) for file in options.set
    )
    if options.raise_floors:
        FLOORS.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
