"""Shared by all figures: colours, marks, axes, titles, legends and captions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullLocator

from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.estimates.draws import last_claim_date
from forcest.estimates.measures import MEASURES

INK = "#222222"
FAINT = "#777777"
GRID = "#e3e3e3"
SHADE = "#eeeeee"
LATER = "#c8102e"

# Distinguishable in greyscale and with the common colour-vision deficiencies.
MEASURE_COLOURS = {name: measure.colour for name, measure in MEASURES.items() if measure.colour}
CLASS_COLOURS = {"strength": "#33558b", "losses": "#9c2f6f", "captured": "#3e8fb0", "other": "#8d8741"}
STANCE_NAMES = {
    "enemy": "enemy",
    "enemy_ally": "ally of the enemy",
    "third_party": "third party",
    "own": "own side",
    "own_ally": "ally of the own side",
    "record": "record",
    "name_list": "list of names",
}
STANCE_FACES = {
    "enemy": INK,
    "enemy_ally": "#5f5f5f",
    "third_party": "white",
    "own": "#9a9a9a",
    "own_ally": "#d0d0d0",
    "record": "#f2c230",
    "name_list": "#c9b458",
}
LATER_FACES = {"enemy": LATER, "enemy_ally": "#dd7084"}
"""Filling of claims published later, which have a red edge; a dark grey one would hide it."""
FORM_MARKERS = {"point": "o", "range": "s", "at_least": "^", "up_to": "v", "none_seen": "X"}
FORM_NAMES = {
    "point": "a number",
    "range": "a range",
    "at_least": "at least",
    "up_to": "up to",
    "none_seen": "none seen (drawn at the detection limit)",
}

STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


@contextmanager
def styled() -> Iterator[None]:
    """Context (or decorator) with the style of this package, in which every figure is drawn.

    Only the settings of the style are restored: in a notebook, the first figure loads a backend whose own settings must persist.
    """
    before = {name: mpl.rcParams[name] for name in STYLE}
    mpl.rcParams.update(STYLE)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


class MonthFormatter(mdates.DateFormatter):
    """Tick labels such as ``Oct 2024, Dec, Feb 2025``: each year is shown once, at its first tick."""

    def __init__(self) -> None:
        super().__init__("%b")

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """One label for each tick."""
        dates = [mdates.num2date(v) for v in values]
        years = [None, *(d.year for d in dates)]
        return [f"{d:%b}\n{d.year}" if d.year != before else f"{d:%b}" for d, before in zip(dates, years, strict=False)]


def date_axis(ax: Axes, dates: np.ndarray) -> None:
    """Months on the x axis, with at most six labels."""
    months = max(1, len(np.unique(dates.astype("datetime64[M]"))))
    ax.set_xlim(dates[0], dates[-1])
    ax.xaxis.set_major_locator(mdates.MonthLocator(interval=-(-months // 6)))
    ax.xaxis.set_major_formatter(MonthFormatter())
    ax.xaxis.set_minor_locator(NullLocator())


def persons(x: float, _pos: object = None) -> str:
    """A number with thousands separators."""
    return f"{x:,.0f}" if abs(x) >= 1 or x == 0 else f"{x:g}"


def count_axis(axis: Any) -> None:
    """Thousands separators on one axis."""
    axis.set_major_formatter(FuncFormatter(persons))


def claim_mark(form: str, stance: str, size: float = 5.0, ink: str = INK, **more: Any) -> dict:
    """Keyword arguments of a mark, whose shape stands for the form of the claim and whose filling for the stance of its source."""
    faces = STANCE_FACES | (LATER_FACES if ink == LATER else {"enemy": ink})
    return {
        "marker": FORM_MARKERS.get(form, "o"),
        "markerfacecolor": faces.get(stance, "white"),
        # a light edge separates filled marks that overlap
        "markeredgecolor": "white" if stance == "enemy" else ink,
        "markeredgewidth": 0.5 if stance == "enemy" else 0.8,
        "markersize": size + 0.9 * (form in ("at_least", "up_to", "none_seen")) + 0.7 * (stance == "enemy"),
        "linestyle": "none",
        **more,
    }


def claim_handles(forms: Sequence[str], stances: Sequence[str]) -> list[Line2D]:
    """Legend entries for the forms and stances that occur in a figure."""
    by_form = [Line2D([], [], **claim_mark(f, "third_party"), label=f"claim: {FORM_NAMES[f]}") for f in FORM_MARKERS if f in forms]
    by_stance = [
        Line2D([], [], **claim_mark("point", s, size=6.5, marker="D"), label=f"source: {STANCE_NAMES[s]}")
        for s in STANCE_FACES
        if s in stances
    ]
    return by_form + by_stance


def marked_title(fit: xr.DataTree | xr.Dataset, text: str) -> str:
    """A title, marked if the numbers must not be used."""
    return f"{Attributes.of(fit).verdict.prefix}{text}"


def _figure(ax: Axes) -> Figure:
    return cast(Figure, ax.get_figure(root=True))


def panels(n: int, ax: Any = None) -> np.ndarray:
    """One axes per measure: those given, or those of a new figure with at most three columns.

    Raises
    ------
    ForcestError
        If too few axes are given.
    """
    if ax is not None:
        given = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(given) < n:
            raise ForcestError(f"`ax` must hold one axes per measure, {n}; got {len(given)}. Pass fewer measures or more axes.")
        return given
    columns = min(n, 3)
    rows = -(-n // columns)
    # the narrower the figure, the more lines has its caption; a single panel must be as wide as the title
    size = (3.7 * columns + 0.3, 2.35 * rows + (1.3 if columns == 3 else 1.9)) if n > 1 else (7.4, 5.7)
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for spare in axes.ravel()[n:]:
        spare.remove()
    return axes.ravel()[:n]


CAPTION_CHARACTERS = 18
"""Characters of a caption per inch."""
HEADROOM = 1.12
"""Upper end of a linear axis relative to the largest value, so that the name of the shaded days is above the curves."""


def legend_with_caption(ax: Axes, handles: Sequence[Any], text: str, columns: int = 4) -> None:
    """Add a caption and a legend below a figure, as one block so that they cannot overlap."""
    figure = _figure(ax)
    width = int(CAPTION_CHARACTERS * figure.get_figwidth())
    lines = [wrapped for line in text.splitlines() for wrapped in textwrap.wrap(line, width)]
    legend = figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=columns,
        columnspacing=1.6,
        title="\n".join(lines),
        title_fontsize=7.5,
        alignment="left",
        borderaxespad=0.6,
    )
    legend.get_title().set_color(FAINT)


def figure_title(ax: Axes, fit: xr.DataTree, text: str) -> None:
    """Add a title to a figure, marked if the fit is quick or has not converged."""
    figure = _figure(ax)
    figure.suptitle(marked_title(fit, text), x=0.01, ha="left", fontsize=12, weight="bold")


BEYOND_CLAIMS = 0.1
"""Share of the time with claims by which a figure of a fit goes on; a forecast, which somebody asked for, is drawn whole."""


def drawn_until(fit: xr.DataTree, dates: np.ndarray, last: np.datetime64 | None = None) -> np.ndarray:
    """The dates that a figure shows: of a fit those up to the last claim, and a tenth of that time more.

    Parameters
    ----------
    fit : DataTree
    dates : ndarray of datetime64[D]
    last : datetime64, optional
        A later claim that is drawn too.
    """
    if Attributes.of(fit).forecast_from is not None:
        return dates
    end = last_claim_date(fit) if last is None else max(last_claim_date(fit), last)
    return dates[: max(2, int(np.searchsorted(dates, end + BEYOND_CLAIMS * (end - dates[0]), side="right")))]


def shade_days_without_claims(ax: Axes, fit: xr.DataTree, dates: np.ndarray) -> None:
    """Shade and label the days of a forecast, or those after the last claim."""
    begins, name = _without_claims(fit)
    if begins >= dates[-1]:
        return
    ends = mdates.date2num([begins, dates[-1]])
    ax.axvspan(ends[0], ends[1], color=SHADE, linewidth=0, zorder=0)
    ax.annotate(
        name, (ends[1], 1), xycoords=("data", "axes fraction"), xytext=(-3, -3), textcoords="offset points",
        ha="right", va="top", fontsize=7.5, color=FAINT,
    )  # fmt: skip


def _without_claims(fit: xr.DataTree) -> tuple[np.datetime64, str]:
    begins = Attributes.of(fit).forecast_from
    return (last_claim_date(fit), "no claims") if begins is None else (np.datetime64(begins, "D"), "forecast")


def forecast_handles(fit: xr.DataTree) -> list[Patch]:
    """The legend entry of a forecast."""
    begins = Attributes.of(fit).forecast_from
    if begins is None:
        return []
    return [Patch(color=SHADE, linewidth=0, label=f"forecast, from {begins.day} {begins:%b %Y}")]


def select_force(values: xr.DataArray, force: str | None) -> xr.DataArray:
    """The draws of one force.

    Raises
    ------
    ForcestError
        If the fit has several forces and ``force`` is not one of them.
    """
    if "force" not in values.dims:
        return values
    names = [str(f) for f in values["force"].values]
    return values.isel(force=0 if force is None and len(names) == 1 else _force_index(names, force))


def claims_about(table: pd.DataFrame, posterior: xr.Dataset, force: str | None) -> pd.DataFrame:
    """The claims about one force; all of them if the fit has only one."""
    if posterior.sizes.get("force", 1) == 1:
        return table
    _force_index([str(f) for f in posterior["force"].values], force)
    return table.loc[table["force"] == force, :] if "force" in table else table


def _force_index(names: list[str], force: str | None) -> int:
    if force not in names:
        raise ForcestError(f"`force` must be one of {', '.join(names)}; got {force!r}. Name the force to draw.")
    return names.index(force)
