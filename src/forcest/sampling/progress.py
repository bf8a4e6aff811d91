"""The clock of a run, and what a callback is told about it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from forcest.sampling.diagnostics import Diagnostics


class Progress(NamedTuple):
    """What the callback of `sample` is given.

    Attributes
    ----------
    phase : {"warmup", "sampling"}
    n_done : int
        Iterations or draws so far, per chain.
    n_gradients : int
        Since the run began, summed over chains.
    seconds : float
    min_ess, max_rhat : float
        From the last check of convergence; nan before the first.
    target_ess : float

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> phases = []
    >>> result = fc.sampling.sample(
    ...     logdensity, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1, callback=lambda now: phases.append(now.phase)
    ... )
    >>> phases[0]
    'warmup'
    """

    phase: str
    n_done: int
    n_gradients: int
    seconds: float
    min_ess: float
    max_rhat: float
    target_ess: float


@dataclass(frozen=True)
class Clock:
    """When a run began and when it must end, as values of ``time.monotonic``."""

    began: float
    deadline: float

    @classmethod
    def started(cls, max_seconds: float | None) -> Clock:
        """A clock that begins now."""
        now = time.monotonic()
        return cls(now, math.inf if max_seconds is None else now + max_seconds)

    @property
    def seconds(self) -> float:
        """Time since the run began."""
        return time.monotonic() - self.began

    @property
    def is_over(self) -> bool:
        """Whether time is up."""
        return time.monotonic() >= self.deadline


@dataclass(frozen=True)
class Reporter:
    """Calls the callback of a run, if there is one; gradients are counted on from those of the start."""

    callback: Callable[[Progress], object] | None
    clock: Clock
    target_ess: float
    n_start_gradients: int

    def __call__(self, phase: str, n_done: int, n_gradients: int, figures: Diagnostics | None = None) -> None:
        """Say how far the run is; ``figures`` are those of the last check."""
        if self.callback is None:
            return
        ess = math.nan if figures is None else float(np.min(figures.ess))
        rhat = math.nan if figures is None else float(np.max(figures.rhat))
        total = self.n_start_gradients + n_gradients
        self.callback(Progress(phase, n_done, total, self.clock.seconds, ess, rhat, self.target_ess))
