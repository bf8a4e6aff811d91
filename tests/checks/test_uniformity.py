"""The test of uniform ranks: its level, its power, and the arithmetic of a family."""

from __future__ import annotations

import numpy as np
import pytest

from forcest.checks.uniformity import band, gammas, p_values
from forcest.inference.family import holm

N, N_RANKS = 100, 200


def test_the_statistic_is_the_smallest_binomial_tail():
    """All of 4 ranks lie in the upper of 2 halves: none below, probability 1/16 on one side."""
    np.testing.assert_allclose(gammas(np.ones((4, 1), dtype=int), 2), 2 / 16)


def test_p_values_of_uniform_ranks_are_uniform():
    """2,000 sets: the share below 5 % within 3.3 binomial standard errors, false alarm 0.1 %."""
    ranks = np.random.default_rng(1).integers(N_RANKS, size=(N, 2_000))
    share = (p_values(ranks, N_RANKS) <= 0.05).mean()
    assert abs(share - 0.05) < 3.3 * np.sqrt(0.05 * 0.95 / 2_000)


@pytest.mark.parametrize("power", [1.25, 0.8])
def test_ranks_of_a_shifted_posterior_are_rejected(power):
    """The wrong twin: u ** 1.25 instead of u, a mean rank of 0.44 (1.25) or 0.56; with 1,000 ranks it cannot be missed."""
    u = np.random.default_rng(2).random((1_000, 1)) ** power
    assert p_values(np.floor(N_RANKS * u).astype(int), N_RANKS)[0] < 1e-4


def test_uniform_ranks_stay_inside_the_band_as_often_as_it_says():
    """2,000 sets of ranks, 90 % band: 3.3 binomial standard errors, and what discreteness adds (1 %)."""
    low, high = band(N, N_RANKS, 0.9)
    ranks = np.random.default_rng(3).integers(N_RANKS, size=(2_000, N))
    below = np.stack([np.cumsum(np.bincount(row, minlength=N_RANKS))[:-1] for row in ranks])
    inside = ((low <= below) & (below <= high)).all(axis=1).mean()
    assert abs(inside - 0.9) < 0.01 + 3.3 * np.sqrt(0.09 / 2_000)


def test_holm_by_hand():
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])
