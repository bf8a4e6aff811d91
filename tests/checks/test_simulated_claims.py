"""Claims simulated by the model come as often as its likelihood says."""

from __future__ import annotations

import numpy as np
import pytest

from forcest.ledger import read_ledger
from inference_ledger import small_ledger_frame, small_model

SIMULATED = 1_500


@pytest.fixture(scope="module")
def bound():
    return small_model().on(read_ledger(small_ledger_frame()))


def same_cells(one, other) -> bool:
    bounds = [np.array([(cell.low, cell.high) for cell in claim.cells]) for claim in (one, other)]
    return bounds[0].shape == bounds[1].shape and np.allclose(*bounds, rtol=1e-9, atol=0)


def frequencies(bound, rng) -> tuple[np.ndarray, np.ndarray]:
    """How often each claim is simulated as it stands in the ledger, and the probability that the likelihood gives it."""
    p = {q.name: np.atleast_1d(q.quantile(0.5))[None] if q.dims else np.array([q.quantile(0.5)]) for q in bound.parameters}
    p["rounding"] = p["rounding"] / p["rounding"].sum(axis=-1, keepdims=True)
    stated = np.exp(bound.likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data))[0]
    expected = np.array([stated[bound.data.variant_claim == i].mean() for i in range(len(bound.claims))])
    hits = np.zeros(len(bound.claims))
    for _ in range(SIMULATED):
        simulated = bound.simulate(p, rng).claims
        hits += [same_cells(one, other) for one, other in zip(simulated, bound.claims, strict=True)]
    return hits / SIMULATED, expected


def test_claims_come_as_often_as_the_likelihood_says(bound):
    """Nine binomial frequencies within 4 standard errors: false alarm below 0.1 %."""
    seen, expected = frequencies(bound, np.random.default_rng(1))
    error = np.sqrt(expected * (1 - expected) / SIMULATED) + 1e-12
    assert np.abs(seen - expected).max() > 0
    np.testing.assert_array_less(np.abs(seen - expected) / error, 4)
