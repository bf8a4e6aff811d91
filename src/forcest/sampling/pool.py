"""Draws and gradients of the warm-up: which chains to use, and whether the chains still drift."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from forcest.sampling.metric import Metric
from forcest.sampling.state import State


class Drift(NamedTuple):
    """Change between the two halves of the pool: mean squared t of the coordinates, and t of the log density."""

    coordinates: float
    logdensity: float

    def is_negligible(self, dim: int, n_chain: int) -> bool:
        """Whether both are within what stationary chains show."""
        return self.coordinates < 1.0 + 3.0 * math.sqrt(2.0 / dim) + 4.0 / n_chain and abs(self.logdensity) < 3.0


def comparable_chains(logdensity: np.ndarray, dim: int) -> np.ndarray:
    """Chains whose median log density is not far below that of the others.

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


@dataclass(frozen=True)
class Pool:
    """The last half of the warm-up, thinned so that it never holds many more columns than are useful.

    Attributes
    ----------
    capacity : int
        Iterations to keep; with more than twice as many, every second one is dropped.
    draws : tuple of (int, State)
        Iteration numbers and the states after them.
    stride : int
        Only iterations divisible by it are kept.
    """

    capacity: int
    draws: tuple[tuple[int, State], ...] = ()
    stride: int = 1

    def with_draw(self, iteration: int, state: State) -> Pool:
        """The pool after an iteration (from 1)."""
        draws = [item for item in self.draws if 2 * item[0] >= iteration]
        if iteration % self.stride == 0:
            draws.append((iteration, state))
        stride = self.stride
        if len(draws) > 2 * self.capacity:
            stride *= 2
            draws = [item for item in draws if item[0] % stride == 0]
        return Pool(self.capacity, tuple(draws), stride)

    @property
    def n_columns(self) -> int:
        """Draws held, summed over chains."""
        return sum(state.logdensity.size for _, state in self.draws)

    def logdensity(self) -> np.ndarray:
        """Log densities, shape (iteration, chain)."""
        return np.stack([state.logdensity for _, state in self.draws])

    def columns(self, chains: np.ndarray, after: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Draws and gradients of some chains (bool, shape (chain,)) after an iteration, each (dim, column)."""
        states = [state for iteration, state in self.draws if iteration > after]
        x = np.concatenate([state.position[:, chains] for state in states], axis=1)
        g = np.concatenate([state.logdensity_grad[:, chains] for state in states], axis=1)
        return x, g

    def drift(self, metric: Metric, chains: np.ndarray) -> Drift:
        """Change from the first to the second half; a t test over chains, which are independent of each other."""
        half = len(self.draws) // 2
        if half < 2 or chains.sum() < 3:
            return Drift(math.inf, math.inf)
        halves = [self.draws[:half], self.draws[-half:]]
        first, second = (np.mean([s.position[:, chains] for _, s in part], axis=0) for part in halves)
        low, high = (np.mean([s.logdensity[chains] for _, s in part], axis=0) for part in halves)
        t = _t(metric.whiten(second - first))
        return Drift(float(np.mean(t * t)), float(_t((high - low)[None])[0]))


def _t(differences: np.ndarray) -> np.ndarray:
    """T statistic of each row's mean, 0 for a constant row."""
    n = differences.shape[1]
    sd = differences.std(axis=1, ddof=1)
    with np.errstate(all="ignore"):
        return np.where(sd > 0, differences.mean(axis=1) / (sd / math.sqrt(n)), 0.0)
