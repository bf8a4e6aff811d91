"""Tables of scored claims: their briefings, and the tables as text for results that are stored as they are finished."""

from __future__ import annotations

import json

import pandas as pd

from forcest.checks.score import DATES


def briefing(claims: pd.DataFrame) -> pd.Series:
    """The briefing a claim belongs to: its source and day of publication."""
    return claims["source"] + " " + claims["published"].dt.strftime("%Y-%m-%d")


def as_text(table: pd.DataFrame) -> str:
    """A table as JSON that holds every digit, infinite numbers and missing ones too."""
    dates = {name: table[name].dt.strftime("%Y-%m-%d").where(table[name].notna(), None) for name in table.select_dtypes("datetime")}
    return json.dumps(table.assign(**dates).to_dict("list"))


def as_table(text: str) -> pd.DataFrame:
    """The table of :func:`as_text`."""
    table = pd.DataFrame(json.loads(text))
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("origin", "date", *DATES) if name in table})
