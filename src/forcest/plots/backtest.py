"""Improvement in score over simple baselines, on claims published later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from forcest.errors import ForcestError
from forcest.plots.style import INK, legend_with_caption, styled

if TYPE_CHECKING:
    from forcest.checks import Backtest

SCORES = {"log_score": "log score", "crps": "CRPS", "wis": "weighted interval score"}
CAPTION = "Right of zero, forcest predicts better. Standard errors are clustered by briefing. (n): number of claims scored."
COLOURS = ("#33558b", "#9c2f6f", "#2b7a4b", "#b59a24", "#6d6d6d")


def backtest(found: Backtest, *, score: str = "log_score", by: str = "measure", ax: Axes | None = None) -> Axes:
    """Mean improvement in score over each baseline, for all claims and by group, ± 2 standard errors clustered by briefing.

    Parameters
    ----------
    found : Backtest
        From :func:`forcest.backtest`.
    score : {"log_score", "crps", "wis"}
    by : str
        A column of ``found.scores``, such as ``measure``, ``horizon``, ``origin`` or ``stance``.
    ax : Axes, optional

    Returns
    -------
    Axes
        Positive values: the model is better.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.backtest(fc.ForceModel.default, few, ["2024-12-31"], [90], quick=True, folder="backtest")
    >>> ax = fc.plots.backtest(found, score="crps")
    >>> ax.figure.savefig("backtest.png")
    """
    if score not in SCORES:
        raise ForcestError(f"`score` must be one of {', '.join(SCORES)}; got {score!r}.")
    if not found.baselines:
        raise ForcestError("`found` must have a baseline that predicts some of the claims; it has none. See `found.scores`.")
    groups = {"all": found.table, **{str(value): part for value, part in found.by(by).groupby(by) if len(part) > 1}}
    baselines = found.baselines
    with styled():
        axes = ax or plt.subplots(figsize=(7.8, 2.2 + 0.5 * len(groups)))[1]
        for k, baseline in enumerate(baselines):
            names = (f"{score}_gain", f"{score}_gain_se")
            gain, error = (np.array([_of(table, baseline, name) for table in groups.values()]) for name in names)
            y = np.arange(len(groups)) + 0.6 * (k / max(1, len(baselines) - 1) - 0.5)
            axes.errorbar(
                gain, y, xerr=2 * error, fmt="o", markersize=4.5, linewidth=1.2, color=COLOURS[k % len(COLOURS)], label=baseline
            )
        n = [int(table["n_claims"].iloc[0]) for table in groups.values()]
        labels = [f"{name.replace('_', ' ')} ({count})" for name, count in zip(groups, n, strict=True)]
        axes.set_yticks(range(len(groups)), labels)
        axes.set_ylim(len(groups) - 0.4, -0.6)
        axes.axvline(0, color=INK, linewidth=1.0, zorder=0.5)
        axes.grid(False, axis="y")
        axes.set_xlabel(f"Mean improvement in {SCORES[score]} per claim ± 2 standard errors")
        axes.set_title("Improvement over simple baselines, on claims published later")
        if ax is None:
            legend_with_caption(axes, axes.get_legend_handles_labels()[0], CAPTION)
        else:
            axes.legend(loc="best")
    return axes


def _of(table: pd.DataFrame, baseline: str, name: str) -> float:
    """A number of one baseline, NaN if it predicts no claim of the group."""
    found = table.loc[table["forecaster"] == baseline, name]
    return float(found.iloc[0]) if len(found) else float("nan")
