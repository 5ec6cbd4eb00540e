"""The commands. The only place that prints.

run.py       run
serve.py     serve: runs on a schedule
keep.py      restore, compact, forget: the history of a corpus
ledger.py    explain, verify, history, export: what a corpus holds, and why
pairs.py     compare: texts that are in no corpus
"""

from flows.cli import keep, ledger, pairs, run, serve
from flows.cli.start import main

__all__ = ["keep", "ledger", "main", "pairs", "run", "serve"]
