"""ACLED exports as a ledger: reported fatalities of an event, which belong to both of its sides together."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from forcest.datasets.adapting import (
    Adapted,
    Column,
    Frame,
    Source,
    account_of,
    columns_of,
    dates,
    finished,
    ledger_of,
    numbers,
    summed_by_month,
)
from forcest.datasets.ucdp import Every
from forcest.errors import ForcestError
from forcest.ledger import Ledger

WHAT = "an ACLED export"
SOURCE = "ACLED"
URL = "https://acleddata.com/"

COLUMNS = ("event_id_cnty", "event_date", "event_type", "actor1", "actor2", "fatalities", "source", "notes")
OPTIONAL = ("time_precision", "civilian_targeting")
DATE_FORMATS = ("%d %B %Y", "%d-%B-%Y", "%d %b %Y", "%d-%b-%Y")
FIGHTING = ("Battles", "Explosions/Remote violence")
UNARMED = ("Civilians", "Protesters", "Rioters")
"""Actors whose name begins so are no force."""
WIDTH = {"2": 3, "3": 15}
"""Days before and after event_date in which an event of time precision 2 (a week) or 3 (a month) may lie."""
LAG = 7
"""Days after which an event is taken to be published: ACLED releases every week the events of the week before."""


def read_acled(source: Source, *, forces: Mapping[str, str] | None = None, every: Every = "event", quiet: bool = False) -> Ledger:
    """An ACLED export as a ledger of people killed in the fights of two armed actors.

    No sample of the data was at hand when this was written: it follows the documented columns and was tested on rows made by
    hand.

    Parameters
    ----------
    source : path or DataFrame
        A CSV or Excel export; columns as since 2017.
    forces : mapping of str to str, optional
        What to call the two sides of an event, ``{actor: force}``; actors that are named the same on both sides count
        as one force. Actors under their own names unless given.
    every : {"event", "month"}
        ``"event"``: one row an event, ``partial``, because one event is one place. ``"month"``: the events of a
        calendar month summed for each pair of sides; events whose date may lie in two months stay partial.
    quiet : bool
        Do not warn of what is left out.

    Returns
    -------
    Ledger
        Measure killed, scope flow on the day of the event (a wider window where ``time_precision`` is 2 or 3),
        ``about``, third_party; the reports that ACLED read stand in ``via``, its text in ``note``.

    Raises
    ------
    ForcestError
        When columns are missing or renamed, or cells cannot be read.

    Warns
    -----
    LeftOutWarning
        Of the events that are left out: no fatalities reported, no two armed actors, civilians targeted, other event types.

    Notes
    -----
    ACLED does not attribute fatalities to a side. The force of a row is therefore *both* sides, such as
    ``"Force A + Force B"``, and never one of them: how the dead are shared cannot be mapped. Nor can civilians who died in a battle
    be told apart, so even "at least" holds for the soldiers of both sides only as far as ACLED's number is theirs. Zero is
    also what ACLED writes where nothing is known, and vague words are coded as low numbers (10 for "tens", 12
    for "dozens", 100 for "hundreds"). Source :cite:p:`raleigh2010`.

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
    return finished(adapt(source, forces, every), WHAT, quiet)


def adapt(source: Source, forces: Mapping[str, str] | None = None, every: Every = "event") -> Adapted:
    """The ledger and the account of every event."""
    if every not in ("event", "month"):
        raise ForcestError(f'every must be "event" or "month"; got {every!r}.')
    table = columns_of(source, WHAT, COLUMNS, OPTIONAL)
    reasons = _reasons(table)
    claims = _claims(table[reasons == ""], dict(forces or {}))
    n = reasons.value_counts()
    kept = {("fights of two armed actors", "killed, both sides together"): n.get("", 0)}
    account = account_of(kept | {(str(reason), ""): count for reason, count in n.items() if reason})
    return Adapted(ledger_of(summed_by_month(claims) if every == "month" else claims), account)


def _reasons(table: Frame) -> Column:
    """Why an event is left out, empty where it is not; the first reason that applies."""
    unarmed = table["actor1"].str.startswith(UNARMED) | table["actor2"].str.startswith(UNARMED)
    reasons = pd.Series("", index=table.index)
    for reason, holds in (
        ("events that target or involve civilians", unarmed | (table["civilian_targeting"] != "")),
        ("events without a second actor", (table["actor1"] == "") | (table["actor2"] == "")),
        ("events that are no fight", ~table["event_type"].isin(FIGHTING)),
        ("events without reported fatalities", ~(numbers(table, "fatalities") > 0)),
    ):
        reasons = reasons.mask(holds & (reasons == ""), reason)
    return reasons


def _claims(events: Frame, forces: Mapping[str, str]) -> Frame:
    day = dates(events, "event_date", *DATE_FORMATS)
    width = pd.to_timedelta(events["time_precision"].map(lambda word: WIDTH.get(word, 0)), unit="D")
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
    """One name for two sides, whichever of them ACLED names first."""
    return " + ".join(sorted({one, other}))
