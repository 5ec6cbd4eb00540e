"""What is not the article: evidence of the line, of its neighbours and of the corpus, as labels."""

from tasks.strip.measure import measure
from tasks.strip.options import StripOptions
from tasks.strip.step import Stripped, strip
from tasks.strip.templates import Knowledge, learn, observe

__all__ = ["Knowledge", "StripOptions", "Stripped", "learn", "measure", "observe", "strip"]
