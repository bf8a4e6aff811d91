# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The reporting record: what was claimed during past wars, beside what was established later."""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from forcest.datasets.row_rules import refuse_rows
from forcest.errors import ForcestError
from forcest.ledger.cells import cell_text
from forcest.ledger.schema import STANCES

RECORD = "reporting_record.csv"
MEASURE_CLASS = {
    "killed": "losses",
    "killed_and_missing": "losses",
    "casualties": "losses",
    "wounded": "losses",
    "missing": "losses",
    "captured": "captured",
    "strength": "strength",
    "aircraft": "equipment",
    "tanks": "equipment",
    "other_equipment": "equipment",
}
"""What a row counts, and the class whose bias it tells about."""
ESTABLISHED_BY = {
    "names": "a list of names, thought to be nearly complete",
    "archive": "an archive or file of the force, opened later",
    "study": "a study by people without a stake",
    "own_admission": "the force's own side, later; can be too low",
    "opponent_record": "a count by the other side, such as of graves or prisoners",
    "press": "later reporting that names no record",
}
IN_RECORD = {
    "chechnya_1994_96": "Chechnya 1994-96",
    "chinese_volunteers_korea_1950": "Korean War",
    "cubans_angola_1975": "Angola 1975-88",
    "falklands_1982": "Falklands War 1982",
    "kargil_1999": "Kargil War 1999",
    "kosovo_1999": "Kosovo War",
    "soviet_cuba_1962": "Cuban missile crisis 1962",
}
"""Wars of the record that shipped ledgers are about: priors for these ledgers leave them out."""
TEXTS = ("war", "force", "claimant", "counted", "established_source", "claim_source")
COLUMNS = (
    "row_id", "war", "year", "force", "claimant", "stance", "measure", "counted", "claim_low", "claim_high", "claim_date",
    "claim_timing", "concealed", "names_published", "established_low", "established_high", "established_by",
    "established_source", "claim_source", "confidence", "note",
)  # fmt: skip
NUMBERS = ("claim_low", "claim_high", "established_low", "established_high")
ALLOWED = {
    "stance": tuple(STANCES),
    "measure": tuple(MEASURE_CLASS),
    "claim_timing": ("during", "after"),
    "concealed": ("yes", "no"),
    "names_published": ("yes", "no"),
    "established_by": tuple(ESTABLISHED_BY),
    "confidence": ("a", "b"),
}
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def reporting_record(path: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Claims of past wars beside the counts established later.

    Parameters
    ----------
    path : path, optional
        A CSV file with the columns of the result, for rows of your own; by default the record that forcest ships. Join both with
        ``pandas.concat``.

    Returns
    -------
    DataFrame
        One row per claim: `row_id`; `war, year, force` (whose people are counted), `claimant`, `stance` (of the claimant toward
        the force, as in a ledger), `measure`, `counted` (what both numbers count); `claim_low, claim_high, claim_date,
        claim_timing` ("during" the war or within a year of it, or "after"); `concealed` and `names_published` ("yes" or "no":
        whether the force hid its presence or numbers, whether it published its dead by name at the time);
        `established_low, established_high, established_by` (one of names, archive, study, own_admission, opponent_record,
        press), `established_source, claim_source`; `confidence` ("a": both numbers were read in a source that is named, "b":
        at least one is general knowledge); `note`. Counts are persons, or machines and units as `counted` says.

    Raises
    ------
    ForcestError
        With every row that violates a rule of the columns.

    Examples
    --------
    >>> record = fc.datasets.reporting_record()
    >>> enemy = record[(record["stance"] == "enemy") & (record["measure"] == "killed")]
    >>> bool((enemy["claim_high"] > enemy["established_high"]).mean() > 0.7)  # the enemy's losses are exaggerated
    True
    """
    file = resources.files("forcest.datasets") / RECORD if path is None else Path(path)
    if not file.is_file():
        raise ForcestError(f"there is no file {file}. Give the path of a CSV file of claims and established counts.")
    with file.open(encoding="utf-8", newline="") as lines:
        text = pd.read_csv(lines, dtype=str, keep_default_na=False).map(cell_text)
    if lacking := [name for name in COLUMNS if name not in text]:
        raise ForcestError(f"{file.name} must have the columns {', '.join(COLUMNS)}; it lacks {', '.join(lacking)}. Add them.")
    numbers = {name: pd.to_numeric(text[name], errors="coerce").astype(float) for name in NUMBERS}
    table = text[list(COLUMNS)].assign(**numbers, year=pd.to_numeric(text["year"], errors="coerce"))
    _refuse(table, file.name)
    return table.astype({"year": int})


def _refuse(table: pd.DataFrame, name: str) -> None:
    """Raise one error that names every row with a wrong cell."""
    numbers = table[list(NUMBERS)].to_numpy()
    rules = {
        "`row_id` must be unique and not empty": table["row_id"].duplicated(keep=False) | (table["row_id"] == ""),
        f"{', '.join(TEXTS)} must not be empty": (table[list(TEXTS)] == "").any(axis=1),
        "`year` must be a year": ~table["year"].between(1000, 2100),
        "numbers must be positive, low <= high": ~(
            (numbers > 0).all(axis=1)
            & np.isfinite(numbers).all(axis=1)
            & (numbers[:, 0] <= numbers[:, 1])
            & (numbers[:, 2] <= numbers[:, 3])
        ),
        "`claim_date` must be written as YYYY, YYYY-MM or YYYY-MM-DD": ~table["claim_date"].str.fullmatch(DATE),
        **{f"`{name}` must be one of {', '.join(allowed)}": ~table[name].isin(allowed) for name, allowed in ALLOWED.items()},
    }
    refuse_rows(name, rules)
