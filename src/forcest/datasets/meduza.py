"""Meduza's and Mediazona's weekly series of Russian deaths as a ledger, from The Economist's repository."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from forcest.datasets.adapting import (
    RUSSIA,
    Adapted,
    Column,
    Frame,
    Key,
    Source,
    ledger_of,
    ledger_with_warning,
    numbers,
    read_columns,
    refuse,
    summary_of,
)
from forcest.datasets.economist import REPOSITORY
from forcest.errors import ForcestError
from forcest.ledger import Ledger
from forcest.ledger.cells import YEARS, cell_text, read_date

WHAT = "Meduza's weekly series"
COLUMNS = ("Year", "Week", "ED", "EDPrediction", "EDAssembled", "EDAssembledHigh", "EDAssembledLow")
INVASION = pd.Timestamp("2022-02-24")
KEY = Key(
    columns=("Year", "Week"),
    names="week",
    keep="the one of the later release",
    pandas='pd.concat([earlier, later]).drop_duplicates(["Year", "Week"], keep="last")',
)


def read_meduza_weekly(source: Source, *, published: str | dt.date = "2026-08-22", quiet: bool = False) -> Ledger:
    """Read weekly Russian deaths, estimated from the probate register by Meduza and Mediazona, as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``meduza_2026_weekly.csv``, such as ``fetch("meduza_weekly")`` gives.
    published : date
        Date by which the series was published, which the file does not contain. The default is the last date of The
        Economist's own estimates in the same commit.
    quiet : bool
        Whether to suppress the warning about rows left out (at present there are none).

    Returns
    -------
    Ledger
        One ``flow`` of ``killed`` for each ISO week of death (``EDAssembled``: excess probate cases plus missing), with its
        95 % bounds as a ``range``, rounded to whole persons; stance ``record``. If the file has the lower bound above the upper
        one, the two are swapped. Weeks predicted by the authors' model are not records: they are excluded, with that
        reason. The week of 24 February 2022 begins on that day.

    Raises
    ------
    ForcestError
        If columns are missing, or a week occurs twice.

    Notes
    -----
    The columns of subgroups and of lists of names (``Bmz...``, ``ED...``, ``EC...``) are not read: they repeat the same deaths.

    Examples
    --------
    >>> import pandas as pd
    >>> week = {"Year": 2022, "Week": 9, "ED": 650.6, "EDPrediction": "", "EDAssembled": 691.0}
    >>> weeks = pd.DataFrame([week | {"EDAssembledHigh": 822.3, "EDAssembledLow": 559.8}])
    >>> fc.datasets.read_meduza_weekly(weeks).usable()[["measure", "low", "high", "stance"]].values.tolist()
    [['killed', 560.0, 822.0, 'record']]
    """
    return ledger_with_warning(adapt(source, published), WHAT, quiet)


def adapt(source: Source, published: str | dt.date = "2026-08-22") -> Adapted:
    """The ledger and the summary of what becomes of the rows."""
    table = read_columns(source, WHAT, COLUMNS)
    KEY.check(table)
    day = read_date(cell_text(published))
    if day is None:
        raise ForcestError(f'published must be a date such as "2026-08-22"; got {published!r}. Write it as YYYY-MM-DD.')
    monday = _mondays(table)
    bounds = pd.DataFrame({name: numbers(table, name) for name in ("EDAssembledLow", "EDAssembledHigh")})
    crossed = bounds["EDAssembledLow"] > bounds["EDAssembledHigh"]
    endings = [" (swapped: in the file, the lower one is above the upper one)." if wrong else "." for wrong in crossed]
    predicted = numbers(table, "ED").isna() & numbers(table, "EDPrediction").notna()
    claims = pd.DataFrame(
        {
            "id": [f"meduza-{day:%G-W%V}" for day in monday],
            "published": pd.Timestamp(day),
            "as_of": monday + pd.Timedelta(days=6),
            "window_start": monday.clip(lower=INVASION),
            "window_end": monday + pd.Timedelta(days=6),
            "force": RUSSIA,
            "measure": "killed",
            "scope": "flow",
            "value": numbers(table, "EDAssembled").round(),
            "low": bounds.min(axis="columns").round().clip(lower=0),
            "high": bounds.max(axis="columns").round(),
            "qualifier": "range",
            "source": "Mediazona; Meduza",
            "stance": "record",
            "exclude": predicted.map({True: "predicted by the authors' model, not from records", False: ""}),
            "note": ["By week of death; excess probate cases plus missing, with 95 % bounds" + ending for ending in endings],
            "url": REPOSITORY,
        },
        index=table.index,
    )
    groups = {
        ("weeks from records", "killed, flow of the week"): (~predicted).sum(),
        ("weeks predicted", "excluded rows"): predicted.sum(),
    }
    return Adapted(ledger_of(claims), summary_of(groups))


def _mondays(table: Frame) -> Column:
    """The first day of every ISO week."""
    days = [_monday(year, week) for year, week in zip(table["Year"], table["Week"], strict=True)]
    mondays = pd.Series(pd.to_datetime(days), index=table.index).astype("datetime64[ns]")
    refuse(table, "Week", mondays.isna(), f"be an ISO week of its Year, {YEARS.start} to {YEARS.stop - 1}")
    return mondays


def _monday(year: str, week: str) -> dt.date | None:
    try:
        return dt.date.fromisocalendar(int(year), int(week), 1) if int(year) in YEARS else None
    except ValueError:
        return None
