"""What becomes of every row of a public data set."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from forcest.datasets import acled, economist, radford2023, ucdp
from forcest.datasets.adapting import Adapted, Source
from forcest.errors import ForcestError

ADAPTERS: dict[str, Callable[[Source], Adapted]] = {
    "radford2023": radford2023.adapt,
    "economist_estimates": economist.adapt_estimates,
    "uk_mod_monthly": economist.adapt_uk_mod,
    "meduza_weekly": economist.adapt_meduza,
    "ucdp_ged": ucdp.adapt,
    "acled": acled.adapt,
}


def account(name: str, source: Source) -> pd.DataFrame:
    """What becomes of every row of a public data set: what it is in the ledger, or that it is left out.

    Parameters
    ----------
    name : str
        ``"radford2023"``, ``"economist_estimates"``, ``"uk_mod_monthly"``, ``"meduza_weekly"``, ``"ucdp_ged"`` or
        ``"acled"``.
    source : path or DataFrame
        As the reader of that set takes it.

    Returns
    -------
    DataFrame
        Columns rows (which rows of the source), becomes (empty where they are left out) and n; n sums to all rows.

    Examples
    --------
    >>> import pandas as pd
    >>> week = {"Year": 2022, "Week": 9, "ED": 650.6, "EDPrediction": "", "EDAssembled": 691.0}
    >>> weeks = pd.DataFrame([week | {"EDAssembledHigh": 822.3, "EDAssembledLow": 559.8}])
    >>> fc.datasets.account("meduza_weekly", weeks)[["becomes", "n"]].values.tolist()
    [['killed, flow of the week', 1]]
    """
    if name not in ADAPTERS:
        raise ForcestError(f"name must be one of {', '.join(ADAPTERS)}; got {name!r}.")
    return ADAPTERS[name](source).account
