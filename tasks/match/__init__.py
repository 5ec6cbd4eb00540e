"""Match: the same text found again, different facts kept apart.

Map: `sign` gives every paragraph its retrieval keys. Reduce: `match` ranks all paragraphs, brings near ones
together, decides on each pair by its edits, and says for everything that may go which kept copy holds it.
"""

from tasks.match.beforehand import BY_KEY
from tasks.match.census import INDEXED, Part
from tasks.match.corpus import Matched, match
from tasks.match.links import LINKS, Stored
from tasks.match.options import MatchOptions
from tasks.match.parts import BatchTask, MatchedParts, judge_task, match_parts
from tasks.match.sign import load_kernels, sign

__all__ = [
    "BY_KEY",
    "INDEXED",
    "LINKS",
    "BatchTask",
    "MatchOptions",
    "Matched",
    "MatchedParts",
    "Part",
    "Stored",
    "judge_task",
    "load_kernels",
    "match",
    "match_parts",
    "sign",
]
