"""Draws and gradients of the warm-up: which chains to trust, and whether the chains still drift."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from forcest.sampling.metric import Metric
from forcest.sampling.state import State


class Drift(NamedTuple):
    """Mean squared t of the coordinates and t of the log density, second half of the window against the first."""

    coordinates: float
    logdensity: float

    def is_over(self, dim: int, n_chain: int) -> bool:
        """Whether both are what stationary chains would show."""
        return self.coordinates < 1.0 + 3.0 * math.sqrt(2.0 / dim) + 4.0 / n_chain and abs(self.logdensity) < 3.0


def trusted(logdensity: np.ndarray, dim: int) -> np.ndarray:
    """Chains not left far behind, by the median of each chain's log density.

    Parameters
    ----------
    logdensity : ndarray, shape (iteration, chain)
    dim : int
        The log density of a normal target has a standard deviation of sqrt(dim / 2).

    Returns
    -------
    ndarray of bool, shape (chain,)
    """
    level = np.median(logdensity, axis=0)
    middle, quartile = np.quantile(level, (0.5, 0.25))
    return level >= middle - 10.0 * (middle - quartile) - 5.0 * math.sqrt(dim)


class Pool:
    """The last half of the warm-up, thinned so that it never holds many more columns than are useful.

    Parameters
    ----------
    dim, n_chain : int
    max_columns : int
        Columns beyond which iterations are thinned.
    """

    def __init__(self, dim: int, n_chain: int, max_columns: int):
        self._draws: list[tuple[int, State]] = []
        self._stride = 1
        self._max = max(8, max_columns // n_chain)
        self._dim, self._n_chain = dim, n_chain

    def append(self, iteration: int, state: State) -> None:
        """Take in the states after an iteration (from 1)."""
        if iteration % self._stride == 0:
            self._draws.append((iteration, state))
        self._draws = [item for item in self._draws if 2 * item[0] >= iteration]
        if len(self._draws) > 2 * self._max:
            self._stride *= 2
            self._draws = [item for item in self._draws if item[0] % self._stride == 0]

    @property
    def n_columns(self) -> int:
        """Draws held."""
        return len(self._draws) * self._n_chain

    def logdensity(self) -> np.ndarray:
        """Log densities, shape (iteration, chain)."""
        return np.stack([state.logdensity for _, state in self._draws])

    def columns(self, good: np.ndarray, after: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Draws and gradients of the good chains after an iteration, each (dim, column)."""
        states = [state for iteration, state in self._draws if iteration > after]
        x = np.concatenate([state.position[:, good] for state in states], axis=1)
        g = np.concatenate([state.logdensity_grad[:, good] for state in states], axis=1)
        return x, g

    def drift(self, metric: Metric, good: np.ndarray) -> Drift:
        """Compare both halves of the window chain by chain: chains are independent, so this is an honest t test."""
        half = len(self._draws) // 2
        if half < 2 or good.sum() < 3:
            return Drift(math.inf, math.inf)
        halves = [self._draws[:half], self._draws[-half:]]
        first, second = (np.mean([s.position[:, good] for _, s in part], axis=0) for part in halves)
        low, high = (np.mean([s.logdensity[good] for _, s in part], axis=0) for part in halves)
        t = _t(metric.whiten(second - first))
        return Drift(float(np.mean(t * t)), float(_t((high - low)[None])[0]))


def _t(differences: np.ndarray) -> np.ndarray:
    """T of each row's mean, 0 for a constant row."""
    n = differences.shape[1]
    sd = differences.std(axis=1, ddof=1)
    with np.errstate(all="ignore"):
        return np.where(sd > 0, differences.mean(axis=1) / (sd / math.sqrt(n)), 0.0)
