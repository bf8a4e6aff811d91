"""Influence of each source, origin or claim on the headline numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from forcest.errors import ForcestError
from forcest.plots.style import FAINT, INK, MEASURE_COLOURS, styled

PARTS = ("source", "origin", "claim")
NO_ESTIMATE: dict[str, Any] = {"marker": "x", "color": FAINT}
SPREAD = 0.6
"""Part of the height of a row over which the measures are spread."""


def influence(table: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Shift of each headline number when a source (origin, claim) is left out, with the most influential one on top.

    Parameters
    ----------
    table : DataFrame
        From :func:`forcest.influence`.
    most : int
        Maximum number of rows.
    ax : Axes, optional

    Returns
    -------
    Axes
        Shifts in posterior standard deviations; hollow marks: refit not converged; crosses: no reliable estimate.

    Examples
    --------
    >>> table = fc.influence(fit, refit=False)
    >>> ax = fc.plots.influence(table, most=8)
    >>> ax.figure.savefig("influence.png")
    """
    by = next((name for name in PARTS if name in table), None)
    if by is None:
        raise ForcestError(f"`table` must be the result of fc.influence; got columns {', '.join(map(str, table))}.")
    parts = list(dict.fromkeys(table[by]))[:most]
    measures = list(dict.fromkeys(table["measure"]))
    shown = table.loc[table[by].isin(parts), :]
    with styled():
        axes = ax or plt.subplots(figsize=(8.2, 1.6 + 0.36 * len(parts)))[1]
        for k, measure in enumerate(measures):
            rows = shown[shown["measure"] == measure]
            y = np.array([parts.index(part) for part in rows[by]]) + SPREAD * (k / max(1, len(measures) - 1) - 0.5)
            converged = np.asarray(rows["converged"], dtype=bool)
            axes.hlines(y, 0, rows["shift_sd"], color=_colour(measure), linewidth=1.0)
            axes.scatter(rows["shift_sd"], y, s=26, zorder=3, color=_colour(measure),
                         facecolors=[_colour(measure) if ok else "white" for ok in converged])  # fmt: skip
        unknown = [parts.index(part) for part in dict.fromkeys(shown.loc[shown["shift_sd"].isna(), by])]
        axes.scatter(np.zeros(len(unknown)), unknown, **NO_ESTIMATE)
        counts = table.drop_duplicates(by).set_index(by)["n_claims"]
        axes.set_yticks(range(len(parts)), [f"{part} ({counts[part]})" for part in parts])
        axes.set_ylim(len(parts) - 0.5, -0.5)
        axes.axvline(0, color=INK, linewidth=1.0, zorder=0.5)
        axes.grid(False, axis="y")
        axes.set_xlabel(f"Shift of the posterior median without the {by} [posterior sd]\n(n): number of fitted claims")
        axes.set_title(f"Influence of each {by} on the headline numbers")
        axes.legend(handles=_handles(shown, measures), loc="best")
    return axes


def _colour(measure: str) -> str:
    return MEASURE_COLOURS.get(measure.split(": ")[-1], INK)


def _handles(shown: pd.DataFrame, measures: Sequence[str]) -> list[Line2D]:
    mark: dict[str, Any] = {"marker": "o", "markersize": 5, "linestyle": "none"}
    handles = [Line2D([], [], color=_colour(m), label=m.replace("_", " "), **mark) for m in measures]
    if not np.asarray(shown["converged"], dtype=bool).all():
        handles.append(Line2D([], [], color=INK, markerfacecolor="white", label="refit not converged", **mark))
    if np.isnan(shown["shift_sd"].to_numpy(float)).any():
        handles.append(Line2D([], [], label="no reliable estimate", linestyle="none", **NO_ESTIMATE))
    return handles
