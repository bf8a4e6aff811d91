r"""A PyMC model of the reporting record: how far claims of a stance lie from what was established later.

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
from typing import Any, cast

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import ndtri
from scipy.stats import t as student

from forcest.datasets.reporting_record import MEASURE_CLASS, reporting_record
from forcest.errors import ForcestError, SamplingError
from forcest.inference.pymc_model import sample
from forcest.models.reporting.learned import APPLIES, CELLS, CLASSES, COVARIATES, STANCES, LearnedBias

OWN_SIDE = ("own", "own_ally")
DEGREES = 4
LEVEL_SD = 0.7
"""Prior standard deviation of a cell's mean log bias: nine of ten within a factor of 3.2 of the truth."""
SLOPE = 0.4
SPREAD, SPREAD_SD = 0.4, 0.6
"""Median of the standard deviations between and within wars, and the standard deviation of their logs: 0.15 to 1.07. Neither can be
zero: wars differ, and so do claims of one war. A prior that reaches zero makes a funnel of a class with few rows."""
NORMAL_90 = 2 * ndtri(0.95)
STUDENT_90 = float(student.ppf(0.95, DEGREES) / ndtri(0.95))
"""Standard deviation of a normal with the 90 % interval of a standard Student error."""


@dataclass(frozen=True)
class Rows:
    """Rows of the record as arrays.

    Parameters
    ----------
    table : DataFrame
        The rows, with `class` and `cell`.
    bias, unsure : ndarray, shape (row,)
        Log ratio of the geometric middles, and the standard deviation that both ranges stand for.
    cell, block : ndarray of int, shape (row,)
        Position in ``CELLS``; war, force and class.
    group : ndarray of int, shape (row,)
        War, force, class and stance.
    covariates : ndarray, shape (row, covariate)
    """

    table: pd.DataFrame
    bias: np.ndarray
    unsure: np.ndarray
    cell: np.ndarray
    block: np.ndarray
    group: np.ndarray
    covariates: np.ndarray

    @classmethod
    def of(cls, record: pd.DataFrame, exclude: Collection[str] = ()) -> Rows:
        """Rows of sides that the model reads; wars in ``exclude`` are left out.

        Raises
        ------
        ForcestError
            If a war to leave out is not in the record.
        """
        if unknown := sorted(set(exclude) - set(record["war"])):
            wars = ", ".join(sorted(set(record["war"])))
            raise ForcestError(f"`exclude` must name wars of the record; got {', '.join(unknown)}. Wars of the record: {wars}.")
        table = record[record["stance"].isin(STANCES) & ~record["war"].isin(list(exclude))].reset_index(drop=True)
        table = table.assign(**{"class": table["measure"].map(MEASURE_CLASS)})
        logs = {name: np.log(table[name].to_numpy(dtype=float)) for name in _RANGES}
        widths = [logs[f"{name}_high"] - logs[f"{name}_low"] for name in ("claim", "established")]
        cells = list(zip(table["class"], table["stance"], strict=True))
        return cls(
            table=table,
            bias=(logs["claim_low"] + logs["claim_high"] - logs["established_low"] - logs["established_high"]) / 2,
            unsure=np.hypot(*widths) / NORMAL_90,
            cell=np.array([CELLS.index(cell) for cell in cells]),
            block=table.groupby(["war", "force", "class"], sort=True).ngroup().to_numpy(),
            group=table.groupby(["war", "force", "class", "stance"], sort=True).ngroup().to_numpy(),
            covariates=np.stack([_covariate(table, cells, name) for name in COVARIATES], axis=1),
        )

    @property
    def cls(self) -> np.ndarray:
        """Position of the class of each row in ``CLASSES``."""
        return self.cell // len(STANCES)

    @property
    def stance(self) -> np.ndarray:
        """Position of the stance of each row in ``STANCES``."""
        return self.cell % len(STANCES)

    @property
    def blocks(self) -> int:
        """Number of wars, forces and classes."""
        return int(self.block.max()) + 1

    @property
    def groups(self) -> int:
        """Number of wars, forces, classes and stances."""
        return int(self.group.max()) + 1


_RANGES = ("claim_low", "claim_high", "established_low", "established_high")


def _covariate(table: pd.DataFrame, cells: list[tuple[str, str]], name: str) -> np.ndarray:
    has = table["claim_timing"] == "after" if name == "after" else table[name] == "yes"
    return has.to_numpy() * np.array([cell in APPLIES[name] for cell in cells], dtype=float)


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
        Log bias has the unit log(claim / established).

    Examples
    --------
    >>> model = fc.history.record_model(exclude=["Korean War"])
    >>> sorted(v.name for v in model.free_RVs)[:3]
    ['alpha_z', 'beta', 'between']
    """
    import pymc as pm
    import pytensor.tensor as pt

    rows = Rows.of(reporting_record() if record is None else record, exclude)
    own_side = np.isin(rows.stance, [STANCES.index(name) for name in OWN_SIDE])
    coords = {"cell": [":".join(cell) for cell in CELLS], "class": CLASSES, "covariate": COVARIATES}
    with pm.Model(coords=coords) as model:
        level: Any = pm.Normal("level", 0.0, LEVEL_SD, dims="cell")
        beta = pm.Normal("beta", 0.0, SLOPE, dims="covariate")
        between: Any = pm.LogNormal("between", np.log(SPREAD), SPREAD_SD, dims="class")
        within: Any = pm.LogNormal("within", np.log(SPREAD), SPREAD_SD, dims="class")
        outsiders: Any = pm.Beta("outsiders", 2.0, 2.0)
        own: Any = pm.Deterministic("own", 2.0 * pm.Beta("own_share", 2.0, 2.0) - 1.0)
        common = pm.Normal("common", 0.0, 1.0, shape=rows.blocks)
        apart = pm.Normal("apart", 0.0, 1.0, shape=rows.groups)
        loading = pt.where(own_side, own, pt.sqrt(outsiders))
        alpha = between[rows.cls] * (loading * common[rows.block] + pt.sqrt(1 - loading**2) * apart[rows.group])
        mean = level[rows.cell] + alpha + pt.dot(rows.covariates, beta)
        scale = pt.sqrt(within[rows.cls] ** 2 + rows.unsure**2)
        pm.StudentT("bias", nu=DEGREES, mu=mean, sigma=scale, observed=rows.bias)
    return model


def learn_bias(
    record: pd.DataFrame | None = None, *, exclude: Collection[str] = (), random_seed: int = 1, cores: int | None = None
) -> LearnedBias:
    """What a reporting record teaches about the bias of stances.

    Parameters
    ----------
    record : DataFrame, optional
        As :func:`forcest.datasets.reporting_record` gives it; the shipped one by default.
    exclude : collection of str
        Wars to leave out: those that the result is to be used for.
    random_seed : int
    cores : int, optional

    Returns
    -------
    LearnedBias
        ``.reporting()`` makes priors of it.

    Raises
    ------
    SamplingError
        If the fit does not converge.

    Examples
    --------
    >>> learned = fc.history.learn_bias(exclude=["Korean War"])
    >>> model = fc.ForceModel.default(ledger).replace(reporting=learned.reporting())
    """
    record = reporting_record() if record is None else record
    draws = sample(record_model(record, exclude=exclude), random_seed=random_seed, cores=cores)
    if not draws.attrs["converged"]:
        raise SamplingError(
            f"the fit of the reporting record has not converged: {draws.attrs['reasons']}. Try another random_seed."
        )
    return learned_from(draws, Rows.of(record, exclude))


def learned_from(draws: xr.DataTree, rows: Rows) -> LearnedBias:
    """Moments of a posterior of :func:`record_model`."""
    flat = {
        name: _flat(cast(xr.DataArray, draws["posterior"][name]))
        for name in ("level", "beta", "between", "within", "outsiders", "own")
    }
    joint = np.concatenate([flat["level"], flat["beta"]], axis=1)
    cells = rows.table.assign(cell=rows.cell).groupby("cell")
    counted = {"rows": cells.size(), "wars": cells["war"].nunique()}
    acts = [np.isin(rows.cell, [CELLS.index(cell) for cell in APPLIES[name]]) for name in COVARIATES]
    return LearnedBias(
        mean=joint.mean(axis=0),
        covariance=np.cov(joint, rowvar=False),
        of_war=_of_war(flat),
        claim_sd=np.repeat(STUDENT_90 * flat["within"].mean(axis=0), len(STANCES)),
        share=np.array([rows.covariates[at, j].mean() if at.any() else 0.0 for j, at in enumerate(acts)]),
        **{name: n.reindex(range(len(CELLS)), fill_value=0).to_numpy() for name, n in counted.items()},
    )


def _of_war(flat: dict[str, np.ndarray]) -> np.ndarray:
    """Posterior mean of the covariance of one war's levels; classes are independent."""
    own_side = np.isin(STANCES, OWN_SIDE)
    loading = np.where(own_side, flat["own"][:, None], np.sqrt(flat["outsiders"])[:, None])
    correlation = loading[:, :, None] * loading[:, None, :]
    correlation[:, np.arange(len(STANCES)), np.arange(len(STANCES))] = 1.0
    out = np.zeros((len(CELLS), len(CELLS)))
    for k in range(len(CLASSES)):
        at = slice(k * len(STANCES), (k + 1) * len(STANCES))
        out[at, at] = (flat["between"][:, k, None, None] ** 2 * correlation).mean(axis=0)
    return out


def _flat(values: xr.DataArray) -> np.ndarray:
    """Draws of all chains, shape (draw, ...)."""
    array = values.transpose("chain", "draw", ...).to_numpy()
    return array.reshape(-1, *array.shape[2:])
