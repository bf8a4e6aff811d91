"""Forecasts of one fit side by side, and the difference of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from forcest.attributes import Attributes, of_one_fit
from forcest.errors import ForcestError
from forcest.estimates.anchors import HEADLINES
from forcest.estimates.draws import days, group, quantiles
from forcest.estimates.measures import MEASURES
from forcest.plots.style import (
    FAINT,
    HEADROOM,
    count_axis,
    date_axis,
    figure_title,
    forecast_handles,
    legend_with_caption,
    marked_title,
    panels,
    select_force,
    shade_days_without_claims,
    styled,
)

CAPTION = "Medians and equal-tailed 90 % intervals. Before a scenario begins, all forecasts are equal to the fit."
COLOURS = ("#33558b", "#d1495b", "#2b7a4b", "#b59a24", "#4b3b8f")


def scenarios(
    forecasts: Mapping[str, xr.DataTree],
    measures: str | Sequence[str] = HEADLINES,
    *,
    force: str | None = None,
    ax: Any = None,
) -> Any:
    """Several forecasts of one fit, one panel per measure: medians and 90 % bands.

    Parameters
    ----------
    forecasts : mapping of str to DataTree
        Forecasts of one fit from :func:`forcest.forecast`, by their name in the legend; at most five.
    measures : str or sequence of str
        The measures to draw [persons].
    force : str, optional
        Name of the force, required if the fit has several.
    ax : Axes or array of Axes, optional
        Where to draw, at least one axes per measure; by default a new figure.

    Returns
    -------
    Axes or ndarray of Axes
        One Axes if `measures` is a string, otherwise an array with one per measure.

    Raises
    ------
    ForcestError
        If there is no forecast or more than five, they are not forecasts of one fit, or a measure is not in them.

    Examples
    --------
    >>> forecasts = {"as it was": fc.forecast(fit), "half the fighting": fc.forecast(fit, scenario=fc.Scenario(hazard=0.5))}
    >>> ax = fc.plots.scenarios(forecasts, "casualties")
    >>> [text.get_text() for text in ax.figure.legends[0].get_texts()]
    ['as it was', 'half the fighting', 'forecast, from 28 Feb 2025']
    """
    if not 1 <= len(forecasts) <= len(COLOURS):
        raise ForcestError(f"`forecasts` must hold 1 to {len(COLOURS)} forecasts; got {len(forecasts)}. Draw fewer at once.")
    trees = list(forecasts.values())
    begins = {Attributes.of(tree).forecast_from for tree in trees}
    if None in begins or len(begins) > 1 or not of_one_fit(*trees):
        raise ForcestError("`forecasts` must all be forecasts of one fit. Make each with fc.forecast(fit, ...).")
    wanted = [measures] if isinstance(measures, str) else list(measures)
    with styled():
        axes = panels(len(wanted), ax)
        for panel, measure in zip(axes, wanted, strict=False):
            _scenarios_of(panel, forecasts, measure, force)
        if ax is None:
            figure_title(axes[0], trees[0], "Forecasts by scenario  [persons]")
            legend_with_caption(
                axes[0], [*_handles(forecasts), *forecast_handles(trees[0])], CAPTION, columns=min(4, 1 + len(axes))
            )
        else:
            axes[0].set_title(marked_title(trees[0], axes[0].get_title(loc="left")))
            axes[0].legend(loc="upper left")
    return axes[0] if isinstance(measures, str) else axes[: len(wanted)]


def _scenarios_of(ax: Axes, forecasts: Mapping[str, xr.DataTree], measure: str, force: str | None) -> None:
    """One measure in every forecast."""
    trees = list(forecasts.values())
    for colour, (name, tree) in zip(COLOURS, forecasts.items(), strict=False):
        _band(ax, group(tree, "posterior"), measure, force, colour, name)
    longest = max((days(group(tree, "posterior")["date"]) for tree in trees), key=len)
    shade_days_without_claims(ax, trees[0], longest)
    date_axis(ax, longest)
    ax.set_ylim(0, HEADROOM * ax.dataLim.y1)
    ax.set_title(MEASURES[measure].label)


def _handles(forecasts: Mapping[str, xr.DataTree]) -> list[Line2D]:
    return [Line2D([], [], color=colour, linewidth=1.6, label=name) for colour, name in zip(COLOURS, forecasts, strict=False)]


def difference(found: xr.Dataset, measure: str, *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """Difference of two forecasts, computed draw by draw: median and 90 % band.

    Parameters
    ----------
    found : Dataset
        From :func:`forcest.difference`.
    measure : str
        The measure to draw [persons].
    force : str, optional
        Name of the force, required if the fit has several.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        The difference by date [persons].

    Raises
    ------
    ForcestError
        If the measure is not in `found`.

    Examples
    --------
    >>> usual, calm = fc.forecast(fit), fc.forecast(fit, scenario=fc.Scenario(hazard=0.5))
    >>> ax = fc.plots.difference(fc.difference(usual, calm), "casualties")
    >>> ax.figure.savefig("difference.png")
    """
    with styled():
        ax = plt.subplots(figsize=(7.4, 4.4))[1] if ax is None else ax
        _band(ax, found, measure, force, COLOURS[0], "first minus second: median and equal-tailed 90 % interval")
        ax.axhline(0, color=FAINT, linewidth=0.9)
        date_axis(ax, days(found["date"]))
        ax.set_title(marked_title(found, f"{MEASURES[measure].label}: difference of two forecasts  [persons]"))
        ax.legend(loc="best")
    return ax


def _band(ax: Axes, curves: xr.Dataset, measure: str, force: str | None, colour: str, label: str) -> None:
    known = [name for name in MEASURES if name in curves]
    if measure not in known:
        raise ForcestError(f"`measure` must be among {', '.join(known)}; got {measure!r}.")
    curve = select_force(curves[measure], force)
    dates = days(curve["date"])
    low, median, high = quantiles(curve, (0.05, 0.5, 0.95))
    ax.fill_between(dates, low, high, color=colour, alpha=0.10, linewidth=0)
    ax.plot(dates, median, color=colour, linewidth=1.6, label=label)
    for edge in (low, high):  # overlapping bands mix into grey; their edges remain visible
        ax.plot(dates, edge, color=colour, alpha=0.8, linewidth=0.7)
    count_axis(ax.yaxis)
