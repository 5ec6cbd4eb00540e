"""Repair: every broken letter put right, no right letter broken.

`document.py` holds the ordered list of repairs; each repair has a file of its own.
"""

from tasks.repair.document import REPAIRS, Repaired
from tasks.repair.options import RepairOptions
from tasks.repair.table import repair, repair_document
from tasks.spans import repair_spans

__all__ = ["REPAIRS", "RepairOptions", "Repaired", "repair", "repair_document", "repair_spans"]
