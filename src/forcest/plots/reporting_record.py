# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportCallIssue=false
# pandas types a subset of what it accepts.
"""Claims of past wars against what was established later, beside what priors expect of a new war."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from forcest.datasets.reporting_record import MEASURE_CLASS
from forcest.plots.style import INK, LATER, STANCE_FACES, STANCE_NAMES, legend_with_caption, styled

ASSUMED, LEARNT = "#8fa3ad", "#9c2f6f"
ORDER = ("own", "own_ally", "enemy", "enemy_ally", "third_party", "record", "name_list")
TICKS = (1 / 30, 1 / 10, 1 / 3, 1, 3, 10, 30)
CAPTION = (
    "Each dot is a claim divided by the number established later (geometric middles). Bars: where a prior expects 90 % of "
    "the claims of a new war. Where past wars do not foretell better than assumption, the default is the assumed prior."
)


def reporting_record(record: pd.DataFrame, expected: pd.DataFrame | None = None, *, ax: Axes | None = None) -> Axes:
    """Claims of past wars as multiples of the truth, by what they count and on which side the claimant stands.

    Parameters
    ----------
    record : DataFrame
        As :func:`forcest.datasets.reporting_record` gives it.
    expected : DataFrame, optional
        What priors expect of a new war, from :func:`forcest.history.expected_claims`.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per class of measures and stance with claims; a log axis of ratios.

    Examples
    --------
    >>> ax = fc.plots.reporting_record(fc.datasets.reporting_record(), fc.history.expected_claims())
    >>> ax.figure.savefig("record.png")
    """
    table = record.assign(
        **{"class": [MEASURE_CLASS[m] for m in record["measure"]]},
        ratio=np.sqrt(record["claim_low"] * record["claim_high"] / record["established_low"] / record["established_high"]),
    )
    told = set(zip(table["class"], table["stance"], strict=True))
    rows = [(c, s) for c in dict.fromkeys(MEASURE_CLASS.values()) for s in ORDER if (c, s) in told]
    with styled():
        axes = ax or plt.subplots(figsize=(9.4, 1.6 + 0.42 * len(rows)))[1]
        axes.axvline(1, color=LATER, lw=1.2, zorder=1)
        for y, (cls, stance) in enumerate(rows):
            claims = table[(table["class"] == cls) & (table["stance"] == stance)]
            if expected is not None:
                _bars(axes, y, expected[(expected["class"] == cls) & (expected["stance"] == stance)])
            lift = 0.16 * np.sin(2.4 * np.arange(len(claims)))  # apart, and the same every time
            axes.scatter(claims["ratio"], y + lift, s=20, color=STANCE_FACES[stance], edgecolor=INK, linewidth=0.6, zorder=4)
        _frame(axes, rows, table)
        bars = (ASSUMED, "expected by assumption"), (LEARNT, "expected from past wars: the default")
        handles = [Line2D([], [], color=colour, lw=4, alpha=0.55, label=label) for colour, label in bars if expected is not None]
        handles.append(Line2D([], [], color=LATER, lw=1.2, label="established later"))
        if ax is None:
            legend_with_caption(axes, handles, CAPTION, columns=3)
        else:
            axes.legend(handles=handles, loc="best")
    return axes


def _bars(axes: Axes, y: int, expected: pd.DataFrame) -> None:
    """The 90 % intervals that priors expect of a claim."""
    for prior, colour, lift in (("assumed", ASSUMED, 0.3), ("learnt", LEARNT, -0.3)):
        for bar in expected[expected["prior"] == prior].itertuples():
            axes.plot([bar.low, bar.high], [y + lift] * 2, color=colour, lw=4, alpha=0.55, solid_capstyle="butt", zorder=2)


def _frame(axes: Axes, rows: list[tuple[str, str]], table: pd.DataFrame) -> None:
    """Scale, names of rows with their numbers of claims and wars, and what the axis means."""
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [f"1/{round(1 / t)}" if t < 1 else f"{t:.0f}x" for t in TICKS])
    axes.minorticks_off()
    axes.set_xlim(1 / 40, 40)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    labels = []
    for cls, stance in rows:
        of = table[(table["class"] == cls) & (table["stance"] == stance)]
        labels.append(f"{cls}, {STANCE_NAMES[stance]}  ({len(of)} in {of['war'].nunique()})")
    axes.set_yticks(range(len(rows)), labels)
    axes.set_xlabel("claim divided by what was established later")
    axes.set_title("How past wars were reported", pad=10)
