"""Tables of scored claims: what was said together, and the tables as text for results that are stored as they are finished."""

from __future__ import annotations

import json

import pandas as pd

from forcest.checks.score import DATES


def briefing(claims: pd.DataFrame) -> pd.Series:
    """What was said together: source and day of publication."""
    return claims["source"] + " " + claims["published"].dt.strftime("%Y-%m-%d")


def as_text(table: pd.DataFrame) -> str:
    """A table as JSON that holds every digit."""
    return str(table.to_json(orient="split", date_format="iso", double_precision=15))


def as_table(text: str) -> pd.DataFrame:
    """The table of :func:`as_text`."""
    split = json.loads(text)
    table = pd.DataFrame(split["data"], columns=split["columns"])
    return table.assign(
        **{name: pd.to_datetime(table[name]).dt.tz_localize(None) for name in ("origin", "date", *DATES) if name in table}
    )
