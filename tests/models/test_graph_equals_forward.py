"""The graph and the arrays give the same numbers.

For delays, the front and the curve of the hazard two algorithms are compared; all other formulas are stated once, and what is
tested of them is that either library evaluates them alike. Their own tests are by hand.
"""

import numpy as np
import pytest

from forcest.models.parameters.coordinates import Coordinates
from small_models import (
    at,
    claim,
    covariate_model,
    gradient_of,
    graph_of,
    interpreted,
    ledger,
    log_likelihood,
    many_claims,
    prior_draws,
    smooth_model,
    waves_model,
)

MODELS = {
    "waves daily": (waves_model("D"), True),
    "waves by three days": (waves_model("3D"), True),
    "smooth daily": (smooth_model("D"), False),
    "smooth by three days": (smooth_model("3D"), False),
    "covariates daily": (covariate_model("D"), True),
    "covariates by three days": (covariate_model("3D"), True),
}
DRAWS = 4


@pytest.fixture(scope="module", params=MODELS)
def both(request):
    """A bound model, some prior draws, and what the graph says about them."""
    model, waves_named = MODELS[request.param]
    bound = model.on(many_claims(waves_named=waves_named))
    graph, p = graph_of(bound), prior_draws(bound, DRAWS)
    return bound, p, [graph(at(p, draw)) for draw in range(DRAWS)]


def different(bound, said, p) -> list[str]:
    """Names of curves, and the log likelihood, whose recursion differs from what the graph said by more than 1e-8."""
    curves = bound.curves_forward(p)
    forward = curves | {"log_likelihood": log_likelihood(bound, p, curves)}
    found = set()
    for draw, by_name in enumerate(said):
        scale = np.max(np.abs(by_name["deployed"]))
        for name, value in by_name.items():
            if not np.allclose(value, forward[name][draw], rtol=1e-8, atol=1e-12 * scale, equal_nan=True):
                found.add(name)
    return sorted(found)


def test_the_graph_and_the_recursion_give_the_same_curves_and_likelihood(both):
    bound, p, said = both
    assert different(bound, said, p) == []
    assert np.all(np.isfinite(log_likelihood(bound, p)))


def test_one_part_in_a_thousand_in_any_parameter_is_seen(both):
    bound, p, said = both
    for name, values in p.items():
        moved = values * 1.001
        if name == "rounding":
            moved = values**1.001 / np.sum(values**1.001, axis=-1, keepdims=True)
        assert different(bound, said[:1], {n: v[:1] for n, v in (p | {name: moved}).items()}), f"{name} makes no difference"


@pytest.mark.parametrize("name", ["waves by three days", "covariates by three days"])
def test_the_gradient_of_the_graph_is_the_slope_of_the_recursion(name):
    model, waves_named = MODELS[name]
    bound = model.on(many_claims(waves_named=waves_named))
    slopes = gradient_of(bound)
    p = prior_draws(bound, DRAWS, seed=2)
    rng = np.random.default_rng(3)
    relative = {n: 1e-6 * rng.choice([-1, 1], np.shape(v)) for n, v in p.items()}
    up, down = ({n: v * (1 + sign * relative[n]) for n, v in p.items()} for sign in (1, -1))
    moved = (log_likelihood(bound, up) - log_likelihood(bound, down)) / 2
    for draw in range(DRAWS):
        slope = slopes(at(p, draw))
        assert all(np.all(np.isfinite(values)) for values in slope.values())
        pulls = np.concatenate([np.ravel(slope[n] * p[n][draw] * relative[n][draw]) for n in p])
        assert moved[draw] == pytest.approx(pulls.sum(), abs=1e-5 * np.abs(pulls).max())


def test_the_pymc_density_is_prior_times_claims():
    bound = waves_model("3D").on(
        ledger(claim("a", "killed", 300), claim("b", "killed", 250, origin="a", as_of="2025-02-01", qualifier="at_least"))
    )
    model = bound.graph()
    layout = Coordinates.of(bound.parameters)
    position = np.random.default_rng(3).normal(0, 0.8, (1, layout.dim))
    density = model.compile_logp(mode=interpreted())({e.name: position[0, e.coordinates].reshape(e.shape) for e in layout.entries})
    expected = layout.log_prior(position)[0] + log_likelihood(bound, layout.parameters_of(position))
    np.testing.assert_allclose(density, expected[0], rtol=1e-10)
