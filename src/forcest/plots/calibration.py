"""Simulation-based calibration: ranks of the true values among the draws, compared with uniform ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from forcest.plots.style import FAINT, INK, legend_with_caption, styled

if TYPE_CHECKING:
    from forcest.checks import Calibration

CAPTION = (
    "One line per quantity. If the ranks of the true values are uniform, the inner band contains a given line, and the outer band "
    "all lines, with 95 % probability."
)


def calibration(found: Calibration, *, ax: Axes | None = None) -> Axes:
    """Difference between the empirical and the uniform distribution of the ranks of every quantity, with simultaneous bands.

    Parameters
    ----------
    found : Calibration
        From :func:`forcest.calibrate`.
    ax : Axes, optional

    Returns
    -------
    Axes
        One line per quantity, the least uniform in red. If ranks are uniform, the inner band contains a given line, and the
        outer band contains all lines, with 95 % probability.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.calibrate(model.with_step("W"), few, n=2, folder="calibration")  # 200 for a verdict
    >>> ax = fc.plots.calibration(found)
    >>> ax.figure.savefig("calibration.png")
    """
    ranks, n = found.ranks, len(found.ranks)
    z = np.arange(1, found.n_ranks) / found.n_ranks
    below = np.stack([np.cumsum(np.bincount(ranks[name], minlength=found.n_ranks))[:-1] for name in ranks], axis=1)
    worst = found.table["quantity"].iloc[0]
    with styled():
        axes = ax or plt.subplots(figsize=(7.4, 4.9))[1]
        bands = {"95 % band for all quantities": ("#ececec", ranks.shape[1]), "95 % band for one quantity": ("#d5d5d5", 1)}
        for label, (shade, family) in bands.items():
            low, high = found.band(family)
            axes.fill_between(z, low / n - z, high / n - z, color=shade, linewidth=0, label=label, step="mid")
        axes.plot(z, below / n - z[:, None], color="#33558b", alpha=min(1.0, 30 / ranks.shape[1]), linewidth=0.7)
        axes.plot(
            z, below[:, ranks.columns.get_loc(worst)] / n - z, color="#d1495b", linewidth=1.5, label=f"least uniform: {worst}"
        )
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("Normalised rank of the true value among the draws")
        axes.set_ylabel("Empirical minus uniform distribution function")
        axes.set_title(f"Calibration: {ranks.shape[1]} quantities, {n:,} simulated ledgers")
        if ax is None:
            legend_with_caption(axes, axes.get_legend_handles_labels()[0], CAPTION, columns=2)
        else:
            axes.legend(loc="best")
        axes.tick_params(colors=FAINT, labelcolor=INK)
    return axes
