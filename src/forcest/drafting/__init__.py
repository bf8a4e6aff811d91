"""Rows of a ledger proposed from the text of an article, for a person to accept."""

from forcest.drafting.draft import draft

__all__ = ["draft"]
