"""Ledgers that ship with the package."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import as_file, files

from forcest.errors import ForcestError
from forcest.ledger import Ledger, read_ledger

_HERE = files("forcest.datasets")


def names() -> list[str]:
    """Names of the shipped ledgers, for :func:`load`.

    Examples
    --------
    >>> fc.datasets.names()
    ['north_korea_kursk']
    """
    return sorted(file.name.removesuffix(".csv") for file in _HERE.iterdir() if file.name.endswith(".csv"))


def load(name: str) -> Ledger:
    """Read a shipped ledger.

    Parameters
    ----------
    name : str
        One of :func:`names`, such as ``"north_korea_kursk"``.

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
