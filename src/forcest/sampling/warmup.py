"""Adaptation shared by all chains: metric, trajectory length and step size; it ends by itself and everything is then frozen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forcest.sampling import metric_fit
from forcest.sampling.kernel import Kernel, Move
from forcest.sampling.metric import Diagonal, Metric
from forcest.sampling.pool import Pool, trusted
from forcest.sampling.result import Record
from forcest.sampling.runner import Ensemble
from forcest.sampling.state import State
from forcest.sampling.step_size import DualAveraging
from forcest.sampling.trajectory import length_for, n_steps

METRICS = ("auto", "dense", "core", "low_rank", "diagonal")
UPDATES = (4, 8, 14, 22, 34, 50, 72, 100, 140, 190, 250, 330, 430)
FIRST_STEP, LAST_ITERATIONS, SHORTEST = 0.3, 16, 30
EARLY, EARLY_CAP, CAP = 20, 16, 512
DENSE_LIMIT = 1000
"""Above this dimension "auto" takes the low-rank metric."""
RANK = 64
FROZEN = 0.25
"""A chain whose mean acceptance rate since the last update is below this share of the median is taken as frozen."""


@dataclass
class Tuning:
    """What the warm-up found; frozen while sampling."""

    metric: Metric
    step_size: float
    length: float


def _kind_of(metric: str, dim: int, core: np.ndarray | None) -> str:
    """What "auto" stands for: dense up to a thousand dimensions, then the core if one is named, else low-rank."""
    if metric != "auto":
        return metric
    if dim <= DENSE_LIMIT:
        return "dense"
    return "low_rank" if core is None else "core"


class Warmup:
    """State of the adaptation.

    Parameters
    ----------
    ensemble : Ensemble
    kernel : Kernel
    metric : {"auto", "dense", "low_rank", "diagonal"}
    target_accept : float
    groups : ndarray of int, shape (chain,)
        Chains that share a start.
    rng : numpy.random.Generator
    deadline : float
        Value of ``time.monotonic`` at which to give up.
    core : ndarray of int, optional
        Coordinates on which the metric is to be dense.
    limit : int
        Most iterations.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        kernel: Kernel,
        metric: str,
        target_accept: float,
        groups: np.ndarray,
        rng: np.random.Generator,
        deadline: float = math.inf,
        core: np.ndarray | None = None,
        limit: int = UPDATES[-1] + LAST_ITERATIONS,
    ):
        state = ensemble.state()
        self._dim, self._n_chain = state.position.shape
        self._ensemble, self._kernel, self._groups, self._rng, self._deadline = ensemble, kernel, groups, rng, deadline
        self._kind = _kind_of(metric, self._dim, core)
        self._limit = limit
        self._core = np.arange(self._dim) if core is None else core
        self._pool = Pool(self._dim, self._n_chain, self._useful_columns())
        self._step = DualAveraging(target_accept, FIRST_STEP)
        self._live = np.ones(self._n_chain, dtype=bool)
        self.tuning = Tuning(Diagonal(np.ones(self._dim)), FIRST_STEP, length_for(1.0))
        self.record = Record()
        self._rates: list[np.ndarray] = []
        self._updated = 0
        self._final_length = length_for(1.0)
        self.iteration = 0

    def _useful_columns(self) -> int:
        if self._kind == "dense":
            return 10 * self._dim
        if self._kind == "core":
            return max(3 * len(self._core), 1000)
        return max(1000, min(3000, 15_000_000 // self._dim))

    def _wanted_columns(self) -> int:
        """Columns the pool must hold before the warm-up may end."""
        if self._kind == "diagonal":
            return 200
        if self._kind == "low_rank":
            return 1000 if self._dim >= 100 else max(2 * self._dim, min(10 * self._dim, 1000))
        return max(2 * len(self._core), min(10 * len(self._core), 1000))

    def run(self, report: Callable[[Warmup], None]) -> None:
        """Adapt until the chains have settled; `tuning` and `record` hold the outcome.

        Parameters
        ----------
        report : callable
            Called after each iteration.
        """
        began, before, passes = time.monotonic(), self._ensemble.n_gradients, 0
        wanted = self._wanted_columns()
        end = self._limit
        while self.iteration < end and time.monotonic() < self._deadline:
            self._iterate()
            if self.iteration in UPDATES and not self.record.has_settled:
                passes = passes + 1 if self._update() else 0
                enough = self.iteration >= SHORTEST and self._pool.n_columns >= wanted
                if passes >= 2 and enough:
                    self.record.has_settled = True
                    end = min(self.iteration + LAST_ITERATIONS, self._limit)
                if self.record.has_settled or self.iteration == UPDATES[-1]:
                    self.tuning.length = self._final_length  # the step must be tuned at the length it will be used with
            if self.iteration == end and self._free_frozen() and end < UPDATES[-1]:
                end += LAST_ITERATIONS
            report(self)
        self.tuning.step_size = self._step.average
        self._note(self._ensemble.n_gradients - before, time.monotonic() - began)

    def _iterate(self) -> None:
        self.iteration += 1
        cap = EARLY_CAP if self.iteration <= EARLY else CAP
        steps = n_steps(self.tuning.length, self._step.current, self.iteration, cap)
        info = self._ensemble.advance(Move(self._kernel, self.tuning.metric, self._step.current, steps), self.iteration)
        self._step.update(float(info.acceptance_rate[self._live].mean()))
        self._rates.append(info.acceptance_rate)
        self._pool.append(self.iteration, self._ensemble.state())

    def _moving(self) -> np.ndarray:
        """Chains that moved since the last look as the others did; a frozen one would be kept for long by a frozen step."""
        rates, self._rates = np.mean(self._rates, axis=0), []
        return rates >= FROZEN * np.median(rates)

    def _free_frozen(self) -> bool:
        """Before the draws begin: put frozen chains where others are; True if there were any."""
        moving = self._moving()
        self._replace(np.flatnonzero(~moving), np.flatnonzero(moving))
        return not moving.all()

    def _update(self) -> bool:
        """New metric and length from the pool; True if the chains look settled."""
        moving = self._moving()
        good = trusted(self._pool.logdensity(), self._dim) & (moving | (self.iteration <= UPDATES[2]))
        draws, gradients = self._pool.columns(good)
        drift = self._pool.drift(self.tuning.metric, good)
        fit = self._fit(draws, gradients)
        slowest = fit.slowest / (1.0 + math.sqrt(len(self._core) / (0.5 * draws.shape[1]))) ** 2  # the noise of a finite pool
        if fit.metric.kind == "low_rank" and self.tuning.metric.kind == "low_rank":
            new = self._pool.columns(good, after=self._updated)
            slowest = max(slowest, metric_fit.slowest_under(self.tuning.metric, *new))
        self._updated = self.iteration
        self.tuning.metric = fit.metric
        # half way (in logs) while the metric still improves; what the last update leaves is met in full
        self._final_length = length_for(slowest)
        self.tuning.length = length_for(math.sqrt(slowest) if slowest > 1.0 else 1.0)
        self.record.updates.append(
            {
                "iteration": self.iteration,
                "metric": fit.metric.kind,
                "step_size": self._step.average,
                "length": self.tuning.length,
                "drift": tuple(drift),
                "left_out": int((~good).sum()),
            }
        )
        self._live = good
        if self.iteration > UPDATES[2]:
            self._replace(np.flatnonzero(~good), np.flatnonzero(good))
        self._step.restart(FIRST_STEP)
        return bool(good.all()) and drift.is_over(self._dim, self._n_chain)

    def _fit(self, draws: np.ndarray, gradients: np.ndarray) -> metric_fit.Fit:
        try:
            return self._fit_wanted(draws, gradients)
        except np.linalg.LinAlgError:
            return metric_fit.fit_diagonal(draws, gradients)

    def _fit_wanted(self, draws: np.ndarray, gradients: np.ndarray) -> metric_fit.Fit:
        n = draws.shape[1]
        if self._kind == "core":
            return (
                metric_fit.fit_core(draws, gradients, self._core)
                if n >= 2 * len(self._core)
                else metric_fit.fit_low_rank(draws, gradients, RANK)
            )
        if self._kind == "dense" and n >= 2 * self._dim:
            return metric_fit.fit_dense(draws, gradients)
        if self._kind == "diagonal":
            return metric_fit.fit_diagonal(draws, gradients)
        return metric_fit.fit_low_rank(draws, gradients, RANK)

    def _replace(self, bad: np.ndarray, good: np.ndarray) -> None:
        """Put chains left behind where a good one is, of their own group if possible."""
        if not bad.size or not good.size:
            return
        state = self._ensemble.state()
        source = np.arange(self._n_chain)
        for chain in bad:
            own = good[self._groups[good] == self._groups[chain]]
            source[chain] = self._rng.choice(own if own.size else good)
            self.record.replaced[int(chain)] = self.iteration
        self._ensemble.place(State(*(part[..., source] for part in state)))
        self._live = np.ones(self._n_chain, dtype=bool)

    def _note(self, n_gradients: int, seconds: float) -> None:
        record, tuning = self.record, self.tuning
        record.n_iterations, record.n_gradients, record.seconds = self.iteration, n_gradients, seconds
        record.step_size, record.length, record.metric = tuning.step_size, tuning.length, tuning.metric.kind
