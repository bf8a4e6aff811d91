"""UCDP Georeferenced Event Dataset (GED) as a ledger: deaths of the fighting sides, event by event or month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from forcest.datasets.adapting import (
    Adapted,
    Column,
    Frame,
    Source,
    account_of,
    columns_of,
    counted,
    dates,
    finished,
    ledger_of,
    numbers,
    summed_by_month,
)
from forcest.errors import ForcestError
from forcest.ledger import Ledger
from forcest.ledger.cells import cell_text, read_date

WHAT = "UCDP GED"
SOURCE = "UCDP GED"
URL = "https://ucdp.uu.se/downloads/"

COLUMNS = (
    "id",
    "side_a",
    "side_b",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "low",
    "high",
)
OPTIONAL = ("source_article", "dyad_name", "where_description")
DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
CIVILIANS = "Civilians"
"""How side_b is called in one-sided violence."""

Every = Literal["event", "month"]


def read_ucdp_ged(
    source: Source,
    *,
    forces: Mapping[str, str] | None = None,
    every: Every = "event",
    published: str | dt.date | None = None,
    quiet: bool = False,
) -> Ledger:
    """UCDP GED (any version since 2019, the candidate events too) as a ledger of soldiers killed.

    No sample of the data was at hand when this was written: it follows the documented columns and was tested on rows made by
    hand.

    Parameters
    ----------
    source : path or DataFrame
        ``GEDEvent_v..._.csv`` or a part of it. The whole set is large: filter the conflict and the years first.
    forces : mapping of str to str, optional
        The sides to read and what to call them, such as ``{"Government of Ukraine": "Ukrainian forces"}``; all sides under
        their own names unless given.
    every : {"event", "month"}
        ``"event"``: one row for each side that lost somebody in an event. One event is one place, so its count is
        ``partial``: it bounds the force's dead of those days from below. ``"month"``: the events of a calendar month
        are summed, as what UCDP knows of the whole month; events that reach over two months stay partial.
    published : date, optional
        When the version was published. The file does not say; unless given, 30 June of the year after the event
        is assumed (the yearly release appears about then), or the end of a later event.
    quiet : bool
        Do not warn of what is left out.

    Returns
    -------
    Ledger
        Measure killed, scope flow over ``date_start`` to ``date_end``, stance third_party. ``low`` and ``high`` speak of
        all dead of an event: they become a range where one side has all of them (``best`` equals its deaths), and
        stand in the note otherwise, where the side's own number is ``about``.

    Raises
    ------
    ForcestError
        When columns are missing or renamed, or cells cannot be read.
    LedgerError
        When rows contradict themselves.

    Warns
    -----
    LeftOutWarning
        Of events in which neither side lost anybody for certain. A zero in one event says nothing about a day.

    Notes
    -----
    Cannot be mapped: civilians (no force), people of unknown status (``deaths_unknown``, who may be anybody; counted in
    the note), wounded and captured (not in GED), and the place. Source :cite:p:`sundberg2013`.

    Examples
    --------
    >>> import pandas as pd
    >>> event = {"id": 101, "side_a": "Government of A", "side_b": "B", "date_start": "2020-10-01", "date_end": "2020-10-01"}
    >>> event |= {"deaths_a": 3, "deaths_b": 5, "deaths_civilians": 0, "deaths_unknown": 0, "best": 8, "low": 8, "high": 12}
    >>> claims = fc.datasets.read_ucdp_ged(pd.DataFrame([event]))
    >>> claims.usable()[["force", "value", "coverage"]].values.tolist()
    [['Government of A', 3.0, 'partial'], ['B', 5.0, 'partial']]
    """
    return finished(adapt(source, forces, every, published), WHAT, quiet)


def adapt(
    source: Source, forces: Mapping[str, str] | None = None, every: Every = "event", published: str | dt.date | None = None
) -> Adapted:
    """The ledger and the account of every event."""
    if every not in ("event", "month"):
        raise ForcestError(f'every must be "event" or "month"; got {every!r}.')
    text = columns_of(source, WHAT, COLUMNS, OPTIONAL)
    counts = {name: numbers(text, name) for name in (*DEATHS, "best", "low", "high")}
    table = text.assign(**counts, window_start=dates(text, "date_start"), window_end=dates(text, "date_end"))
    table["published"] = _published(table["window_end"], published)
    claims = pd.concat([_side(table, side, forces) for side in ("a", "b")]).sort_index(kind="stable")
    account = _account(table, claims)
    return Adapted(ledger_of(summed_by_month(claims) if every == "month" else claims), account)


def _published(end: Column, published: str | dt.date | None) -> Column:
    if published is None:
        return pd.to_datetime(pd.DataFrame({"year": end.dt.year + 1, "month": 6, "day": 30}))
    day = read_date(cell_text(published))
    if day is None:
        raise ForcestError(f'published must be a date such as "2025-06-30"; got {published!r}. Write it as YYYY-MM-DD.')
    return end.clip(lower=pd.Timestamp(day))


def _side(table: Frame, side: str, forces: Mapping[str, str] | None) -> Frame:
    """The claims about one side: one for each event in which it lost somebody."""
    name, dead = table[f"side_{side}"], table[f"deaths_{side}"]
    wanted = (dead > 0) & (name != CIVILIANS) & (name.isin(list(forces)) if forces is not None else True)
    events = table[wanted]
    value = dead[wanted]
    ranged = (events["best"] == value) & (events["low"] <= value) & (value <= events["high"]) & (events["low"] < events["high"])
    return pd.DataFrame(
        {
            "id": [f"ucdp-{event}-{side}" for event in events["id"]],
            "published": events["published"],
            "as_of": events["window_end"],
            "window_start": events["window_start"],
            "window_end": events["window_end"],
            "force": name[wanted].replace(dict(forces or {})),
            "measure": "killed",
            "scope": "flow",
            "value": value,
            "low": events["low"].where(ranged),
            "high": events["high"].where(ranged),
            "qualifier": np.where(ranged, "range", "about"),
            "source": SOURCE,
            "stance": "third_party",
            "coverage": "partial",
            "note": _notes(events),
            "url": URL,
        },
        index=events.index,
    )


def _notes(events: Frame) -> list[str]:
    notes = []
    for event in events.to_dict("records"):
        total = f"best {counted(event['best'])}, {counted(event['low'])}-{counted(event['high'])}"
        unknown = f", of unknown status {counted(event['deaths_unknown'])}" if event["deaths_unknown"] > 0 else ""
        words = (event["dyad_name"], event["where_description"], event["source_article"])
        parts = [f"All dead of the event: {total}{unknown}.", *(word for word in words if word)]
        notes.append(" | ".join(parts))
    return notes


def _account(table: Frame, claims: Frame) -> Frame:
    used = table.index.isin(claims.index)
    unused = table[~used]
    one_sided = unused["deaths_civilians"] == unused["best"]
    return account_of(
        {
            ("events with dead of one or both sides", f"killed, {len(claims)} counts of a side"): used.sum(),
            ("events with civilian dead only", ""): one_sided.sum(),
            ("events with dead of unknown status, or of sides that are not wanted", ""): (~one_sided).sum(),
        }
    )
