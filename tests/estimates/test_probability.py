import copy
import pickle

import numpy as np
import pytest
import xarray as xr

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


def test_the_share_of_draws_is_counted(fit):
    # killed = 600 m with m = 0.5, 0.505, ..., 1.5: above 720.5 lie m = 1.205 ... 1.5, 60 of 201
    p = fc.probability(fit["posterior"]["killed"].sel(date="2025-02-26") > 720.5)
    assert p == pytest.approx(60 / 201)
    assert p.n_draws == 201
    assert "0.299" in repr(p)


def test_independent_draws_have_the_binomial_error():
    rng = np.random.default_rng(3)
    draws = xr.DataArray(rng.random((4, 2500)) < 0.3, dims=("chain", "draw"))
    assert fc.probability(draws).mcse == pytest.approx(np.sqrt(0.3 * 0.7 / 10_000), rel=0.15)


def test_a_sticky_chain_has_a_larger_error_than_its_draws_suggest():
    rng = np.random.default_rng(4)
    blocks = np.repeat(rng.random((4, 100)) < 0.3, 25, axis=1)
    p = fc.probability(xr.DataArray(blocks, dims=("chain", "draw")))
    naive = np.sqrt(p * (1 - p) / p.n_draws)
    assert 3 < p.mcse / naive < 8  # blocks of 25 equal draws: sqrt(25) = 5


@pytest.mark.parametrize(("limit", "value"), [(0, 1.0), (1e6, 0.0)])
def test_never_and_always_keep_an_error(fit, limit, value):
    p = fc.probability(fit["posterior"]["killed"].sel(date="2025-02-26") > limit)
    assert p == value
    assert 0.001 < p.mcse < 0.01


def test_it_survives_pickling_and_copying(fit):
    p = fc.probability(fit["posterior"]["killed"].sel(date="2025-02-26") > 700)
    for twin in (pickle.loads(pickle.dumps(p)), copy.deepcopy(p)):
        assert (float(twin), twin.mcse, twin.n_draws) == (float(p), p.mcse, p.n_draws)


def test_a_condition_on_many_dates_is_refused(fit):
    with pytest.raises(ForcestError, match="182 of date"):
        fc.probability(fit["posterior"]["killed"] > 700)


@pytest.mark.parametrize("condition", [0.3, np.array([True]), xr.DataArray([1.0, 2.0], dims="draw")])
def test_what_is_no_comparison_of_draws_is_refused(condition):
    with pytest.raises(ForcestError, match="comparison of draws"):
        fc.probability(condition)
