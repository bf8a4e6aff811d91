"""Draws of a fit: one measure on one date, intervals, and valid dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError

SAMPLE_DIMS = ("chain", "draw")
DateLike = str | datetime.date | np.datetime64


def group(fit: xr.DataTree, name: str) -> xr.Dataset:
    """One group of a fit as a Dataset; without variables where the fit lacks it."""
    return cast(xr.DataTree, fit[name]).to_dataset() if name in fit.children else xr.Dataset()


def needs_reporting(fit: xr.DataTree, what: str) -> None:
    """Refuse the fit of a model that predicts no single claims.

    Raises
    ------
    ForcestError
        With what can be read instead.
    """
    if not Attributes.of(fit).predicts_claims:
        raise ForcestError(
            f"{what} must be of a fit of a ForceModel or LossModel, which predicts every claim; this one is of the published model "
            "(Radford2023). Read forcest.summary(fit) and fit['posterior'], or fit a LossModel to ledger.filter(item='')."
        )


def days(values: xr.DataArray) -> np.ndarray:
    """Dates as datetime64 days, shape (date,)."""
    return values.values.astype("datetime64[D]")


def day_in_words(date: DateLike) -> str:
    """A day such as 31 January 2025."""
    day = pd.Timestamp(date)
    return f"{day.day} {day:%B %Y}"


def with_days_in_words(text: str) -> str:
    """A text or label whose ISO dates, also of windows such as ``2025-01-10/2025-01-31``, are days in words."""
    spans = re.sub(r"\b(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)\b", lambda m: m[1] if m[1] == m[2] else f"{m[1]} to {m[2]}", text)
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda m: day_in_words(m[0]), spans)


def last_claim_date(fit: xr.DataTree) -> np.datetime64:
    """The latest as-of date among the fitted claims, clipped to the dates of the curves."""
    grid, claimed = days(group(fit, "posterior")["date"]), days(group(fit, "constant_data")["as_of"])
    return np.clip(claimed.max(), grid[0], grid[-1])


def claimed_of(fit: xr.DataTree) -> list[tuple[str, str]]:
    """Force and measure of every fitted claim; a fit of one force need not store it claim by claim.

    Claims on anything but the force's people have the item before the measure.
    """
    data = group(fit, "constant_data")
    measures = data["measure"].values.astype(str)
    one = str(group(fit, "posterior")["force"].values[0])
    forces = data["force"].values.astype(str) if "force" in data else np.full(len(measures), one)
    items = data["item"].values.astype(str) if "item" in data else np.full(len(measures), "")
    counted = [f"{item} {measure}".strip() for item, measure in zip(items, measures, strict=True)]
    return [(str(force), measure) for force, measure in zip(forces, counted, strict=True)]


def as_dates(fit: xr.DataTree, at: DateLike | Sequence[DateLike] | None) -> list[np.datetime64]:
    """Dates, checked to lie on the curves.

    Parameters
    ----------
    fit : DataTree
        A fit.
    at : date, sequence of dates, or None
        Dates as ISO text or anything pandas reads; None is the last day with a fitted claim.

    Returns
    -------
    list of datetime64[D]

    Raises
    ------
    ForcestError
        A date that cannot be read, or lies outside the curves.
    """
    if at is None:
        return [last_claim_date(fit)]
    wanted = [at] if isinstance(at, DateLike) else list(at)
    try:
        dates = [pd.Timestamp(d).to_numpy().astype("datetime64[D]") for d in wanted]
    except (ValueError, TypeError) as problem:
        raise ForcestError(f"`at` must be dates such as 2025-02-26; got {at!r}. Write them as YYYY-MM-DD.") from problem
    grid = days(group(fit, "posterior")["date"])
    outside = [str(d) for d in dates if np.isnat(d) or not grid[0] <= d <= grid[-1]]
    if outside or not dates:
        raise ForcestError(
            f"`at` must lie within the curves, {grid[0]} to {grid[-1]}; got {', '.join(outside) or 'no date'}. "
            "Ask for a date inside, or build the model with a later `end`."
        )
    return dates


def on_date(values: xr.DataArray, date: np.datetime64) -> xr.DataArray:
    """A curve at the end of a date; between two dates of a coarser grid it is read by linear interpolation.

    Parameters
    ----------
    values : DataArray, dims (..., date)
        A curve; returned as it is when it has no date.
    date : datetime64
        Within the curve's dates.

    Returns
    -------
    DataArray, dims (...)
    """
    if "date" not in values.dims:
        return values
    grid = days(values["date"])
    after = int(np.searchsorted(grid, date))
    if grid[after] == date:
        return values.isel(date=after, drop=True)
    share = float((date - grid[after - 1]) / (grid[after] - grid[after - 1]))
    return (1 - share) * values.isel(date=after - 1, drop=True) + share * values.isel(date=after, drop=True)


def is_modelled(values: xr.DataArray) -> bool:
    """Whether a curve of one force is part of the model: kinds of loss that no claim counts of the force are stored as NaN."""
    return bool(np.isfinite(values.isel(chain=0, draw=0)).any())


def interval_probs(ci_prob: float) -> tuple[float, float]:
    """Lower and upper quantile of the equal-tailed interval that holds ``ci_prob``."""
    if not 0 < ci_prob < 1:
        raise ForcestError(f"`ci_prob` must lie between 0 and 1; got {ci_prob!r}. Write 0.9 for a 90 % interval.")
    return (1 - ci_prob) / 2, (1 + ci_prob) / 2


def interval_name(ci_prob: float) -> str:
    """How an interval is called everywhere: ``equal-tailed 90 %``."""
    return f"equal-tailed {100 * ci_prob:.4g} %"


def pooled(values: xr.DataArray) -> np.ndarray:
    """Draws of all chains, one chain after the other.

    Parameters
    ----------
    values : DataArray, dims (chain, draw, ...)

    Returns
    -------
    ndarray of float, shape (draw, ...)
    """
    array = values.transpose(*SAMPLE_DIMS, ...).to_numpy().astype(np.float64)
    return array.reshape(-1, *array.shape[2:])


def quantiles(values: xr.DataArray, probs: Sequence[float]) -> np.ndarray:
    """Quantiles over chains and draws, quantile first.

    Parameters
    ----------
    values : DataArray, dims (chain, draw, ...)
        Draws.
    probs : sequence of float
        Probabilities.

    Returns
    -------
    ndarray, shape (prob, ...)
    """
    return np.quantile(pooled(values), probs, axis=0)
