"""The numbers that checks watch: headline measures of every force at a date, and what they become in another fit."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forcest.errors import NotConvergedWarning
from forcest.estimates.anchors import HEADLINES
from forcest.estimates.draws import SAMPLE_DIMS, DateLike, as_dates, group, last_claim_date, on_date
from forcest.inference import fit as fit_model

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023


def headlines(fit: xr.DataTree, at: DateLike | None = None) -> dict[str, np.ndarray]:
    """Draws of the headline measures at a date, each (chain, draw)  [persons]; named by force where there are several."""
    posterior, date = group(fit, "posterior"), as_dates(fit, at)[0]
    forces = [str(force) for force in posterior["force"].values]
    found = {}
    for i, force in enumerate(forces):
        for measure in (m for m in HEADLINES if m in posterior):
            values = on_date(posterior[measure].isel(force=i), date).transpose(*SAMPLE_DIMS).to_numpy().astype(float)
            if np.ptp(values) > 0:
                found[f"{force}: {measure}" if len(forces) > 1 else measure] = values
    return found


def refitted(model: ForceModel | LossModel | Radford2023, ledger: Ledger, first: xr.DataTree) -> tuple[dict[str, float], bool]:
    """Medians of the headline measures in another fit, made and dated like a first one, and whether it has converged."""
    attrs = first.attrs
    settings = {"random_seed": int(attrs["random_seed"]), "sampler": attrs["sampler"], "quick": bool(attrs["quick"])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConvergedWarning)  # the caller gets it as a value
        other = fit_model(model, ledger, **settings)
    medians = {name: float(np.median(draws)) for name, draws in headlines(other, last_claim_date(first)).items()}
    return medians, bool(other.attrs["converged"])


def moved(before: np.ndarray, after: float) -> dict[str, float]:
    """From the median of draws to another one: in persons, and in standard deviations of the draws."""
    median = float(np.median(before))
    return {"median": median, "median_then": after, "shift": after - median, "shift_sd": (after - median) / float(before.std())}


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Median of draws with importance weights."""
    order = np.argsort(values, axis=None)
    total = np.cumsum(weights.ravel()[order])
    return float(values.ravel()[order][np.searchsorted(total, total[-1] / 2)])
