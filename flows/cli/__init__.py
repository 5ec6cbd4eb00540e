"""The commands. The only place that prints.

run.py       run
ledger.py    explain, verify, history: what a corpus holds, and why
exports.py   export, schema, check: plain files, and what they promise
pairs.py     compare: texts that are in no corpus
"""

from flows.cli import exports, ledger, pairs, run
from flows.cli.start import main

__all__ = ["exports", "ledger", "main", "pairs", "run"]
