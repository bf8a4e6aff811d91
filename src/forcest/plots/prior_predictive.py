"""What the model would expect to be claimed before reading a single claim, with the claims beside it."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from forcest.plots.intervals import HARD_TO_BELIEVE, claim_rows

CAPTION = (
    "Bars: what the priors alone expect this source to claim, before any claim was read; coloured by measure. "
    "They should be wide and hold the marks.\n"
    f"z: a claim more than {HARD_TO_BELIEVE:g} predictive standard deviations (log scale) away: think again about this prior."
)


def prior_predictive(fit: xr.DataTree, *, ax: Axes | None = None) -> Any:
    """Every fitted claim beside its prior predictive interval, grouped by source, on a log axis.

    Parameters
    ----------
    fit : DataTree
        A fit.
    ax : Axes, optional
        Where to draw all rows; a new figure, in columns where there are many claims, unless given.

    Returns
    -------
    Axes or ndarray of Axes
        Persons on a log axis, one row per claim; claims on combat value are left out and counted in the caption.

    Examples
    --------
    >>> axes = fc.plots.prior_predictive(fit)  # an array where the claims take several columns
    >>> axes[0].figure.savefig("prior_predictive.png")
    """
    return claim_rows(fit, "prior_predictive", "Claims and what the priors alone expect to be said", CAPTION, ax)
