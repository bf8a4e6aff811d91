r"""The daily hazard of becoming a casualty at the front.

:math:`\log h_t = \log h + x_t + \beta^\top z_t + \log o_t`: a level, a mean-reverting curve :math:`x` on knots
(:math:`x_j = \phi x_{j-1} + s\sqrt{1-\phi^2}\,\varepsilon_j`, :math:`\phi = e^{-every/\tau}`), covariates, and an onset :math:`o`
that climbs geometrically from 1 % to 1 while fighting begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Field

from forcest.errors import ModelError
from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Window, parse_step
from forcest.models.description.priors import Positive, Real, between, normal
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.parameters.tensors import symbolic
from forcest.models.process.ar1 import AR1, standard_curve
from forcest.models.process.term import Term

BEFORE_CONTACT = 0.01
NO_HAZARD = 1e-12  # nobody of a million in a thousand years, and still a positive divisor


def _finite(values: dict[date, float]) -> dict[date, float]:
    faulty = [str(day) for day, value in values.items() if not math.isfinite(value)]
    if faulty or not values:
        raise ValueError(f"a covariate must have a finite number for every day; got {', '.join(faulty[:5]) or 'no days'}. Fill it.")
    return values


def _series(values: Any) -> Any:
    if isinstance(values, pd.Series):
        return {stamp.date(): float(value) for stamp, value in zip(pd.DatetimeIndex(values.index), values, strict=True)}
    return values


class Covariate(Description):
    """A daily series that changes the log hazard, such as drone strikes, weather or offensives.

    Parameters
    ----------
    values : Series or mapping from date to number
        Must cover all days of the model; linear in between.
    effect : Prior
        Change of the log hazard per unit of the series.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range(model.start, model.end)
    >>> mud = fc.Covariate(values=pd.Series([float(day.month in (3, 4)) for day in days], index=days))
    >>> muddy = model.replace(attrition=fc.Attrition(covariates={"mud": mud}))
    >>> "hazard_effect" in {p.split("[")[0] for p in muddy.priors()["name"]}
    True
    """

    values: Annotated[dict[date, float], BeforeValidator(_series), AfterValidator(_finite)]
    effect: Real = Field(default_factory=lambda: normal(0.0, 0.5))


class Attrition(Description):
    """The daily hazard of becoming a casualty at the front.

    Parameters
    ----------
    hazard : Prior  [1/day]
        Level over the whole period.
    begins : (date, date), optional
        First contact and full fighting: before the first date the hazard is 1 % of its level, and between the two it rises
        geometrically. An uncertain date would make the posterior bimodal.
    smooth : AR1
        Curve of the log hazard around the level.
    covariates : dict of str to Covariate

    Examples
    --------
    >>> attrition = fc.Attrition(hazard=fc.between(5e-4, 2e-2), begins=("2024-11-04", "2024-12-14"))
    >>> [round(attrition.hazard.quantile(q), 4) for q in (0.05, 0.5, 0.95)]
    [0.0005, 0.0032, 0.02]
    """

    hazard: Positive = Field(default_factory=lambda: between(5e-4, 2e-2).as_prior("lognormal"))
    begins: Window | None = None
    smooth: AR1 = Field(default_factory=AR1)
    covariates: dict[str, Covariate] = Field(default_factory=dict)


@dataclass(frozen=True)
class Hazard(Term):
    """Attrition on a grid.

    Parameters
    ----------
    reader : ndarray, shape (date, knot)
    covariates : ndarray, shape (date, covariate)
    log_onset : ndarray, shape (date,)
    """

    attrition: Attrition
    reader: np.ndarray
    covariates: np.ndarray
    log_onset: np.ndarray

    @classmethod
    def on(cls, attrition: Attrition, grid: Grid) -> Hazard:
        """The term for a grid."""
        reader = grid.knot_reader(parse_step(attrition.smooth.every))
        columns = [_daily(name, covariate.values, grid) for name, covariate in attrition.covariates.items()]
        covariates = grid.step_mean(np.array(columns)).T if columns else np.zeros((grid.size, 0))
        return cls(attrition, reader, covariates, _log_onset(attrition.begins, grid))

    @property
    def _spacing(self) -> int:
        return parse_step(self.attrition.smooth.every)

    def parameters(self) -> list[Parameter]:
        """Level, curve and covariate effects of the log hazard."""
        a = self.attrition
        found = [
            parameter("hazard_level", ["force"], a.hazard, "1/day", "level of the daily hazard at the front", repeat=1),
            parameter("hazard_sd", ["force"], a.smooth.sd, "log", "stationary sd of the log hazard", repeat=1),
            parameter("hazard_correlation", ["force"], a.smooth.correlation_time, "days", "its correlation time", repeat=1),
            offsets("hazard_offset", ["force", "hazard_knot"], (1, self.reader.shape[1]), "innovations of the log hazard"),
        ]
        if a.covariates:
            effects = [covariate.effect for covariate in a.covariates.values()]
            found.append(
                parameter("hazard_effect", ["covariate"], effects, "log per unit", "effect of a covariate on the log hazard")
            )
        return found

    def coords(self) -> dict[str, list]:
        """Labels of the dims."""
        knots = {"hazard_knot": list(range(self.reader.shape[1]))}
        return {**knots, "covariate": list(self.attrition.covariates)} if self.attrition.covariates else knots

    def formula(self, xp, p):
        """Hazard per day at each step, shape (..., date)."""
        curve = standard_curve(xp, self.reader.shape[1], self._spacing, p["hazard_correlation"], p["hazard_offset"])
        log_hazard = xp.log(p["hazard_level"])[..., None] + (p["hazard_sd"][..., None] * curve) @ self.reader.T + self.log_onset
        if self.attrition.covariates:
            log_hazard = log_hazard + p["hazard_effect"] @ self.covariates.T
        return xp.exp(log_hazard)


@dataclass(frozen=True)
class NoHazard(Term):
    """The hazard of a force that does not fight, or whose losses no claim counts: nobody becomes a casualty."""

    size: int

    def parameters(self) -> list[Parameter]:
        """None."""
        return []

    def graph(self, p):
        """Hazard per day, shape (date,)."""
        return symbolic().as_tensor_variable(np.full(self.size, NO_HAZARD))

    def forward(self, p) -> np.ndarray:
        """Hazard per day, shape (draw, date)."""
        return np.full((len(p["training_days"]), self.size), NO_HAZARD)


def hazard_on(attrition: Attrition | None, grid: Grid) -> Hazard | NoHazard:
    """The hazard term of a description."""
    return NoHazard(grid.size) if attrition is None else Hazard.on(attrition, grid)


def _log_onset(begins: Window | None, grid: Grid) -> np.ndarray:
    if begins is None:
        return np.zeros(grid.size)
    first, full = grid.day_of(begins[0]), grid.day_of(begins[1])
    day = np.arange(grid.days[-1] + 1)
    return grid.step_mean(np.log(BEFORE_CONTACT) * np.clip((full - day) / (full - first), 0.0, 1.0))


def _daily(name: str, values: dict, grid: Grid) -> np.ndarray:
    stamps = pd.to_datetime(sorted(values))
    days = np.array([grid.day_of(stamp) for stamp in stamps])
    if days[0] > 0 or days[-1] < grid.day_of(grid.end):
        raise ModelError(
            f"covariate {name!r} must cover every day of the model; it runs from {stamps[0]:%Y-%m-%d} to {stamps[-1]:%Y-%m-%d}, "
            f"the model from {grid.start} to {grid.end}. Extend the series or shorten the model."
        )
    return np.interp(np.arange(grid.days[-1] + 1), days, [values[stamp.date()] for stamp in stamps])
