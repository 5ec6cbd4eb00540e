"""Floors of the strip step on labelled sets: measured here, written down once, never lowered by this command.

    python tests/quality/strip_quality.py SET.jsonl[.gz] ...            measure and check
    python tests/quality/strip_quality.py SET.jsonl[.gz] ... --raise    ... and raise what got better

`strip_floors.json` holds per set its digest and the least that each figure must be (the most, for
`keep_chars_lost`). Exit 1 if a figure is below its floor, 2 if a set is not the one the floor was measured
on. On a set that the weights were fitted on the figures flatter: there only the article's characters that are
lost have a floor, and the `unseen_` figures, which weights gave that never saw a page's site. These come from
`weights.json`; `strip_train.py` measures them anew.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from strip_sets import LabelledSet, read_set

from tasks.strip import StripOptions, learn, observe, strip
from tasks.strip.sheet import measure_lines

FLOORS = Path(__file__).with_name("strip_floors.json")
WEIGHTS = Path(__file__).parents[2] / "tasks" / "strip" / "weights.json"
LOSSES = ("keep_chars_lost", "zone_keep_chars_lost", "pages_losing_over_2_percent")
"""What has a floor on a set that the weights were fitted on."""
LOWER_IS_BETTER = {
    *LOSSES,
    "unseen_all_keep_tokens_lost",
    "unseen_zone_keep_tokens_lost",
    "unseen_all_pages_losing_over_2_percent",
}
MAX_PAGE_LOSS, SHOWN = 0.02, 8
OPTIONS = StripOptions()


def measure(labelled: LabelledSet) -> dict[str, float]:
    """precision, recall, F1 of removed lines and share of the article's characters lost, whole and zone."""
    knowledge = learn(observe(labelled.lines, labelled.pages, options=OPTIONS), options=OPTIONS)
    done = strip(labelled.lines, labelled.pages, knowledge, options=OPTIONS).lines
    removed, chars = share_removed(labelled, done.select("document", "start", "end", "reason").rows())
    figures = score(labelled.labels, removed, chars, labelled.labels >= 0)
    words = measure_lines(labelled.lines)["words"].to_numpy()
    figures["kept_token_f1"] = score_kept(labelled.labels, removed, words)
    worst = list_worst(labelled, removed, chars)
    figures["pages_losing_over_2_percent"] = sum(share > MAX_PAGE_LOSS for share, _ in worst) / len(
        labelled.pages
    )
    for share, page in worst[:SHOWN]:
        print(f"    {share:7.2%} of the article lost: {page}")  # noqa: T201 (a command)
    if labelled.zone.any():
        zone = score(labelled.labels, removed, chars, (labelled.labels >= 0) & labelled.zone)
        figures |= {f"zone_{name}": value for name, value in zone.items()}
    return {name: round(value, 4) for name, value in figures.items()}


def share_removed(
    labelled: LabelledSet, rows: list[tuple[int, int, int, str | None]]
) -> tuple[np.ndarray, np.ndarray]:
    """Per labelled line: whether half of its characters or more go, and its characters."""
    starts = {key: at for at, key in enumerate(labelled.lines.select("document", "start").rows())}
    chars = (labelled.lines["end"] - labelled.lines["start"]).to_numpy()
    gone = np.zeros(len(chars))
    at = 0
    for document, start, end, reason in rows:
        at = starts.get((document, start), at)
        gone[at] += (end - start) * (reason is not None)
    return 2 * gone >= chars, chars


def list_worst(labelled: LabelledSet, removed: np.ndarray, chars: np.ndarray) -> list[tuple[float, str]]:
    """(share of the article's characters lost, page), the worst first; pages that lose nothing are left out."""
    document = labelled.lines["document"].to_numpy()
    keep = labelled.labels == 0
    kept = np.bincount(document, chars * keep)
    lost = np.bincount(document, chars * (keep & removed))
    shares = lost / np.maximum(kept, 1)
    return sorted(
        ((float(shares[page]), labelled.pages["source_path"][int(page)]) for page in np.flatnonzero(lost)),
        reverse=True,
    )


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
        f"unseen_{part}_{figure}": value
        for part, figures in origin["unseen_sites"].items()
        for figure, value in figures.items()
    }


def is_below(name: str, value: float, floor: float) -> bool:
    """Whether a figure is worse than its floor."""
    return value > floor if name in LOWER_IS_BETTER else value < floor


def check(file: Path, floors: dict[str, dict[str, object]], *, raise_floors: bool) -> int:
    """Exit code of one set; prints its figures."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    known = floors.setdefault(file.name, {"sha256": digest, "floors": {}})
    if known["sha256"] != digest:
        print(f"{file} is not the set that its floors were measured on: give it another name")  # noqa: T201 (a command)
        return 2
    least: dict[str, float] = known["floors"]  # type: ignore[assignment]
    code = 0
    figures, unseen = measure(read_set(file)), read_unseen(file.name, digest)
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
    options = parser.parse_args()
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    code = max(check(file, floors, raise_floors=options.raise_floors) for file in options.set)
    if options.raise_floors:
        FLOORS.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
