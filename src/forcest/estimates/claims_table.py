"""Claim by claim: what was claimed, what the fit expects the source to claim, and how far apart they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ForcestError
from forcest.estimates.draws import group as group_of
from forcest.estimates.draws import needs_reporting, pooled, quantiles

NORMAL_95 = 1.6448536269514722  # standard normal quantile at 0.95
TEXT = ("force", "source", "stance", "measure", "scope", "qualifier", "form", "wave", "coverage", "since")
DATES = ("as_of", "published", "window_start", "window_end")


def claims_table(fit: xr.DataTree, group: str = "posterior_predictive") -> pd.DataFrame:
    """Each fitted claim beside what the model expects its source to claim.

    Parameters
    ----------
    fit : DataTree
        A fit.
    group : {"posterior_predictive", "prior_predictive"}, default "posterior_predictive"
        Which predictions to set beside the claims.

    Returns
    -------
    DataFrame
        One row per fitted claim, in the order of the ledger: `id, force, source, stance, measure, scope, form, qualifier, as_of,
        published, window_start, window_end, wave, coverage, since`; `claimed` (in words), `value` [persons] and `claim_low,
        claim_high` [persons], the interval of counts that wording and rounding leave open (not the `low` and `high` of the
        ledger); `median, low_50, high_50, low_90, high_90` [persons], equal-tailed predictive intervals of claims this source
        might have made instead; `z` and `pit`.

    Raises
    ------
    ForcestError
        If the fit has no such predictions (a forecast has none).

    Notes
    -----
    A running total that is read as what it adds to the one before has that one's id in `since`, and the growth in `value`.

    `z` is the distance from the predictive median to the nearest edge of the claim's interval, on the log1p scale, in
    standard deviations read off the 90 % interval on the side of the claim; 0 when the median lies inside. Beyond
    about 2.5 the claim is hard to reconcile with the model. `pit` is the share of predictive draws below the claim's interval
    plus half of those inside it: near 0, the claim is lower than expected, near 1, higher.

    Examples
    --------
    >>> table = fc.claims_table(fit).set_index("id")
    >>> table.loc["nk003", ["source", "measure", "claimed"]].tolist()
    ['HUR', 'in_training', 'about 11,000']
    >>> hard_to_believe = table[table["z"].abs() > 2.5]
    """
    table = claims_as_made(fit)
    if group not in fit.children:
        raise ForcestError(f"`fit` must hold the group {group!r}; a forecast has none. Pass the fit that it was made from.")
    replicated = group_of(fit, group)["replicated"]
    table[["low_90", "low_50", "median", "high_50", "high_90"]] = quantiles(replicated, (0.05, 0.25, 0.5, 0.75, 0.95)).T
    table["z"] = _distance(table)
    table["pit"] = _pit(replicated, table["claim_low"].to_numpy(), table["claim_high"].to_numpy())
    return table


def claims_as_made(fit: xr.DataTree) -> pd.DataFrame:
    """The claims alone, without predictions: the columns of :func:`claims_table` up to `claimed`.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.

    Returns
    -------
    DataFrame
        One row per fitted claim.
    """
    needs_reporting(fit, "a table of claims")
    observed, constant = group_of(fit, "observed_data"), group_of(fit, "constant_data")
    table = pd.DataFrame({"id": constant["claim"].values.astype(str)})
    for name in (n for n in (*TEXT, *DATES) if n in constant):
        values = constant[name].values
        table[name] = pd.to_datetime(values) if name in DATES else values.astype(str)
    for name, column in {"value": "value", "low": "claim_low", "high": "claim_high"}.items():
        table[column] = observed[name].values.astype(float)
    spans = zip(table["qualifier"], table["value"], table["claim_low"], table["claim_high"], strict=True)
    table["claimed"] = [in_words(*span) for span in spans]
    if "since" in table:
        table["claimed"] += [f" more than in {before}" if before else "" for before in table["since"]]
    return table


def in_words(qualifier: str, value: float, low: float, high: float) -> str:
    """A claim as its source put it: ``about 11,000``, ``more than 3,000``, ``11,000 to 12,000``."""
    if qualifier == "none_seen":
        return f"none seen (could hide {_number(high)})"
    if qualifier in ("dozens", "several_hundred", "several_thousand"):
        return qualifier.replace("_", " ")
    if qualifier in ("range", "derived") or np.isnan(value):
        return f"{_number(low)} to {_number(high)}" if np.isfinite(high) else f"at least {_number(low)}"
    word = "" if qualifier == "exact" else qualifier.replace("_", " ")
    return f"{word} {_number(value)}".strip()


def _number(x: float) -> str:
    return f"{x:z,.0f}" if abs(x) >= 20 or float(x).is_integer() else f"{x:.3g}"


def _distance(table: pd.DataFrame) -> np.ndarray:
    low, high = np.log1p(table["claim_low"].to_numpy()), np.log1p(table["claim_high"].to_numpy())
    median = np.log1p(table["median"].to_numpy())
    up = (np.log1p(table["high_90"].to_numpy()) - median) / NORMAL_95
    down = (median - np.log1p(table["low_90"].to_numpy())) / NORMAL_95
    gap = np.where(median < low, low - median, np.where(median > high, high - median, 0.0))
    spread = np.where(gap > 0, up, down)
    unbelievable = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    return np.divide(gap, spread, out=unbelievable, where=spread > 0)


def _pit(replicated: xr.DataArray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    draws = pooled(replicated)
    below = (draws < low).mean(axis=0)
    inside = ((draws >= low) & (draws <= high)).mean(axis=0)
    return below + inside / 2
