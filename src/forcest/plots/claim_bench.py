# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportCallIssue=false
# pandas types a subset of what it accepts.
"""Intervals of a bench against what was established later, one row per outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from forcest.errors import ForcestError
from forcest.plots.style import LATER, SHADE, count_axis, legend_with_caption, styled

if TYPE_CHECKING:
    from forcest.checks import ClaimBench

COLOURS = ("#9c2f6f", "#2b7a4b", "#b59a24", "#6d6d6d")
OWN = "#33558b"
SPREAD = 0.72
"""Part of the height of a row over which the models are spread."""
LEAST = 0.5
"""What counts as nobody on a log axis."""
CAPTION = "Equal-tailed 90 % intervals and medians. Hollow median: the fit did not converge. A row without a line: not estimated."


def claim_bench(found: ClaimBench, *, vintage: str | None = None, ax: Axes | None = None) -> Axes:
    """Intervals of the model and of the baselines against what was established later, on a log axis.

    Parameters
    ----------
    found : ClaimBench
        From :func:`forcest.claim_bench`.
    vintage : str, optional
        One of ``found.vintages``; the latest unless given.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per outcome, grouped by war; the established range is a red bar.

    Examples
    --------
    >>> found = fc.claim_bench(wars=["kosovo_1999"], known_by=["all"], quick=True, folder="bench")
    >>> ax = fc.plots.claim_bench(found)
    >>> ax.figure.savefig("bench.png")
    """
    chosen = found.vintages[0] if vintage is None else vintage
    if chosen not in found.vintages:
        raise ForcestError(f"`vintage` must be one of {', '.join(found.vintages)}; got {chosen!r}.")
    rows = found.rows[found.rows["vintage"] == chosen]
    outcomes = rows.drop_duplicates(["war", "force", "measure", "date"])
    models = [found.model, *rows.loc[rows["baseline"], "model"].drop_duplicates()]
    colours = dict(zip(models, [OWN, *(COLOURS[i % len(COLOURS)] for i in range(len(models)))], strict=False))
    with styled():
        axes = ax or plt.subplots(figsize=(9.4, 2.1 + 0.62 * len(outcomes) + 0.3 * outcomes["war"].nunique()))[1]
        places = _frame(axes, outcomes, found)
        for k, (name, colour) in enumerate(colours.items()):
            lift = SPREAD * (k / max(1, len(models) - 1) - 0.5)
            for row in rows[(rows["model"] == name) & rows["estimated"]].itertuples():
                _interval(axes, row, places[row.war, row.force, row.measure, row.date] + lift, colour, own=name == found.model)
        axes.set_xlabel("persons, log scale")
        mark = "[QUICK] " if found.quick else ""
        axes.set_title(f"{mark}Estimates of past wars against what was established later ({found.claims_of(chosen)})", pad=10)
        handles = _handles(colours, found.model)
        if ax is None:
            legend_with_caption(axes, handles, CAPTION, columns=3)
        else:
            axes.legend(handles=handles, loc="best")
    return axes


def _frame(axes: Axes, outcomes: pd.DataFrame, found: ClaimBench) -> dict[tuple, float]:
    """Names, shading and truth of every row; the place of each outcome."""
    places, ticks, y = {}, {}, -1.0
    for war, part in outcomes.groupby("war", sort=False):
        y += 1.25
        axes.annotate(found.title_of(str(war)), (0, y - 0.55), xycoords=("axes fraction", "data"), xytext=(4, 0), fontsize=8.5,
                      textcoords="offset points", weight="bold", va="center", annotation_clip=False)  # fmt: skip
        y -= 0.1
        for i, row in enumerate(part.itertuples()):
            y += 0.3 if i == 0 else 1.0
            places[row.war, row.force, row.measure, row.date] = y
            ticks[y] = f"{row.force}\n{row.measure}, {row.date.day} {row.date:%b %Y}"
            axes.axhspan(y - 0.47, y + 0.47, color=SHADE, alpha=0.55, linewidth=0, zorder=0)
            truth = np.maximum([row.truth_low / 1.012, row.truth_high * 1.012], LEAST)  # a single number is a thin bar
            axes.fill_betweenx([y - 0.47, y + 0.47], *truth, color=LATER, alpha=0.85, linewidth=0, zorder=1.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=12))
    axes.xaxis.set_minor_formatter(NullFormatter())
    count_axis(axes.xaxis)
    axes.set_yticks(list(ticks), list(ticks.values()), fontsize=7.5)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(y + 0.6, -0.55)
    axes.grid(False, axis="y")
    return places


def _marks(colour: str, *, own: bool) -> dict[str, Any]:
    """How the intervals of a model are drawn."""
    return {"color": colour, "marker": "o", "markersize": 5.2 if own else 3.2, "linewidth": 2.6 if own else 1.3}


def _interval(axes: Axes, row: Any, y: float, colour: str, *, own: bool) -> None:
    marks = _marks(colour, own=own)
    ends = np.maximum([row.low_90, row.high_90], LEAST)
    axes.plot(ends, [y, y], **marks | {"marker": ""}, solid_capstyle="butt", zorder=2)
    face = colour if row.converged else "white"
    axes.plot([max(row.median, LEAST)], [y], **marks, markerfacecolor=face, zorder=3)


def _handles(colours: dict[str, str], own: str) -> list[Line2D]:
    lines = [Line2D([], [], **_marks(colour, own=name == own), label=name) for name, colour in colours.items()]
    return [*lines, Line2D([], [], color=LATER, linewidth=5, alpha=0.85, label="established later")]
