"""Metrics, trajectory length, step size, starts and the pool: what arithmetic says must happen."""

import numpy as np
import pytest

from forcest.sampling import metric_fit
from forcest.sampling.convergence import longest_rejections
from forcest.sampling.density import Density
from forcest.sampling.pool import Pool, comparable_chains
from forcest.sampling.start import ascend
from forcest.sampling.state import State
from forcest.sampling.step_size import DualAveraging
from forcest.sampling.trajectory import halton, n_steps


def normal_pool(dim, n, seed=0):
    """Far from stationary draws of a normal target, their gradients, and its covariance."""
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((dim, dim)) * np.geomspace(1, 100, dim)[:, None]
    covariance = factor @ factor.T + np.eye(dim)
    draws = 5.0 + rng.uniform(-1, 1, (dim, n))  # a cube that has nothing to do with the target
    return draws, -np.linalg.solve(covariance, draws - 3.0), covariance


def test_dense_fisher_metric_is_exact_for_normal_targets_wherever_the_draws_lie():
    draws, gradients, covariance = normal_pool(8, 30)
    metric = metric_fit.fit_dense(draws, gradients).metric
    whitened = metric.whiten(metric.whiten(covariance).T)
    np.testing.assert_allclose(np.linalg.eigvalsh(whitened), 1.0, atol=0.3)  # the ridge costs that; condition 1e5 before
    wrong = metric_fit.fit_dense(draws, -gradients[::-1]).metric
    assert np.abs(np.log(np.linalg.eigvalsh(wrong.whiten(wrong.whiten(covariance).T)))).max() > 1


def test_diagonal_metric_is_exact_for_independent_coordinates():
    rng = np.random.default_rng(1)
    variance = np.geomspace(1e-6, 1e6, 9)
    draws = rng.uniform(-1, 1, (9, 40))
    metric = metric_fit.fit_diagonal(draws, -draws / variance[:, None]).metric
    np.testing.assert_allclose(metric.scales() ** 2, variance, rtol=1e-10)


def test_low_rank_metric_finds_slow_and_stiff_directions_from_fewer_draws_than_dimensions():
    rng = np.random.default_rng(2)
    dim, n = 600, 300
    basis = np.linalg.qr(rng.standard_normal((dim, 6)))[0]
    stretch = np.array([1e4, 1e3, 30.0, 1 / 30, 1e-3, 1e-4])
    draws = rng.standard_normal((dim, n))
    draws += basis @ ((np.sqrt(stretch) - 1)[:, None] * (basis.T @ draws))
    gradients = -(draws + basis @ ((1 / stretch - 1)[:, None] * (basis.T @ draws)))
    metric = metric_fit.fit_low_rank(draws, gradients, 32).metric
    whitened_sd = np.linalg.norm(metric.whiten(basis * np.sqrt(stretch)), axis=0)
    stiffness = np.linalg.norm(metric.whiten_gradient(basis / np.sqrt(stretch)), axis=0)
    assert whitened_sd.max() < 4  # 100 before
    assert stiffness.max() < 4  # 100 before


def test_halton_is_the_bit_reversal_and_lengths_average_to_the_mean():
    assert [halton(k) for k in range(1, 8)] == [0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]
    steps = [n_steps(3.0, 0.1, k, 512) for k in range(1, 1025)]
    assert abs(np.mean(steps) - 30.5) < 0.2  # rounding up adds a half
    assert min(steps) == 1
    assert n_steps(3.0, 1e-9, 1, 512) == 512


def test_dual_averaging_finds_the_step_size_of_the_wanted_rate_and_ignores_rates_that_are_not_finite():
    step = DualAveraging.starting_at(0.3, target=0.9)
    for k in range(400):
        step = step.updated(float("nan") if k == 7 else np.exp(-(step.current**2)))
    assert step.average == pytest.approx(np.sqrt(-np.log(0.9)), rel=0.05)


def test_a_chain_with_far_lower_log_density_is_not_comparable():
    level = np.random.default_rng(1).normal(-50, 7, (12, 16))
    assert comparable_chains(level, 100).all()
    level[:, 3] -= 1000
    np.testing.assert_array_equal(np.flatnonzero(~comparable_chains(level, 100)), [3])
    level[:, 4:] = -50
    level[2, 5] = -1e300
    assert comparable_chains(level, 100)[5]


def test_pool_keeps_the_last_half_and_few_columns():
    pool = Pool(capacity=10)
    for k in range(1, 401):
        pool = pool.with_draw(k, State(np.full((3, 4), float(k)), np.zeros(4), np.zeros((3, 4))))
    columns, _ = pool.columns(np.ones(4, dtype=bool))
    assert columns.min() >= 200
    assert 40 <= pool.n_columns <= 80


def test_ascent_reaches_the_typical_set_from_anywhere_and_leaves_good_points_alone():
    scale = np.geomspace(1e-6, 1e3, 30)[:, None]
    rng = np.random.default_rng(1)

    def normal(position):
        z = position.T / scale
        return -0.5 * np.sum(z**2, axis=0), (-z / scale).T

    density = Density(normal, 30)
    position = rng.uniform(-2, 2, (30, 6))
    position[:, 5] = (scale * rng.standard_normal((30, 1)))[:, 0]  # typical already
    state, used = ascend(density, density.state(position))
    assert state.logdensity[:5].min() > -60  # from -1e12; the typical value is -15
    assert used <= 120 * 6
    wide = Density(lambda x: (-0.5 * np.sum(x**2, axis=1), -x), 30)
    start = rng.standard_normal((30, 6))
    np.testing.assert_array_equal(ascend(wide, wide.state(start))[0].position, start)


def test_longest_run_of_rejections():
    accepted = np.array([[1, 0, 0, 1, 0], [0, 0, 0, 1, 1], [1, 1, 1, 1, 1]], dtype=bool)
    np.testing.assert_array_equal(longest_rejections(accepted), [2, 3, 0])
