"""The look that all figures share: colours, marks, dates, numbers, and the words that must stand on each of them."""

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

INK = "#222222"
FAINT = "#777777"
GRID = "#e3e3e3"
FORECAST_GROUND = "#eeeeee"
LATER = "#c8102e"

# Dark and light enough to tell apart in grey, and by readers with any of the common colour-vision deficiencies.
MEASURE_COLOURS = {
    "deployed": "#33558b",
    "in_training": "#b59a24",
    "at_front": "#2b7a4b",
    "in_hospital": "#e08a4f",
    "rear": "#8fa3ad",
    "casualties": "#9c2f6f",
    "killed": "#5b1a33",
    "wounded": "#d1495b",
    "captured": "#3e8fb0",
    "missing": "#6d6d6d",
    "returned_to_duty": "#3aa394",
    "withdrawn_home": "#8d8741",
    "invalided": "#a9a25c",
    "combined_strength": "#4b3b8f",
    "effective_strength": "#7a68c4",
}
CLASS_COLOURS = {"strength": "#33558b", "losses": "#9c2f6f", "captured": "#3e8fb0", "other": "#8d8741"}
STANCE_NAMES = {"enemy": "enemy", "third_party": "third party", "own": "own side", "record": "record"}
STANCE_FACES = {"enemy": INK, "third_party": "white", "own": "#9a9a9a", "record": "#f2c230"}
FORM_MARKERS = {"point": "o", "range": "s", "at_least": "^", "up_to": "v", "none_seen": "X"}
FORM_NAMES = {
    "point": "a number",
    "range": "a range",
    "at_least": "at least",
    "up_to": "up to",
    "none_seen": "none seen (at what could stay unseen)",
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
    """Context (or decorator) in which every figure of this package is drawn.

    Only what it sets is put back: in a notebook the first figure loads a backend, whose own settings must stay for the next.
    """
    before = {name: mpl.rcParams[name] for name in STYLE}
    mpl.rcParams.update(STYLE)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


class MonthFormatter(mdates.DateFormatter):
    """Ticks as ``Oct 2024, Dec, Feb 2025``: the year where it is first met."""

    def __init__(self) -> None:
        super().__init__("%b")

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """One label per tick."""
        dates = [mdates.num2date(v) for v in values]
        years = [None, *(d.year for d in dates)]
        return [f"{d:%b}\n{d.year}" if d.year != before else f"{d:%b}" for d, before in zip(dates, years, strict=False)]


def date_axis(ax: Axes, dates: np.ndarray) -> None:
    """Months on the x axis, at most six labels over the span of the dates."""
    months = max(1, len(np.unique(dates.astype("datetime64[M]"))))
    ax.set_xlim(dates[0], dates[-1])
    ax.xaxis.set_major_locator(mdates.MonthLocator(interval=-(-months // 6)))
    ax.xaxis.set_major_formatter(MonthFormatter())
    ax.xaxis.set_minor_locator(NullLocator())


def persons(x: float, _pos: object = None) -> str:
    """A count with thousands separators."""
    return f"{x:,.0f}" if abs(x) >= 1 or x == 0 else f"{x:g}"


def count_axis(axis: Any) -> None:
    """Thousands separators on one axis."""
    axis.set_major_formatter(FuncFormatter(persons))


def claim_mark(form: str, stance: str, size: float = 5.0, ink: str = INK, **more: Any) -> dict:
    """Keywords of a mark: its shape says what form the claim has, its filling whose claim it is."""
    return {
        "marker": FORM_MARKERS.get(form, "o"),
        "markerfacecolor": ink if stance == "enemy" else STANCE_FACES.get(stance, "white"),
        # a light rim keeps filled marks apart where claims crowd
        "markeredgecolor": "white" if stance == "enemy" else ink,
        "markeredgewidth": 0.5 if stance == "enemy" else 0.8,
        "markersize": size + 0.9 * (form in ("at_least", "up_to", "none_seen")) + 0.7 * (stance == "enemy"),
        "linestyle": "none",
        **more,
    }


def claim_handles(forms: Sequence[str], stances: Sequence[str]) -> list[Line2D]:
    """Legend entries for the forms and stances that occur."""
    by_form = [Line2D([], [], **claim_mark(f, "third_party"), label=f"claim: {FORM_NAMES[f]}") for f in FORM_MARKERS if f in forms]
    by_stance = [
        Line2D([], [], **claim_mark("point", s, size=6.5, marker="D"), label=f"claim by: {STANCE_NAMES[s]}")
        for s in STANCE_FACES
        if s in stances
    ]
    return by_form + by_stance


def titled(fit: xr.DataTree | xr.Dataset, text: str) -> str:
    """A title that says so where the numbers must not be relied on."""
    return f"{Attributes.of(fit).verdict.prefix}{text}"


def _figure(ax: Axes) -> Figure:
    return cast(Figure, ax.get_figure(root=True))


def panels(n: int, ax: Any = None) -> np.ndarray:
    """One axes per measure: those given, or a new figure of at most three columns.

    Raises
    ------
    ForcestError
        Too few axes.
    """
    if ax is not None:
        given = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(given) < n:
            raise ForcestError(f"`ax` must hold one axes per measure, {n}; got {len(given)}. Pass fewer measures or more axes.")
        return given
    columns = min(n, 3)
    rows = -(-n // columns)
    size = (3.7 * columns + 0.3, 2.35 * rows + 1.3) if n > 1 else (7.4, 5.2)  # a single panel must hold the title
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for spare in axes.ravel()[n:]:
        spare.remove()
    return axes.ravel()[:n]


CAPTION_LETTERS = 18
"""Letters that an inch holds in the type of captions."""


def key(ax: Axes, handles: Sequence[Any], text: str, columns: int = 4) -> None:
    """Legend and caption below a figure of our own, as one block, so that they never meet."""
    figure = _figure(ax)
    room = int(CAPTION_LETTERS * figure.get_figwidth())
    lines = [wrapped for line in text.splitlines() for wrapped in textwrap.wrap(line, room)]
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


def headline(ax: Axes, fit: xr.DataTree, text: str) -> None:
    """The title of a figure of our own."""
    figure = _figure(ax)
    figure.suptitle(titled(fit, text), x=0.01, ha="left", fontsize=12, weight="bold")


def ground_without_claims(ax: Axes, fit: xr.DataTree, dates: np.ndarray) -> None:
    """A grey ground under the days on which no claim bears, with its name: those of a forecast, or after the last claim."""
    begins, name = _without_claims(fit)
    if begins >= dates[-1]:
        return
    ends = mdates.date2num([begins, dates[-1]])
    ax.axvspan(ends[0], ends[1], color=FORECAST_GROUND, linewidth=0, zorder=0)
    ax.annotate(
        name, (ends[1], 1), xycoords=("data", "axes fraction"), xytext=(-3, -3), textcoords="offset points",
        ha="right", va="top", fontsize=7.5, color=FAINT,
    )  # fmt: skip


def _without_claims(fit: xr.DataTree) -> tuple[np.datetime64, str]:
    begins = Attributes.of(fit).forecast_from
    return (last_claim_date(fit), "no claim fitted") if begins is None else (np.datetime64(begins, "D"), "forecast")


def forecast_handles(fit: xr.DataTree) -> list[Patch]:
    """The legend entry of a forecast."""
    begins = Attributes.of(fit).forecast_from
    if begins is None:
        return []
    return [Patch(color=FORECAST_GROUND, linewidth=0, label=f"forecast, from {begins.day} {begins:%b %Y}")]


def one_force(values: xr.DataArray, force: str | None) -> xr.DataArray:
    """The draws of one force.

    Raises
    ------
    ForcestError
        The fit has several forces and none is named, or not this one.
    """
    if "force" not in values.dims:
        return values
    names = [str(f) for f in values["force"].values]
    if force is None and len(names) == 1:
        return values.isel(force=0)
    if force not in names:
        raise ForcestError(f"`force` must be one of {', '.join(names)}; got {force!r}. Name the force to draw.")
    return values.isel(force=names.index(force))


def claims_of(table: pd.DataFrame, posterior: xr.Dataset, force: str | None) -> pd.DataFrame:
    """The claims about one force; all of them where the fit has one."""
    if posterior.sizes.get("force", 1) == 1:
        return table
    names = [str(f) for f in posterior["force"].values]
    if force not in names:
        raise ForcestError(f"`force` must be one of {', '.join(names)}; got {force!r}. Name the force to draw.")
    return table.loc[table["force"] == force, :] if "force" in table else table
