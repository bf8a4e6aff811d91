"""The batched density and the PyMC graph are one density, value and gradient, near, at typical places and far."""

import numpy as np
import pytest

from batched_references import Reference, disagreements, near_typical_and_far
from forcest.datasets import load
from forcest.models.description.priors import between
from forcest.models.presets import north_korea_kursk
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery
from forcest.models.reporting.description import Reporting
from small_models import claim, covariate_model, ledger, many_claims, smooth_model, waves_model

LONG = Delay(mean=between(10, 45))
OTHER_STAGES = Recovery(fast=Delay(mean=between(2, 5), stages=1), slow=Delay(mean=between(20, 90), stages=5))
WINDOW = {"window_start": "2025-01-10", "window_end": "2025-01-20"}


def few_claims():
    """Two maxima over windows of different lengths, a claim at the last node, an unnamed definition; nobody rounds twice."""
    return ledger(
        claim("k1", "killed", 900, as_of="2025-02-18"),
        claim("f1", "at_front", scope="stock", high=500, qualifier="none_seen", **WINDOW),
        claim("f2", "at_front", scope="stock", high=90, qualifier="none_seen", **WINDOW | {"window_end": "2025-01-13"}),
        claim("f3", "at_front", 900, scope="stock", as_of="2025-02-18"),
        claim("d1", "deployed", 500, as_of="2025-02-18", source="B"),
    )


MODELS = {
    "waves daily": (waves_model("D"), many_claims()),
    "waves by three days": (waves_model("3D"), many_claims()),
    "waves by weeks, other stages": (waves_model("W", training=LONG, recovery=OTHER_STAGES), many_claims()),
    "drift without gross errors": (waves_model("D", reporting=Reporting(drift_from=3)), many_claims()),
    "smooth by three days": (smooth_model("3D"), many_claims(waves_named=False)),
    "smooth by weeks, slow training, few claims": (smooth_model("W", training=LONG), few_claims()),
    "covariates and onset": (covariate_model("D"), many_claims()),
    "no partner, no withdrawals": (waves_model("D", partner=None, withdrawals=[], reporting=Reporting()), few_claims()),
}


@pytest.fixture(scope="module", params=MODELS)
def both(request):
    """A batched density, positions, and what the graph says about them."""
    model, claims = MODELS[request.param]
    bound = model.on(claims)
    density, reference = bound.density(), Reference(bound)
    positions = near_typical_and_far(density)
    return density, reference, positions, reference(positions)


def test_value_and_gradient_equal_those_of_the_graph(both):
    density, _, positions, expected = both
    assert disagreements(density(positions), expected) == []


def test_positions_stand_in_the_order_of_the_graph(both):
    density, reference, _, _ = both
    assert [entry.name for entry in density.coordinates.entries] == reference.names


def test_a_gradient_off_by_a_thousandth_in_one_place_is_noticed(both):
    density, _, positions, expected = both
    value, gradient = density(positions)
    largest = np.argmax(np.abs(expected[1]), axis=1)
    for chain, coordinate in enumerate(largest):
        wrong = gradient.copy()
        wrong[chain, coordinate] *= 1.001
        assert disagreements((value, wrong), expected)


def test_a_value_off_by_a_ten_millionth_is_noticed(both):
    density, _, positions, expected = both
    value, gradient = density(positions)
    assert disagreements((value * (1 + 1e-7), gradient), expected)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["D", "3D"])
def test_the_shipped_model_equals_its_graph(step):
    bound = north_korea_kursk(step).on(load("north_korea_kursk"))
    density = bound.density()
    positions = near_typical_and_far(density)
    assert disagreements(density(positions), Reference(bound)(positions)) == []
