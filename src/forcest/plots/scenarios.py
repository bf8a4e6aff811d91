"""Forecasts of one fit side by side, and the difference of two."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes

from forcest.errors import ForcestError
from forcest.estimates.draws import days, group, quantiles
from forcest.estimates.measures import MEASURES
from forcest.plots.style import FAINT, count_axis, date_axis, forecast_ground, one_force, styled, titled

COLOURS = ("#33558b", "#d1495b", "#2b7a4b", "#b59a24", "#4b3b8f")


def scenarios(forecasts: Mapping[str, xr.DataTree], measure: str, *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """Several forecasts of one fit in one panel: medians, with 90 % bands.

    Parameters
    ----------
    forecasts : mapping of str to DataTree
        Forecasts of one fit from :func:`forcest.forecast`, by the name to stand in the legend; at most five.
    measure : str
        The measure to draw [persons].
    force : str, optional
        Name of the force, needed only where the fit has several.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Axes
        The panel.

    Raises
    ------
    ForcestError
        No forecast or more than five, trees that are not forecasts of one fit, or a measure that they lack.

    Examples
    --------
    >>> forecasts = {"as it was": fc.forecast(fit), "half the fighting": fc.forecast(fit, scenario=fc.Scenario(hazard=0.5))}
    >>> ax = fc.plots.scenarios(forecasts, "casualties")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['as it was', 'half the fighting']
    """
    if not 1 <= len(forecasts) <= len(COLOURS):
        raise ForcestError(f"`forecasts` must hold 1 to {len(COLOURS)} forecasts; got {len(forecasts)}. Draw fewer at once.")
    trees = list(forecasts.values())
    origins = {tuple(tree.attrs.get(name) for name in ("ledger_hash", "random_seed", "forecast_from")) for tree in trees}
    if len(origins) > 1 or "forecast_from" not in trees[0].attrs:
        raise ForcestError("`forecasts` must all be forecasts of one fit. Make each with fc.forecast(fit, ...).")
    with styled():
        ax = plt.subplots(figsize=(7.4, 4.4))[1] if ax is None else ax
        for colour, (name, tree) in zip(COLOURS, forecasts.items(), strict=False):
            _band(ax, group(tree, "posterior"), measure, force, colour, name)
        longest = max((days(group(tree, "posterior")["date"]) for tree in trees), key=len)
        forecast_ground(ax, trees[0], longest)
        date_axis(ax, longest)
        ax.set_ylim(bottom=0)
        ax.set_title(titled(trees[0], f"{MEASURES[measure].label}: medians and equal-tailed 90 % intervals  [persons]"))
        ax.legend(loc="upper left")
    return ax


def difference(found: xr.Dataset, measure: str, *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """How much two forecasts differ, draw by draw: median, with a 90 % band around it.

    Parameters
    ----------
    found : Dataset
        From :func:`forcest.difference`.
    measure : str
        The measure to draw [persons].
    force : str, optional
        Name of the force, needed only where the fit has several.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Axes
        The panel; zero where the two do not differ.

    Raises
    ------
    ForcestError
        A measure that the difference lacks.

    Examples
    --------
    >>> usual, calm = fc.forecast(fit), fc.forecast(fit, scenario=fc.Scenario(hazard=0.5))
    >>> ax = fc.plots.difference(fc.difference(usual, calm), "casualties")
    >>> ax.figure.savefig("difference.png")
    """
    with styled():
        ax = plt.subplots(figsize=(7.4, 4.4))[1] if ax is None else ax
        _band(ax, found, measure, force, COLOURS[0], "first less second, draw by draw")
        ax.axhline(0, color=FAINT, linewidth=0.9)
        date_axis(ax, days(found["date"]))
        ax.set_title(titled(found, f"{MEASURES[measure].label}: difference, equal-tailed 90 % interval  [persons]"))
        ax.legend(loc="best")
    return ax


def _band(ax: Axes, curves: xr.Dataset, measure: str, force: str | None, colour: str, label: str) -> None:
    known = [name for name in MEASURES if name in curves]
    if measure not in known:
        raise ForcestError(f"`measure` must be among {', '.join(known)}; got {measure!r}.")
    curve = one_force(curves[measure], force)
    dates = days(curve["date"])
    low, median, high = quantiles(curve, (0.05, 0.5, 0.95))
    ax.fill_between(dates, low, high, color=colour, alpha=0.18, linewidth=0)
    ax.plot(dates, median, color=colour, linewidth=1.6, label=label)
    count_axis(ax.yaxis)
