"""Report: one page that shows what a corpus lost and why, and takes corrections."""

from tasks.report.page import MAX_PAGE_BYTES, write_explanation, write_report

__all__ = ["MAX_PAGE_BYTES", "write_explanation", "write_report"]
