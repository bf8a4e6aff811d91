r"""The model of the reporting record: how far claims of a stance lie from what was established later.

For claim :math:`i` of war :math:`w` about force :math:`f`, from stance :math:`s`, in class :math:`k` of measures,

.. math::
   \log(\text{claim}_i / \text{established}_i) = \mu_{k,s} + \alpha_{w,f,k,s} + x_i^\top \beta + e_i, \qquad
   \alpha_{w,f,k} \sim N(0, \tau_k^2 R), \qquad e_i \sim t_4(0, \sigma_k^2 + u_i^2)

Levels of one force have a common part: any two stances outside its own side are correlated by :math:`r`, the own side with
them by :math:`a\sqrt r`, where :math:`a` may be negative. With a handful of wars that have both sides, a free matrix would
return its prior. :math:`u_i` is the standard deviation that the ranges of
claim and established count stand for, as 90 % intervals; :math:`x_i` are the covariates of :mod:`forcest.models.reporting.learned`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from forcest.datasets.reporting_record import reporting_record
from forcest.history.rows import Rows
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.families import LogNormal, Normal, PartialCorrelation
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.parameters.parameter import Parameter, offsets
from forcest.models.parameters.tensors import symbolic
from forcest.models.reporting.learned import CELLS, CLASSES, COVARIATES

DEGREES = 4
LEVEL_SD = 0.7
"""Prior standard deviation of a cell's mean log bias: nine of ten within a factor of 3.2 of the truth."""
SLOPE_SD = 0.4
SPREAD, SPREAD_SD = 0.4, 0.6
"""Median of the standard deviations between and within wars, and the standard deviation of their logs: 0.15 to 1.07. Neither can be
zero: wars differ, and so do claims of one war. A prior that reaches zero makes a funnel of a class with few rows."""
CONCENTRATION = 2.0
"""Of the symmetric beta priors of the correlations."""


@dataclass(frozen=True)
class RecordModel:
    """The model of some rows of the record, as a PyMC graph and as a density with its gradient.

    Parameters
    ----------
    rows : Rows
    """

    rows: Rows

    @classmethod
    def of(cls, record: pd.DataFrame | None = None, exclude: Collection[str] = ()) -> RecordModel:
        """The model of a record; see :func:`record_model`."""
        return cls(Rows.of(reporting_record() if record is None else record, exclude))

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Parameters with their priors."""
        spread = LogNormal(np.full(len(CLASSES), np.log(SPREAD)), SPREAD_SD)
        return [
            Parameter("level", ("cell",), Normal(np.zeros(len(CELLS)), LEVEL_SD), "log", "mean bias of a cell"),
            Parameter("slope", ("covariate",), Normal(np.zeros(len(COVARIATES)), SLOPE_SD), "log", "of covariates"),
            Parameter("between", ("class",), spread, "log", "sd of the levels of wars"),
            Parameter("within", ("class",), spread, "log", "scale of the errors of claims"),
            Parameter("outsiders", (), PartialCorrelation(CONCENTRATION), "", "2 r - 1, r the correlation of two outside stances"),
            Parameter("own_side", (), PartialCorrelation(CONCENTRATION), "", "loading of the own side on what outsiders share"),
            offsets("common", ["block"], (self.rows.blocks,), "what the stances of one force share"),
            offsets("apart", ["group"], (self.rows.groups,), "of one stance alone"),
        ]

    @cached_property
    def coordinates(self) -> Coordinates:
        """Layout of positions."""
        return Coordinates.of(self.parameters)

    def mean_and_scale(self, xp: Any, p: Any) -> tuple[Any, Any]:
        """Expected log bias of the rows, and the scale of their errors, shape (..., row)."""
        rows = self.rows
        loading = xp.where(rows.own_side, p["own_side"][..., None], xp.sqrt((1 + p["outsiders"]) / 2)[..., None])
        shared = loading * p["common"][..., rows.block] + xp.sqrt(1 - loading**2) * p["apart"][..., rows.group]
        mean = p["level"][..., rows.cell] + p["between"][..., rows.cls] * shared + xp.dot(p["slope"], rows.covariates.T)
        return mean, xp.sqrt(p["within"][..., rows.cls] ** 2 + rows.unsure**2)

    def graph(self) -> Any:
        """The PyMC model."""
        import pymc as pm

        rows = self.rows
        coords = {"cell": [":".join(cell) for cell in CELLS], "class": CLASSES, "covariate": COVARIATES}
        coords |= {"block": range(rows.blocks), "group": range(rows.groups), "row": rows.table["row_id"].to_numpy()}
        with pm.Model(coords=coords) as model:
            values = {p.name: p.variable() for p in self.parameters}
            mean, scale = self.mean_and_scale(symbolic(), values)
            pm.StudentT("bias", nu=DEGREES, mu=mean, sigma=scale, observed=rows.bias, dims="row")
        return model

    def __call__(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log density of positions (chain, coordinate) up to a constant, shape (chain,), and its gradient."""
        p = self.coordinates.parameters_of(positions)
        mean, scale = self.mean_and_scale(NUMERIC, p)
        u = (self.rows.bias - mean) / scale
        prior, gradient = self.coordinates.log_prior(positions)
        value = prior - np.sum((DEGREES + 1) / 2 * np.log1p(u * u / DEGREES) + np.log(scale), axis=1)
        pull = (DEGREES + 1) * u / (DEGREES + u * u)
        slopes = self._slopes(p, pull / scale, (pull * u - 1) / scale**2)
        for entry in self.coordinates.entries:
            gradient[:, entry.coordinates] += slopes[entry.parameter.name].reshape(len(positions), -1) * _stretch(entry, p)
        return value, gradient

    def _slopes(self, p: dict[str, np.ndarray], of_mean: np.ndarray, of_scale: np.ndarray) -> dict[str, np.ndarray]:
        """Slopes of the log likelihood in the parameters, from those in the mean and (over the scale) in the scale of the rows."""
        rows, to = self.rows, self._sums
        r = (1 + p["outsiders"][:, None]) / 2
        loading = np.where(rows.own_side, p["own_side"][:, None], np.sqrt(r))
        common, apart = p["common"][:, rows.block], p["apart"][:, rows.group]
        rest = np.sqrt(1 - loading**2)
        between = p["between"][:, rows.cls] * of_mean
        of_loading = between * (common - loading / rest * apart)
        return {
            "level": of_mean @ to["cell"],
            "slope": of_mean @ rows.covariates,
            "between": (of_mean * (loading * common + rest * apart)) @ to["cls"],
            "within": (of_scale * p["within"][:, rows.cls]) @ to["cls"],
            "outsiders": np.sum(np.where(rows.own_side, 0.0, of_loading / (4 * np.sqrt(r))), axis=1),
            "own_side": np.sum(np.where(rows.own_side, of_loading, 0.0), axis=1),
            "common": (between * loading) @ to["block"],
            "apart": (between * rest) @ to["group"],
        }

    @cached_property
    def _sums(self) -> dict[str, np.ndarray]:
        """Matrices (row, label) that sum rows by label."""
        sizes = {"cell": len(CELLS), "cls": len(CLASSES), "block": self.rows.blocks, "group": self.rows.groups}
        return {name: np.eye(n)[getattr(self.rows, name)] for name, n in sizes.items()}


def _stretch(entry: Any, p: dict[str, np.ndarray]) -> np.ndarray:
    """Slope of a parameter in its coordinates, shape (chain, coordinate)."""
    value, prior = p[entry.parameter.name], entry.distribution
    if isinstance(prior, PartialCorrelation):
        value = 0.5 * (1 - value**2)
    elif isinstance(prior, LogNormal):
        value = value * prior.scale
    else:
        value = np.broadcast_to(prior.scale, value.shape)
    return value.reshape(len(value), -1)


def record_model(record: pd.DataFrame | None = None, *, exclude: Collection[str] = ()) -> Any:
    """The PyMC model of a reporting record.

    Parameters
    ----------
    record : DataFrame, optional
        As :func:`forcest.datasets.reporting_record` gives it; the shipped one by default.
    exclude : collection of str
        Wars to leave out.

    Returns
    -------
    pymc.Model
        The observed log bias is log(claim / established).

    Raises
    ------
    ForcestError
        If a war to leave out is not in the record.

    Examples
    --------
    >>> model = fc.history.record_model(exclude=["Korean War"])
    >>> [v.name for v in model.observed_RVs]
    ['bias']
    """
    return RecordModel.of(record, exclude).graph()
