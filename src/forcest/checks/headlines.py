"""Headline measures of every force at a date, and how far they move."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forcest.estimates.anchors import headline_measures
from forcest.estimates.draws import SAMPLE_DIMS, DateLike, as_dates, group, on_date


def headlines(fit: xr.DataTree, at: DateLike | None = None, *, with_fixed: bool = False) -> dict[str, np.ndarray]:
    """Draws of the headline measures at a date, each (chain, draw)  [persons]; named by force where there are several.

    Those that are one number in all draws, such as nobody killed before the fighting, are left out unless asked for.
    """
    posterior, date = group(fit, "posterior"), as_dates(fit, at)[0]
    forces = [str(force) for force in posterior["force"].values]
    found = {}
    for i, force in enumerate(forces):
        for measure in headline_measures(posterior):
            values = on_date(posterior[measure].isel(force=i), date).transpose(*SAMPLE_DIMS).to_numpy().astype(float)
            if np.ptp(values) > 0 or (with_fixed and np.isfinite(values).all()):
                found[f"{force}: {measure}" if len(forces) > 1 else measure] = values
    return found


def moved(before: np.ndarray, after: float) -> dict[str, float]:
    """From the median of draws to another one: in persons, and in standard deviations of the draws."""
    median = float(np.median(before))
    return {"median": median, "new_median": after, "shift": after - median, "shift_sd": (after - median) / float(before.std())}
