"""Rank-normalised split R-hat, bulk and tail ESS :cite:p:`vehtari2021` and nested R-hat :cite:p:`margossian2024` on arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from scipy.special import ndtri

_BLOCK = 16
"""Coordinates handled at a time, so that temporaries stay small."""


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
def _scores_from_order(flat, order, table, out):
    """Normal scores of one coordinate from its sorting order, ties averaged."""
    size = flat.size
    start = 0
    while start < size:
        stop = start + 1
        while stop < size and flat[order[stop]] == flat[order[start]]:
            stop += 1
        score = table[start + stop - 1]  # mean of ranks start+1 .. stop is (start+stop+1)/2
        for i in range(start, stop):
            out[order[i]] = score
        start = stop


def normal_scores(block: np.ndarray) -> np.ndarray:
    """Rank-normalised values of each coordinate over all chains and draws.

    Parameters
    ----------
    block : ndarray, shape (coordinate, chain, draw)

    Returns
    -------
    ndarray, shape (coordinate, chain, draw)
    """
    flat = np.ascontiguousarray(block).reshape(block.shape[0], -1)
    order = np.argsort(flat, axis=1)
    table = _normal_scores(flat.shape[1])
    out = np.empty_like(flat)
    for values, sorting, scores in zip(flat, order, out, strict=True):
        _scores_from_order(values, sorting, table, scores)
    return out.reshape(block.shape)


def _split(block: np.ndarray) -> np.ndarray:
    """Half chains: (coordinate, chain, draw) to (coordinate, 2 chain, draw // 2); an odd middle draw is left out."""
    half = block.shape[2] // 2
    return np.concatenate((block[:, :, :half], block[:, :, -half:]), axis=1)


def _rhat(block: np.ndarray) -> np.ndarray:
    """Plain R-hat of (coordinate, chain, draw)."""
    n_draw = block.shape[2]
    between = block.mean(axis=2).var(axis=1, ddof=1)
    within = block.var(axis=2, ddof=1).mean(axis=1)
    with np.errstate(all="ignore"):
        return np.sqrt(between / within + (n_draw - 1) / n_draw)


def _nested(block: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Plain nested R-hat of (coordinate, chain, draw); ``groups`` numbers the group of each chain, all of one size."""
    means, variances = block.mean(axis=2), block.var(axis=2, ddof=1)
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    between = np.stack([means[:, m].mean(axis=1) for m in members]).var(axis=0, ddof=1)
    inside = [variances[:, m].mean(axis=1) + (means[:, m].var(axis=1, ddof=1) if m.size > 1 else 0.0) for m in members]
    with np.errstate(all="ignore"):
        return np.sqrt(1.0 + between / np.mean(inside, axis=0))


@njit(cache=True, nogil=True, error_model="numpy")
def _mean_autocovariance(block, means, lag):
    n_chain, n_draw = block.shape
    total = 0.0
    for c in range(n_chain):
        for t in range(n_draw - lag):
            total += (block[c, t] - means[c]) * (block[c, t + lag] - means[c])
    return total / (n_chain * n_draw)


@njit(cache=True, nogil=True, error_model="numpy")
def _effective_size(block):
    """ESS of one coordinate, (chain, draw), by Geyer's initial monotone sequence; lags are computed only as far as needed."""
    n_chain, n_draw = block.shape
    size = n_chain * n_draw
    if block.max() - block.min() < 1e-15:
        return float(size)
    means = np.empty(n_chain)
    for c in range(n_chain):
        means[c] = block[c].mean()
    within = _mean_autocovariance(block, means, 0) * n_draw / (n_draw - 1.0)
    total = within * (n_draw - 1.0) / n_draw
    if n_chain > 1:
        total += means.var() * n_chain / (n_chain - 1.0)
    rho = np.zeros(n_draw)
    even = 1.0
    odd = 1.0 - (within - _mean_autocovariance(block, means, 1)) / total
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
    tau = -1.0 + 2.0 * rho[: last + 1].sum() + rho[last + 1 : last + 2].sum()
    return size / max(tau, 1.0 / np.log10(size))


def effective_size(block: np.ndarray) -> np.ndarray:
    """Effective sample size of the mean of each coordinate.

    Parameters
    ----------
    block : ndarray, shape (coordinate, chain, draw)

    Returns
    -------
    ndarray, shape (coordinate,)
    """
    return np.array([_effective_size(np.ascontiguousarray(values, dtype=np.float64)) for values in block])


def _diagnose_block(block: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """R-hat, nested R-hat, bulk and tail ESS: (4, coordinate)."""
    low, high = np.quantile(block.reshape(block.shape[0], -1), (0.05, 0.95), axis=1)[:, :, None, None]
    tails = [effective_size(_split(block <= low)), effective_size(_split(block <= high))]
    split = _split(block)
    scores = normal_scores(split)
    folded = normal_scores(np.abs(split - np.median(split, axis=(1, 2), keepdims=True)))
    rhat = np.maximum(_rhat(scores), _rhat(folded))
    nested = np.full_like(rhat, np.nan)
    if groups is not None:
        halves = np.concatenate((groups, groups))
        nested = np.maximum(_nested(scores, halves), _nested(folded, halves))
    return np.stack((rhat, nested, effective_size(scores), np.minimum(*tails)))


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
    """
    columns = np.moveaxis(draws, 2, 0)
    blocks = [columns[i : i + _BLOCK] for i in range(0, columns.shape[0], _BLOCK)]
    figures = np.concatenate(list(map_(lambda block: _diagnose_block(block, groups), blocks)), axis=1)
    return Diagnostics(figures[0], None if groups is None else figures[1], figures[2], figures[3])
