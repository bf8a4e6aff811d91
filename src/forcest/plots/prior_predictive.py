"""Every claim with its prior predictive interval."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from forcest.plots.intervals import FLAGGED_Z, claim_rows

CAPTION = (
    "Bars: prior predictive intervals of a claim by this source; white line: median; colour: measure. "
    "They should be wide and contain most marks.\n"
    f"z: distance to the median in predictive standard deviations (log scale), shown beyond {FLAGGED_Z:g}: the prior is doubtful."
)


def prior_predictive(fit: xr.DataTree, *, ax: Axes | None = None) -> Any:
    """Every fitted claim with its prior predictive interval, grouped by source, on a log axis.

    Parameters
    ----------
    fit : DataTree
        A fit.
    ax : Axes, optional
        Where to draw all rows; by default a new figure, with several columns if there are many claims.

    Returns
    -------
    Axes or ndarray of Axes
        Persons on a log axis, one row per claim; claims about combat value are left out, and the caption counts them.

    Examples
    --------
    >>> axes = fc.plots.prior_predictive(fit)  # an array if the figure has several columns
    >>> axes[0].figure.savefig("prior_predictive.png")
    """
    return claim_rows(fit, "prior_predictive", "Claims and their prior predictive intervals", CAPTION, ax)
