# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The path from an old estimate to a new one, step by step."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forcest.estimates.draws import day_in_words
from forcest.estimates.measures import name_of
from forcest.plots.style import FAINT, INK, count_axis, legend_with_caption, styled

if TYPE_CHECKING:
    import pandas as pd

    from forcest.checks import Comparison

COLOURS = {"time": "#8fa3ad", "model": "#b59a24", "corrections": "#9c2f6f", "claims": "#33558b", "sampling": "#6d6d6d"}
NAMES = {
    "time": "time passed",
    "model": "new model",
    "corrections": "corrections",
    "claims": "new claims",
    "sampling": "another run",
}
WHISKERS = 3
"""Standard errors of the whiskers: those below which a shift is within noise."""
CAPTION = (
    "Each bar leads from the median before a step to the median after it; whiskers are "
    f"± {WHISKERS} Monte Carlo standard errors of the step, and pale bars are within noise."
)
LONGEST = 42
"""Letters of the name of a step on one line."""


def comparison(found: Comparison, measure: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Which steps lead from the old estimate of a measure to the new one.

    Parameters
    ----------
    found : Comparison
        From :func:`forcest.compare`.
    measure : str, optional
        One of ``found.measures``; the one that moved most unless given.
    ax : Axes, optional

    Returns
    -------
    Axes
        A row for each step, between the medians and 90 % intervals of the old and the new estimate; pale bars: a shift below three
        standard errors.

    Raises
    ------
    ForcestError
        If the measure is not compared.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> months = [few.known_by(day) for day in ("2025-01-31", "2025-02-28")]
    >>> old, new = (fc.fit(model.with_step("W"), known, random_seed=1, quick=True) for known in months)
    >>> ax = fc.plots.comparison(fc.compare(old, new, by=None), "killed")
    >>> ax.figure.savefig("comparison.png")
    """
    name = measure or found.measures[0]
    path = found.path(name)
    with styled():
        axes = ax or plt.subplots(figsize=(7.8, 2.3 + 0.34 * (len(path) + 1)))[1]
        for y, row in enumerate(path.iloc[1:].itertuples(), start=1):
            _step(axes, y, row)
        for y, row in ((0, path.iloc[0]), (len(path), path.iloc[-1])):
            axes.errorbar(row["median"], y, xerr=[[row["median"] - row["low"]], [row["high"] - row["median"]]],
                          fmt="o", color=INK, linewidth=1.6, markersize=5)  # fmt: skip
        _labels(axes, found, path)
        marks = "" if found.converged else "[NOT CONVERGED] "
        axes.set_title(f"{marks}{'[QUICK] ' if found.quick else ''}{name_of(name)}: what changed")
        kinds = [kind for kind in COLOURS if kind in set(path["kind"])]
        handles = [Patch(color=COLOURS[kind], label=NAMES[kind]) for kind in kinds]
        handles.append(Line2D([], [], color=INK, marker="o", label="estimate, equal-tailed 90 %"))
        if ax is None:
            legend_with_caption(axes, handles, CAPTION)
        else:
            axes.legend(handles=handles, loc="best")
    return axes


def _step(axes: Axes, y: int, row: object) -> None:
    """A bar from the median before a step to the one after it, and a line on to the next step."""
    colour = COLOURS[row.kind]
    axes.barh(y, row.shift, left=row.median - row.shift, height=0.6, color=colour, alpha=1.0 if row.firm else 0.35)
    axes.errorbar(row.median, y, xerr=WHISKERS * row.shift_mcse, color=INK, linewidth=0.9, capsize=2)
    axes.plot([row.median, row.median], [y, y + 1], color=FAINT, linewidth=0.6, zorder=0.6)


def _labels(axes: Axes, found: Comparison, path: pd.DataFrame) -> None:
    ends = [f"estimate of {day_in_words(day)}" for day in found.dates]
    steps = [f"{row.step} ({row.n_claims})" if row.n_claims else str(row.step) for row in path.iloc[1:].itertuples()]
    labels = [ends[0], *("\n".join(textwrap.wrap(step.replace("$", r"\$"), LONGEST)) for step in steps), ends[1]]
    axes.set_yticks(np.arange(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(False, axis="y")
    count_axis(axes.xaxis)
    axes.set_xlabel("persons\n(n): rows of the ledger that the step adds, changes or removes")
