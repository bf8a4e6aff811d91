r"""Whether ranks are uniform: simultaneous bands of the empirical distribution function, and p-values for a family of them.

The statistic of Säilynoja, Bürkner and Vehtari (2022, Statistics and Computing 32:32): at every possible rank the number of
smaller ranks is binomial if ranks are uniform; of all two-sided binomial tail probabilities the smallest counts,

.. math:: \gamma = 2 \min_k \min\{P(B_k \le N_k), P(B_k \ge N_k)\}, \qquad B_k \sim \text{Binomial}(n, k / K).

Its distribution under uniform ranks is found by simulation, so that p-values and bands hold for all k together.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.stats import binom

SIMULATED = 200_000
"""Sets of uniform ranks behind a p-value: the smallest that can be told is 5e-6."""
PIECE = 10_000


def gammas(ranks: np.ndarray, n_ranks: int) -> np.ndarray:
    """The statistic of each column.

    Parameters
    ----------
    ranks : ndarray of int, shape (n, quantity)
        From 0 to ``n_ranks`` - 1.
    n_ranks : int
        Number of possible ranks.

    Returns
    -------
    ndarray, shape (quantity,)
    """
    counts = np.stack([np.bincount(column, minlength=n_ranks) for column in ranks.T])
    return _gammas_of_counts(counts)


def _gammas_of_counts(counts: np.ndarray) -> np.ndarray:
    """The statistic from counts of each rank, shape (set, rank)."""
    n, n_ranks = int(counts[0].sum()), counts.shape[1]
    below = np.cumsum(counts[:, :-1], axis=1)
    return _tails(n, n_ranks)[np.arange(n_ranks - 1), below].min(axis=1)


@lru_cache(maxsize=8)
def _tails(n: int, n_ranks: int) -> np.ndarray:
    """Two-sided tail probability of every count below every rank, shape (rank - 1, n + 1)."""
    z, count = np.arange(1, n_ranks)[:, None] / n_ranks, np.arange(n + 1)[None, :]
    return 2 * np.minimum(binom.cdf(count, n, z), binom.sf(count - 1, n, z))


@lru_cache(maxsize=8)
def _null(n: int, n_ranks: int) -> np.ndarray:
    """The statistic of many sets of uniform ranks, sorted."""
    rng = np.random.default_rng([n, n_ranks])
    even = np.full(n_ranks, 1 / n_ranks)
    sets = [rng.multinomial(n, even, size=PIECE) for _ in range(SIMULATED // PIECE)]
    return np.sort(np.concatenate([_gammas_of_counts(part) for part in sets]))


def p_values(ranks: np.ndarray, n_ranks: int) -> np.ndarray:
    """Probability of ranks at least as uneven, of each column on its own, shape (quantity,)."""
    null = _null(len(ranks), n_ranks)
    return (1 + np.searchsorted(null, gammas(ranks, n_ranks), side="right")) / (1 + len(null))


def band(n: int, n_ranks: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper count of smaller ranks between which uniform ranks stay throughout with probability ``level``.

    Returns
    -------
    low, high : ndarray of int, shape (n_ranks - 1,)
        At ranks 1 to ``n_ranks`` - 1.
    """
    gamma = np.quantile(_null(n, n_ranks), 1 - level)
    inside = _tails(n, n_ranks) > gamma
    return inside.argmax(axis=1), n - inside[:, ::-1].argmax(axis=1)
