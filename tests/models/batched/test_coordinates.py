"""Coordinates: there and back, prior density with Jacobians, draws."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from forcest.models.parameters.coordinates import Coordinates
from small_models import interpreted, many_claims, waves_model

BOUND = waves_model("3D").on(many_claims())
LAYOUT = Coordinates.of(BOUND.parameters)


@pytest.fixture
def positions():
    return LAYOUT.prior_positions(np.random.default_rng(4), 5)


def test_parameters_and_back_is_the_same_position(positions):
    np.testing.assert_allclose(LAYOUT.positions_of(LAYOUT.parameters_of(positions)), positions, rtol=0, atol=1e-9)


def test_parameters_have_the_shapes_of_the_model(positions):
    found = LAYOUT.parameters_of(positions)
    assert {name: values.shape for name, values in found.items()} == {p.name: (5, *p.shape) for p in BOUND.parameters}


def test_draws_become_the_positions_of_their_parameters():
    rng = np.random.default_rng(8)
    drawn = {p.name: p.draw(rng, 3) for p in BOUND.parameters}
    again = LAYOUT.parameters_of(LAYOUT.prior_positions(np.random.default_rng(8), 3))
    for name, values in drawn.items():
        np.testing.assert_allclose(again[name], values, rtol=1e-9, atol=1e-12)


def test_normal_coordinates_of_prior_draws_are_standard_normal():
    draws = LAYOUT.prior_positions(np.random.default_rng(2), 4000)
    entry = LAYOUT.by_name["training_days"]
    assert kstest(draws[:, entry.coordinates.start], norm.cdf).pvalue > 1e-3
    assert kstest(draws[:, entry.coordinates.start], norm(0.1, 1).cdf).pvalue < 1e-3


def test_the_log_prior_and_the_parameters_are_those_of_the_graph(positions):
    import pytensor

    model = BOUND.graph()
    factors = model.logp(vars=model.free_RVs, sum=False)
    named = [model.named_vars[p.name] for p in BOUND.parameters]
    outputs = [sum(f.sum() for f in factors), *model.replace_rvs_by_values(named)]
    function = pytensor.function(model.value_vars, outputs, mode=interpreted())
    value, _ = LAYOUT.log_prior(positions)
    mine = LAYOUT.parameters_of(positions)
    for chain, position in enumerate(positions):
        logp, *values = function(*(position[e.coordinates].reshape(e.shape) for e in LAYOUT.entries))
        np.testing.assert_allclose(value[chain], logp, rtol=1e-10)
        for parameter, expected in zip(BOUND.parameters, values, strict=True):
            np.testing.assert_allclose(mine[parameter.name][chain], expected, rtol=1e-10)


def test_the_gradient_of_the_log_prior_is_its_slope(positions):
    step = 1e-6
    _, gradient = LAYOUT.log_prior(positions[:1])
    moved = step * np.eye(LAYOUT.dim)
    up, down = LAYOUT.log_prior(positions[:1] + moved)[0], LAYOUT.log_prior(positions[:1] - moved)[0]
    np.testing.assert_allclose((up - down) / (2 * step), gradient[0], atol=2e-7)


def test_a_weight_that_underflows_has_a_finite_position():
    parameters = LAYOUT.parameters_of(np.zeros((1, LAYOUT.dim)))
    parameters["rounding"][..., 0] = 0.0
    assert np.all(np.isfinite(LAYOUT.positions_of(parameters)))
