"""Rules of the rows of a table, refused all at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from forcest.errors import ForcestError


def refuse_rows(name: str, broken: Mapping[str, ArrayLike]) -> None:
    """Raise one error that names every rule and the rows that break it.

    Parameters
    ----------
    name : str
        The file.
    broken : mapping of str to array_like of bool, shape (row,)
        Whether a row breaks a rule, by the rule in words.

    Raises
    ------
    ForcestError
        If a row breaks a rule.
    """
    found = {rule: (np.flatnonzero(np.asarray(rows)) + 2).tolist() for rule, rows in broken.items()}  # row 1 is the header
    faults = [f"{rule}; not so in row {', '.join(map(str, rows))}." for rule, rows in found.items() if rows]
    if faults:
        raise ForcestError(f"{name}: {' '.join(faults)} Correct these rows.")
