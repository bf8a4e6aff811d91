"""Rank-normalised split R-hat, bulk and tail ESS :cite:p:`vehtari2021` and nested R-hat :cite:p:`margossian2024` on arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from scipy.special import ndtri

_BLOCK = 16
"""Coordinates handed to a thread at a time."""


@dataclass(frozen=True)
class Diagnostics:
    """Convergence figures of each coordinate.

    Attributes
    ----------
    rhat : ndarray, shape (dim,)
        Rank-normalised split R-hat, the larger of bulk and folded.
    nested_rhat : ndarray, shape (dim,), or None
        The same between groups of chains that share a start; None without groups.
    ess_bulk, ess_tail : ndarray, shape (dim,)
    """

    rhat: np.ndarray
    nested_rhat: np.ndarray | None
    ess_bulk: np.ndarray
    ess_tail: np.ndarray

    @property
    def ess(self) -> np.ndarray:
        """The smaller of bulk and tail ESS, shape (dim,)."""
        return np.minimum(self.ess_bulk, self.ess_tail)


@lru_cache(maxsize=8)
def _normal_scores(size: int) -> np.ndarray:
    """Blom's normal score of ranks 1, 1.5, 2, ..., size (half ranks are ties)."""
    ranks = np.arange(2, 2 * size + 1) / 2
    return ndtri((ranks - 0.375) / (size + 0.25))


@njit(cache=True, nogil=True)
def _scores_from_order(values, order, table, out):
    """Normal scores of one coordinate from its sorting order, ties averaged."""
    start = 0
    while start < values.size:
        stop = start + 1
        while stop < values.size and values[order[stop]] == values[order[start]]:
            stop += 1
        score = table[start + stop - 1]  # the mean of ranks start + 1 ... stop is (start + stop + 1) / 2
        for i in range(start, stop):
            out[order[i]] = score
        start = stop


@njit(cache=True, nogil=True)
def _fold(values, order, folded, folded_order):
    """Distances from the median and their order: the sorted values are merged from the middle outwards, not sorted again."""
    size = values.size
    right = size // 2
    left = right - 1
    median = values[order[right]] if size % 2 else 0.5 * (values[order[left]] + values[order[right]])
    for i in range(size):
        folded[i] = abs(values[i] - median)
    for i in range(size):
        if left < 0 or (right < size and folded[order[right]] <= folded[order[left]]):
            folded_order[i] = order[right]
            right += 1
        else:
            folded_order[i] = order[left]
            left -= 1


@njit(cache=True, nogil=True, error_model="numpy")
def _chain_moments(block, means, variances):
    """Mean and variance of each row of (chain, draw)."""
    n_draw = block.shape[1]
    for c in range(block.shape[0]):
        mean = 0.0
        for t in range(n_draw):
            mean += block[c, t]
        mean /= n_draw
        squares = 0.0
        for t in range(n_draw):
            squares += (block[c, t] - mean) ** 2
        means[c], variances[c] = mean, squares / (n_draw - 1)


def _rhat(means: np.ndarray, variances: np.ndarray, n_draw: int) -> float:
    """Plain R-hat from chain means and variances."""
    return math.sqrt(means.var(ddof=1) / variances.mean() + (n_draw - 1) / n_draw)


def _nested(means: np.ndarray, variances: np.ndarray, order: np.ndarray, n_group: int) -> float:
    """Plain nested R-hat; ``order`` lists the chains group by group."""
    means, variances = means[order].reshape(n_group, -1), variances[order].reshape(n_group, -1)
    between = means.mean(axis=1).var(ddof=1)
    inside = variances.mean(axis=1) + (means.var(axis=1, ddof=1) if means.shape[1] > 1 else 0.0)
    return math.sqrt(1.0 + between / inside.mean())


@njit(cache=True, nogil=True, error_model="numpy")
def _mean_autocovariance(block, means, lag):
    n_chain, n_draw = block.shape
    total = 0.0
    for c in range(n_chain):
        for t in range(n_draw - lag):
            total += (block[c, t] - means[c]) * (block[c, t + lag] - means[c])
    return total / (n_chain * n_draw)


@njit(cache=True, nogil=True, error_model="numpy")
def _between(means):
    """Variance of chain means; loops instead of array methods, which take Numba seconds to compile."""
    centre, squares = 0.0, 0.0
    for mean in means:
        centre += mean / means.size
    for mean in means:
        squares += (mean - centre) ** 2
    return squares / (means.size - 1.0) if means.size > 1 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _effective_size(block, means, rho):
    """ESS of one coordinate, (chain, draw), by Geyer's initial monotone sequence; lags are computed only as far as needed.

    ``means`` (chain,) holds the chain means, ``rho`` (draw,) is work space.
    """
    n_chain, n_draw = block.shape
    size = n_chain * n_draw
    within = _mean_autocovariance(block, means, 0) * n_draw / (n_draw - 1.0)
    total = within * (n_draw - 1.0) / n_draw + _between(means)
    even = 1.0
    odd = 1.0 - (within - _mean_autocovariance(block, means, 1)) / total
    rho[:] = 0.0
    rho[0], rho[1] = even, odd
    t = 1
    while t < n_draw - 3 and even + odd > 0.0:
        even = 1.0 - (within - _mean_autocovariance(block, means, t + 1)) / total
        odd = 1.0 - (within - _mean_autocovariance(block, means, t + 2)) / total
        if even + odd >= 0.0:
            rho[t + 1], rho[t + 2] = even, odd
        t += 2
    last = t - 2
    if even > 0.0:
        rho[last + 1] = even
    t = 1
    while t <= last - 2:
        if rho[t + 1] + rho[t + 2] > rho[t - 1] + rho[t]:
            rho[t + 1] = 0.5 * (rho[t - 1] + rho[t])
            rho[t + 2] = rho[t + 1]
        t += 2
    tau = -1.0 + rho[last + 1]
    for i in range(last + 1):
        tau += 2.0 * rho[i]
    return size / max(tau, 1.0 / math.log10(size))


def effective_size(block: np.ndarray) -> float:
    """Effective sample size of the mean of one coordinate.

    Parameters
    ----------
    block : ndarray of float64, shape (chain, draw), C-contiguous

    Returns
    -------
    float
        All draws if they are equal.
    """
    if np.ptp(block) < 1e-15:
        return float(block.size)
    return _effective_size(block, block.mean(axis=1), np.empty(block.shape[1]))


def _quantile(ordered: np.ndarray, probability: float) -> float:
    """Linear quantile of sorted values."""
    place = (ordered.size - 1) * probability
    below = int(place)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def _diagnose_one(values: np.ndarray, groups: tuple[np.ndarray, int] | None) -> tuple[float, float, float, float]:
    """R-hat, nested R-hat, bulk and tail ESS of one coordinate, (chain, draw)."""
    half = values.shape[1] // 2
    split = np.concatenate((values[:, :half], values[:, -half:]))  # an odd middle draw is left out
    flat = split.ravel()
    order = np.argsort(flat)
    ordered = flat[order] if values.size == flat.size else np.sort(values, axis=None)
    tails = [effective_size((split <= _quantile(ordered, p)).astype(np.float64)) for p in (0.05, 0.95)]
    folded, folded_order = np.empty_like(flat), np.empty_like(order)
    _fold(flat, order, folded, folded_order)
    table, scores = _normal_scores(flat.size), np.empty_like(split)
    means, variances = np.empty(split.shape[0]), np.empty(split.shape[0])
    rhat = nested = bulk = math.nan
    for part, sorting in ((flat, order), (folded, folded_order)):
        _scores_from_order(part, sorting, table, scores.ravel())
        _chain_moments(scores, means, variances)
        if part is flat:
            bulk = effective_size(scores)
        if variances.any():  # a coordinate that never moved has no R-hat
            rhat = np.fmax(rhat, _rhat(means, variances, half))
            nested = np.fmax(nested, _nested(means, variances, *groups)) if groups else nested
    return rhat, nested, bulk, min(tails)


def _diagnose_block(block: np.ndarray, groups: tuple[np.ndarray, int] | None) -> np.ndarray:
    """Figures of (coordinate, chain, draw): (coordinate, 4)."""
    return np.array([_diagnose_one(np.ascontiguousarray(values, dtype=np.float64), groups) for values in block])


def diagnose(draws: np.ndarray, groups: np.ndarray | None = None, map_: Callable = map) -> Diagnostics:
    """Convergence figures of each coordinate.

    Parameters
    ----------
    draws : ndarray, shape (chain, draw, dim)
        At least 4 draws.
    groups : ndarray of int, shape (chain,), optional
        Group of each chain (chains that share a start); groups must have one size.
    map_ : callable
        ``map`` or that of a thread pool.

    Returns
    -------
    Diagnostics

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(1).standard_normal((8, 200, 2))  # 8 chains, 200 draws, 2 coordinates
    >>> figures = fc.sampling.diagnose(draws)
    >>> bool((figures.rhat < 1.01).all())
    True
    """
    columns = np.moveaxis(draws, 2, 0)
    blocks = [columns[i : i + _BLOCK] for i in range(0, columns.shape[0], _BLOCK)]
    order = None
    if groups is not None:
        halves = np.concatenate((groups, groups))
        order = np.argsort(halves, kind="stable"), np.unique(groups).size
    figures = np.concatenate(list(map_(lambda block: _diagnose_block(block, order), blocks))).T
    return Diagnostics(figures[0], None if groups is None else figures[1], figures[2], figures[3])
