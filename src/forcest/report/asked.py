"""What can be asked of a fit without fitting again: who carries it, and which claims contradict each other."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from forcest.checks import contradictions, influence
from forcest.ledger import Ledger
from forcest.models.files import MODELS

SHOWN = ["source", "n_claims", "measure", "shift", "shift_sd", "method"]


def contradictions_of(fit: xr.DataTree) -> pd.DataFrame | None:
    """Contradictions, or None for a fit without prior predictions (a forecast)."""
    return contradictions(fit).drop(columns="sources") if "prior_predictive" in fit.children else None


def influence_of(fit: xr.DataTree) -> pd.DataFrame | None:
    """Influence of each source by importance weights, or None for a fit without likelihoods or ledger.

    Where weights are not reliable the shift is NaN and the method says so.
    """
    attrs = fit.attrs
    if "log_likelihood" not in fit.children or attrs.get("model_kind") not in MODELS or "ledger" not in attrs:
        return None
    ledger = Ledger.from_csv(attrs["ledger"])
    if ledger.hash != attrs.get("ledger_hash"):
        return None
    model = MODELS[attrs["model_kind"]].model_validate_json(attrs["model"])
    return influence(model, ledger, fit, refit=False)
