"""Whole runs: determinism, stopping, moments."""

import numpy as np
import pytest
from scipy.stats import norm

from forcest.sampling import sample


def correlated_normal(dim, condition, seed=0):
    """Log density with gradient, and the covariance."""
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0]
    variance = np.logspace(0, -np.log10(condition), dim)
    precision = (rotation / variance) @ rotation.T

    def logdensity(position):
        gradient = -(precision @ position.T)
        return 0.5 * np.einsum("ik,ik->k", position.T, gradient), gradient.T

    return logdensity, (rotation * variance) @ rotation.T


def around_zero(dim):
    return lambda rng, n: rng.uniform(-2, 2, (n, dim))


def test_same_seed_gives_the_same_bits_for_any_number_of_threads():
    logdensity, _ = correlated_normal(12, 100)
    one, two = (sample(logdensity, around_zero(12), seed=5, chains=20, tile=8, threads=t, draws=30) for t in (1, 3))
    np.testing.assert_array_equal(one.draws, two.draws)
    np.testing.assert_array_equal(one.infos.energy_error, two.infos.energy_error)
    other = sample(logdensity, around_zero(12), seed=6, chains=20, tile=8, draws=30)
    assert not np.array_equal(one.draws, other.draws)


@pytest.mark.parametrize("kernel", ["mams", "hmc"])
def test_moments_of_a_correlated_normal(kernel):
    dim = 20
    logdensity, covariance = correlated_normal(dim, 1000)
    result = sample(logdensity, around_zero(dim), seed=1, kernel=kernel, target_ess=1000)
    assert result.verdict.converged, result.verdict
    assert result.diagnostics.ess_bulk.min() >= 1000
    sd = np.sqrt(np.diag(covariance))
    flat = result.draws.reshape(-1, dim)
    bound = norm.isf(0.0005 / dim)  # whole family at one in a thousand
    assert np.abs(flat.mean(axis=0) / sd * np.sqrt(result.diagnostics.ess_bulk[:dim])).max() < bound
    # the relative error of a normal's sd is 1 / sqrt(2 ESS); the ESS of the squares is at least half that of the values here
    assert np.abs(flat.std(axis=0) / sd - 1).max() * np.sqrt(result.diagnostics.ess_bulk[:dim].min()) < bound
