"""Claim by claim: what was said beside what the fit expects its source to say."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from forcest.plots.intervals import HARD_TO_BELIEVE, claim_rows

CAPTION = (
    "Bars: what the fitted model expects this source to claim, bias and rounding of the source included; coloured by measure. "
    f"z: the claim lies more than {HARD_TO_BELIEVE:g} predictive standard deviations (log scale) away.\n"
    "The same claims were fitted, so a bar over its mark shows consistency, not foresight."
)


def claims(fit: xr.DataTree, *, ax: Axes | None = None) -> Any:
    """Every fitted claim beside its posterior predictive interval, grouped by source, on a log axis.

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
    >>> axes = fc.plots.claims(fit)  # an array where the claims take several columns
    >>> axes[0].figure.savefig("claims.png")
    """
    return claim_rows(fit, "posterior_predictive", "Claims and what the fit expects their sources to say", CAPTION, ax)
