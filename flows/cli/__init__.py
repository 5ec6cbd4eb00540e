"""The commands. The only place that prints.

run.py       run
serve.py     serve: runs on a schedule
keep.py      restore, compact, forget: the history of a corpus
ledger.py    explain, verify, history: what a corpus holds, and why
report.py    report: the corpus as a page to look at
feedback.py  sample, mark, suggest, new-site: judge what was done, and correct it
versions.py  diff: what changed, and why
exports.py   export, schema, check: plain files, and what they promise
config.py    config: the settings in force
pairs.py     compare: texts that are in no corpus
"""

from flows.cli import config, exports, feedback, keep, ledger, pairs, report, run, serve, versions
from flows.cli.start import main

__all__ = [
    "config", "exports", "feedback", "keep", "ledger", "main", "pairs", "report", "run", "serve", "versions",
]  # fmt: skip
