"""The reports of Radford et al. (2023), "Estimating conflict losses and reporting biases", PNAS 120 (34), as a ledger."""

from __future__ import annotations

import pandas as pd

from forcest.datasets.adapting import (
    RUSSIA,
    UKRAINE,
    Adapted,
    Column,
    Frame,
    Source,
    ledger_of,
    ledger_with_warning,
    numbers,
    read_columns,
    refuse,
    require_values,
    summary_of,
)
from forcest.errors import ForcestError
from forcest.ledger import Ledger

WHAT = "the replication data of Radford et al. (2023)"
URL = "https://doi.org/10.1073/pnas.2307372120"
FIRST_DAY = pd.Timestamp("2022-02-24")
MOST_DAYS = 10_000
"""The data cover 365 days."""

COLUMNS = (
    "days",
    "loss_count",
    "loss_type",
    "claim_source",
    "time_frame",
    "loss_country",
    "minimum",
    "maximum",
    "category",
    "source_target",
)
MEASURES = {"Military Deaths": "killed", "Military Injuries": "wounded", "Military Casualties": "casualties"}
CIVILIANS = {"Civilian Deaths": "killed", "Civilian Injuries": "wounded", "Civilian Casualties": "casualties"}
FORCES = {"Russia": RUSSIA, "Ukraine": UKRAINE}
SIDES = {"UA Source": "Ukraine", "RU Source": "Russia"}
"""Sources that belong to a belligerent; all others are third parties."""
SCOPES = {"Cumulative": "cumulative", "Day": "flow"}


def read_radford2023(source: Source, *, quiet: bool = False) -> Ledger:
    """Read the military losses in the replication data of Radford et al. (2023) as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``replication-data-pnas.csv``, such as ``fetch("radford2023")`` gives.
    quiet : bool
        Whether to suppress the warning about rows left out.

    Returns
    -------
    Ledger
        Military deaths become ``killed``, injuries ``wounded``, casualties ``casualties`` (their definition is not documented
        and stays empty). Day 1 is 24 February 2022. Cumulative reports become ``cumulative``, daily ones a ``flow`` of that day.
        Minimum reports become ``at_least``, maximum reports ``up_to``, others ``about``; the only minimum and the only maximum
        of a source, kind and day become one ``range`` (the row of the maximum is excluded). The UA and RU sources are
        ``own`` or ``enemy``, depending on the side whose losses they report; all others are ``third_party``. Rows that
        agree in every column are taken as one report that was collected twice: the later ones name the first as ``origin``.

    Raises
    ------
    ForcestError
        If columns are missing or a column contains unknown values.

    Warns
    -----
    LeftOutWarning
        About equipment and civilians, which are not losses of people of a force.

    Notes
    -----
    The file has no date of publication: the date of the count is assumed, as the note of each row states. A source such as
    "UA Source" stands for many, so that its totals fall now and then: ``problems()`` warns of 47 cases.
    Source :cite:p:`radford2023`.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"days": 8, "loss_count": 498, "loss_type": "Military Deaths-Russia", "claim_source": "RU Source"}
    >>> row |= {"time_frame": "Cumulative", "loss_country": "Russia", "minimum": 0, "maximum": 0}
    >>> row |= {"category": "Military Deaths", "source_target": "RU Source-Russia"}
    >>> claims = fc.datasets.read_radford2023(pd.DataFrame([row]))
    >>> claims.usable()[["force", "measure", "value", "stance"]].values.tolist()
    [['Russian forces', 'killed', 498.0, 'own']]
    """
    return ledger_with_warning(adapt(source), WHAT, quiet)


def read_radford2023_reports(source: Source) -> Ledger:
    """Read all reports in the replication data, including equipment and civilians, as a ledger for the published model.

    Parameters
    ----------
    source : path or DataFrame
        ``replication-data-pnas.csv``, such as ``fetch("radford2023")`` gives.

    Returns
    -------
    Ledger
        One claim per row, as in the publication: a minimum and a maximum are two claims, and a report collected twice counts
        twice. Civilians are ``killed``, ``wounded`` or ``casualties`` with the ``item`` civilians; equipment is ``destroyed``, with
        its kind as ``item``.

    Raises
    ------
    ForcestError
        If columns are missing or a column contains unknown values.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"days": 8, "loss_count": 12, "loss_type": "Tanks-Russia", "claim_source": "UA Source"}
    >>> row |= {"time_frame": "Cumulative", "loss_country": "Russia", "minimum": 0, "maximum": 1}
    >>> row |= {"category": "Tanks", "source_target": "UA Source-Russia"}
    >>> claims = fc.datasets.read_radford2023_reports(pd.DataFrame([row]))
    >>> claims.usable()[["force", "measure", "item", "value", "qualifier"]].values.tolist()
    [['Russian forces', 'destroyed', 'Tanks', 12.0, 'up_to']]
    """
    return ledger_of(_plain_claims(_checked(source)))


def adapt(source: Source) -> Adapted:
    """The ledger and the summary of what becomes of the rows."""
    table = _checked(source)
    return Adapted(ledger_of(_claims(table[table["category"].isin(MEASURES)])), _summary(table))


def _checked(source: Source) -> Frame:
    """The table, with known values only."""
    table = read_columns(source, WHAT, COLUMNS)
    require_values(table, "time_frame", SCOPES)
    require_values(table, "loss_country", FORCES)
    for column in ("minimum", "maximum"):
        require_values(table, column, ("0", "1"))
    both = table.index[(table["minimum"] == "1") & (table["maximum"] == "1")]
    if len(both):
        raise ForcestError(f"a report must be a minimum or a maximum, not both; got both in row {both[0]}. Correct or drop it.")
    return table


def _plain_claims(counts: Frame) -> Frame:
    """One claim per row."""
    day = FIRST_DAY + pd.to_timedelta(_days(counts) - 1, unit="D")
    ids = pd.Series([f"radford-{row:04d}" for row in counts.index], index=counts.index)
    of_soldiers = counts["category"].map(MEASURES)
    of_civilians = counts["category"].map(CIVILIANS)
    items = counts["category"].mask(of_soldiers.notna(), "").mask(of_civilians.notna(), "civilians")
    return pd.DataFrame(
        {
            "id": ids,
            "published": day,
            "as_of": day,
            "force": counts["loss_country"].map(FORCES),
            "measure": of_soldiers.fillna(of_civilians).fillna("destroyed"),
            "item": items,
            "scope": counts["time_frame"].map(SCOPES),
            "value": numbers(counts, "loss_count", required=True),
            "qualifier": _qualifiers(counts),
            "source": counts["claim_source"],
            "stance": _stances(counts),
            "note": _notes(counts),
            "url": URL,
        }
    )


def _days(counts: Frame) -> Column:
    """Days of the war, from 1."""
    days = numbers(counts, "days", required=True)
    refuse(counts, "days", ~((days >= 1) & (days <= MOST_DAYS) & (days % 1 == 0)), f"be a whole number from 1 to {MOST_DAYS}")
    return days


def _claims(counts: Frame) -> Frame:
    """Claims, with the minimum and maximum of one report joined to a range, and duplicates linked to the first."""
    claims = _plain_claims(counts)
    ids = claims["id"]
    claims = claims.assign(origin=_first_duplicate(counts, ids), low=float("nan"), high=float("nan"), exclude="")
    for least, most in _ranges(counts):
        low, high = claims.loc[least, "value"], claims.loc[most, "value"]
        claims.loc[least, ["value", "low", "high", "qualifier"]] = [float("nan"), low, high, "range"]
        claims.loc[most, "exclude"] = f"upper end of the range in {ids[least]}"
    return claims


def _ranges(counts: Frame) -> list[tuple[int, int]]:
    """Pairs of rows with the ends of one range: the only minimum and the only maximum of a source, kind, time frame and day."""
    bounds = counts.assign(number=numbers(counts, "loss_count")).query("minimum == '1' or maximum == '1'")
    bounds = bounds.drop_duplicates(list(COLUMNS))
    found = []
    for _, rows in bounds.groupby(["days", "claim_source", "time_frame", "loss_type"], sort=False):
        least, most = rows.index[rows["minimum"] == "1"], rows.index[rows["maximum"] == "1"]
        if len(least) == len(most) == 1 and rows.loc[least[0], "number"] < rows.loc[most[0], "number"]:
            found.append((int(least[0]), int(most[0])))
    return found


def _qualifiers(counts: Frame) -> Column:
    plain = pd.Series("about", index=counts.index)
    return plain.mask(counts["minimum"] == "1", "at_least").mask(counts["maximum"] == "1", "up_to")


def _stances(counts: Frame) -> Column:
    side = counts["claim_source"].map(SIDES)
    third = pd.Series("third_party", index=counts.index)
    return third.mask(side == counts["loss_country"], "own").mask(side.notna() & (side != counts["loss_country"]), "enemy")


def _first_duplicate(counts: Frame, ids: Column) -> Column:
    """For every row, the id of the first row that agrees in all columns; empty for that first row."""
    first = ids.groupby([counts[name] for name in COLUMNS], sort=False).transform("first")
    return first.where(first != ids, "")


def _notes(counts: Frame) -> list[str]:
    cells = zip(counts.index, counts["loss_type"], counts["time_frame"].str.lower(), counts["days"], strict=True)
    return [f"Row {row}: {kind}, {frame}, day {day}; date of publication assumed." for row, kind, frame, day in cells]


def _summary(table: Frame) -> Frame:
    """Rows in the ledger by kind; rows left out as civilians or equipment."""
    n = table["category"].value_counts()
    groups = {(f"{kind}", measure): n.get(kind, 0) for kind, measure in MEASURES.items()}
    civilian = table["category"].str.startswith("Civilian")
    groups["Civilian deaths, injuries and casualties", ""] = civilian.sum()
    groups["equipment", ""] = (~civilian & ~table["category"].isin(MEASURES)).sum()
    return summary_of(groups)
