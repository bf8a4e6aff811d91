"""Figures of a fit or of a check, one per file; each takes what it draws, draws on the axes it is given and returns them."""

from forcest.plots.backtest import backtest
from forcest.plots.bias import bias
from forcest.plots.calibration import calibration
from forcest.plots.claims import claims
from forcest.plots.curves import curves
from forcest.plots.flow import flow
from forcest.plots.influence import influence
from forcest.plots.prior_predictive import prior_predictive
from forcest.plots.scenarios import difference, scenarios

__all__ = [
    "backtest",
    "bias",
    "calibration",
    "claims",
    "curves",
    "difference",
    "flow",
    "influence",
    "prior_predictive",
    "scenarios",
]
