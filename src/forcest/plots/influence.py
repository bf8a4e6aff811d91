"""Which source, origin or claim carries the answer."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from forcest.errors import ForcestError
from forcest.plots.style import INK, MEASURE_COLOURS, styled

PARTS = ("source", "origin", "claim")
SPREAD = 0.6
"""Share of a row's height over which the measures are spread."""


def influence(table: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """How far each headline number moves when a source (origin, claim) is left out, the most influential on top.

    Parameters
    ----------
    table : DataFrame
        From :func:`forcest.influence`.
    most : int
        Rows at most.
    ax : Axes, optional

    Returns
    -------
    Axes
        Shifts in posterior standard deviations; hollow marks are refits that did not converge.

    Examples
    --------
    >>> table = fc.influence(fit, refit=False)
    >>> ax = fc.plots.influence(table, most=8)
    >>> ax.figure.savefig("influence.png")
    """
    by = next((name for name in PARTS if name in table), None)
    if by is None:
        raise ForcestError(f"`table` must be one of fc.influence, with a column {', '.join(PARTS)}; got {list(table.columns)}.")
    parts = list(dict.fromkeys(table[by]))[:most]
    measures = list(dict.fromkeys(table["measure"]))
    with styled():
        axes = ax or plt.subplots(figsize=(8.2, 1.4 + 0.36 * len(parts)))[1]
        for k, measure in enumerate(measures):
            rows = table[(table["measure"] == measure) & table[by].isin(parts)]
            y = np.array([parts.index(part) for part in rows[by]]) + SPREAD * (k / max(1, len(measures) - 1) - 0.5)
            colour = MEASURE_COLOURS.get(measure.split(": ")[-1], INK)
            sure = np.asarray(rows["converged"], dtype=bool)
            axes.hlines(y, 0, rows["shift_sd"], color=colour, linewidth=1.0)
            axes.scatter(rows["shift_sd"], y, s=26, zorder=3, label=measure.replace("_", " "), color=colour,
                         facecolors=[colour if is_sure else "white" for is_sure in sure])  # fmt: skip
        counts = table.drop_duplicates(by).set_index(by)["n_claims"]
        axes.set_yticks(range(len(parts)), [f"{part} ({counts[part]})" for part in parts])
        axes.set_ylim(len(parts) - 0.5, -0.5)
        axes.axvline(0, color=INK, linewidth=1.0, zorder=0.5)
        axes.grid(False, axis="y")
        axes.set_xlabel("Shift of the median without it [posterior sd]; (n): fitted claims")
        axes.set_title(f"What the headline numbers owe to each {by}")
        axes.legend(loc="best", ncols=1)
    return axes
