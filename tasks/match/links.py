"""Links: which class of texts has to do with which, as retrieval said; stored between runs."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.match.buckets import Flags, Items
from tasks.match.holders import SCHEMA as HOLDERS
from tasks.match.holders import find_holders
from tasks.match.keys import Keys, Sentences, join_bytes
from tasks.match.options import MatchOptions
from tasks.match.retrieve import Candidates, retrieve
from tasks.match.touched import Moved, find_touched

CLASSES: Final = pl.Schema({"key": pl.Binary, "rare": pl.Int32, "left_out": pl.Int32})
CANDIDATES: Final = pl.Schema({"left": pl.Int32, "right": pl.Int32, "by_phrase": pl.Boolean})
HELD_SENTENCES: Final = pl.Schema({"class": pl.Int32, "sentence": pl.Int64, "other": pl.Int32})
LINKS: Final = {"classes": CLASSES, "candidates": CANDIDATES, "holders": HELD_SENTENCES}
"""The tables in which links are stored. Classes are numbered by their rank; the numbers hold for one run."""


ClassKeys = npt.NDArray[np.uint64]
"""Keys of 128 bits: two columns."""


def read_class_keys(keys: pl.Series) -> ClassKeys:
    """Keys as numbers.

    >>> read_class_keys(pl.Series([bytes(15) + bytes([1])])).tolist()
    [[0, 72057594037927936]]
    """
    return join_bytes(keys).view("<u8").reshape(-1, 2)


def write_class_keys(keys: ClassKeys) -> pl.Series:
    """Keys as they are stored."""
    return (
        pl.Series(keys.astype("<u8").view(np.uint8).reshape(-1, 16)).cast(pl.List(pl.UInt8)).cast(pl.Binary)
    )


def number_keys(keys: ClassKeys, known: ClassKeys) -> Items:
    """The place of each key among those known, -1 for others."""
    one, other = (pl.DataFrame({"high": its[:, 0], "low": its[:, 1]}) for its in (keys, known))
    other = other.with_row_index("place").cast({"place": pl.Int64})
    found = one.join(other, on=["high", "low"], how="left", maintain_order="left")
    return found["place"].fill_null(-1).to_numpy()


class Links(NamedTuple):
    """What retrieval says of all classes.

    Attributes:
        keys: The key of each class, by number.
        candidates: Pairs of classes to compare.
        holders: As `find_holders` gives them.
    """

    keys: ClassKeys
    candidates: Candidates
    holders: pl.DataFrame

    def save(self, folder: Path) -> None:
        """Write a file for each of the tables."""
        found = self.candidates
        frames = {
            "classes": pl.DataFrame(
                {"key": write_class_keys(self.keys), "rare": found.rare, "left_out": found.left_out}
            ),
            "candidates": found.to_frame(),
            "holders": self.holders.with_columns(pl.col("sentence").reinterpret(signed=True)),
        }
        for name, frame in frames.items():
            frame.cast(LINKS[name]).write_parquet(folder / f"{name}.parquet", compression="lz4")

    def list_edges(self) -> tuple[Items, Items]:
        """Both ends of everything that links two classes."""
        ends = self.candidates.left, self.candidates.right
        others = self.holders["other"].to_numpy(), self.holders["class"].to_numpy()
        return np.concatenate([ends[0], others[0]]), np.concatenate([ends[1], others[1]])


class Census(NamedTuple):
    """The classes of a corpus, best first.

    Attributes:
        class_keys: The key of each.
        keys: Its retrieval keys.
        sentences: Its sentences.
        is_huge: Whether it is too long for a decision.
    """

    class_keys: ClassKeys
    keys: Keys
    sentences: Sentences
    is_huge: Flags


class Stored(NamedTuple):
    """The links of the run before: the tables of `LINKS`, and what it left out."""

    classes: pl.DataFrame
    candidates: pl.DataFrame
    holders: pl.DataFrame
    unexamined: int
    stock: int


class Update(NamedTuple):
    """Links as they are now, and which classes are, or were, linked by what is another link now."""

    links: Links
    stirred: Flags


def make_links(census: Census, options: MatchOptions) -> Links:
    """The links of a corpus, from nothing."""
    candidates = retrieve(census.keys, options).without(census.is_huge)
    return Links(census.class_keys, candidates, find_holders(*census.sentences, options))


def update_links(stored: Stored, moved: Moved, census: Census, options: MatchOptions) -> Update:
    """The links of a corpus, from those that it had: the very ones that `make_links` gives.

    Args:
        stored: What the corpus had.
        moved: Which classes came, went or have another rank.
        census: All classes that there are now.
        options: Limits; the same as before.
    """
    class_keys, keys, sentences, is_huge = census
    before = _renumber(stored, class_keys)
    old = before.candidates
    touched = find_touched(keys, sentences, moved, old.rare, options)
    derived = retrieve(keys, options, touched.wanted).without(is_huge)
    stays = pl.Series(~np.append(touched.wanted, True)[old.right])  # -1 is a class that is gone
    pairs = pl.concat([old.to_frame().filter(stays), derived.to_frame()]).sort("right", "left")
    candidates = Candidates(
        left=pairs["left"].to_numpy(),
        right=pairs["right"].to_numpy(),
        by_phrase=pairs["by_phrase"].to_numpy(),
        rare=np.where(touched.wanted, derived.rare, old.rare),
        left_out=np.where(touched.wanted, derived.left_out, old.left_out),
        crowd=old.crowd + touched.crowd,
        stock=old.stock + touched.stock,
    )
    asked = find_holders(*sentences, options, touched.long)
    of_class = before.holders["class"].to_numpy()
    remains = pl.Series(~np.append(touched.long, True)[of_class])
    holders = pl.concat([before.holders.filter(remains), asked]).sort(list(HOLDERS))
    stirred = moved.is_moved.copy()
    _stir(stirred, old.to_frame().filter(~stays), derived.to_frame(), ("left", "right"))
    _stir(stirred, before.holders.filter(~remains), asked, ("class", "other"))
    return Update(Links(class_keys, candidates, holders), stirred)


def _renumber(stored: Stored, class_keys: ClassKeys) -> Links:
    """Stored links with the numbers that the classes have now, -1 for those that are gone."""
    number = number_keys(read_class_keys(stored.classes["key"]), class_keys)
    counts = {}
    for name in ("rare", "left_out"):
        counts[name] = np.zeros(len(class_keys), np.int64)
        counts[name][number[number >= 0]] = stored.classes[name].to_numpy()[number >= 0]
    left, right = (number[stored.candidates[name].to_numpy()] for name in ("left", "right"))
    crowd = stored.unexamined - int(stored.classes["left_out"].sum())
    by_phrase = stored.candidates["by_phrase"].to_numpy()
    candidates = Candidates(left, right, by_phrase, counts["rare"], counts["left_out"], crowd, stored.stock)
    holders = stored.holders.select(
        pl.Series("class", number[stored.holders["class"].to_numpy()]),
        pl.col("sentence").reinterpret(signed=False),
        pl.Series("other", number[stored.holders["other"].to_numpy()]),
    )
    return Links(class_keys, candidates, holders)


def _stir(stirred: Flags, before: pl.DataFrame, now: pl.DataFrame, ends: tuple[str, str]) -> None:
    """Mark both ends of what is in one of the tables only."""
    for one, other in ((before, now), (now, before)):
        different = one.join(other, on=one.columns, how="anti")
        for end in ends:
            classes = different[end].to_numpy()
            stirred[classes[classes >= 0]] = True


def spread(stirred: Flags, links: Links) -> Flags:
    """Those classes, and all that are linked with them over any number of links."""
    reached = stirred.copy()
    left, right = links.list_edges()
    while len(open_ends := np.flatnonzero(reached[left] != reached[right])):
        reached[left[open_ends]] = reached[right[open_ends]] = True
    return reached
