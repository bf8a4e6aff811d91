"""Rows of claims with their predictive intervals; shared by two figures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from forcest.estimates.claims_table import claims_table
from forcest.plots.style import (
    FAINT,
    INK,
    MEASURE_COLOURS,
    STANCE_FACES,
    STANCE_NAMES,
    claim_handles,
    claim_mark,
    count_axis,
    figure_title,
    legend_with_caption,
    marked_title,
    styled,
)

FLAGGED_Z = 2.5  # predictive standard deviations
LOWEST = 1.0  # persons: the left end of the log axis
ROWS_IN_A_COLUMN = 45
MOST_ROWS = 4 * ROWS_IN_A_COLUMN
SINGLE = "Sources with one claim: "


def claim_rows(fit: xr.DataTree, group: str, title: str, text: str, ax: Axes | None) -> Any:
    """Draw every claim about numbers of persons with its predictive interval.

    Parameters
    ----------
    fit : DataTree
        A fit.
    group : str
        Group of the predictions.
    title, text : str
        Title and caption.
    ax : Axes or None
        Where to draw all rows; if None, a new figure with as many columns as needed.

    Returns
    -------
    Axes or ndarray of Axes
    """
    table = claims_table(fit, group)
    on_persons = table.loc[table["measure"] != "equivalence", :]
    left_out = len(table) - len(on_persons)
    if left_out:
        text += f" Not shown: claims about combat value ({left_out}), which is not a number of persons."
    if ax is None and len(on_persons) > MOST_ROWS:
        text += f" Shown: of {len(on_persons)} claims, the {MOST_ROWS} farthest from their predictive medians."
        farthest = on_persons["z"].abs().sort_values(ascending=False, kind="stable").index[:MOST_ROWS]
        on_persons = on_persons.loc[sorted(farthest), :]
    lines = [line for force, claims in _by_force(on_persons) for line in _lines(claims, f"{force}, " if force else "")]
    with styled():
        blocks = [lines] if ax is not None else _columns(lines)
        axes = np.array([ax], dtype=object) if ax is not None else _figure_for(blocks)
        limits = _limits(on_persons)
        for panel, block in zip(axes, blocks, strict=True):
            _draw(panel, block, limits)
        if ax is None:
            figure_title(axes[0], fit, title)
            legend_with_caption(axes[0], _handles(on_persons), text)
        else:
            ax.set_title(marked_title(fit, title))
    return axes[0] if len(axes) == 1 else axes


def _by_force(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Claims by force; under an empty name if there is only one force."""
    forces = sorted(set(table["force"])) if "force" in table else []
    return [(force, table.loc[table["force"] == force, :]) for force in forces] if len(forces) > 1 else [("", table)]


def _lines(table: pd.DataFrame, prefix: str = "") -> list[Any]:
    """Headings (text) and claims in drawing order: by stance, number of claims of the source, and date."""
    lines: list[Any] = []
    for stance in (s for s in STANCE_FACES if s in set(table["stance"])):
        of_stance = table.loc[table["stance"] == stance, :]
        counts = of_stance["source"].value_counts(sort=False)
        many = sorted((s for s in counts.index if counts[s] > 1), key=lambda s: -counts[s])
        for source in many:
            lines.append(f"{prefix}{source}")
            lines += list(of_stance.loc[of_stance["source"] == source, :].sort_values("as_of", kind="stable").itertuples())
        single = of_stance.loc[~of_stance["source"].isin(many), :].sort_values("as_of", kind="stable")
        if len(single):
            lines.append(f"{prefix}{SINGLE}{STANCE_NAMES[stance]}")
            lines += list(single.itertuples())
    return lines


def _columns(lines: Sequence[Any]) -> list[list[Any]]:
    """Split into columns of about equal length, not directly after a heading; a source that continues is named again."""
    n = -(-len(lines) // (ROWS_IN_A_COLUMN + 8))
    size = -(-len(lines) // n)
    columns: list[list[Any]] = [[]]
    header = ""
    for line in lines:
        if len(columns[-1]) >= size and len(columns) < n:
            columns.append([] if isinstance(line, str) else [f"{header} (continued)"])
        if isinstance(line, str):
            header = line
        columns[-1].append(line)
    for before, after in pairwise(columns):
        if isinstance(before[-1], str):
            after[0] = before.pop()
    return columns


def _figure_for(blocks: Sequence[Sequence[Any]]) -> np.ndarray:
    height = 1.9 + 0.168 * max(len(b) for b in blocks)
    return plt.subplots(1, len(blocks), figsize=(max(9.2, 7.0 * len(blocks)), height), squeeze=False)[1].ravel()


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    shown = np.concatenate([table[c] for c in ("value", "claim_low", "claim_high", "low_90", "high_90")])
    shown = shown[np.isfinite(shown) & (shown > 0)]
    return max(LOWEST, 0.7 * shown.min()), 1.4 * shown.max()


def _draw(ax: Axes, lines: Sequence[Any], limits: tuple[float, float]) -> None:
    ax.set_xscale("log")
    ax.set_xlim(*limits)
    single = False
    ticks: dict[int, str] = {}
    for y, line in enumerate(lines):
        if isinstance(line, str):
            single = SINGLE in line
            place = {"xy": (0, y), "xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
            ax.annotate(line, xytext=(4, -3), fontsize=8, weight="bold", **place)
            continue
        name = f"{line.source}: " if single else ""
        ticks[y] = _short(name) + _what(line)
        _row(ax, line, y, limits[0])
    ax.set_yticks(list(ticks), list(ticks.values()), fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(lines) - 0.2, -0.8)
    ax.grid(False, axis="y")
    count_axis(ax.xaxis)
    ax.set_xlabel("persons")


def _what(claim: Any) -> str:
    """Measure, wave and date or window of a claim, such as ``deployed (second wave), 1 Jan to 26 Feb 25``."""
    measure = claim.measure.replace("_", " ")
    wave = f" ({claim.wave} wave)" if claim.wave else ""
    when = f"{claim.as_of.day} {claim.as_of:%b %y}"
    if claim.scope == "flow" and not pd.isna(claim.window_start):
        start, end = claim.window_start, claim.window_end
        when = f"{start.day} {start:%b} to {end.day} {end:%b %y}"
    return f"{measure}{wave}, {when}"


def _short(text: str, most: int = 30) -> str:
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}…: "


def _row(ax: Axes, claim: Any, y: int, left: float) -> None:
    colour = MEASURE_COLOURS.get(claim.measure, FAINT)
    ends = np.maximum([claim.low_90, claim.low_50, claim.median, claim.high_50, claim.high_90], left)
    ax.plot(ends[[0, 4]], [y, y], color=colour, alpha=0.45, linewidth=1.8, solid_capstyle="butt")
    ax.plot(ends[[1, 3]], [y, y], color=colour, alpha=0.75, linewidth=4.2, solid_capstyle="butt")
    ax.plot(ends[[2, 2]], [y - 0.32, y + 0.32], color="white", linewidth=1.2)
    if claim.form == "range":
        ax.plot(np.maximum([claim.claim_low, claim.claim_high], left), [y, y], color=INK, linewidth=1.1)
    middle = np.sqrt(claim.claim_low * claim.claim_high) if claim.form == "range" else claim.value
    number = claim.claim_high if claim.form == "none_seen" else middle
    ax.plot([max(number, left)], [y], **claim_mark(claim.form, claim.stance, size=4.2))
    if abs(claim.z) > FLAGGED_Z:
        far = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "va": "center"}
        ax.annotate(f"z = {claim.z:+.1f}".replace("-", "−"), (1, y), xytext=(-2, 0), fontsize=7, weight="bold", color=INK, **far)


def _handles(table: pd.DataFrame) -> list[Line2D]:
    return [
        Line2D([], [], color=FAINT, alpha=0.75, linewidth=4.2, label="predicted claim, equal-tailed 50 %"),
        Line2D([], [], color=FAINT, alpha=0.45, linewidth=1.8, label="predicted claim, equal-tailed 90 %"),
        *claim_handles(sorted(set(table["form"])), [s for s in STANCE_FACES if s in set(table["stance"])]),
    ]
