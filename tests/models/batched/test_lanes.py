"""Exp and log of sixteen numbers at once, to the last digit."""

import numpy as np
import pytest

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def apply():
    from numba import njit

    from forcest.models import lanes

    @njit(_nrt=False)
    def fill(which, x, y):
        for row in range(len(x)):
            value = lanes.load(x, row)
            if which == 0:
                value = lanes.exp(value)
            elif which == 1:
                value = lanes.exp_minus_one(value)
            elif which == 2:
                value = lanes.log(value)
            lanes.store(y, row, value)

    def run(which, numbers):
        x = lanes.aligned_rows(-(-len(numbers) // lanes.LANES))
        y = np.empty_like(x)
        x.ravel()[: len(numbers)] = numbers
        fill(which, x, y)
        return y.ravel()[: len(numbers)]

    return run


@pytest.mark.parametrize(
    ("which", "exact", "numbers"),
    [
        (0, np.exp, RNG.uniform(-708, 708, 2000)),
        (1, np.expm1, -(10 ** RNG.uniform(-15, 2.8, 2000))),
        (2, np.log, 10 ** RNG.uniform(-300, 300, 2000)),
        (2, np.log, RNG.uniform(0.5, 2, 2000)),
    ],
)
def test_functions_are_accurate_to_two_units_in_the_last_place(apply, which, exact, numbers):
    np.testing.assert_array_max_ulp(apply(which, numbers), exact(numbers), 2)


def test_functions_know_the_ends_of_the_line(apply):
    np.testing.assert_array_equal(apply(2, np.array([0.0, np.inf, -1.0, np.nan])), [-np.inf, np.inf, np.nan, np.nan])
    low, nan = apply(0, np.array([-np.inf, np.nan]))
    assert 0 < low < 1e-307
    assert np.isnan(nan)
    np.testing.assert_array_equal(apply(1, np.array([-np.inf])), [-1.0])
