"""A few seeds of the fuzz, those that found a fault among them."""

import sys
from pathlib import Path

import pytest

from forcest.models.reporting.likelihood import ClaimLikelihood

FOLDER = Path(__file__).parents[2] / "benchmarks"
FOUND = [("ledger", 4), ("ledger", 27)]  # an equivalence of "dozens" made the density NaN


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(FOLDER))
    try:
        import fuzz
    finally:
        sys.path.remove(str(FOLDER))
    return fuzz


@pytest.mark.parametrize(("kind", "seed"), [*FOUND, *(("ledger", seed) for seed in range(10)), ("model", 0), ("command", 0)])
def test_random_input_is_answered_or_refused(fuzz, kind, seed):
    assert fuzz.attempt(kind, seed) in {"ForceModel", "LossModel", "read", "refused", "exit code 0", "exit code 1", "exit code 2"}


def test_most_random_ledgers_bind(fuzz):
    """Otherwise the fuzz would only try the reader."""
    bound = [fuzz.attempt("ledger", seed) != "refused" for seed in range(12)]
    assert sum(bound) >= 6


def test_a_density_that_is_off_is_noticed(fuzz, monkeypatch):
    total = ClaimLikelihood.total
    monkeypatch.setattr(ClaimLikelihood, "total", lambda self, variants, data: total(self, variants, data) * (1 + 1e-6))
    with pytest.raises(AssertionError, match="the two statements of the density differ by"):
        fuzz.attempt("ledger", 2)
