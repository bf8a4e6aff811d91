"""Whether fits cover the truth: the ranks of simulated truths against what uniform ranks do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from forcest.plots.style import FAINT, INK, styled

if TYPE_CHECKING:
    from forcest.checks import Calibration


def calibration(found: Calibration, *, ax: Axes | None = None) -> Axes:
    """Empirical distribution of the ranks of every quantity, less the uniform one, with simultaneous bands.

    Parameters
    ----------
    found : Calibration
        From :func:`forcest.calibrate`.
    ax : Axes, optional

    Returns
    -------
    Axes
        A line per quantity, the least uniform in colour. The inner band holds a line throughout with 95 % probability, the
        outer one all lines together.

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
        axes = ax or plt.subplots(figsize=(7.4, 4.2))[1]
        bands = {"95 % for all lines together": ("#ececec", ranks.shape[1]), "95 % for one line": ("#d5d5d5", 1)}
        for label, (shade, family) in bands.items():
            low, high = found.band(family)
            axes.fill_between(z, low / n - z, high / n - z, color=shade, linewidth=0, label=label, step="mid")
        axes.plot(z, below / n - z[:, None], color="#33558b", alpha=min(1.0, 30 / ranks.shape[1]), linewidth=0.7)
        axes.plot(
            z, below[:, ranks.columns.get_loc(worst)] / n - z, color="#d1495b", linewidth=1.5, label=f"least uniform: {worst}"
        )
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("Rank of the truth among the draws, as a share")
        axes.set_ylabel("Share of truths below, less the rank")
        axes.set_title(f"{ranks.shape[1]} quantities over {n} simulated ledgers")
        axes.legend(loc="upper right", fontsize=8)
        axes.tick_params(colors=FAINT, labelcolor=INK)
    return axes
