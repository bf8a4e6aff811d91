"""What can be asked of a fit without fitting again: its model, who carries it, and which claims contradict each other."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from forcest.checks import contradictions, influence
from forcest.ledger import Ledger
from forcest.models.files import MODELS
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.radford2023.description import Radford2023

SHOWN = ["source", "n_claims", "measure", "shift", "shift_sd", "method"]


def contradictions_of(fit: xr.DataTree) -> pd.DataFrame | None:
    """Contradictions, or None for a fit without prior predictions (a forecast)."""
    return contradictions(fit).drop(columns="sources") if "prior_predictive" in fit.children else None


def influence_of(fit: xr.DataTree) -> pd.DataFrame | None:
    """Influence of each source by importance weights, or None for a fit without likelihoods or ledger.

    Where weights are not reliable the shift is NaN and the method says so.
    """
    model, ledger = model_of(fit), _ledger_of(fit)
    if "log_likelihood" not in fit.children or model is None or ledger is None:
        return None
    return influence(model, ledger, fit, refit=False)


def model_of(fit: xr.DataTree) -> ForceModel | LossModel | Radford2023 | None:
    """The model of a fit, or None where it stores none that can be described."""
    described = MODELS.get(fit.attrs.get("model_kind", ""))
    return None if described is None else described.model_validate_json(fit.attrs["model"])


def reasons_of(fit: xr.DataTree) -> dict[str, tuple[str, str]]:
    """Unit of every parameter and the reason for its prior, by name; empty where the fit stores no model."""
    model, ledger = model_of(fit), _ledger_of(fit)
    if model is None or ledger is None:
        return {}
    return {p.name: (p.unit, p.why) for p in model.on(ledger).parameters}


def _ledger_of(fit: xr.DataTree) -> Ledger | None:
    """The claims of a fit, or None where it does not store them as they were fitted."""
    if "ledger" not in fit.attrs:
        return None
    ledger = Ledger.from_csv(fit.attrs["ledger"])
    return ledger if ledger.hash == fit.attrs.get("ledger_hash") else None
