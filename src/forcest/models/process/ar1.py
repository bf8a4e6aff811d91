r"""Curves on knots that return to zero, of variance one.

.. math:: x_0 = \varepsilon_0, \qquad x_j = \phi x_{j-1} + \sqrt{1-\phi^2}\,\varepsilon_j, \qquad \phi = e^{-every/\tau}
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from forcest.models.description.base import Description
from forcest.models.description.calendar import Step
from forcest.models.description.priors import Positive, between, lognormal
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.parameters.tensors import symbolic


class AR1(Description):
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


def standard_curve(xp: Any, knots: int, every: int, correlation: Any, offset: Any) -> Any:
    """The curve at its knots, shape (..., knot), from a correlation time (...)  [days] and standard normal offsets (..., knot).

    As a graph it is a matrix of powers of phi times the innovations; of draws it runs from knot to knot.
    """
    return _forward(every, correlation, offset) if xp is NUMERIC else _graph(knots, every, correlation, offset)


def _graph(knots: int, every: int, correlation: Any, offset: Any) -> Any:
    pt = symbolic()
    power = np.subtract.outer(np.arange(knots), np.arange(knots))
    phi = pt.exp(-every / correlation)
    innovation = pt.concatenate([pt.ones(1), pt.ones(knots - 1) * pt.sqrt(1 - phi**2)]) * offset
    return pt.dot(pt.switch(power >= 0, phi ** np.maximum(power, 0), 0.0), innovation)


def _forward(every: int, correlation: np.ndarray, offset: np.ndarray) -> np.ndarray:
    phi = np.exp(-every / correlation)
    curve = np.empty_like(offset)
    curve[..., 0] = offset[..., 0]
    for knot in range(1, curve.shape[-1]):
        curve[..., knot] = phi * curve[..., knot - 1] + np.sqrt(1 - phi**2) * offset[..., knot]
    return curve
