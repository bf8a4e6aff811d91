"""Headline measures of every force at a date, and their medians in another fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forcest.attributes import Attributes
from forcest.estimates.anchors import headline_measures
from forcest.estimates.draws import SAMPLE_DIMS, DateLike, as_dates, group, last_claim_date, on_date
from forcest.inference.opened import OpenedFit
from forcest.inference.rerun import fit_again

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel


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


def refitted(first: xr.DataTree, ledger: Ledger, model: ForceModel | LossModel | None = None) -> tuple[dict[str, float], bool]:
    """Medians of the headline measures in another fit, made and dated like a first one, and whether it has converged.

    The other ledger, and another model where one is given, are fitted with the sampler, the settings and the seed of the first fit.
    """
    other = fit_again(OpenedFit.of(first), model=model, ledger=ledger)
    medians = {name: float(np.median(draws)) for name, draws in headlines(other, last_claim_date(first)).items()}
    return medians, Attributes.of(other).verdict.converged


def moved(before: np.ndarray, after: float) -> dict[str, float]:
    """From the median of draws to another one: in persons, and in standard deviations of the draws."""
    median = float(np.median(before))
    return {"median": median, "new_median": after, "shift": after - median, "shift_sd": (after - median) / float(before.std())}
