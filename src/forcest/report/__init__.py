"""The page that goes to an editor or a ministry: one file that holds an estimate, what it rests on, and what speaks against it."""

from forcest.report.report import report

__all__ = ["report"]
