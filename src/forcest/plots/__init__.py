"""Figures of fits and of checks, one per module; each draws on the axes given to it, or on a new figure, and returns the axes."""

from forcest.plots.ask_next import ask_next
from forcest.plots.backtest import backtest
from forcest.plots.bias import bias
from forcest.plots.calibration import calibration
from forcest.plots.claim_bench import claim_bench
from forcest.plots.claims import claims
from forcest.plots.comparison import comparison
from forcest.plots.curves import curves
from forcest.plots.flow import flow
from forcest.plots.influence import influence
from forcest.plots.prior_predictive import prior_predictive
from forcest.plots.reporting_record import reporting_record
from forcest.plots.revisions import revisions
from forcest.plots.scenarios import difference, scenarios

__all__ = [
    "ask_next",
    "backtest",
    "bias",
    "calibration",
    "claim_bench",
    "claims",
    "comparison",
    "curves",
    "difference",
    "flow",
    "influence",
    "prior_predictive",
    "reporting_record",
    "revisions",
    "scenarios",
]
