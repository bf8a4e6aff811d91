"""Shifts of the headline numbers without a claim, a source, or an origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import xarray as xr

from forcest.checks.headlines import headlines, moved, refitted, weighted_median
from forcest.checks.power_scaling import power_scaled
from forcest.errors import ForcestError, removed
from forcest.estimates.draws import group
from forcest.inference.opened import OpenedFit, takes_fit

if TYPE_CHECKING:
    from forcest.ledger import Ledger

By = Literal["source", "origin", "claim"]
RELIABLE = 0.7
"""Largest Pareto k at which importance weights stand in for a refit (Vehtari et al. 2024, JMLR 25:72)."""


@removed(progress="is called `callback`")
@takes_fit
def influence(
    fit: xr.DataTree,
    by: By = "source",
    *,
    refit: bool = True,
    callback: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """How far each headline number would move without a source, an origin or a claim.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit` or :func:`forcest.load`.
    by : {"source", "origin", "claim"}
        What is left out: all claims of a source; a claim with all that goes back to it; one claim with its merged copies.
    refit : bool
        Fit again where leaving out by importance weights is not reliable (Pareto k above 0.7), with the sampler, its settings and
        the seed of the fit; otherwise such numbers are NaN.
    callback : callable, optional
        Gets the name of what is left out before each refit.

    Returns
    -------
    DataFrame
        One row per left-out part and headline measure, the most influential part first: the part (`source`, `origin` or
        `claim`), `n_claims`, `measure`, `median`, `new_median` and `shift` [persons], `shift_sd` (in posterior standard
        deviations), `likelihood_sensitivity` (power-scaling sensitivity to the likelihood of the part; above 0.05 it deserves
        attention), `pareto_k`, `method` (``weights``, ``refit`` or the reason why there is no number) and `converged` of the
        refit. `new_median` is the median without the part.

    Raises
    ------
    ForcestError
        If the fit has no likelihood (a forecast has none).

    Examples
    --------
    >>> table = fc.influence(fit, by="source", refit=False)
    >>> sorted(set(table["method"]))
    ['weights', 'weights unreliable: refit needed']
    >>> firm = table[table["method"] == "weights"]
    >>> bool(firm["shift"].notna().all())
    True
    """
    if "log_likelihood" not in fit.children:
        raise ForcestError("`fit` must hold the likelihood of its claims; a forecast has none. Pass the fit that it was made from.")
    values, ledger = headlines(fit), OpenedFit.of(fit).ledger
    log_likelihood = group(fit, "log_likelihood")["claims"].transpose("chain", "draw", "claim").to_numpy().astype(float)

    def again(name: str, less: Ledger) -> tuple[dict[str, float], bool]:
        if callback is not None:
            callback(name)
        return refitted(fit, less)

    parts = _parts(fit, ledger, by)
    power = power_scaled(values, {name: log_likelihood[..., claims].sum(axis=2) for name, (claims, _) in parts.items()})
    rows = []
    for name, (claims, less) in parts.items():
        then, note = _without(values, log_likelihood[..., claims].sum(axis=2), lambda n=name, m=less: again(n, m()), refit)
        for measure, draws in values.items():
            row = {by: name, "n_claims": len(claims), "measure": measure, **moved(draws, then.get(measure, np.nan))}
            rows.append(row | {"likelihood_sensitivity": power[name, measure], **note})
    return _strongest_first(pd.DataFrame(rows), by)


def _parts(fit: xr.DataTree, ledger: Ledger, by: By) -> dict[str, tuple[np.ndarray, Callable[[], Ledger]]]:
    """Positions of the fitted claims of each part, and the ledger without it."""
    data = group(fit, "constant_data")
    ids, copies = (data[name].values.astype(str) for name in ("claim", "copies"))
    if by == "source":
        labels = data["source"].values.astype(str)
        return {str(s): (np.flatnonzero(labels == s), lambda s=s: ledger.exclude(source=str(s))) for s in np.unique(labels)}
    if by == "claim":
        rows = {id_: [id_, *filter(None, copy.split("+"))] for id_, copy in zip(ids, copies, strict=True)}
        return {id_: (np.array([i]), lambda of=rows[id_]: ledger.exclude(id=of)) for i, id_ in enumerate(rows)}
    if by == "origin":
        links = ledger.origins()
        roots = dict(zip(links["id"], links["root"].str.split("+").str[0], strict=True))
        labels = np.array([roots.get(id_, id_) for id_ in ids])
        return {str(r): (np.flatnonzero(labels == r), lambda r=r: ledger.exclude(origin=str(r))) for r in np.unique(labels)}
    raise ForcestError(f"`by` must be 'source', 'origin' or 'claim'; got {by!r}.")


def _without(
    values: dict[str, np.ndarray], log_likelihood: np.ndarray, again: Callable[[], tuple[dict[str, float], bool]], refit: bool
) -> tuple[dict[str, float], dict[str, object]]:
    """Medians without some claims, by weights where they are reliable, and how they were found."""
    from arviz_stats.base.array import array_stats

    log_weights, k = np.zeros(log_likelihood.size), -np.inf
    if np.ptp(log_likelihood) > 0:
        log_weights, k = array_stats.psislw(log_likelihood.ravel())  # of its inverse: the weights that take the claims away
    note: dict[str, object] = {"pareto_k": float(k), "method": "weights", "converged": True}
    if k <= RELIABLE:
        weights = np.exp(np.asarray(log_weights) - np.max(log_weights))
        return {name: weighted_median(draws, weights) for name, draws in values.items()}, note
    if not refit:
        return {}, note | {"method": "weights unreliable: refit needed"}
    try:
        then, converged = again()
    except ForcestError as error:  # what is left may be too little for the model
        return {}, note | {"method": f"cannot be refitted: {error}", "converged": False}
    return then, note | {"method": "refit", "converged": converged}


def _strongest_first(table: pd.DataFrame, by: str) -> pd.DataFrame:
    size = table.groupby(by)["shift_sd"].transform(lambda x: x.abs().max())
    order = np.lexsort((table.index, table[by], -size.fillna(np.inf)))
    return table.iloc[order].reset_index(drop=True)
