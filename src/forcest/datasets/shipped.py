"""Ledgers that ship with the package, and what was established later about some of them."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import as_file, files

import pandas as pd

from forcest.datasets.outcomes import read_outcomes
from forcest.datasets.reporting_record import RECORD
from forcest.errors import ForcestError
from forcest.ledger import Ledger, read_ledger

_HERE = files("forcest.datasets")
_OUTCOMES = ".outcomes.csv"


def names(*, with_outcomes: bool = False) -> list[str]:
    """Names of the shipped ledgers, for :func:`load`.

    Parameters
    ----------
    with_outcomes : bool
        Only those of past wars, whose :func:`outcomes` ship too.

    Returns
    -------
    list of str

    Examples
    --------
    >>> len(fc.datasets.names())
    8
    >>> fc.datasets.names(with_outcomes=True)[:3]
    ['chechnya_1994_96', 'chinese_volunteers_korea_1950', 'cubans_angola_1975']
    """
    shipped = {file.name for file in _HERE.iterdir() if file.name.endswith(".csv")}
    known = {name.removesuffix(_OUTCOMES) for name in shipped if name.endswith(_OUTCOMES)}
    ledgers = {name.removesuffix(".csv") for name in shipped - {RECORD} if not name.endswith(_OUTCOMES)}
    return sorted(known if with_outcomes else ledgers)


def load(name: str) -> Ledger:
    """Read a shipped ledger.

    Parameters
    ----------
    name : str
        One of :func:`names`, such as ``"north_korea_kursk"`` or ``"falklands_1982"``.

    Returns
    -------
    Ledger

    Raises
    ------
    ForcestError
        If there is no shipped ledger of that name.

    Examples
    --------
    >>> ledger = fc.datasets.load("north_korea_kursk")
    >>> ledger.forces()
    ['KPA in Russia']
    """
    if name not in names():
        near = get_close_matches(str(name), names(), n=1)
        hint = f'Did you mean "{near[0]}"? ' if near else ""
        raise ForcestError(
            f"name must be a shipped ledger; got {name!r}. {hint}Shipped ledgers: {', '.join(names())}. "
            "For your own file, call forcest.read_ledger(path); for a public data set, forcest.datasets.fetch(name)."
        )
    with as_file(_HERE / f"{name}.csv") as path:
        return read_ledger(path)


def outcomes(name: str) -> pd.DataFrame:
    """What was established later about the forces of a shipped ledger of a past war.

    Parameters
    ----------
    name : str
        One of ``names(with_outcomes=True)``. No claim of the ledger repeats its outcomes.

    Returns
    -------
    DataFrame
        See :func:`read_outcomes`.

    Raises
    ------
    ForcestError
        If no outcomes ship for that name.

    Examples
    --------
    >>> later = fc.datasets.outcomes("kargil_1999")
    >>> later[["force", "measure", "low", "high"]].values.tolist()[0]
    ['India', 'killed', 524.0, 527.0]
    """
    known = names(with_outcomes=True)
    if name not in known:
        raise ForcestError(
            f"name must be a shipped ledger of a past war, {', '.join(known)}; got {name!r}. "
            "For your own file, call forcest.datasets.read_outcomes(path)."
        )
    with as_file(_HERE / f"{name}{_OUTCOMES}") as path:
        return read_outcomes(path)
