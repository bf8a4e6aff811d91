"""Where the people are: every deployed person in exactly one state, over time."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forcest.attributes import Attributes
from forcest.estimates.draws import days, group, last_claim_date, needs_reporting, quantiles
from forcest.plots.style import (
    FAINT,
    INK,
    MEASURE_COLOURS,
    count_axis,
    date_axis,
    ground_without_claims,
    headline,
    key,
    one_force,
    persons,
    styled,
    titled,
)

# Bottom to top: who can fight, who may again, who cannot any more.
STATES = (
    ("At the front", ("at_front",), "at_front"),
    ("In training", ("in_training",), "in_training"),
    ("In the rear", ("rear",), "rear"),
    ("In hospital", ("in_hospital",), "in_hospital"),
    ("Withdrawn home", ("withdrawn_home",), "withdrawn_home"),
    ("Captured or missing", ("captured", "missing"), "missing"),
    ("Killed", ("killed",), "killed"),
)
CAPTION = (
    "Stacked posterior means: means of the states add up to the mean number deployed, medians would not. "
    "Each deployed person is in one state.\n"
    "At the right: names of the layers, with means on {last}, the {which}, of states with at least 0.5 % of the deployed. "
    "Withdrawn home includes the wounded who left for good."
)


def flow(fit: xr.DataTree, *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """Where the deployed are over time, as a stack of posterior means.

    Parameters
    ----------
    fit : DataTree
        A fit.
    force : str, optional
        Name of the force, needed only where the fit has several.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Axes
        Persons by date. The stack is made of means because means of parts add up to the mean of the whole; the equal-tailed
        90 % interval of the whole is drawn as two dashed lines.

    Examples
    --------
    >>> ax = fc.plots.flow(fit)
    >>> ax.get_ylabel()
    'persons'
    >>> ax.figure.savefig("flow.png")
    """
    needs_reporting(fit, "a figure of strengths")
    posterior = group(fit, "posterior")
    dates = days(posterior["date"])
    parts = np.array([np.sum([_mean(posterior, name, force) for name in names], axis=0) for _, names, _ in STATES])
    low, high = quantiles(one_force(posterior["deployed"], force), (0.05, 0.95))
    colours = [MEASURE_COLOURS[c] for *_, c in STATES]
    with styled():
        own = ax is None
        axes = plt.subplots(figsize=(9.5, 5.4))[1] if ax is None else ax
        axes.stackplot(dates, parts, colors=colours, alpha=0.85, linewidth=0.4, edgecolor="white")
        for edge in (low, high):
            axes.plot(dates, edge, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
        ground_without_claims(axes, fit, dates)
        axes.axvline(last_claim_date(fit).astype(float), color=FAINT, linewidth=0.9, linestyle=(0, (1, 1.5)))
        axes.set_ylim(0, 1.05 * high.max())
        date_axis(axes, dates)
        count_axis(axes.yaxis)
        shown = dates[-1] if Attributes.of(fit).forecast_from else last_claim_date(fit)
        means = np.array([np.interp(shown.astype(float), dates.astype(float), part) for part in parts])
        _label_states(axes, parts[:, -1], means, colours)
        if own:
            axes.set_ylabel("persons")
            headline(axes, fit, "Where the deployed are")
            which = "last date drawn" if shown == dates[-1] else "day of the last claim"
            day = pd.Timestamp(shown)
            key(axes, _handles(colours), CAPTION.format(last=f"{day.day} {day:%B %Y}", which=which))
        else:
            axes.set_title(titled(fit, "Where the deployed are"))
    return axes


def _mean(posterior: xr.Dataset, name: str, force: str | None) -> np.ndarray:
    return one_force(posterior[name], force).mean(("chain", "draw")).to_numpy()


def _handles(colours: list[str]) -> list:
    stack = [Patch(color=c, alpha=0.85, linewidth=0, label=name) for (name, *_), c in zip(STATES, colours, strict=True)]
    lines = [
        Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (4, 2)), label="deployed, equal-tailed 90 % interval"),
        Line2D([], [], color=FAINT, linewidth=0.9, linestyle=(0, (1, 1.5)), label="last claim"),
    ]
    return stack + lines


def _label_states(ax: Axes, sizes: np.ndarray, means: np.ndarray, colours: list[str]) -> None:
    """Name of each state beside its layer at the right edge, pushed apart where layers are thin, with its mean on the day shown."""
    room = 0.045 * ax.get_ylim()[1]
    at = np.cumsum(sizes) - sizes / 2
    named = np.flatnonzero(means >= 0.005 * means.sum())
    for before, i in pairwise(named):
        at[i] = max(at[i], at[before] + room)
    for i in named:
        (name, *_), y, mean, colour = STATES[i], at[i], means[i], colours[i]
        ax.annotate(
            f"{name} {persons(mean)}",
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=colour,
            weight="bold",
            annotation_clip=False,
        )
