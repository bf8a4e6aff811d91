# pyright: reportArgumentType=false, reportCallIssue=false
# Fields accept what pydantic turns into them (dates as text, `between` as a prior); the checker sees only the result.
"""The parts a force model is described with: waves, delays, attrition, recovery, partner.

Descriptions hold no arrays and no density: they validate what a user says, with defaults whose reasons stand in the field's
``description``, and they are written to a fit as JSON.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from forcest.models.description import Description as Part
from forcest.models.priors import Positive, Prior, Real, Share, between, lognormal, normal


def parse_step(step: str) -> int:
    """Days in a step such as ``"D"``, ``"3D"`` or ``"W"``."""
    match = re.fullmatch(r"(\d*)([DW])", step)
    days = int(match[1] or 1) * (7 if match[2] == "W" else 1) if match else 0
    if not 1 <= days <= 31:
        raise ValueError(f"a step must be whole days or weeks, such as 'D', '3D' or 'W', of at most 31 days; got {step!r}")
    return days


def _ordered(window: tuple[date, date]) -> tuple[date, date]:
    if window[0] >= window[1]:
        raise ValueError(f"a window must end after it begins; got {window[0]} to {window[1]}")
    return window


def _step(step: str) -> str:
    parse_step(step)
    return step


Window = Annotated[tuple[date, date], AfterValidator(_ordered)]
Step = Annotated[str, AfterValidator(_step)]


class Delay(Part):
    """Days between two states: Erlang stages of equal length, which in discrete time is a negative binomial delay.

    Parameters
    ----------
    mean : Prior  [days]
    stages : int, optional
        More stages, less spread: the standard deviation of a long delay is ``mean / sqrt(stages)``. The default depends on the use:
        4 for training, 2 in hospital.

    Examples
    --------
    >>> training = fc.Delay(mean=fc.between(10, 45), stages=4)
    >>> [round(training.mean.quantile(q), 1) for q in (0.05, 0.5, 0.95)]
    [10.0, 21.2, 45.0]
    """

    mean: Positive
    stages: int | None = Field(default=None, ge=1, le=50)

    def stages_or(self, default: int) -> int:
        """The number of stages, or the default of its use."""
        return self.stages if self.stages is not None else default


class Wave(Part):
    """People who are sent together; a wave whose window lies after the last report is a forecast.

    Parameters
    ----------
    size : Prior  [persons]
        Elicited without looking at the claims of the ledger.
    window : (date, date)
        Central 90 % of the arrivals, which follow a logistic curve, as far as is known beforehand.
    shift : Prior  [days]
        How far the arrivals' middle may lie from the window's; a sixth of the window's length unless given.
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


class Waves(Part):
    """Arrivals as named waves: ``Waves(first=Wave(...), second=Wave(...))``.

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


class SmoothArrivals(Part):
    """Arrivals of a force that recruits all the time: the logarithm of the daily rate walks on knots.

    Parameters
    ----------
    initial : Prior  [persons]
        How many had been sent by the first day.
    rate : Prior  [persons/day]
        Arrivals per day at the first knot.
    every : str
        Distance of the knots.
    walk : Prior
        Standard deviation of the log rate's walk per square root of 30 days. Keep it narrow: with a wide prior its upper tail is a
        funnel that no sampler explores.

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


class AR1(Part):
    """A smooth curve that returns to its mean, so that a forecast stays bounded.

    Parameters
    ----------
    every : str
        Distance of the knots; linear in between.
    correlation_time : Prior  [days]
    sd : Prior
        Stationary standard deviation, on the log scale.

    Examples
    --------
    >>> curve = fc.AR1(every="W", correlation_time=fc.between(20, 60))
    >>> round(curve.correlation_time.quantile(0.5), 1)
    34.6
    """

    every: Step = "14D"
    correlation_time: Positive = Field(default_factory=lambda: between(30, 180).as_prior("lognormal"))
    sd: Positive = Field(default_factory=lambda: lognormal(0.7, 0.4))


def _finite(values: dict[date, float]) -> dict[date, float]:
    faulty = [str(day) for day, value in values.items() if not math.isfinite(value)]
    if faulty or not values:
        raise ValueError(f"a covariate must have a finite number for every day; got {', '.join(faulty[:5]) or 'no days'}. Fill it.")
    return values


def _series(values: Any) -> Any:
    if isinstance(values, pd.Series):
        return {stamp.date(): float(value) for stamp, value in zip(pd.DatetimeIndex(values.index), values, strict=True)}
    return values


class Covariate(Part):
    """A daily series that moves the log hazard: drone strikes, weather, offensives.

    Parameters
    ----------
    values : Series or mapping from date to number
        Must cover the model's days from first to last; linear in between.
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


class Attrition(Part):
    """The daily hazard of becoming a casualty at the front.

    Parameters
    ----------
    hazard : Prior  [1/day]
        Its level over the whole period.
    begins : (date, date), optional
        First contact and full fighting: before the first date the hazard is held at 1 % of its level, between the two it climbs
        geometrically. A free date would make the posterior bimodal.
    smooth : AR1
        The log hazard's curve around the level.
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


class Withdrawal(Part):
    """A share of the front that leaves it within a window, to the rear (and perhaps back) or home.

    Parameters
    ----------
    window : (date, date)
    share : Prior
        Share of those at the front who leave within the window.
    to : {"rear", "home"}
    returns : (date, date), optional
        Window in which people in the rear go back to the front.
    returned : Prior
        Share of the rear that goes back within that window.

    Examples
    --------
    >>> pause = fc.Withdrawal(
    ...     window=("2025-01-10", "2025-01-31"), share=fc.between(0.2, 0.9), returns=("2025-02-05", "2025-02-20")
    ... )
    >>> round(pause.share.quantile(0.5), 2)
    0.6
    """

    window: Window
    share: Share
    to: Literal["rear", "home"] = "rear"
    returns: Window | None = None
    returned: Share = Field(default_factory=lambda: between(0.5, 0.97).as_prior("logitnormal"))

    @model_validator(mode="after")
    def _check(self) -> Withdrawal:
        if self.returns and self.to == "home":
            raise ValueError("those ordered home do not come back; use to='rear' or leave `returns` out")
        if self.returns and self.returns[0] <= self.window[0]:
            raise ValueError(f"`returns` must begin after the withdrawal begins; got {self.returns[0]} and {self.window[0]}")
        return self


class CasualtyMix(Part):
    """Of what kind casualties are; the killed include those who die of wounds.

    Parameters
    ----------
    wounded_per_killed : Prior
    captured, missing : Prior
        Shares of all casualties (missing: of those not captured).

    Examples
    --------
    >>> mix = fc.CasualtyMix(wounded_per_killed=fc.between(2, 6))
    >>> round(mix.wounded_per_killed.quantile(0.5), 1)
    3.5
    """

    wounded_per_killed: Positive = Field(default_factory=lambda: between(1.5, 11, prob=0.95).as_prior("lognormal"))
    captured: Share = Field(default_factory=lambda: between(0.0005, 0.03).as_prior("logitnormal"))
    missing: Share = Field(default_factory=lambda: between(0.001, 0.05).as_prior("logitnormal"))


def _after_first_day(delay: Delay) -> Delay:
    if delay.mean.quantile(0.05) <= 1:
        raise ValueError("a stay in hospital lasts at least one day: its 90 % interval must lie above 1")
    return delay


class Recovery(Part):
    """What becomes of the wounded: a share returns to the front, the others leave the force for good.

    Parameters
    ----------
    share : Prior
        Share of the wounded who return to the front.
    fast_share : Prior
        Share of those who return after the fast delay.
    fast, slow : Delay
        Days in hospital; the invalided stay for the slow delay. A stay lasts at least one day, and the prior holds for what exceeds
        that day, so that its 90 % interval is kept.

    Examples
    --------
    >>> recovery = fc.Recovery(share=fc.between(0.3, 0.7), slow=fc.Delay(mean=fc.between(20, 60)))
    >>> round(recovery.share.quantile(0.5), 2)
    0.5
    """

    share: Share = Field(default_factory=lambda: between(0.05, 0.65).as_prior("logitnormal"))
    fast_share: Share = Field(default_factory=lambda: between(0.1, 0.6).as_prior("logitnormal"))
    fast: Annotated[Delay, AfterValidator(_after_first_day)] = Field(default_factory=lambda: Delay(mean=between(2, 5)))
    slow: Annotated[Delay, AfterValidator(_after_first_day)] = Field(default_factory=lambda: Delay(mean=between(20, 90)))


def beyond_first_day(mean: Prior) -> Prior:
    """Prior of the days beyond the first whose 90 % interval is that of ``mean``, less one day."""
    return between(mean.quantile(0.05) - 1, mean.quantile(0.95) - 1).as_prior("lognormal")


class PartnerForce(Part):
    """The force beside which ours fights, for claims on their combined strength.

    Parameters
    ----------
    strength : Prior  [persons]
        At the first day.
    every : str
        Distance of the knots of its slow walk.
    walk : Prior
        Standard deviation of the log strength's walk per square root of 30 days.

    Examples
    --------
    >>> partner = fc.PartnerForce(strength=fc.between(35_000, 70_000))
    >>> round(partner.strength.quantile(0.5))
    49497
    """

    strength: Positive
    every: Step = "28D"
    walk: Positive = Field(default_factory=lambda: lognormal(0.1, 0.5))


class LossRate(Part):
    """Smooth rates of losses, one for each kind of loss of each force, with correlated ups and downs.

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
