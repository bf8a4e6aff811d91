# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""Earlier estimates of a measure beside the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from forcest.errors import ForcestError
from forcest.estimates.draws import day_in_words
from forcest.estimates.measures import name_of
from forcest.plots.style import INK, count_axis, legend_with_caption, styled

if TYPE_CHECKING:
    from forcest.checks import Revisions

CAPTION = (
    "For each day the median and the equal-tailed 90 % interval by what was known at each vintage, the earliest at the left. "
    "Crosses: the interval does not hold the median of the last vintage."
)
SPREAD = 0.7
"""Part of the distance between two days over which the vintages are spread."""


def revisions(found: Revisions, measure: str = "killed", *, force: str | None = None, ax: Axes | None = None) -> Axes:
    """How the estimates of a measure changed as more became known: for every day, one interval per vintage.

    Parameters
    ----------
    found : Revisions
        From :func:`forcest.revisions`, or ``revisions`` of a backtest.
    measure : str
    force : str, optional
        Needed where the fits have several forces.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ForcestError
        If no vintage has the measure, or `force` is not one of several.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.revisions(few, ["2024-12-31", "2025-01-31"], quick=True, folder="revisions")
    >>> ax = fc.plots.revisions(found, "deployed")
    >>> ax.figure.savefig("revisions.png")
    """
    table = _chosen(found.estimates, measure, force)
    days, vintages = sorted(table["date"].unique()), sorted(table["origin"].unique())
    last = table.groupby("date")["median"].transform(lambda x: x.loc[table.loc[x.index, "origin"].idxmax()])
    covers = (table["low"] <= last) & (last <= table["high"])
    colours = mpl.colormaps["viridis_r"](np.linspace(0.15, 1.0, len(vintages)))
    with styled():
        axes = ax or plt.subplots(figsize=(7.8, 4.6))[1]
        for k, vintage in enumerate(vintages):
            rows = table[table["origin"] == vintage].sort_values("date")
            x = np.searchsorted(days, rows["date"]) + SPREAD * ((k + 0.5) / len(vintages) - 0.5)
            error = [rows["median"] - rows["low"], rows["high"] - rows["median"]]
            axes.errorbar(x, rows["median"], yerr=error, fmt="o", color=colours[k], markersize=4, linewidth=1.4,
                          label=f"known by {day_in_words(vintage)}")  # fmt: skip
            missed = ~covers.loc[rows.index].to_numpy()
            axes.plot(x[missed], rows["median"][missed], "x", color=INK, markersize=8)
        axes.set_xticks(range(len(days)), [day_in_words(day).replace(" ", "\n").replace("\n", " ", 1) for day in days])
        axes.grid(False, axis="x")
        axes.set_ylim(bottom=0)
        count_axis(axes.yaxis)
        axes.set_ylabel("persons")
        marks = "" if found.converged else "[NOT CONVERGED] "
        axes.set_title(f"{marks}{'[QUICK] ' if found.quick else ''}{name_of(measure)}: earlier estimates and the last")
        handles = axes.get_legend_handles_labels()[0]
        if ax is None:
            legend_with_caption(axes, handles, CAPTION, columns=3)
        else:
            axes.legend(handles=handles, loc="best")
    return axes


def _chosen(estimates: pd.DataFrame, measure: str, force: str | None) -> pd.DataFrame:
    """Estimates of a measure of one force on days up to each vintage."""
    table = estimates[estimates["date"] <= estimates["origin"]]
    if measure not in set(table["measure"]):
        raise ForcestError(f"`measure` must be one of {', '.join(dict.fromkeys(table['measure']))}; got {measure!r}.")
    forces = list(dict.fromkeys(table["force"]))
    if force not in forces and (force is not None or len(forces) > 1):
        raise ForcestError(f"`force` must be one of {', '.join(forces)}; got {force!r}. Name the force to draw.")
    return table.loc[(table["measure"] == measure) & (table["force"] == (force or forces[0])), :].reset_index(drop=True)
