"""Figures of a fit, one per file; each takes the fit, draws on the axes it is given and returns them."""

from forcest.plots.bias import bias
from forcest.plots.claims import claims
from forcest.plots.curves import curves
from forcest.plots.flow import flow
from forcest.plots.prior_predictive import prior_predictive
from forcest.plots.scenarios import difference, scenarios

__all__ = ["bias", "claims", "curves", "difference", "flow", "prior_predictive", "scenarios"]
