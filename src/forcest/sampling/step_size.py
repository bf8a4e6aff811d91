"""Step size by dual averaging :cite:p:`nesterov2009,hoffman2014` on the mean acceptance of all live chains."""

from __future__ import annotations

import math

LARGEST_LOG_STEP, SMALLEST_LOG_STEP = 0.6, -11.0


class DualAveraging:
    """Drives the mean acceptance rate to a target; restarted at each change of the metric.

    Parameters
    ----------
    target : float
        Wanted mean acceptance rate.
    initial : float
        First step size.
    """

    def __init__(self, target: float, initial: float):
        self._target = target
        self.restart(initial)

    def restart(self, initial: float) -> None:
        """Forget the past and start near ``initial``."""
        self._centre = math.log(initial)
        self._count = 0
        self._error = 0.0
        self._log_step = self._log_average = self._centre

    @property
    def current(self) -> float:
        """Step to use in the next transition of the warm-up."""
        return math.exp(self._log_step)

    @property
    def average(self) -> float:
        """Step to freeze."""
        return math.exp(self._log_average)

    def update(self, acceptance: float) -> None:
        """Take in one transition's mean acceptance rate; a non-finite one is ignored."""
        if not math.isfinite(acceptance):
            return
        self._count += 1
        t = self._count
        eta = 1.0 / (t + 10.0)
        self._error = (1.0 - eta) * self._error + eta * (self._target - acceptance)
        step = self._centre - math.sqrt(t) / 0.05 * self._error
        self._log_step = min(LARGEST_LOG_STEP, max(SMALLEST_LOG_STEP, step))
        weight = t**-0.75
        self._log_average = weight * self._log_step + (1.0 - weight) * self._log_average
