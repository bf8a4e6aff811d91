"""Checks of a model and a fit: calibration, scores of later claims, influence of sources, contradictions, sensitivity to priors."""

from forcest.checks.ask_next import ask_next
from forcest.checks.backtest import Backtest, backtest
from forcest.checks.bench.claim_bench import claim_bench
from forcest.checks.bench.result import ClaimBench
from forcest.checks.calibrate import Calibration, calibrate
from forcest.checks.compare import compare
from forcest.checks.comparison import Comparison
from forcest.checks.contradictions import contradictions
from forcest.checks.cross_validation import cross_validate
from forcest.checks.existence import existence
from forcest.checks.influence import influence
from forcest.checks.revisions import Revisions, revisions
from forcest.checks.score import score
from forcest.checks.sensitivity import Alternative, alternative_priors, sensitivity

__all__ = [
    "Alternative",
    "Backtest",
    "Calibration",
    "ClaimBench",
    "Comparison",
    "Revisions",
    "alternative_priors",
    "ask_next",
    "backtest",
    "calibrate",
    "claim_bench",
    "compare",
    "contradictions",
    "cross_validate",
    "existence",
    "influence",
    "revisions",
    "score",
    "sensitivity",
]
