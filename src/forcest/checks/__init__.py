"""Checks of a model and a fit: calibration, scores of later claims, influence of sources, contradictions, sensitivity to priors."""

from forcest.checks.backtest import Backtest, backtest
from forcest.checks.bench.claim_bench import claim_bench
from forcest.checks.bench.result import ClaimBench
from forcest.checks.calibrate import Calibration, calibrate
from forcest.checks.contradictions import contradictions
from forcest.checks.cross_validation import cross_validate
from forcest.checks.influence import influence
from forcest.checks.score import score
from forcest.checks.sensitivity import Alternative, alternative_priors, sensitivity

__all__ = [
    "Alternative",
    "Backtest",
    "Calibration",
    "ClaimBench",
    "alternative_priors",
    "backtest",
    "calibrate",
    "claim_bench",
    "contradictions",
    "cross_validate",
    "influence",
    "score",
    "sensitivity",
]
