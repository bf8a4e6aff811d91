"""Step size by dual averaging :cite:p:`nesterov2009,hoffman2014` on the mean acceptance rate of the chains."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_LOG_STEP, SMALLEST_LOG_STEP = 0.6, -11.0


@dataclass(frozen=True)
class DualAveraging:
    """State of the dual averaging; `updated` returns the next one.

    Attributes
    ----------
    target : float
        Wanted mean acceptance rate.
    centre : float
        Log of the first step size, towards which the steps are shrunk.
    n_updates : int
    error : float
        Weighted mean of ``target`` minus the acceptance rates.
    log_step, log_average : float
    """

    target: float
    centre: float
    n_updates: int
    error: float
    log_step: float
    log_average: float

    @classmethod
    def starting_at(cls, step_size: float, target: float) -> DualAveraging:
        """State before the first update."""
        centre = math.log(step_size)
        return cls(target, centre, 0, 0.0, centre, centre)

    @property
    def current(self) -> float:
        """Step size of the next transition of the warm-up."""
        return math.exp(self.log_step)

    @property
    def average(self) -> float:
        """Step size to keep after the warm-up."""
        return math.exp(self.log_average)

    def updated(self, acceptance: float) -> DualAveraging:
        """State after a transition with this mean acceptance rate; a rate that is not finite is ignored."""
        if not math.isfinite(acceptance):
            return self
        t = self.n_updates + 1
        eta = 1.0 / (t + 10.0)
        error = (1.0 - eta) * self.error + eta * (self.target - acceptance)
        step = self.centre - math.sqrt(t) / 0.05 * error
        log_step = min(LARGEST_LOG_STEP, max(SMALLEST_LOG_STEP, step))
        weight = t**-0.75
        log_average = weight * log_step + (1.0 - weight) * self.log_average
        return DualAveraging(self.target, self.centre, t, error, log_step, log_average)
