"""Which kind of metric a run uses, how many draws its fit needs, and the fit itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forcest.sampling.metric_fit import Fit, fit_core, fit_dense, fit_diagonal, fit_low_rank

METRICS = ("auto", "dense", "core", "low_rank", "diagonal")
DENSE_LIMIT = 1000
"""Above this dimension "auto" takes the metric of the core if one is named, else the low-rank one."""
RANK = 64


@dataclass(frozen=True)
class MetricChoice:
    """The kind of metric a run is to end with.

    Attributes
    ----------
    kind : {"dense", "core", "low_rank", "diagonal"}
    dim : int
    core : ndarray of int
        Coordinates that correlate with each other; all of them unless the caller names some.
    """

    kind: str
    dim: int
    core: np.ndarray

    @classmethod
    def of(cls, metric: str, dim: int, core: np.ndarray | None) -> MetricChoice:
        """The choice for the arguments of `sample`."""
        if metric == "auto" and dim <= DENSE_LIMIT:
            metric = "dense"
        elif metric == "auto":
            metric = "low_rank" if core is None else "core"
        return cls(metric, dim, np.arange(dim) if core is None else np.asarray(core))

    @property
    def pool_columns(self) -> int:
        """Columns beyond which more draws hardly improve the fit."""
        if self.kind == "dense":
            return 10 * self.dim
        if self.kind == "core":
            return max(3 * self.core.size, 1000)
        return max(1000, min(3000, 15_000_000 // self.dim))

    @property
    def least_columns(self) -> int:
        """Columns the pool must hold before the warm-up may end."""
        if self.kind == "diagonal":
            return 200
        if self.kind == "low_rank" and self.dim >= 100:
            return 1000
        size = self.dim if self.kind == "low_rank" else self.core.size
        return max(2 * size, min(10 * size, 1000))

    def fit(self, draws: np.ndarray, gradients: np.ndarray) -> Fit:
        """Metric of the chosen kind, or of one with fewer parameters while there are too few draws.

        Parameters
        ----------
        draws, gradients : ndarray, shape (dim, column)

        Returns
        -------
        Fit
            ``largest_variance`` without the share that a finite number of draws adds to it.
        """
        try:
            metric, variance = self._fit(draws, gradients)
        except np.linalg.LinAlgError:
            metric, variance = fit_diagonal(draws, gradients)
        return Fit(metric, variance / (1.0 + math.sqrt(self.core.size / (0.5 * draws.shape[1]))) ** 2)

    def _fit(self, draws: np.ndarray, gradients: np.ndarray) -> Fit:
        n = draws.shape[1]
        if self.kind == "diagonal":
            return fit_diagonal(draws, gradients)
        if self.kind == "core" and n >= 2 * self.core.size:
            return fit_core(draws, gradients, self.core)
        if self.kind == "dense" and n >= 2 * self.dim:
            return fit_dense(draws, gradients)
        return fit_low_rank(draws, gradients, RANK)
