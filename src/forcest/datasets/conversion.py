"""Which rows of a public data set become claims, and which are left out."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from forcest.datasets import acled, economist, meduza, radford2023, ucdp
from forcest.datasets.adapting import Adapted, Source
from forcest.errors import ForcestError

ADAPTERS: dict[str, Callable[[Source], Adapted]] = {
    "radford2023": radford2023.adapt,
    "economist_estimates": economist.adapt_estimates,
    "uk_mod_monthly": economist.adapt_uk_mod,
    "meduza_weekly": meduza.adapt,
    "ucdp_ged": ucdp.adapt,
    "acled": acled.adapt,
}


def conversion_summary(name: str, source: Source) -> pd.DataFrame:
    """Count the rows of a public data set by what they become in a ledger.

    Parameters
    ----------
    name : str
        ``"radford2023"``, ``"economist_estimates"``, ``"uk_mod_monthly"``, ``"meduza_weekly"``, ``"ucdp_ged"`` or
        ``"acled"``.
    source : path or DataFrame
        As for the reader of that data set.

    Returns
    -------
    DataFrame
        Columns rows (kind of rows of the source), becomes (what they are in the ledger, empty if left out) and n; the sum
        of n is the number of rows of the source.

    Raises
    ------
    ForcestError
        If the name is unknown, or the reader raises an error.

    Examples
    --------
    >>> import pandas as pd
    >>> week = {"Year": 2022, "Week": 9, "ED": 650.6, "EDPrediction": "", "EDAssembled": 691.0}
    >>> weeks = pd.DataFrame([week | {"EDAssembledHigh": 822.3, "EDAssembledLow": 559.8}])
    >>> fc.datasets.conversion_summary("meduza_weekly", weeks)[["becomes", "n"]].values.tolist()
    [['killed, flow of the week', 1]]
    """
    if name not in ADAPTERS:
        raise ForcestError(f"name must be one of {', '.join(ADAPTERS)}; got {name!r}.")
    return ADAPTERS[name](source).summary
