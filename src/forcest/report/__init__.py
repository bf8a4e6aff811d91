"""A finished estimate as one self-contained page, as Markdown, or as tables."""

from forcest.report.report import report

__all__ = ["report"]
