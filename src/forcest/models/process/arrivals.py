r"""Arrivals: how many people of a force enter at each step.

Waves have a log-normal size and a logistic arrival curve, whose middle and duration are uncertain around the wave's window:
:math:`a_t = \sum_w N_w \{\Lambda(z_{w,t}) - \Lambda(z_{w,t-1})\}`, :math:`z_{w,t} = (t - mid_w - shift_w)/(scale_w spread_w)`; what
arrives before the first day enters at step 0. Smooth arrivals have a log rate that walks on knots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import ConfigDict, Field, model_validator
from scipy.special import logit

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Step, Window, parse_step
from forcest.models.description.priors import Positive, Real, between, lognormal, normal
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.parameters.tensors import symbolic
from forcest.models.process.term import Term
from forcest.models.process.walks import LogWalk

# The middle of a wave has a prior standard deviation of its window divided by this.
SHIFT_OF_WINDOW = 6


class Wave(Description):
    """People who are sent together; a wave whose window lies after the last claim is a forecast.

    Parameters
    ----------
    size : Prior  [persons]
        Elicited without looking at the claims of the ledger.
    window : (date, date)
        Central 90 % of the arrivals, which follow a logistic curve, as known beforehand.
    shift : Prior  [days]
        Distance of the middle of the arrivals from that of the window; unless given, zero with a standard deviation of a sixth of
        the length of the window.
    spread : Prior
        Duration of the arrivals as a multiple of the window's.

    Examples
    --------
    >>> wave = fc.Wave(size=fc.between(300, 10_000), window=("2025-01-01", "2025-02-28"))
    >>> round(wave.size.quantile(0.5)), wave.days
    (1732, 59)
    """

    size: Positive
    window: Window
    shift: Real | None = None
    spread: Positive = Field(default_factory=lambda: lognormal(1.0, 0.3))

    @property
    def days(self) -> int:
        """Days in the window, both ends included."""
        return (self.window[1] - self.window[0]).days + 1


class Waves(Description):
    """Arrivals as named waves: ``Waves(first=Wave(...), second=Wave(...))``.

    Parameters
    ----------
    **waves : Wave
        At least one, by name.

    Examples
    --------
    >>> waves = fc.Waves(
    ...     first=fc.Wave(size=fc.between(3_000, 30_000), window=("2024-10-08", "2024-11-15")),
    ...     second=fc.Wave(size=fc.between(300, 10_000), window=("2025-01-01", "2025-02-28")),
    ... )
    >>> list(waves.named)
    ['first', 'second']
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Wave]  # pyright: ignore[reportIncompatibleVariableOverride]

    @model_validator(mode="after")
    def _check(self) -> Waves:
        if not self.__pydantic_extra__:
            raise ValueError("`arrivals` must name at least one wave; use Waves(first=Wave(...))")
        return self

    @property
    def named(self) -> dict[str, Wave]:
        """The waves by name."""
        return dict(self.__pydantic_extra__)


class SmoothArrivals(Description):
    """Arrivals of a force that recruits all the time: the logarithm of the daily rate walks on knots.

    Parameters
    ----------
    initial : Prior  [persons]
        Number of people sent by the first day.
    rate : Prior  [persons/day]
        Arrivals per day at the first knot.
    every : str
        Distance of the knots.
    walk : Prior
        Standard deviation of the walk of the log rate per square root of 30 days. Keep it narrow: with a wide prior, its upper tail
        is a funnel that samplers do not explore.

    Examples
    --------
    >>> recruits = fc.SmoothArrivals(initial=fc.between(1_000, 5_000), rate=fc.between(5, 50))
    >>> round(recruits.rate.quantile(0.5), 1)
    15.8
    >>> longer = model.replace(arrivals=recruits)
    """

    initial: Positive = Field(default_factory=lambda: between(10, 100_000).as_prior("lognormal"))
    rate: Positive = Field(default_factory=lambda: between(0.1, 1_000).as_prior("lognormal"))
    every: Step = "14D"
    walk: Positive = Field(default_factory=lambda: lognormal(0.7, 0.25))


@dataclass(frozen=True)
class WaveArrivals(Term):
    """Waves on a grid.

    Parameters
    ----------
    days : ndarray, shape (date,)
        Days of the nodes since the start.
    middle, scale : ndarray, shape (wave,)  [days]
        Of the logistic curve whose central 90 % is the window.
    """

    waves: Waves
    days: np.ndarray
    middle: np.ndarray
    scale: np.ndarray

    @classmethod
    def on(cls, waves: Waves, grid: Grid) -> WaveArrivals:
        """The term for a grid."""
        named = waves.named.values()
        start = np.array([grid.day_of(wave.window[0]) - 1 for wave in named])
        end = np.array([grid.day_of(wave.window[1]) for wave in named])
        return cls(waves, grid.days, (start + end) / 2, (end - start) / (2 * logit(0.95)))

    @property
    def names(self) -> list[str]:
        """Names of the waves."""
        return list(self.waves.named)

    def parameters(self) -> list[Parameter]:
        """Size, shift and spread of each wave."""
        named = list(self.waves.named.values())
        shifts = [wave.shift or normal(0.0, wave.days / SHIFT_OF_WINDOW) for wave in named]
        return [
            parameter(
                "wave_size",
                ["wave"],
                [wave.size for wave in named],
                "persons",
                "elicited for the wave, without the claims of the ledger",
            ),
            parameter("wave_shift", ["wave"], shifts, "days", "distance of its middle from the middle of its window"),
            parameter(
                "wave_spread", ["wave"], [wave.spread for wave in named], "ratio", "its duration as a multiple of the window's"
            ),
        ]

    def coords(self) -> dict[str, list[str]]:
        """Labels of the dims."""
        return {"wave": self.names}

    def formula(self, xp, p):
        """Arrivals per step, shape (..., wave, date)  [persons]."""
        middle, scale = self.middle + p["wave_shift"], self.scale * p["wave_spread"]
        arrived = p["wave_size"][..., None] * xp.expit((self.days - middle[..., None]) / scale[..., None])
        return xp.concatenate([arrived[..., :1], arrived[..., 1:] - arrived[..., :-1]], axis=-1)

    def graph(self, p):
        """The arrivals of one draw as a graph of known shape, (wave, date)."""
        return symbolic().specify_shape(super().graph(p), (len(self.names), len(self.days)))


@dataclass(frozen=True)
class WalkingArrivals(LogWalk):
    """Smooth arrivals on a grid with ``step`` days between nodes."""

    arrivals: SmoothArrivals
    step: int

    names = ("",)

    @classmethod
    def on(cls, arrivals: SmoothArrivals, grid: Grid) -> WalkingArrivals:
        """The term for a grid."""
        every = parse_step(arrivals.every)
        return cls(grid.knot_reader(every), every, arrivals, grid.step)

    def parameters(self) -> list[Parameter]:
        """Initial strength, rate, and the walk of its logarithm."""
        return [
            parameter("initial_size", ["force"], self.arrivals.initial, "persons", "sent by the first day", repeat=1),
            parameter("arrival_rate", ["force"], self.arrivals.rate, "persons/day", "at the first day", repeat=1),
            parameter("arrival_walk", ["force"], self.arrivals.walk, "per sqrt(30 days)", "sd of the log rate's changes", repeat=1),
            offsets("arrival_offset", ["force", "arrival_knot"], (1, len(self.later_knots)), "steps of the log rate"),
        ]

    def coords(self) -> dict[str, list[int]]:
        """Labels of the dims."""
        return {"arrival_knot": self.later_knots}

    def formula(self, xp, p):
        """Arrivals per step, shape (..., 1, date)  [persons]."""
        arrivals = self.curve(xp, p["arrival_rate"], p["arrival_walk"], p["arrival_offset"]) * self.step
        return xp.concatenate([p["initial_size"][..., None], arrivals[..., 1:]], axis=-1)[..., None, :]


def arrivals_on(arrivals: Waves | SmoothArrivals, grid: Grid) -> WaveArrivals | WalkingArrivals:
    """The arrivals term of a description."""
    return WaveArrivals.on(arrivals, grid) if isinstance(arrivals, Waves) else WalkingArrivals.on(arrivals, grid)
