"""Deployed persons by state over time; each is in exactly one state."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forcest.attributes import Attributes
from forcest.estimates.draws import day_in_words, days, group, last_claim_date, needs_reporting, quantiles
from forcest.ledger.measures import ADMITTED_KINDS, KINDS
from forcest.plots.style import (
    FAINT,
    HEADROOM,
    INK,
    MEASURE_COLOURS,
    count_axis,
    date_axis,
    drawn_until,
    figure_title,
    legend_with_caption,
    marked_title,
    persons,
    select_force,
    shade_days_without_claims,
    styled,
)

# From bottom to top: able to fight, able to return, lost. A kind of casualty that ends in no other state is a state itself.
LOST = ("captured", "missing", "killed")
STATES = (
    ("At the front", ("at_front",), "at_front"),
    ("In training", ("in_training",), "in_training"),
    ("In the rear", ("rear",), "rear"),
    ("In hospital", ("in_hospital",), "in_hospital"),
    ("Withdrawn home", ("withdrawn_home",), "withdrawn_home"),
    *((kind.capitalize(), (kind,), kind) for kind in KINDS if kind not in (*LOST, *ADMITTED_KINDS)),
    ("Captured or missing", ("captured", "missing"), "missing"),
    ("Killed", ("killed",), "killed"),
)
State = tuple[str, tuple[str, ...], str]
"""Name, curves that add up to it, and the measure whose colour it has."""

CAPTION = (
    "Stacked posterior means: unlike medians, the means of the states add up to the mean number deployed. "
    "Each deployed person is in one state.\n"
    "Labels on the right: posterior means on {last}, the {which}, for states with at least 0.5 % of the deployed. "
    "Withdrawn home includes wounded and sick who did not return."
)


def flow(fit: xr.DataTree, *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """Deployed persons by state over time, as stacked posterior means.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.
    force : str, optional
        Name of the force, required if the fit has several.
    ax : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
        Persons by date. Dashed lines: equal-tailed 90 % interval of the number deployed. The states are stacked as means,
        which, unlike medians, add up.

    Examples
    --------
    >>> ax = fc.plots.flow(fit)
    >>> ax.get_ylabel()
    'persons'
    >>> ax.figure.savefig("flow.png")
    """
    needs_reporting(fit, "a figure of states")
    dates = drawn_until(fit, days(group(fit, "posterior")["date"]))
    posterior = group(fit, "posterior").isel(date=slice(len(dates)))
    states = [state for state in STATES if set(state[1]) <= set(posterior.data_vars)]
    parts = np.array([np.sum([_mean(posterior, name, force) for name in names], axis=0) for _, names, _ in states])
    low, high = quantiles(select_force(posterior["deployed"], force), (0.05, 0.95))
    colours = [MEASURE_COLOURS[c] for *_, c in states]
    with styled():
        own = ax is None
        axes = plt.subplots(figsize=(9.5, 5.4))[1] if ax is None else ax
        axes.stackplot(dates, parts, colors=colours, alpha=0.85, linewidth=0.4, edgecolor="white")
        for edge in (low, high):
            axes.plot(dates, edge, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
        shade_days_without_claims(axes, fit, dates)
        axes.axvline(last_claim_date(fit).astype(float), color=FAINT, linewidth=0.9, linestyle=(0, (1, 1.5)))
        axes.set_ylim(0, HEADROOM * high.max())
        date_axis(axes, dates)
        count_axis(axes.yaxis)
        shown = dates[-1] if Attributes.of(fit).forecast_from else last_claim_date(fit)
        means = np.array([np.interp(shown.astype(float), dates.astype(float), part) for part in parts])
        _label_states(axes, states, parts[:, -1], means)
        if own:
            axes.set_ylabel("persons")
            figure_title(axes, fit, "Deployed persons by state")
            which = "last day drawn" if shown == dates[-1] else "day of the last claim"
            legend_with_caption(axes, _handles(states), CAPTION.format(last=day_in_words(shown), which=which))
        else:
            axes.set_title(marked_title(fit, "Deployed persons by state"))
    return axes


def _mean(posterior: xr.Dataset, name: str, force: str | None) -> np.ndarray:
    return select_force(posterior[name], force).mean(("chain", "draw")).to_numpy()


def _handles(states: list[State]) -> list:
    stack = [Patch(color=MEASURE_COLOURS[c], alpha=0.85, linewidth=0, label=name) for name, _, c in states]
    lines = [
        Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (4, 2)), label="deployed, equal-tailed 90 % interval"),
        Line2D([], [], color=FAINT, linewidth=0.9, linestyle=(0, (1, 1.5)), label="last claim"),
    ]
    return stack + lines


def _label_states(ax: Axes, states: list[State], sizes: np.ndarray, means: np.ndarray) -> None:
    """Name of each state and its mean on the labelled day, to the right of its layer; moved apart if layers are thin."""
    room = 0.045 * ax.get_ylim()[1]
    at = np.cumsum(sizes) - sizes / 2
    named = np.flatnonzero(means >= 0.005 * means.sum())
    for before, i in pairwise(named):
        at[i] = max(at[i], at[before] + room)
    for i in named:
        (name, _, measure), y, mean = states[i], at[i], means[i]
        ax.annotate(
            f"{name} {persons(mean)}",
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=MEASURE_COLOURS[measure],
            weight="bold",
            annotation_clip=False,
        )
