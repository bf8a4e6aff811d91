"""What the reporting record teaches: its posterior as priors of a new war."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import t as student

from forcest.datasets.reporting_record import reporting_record
from forcest.errors import SamplingError
from forcest.history.model import DEGREES, RecordModel
from forcest.history.rows import OWN_SIDE, Rows
from forcest.models.reporting.learned import APPLIES, CELLS, CLASSES, COVARIATES, STANCES, LearnedBias
from forcest.sampling import sample

STUDENT_90 = float(student.ppf(0.95, DEGREES) / ndtri(0.95))
"""Standard deviation of a normal with the 90 % interval of a standard Student error."""


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
        ``fc.Reporting.from_learned`` makes priors of it.

    Raises
    ------
    SamplingError
        If the fit does not converge.

    Examples
    --------
    >>> learned = fc.history.learn_bias(exclude=["Korean War"])
    >>> model = fc.ForceModel.default(ledger).replace(reporting=fc.Reporting.from_learned(learned))
    """
    record = reporting_record() if record is None else record
    model = RecordModel.of(record, exclude)
    at = model.coordinates
    result = sample(model, at.prior_positions, random_seed=random_seed, cores=cores, names=at.labels)
    if not result.verdict.converged:
        reasons = "; ".join(result.verdict.reasons)
        raise SamplingError(f"the fit of the reporting record has not converged: {reasons}. Try another random_seed.")
    return learned_from(at.parameters_of(result.draws.reshape(-1, at.dim)), model.rows)


def learned_from(draws: Mapping[str, np.ndarray], rows: Rows) -> LearnedBias:
    """Moments of posterior draws of the parameters of :class:`RecordModel`, each (draw, ...)."""
    joint = np.concatenate([draws["level"], draws["slope"]], axis=1)
    cells = rows.table.assign(cell=rows.cell).groupby("cell")
    counted = {"rows": cells.size(), "wars": cells["war"].nunique()}
    acts = [np.isin(rows.cell, [CELLS.index(cell) for cell in APPLIES[name]]) for name in COVARIATES]
    return LearnedBias(
        mean=joint.mean(axis=0),
        covariance=np.cov(joint, rowvar=False),
        of_war=_of_war(draws),
        claim_sd=np.repeat(STUDENT_90 * draws["within"].mean(axis=0), len(STANCES)),
        share=np.array([rows.covariates[at, j].mean() if at.any() else 0.0 for j, at in enumerate(acts)]),
        **{name: n.reindex(range(len(CELLS)), fill_value=0).to_numpy() for name, n in counted.items()},
    )


def _of_war(draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Posterior mean of the covariance of one war's levels; classes are independent."""
    own_side = np.isin(STANCES, OWN_SIDE)
    loading = np.where(own_side, draws["own_side"][:, None], np.sqrt((1 + draws["outsiders"]) / 2)[:, None])
    correlation = loading[:, :, None] * loading[:, None, :]
    correlation[:, np.arange(len(STANCES)), np.arange(len(STANCES))] = 1.0
    out = np.zeros((len(CELLS), len(CELLS)))
    for k in range(len(CLASSES)):
        at = slice(k * len(STANCES), (k + 1) * len(STANCES))
        out[at, at] = (draws["between"][:, k, None, None] ** 2 * correlation).mean(axis=0)
    return out
