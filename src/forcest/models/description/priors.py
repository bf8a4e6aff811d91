"""Priors as data: beliefs before any claim is read.

A prior belongs to one of a few families, each a normal distribution on some scale (log, logit, plain), so that a 90 % interval
determines it (:func:`between`), and the PyMC graph, the prior draws and the printed table use the same numbers.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, model_validator
from scipy.special import ndtri

from forcest.models.description.base import Description, DescriptionError
from forcest.models.parameters.families import LogitNormal, LogNormal, Normal

FAMILIES = {family.name: family for family in (Normal, LogNormal, LogitNormal)}


MOST = 1e15
"""What no prior may reach: such numbers stand for nothing, and formulas overflow."""


class Prior(Description):
    """A quantity whose logarithm, log-odds or plain value is normal.

    Parameters
    ----------
    family : {"normal", "lognormal", "logitnormal"}
    mu, sd : float
        Mean and standard deviation on the scale of the family.
    """

    family: Literal["normal", "lognormal", "logitnormal"]
    mu: float
    sd: float

    @model_validator(mode="after")
    def _check(self) -> Prior:
        if not (np.isfinite(self.mu) and np.isfinite(self.sd) and self.sd > 0):
            raise ValueError(f"a prior must have a finite centre and a positive spread; got mu={self.mu}, sd={self.sd}")
        with np.errstate(over="ignore"):
            low, high = self.quantile(0.05), self.quantile(0.95)
        if not max(abs(low), abs(high)) < MOST:
            raise ValueError(
                f"a prior must lie below {MOST:g}; its 90 % interval is {low:.3g} to {high:.3g}. "
                "State an interval, such as between(3000, 30000)"
            )
        return self

    @property
    def distribution(self) -> Normal | LogNormal | LogitNormal:
        """The prior as the prior of a model's parameter."""
        return FAMILIES[self.family](self.mu, self.sd)

    def quantile(self, prob: float) -> float:
        """Value below which the quantity lies with probability ``prob``."""
        return float(self.distribution.quantile(prob))


class Between(Description):
    """An interval of belief whose family is chosen by the quantity it is given to; see :func:`between`."""

    low: float
    high: float
    prob: float = 0.9

    @model_validator(mode="after")
    def _check(self) -> Between:
        if not self.low < self.high:
            raise ValueError(f"`low` must be smaller than `high`; got between({self.low:g}, {self.high:g})")
        if not 0 < self.prob < 1:
            raise ValueError(f"`prob` must lie between 0 and 1; got {self.prob:g}")
        return self

    def as_prior(self, family: Literal["normal", "lognormal", "logitnormal"]) -> Prior:
        """The prior of ``family`` whose central ``prob`` interval is this one."""
        low, high = FAMILIES[family].to_normal(self.low), FAMILIES[family].to_normal(self.high)
        return Prior(family=family, mu=(low + high) / 2, sd=(high - low) / (2 * ndtri((1 + self.prob) / 2)))


def between(low: float, high: float, prob: float = 0.9) -> Between:
    """Elicit a prior from an interval: "I would bet nine to one that it lies between these two".

    Parameters
    ----------
    low, high : float
        The interval, in the unit of the quantity.
    prob : float, default 0.9
        Probability that the quantity lies inside; the rest is split equally between both sides.

    Returns
    -------
    Between
        The field it is given to turns it into a prior: log-normal for positive quantities (sizes, delays, hazards, ratios),
        logit-normal for shares.

    Examples
    --------
    >>> wave = fc.Wave(size=fc.between(3_000, 30_000), window=("2024-10-08", "2024-11-15"))
    >>> [round(wave.size.quantile(q)) for q in (0.05, 0.5, 0.95)]
    [3000, 9487, 30000]
    """
    return Between(low=low, high=high, prob=prob)


def lognormal(median: float, log_sd: float) -> Prior:
    """A positive quantity stated by its median and the standard deviation of its logarithm.

    Parameters
    ----------
    median : float
        In the unit of the quantity.
    log_sd : float

    Returns
    -------
    Prior

    Examples
    --------
    >>> prior = fc.lognormal(0.15, 0.5)
    >>> [round(prior.quantile(q), 3) for q in (0.05, 0.5, 0.95)]
    [0.066, 0.15, 0.341]
    """
    if median <= 0:
        raise DescriptionError(f"`median` must be positive; got {median:g}")
    return Prior(family="lognormal", mu=float(np.log(median)), sd=log_sd)


def normal(mean: float, sd: float) -> Prior:
    """A quantity that may be negative, stated by its mean and standard deviation.

    Parameters
    ----------
    mean, sd : float
        In the unit of the quantity.

    Returns
    -------
    Prior

    Examples
    --------
    >>> prior = fc.normal(0.7, 0.7)
    >>> [round(prior.quantile(q), 2) for q in (0.05, 0.5, 0.95)]
    [-0.45, 0.7, 1.85]
    """
    return Prior(family="normal", mu=mean, sd=sd)


def _positive(value: Any) -> Any:
    value = _interval_from_mapping(value)
    if isinstance(value, Between):
        if value.low <= 0:
            raise ValueError(f"a positive quantity must have `low` above 0; got between({value.low:g}, {value.high:g})")
        return value.as_prior("lognormal")
    return _of_family(value, "lognormal")


def _share(value: Any) -> Any:
    value = _interval_from_mapping(value)
    if isinstance(value, Between):
        if not (0 < value.low and value.high < 1):
            raise ValueError(f"a share must lie between 0 and 1; got between({value.low:g}, {value.high:g})")
        return value.as_prior("logitnormal")
    return _of_family(value, "logitnormal")


def _real(value: Any) -> Any:
    value = _interval_from_mapping(value)
    return value.as_prior("normal") if isinstance(value, Between) else _of_family(value, "normal")


def _interval_from_mapping(value: Any) -> Any:
    """A model file writes an interval as ``{low = 1, high = 2}``."""
    return Between(**value) if isinstance(value, dict) and "low" in value else value


def _of_family(value: Any, family: str) -> Any:
    if isinstance(value, dict) and "family" in value:
        value = Prior(**value)
    if isinstance(value, Prior) and value.family != family:
        raise ValueError(f"this quantity needs a {family} prior; got {value.family}. Use between(low, high).")
    if isinstance(value, (int, float)):
        raise ValueError(f"a prior must be an interval; got the number {value:g}. Use between(low, high).")
    return value


Positive = Annotated[Prior, BeforeValidator(_positive)]
Share = Annotated[Prior, BeforeValidator(_share)]
Real = Annotated[Prior, BeforeValidator(_real)]
