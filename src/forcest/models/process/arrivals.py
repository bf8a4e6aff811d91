r"""Arrivals: how many people of a force enter at each step.

Waves have a log-normal size and a logistic arrival curve, whose middle and duration are uncertain around the wave's window:
:math:`a_t = \sum_w N_w \{\Lambda(z_{w,t}) - \Lambda(z_{w,t-1})\}`, :math:`z_{w,t} = (t - mid_w - shift_w)/(scale_w spread_w)`; what
arrives before the first day enters at step 0.

Smooth arrivals have spells with arrivals and spells without: :math:`a_t = r e^{s (x_t - c)} \Lambda\{\kappa(x_t - c)\}`, x a
curve of variance one that returns to zero. Where it lies below the threshold c nobody comes: dry and wet days of rainfall are
described the same way :cite:p:`glasbey1997`. A forecast returns to the long-run share of days with arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from pydantic import ConfigDict, Field, model_validator
from scipy.special import logit

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Window, parse_step
from forcest.models.description.priors import Positive, Real, Share, between, lognormal, normal
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.parameters.tensors import symbolic
from forcest.models.process.ar1 import AR1, standard_curve
from forcest.models.process.term import Term

# From the full rate to 5 % of it within one and a half standard deviations of the curve: steeper ones make a funnel of the rate.
STEEPNESS = 2.0

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
    """Arrivals without named waves: spells in which people arrive, and spells in which nobody does.

    Parameters
    ----------
    initial : Prior  [persons]
        Number of people sent by the first day.
    lost : Prior
        Share of them who had become casualties by the first day. By default anything from one of a hundred thousand to half of
        them: a ledger does not tell how long a force had been fighting before its first claims. Has no effect in a model without
        attrition, as `in_hospital`.
    in_hospital : Prior
        Share of the wounded (and the sick, if they are counted) among those casualties who are in hospital on the first day, and
        stay as if admitted on it; the others have returned to the front or left for good.
    at_front : Prior
        Share of those sent and not lost who are at the front on the first day; the others are in training.
    rate : Prior  [persons/day]
        Arrivals per day while people come, at the threshold.
    smooth : AR1
        Curve of the log rate, and of the spells: its correlation time is about how long a spell lasts.
    threshold : Prior  [sd]
        Nobody comes while the curve, in its standard deviations, lies below it. By default people come on 5 to 60 % of the days: an
        expedition is sent within some months and then stands.
    until : date, optional
        Last day of arrivals, where it is known that nobody came after it.

    Examples
    --------
    >>> recruits = fc.SmoothArrivals(initial=fc.between(1_000, 5_000), rate=fc.between(5, 50))
    >>> round(recruits.rate.quantile(0.5), 1)
    15.8
    >>> longer = model.replace(arrivals=recruits)
    """

    initial: Positive = Field(default_factory=lambda: between(10, 100_000).as_prior("lognormal"))
    lost: Share = Field(default_factory=lambda: between(1e-5, 0.5).as_prior("logitnormal"))
    in_hospital: Share = Field(default_factory=lambda: between(0.02, 0.9).as_prior("logitnormal"))
    at_front: Share = Field(default_factory=lambda: between(0.02, 0.98).as_prior("logitnormal"))
    rate: Positive = Field(default_factory=lambda: between(1, 1_000).as_prior("lognormal"))
    smooth: AR1 = Field(default_factory=AR1)
    threshold: Real = Field(default_factory=lambda: normal(0.7, 0.6))
    until: date | None = None


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
class SpellArrivals(Term):
    """Smooth arrivals on a grid with ``step`` days between nodes.

    Parameters
    ----------
    reader : ndarray, shape (date, knot)
        Interpolates the knots.
    days : ndarray, shape (date,)
        Days of each step on which people may come: none in the first, which holds those sent by the first day.
    losses : bool
        Whether some of those sent by the first day may have been lost.
    """

    arrivals: SmoothArrivals
    reader: np.ndarray
    days: np.ndarray
    losses: bool

    names = ("",)

    @classmethod
    def on(cls, arrivals: SmoothArrivals, grid: Grid, *, losses: bool) -> SpellArrivals:
        """The term for a grid."""
        until = arrivals.until or grid.end
        days = grid.step * grid.step_share((grid.start, until))
        days[0] = 0.0
        return cls(arrivals, grid.knot_reader(parse_step(arrivals.smooth.every)), days, losses)

    @property
    def spacing(self) -> int:
        """Days between knots."""
        return parse_step(self.arrivals.smooth.every)

    def parameters(self) -> list[Parameter]:
        """The number sent before, and the parameters of the spells."""
        a, knots = self.arrivals, self.reader.shape[1]
        rows = [
            ("initial_size", a.initial, "persons", "sent by the first day"),
            ("initial_at_front", a.at_front, "share", "of those sent by the first day and not lost, at the front on it"),
            ("arrival_rate", a.rate, "persons/day", "while people come, at the threshold"),
            ("arrival_sd", a.smooth.sd, "log", "stationary sd of the log rate"),
            ("arrival_correlation", a.smooth.correlation_time, "days", "about how long a spell lasts"),
            ("arrival_threshold", a.threshold, "sd", "of the curve, below which nobody comes"),
        ]
        if self.losses:
            rows += [
                ("initial_lost", a.lost, "share", "of those sent by the first day, casualties by then"),
                ("initial_in_hospital", a.in_hospital, "share", "of those of them treated in hospital, there on the first day"),
            ]
        found = [parameter(name, ["force"], prior, unit, text, repeat=1) for name, prior, unit, text in rows]
        return [*found, offsets("arrival_offset", ["force", "arrival_knot"], (1, knots), "innovations of the spells")]

    def coords(self) -> dict[str, list[int]]:
        """Labels of the dims."""
        return {"arrival_knot": list(range(self.reader.shape[1]))}

    def formula(self, xp, p):
        """Arrivals per step, shape (..., 1, date)  [persons]."""
        knots = self.reader.shape[1]
        curve = standard_curve(xp, knots, self.spacing, p["arrival_correlation"], p["arrival_offset"]) @ self.reader.T
        above = curve - p["arrival_threshold"][..., None]
        rate = p["arrival_rate"][..., None] * xp.exp(p["arrival_sd"][..., None] * above) * xp.expit(STEEPNESS * above)
        first = np.eye(1, len(self.days))[0]
        return (rate * self.days + p["initial_size"][..., None] * first)[..., None, :]


def arrivals_on(arrivals: Waves | SmoothArrivals, grid: Grid, *, losses: bool) -> WaveArrivals | SpellArrivals:
    """The arrivals term of a description."""
    return WaveArrivals.on(arrivals, grid) if isinstance(arrivals, Waves) else SpellArrivals.on(arrivals, grid, losses=losses)
