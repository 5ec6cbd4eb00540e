"""The commands. The only place that prints.

run.py       run
ledger.py    explain, verify, history: what a corpus holds, and why
exports.py   export, schema, check: plain files, and what they promise
config.py    config: the settings in force
pairs.py     compare: texts that are in no corpus
"""

from flows.cli import config, exports, ledger, pairs, run
from flows.cli.start import main

__all__ = ["config", "exports", "ledger", "main", "pairs", "run"]
