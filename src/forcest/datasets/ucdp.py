"""UCDP Georeferenced Event Dataset (GED) as a ledger: deaths of the fighting sides, by event or by month."""

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
    Key,
    Source,
    count_text,
    dates,
    ledger_of,
    ledger_with_warning,
    numbers,
    read_columns,
    refuse_unknown_forces,
    sum_by_month,
    summary_of,
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
OPTIONAL = ("source_article", "dyad_name", "where_description", "code_status")
DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
CIVILIANS = "Civilians"
"""The value of side_b in one-sided violence."""


def _checked(events: Frame) -> int | None:
    """The only row that UCDP has checked; candidate events wait for that."""
    clear = events.index[events["code_status"] == "Clear"]
    return int(clear[0]) if len(clear) == 1 else None


KEY = Key(
    columns=("id",),
    names="event",
    keep="the one of the later release, since a yearly release revises the candidate events",
    pandas='pd.concat([candidate, yearly]).drop_duplicates("id", keep="last")',
    later=_checked,
)

Every = Literal["event", "month"]


def read_ucdp_ged(
    source: Source,
    *,
    forces: Mapping[str, str] | None = None,
    every: Every = "event",
    published: str | dt.date | None = None,
    quiet: bool = False,
) -> Ledger:
    """Read UCDP GED (versions since 2019, including candidate events) as a ledger of soldiers killed.

    Written from the documentation of the columns and tested on invented rows only: no sample of the data was available.

    Parameters
    ----------
    source : path or DataFrame
        ``GEDEvent_v..._.csv`` or a part of it. The whole data set is large: select conflict and years first.
    forces : mapping of str to str, optional
        The sides to read and their names in the ledger, such as ``{"Government of Ukraine": "Ukrainian forces"}``; by
        default, all sides under their own names.
    every : {"event", "month"}
        ``"event"``: one row for each side with deaths in an event. An event is a single place, so the row is ``partial``: a
        lower bound for the deaths of the force on those days. ``"month"``: the sum over the events of a calendar month,
        taken as UCDP's count of the whole month; events across two months stay separate and ``partial``.
    published : date, optional
        Date of publication of the version, which the file does not contain. For events that end later, the end of the
        event. By default, 30 June of the year after the event, about when the yearly release appears.
    quiet : bool
        Whether to suppress the warning about rows left out.

    Returns
    -------
    Ledger
        Measure ``killed``, scope ``flow`` from ``date_start`` to ``date_end``, stance ``third_party``. In GED, ``low`` and
        ``high`` refer to all deaths of an event. If these are all of one side (``best`` equals its deaths), the row is a
        range; otherwise they are in the note, and the number of the side is ``about``.

    Raises
    ------
    ForcestError
        If columns are missing or renamed, cells cannot be read, or an event is in the table more than once, such as in a
        candidate and in a yearly release.
    LedgerError
        If rows violate rules of a ledger.

    Warns
    -----
    LeftOutWarning
        About events without a death that is certainly of either side. Zero deaths in one event are not a claim about a day.

    Notes
    -----
    Not in the ledger: civilians (not a force), deaths of unknown status (``deaths_unknown``; in the note), and the place. GED has
    no wounded and captured. Source :cite:p:`sundberg2013`.

    Examples
    --------
    >>> import pandas as pd
    >>> event = {"id": 101, "side_a": "Government of A", "side_b": "B", "date_start": "2020-10-01", "date_end": "2020-10-01"}
    >>> event |= {"deaths_a": 3, "deaths_b": 5, "deaths_civilians": 0, "deaths_unknown": 0, "best": 8, "low": 8, "high": 12}
    >>> claims = fc.datasets.read_ucdp_ged(pd.DataFrame([event]))
    >>> claims.usable()[["force", "value", "coverage"]].values.tolist()
    [['Government of A', 3.0, 'partial'], ['B', 5.0, 'partial']]
    """
    return ledger_with_warning(adapt(source, forces, every, published), WHAT, quiet)


def adapt(
    source: Source, forces: Mapping[str, str] | None = None, every: Every = "event", published: str | dt.date | None = None
) -> Adapted:
    """The ledger and the summary of what becomes of the events."""
    if every not in ("event", "month"):
        raise ForcestError(f'every must be "event" or "month"; got {every!r}.')
    text = read_columns(source, WHAT, COLUMNS, OPTIONAL)
    KEY.check(text)
    counts = {name: numbers(text, name, required=True) for name in (*DEATHS, "best", "low", "high")}
    table = text.assign(**counts, window_start=dates(text, "date_start"), window_end=dates(text, "date_end"))
    table["published"] = _published(table["window_end"], published)
    refuse_unknown_forces(forces, table["side_a"], table["side_b"])
    claims = pd.concat([_side(table, side, forces) for side in ("a", "b")]).sort_index(kind="stable")
    summary = _summary(table, claims)
    return Adapted(ledger_of(sum_by_month(claims) if every == "month" else claims), summary)


def _published(end: Column, published: str | dt.date | None) -> Column:
    if published is None:
        return pd.to_datetime(pd.DataFrame({"year": end.dt.year + 1, "month": 6, "day": 30}))
    day = read_date(cell_text(published))
    if day is None:
        raise ForcestError(f'published must be a date such as "2025-06-30"; got {published!r}. Write it as YYYY-MM-DD.')
    return end.clip(lower=pd.Timestamp(day))


def _side(table: Frame, side: str, forces: Mapping[str, str] | None) -> Frame:
    """The claims about one side: one for each event in which it has deaths."""
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
        total = f"best {count_text(event['best'])}, {count_text(event['low'])}-{count_text(event['high'])}"
        unknown = f", of unknown status {count_text(event['deaths_unknown'])}" if event["deaths_unknown"] > 0 else ""
        texts = (event["dyad_name"], event["where_description"], event["source_article"])
        parts = [f"All deaths of the event: {total}{unknown}.", *(text for text in texts if text)]
        notes.append(" | ".join(parts))
    return notes


def _summary(table: Frame, claims: Frame) -> Frame:
    used = table.index.isin(claims.index)
    unused = table[~used]
    one_sided = unused["deaths_civilians"] == unused["best"]
    return summary_of(
        {
            ("events with deaths on one or both sides", f"killed, {len(claims)} claims about one side"): used.sum(),
            ("events with civilian deaths only", ""): one_sided.sum(),
            ("events with deaths of unknown status, or of sides not selected", ""): (~one_sided).sum(),
        }
    )
