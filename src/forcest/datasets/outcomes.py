# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""Outcomes of past wars: what was established later about the forces of a ledger."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from forcest.datasets.row_rules import refuse_rows
from forcest.errors import ForcestError
from forcest.ledger.cells import YEARS, cell_text
from forcest.ledger.measures import MEASURES

COLUMNS = ("force", "measure", "date", "low", "high", "rule", "source", "note")
SCORED, NO_BATTLE_LOSSES = "scored", "no_battle_losses"
RULES = (SCORED, NO_BATTLE_LOSSES)


def read_outcomes(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a file of outcomes, which stands beside its ledger as NAME.outcomes.csv.

    Parameters
    ----------
    path : path
        CSV file with the columns of the result; only `note` may be empty.

    Returns
    -------
    DataFrame
        `force, measure, date` (what was counted, and on which day), `low, high` [persons] (the range established later), `rule`
        ("scored", or "no_battle_losses" for deaths without a battle, where an estimate must show no losses), `source, note`.

    Raises
    ------
    ForcestError
        With every row that violates a rule of the columns.

    Examples
    --------
    >>> fc.datasets.outcomes("kosovo_1999").to_csv("mine.outcomes.csv", index=False)
    >>> fc.datasets.read_outcomes("mine.outcomes.csv")[["measure", "low", "high"]].values.tolist()
    [['killed', 1008.0, 1084.0]]
    """
    file = Path(path)
    if not file.is_file():
        raise ForcestError(f"outcomes must stand beside their ledger as NAME.outcomes.csv; there is no {file}. Write that file.")
    text = pd.read_csv(file, dtype=str, keep_default_na=False).map(cell_text)
    if lacking := [name for name in COLUMNS if name not in text]:
        raise ForcestError(f"{file.name} must have the columns {', '.join(COLUMNS)}; it lacks {', '.join(lacking)}. Add them.")
    date = pd.to_datetime(text["date"], format="%Y-%m-%d", errors="coerce")
    table = text[list(COLUMNS)].assign(
        date=date.where(date.dt.year.isin(YEARS)),
        low=pd.to_numeric(text["low"], errors="coerce").astype(float),
        high=pd.to_numeric(text["high"], errors="coerce").astype(float),
    )
    _refuse(table, file.name)
    return table


def _refuse(table: pd.DataFrame, name: str) -> None:
    """Raise one error that names every row with a wrong cell."""
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    rules = {
        f"`measure` must be a measure of a ledger ({', '.join(MEASURES)})": ~table["measure"].isin(MEASURES),
        f"`date` must be written as YYYY-MM-DD, {YEARS.start} to {YEARS.stop - 1}": table["date"].isna(),
        "`low` and `high` must be persons, 0 <= low <= high": ~((low >= 0) & (low <= high) & np.isfinite(high)),
        f"`rule` must be one of {', '.join(RULES)}": ~table["rule"].isin(RULES),
        "`force` and `source` must not be empty": (table[["force", "source"]] == "").any(axis=1),
    }
    refuse_rows(name, rules)
