"""Whether a fit may be used, and what to do if not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes, Verdict
from forcest.errors import ForcestError

if TYPE_CHECKING:
    from collections.abc import Mapping

R_HAT = {False: 1.01, True: 1.05}
R_HAT_MANY_CHAINS = 1.03
R_HAT_NAMES = {"r_hat": "R-hat", "nested_r_hat": "Nested R-hat"}
ESS = {False: 400, True: 100}
MOST_DISPUTED = 5


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a fit.

    Parameters
    ----------
    converged : bool
    quick : bool
        Judged by the limits of a quick look.
    reasons : tuple of str
        What is wrong; empty when converged.
    remedy : str
    worst : DataFrame
        The quantities with the largest R-hat and smallest effective sample sizes.
    claims : tuple of str
        Ids of the claims whose probability the chains disagree about most, if the fit has not converged.

    Examples
    --------
    >>> verdict = fc.diagnose(fit)
    >>> verdict.converged, verdict.reasons
    (True, ())
    """

    converged: bool
    quick: bool
    reasons: tuple[str, ...]
    remedy: str
    worst: pd.DataFrame
    claims: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = Verdict(self.converged, self.quick)
        limits = f"Judged by R-hat {R_HAT[True]} and {ESS[True]} effective draws." if self.quick else ""
        rows = f"The chains disagree most about the claims {', '.join(self.claims)}: check these rows first." if self.claims else ""
        return "\n".join(filter(None, [str(verdict), limits, *self.reasons, rows, self.remedy, self.worst.to_string()]))


def convergence(quantities: Mapping[str, np.ndarray], groups: np.ndarray | None = None) -> xr.Dataset:
    """R-hat, bulk and tail ESS of scalar quantities, each an array (chain, draw).

    Those that never vary or do not exist (all NaN) are left out; those with some draws that are not finite have NaN throughout.

    Parameters
    ----------
    quantities : mapping of str to ndarray
    groups : ndarray of int, shape (chain,), optional
        Chains that shared a start: adds nested R-hat.

    Returns
    -------
    Dataset
        ``r_hat``, ``ess_bulk``, ``ess_tail`` (and ``nested_r_hat``) over ``quantity``.
    """
    from forcest.sampling.diagnostics import diagnose as figures

    finite = {name: np.isfinite(values) for name, values in quantities.items()}
    moving = {name: values for name, values in quantities.items() if finite[name].all() and np.ptp(values) > 0}
    broken = [name for name, values in quantities.items() if not finite[name].all() and not np.isnan(values).all()]
    found = figures(np.stack(list(moving.values()), axis=2), groups)
    table = {"r_hat": found.rhat, "ess_bulk": found.ess_bulk, "ess_tail": found.ess_tail}
    if found.nested_rhat is not None:
        table["nested_r_hat"] = found.nested_rhat
    columns = {name: ("quantity", np.append(values, np.full(len(broken), np.nan))) for name, values in table.items()}
    return xr.Dataset(columns, coords={"quantity": [*moving, *broken]})


def judge(table: xr.Dataset, *, quick: bool, n_diverging: int, faults: tuple[str, ...] = ()) -> Diagnosis:
    """The verdict from convergence numbers, and what the sampler itself found wrong."""
    frame = table.to_dataframe()
    reasons = [*faults]
    if broken := [str(name) for name, values in zip(frame.index, frame.to_numpy(), strict=True) if np.isnan(values).any()]:
        reasons.append(f"Some draws are not finite for {', '.join(broken[:5])}; all must be.")
    for column, limit in _r_hat_limits("nested_r_hat" in frame, quick).items():
        worst = frame[column].idxmax()
        if not frame.loc[worst, column] <= limit:
            reasons.append(f"{R_HAT_NAMES[column]} is {frame.loc[worst, column]:.3f} for {worst}; it must be at most {limit}.")
    for column, name in (("ess_bulk", "bulk"), ("ess_tail", "tail")):
        worst = frame[column].idxmin()
        if not frame.loc[worst, column] >= ESS[quick]:
            size = f"{frame.loc[worst, column]:.0f} for {worst}"
            reasons.append(f"The {name} effective sample size is {size}; it must be at least {ESS[quick]}.")
    if n_diverging:
        reasons.append(f"{n_diverging} transitions diverged; there must be none.")
    remedy = _remedy(n_diverging > 0) if reasons else ""
    worst_first = (frame.nlargest(3, "r_hat"), frame.nsmallest(3, "ess_bulk"), frame.nsmallest(3, "ess_tail"))
    labels = list(dict.fromkeys(label for rows in worst_first for label in rows.index))
    return Diagnosis(not reasons, quick, tuple(reasons), remedy, frame.loc[labels])


def _r_hat_limits(is_nested: bool, quick: bool) -> dict[str, float]:
    """Rank R-hat 1.01; with many chains, which need not have 50 effective draws each, nested R-hat 1.01 and rank R-hat 1.03."""
    if quick:
        return {"r_hat": R_HAT[True]}
    return {"nested_r_hat": R_HAT[False], "r_hat": R_HAT_MANY_CHAINS} if is_nested else {"r_hat": R_HAT[False]}


def _remedy(diverging: bool) -> str:
    if diverging:
        return "Raise `target_accept` (0.99), and look for priors that contradict the claims."
    longer = "Draw longer: double `draws` and `tune`, or `target_ess`."
    return f"{longer} If R-hat stays high, look for two solutions that the claims cannot distinguish."


def diagnose(fit: xr.DataTree) -> Diagnosis:
    """The verdict on a fit: converged or not, why, and what to do.

    Parameters
    ----------
    fit : DataTree
        A fit, fresh or loaded; the numbers are those of all draws before thinning.

    Returns
    -------
    Diagnosis
        Print it, or read ``converged``, ``reasons`` and ``remedy``.

    Examples
    --------
    >>> print(fc.diagnose(fit))
    The fit has converged.
    ...
    """
    if "diagnostics" not in fit.children:
        raise ForcestError(
            "`fit` must be a fit of forcest; it has no group `diagnostics`. Use forcest.load on a file that forcest wrote."
        )
    attributes = Attributes.of(fit)
    table = fit["diagnostics"].to_dataset()
    verdict = judge(table, quick=attributes.verdict.quick, n_diverging=attributes.n_diverging, faults=attributes.faults)
    return verdict if verdict.converged else replace(verdict, claims=_disputed(fit))


def _disputed(fit: xr.DataTree) -> tuple[str, ...]:
    """Ids of the claims whose probability the chains disagree about most: what a fit that has not converged hangs on."""
    import arviz as az

    if "log_likelihood" not in fit.children or fit["log_likelihood"].sizes["chain"] < 2:
        return ()
    r_hat = az.rhat(fit["log_likelihood"].to_dataset())["claims"].to_series().dropna()
    return tuple(map(str, r_hat[r_hat > R_HAT[False]].nlargest(MOST_DISPUTED).index))
