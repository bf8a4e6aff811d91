"""Bias of each source, posterior and prior."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from forcest.estimates.draws import group, needs_reporting, quantiles
from forcest.plots.style import (
    CLASS_COLOURS,
    INK,
    STANCE_FACES,
    STANCE_NAMES,
    figure_title,
    legend_with_caption,
    marked_title,
    styled,
)

PROBS = (0.05, 0.25, 0.5, 0.75, 0.95)
TICKS = {1 / 8: "×1/8", 1 / 4: "×1/4", 1 / 2: "×1/2", 1.0: "×1", 2.0: "×2", 4.0: "×4", 8.0: "×8"}
CAPTION = (
    "Above ×1, the source overstates; below, it understates. Grey: the prior, which depends on the stance of the source.\n"
    "If posterior and prior agree, the claims carry no information about this bias, and the prior decides. (n): fitted claims."
)


@dataclass(frozen=True)
class Row:
    """A source and class of measures: quantiles of its bias, posterior and prior, and the number of fitted claims about a force."""

    force: str
    source: str
    stance: str
    measure_class: str
    posterior: np.ndarray
    prior: np.ndarray
    n_claims: int


def bias(fit: xr.DataTree, *, ax: Axes | None = None) -> Axes:
    """Multiplicative bias of each source and class of measures: the posterior, drawn over the prior.

    Parameters
    ----------
    fit : DataTree
        A fit.
    ax : Axes, optional
        Where to draw; by default a new figure, whose height depends on the number of sources.

    Returns
    -------
    Axes
        One row per source and class. A factor of 2 means that the source claims twice the true number. Equal-tailed
        intervals: 50 % as thick lines, 90 % as thin ones; 90 % of the prior as grey bars, with its median.

    Examples
    --------
    >>> ax = fc.plots.bias(fit)
    >>> ax.figure.savefig("bias.png")
    """
    rows = _rows(fit)
    with styled():
        own = ax is None
        axes = (
            plt.subplots(figsize=(8.6, 1.9 + 0.21 * (len(rows) + len({(r.force, r.stance) for r in rows}))))[1]
            if ax is None
            else ax
        )
        _draw(axes, rows)
        if own:
            figure_title(axes, fit, "Bias of each source")
            legend_with_caption(axes, _handles(rows), CAPTION, columns=3)
        else:
            axes.set_title(marked_title(fit, "Bias of each source"))
    return axes


def _rows(fit: xr.DataTree) -> list[Row]:
    """The rows, by force, stance and number of claims of the source."""
    needs_reporting(fit, "a figure of bias by stance")
    posterior, prior, data = (group(fit, g) for g in ("posterior", "prior", "constant_data"))
    forces = [str(force) for force in posterior["force"].values]
    several = "force" in posterior["bias"].dims
    claims = pd.DataFrame({name: data[name].values.astype(str) for name in ("source", "stance", "measure_class")})
    claims["force"] = data["force"].values.astype(str) if several else forces[0]
    rows = []
    for i, force in enumerate(forces if several else forces[:1]):
        here = {"force": i} if several else {}
        known = quantiles(posterior["bias"].isel(here), PROBS)
        assumed = quantiles(prior["bias"].isel(here), PROBS) if "bias" in prior else np.full_like(known, np.nan)
        rows += _rows_of(claims.loc[claims["force"] == force, :], force, posterior, known, assumed)
    n_claims = {r.source: sum(x.n_claims for x in rows if x.source == r.source) for r in rows}
    stances, classes = list(STANCE_FACES), list(CLASS_COLOURS)

    def order(row: Row) -> tuple:
        klass = classes.index(row.measure_class)
        return forces.index(row.force), stances.index(row.stance), -n_claims[row.source], row.source, klass

    return sorted(rows, key=order)


def _rows_of(claims: pd.DataFrame, force: str, posterior: xr.Dataset, known: np.ndarray, assumed: np.ndarray) -> list[Row]:
    """The rows of one force, in no particular order."""
    stance_of = dict(zip(claims["source"], claims["stance"], strict=True))
    pairs = list(zip(claims["source"], claims["measure_class"], strict=True))
    rows = []
    for i, source in enumerate(posterior["source"].values.astype(str)):
        for j, klass in enumerate(posterior["measure_class"].values.astype(str)):
            if np.isfinite(known[:, i, j]).all():
                n = pairs.count((source, klass))
                rows.append(Row(force, source, stance_of.get(source, "third_party"), klass, known[:, i, j], assumed[:, i, j], n))
    return rows


def _draw(ax: Axes, rows: list[Row]) -> None:
    y, labels, stance, source = 0.0, {}, None, None
    several = len({row.force for row in rows}) > 1
    for row in rows:
        if (row.force, row.stance) != stance:
            y += 1.0
            ax.annotate(
                f"Source: {STANCE_NAMES[row.stance]}" + f", about {row.force}" * several,
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(4, -3),
                textcoords="offset points",
                fontsize=8.5,
                weight="bold",
            )
            stance, source = (row.force, row.stance), None
        y += 1.0
        colour = CLASS_COLOURS.get(row.measure_class, INK)
        ax.plot(row.prior[[0, 4]], [y, y], color="#d9d9d9", linewidth=7, solid_capstyle="butt", zorder=1)
        ax.plot(row.prior[[2, 2]], [y - 0.33, y + 0.33], color="#a0a0a0", linewidth=1.4, zorder=2)
        ax.plot(row.posterior[[0, 4]], [y, y], color=colour, linewidth=1.3, zorder=3)
        ax.plot(row.posterior[[1, 3]], [y, y], color=colour, linewidth=3.6, solid_capstyle="butt", zorder=3)
        ax.plot(row.posterior[[2]], [y], marker="o", markersize=4.5, color=colour, markeredgecolor="white", zorder=4)
        labels[y] = f"{row.source + ', ' if row.source != source else ''}{row.measure_class} ({row.n_claims})"
        source = row.source
    ax.set_yticks(list(labels), list(labels.values()), fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y + 0.8, 0.2)
    ax.grid(False, axis="y")
    _factor_axis(ax, rows)


def _factor_axis(ax: Axes, rows: list[Row]) -> None:
    shown = np.concatenate([np.concatenate([r.posterior[[0, 4]], r.prior[[0, 4]]]) for r in rows])
    shown = shown[np.isfinite(shown)]
    ax.set_xscale("log")
    ax.set_xlim(min(0.45, 0.9 * shown.min()), max(2.2, 1.1 * shown.max()))
    ax.xaxis.set_major_locator(FixedLocator(list(TICKS)))
    ax.xaxis.set_major_formatter(FixedFormatter(list(TICKS.values())))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.axvline(1.0, color=INK, linewidth=1.0, zorder=0.5)
    ax.set_xlabel("Bias factor: number claimed / true number")


def _handles(rows: list[Row]) -> list:
    classes = [c for c in CLASS_COLOURS if any(r.measure_class == c for r in rows)]
    named = [
        Line2D([], [], color=CLASS_COLOURS[c], marker="o", markersize=4.5, linewidth=3, label=f"{c}, posterior median")
        for c in classes
    ]
    return [
        *named,
        Line2D([], [], color=INK, linewidth=3.6, label="posterior, equal-tailed 50 %"),
        Line2D([], [], color=INK, linewidth=1.3, label="posterior, equal-tailed 90 %"),
        Patch(color="#d9d9d9", linewidth=0, label="prior, equal-tailed 90 %, with median"),
    ]
