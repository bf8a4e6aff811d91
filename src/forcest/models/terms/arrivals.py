r"""Arrivals: how many people of a force enter at each step.

Waves have a log-normal size and a fixed logistic arrival curve whose central 90 % is the wave's window:
:math:`a_t = \sum_w N_w \{\Lambda(z_{w,t}) - \Lambda(z_{w,t-1})\}`; what arrives before the first day enters at step 0. Smooth
arrivals have a log rate that walks on knots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from forcest.models.grid import Grid
from forcest.models.parameters import Parameter, offsets, parameter
from forcest.models.parts import SmoothArrivals, Waves, parse_step
from forcest.models.tensors import symbolic


@dataclass(frozen=True)
class WaveArrivals:
    """Waves on a grid; ``profile`` holds each wave's share arriving at each step, shape (wave, date)."""

    waves: Waves
    profile: np.ndarray

    @classmethod
    def on(cls, waves: Waves, grid: Grid) -> WaveArrivals:
        """The term for a grid."""
        cumulative = []
        for wave in waves.named.values():
            start, end = grid.day_of(wave.window[0]) - 1, grid.day_of(wave.window[1])
            scale = (end - start) / (2 * logit(0.95))
            cumulative.append(expit((grid.days - (start + end) / 2) / scale))
        return cls(waves, np.diff(np.array(cumulative), axis=1, prepend=0.0))

    @property
    def names(self) -> list[str]:
        """Names of the waves."""
        return list(self.waves.named)

    def parameters(self) -> list[Parameter]:
        """Size of each wave."""
        sizes = [wave.size for wave in self.waves.named.values()]
        return [parameter("wave_size", ["wave"], sizes, "persons", "elicited for the wave, without the ledger's claims")]

    def coords(self) -> dict[str, list[str]]:
        """Labels of the dims."""
        return {"wave": self.names}

    def graph(self, p):
        """Arrivals per step, shape (wave, date)."""
        return p["wave_size"][:, None] * self.profile

    def forward(self, p) -> np.ndarray:
        """Arrivals per step, shape (draw, wave, date)."""
        return p["wave_size"][:, :, None] * self.profile


@dataclass(frozen=True)
class WalkingArrivals:
    """Smooth arrivals on a grid; ``reader`` interpolates the knots, shape (date, knot)."""

    arrivals: SmoothArrivals
    reader: np.ndarray
    step: int

    names = ("",)

    @classmethod
    def on(cls, arrivals: SmoothArrivals, grid: Grid) -> WalkingArrivals:
        """The term for a grid."""
        return cls(arrivals, grid.knot_reader(parse_step(arrivals.every)), grid.step)

    @property
    def _walk_scale(self) -> float:
        return float(np.sqrt(parse_step(self.arrivals.every) / 30))

    def parameters(self) -> list[Parameter]:
        """Initial strength, rate, and the walk of its logarithm."""
        knots = self.reader.shape[1] - 1
        return [
            parameter("initial_size", ["force"], self.arrivals.initial, "persons", "sent by the first day", repeat=1),
            parameter("arrival_rate", ["force"], self.arrivals.rate, "persons/day", "at the first day", repeat=1),
            parameter("arrival_walk", ["force"], self.arrivals.walk, "per sqrt(30 days)", "how fast recruitment changes", repeat=1),
            offsets("arrival_offset", ["force", "arrival_knot"], (1, knots), "steps of the log rate"),
        ]

    def coords(self) -> dict[str, list[int]]:
        """Labels of the dims."""
        return {"arrival_knot": list(range(1, self.reader.shape[1]))}

    def graph(self, p):
        """Arrivals per step, shape (1, date)."""
        pt = symbolic()

        walk = p["arrival_walk"] * self._walk_scale * pt.cumsum(p["arrival_offset"])
        log_rate = pt.log(p["arrival_rate"]) + pt.dot(self.reader, pt.concatenate([np.zeros(1), walk]))
        rate = pt.exp(log_rate) * self.step
        return pt.concatenate([p["initial_size"][None], rate[1:]])[None, :]

    def forward(self, p) -> np.ndarray:
        """Arrivals per step, shape (draw, 1, date)."""
        walk = p["arrival_walk"][:, None] * self._walk_scale * np.cumsum(p["arrival_offset"], axis=1)
        log_rate = np.log(p["arrival_rate"])[:, None] + np.insert(walk, 0, 0.0, axis=1) @ self.reader.T
        arrivals = np.exp(log_rate) * self.step
        arrivals[:, 0] = p["initial_size"]
        return arrivals[:, None, :]


def arrivals_on(arrivals: Waves | SmoothArrivals, grid: Grid) -> WaveArrivals | WalkingArrivals:
    """The arrivals term of a description."""
    return WaveArrivals.on(arrivals, grid) if isinstance(arrivals, Waves) else WalkingArrivals.on(arrivals, grid)
