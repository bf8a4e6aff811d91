"""Two who saw exactly two agree on two: a total is the number that took place, not the mean of what might have."""

from __future__ import annotations

import numpy as np
import pandas as pd

import forcest as fc
from forcest.inference.batched import _judged
from forcest.inference.diagnose import convergence
from forcest.inference.to_datatree import quantities
from forcest.models.reporting import arrays

SEEN = {"published": "2025-01-12", "as_of": "2025-01-11", "force": "X", "measure": "captured", "scope": "cumulative", "value": 2}
KILLED = {"id": "k", "source": "A", "measure": "killed", "value": 300, "qualifier": "about"}


def two_captors() -> fc.Ledger:
    seen = SEEN | {"qualifier": "exact", "stance": "enemy"}
    return fc.read_ledger(pd.DataFrame([seen | {"id": "a", "source": "A"}, seen | {"id": "b", "source": "B"}, seen | KILLED]))


def captured(ledger: fc.Ledger) -> np.ndarray:
    """Quantiles at 5, 50 and 95 % of the captured on the day of the claims."""
    fit = fc.fit(fc.LossModel.default(ledger), ledger, random_seed=1)
    assert fit.attrs["converged"] == 1
    return fit["posterior"]["captured"].sel(date="2025-01-11").quantile([0.05, 0.5, 0.95]).to_numpy()


def test_two_captors_who_saw_two_are_right():
    low, median, high = captured(two_captors())
    # Two errors of 0.23, and biases of about 0.2, on the scale of log(1 + count): 5 to 95 % is 0.8 wide.
    assert 1.7 < median < 2.3
    assert low > 1
    assert high < 3.5


def test_with_the_noise_of_an_expected_number_they_are_not(monkeypatch):
    monkeypatch.setattr(arrays, "_is_expected", lambda claim, layout: True)
    low, _, high = captured(two_captors())
    assert low < 1
    assert high > 3.5


def test_a_run_stops_by_what_the_verdict_looks_at():
    """The parameters may have converged where a curve made of several has not."""
    ledger = two_captors()
    bound = fc.LossModel.default(ledger).on(ledger)
    coordinates = bound.density().coordinates
    positions = coordinates.prior_positions(np.random.default_rng(1), 8).reshape(2, 4, -1)
    parameters = coordinates.parameters_of(positions.reshape(8, -1))
    shaped = {name: values.reshape(2, 4, *values.shape[1:]) for name, values in parameters.items()}
    found = _judged(bound, coordinates, positions)
    table = convergence(quantities(bound, shaped))
    assert int((np.ptp(found, axis=(0, 1)) > 0).sum()) == table.sizes["quantity"]
