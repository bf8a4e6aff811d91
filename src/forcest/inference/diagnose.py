"""Whether a fit may be used, and what to do if not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ForcestError

if TYPE_CHECKING:
    from collections.abc import Mapping

R_HAT = {False: 1.01, True: 1.05}
ESS = {False: 400, True: 100}


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
    """

    converged: bool
    quick: bool
    reasons: tuple[str, ...]
    remedy: str
    worst: pd.DataFrame

    def __str__(self) -> str:
        verdict = "converged" if self.converged else "NOT converged"
        if self.quick:
            verdict += f" (QUICK: judged by R-hat {R_HAT[True]} and {ESS[True]} effective draws)"
        return "\n".join(
            [f"The fit has {verdict}.", *self.reasons, *([self.remedy] if self.remedy else []), self.worst.to_string()]
        )


def convergence(quantities: Mapping[str, np.ndarray]) -> xr.Dataset:
    """R-hat, bulk and tail ESS of scalar quantities, each an array (chain, draw); those that never vary are left out.

    Returns
    -------
    Dataset
        ``r_hat``, ``ess_bulk``, ``ess_tail`` over ``quantity``.
    """
    from arviz_stats import ess, rhat

    moving = {name: values for name, values in quantities.items() if np.isfinite(values).all() and np.ptp(values) > 0}
    stacked = np.stack(list(moving.values()))
    table = {
        "r_hat": rhat(stacked, chain_axis=1, draw_axis=2),
        "ess_bulk": ess(stacked, chain_axis=1, draw_axis=2, method="bulk"),
        "ess_tail": ess(stacked, chain_axis=1, draw_axis=2, method="tail", prob=(0.05, 0.95)),
    }
    return xr.Dataset({name: ("quantity", np.asarray(values)) for name, values in table.items()}, coords={"quantity": list(moving)})


def judge(table: xr.Dataset, stats: Mapping[str, np.ndarray], *, quick: bool) -> Diagnosis:
    """The verdict from convergence numbers and sample statistics."""
    frame = table.to_dataframe()
    reasons = []
    if (worst := frame["r_hat"].max()) > R_HAT[quick] or not np.isfinite(worst):
        reasons.append(f"R-hat is {worst:.3f} for {frame['r_hat'].idxmax()}; it must be at most {R_HAT[quick]}.")
    for column, name in (("ess_bulk", "bulk"), ("ess_tail", "tail")):
        if (least := frame[column].min()) < ESS[quick]:
            reasons.append(
                f"The {name} effective sample size is {least:.0f} for {frame[column].idxmin()}; it must be at least {ESS[quick]}."
            )
    diverging = int(np.sum(stats.get("diverging", 0)))
    if diverging:
        reasons.append(f"{diverging} transitions diverged; there must be none.")
    remedy = _remedy(bool(diverging)) if reasons else ""
    worst_rows = pd.concat([frame.nlargest(3, "r_hat"), frame.nsmallest(3, "ess_bulk"), frame.nsmallest(3, "ess_tail")])
    return Diagnosis(not reasons, quick, tuple(reasons), remedy, worst_rows[~worst_rows.index.duplicated()])


def _remedy(diverging: bool) -> str:
    if diverging:
        return "Raise `target_accept` (0.99), and look for priors that contradict the claims."
    return "Draw longer: double `draws` and `tune`. If R-hat stays high, look for two answers that the claims cannot tell apart."


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
    """
    if "diagnostics" not in fit.children:
        raise ForcestError(
            "`fit` must be a fit of forcest; it has no group `diagnostics`. Use forcest.load on a file that forcest wrote."
        )
    table = fit["diagnostics"].to_dataset()
    stats = {"diverging": np.array(int(table.attrs["n_diverging"]))}
    return judge(table.drop_attrs(), stats, quick=bool(fit.attrs["quick"]))
