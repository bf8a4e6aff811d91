r"""Delays in days as Erlang stages in discrete time: a negative binomial.

.. math:: g_d = \binom{d + k - 1}{k - 1} p^k (1 - p)^d, \qquad p = k / (k + mean)
"""

from __future__ import annotations

import numpy as np
from pydantic import Field
from scipy.special import gammaln

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid
from forcest.models.description.priors import Positive
from forcest.models.parameters.tensors import symbolic


class Delay(Description):
    """Days between two states: Erlang stages of equal length, which in discrete time is a negative binomial delay.

    Parameters
    ----------
    mean : Prior  [days]
    stages : int, optional
        More stages give less spread: the standard deviation of a long delay is ``mean / sqrt(stages)``. The default is 4 for
        training and 2 for hospital.

    Examples
    --------
    >>> training = fc.Delay(mean=fc.between(10, 45), stages=4)
    >>> [round(training.mean.quantile(q), 1) for q in (0.05, 0.5, 0.95)]
    [10.0, 21.2, 45.0]
    """

    mean: Positive
    stages: int | None = Field(default=None, ge=1, le=50)

    def stages_or(self, default: int) -> int:
        """The number of stages, or the default if there is none."""
        return self.stages if self.stages is not None else default


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

    days = np.arange(grid.days[-1] + grid.step - first_day)
    total = pt.log(stages + mean)
    daily = pt.exp(_log_binomial(stages, days) + stages * (np.log(stages) - total) + days * (pt.log(mean) - total))
    reader = grid.lag_reader()[:, first_day:]
    lags = pt.concatenate([np.zeros(first_day), daily]) if grid.step == 1 else pt.dot(reader, daily)
    return pt.specify_shape(lags, grid.size)


def forward(grid: Grid, mean: np.ndarray, stages: int, *, first_day: int = 0) -> np.ndarray:
    """Probability of each lag in steps, shape (draw, lag); the stages are filters applied one after the other."""
    from forcest.models.process.rows_kernels import stages_rows

    size = int(grid.days[-1]) + grid.step
    p = stages / (stages + np.asarray(mean, dtype=float))
    daily = np.zeros((len(p), size))
    daily[:, first_day] = 1.0
    stages_rows(p, stages, daily)
    return daily if grid.step == 1 else daily @ grid.lag_reader().T


def convolve_graph(lags, series):
    """Series over (date,) or (wave, date) delayed by lag probabilities, as a graph."""
    from pytensor.tensor.signal import convolve1d

    if series.type.ndim > 1:
        return symbolic().stack([convolve_graph(lags, series[wave]) for wave in range(series.type.shape[0])])
    return convolve1d(series, lags, mode="full")[: lags.type.shape[0]]


def lag_index(size: int) -> np.ndarray:
    """Position of the lag from the step after s to t, ``size`` (an appended zero) where t is not later, shape (t, s)."""
    lag = np.subtract.outer(np.arange(size), np.arange(1, size + 1))
    return np.where(lag >= 0, lag, size)


def convolve(lags: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Series delayed by lag probabilities, shapes (draw, lag) and (draw, ..., date) to (draw, ..., date)."""
    from forcest.models.process.rows_kernels import convolve_rows

    rows = np.ascontiguousarray(series, dtype=np.float64).reshape(len(series), -1, series.shape[-1])
    out = np.zeros_like(rows)
    convolve_rows(np.ascontiguousarray(lags), rows, out)
    return out.reshape(series.shape)
