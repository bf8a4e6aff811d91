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
    account_of,
    columns_of,
    finished,
    ledger_of,
    numbers,
    one_of,
)
from forcest.errors import ForcestError
from forcest.ledger import Ledger

WHAT = "the replication data of Radford et al. (2023)"
URL = "https://doi.org/10.1073/pnas.2307372120"
FIRST_DAY = pd.Timestamp("2022-02-24")

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
"""The sources that belong to a belligerent; all others are third parties."""
SCOPES = {"Cumulative": "cumulative", "Day": "flow"}


def read_radford2023(source: Source, *, quiet: bool = False) -> Ledger:
    """The military losses of the replication data as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``replication-data-pnas.csv``, such as ``fetch("radford2023")`` gives.
    quiet : bool
        Do not warn of the rows that are left out.

    Returns
    -------
    Ledger
        Military deaths as killed, injuries as wounded, casualties as casualties (what is counted as one is not
        documented: the definition stays empty). Day 1 is 24 February 2022. Cumulative reports are cumulative, daily
        ones flows of their day. Minimum reports are ``at_least``, maximum reports ``up_to``, the others ``about``; the one
        minimum and the one maximum of a source, kind and day are one ``range`` (the row of the maximum is excluded). The
        UA and RU sources are ``own`` or ``enemy``, by the side whose losses they report; all others ``third_party``.
        Rows that agree in every column are one report found twice: the later ones name the first as ``origin``.

    Raises
    ------
    ForcestError
        When the columns or words are not those of the file.

    Warns
    -----
    LeftOutWarning
        Equipment and civilians have no measure in a ledger of a force; they are left out and counted.

    Notes
    -----
    The file holds no date of publication: that of the count is assumed, and the note of each row says so.
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
    return finished(adapt(source), WHAT, quiet)


def read_radford2023_reports(source: Source) -> Ledger:
    """Every report of the replication data as a ledger, equipment and civilians too, for the published model.

    Parameters
    ----------
    source : path or DataFrame
        ``replication-data-pnas.csv``, such as ``fetch("radford2023")`` gives.

    Returns
    -------
    Ledger
        One claim a row, as the publication reads them: minimum and maximum are two claims, a report found twice counts twice.
        Civilians are killed, wounded or casualties with the ``item`` civilians; equipment is ``destroyed``, its kind the ``item``.

    Raises
    ------
    ForcestError
        When the columns or words are not those of the file.

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
    """The ledger and the account of every row."""
    table = _checked(source)
    return Adapted(ledger_of(_claims(table[table["category"].isin(MEASURES)])), _account(table))


def _checked(source: Source) -> Frame:
    """The table, its words known."""
    table = columns_of(source, WHAT, COLUMNS)
    one_of(table, "time_frame", SCOPES)
    one_of(table, "loss_country", FORCES)
    for column in ("minimum", "maximum"):
        one_of(table, column, ("0", "1"))
    both = table.index[(table["minimum"] == "1") & (table["maximum"] == "1")]
    if len(both):
        raise ForcestError(f"a report must be a minimum or a maximum, not both; got both in row {both[0]}. Correct or drop it.")
    return table


def _plain_claims(counts: Frame) -> Frame:
    """Every row as a claim of its own."""
    day = FIRST_DAY + pd.to_timedelta(numbers(counts, "days") - 1, unit="D")
    ids = pd.Series([f"radford-{row:04d}" for row in counts.index], index=counts.index)
    of_people = counts["category"].map(MEASURES)
    of_civilians = counts["category"].map(CIVILIANS)
    things = counts["category"].mask(of_people.notna(), "").mask(of_civilians.notna(), "civilians")
    return pd.DataFrame(
        {
            "id": ids,
            "published": day,
            "as_of": day,
            "force": counts["loss_country"].map(FORCES),
            "measure": of_people.fillna(of_civilians).fillna("destroyed"),
            "item": things,
            "scope": counts["time_frame"].map(SCOPES),
            "value": numbers(counts, "loss_count"),
            "qualifier": _qualifiers(counts),
            "source": counts["claim_source"],
            "stance": _stances(counts),
            "note": _notes(counts),
            "url": URL,
        }
    )


def _claims(counts: Frame) -> Frame:
    """Claims, those that belong together joined."""
    claims = _plain_claims(counts)
    ids = claims["id"]
    claims = claims.assign(origin=_first_of_twins(counts, ids), low=float("nan"), high=float("nan"), exclude="")
    for least, most in _ranges(counts):
        low, high = claims.loc[least, "value"], claims.loc[most, "value"]
        claims.loc[least, ["value", "low", "high", "qualifier"]] = [float("nan"), low, high, "range"]
        claims.loc[most, "exclude"] = f"upper end of the range that {ids[least]} states"
    return claims


def _ranges(counts: Frame) -> list[tuple[int, int]]:
    """Rows that hold the lower and the upper end of one range: the only minimum and maximum of a source, kind, frame and day."""
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


def _first_of_twins(counts: Frame, ids: Column) -> Column:
    """The id of the first row that agrees in every column, empty for that row itself."""
    first = ids.groupby([counts[name] for name in COLUMNS], sort=False).transform("first")
    return first.where(first != ids, "")


def _notes(counts: Frame) -> list[str]:
    cells = zip(counts.index, counts["loss_type"], counts["time_frame"].str.lower(), counts["days"], strict=True)
    return [f"Row {row}: {kind}, {frame}, day {day}; published on that day by assumption." for row, kind, frame, day in cells]


def _account(table: Frame) -> Frame:
    """What became of the rows: by kind where they are in the ledger, people and things apart where they are not."""
    n = table["category"].value_counts()
    groups = {(f"{kind}", measure): n.get(kind, 0) for kind, measure in MEASURES.items()}
    civilian = table["category"].str.startswith("Civilian")
    groups["Civilian deaths, injuries and casualties", ""] = civilian.sum()
    groups["equipment", ""] = (~civilian & ~table["category"].isin(MEASURES)).sum()
    return account_of(groups)
