"""Whole runs: determinism, stopping, moments."""

import numpy as np
import pytest
from scipy.stats import norm

from forcest.sampling import sample, sampler
from forcest.sampling.convergence import rule_for
from forcest.sampling.diagnostics import diagnose


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
    one, two = (sample(logdensity, around_zero(12), random_seed=5, chains=20, tile=8, cores=t, draws=30) for t in (1, 3))
    np.testing.assert_array_equal(one.draws, two.draws)
    np.testing.assert_array_equal(one.infos.energy_error, two.infos.energy_error)
    other = sample(logdensity, around_zero(12), random_seed=6, chains=20, tile=8, draws=30)
    assert not np.array_equal(one.draws, other.draws)


@pytest.mark.parametrize("kernel", ["mams", "hmc"])
def test_moments_of_a_correlated_normal(kernel):
    dim = 20
    logdensity, covariance = correlated_normal(dim, 1000)
    result = sample(logdensity, around_zero(dim), random_seed=1, kernel=kernel, target_ess=1000)
    assert result.verdict.converged, result.verdict
    assert result.diagnostics.ess_bulk.min() >= 1000
    sd = np.sqrt(np.diag(covariance))
    flat = result.draws.reshape(-1, dim)
    bound = norm.isf(0.0005 / dim)  # whole family at one in a thousand
    assert np.abs(flat.mean(axis=0) / sd * np.sqrt(result.diagnostics.ess_bulk[:dim])).max() < bound
    # the relative error of a normal's sd is 1 / sqrt(2 ESS); the ESS of the squares is at least half that of the values here
    assert np.abs(flat.std(axis=0) / sd - 1).max() * np.sqrt(result.diagnostics.ess_bulk[:dim].min()) < bound


def test_a_run_to_a_target_goes_on_until_further_quantities_meet_it_too():
    logdensity, _ = correlated_normal(4, 10)

    def late(draws):
        """A quantity that differs from chain to chain in the first draws."""
        chains, n_draws, _ = draws.shape
        start = np.linspace(-3, 3, chains)[:, None] * np.exp(-np.arange(n_draws) / 40)
        return np.stack([draws[:, :, 0] + start, np.ones((chains, n_draws))], axis=2)  # and one that never varies

    alone, both = (sample(logdensity, around_zero(4), random_seed=1, quantities=quantities) for quantities in (None, late))
    early, found = (diagnose(late(result.draws)[:, :, :1], result.groups) for result in (alone, both))
    assert not rule_for(32, 8, 400).holds(early)
    assert rule_for(32, 8, 400).holds(found)
    for never in (lambda draws: np.where(draws > 5, draws, np.nan), lambda draws: late(draws) * np.nan):
        refused = sample(logdensity, around_zero(4), random_seed=1, quantities=never, max_draws=100)
        assert not refused.verdict.converged
        assert any("further quantities" in reason for reason in refused.verdict.reasons)
    np.testing.assert_array_equal(both.draws[:, : alone.draws.shape[1]], alone.draws)


def test_progress_counts_every_gradient_since_the_run_began():
    logdensity, _ = correlated_normal(4, 10)
    told = []
    result = sample(logdensity, around_zero(4), random_seed=1, draws=50, callback=told.append)
    counts = [now.n_gradients for now in told]
    assert counts == sorted(counts)
    assert {now.phase for now in told} == {"warmup", "sampling"}
    assert counts[-1] == result.n_gradients


def test_draws_of_many_coordinates_are_kept_in_single_precision(monkeypatch):
    """Where fewer fit into the memory than are wanted; what is drawn, and the figures of it, are the same but for the digits."""
    logdensity, _ = correlated_normal(12, 100)
    whole = sample(logdensity, around_zero(12), random_seed=5, draws=60)
    monkeypatch.setattr(sampler, "_MEMORY", 59 * 8 * 12 * 32)
    short = sample(logdensity, around_zero(12), random_seed=5, draws=60)
    assert (whole.draws.dtype, short.draws.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(short.draws, whole.draws.astype(np.float32))
    np.testing.assert_allclose(short.diagnostics.ess_bulk, whole.diagnostics.ess_bulk, rtol=1e-4)  # rounding makes a few ties
    np.testing.assert_allclose(short.diagnostics.rhat, whole.diagnostics.rhat, rtol=1e-4)
    assert sample(logdensity, around_zero(12), random_seed=5, target_ess=1e9, max_seconds=0.5).settings.max_draws == 2 * 59
    assert sample(logdensity, around_zero(12), random_seed=5, draws=59).draws.dtype == np.float64
