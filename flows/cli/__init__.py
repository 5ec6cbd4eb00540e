"""The commands. The only place that prints.

run.py       run
ledger.py    explain, verify, history, export: what a corpus holds, and why
report.py    report: the corpus as a page to look at
feedback.py  mark, sample: judge what was done, and correct it
versions.py  diff: what changed, and why
pairs.py     compare: texts that are in no corpus
"""

from flows.cli import feedback, ledger, pairs, report, run, versions
from flows.cli.start import main

__all__ = ["feedback", "ledger", "main", "pairs", "report", "run", "versions"]
