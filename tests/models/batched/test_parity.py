"""The batched density and the PyMC graph are one density, value and gradient, near, at typical places and far."""

import numpy as np
import pytest

from batched_references import Reference, disagreements, near_typical_and_far
from forcest.datasets import load
from forcest.models.density.lane_density import LaneDensity
from forcest.models.description.priors import between
from forcest.models.force_model import ForceModel
from forcest.models.presets import north_korea_kursk
from forcest.models.process.ar1 import AR1
from forcest.models.process.arrivals import SmoothArrivals
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


SENT_AT_FIRST = SmoothArrivals(smooth=AR1(every="W"), at_front=between(0.2, 0.9), until="2025-01-21")


def no_losses():
    """Strengths alone, and people who go home between the dates of claims about it."""
    return ledger(
        claim("n1", "deployed", 5_000),
        claim("n2", "deployed", 800, scope="flow", window_start="2025-01-01", window_end="2025-01-12"),
        claim("n3", "deployed", 4_000, scope="stock", as_of="2025-02-10", source="B"),
        claim("n4", "at_front", 3_000, scope="stock", as_of="2025-02-10", source="B"),
        claim("n5", "in_training", 900, scope="stock", source="B"),
        claim("n6", "withdrawn_home", 200, as_of="2025-01-30"),
        claim("n7", "withdrawn_home", 900, as_of="2025-02-15"),
    )


def without_losses(step: str):
    return ForceModel.default(no_losses()).replace(end="2025-02-18", step=step, arrivals=SENT_AT_FIRST)


MODELS = {
    "waves daily": (waves_model("D"), many_claims()),
    "waves by three days": (waves_model("3D"), many_claims()),
    "waves by weeks, other stages": (waves_model("W", training=LONG, recovery=OTHER_STAGES), many_claims()),
    "drift without gross errors": (waves_model("D", reporting=Reporting(drift_from=2)), many_claims()),
    "smooth by three days": (smooth_model("3D"), many_claims(waves_named=False)),
    "smooth by weeks, slow training, few claims": (smooth_model("W", training=LONG), few_claims()),
    "covariates and onset": (covariate_model("D"), many_claims()),
    "smooth until a day, some at the front at first": (
        smooth_model("D", arrivals=SENT_AT_FIRST),
        many_claims(waves_named=False).joined(no_losses()),
    ),
    "no losses, home between claims": (without_losses("D"), no_losses()),
    "no losses, home between claims, by three days": (without_losses("3D"), no_losses()),
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


WRONG = {
    "lets people come after the last day": lambda k: k._replace(arrivals=k.arrivals._replace(days=np.ones_like(k.arrivals.days))),
    "sends the first into training": lambda k: k._replace(flow=k.flow._replace(at_front=-1)),
    "keeps everybody": lambda k: k._replace(movements=k.movements._replace(per_day=0.0 * k.movements.per_day)),
    "has a curve without memory": lambda k: k._replace(
        arrivals=k.arrivals._replace(curve=k.arrivals.curve._replace(spacing=1e3 * k.arrivals.curve.spacing))
    ),
}


WRONG_WITH_LOSSES = {
    "loses nobody before the first day": lambda k: k._replace(flow=k.flow._replace(lost=-1)),
    "takes the share in hospital for that at the front": lambda k: k._replace(flow=k.flow._replace(in_hospital=k.flow.at_front)),
}


@pytest.mark.parametrize("wrong", WRONG_WITH_LOSSES)
def test_a_kernel_that_forgets_those_lost_before_the_first_day_is_noticed(wrong):
    density = smooth_model("3D", arrivals=SENT_AT_FIRST).on(few_claims()).density()
    positions = near_typical_and_far(density)
    twin = LaneDensity(density.kernels, density.coordinates, WRONG_WITH_LOSSES[wrong](density.constants))
    assert len(disagreements(twin(positions), density(positions))) > len(positions)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_kernel_that_forgets_something_is_noticed(wrong):
    density = without_losses("D").on(no_losses()).density()
    positions = near_typical_and_far(density)
    twin = LaneDensity(density.kernels, density.coordinates, WRONG[wrong](density.constants))
    assert len(disagreements(twin(positions), density(positions))) > len(positions)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["D", "3D"])
def test_the_shipped_model_equals_its_graph(step):
    bound = north_korea_kursk(step).on(load("north_korea_kursk"))
    density = bound.density()
    positions = near_typical_and_far(density)
    assert disagreements(density(positions), Reference(bound)(positions)) == []
