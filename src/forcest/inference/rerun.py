"""Repeat a saved fit from what it holds, and say how far the two agree."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError, NotConvergedWarning, removed
from forcest.inference.family import holm
from forcest.inference.fit import fit as run_fit
from forcest.inference.opened import OpenedFit

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

Agreement = Literal["equal", "statistically equal", "different"]
FAMILY = 0.01
"""Probability that a correct repetition is called different (Holm's rule over all statistics), if the errors of tail quantiles,
which rest on some 50 kept draws per chain, were exact."""
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Rerun:
    """A repeated fit beside the first one.

    Parameters
    ----------
    agreement : {"equal", "statistically equal", "different"}
        ``equal``: every draw of every parameter is the same number. ``statistically equal``: means and quantiles differ by no more
        than their Monte Carlo errors explain, at 1 % for the whole family.
    fit : DataTree
        The new fit.
    worst : DataFrame
        The statistics that differ most: `statistic` (its name), `first` and `second` value, `z` in combined standard errors,
        `p_holm` adjusted for all of them.
    """

    agreement: Agreement
    fit: xr.DataTree
    worst: pd.DataFrame

    def __str__(self) -> str:
        sentence = {
            "equal": "The draws are equal, number for number.",
            "statistically equal": "The draws are not the same numbers; means and quantiles agree within Monte Carlo error.",
            "different": "The two fits differ by more than Monte Carlo error explains.",
        }
        return sentence[self.agreement] + ("" if self.agreement == "equal" else "\n" + self.worst.to_string(index=False))


@removed(progress="is called `progressbar`")
def rerun(fit: xr.DataTree, *, progressbar: bool = False) -> Rerun:
    """Repeat a fit from the ledger, model, sampler settings and seed that it holds.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit` or :func:`forcest.load`.
    progressbar : bool
        Show progress on the terminal.

    Returns
    -------
    Rerun

    Raises
    ------
    ForcestError
        If the fit is a forecast, or lacks what a repetition needs.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> look = fc.fit(model.with_step("W"), few, random_seed=1, quick=True)
    >>> print(fc.rerun(look))
    The draws are equal, number for number.
    """
    opened = OpenedFit.of(fit)
    if opened.forecast_from:
        raise ForcestError("a forecast cannot be repeated; it has no claims of its own. Repeat the fit it was made from.")
    opened.require("ledger", "ledger_hash", "model", "model_kind", "sampler_settings", "random_seed")
    return compare(fit, fit_again(opened, progressbar=progressbar))


def fit_again(
    opened: OpenedFit,
    *,
    model: ForceModel | LossModel | Radford2023 | None = None,
    ledger: Ledger | None = None,
    progressbar: bool = False,
) -> xr.DataTree:
    """A fit with the sampler, all its settings and the seed of a first one; of its model and ledger unless others are given."""
    return fit_in_full(
        model or opened.model,
        opened.ledger if ledger is None else ledger,
        sampler=opened.sampler,
        random_seed=opened.random_seed,
        quick=opened.verdict.quick,
        progressbar=progressbar,
    )


def fit_in_full(model: ForceModel | LossModel | Radford2023, ledger: Ledger, **options: Any) -> xr.DataTree:
    """A fit as part of something larger: whether it converged is left to its verdict, and an interrupt does not make it shorter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConvergedWarning)
        found = run_fit(model, ledger, **options)
    if Attributes.of(found).verdict.is_interrupted:
        raise KeyboardInterrupt
    return found


def compare(first: xr.DataTree, second: xr.DataTree) -> Rerun:
    """How far two fits agree, by every variable that both have in one shape and that has no date."""
    one, other = first["posterior"].to_dataset(), second["posterior"].to_dataset()
    names = [name for name in one.data_vars if name in other and "date" not in one[name].dims and name != "bias"]
    whole = {name: one[name].shape == other[name].shape for name in names}
    if all(whole.values()) and all(np.array_equal(one[name], other[name]) for name in names):
        return Rerun("equal", second, pd.DataFrame())
    shared = [str(name) for name in names if _comparable(one[name], other[name])]
    rows = [row for name in shared for row in _differences(name, one[name], other[name])]
    table = pd.DataFrame(rows, columns=["statistic", "first", "second", "z"])
    worst = _by_holm(table)
    agreement: Agreement = "different" if min(worst["p_holm"], default=1.0) <= FAMILY else "statistically equal"
    return Rerun(agreement, second, worst.head(10))


def _comparable(one: xr.DataArray, other: xr.DataArray) -> bool:
    return one.dims == other.dims and one.shape[2:] == other.shape[2:]


def _differences(name: str, one: xr.DataArray, other: xr.DataArray) -> list[tuple[str, float, float, float]]:
    """Mean and quantiles of every entry of a variable, with z in combined standard errors."""
    from arviz_stats.base.array import array_stats

    found = []
    for number, (a, b) in enumerate(zip(_entries(one), _entries(other), strict=True)):
        label = name if one.ndim == 2 else f"{name}[{number}]"
        found.append((f"mean of {label}", *_apart(a.mean(), b.mean(), array_stats.mcse(a), array_stats.mcse(b))))
        for prob in QUANTILES:
            values = (np.quantile(x, prob) for x in (a, b))
            errors = (array_stats.mcse(x, method="quantile", prob=prob) for x in (a, b))
            found.append((f"{prob:g} quantile of {label}", *_apart(*values, *errors)))
    return found


def _apart(first: Any, second: Any, error: Any, other: Any) -> tuple[float, float, float]:
    """Both values, and their distance in combined standard errors."""
    scale, distance = float(np.hypot(error, other)), float(second - first)
    return float(first), float(second), 0.0 if distance == 0 else distance / scale if scale > 0 else np.inf


def _entries(values: xr.DataArray) -> np.ndarray:
    """Draws of each entry, shape (entry, chain, draw)."""
    array = values.transpose("chain", "draw", ...).to_numpy().astype(float)
    return np.moveaxis(array.reshape(*array.shape[:2], -1), 2, 0)


def _by_holm(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by size of the difference, with p-values that hold for the whole family."""
    from scipy.special import ndtr

    p = 2 * ndtr(-np.abs(table["z"].to_numpy()))
    return table.assign(p_holm=holm(p)).iloc[np.argsort(p, kind="stable")]
