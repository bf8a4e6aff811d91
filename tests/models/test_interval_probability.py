"""The log probability of an interval under a logistic error, against 50 digits."""

import mpmath as mp
import numpy as np
import pytest

from forcest.models.parameters.numeric import NUMERIC, pick
from forcest.models.reporting.likelihood import log_belief_probability, log_interval_probability, log_interval_probability_graph
from small_models import interpreted

INF = np.inf
# low, high, mean, scale
CASES = [
    (7.9, 8.1, 8.0, 0.2),
    (0.0, 1e-3, 3.0, 0.3),
    (-INF, 0.4, 2.0, 0.5),
    (5.0, INF, 2.0, 0.5),
    (-INF, INF, 1.0, 1.0),
    (-INF, 40.0, 0.0, 1.0),
    (-40.0, INF, 0.0, 1.0),
    (-40.0, 40.0, 0.0, 1.0),
    (8.0, 9.0, 0.0, 0.2),
    (-9.0, -8.0, 0.0, 0.2),
    (1.0, 1.0 + 1e-8, 0.0, 1.0),
    (40.0, 40.0 + 1e-8, 0.0, 1.0),
    (-40.0 - 1e-8, -40.0, 0.0, 1.0),
    (9.3, 9.3 + 2e-9, 1.3, 0.2),
    (-INF, -8.0, 0.0, 0.2),
    (8.0, INF, 0.0, 0.2),
    (0.0, 100.0, 0.0, 0.1),
    (1.0, 2.0, 1.0, 3e-3),
    (np.log1p(9_500.0), np.log1p(10_500.0), 9.1, 0.31),
]
ARRAYS = [np.array(column) for column in zip(*CASES, strict=True)]


def exact(low, high, mean, scale):
    """The plain difference of two CDFs, which 200 digits afford."""
    return mp.log(cdf(high, mean, scale) - cdf(low, mean, scale))


def cdf(x, mean, scale):
    if mp.isinf(x):
        return mp.mpf(1) if x > 0 else mp.mpf(0)
    return 1 / (1 + mp.exp((mean - x) / scale))


def exact_gradient(low, high, mean, scale):
    """Derivatives with respect to mean and scale, from the density of the logistic."""

    def slope(x):
        z = (x - mean) / scale
        return mp.exp(-z) / (1 + mp.exp(-z)) ** 2

    ends = [(x, sign) for x, sign in ((high, 1), (low, -1)) if not mp.isinf(x)]
    inside = cdf(high, mean, scale) - cdf(low, mean, scale)
    by_mean = sum((-sign * slope(x) / scale for x, sign in ends), mp.mpf(0)) / inside
    by_scale = sum((-sign * slope(x) * (x - mean) / scale**2 for x, sign in ends), mp.mpf(0)) / inside
    return by_mean, by_scale


@pytest.fixture(scope="module", autouse=True)
def digits():
    with mp.workdps(200):
        yield


def numbers(case):
    return [mp.mpf(float(x)) for x in case]


@pytest.fixture(scope="module", params=["as stated", "rewritten"])
def graph(request):
    """Value and gradient of the graph, with and without the rewrites that a compiler makes."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.compile.mode import Mode

    inputs = [pt.dvector(name) for name in ("low", "high", "mean", "scale")]
    value = log_interval_probability_graph(*inputs)
    outputs = [value, *pytensor.grad(value.sum(), inputs[2:])]
    mode = interpreted() if request.param == "as stated" else Mode(linker="py", optimizer="fast_run").excluding("BlasOpt", "c_blas")
    return pytensor.function(inputs, outputs, mode=mode)


def check(found, expected, rtol):
    for case, one, right in zip(CASES, found, expected, strict=True):
        assert np.isfinite(one), case
        assert abs(one - right) <= rtol * abs(right), (case, float(one), float(right))


def test_arrays_are_exact_to_twelve_digits():
    check(log_interval_probability(*ARRAYS), [exact(*numbers(case)) for case in CASES], 1e-12)


def test_the_graph_is_exact_to_twelve_digits(graph):
    check(graph(*ARRAYS)[0], [exact(*numbers(case)) for case in CASES], 1e-12)


def test_the_gradient_of_the_graph_is_exact(graph):
    _, by_mean, by_scale = graph(*ARRAYS)
    for position, found in enumerate((by_mean, by_scale)):
        for case, one in zip(CASES, found, strict=True):
            right = exact_gradient(*numbers(case))[position]
            # The ends of a short interval around the mean pull in opposite directions: what is left is small beside either.
            pull = (
                mp.mpf(1)
                / case[3]
                * (1 if position == 0 else max(1, abs(case[0] - case[2]) / case[3]) if np.isfinite(case[0]) else 1)
            )
            assert abs(one - right) <= 1e-11 * abs(right) + 1e-14 * pull, (case, position, float(one), float(right))


def test_the_plain_difference_of_log_sigmoids_fails_where_ours_does_not():
    low, high, mean, scale = CASES[11]
    a, b = (low - mean) / scale, (high - mean) / scale
    plain = np.log(1 / (1 + np.exp(-b)) - 1 / (1 + np.exp(-a)) + 1e-300)
    right = exact(*numbers(CASES[11]))
    assert abs(plain - right) > 1e-3 * abs(right)


def test_value_and_gradient_are_finite_far_beyond_any_claim(graph):
    rng = np.random.default_rng(0)
    mean, scale = rng.normal(0, 300, 2_000), np.exp(rng.normal(-1, 2, 2_000))
    low = rng.normal(0, 300, 2_000)
    high = low + np.exp(rng.normal(-5, 5, 2_000))
    low[:200], high[200:400] = -INF, INF
    keep = low < high
    for values in graph(low[keep], high[keep], mean[keep], scale[keep]):
        assert np.all(np.isfinite(values))


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_a_share_of_errors_is_five_times_as_wide(share):
    import pytensor.tensor as pt

    # The bounds lie half a unit from the mean: 2 scales of 0.25, or 0.4 scales of 1.25.
    narrow, wide = (1 / (1 + np.exp(-x)) - 1 / (1 + np.exp(x)) for x in (2.0, 0.4))
    given = (np.array([1.5]), np.array([2.5]), np.array([2.0]), np.array([0.25]))
    expected = np.log((1 - share) * narrow + share * wide)
    np.testing.assert_allclose(log_belief_probability(*given, share), expected, rtol=1e-13)
    as_graph = log_belief_probability(*map(pt.constant, given), share, pt)
    np.testing.assert_allclose(as_graph.eval(mode=interpreted()), expected, rtol=1e-13)


def test_a_position_of_minus_one_picks_zero_in_both_libraries():
    import pytensor.tensor as pt

    draws, index = np.array([[3.0, 5.0], [7.0, 9.0]]), np.array([[1, -1], [0, 1]])
    np.testing.assert_array_equal(pick(NUMERIC, draws, index), [[[5, 0], [3, 5]], [[9, 0], [7, 9]]])
    np.testing.assert_array_equal(pick(pt, pt.constant(draws[0]), index).eval(mode=interpreted()), [[5, 0], [3, 5]])
