"""ACLED exports as a ledger: reported fatalities per event, which count both sides of the event together."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from forcest.datasets.adapting import (
    Adapted,
    Column,
    Frame,
    Key,
    Source,
    dates,
    ledger_of,
    ledger_with_warning,
    numbers,
    read_columns,
    refuse_unknown_forces,
    require_values,
    sum_by_month,
    summary_of,
)
from forcest.datasets.ucdp import Every
from forcest.errors import ForcestError
from forcest.ledger import Ledger
from forcest.ledger.cells import read_number

WHAT = "an ACLED export"
SOURCE = "ACLED"
URL = "https://acleddata.com/"

COLUMNS = ("event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "fatalities", "source", "notes")
OPTIONAL = ("civilian_targeting", "timestamp")
DATE_FORMATS = ("%d %B %Y", "%d-%B-%Y", "%d %b %Y", "%d-%b-%Y")
FIGHTING = ("Battles", "Explosions/Remote violence")
EVENT_TYPES = (*FIGHTING, "Violence against civilians", "Protests", "Riots", "Strategic developments")
AT_CIVILIANS = {"": False, "No": False, "FALSE": False, "False": False, "0": False}
AT_CIVILIANS |= {"Civilian targeting": True, "Civilians targeted": True, "Yes": True, "TRUE": True, "True": True, "1": True}
"""What the values of civilian_targeting mean, also in exports that went through other programs."""
UNARMED = ("Civilians", "Protesters", "Rioters")
"""Actors whose name begins like this are not forces."""
WIDTH = {"1": 0, "2": 3, "3": 15}
"""Days before and after event_date within which an event of time precision 1 (day), 2 (week) or 3 (month) may have happened."""
LAG = 7
"""Assumed days from event to publication: every week, ACLED releases the events of the week before."""


def _latest(events: Frame) -> int | None:
    """The row with the latest timestamp, or the first of rows that are one event by source or by actor."""
    stamps = {row: read_number(cell) for row, cell in events["timestamp"].items()}
    if min(stamps.values()) < max(stamps.values()):
        return max(stamps, key=lambda row: stamps[row])
    same = events.drop(columns=["source", "actor1", "actor2"]).drop_duplicates()
    return int(events.index[0]) if len(same) == 1 else None


KEY = Key(
    columns=("event_id_cnty",),
    names="event",
    keep="the one with the latest timestamp, or any of them if there is one row per source or per actor",
    pandas='table.sort_values("timestamp").drop_duplicates("event_id_cnty", keep="last")',
    later=_latest,
)


def read_acled(source: Source, *, forces: Mapping[str, str] | None = None, every: Every = "event", quiet: bool = False) -> Ledger:
    """Read an ACLED export as a ledger of people killed in fighting between two armed actors.

    Written from the documentation of the columns and tested on invented rows only: no sample of the data was available.

    Parameters
    ----------
    source : path or DataFrame
        A CSV or Excel export, with the columns in use since 2017.
    forces : mapping of str to str, optional
        Names of forces, ``{actor: force}``; if both actors of an event have the same force, it is named once. Actors that
        are not listed keep their own names.
    every : {"event", "month"}
        ``"event"``: one row per event, with coverage ``partial`` because an event is a single place. ``"month"``: the sum
        over the events of a calendar month for each pair of sides; events that may belong to either of two months stay
        separate and ``partial``.
    quiet : bool
        Whether to suppress the warning about rows left out.

    Returns
    -------
    Ledger
        Measure ``killed``, scope ``flow`` on the day of the event (in a wider window if ``time_precision`` is 2 or 3),
        qualifier ``about``, stance ``third_party``; the reports on which ACLED relies are in ``via``, its text in ``note``.

    Raises
    ------
    ForcestError
        If columns are missing or renamed, cells cannot be read, codes are not those of ACLED, or an event has several rows (one per
        source or actor, or two versions), each of which would be counted.

    Warns
    -----
    LeftOutWarning
        About events left out: without reported fatalities, without two armed actors, against civilians, or of other types.

    Notes
    -----
    ACLED does not attribute fatalities to a side. The force of a row is therefore *both* sides, such as
    ``"Force A + Force B"``, never one of them. Civilians killed in a battle cannot be separated either, so the number need not
    be a lower bound for the soldiers of both sides. ACLED also writes zero if nothing is known, and codes vague wording as low
    numbers (10 for "tens", 12 for "dozens", 100 for "hundreds"). Source :cite:p:`raleigh2010`.

    Examples
    --------
    >>> import pandas as pd
    >>> event = {"event_id_cnty": "AAA1", "event_date": "01 October 2020", "event_type": "Battles", "fatalities": 8}
    >>> event |= {"actor1": "Military of A", "actor2": "Military of B", "source": "Paper", "notes": "A clash."}
    >>> event |= {"time_precision": 1, "civilian_targeting": ""}
    >>> claims = fc.datasets.read_acled(pd.DataFrame([event]))
    >>> claims.usable()[["force", "measure", "value"]].values.tolist()
    [['Military of A + Military of B', 'killed', 8.0]]
    """
    return ledger_with_warning(adapt(source, forces, every), WHAT, quiet)


def adapt(source: Source, forces: Mapping[str, str] | None = None, every: Every = "event") -> Adapted:
    """The ledger and the summary of what becomes of the events."""
    if every not in ("event", "month"):
        raise ForcestError(f'every must be "event" or "month"; got {every!r}.')
    table = read_columns(source, WHAT, COLUMNS, OPTIONAL)
    KEY.check(table)
    for column, known in (("event_type", EVENT_TYPES), ("time_precision", WIDTH), ("civilian_targeting", AT_CIVILIANS)):
        require_values(table, column, known)
    reasons = _reasons(table)
    refuse_unknown_forces(forces, table["actor1"], table["actor2"])
    claims = _claims(table[reasons == ""], dict(forces or {}))
    n = reasons.value_counts()
    kept = {("fighting between two armed actors", "killed, both sides together"): n.get("", 0)}
    summary = summary_of(kept | {(str(reason), ""): count for reason, count in n.items() if reason})
    return Adapted(ledger_of(sum_by_month(claims) if every == "month" else claims), summary)


def _reasons(table: Frame) -> Column:
    """The first reason to leave an event out, empty if there is none."""
    unarmed = table["actor1"].str.startswith(UNARMED) | table["actor2"].str.startswith(UNARMED)
    reasons = pd.Series("", index=table.index)
    for reason, applies in (
        ("events that involve civilians", unarmed | table["civilian_targeting"].map(AT_CIVILIANS)),
        ("events without a second actor", (table["actor1"] == "") | (table["actor2"] == "")),
        ("events of other types", ~table["event_type"].isin(FIGHTING)),
        ("events without reported fatalities", ~(numbers(table, "fatalities") > 0)),
    ):
        reasons = reasons.mask(applies & (reasons == ""), reason)
    return reasons


def _claims(events: Frame, forces: Mapping[str, str]) -> Frame:
    day = dates(events, "event_date", *DATE_FORMATS)
    width = pd.to_timedelta(events["time_precision"].map(WIDTH), unit="D")
    return pd.DataFrame(
        {
            "id": [f"acled-{event}" for event in events["event_id_cnty"]],
            "published": day + width + pd.Timedelta(days=LAG),
            "as_of": day,
            "window_start": day - width,
            "window_end": day + width,
            "force": [_both(forces.get(a, a), forces.get(b, b)) for a, b in zip(events["actor1"], events["actor2"], strict=True)],
            "measure": "killed",
            "scope": "flow",
            "value": numbers(events, "fatalities"),
            "low": float("nan"),
            "high": float("nan"),
            "qualifier": "about",
            "source": SOURCE,
            "via": events["source"],
            "stance": "third_party",
            "coverage": "partial",
            "note": events["notes"],
            "url": URL,
        },
        index=events.index,
    )


def _both(one: str, other: str) -> str:
    """One name for both sides, in whichever order ACLED names them."""
    return " + ".join(sorted({one, other}))
