"""What each page of a labelled set loses of its article, by strong and by weak evidence."""

from typing import NamedTuple

import numpy as np
from strip_sets import LabelledSet

MAX_PAGE_LOSS = 0.02


class PageLoss(NamedTuple):
    """Shares (0..1) of the article's characters that one page loses; `weak` by weighing alone, `strong` by rules."""

    weak: float
    strong: float
    page: str


def list_losses(labelled: LabelledSet, removed: np.ndarray, weak: np.ndarray) -> list[PageLoss]:
    """Pages that lose something, those first that lose most by weak evidence.

    `removed` are all lines that go, `weak` those that weak evidence takes; one flag per line of the set.
    """
    chars = (labelled.lines["end"] - labelled.lines["start"]).to_numpy()
    document = labelled.lines["document"].to_numpy()
    keep = labelled.labels == 0
    kept = np.maximum(np.bincount(document, chars * keep), 1)
    shares = [
        np.bincount(document, chars * (keep & gone)) / kept for gone in (removed & weak, removed & ~weak)
    ]
    losses = [
        PageLoss(float(shares[0][page]), float(shares[1][page]), labelled.pages["source_path"][page])
        for page in np.flatnonzero(shares[0] + shares[1]).tolist()
    ]
    return sorted(losses, key=lambda loss: (-loss.weak, -loss.strong, loss.page))


def count_losing(losses: list[PageLoss], pages: int) -> dict[str, float]:
    """Share of pages that lose more than 2 % of their article, by all evidence and by weak evidence alone."""
    return {
        "pages_losing_over_2_percent": sum(loss.weak + loss.strong > MAX_PAGE_LOSS for loss in losses)
        / pages,
        "pages_losing_over_2_percent_by_weights": sum(loss.weak > MAX_PAGE_LOSS for loss in losses) / pages,
    }


def print_losses(losses: list[PageLoss], shown: int) -> None:
    """The pages nearest to 2 % and beyond it."""
    for loss in losses[:shown]:
        mark = "  OVER" if loss.weak > MAX_PAGE_LOSS else ""
        print(f"    {loss.weak:7.2%} by weak evidence {loss.strong:7.2%} by strong  {loss.page}{mark}")  # noqa: T201 (a command)
