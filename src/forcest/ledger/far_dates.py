"""Dates years away from all others of a ledger, as a mistyped century makes them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np

from forcest.ledger.rows import Mask, Rows

FAR = {"as_of": 5, "window_start": 5, "window_end": 5, "published": 20}
"""Years to the nearest other date of its kind from which a date is far: a count may be published ten years after its date."""
YEAR = np.timedelta64(365, "D")
DATED = tuple(name for name in FAR if name != "published")
"""Columns that say when something was: a date of one of them is near where another of them has a date near it."""


def far(rows: Rows, column: str) -> Mask:
    """Dates outside the years in which most dates of the ledger lie."""
    first, last = usual_days(rows)[column]
    days = rows[column].astype("datetime64[D]")
    return (days < first) | (days > last)


def likely_date(rows: Rows, line: int, column: str) -> str:
    """What the date may be, with another century or another digit in its year, and what a far date costs."""
    first, last = usual_days(rows)[column]
    near = [day for day in _other_years(rows.typed.at[line, column].date()) if first - YEAR < np.datetime64(day) < last + YEAR]
    meant = f"Is {' or '.join(map(str, near))} meant? " if near else "Look up the date in the source. "
    return f"{meant}The other dates lie between {first} and {last}, and the calendar of a fit runs from the first date to the last"


def _other_years(day: dt.date) -> list[dt.date]:
    """The same day in other centuries, and in the years that differ in one digit."""
    year = str(day.year)
    years = {int(year[:k] + digit + year[k + 1 :]) for k in range(4) for digit in "0123456789"}
    years |= {int(century + year[2:]) for century in ("19", "20", "21")}
    return [day.replace(year=other) for other in sorted(years - {0, day.year}) if (day.month, day.day) != (2, 29)]


def usual_days(rows: Rows) -> dict[str, tuple[np.datetime64, np.datetime64]]:
    """For each column the first and last of the dates around which most of its kind lie; computed once for a ledger."""
    if "usual_days" not in rows.shared:
        rows.shared["usual_days"] = {column: _days_of_most(rows, column) for column in FAR}
    return rows.shared["usual_days"]


def _days_of_most(rows: Rows, column: str) -> tuple[np.datetime64, np.datetime64]:
    """NaT, from which nothing is far, where there are no dates; of groups with equally many dates, the later one counts."""
    columns = DATED if column in DATED else (column,)
    days = np.concatenate([rows[name][~rows.given("exclude")] for name in columns]).astype("datetime64[D]")
    days = np.sort(days[~np.isnat(days)])
    gaps = np.flatnonzero(np.diff(days).astype(int) > FAR[column] * 365) + 1
    groups = [days[start:end] for start, end in pairwise([0, *gaps, len(days)]) if end > start]
    most = max(groups, key=lambda group: (len(group), group[0]), default=np.full(2, np.datetime64("NaT", "D")))
    return most[0], most[-1]
