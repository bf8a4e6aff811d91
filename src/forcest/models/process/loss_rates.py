r"""Losses by rate: smooth, correlated log rates and their cumulative sums, which cannot fall.

The log daily rate of series j, one kind of loss of one force, is

.. math:: \log r_{jt} = \log r_j + b_j x_t + \sum_i s_{ji} B_i(t), \qquad s = \mathrm{diag}(\sigma) L Z

with x in years, cubic B-splines B, standard normal Z (series, coefficient) and L the Cholesky factor of a correlation matrix. L is
built from partial correlations: independent symmetric betas whose concentrations make the correlation matrix LKJ
:cite:p:`lewandowski2009`. The level :math:`r_j` of a kind of loss may be a ratio to that of the killed. On the days of an
event, a ship or a battle that is counted by itself, the rate is multiplied by a ratio of its own, so that the event does not
become the rate of its weeks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import Field

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Step, parse_step
from forcest.models.description.priors import Positive, Prior, Real, between, lognormal, normal
from forcest.models.parameters.families import PartialCorrelation
from forcest.models.parameters.numeric import NUMERIC, pick
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.process.term import Term

DEGREE = 3
YEAR = 365.25


class LossRate(Description):
    """Smooth rates of losses, one for each kind of loss of each force, with correlated variation.

    Parameters
    ----------
    level : Prior  [persons/day]
        Rate in the middle of the calendar.
    slope : Prior  [log per year]
        Trend of the rate.
    scale : Prior  [log]
        Standard deviation of the splines' coefficients around the trend.
    every : str
        Distance of the splines' knots.
    concentration : float
        LKJ concentration of the correlations between series; 1 is flat, larger is closer to none.
    event : Prior
        Rate on the days of an event as a multiple of the rate of its weeks.

    Examples
    --------
    >>> rate = fc.LossRate(level=fc.between(1, 100), every="W")
    >>> round(rate.level.quantile(0.5), 1)
    10.0
    """

    level: Positive = Field(default_factory=lambda: between(0.05, 500).as_prior("lognormal"))
    slope: Real = Field(default_factory=lambda: normal(0.0, 1.0))
    scale: Positive = Field(default_factory=lambda: lognormal(0.7, 0.4))
    every: Step = "2W"
    concentration: float = Field(default=2.0, gt=0)
    event: Positive = Field(default_factory=lambda: between(0.3, 100).as_prior("lognormal"))


@dataclass(frozen=True)
class Event:
    """Days of one series that a claim counts separately.

    Parameters
    ----------
    series : int
    first, last : int
        Days since the start.
    label : str
    """

    series: int
    first: int
    last: int
    label: str


@dataclass(frozen=True)
class LossRates(Term):
    """The log rates of all series on a grid.

    Parameters
    ----------
    labels : tuple of str
        Names of the series; all kinds of the first force, then of the next.
    rate : LossRate
        Priors.
    basis : ndarray, shape (date, coefficient)
        B-splines at the nodes.
    years : ndarray, shape (date,)
        Time at the nodes, zero in the middle.
    spans : ndarray, shape (date,)
        Number of days whose losses are added at a node.
    ratios : dict of int to (int, Prior)
        Of a series whose level is a ratio to another's: that other series, and the ratio's prior.
    events : tuple of Event
    """

    labels: tuple[str, ...]
    rate: LossRate
    basis: np.ndarray
    years: np.ndarray
    spans: np.ndarray
    ratios: Mapping[int, tuple[int, Prior]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @classmethod
    def on(
        cls,
        rate: LossRate,
        grid: Grid,
        labels: Sequence[str],
        ratios: Mapping[int, tuple[int, Prior]] | None = None,
        events: Sequence[Event] = (),
    ) -> LossRates:
        """The term for a grid, with evenly spaced knots at about the distance of the description."""
        n_knots = 2 + int(grid.days[-1]) // parse_step(rate.every)
        knots = np.linspace(0.0, grid.days[-1], n_knots)
        years = (grid.days - grid.days[-1] / 2) / YEAR
        spans = np.diff(grid.days, prepend=-1.0)
        return cls(tuple(labels), rate, spline_basis(grid.days, knots), years, spans, ratios or {}, tuple(events))

    def parameters(self) -> list[Parameter]:
        """Rates, slopes, scales of the splines, partial correlations and standard coefficients."""
        n, n_coefficients = len(self.labels), self.basis.shape[1]
        rate = self.rate
        ratios, text = [prior for _, prior in self.ratios.values()], "rate as a multiple of that of its weeks"
        found = [
            parameter(
                "loss_rate", ["rated"], rate.level, "persons/day", "rate in the middle of the calendar", repeat=n - len(ratios)
            ),
            *(
                [parameter("loss_ratio", ["compared"], ratios, "ratio", "rate as a multiple of that of the killed")]
                if ratios
                else []
            ),
            *([parameter("loss_event", ["event"], rate.event, "ratio", text, repeat=len(self.events))] if self.events else []),
            parameter("loss_slope", ["series"], rate.slope, "log per year", "trend of the rate", repeat=n),
            parameter("loss_scale", ["series"], rate.scale, "log", "sd of the rate around its trend", repeat=n),
        ]
        if n > 1:
            found.append(partial_correlations("loss_partial", "series_pair", n, rate.concentration))
        return [*found, offsets("loss_offset", ["series", "coefficient"], (n, n_coefficients), "splines of the log rates")]

    def coords(self) -> dict[str, list]:
        """Labels of the dims."""
        pairs = [f"{self.labels[row]}, {self.labels[column]}" for row, column in zip(*self.pairs, strict=True)]
        coefficients = list(range(self.basis.shape[1]))
        compared = [label for i, label in enumerate(self.labels) if i in self.ratios]
        found = {"series": list(self.labels), "series_pair": pairs, "coefficient": coefficients, "compared": compared}
        return found | {"rated": [x for x in self.labels if x not in compared], "event": [event.label for event in self.events]}

    @cached_property
    def level_entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Entry of ``loss_rate`` and of ``loss_ratio`` (-1: none) that make the level of each series."""
        rated = [i for i in range(len(self.labels)) if i not in self.ratios]
        bases = [self.ratios[i][0] if i in self.ratios else i for i in range(len(self.labels))]
        compared = list(self.ratios)
        ratio = [compared.index(i) if i in self.ratios else -1 for i in range(len(self.labels))]
        return np.array([rated.index(base) for base in bases]), np.array(ratio)

    @cached_property
    def event_at(self) -> np.ndarray:
        """Event on whose days a node lies, -1 on all other days, shape (series, date); the shortest of several."""
        at = np.full((len(self.labels), len(self.spans)), -1)
        days = np.cumsum(self.spans) - 1.0
        for index in sorted(range(len(self.events)), key=lambda i: self.events[i].first - self.events[i].last):
            event = self.events[index]
            at[event.series, (days - self.spans < event.last) & (days >= event.first)] = index
        return at

    def log_levels(self, xp, p):
        """Log rate of each series in the middle of the calendar, shape (..., series)."""
        base, ratio = self.level_entries
        levels = xp.log(p["loss_rate"])[..., base]
        return levels + pick(xp, xp.log(p["loss_ratio"]), ratio) if self.ratios else levels

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns below the diagonal, row by row."""
        return np.tril_indices(len(self.labels), -1)

    def formula(self, xp, p):
        """Log daily rates and cumulative losses, each (..., series, date)."""
        coefficients = p["loss_offset"]
        if len(self.labels) > 1:
            coefficients = cholesky(p["loss_partial"], len(self.labels), xp) @ coefficients
        log_rate = self.log_levels(xp, p)[..., None] + p["loss_slope"][..., None] * self.years
        if self.events:
            log_rate = log_rate + pick(xp, xp.log(p["loss_event"]), self.event_at)
        log_rate = log_rate + (p["loss_scale"][..., None] * coefficients) @ self.basis.T
        return log_rate, xp.cumsum(xp.exp(log_rate) * self.spans, axis=-1)


def spline_basis(at: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Cubic B-splines at some points, shape (point, knot + 2); they sum to one everywhere between the outer knots."""
    from scipy.interpolate import BSpline

    padded = np.concatenate([np.repeat(knots[0], DEGREE), knots, np.repeat(knots[-1], DEGREE)])
    return BSpline.design_matrix(np.asarray(at, dtype=float), padded, DEGREE).toarray()


def partial_correlations(name: str, dim: str, size: int, concentration: float) -> Parameter:
    """Partial correlations below the diagonal, row by row, whose matrix is LKJ with a concentration."""
    _, column = np.tril_indices(size, -1)
    betas = PartialCorrelation(concentration + (size - 2 - column) / 2)
    return Parameter(name, (dim,), betas, "correlation", "partial correlations of the splines")


def cholesky(partial: Any, size: int, xp: Any = NUMERIC) -> Any:
    """Cholesky factor of the correlation matrix of partial correlations.

    Parameters
    ----------
    partial : ndarray or TensorVariable, shape (..., pair)
        Below the diagonal, row by row.
    size : int
        Number of series.
    xp : module
        The numeric library, or the symbolic one.

    Returns
    -------
    ndarray or TensorVariable, shape (..., series, series)
    """
    pair = np.full((size, size), -1)
    pair[np.tril_indices(size, -1)] = np.arange(size * (size - 1) // 2)
    r = pick(xp, partial, pair)
    left = xp.concatenate([xp.ones_like(r[..., :1]), xp.cumprod(1 - r**2, axis=-1)[..., :-1]], axis=-1)
    return (r + np.eye(size)) * xp.sqrt(left)
