r"""Delays in days as Erlang stages in discrete time: a negative binomial.

.. math:: g_d = \binom{d + k - 1}{k - 1} p^k (1 - p)^d, \qquad p = k / (k + mean)
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from forcest.models.grid import Grid
from forcest.models.tensors import symbolic


def _log_binomial(stages: int, days: np.ndarray) -> np.ndarray:
    return gammaln(days + stages) - gammaln(stages) - gammaln(days + 1)


def graph(grid: Grid, mean, stages: int, *, first_day: int = 0):
    """Probability of each lag in steps, a vector over (lag,).

    Parameters
    ----------
    mean : TensorVariable, scalar  [days]
        Mean of the days beyond ``first_day``.
    stages : int
    first_day : int
        Shortest delay: 0 in training, 1 in hospital.
    """
    pt = symbolic()

    days = np.arange(grid.days[-1] + 1 - first_day)
    total = pt.log(stages + mean)
    daily = pt.exp(_log_binomial(stages, days) + stages * (np.log(stages) - total) + days * (pt.log(mean) - total))
    reader = grid.lag_reader()[:, first_day:]
    if grid.step == 1:
        return pt.concatenate([np.zeros(first_day), daily])
    return pt.dot(reader, daily)


def forward(grid: Grid, mean: np.ndarray, stages: int, *, first_day: int = 0) -> np.ndarray:
    """Probability of each lag in steps, shape (draw, lag); the stages are filters passed one after the other."""
    size = int(grid.days[-1]) + 1
    p = stages / (stages + np.asarray(mean, dtype=float))
    daily = np.zeros((len(p), size))
    daily[:, first_day] = 1.0
    for _ in range(stages):
        stage = np.zeros(len(p))
        for day in range(size):
            stage = p * daily[:, day] + (1 - p) * stage
            daily[:, day] = stage
    return daily @ grid.lag_reader().T


def toeplitz_graph(lags):
    """Lower triangular matrix that convolves a series over (date,) with lag probabilities."""
    pt = symbolic()

    return pt.concatenate([lags, np.zeros(1)])[_toeplitz_index(lags)]


def _toeplitz_index(lags) -> np.ndarray:
    size = lags.type.shape[0]
    lag = np.subtract.outer(np.arange(size), np.arange(size))
    return np.where(lag >= 0, lag, size)


def convolve(lags: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Series delayed by lag probabilities, shapes (draw, lag) and (draw, ..., date) to (draw, ..., date)."""
    size = series.shape[-1]
    out = np.zeros(np.broadcast_shapes(series.shape))
    for lag in range(size):
        weight = lags[:, lag].reshape(-1, *[1] * (series.ndim - 1))
        out[..., lag:] += weight * series[..., : size - lag]
    return out
