"""Every claim with its posterior predictive interval."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from forcest.plots.intervals import FLAGGED_Z, claim_rows

CAPTION = (
    "Bars: posterior predictive intervals of a claim by this source, including its bias and rounding; white line: median; colour: "
    f"measure. z: distance to the median in predictive standard deviations (log scale), shown beyond {FLAGGED_Z:g}.\n"
    "The claims were fitted, so agreement shows consistency, not predictive accuracy."
)


def claims(fit: xr.DataTree, *, ax: Axes | None = None) -> Any:
    """Every fitted claim with its posterior predictive interval, grouped by source, on a log axis.

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
    >>> axes = fc.plots.claims(fit)  # an array if the figure has several columns
    >>> axes[0].figure.savefig("claims.png")
    """
    return claim_rows(fit, "posterior_predictive", "Claims and their posterior predictive intervals", CAPTION, ax)
