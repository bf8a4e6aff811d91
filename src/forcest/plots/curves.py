"""Posterior curves and claims, one panel per measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forcest.errors import ForcestError
from forcest.estimates.claims_table import claims_as_made
from forcest.estimates.draws import days, group, is_modelled, last_claim_date, quantiles
from forcest.estimates.measures import MEASURES
from forcest.plots.style import (
    FAINT,
    HEADROOM,
    INK,
    LATER,
    MEASURE_COLOURS,
    STANCE_FACES,
    claim_handles,
    claim_mark,
    claims_about,
    count_axis,
    date_axis,
    drawn_until,
    figure_title,
    forecast_handles,
    legend_with_caption,
    marked_title,
    panels,
    select_force,
    shade_days_without_claims,
    styled,
)

ALWAYS = ("deployed", "at_front", "casualties", "killed", "wounded")
CAPTION = (
    "Claims are shown as published, not corrected for the bias of their source; the curves are estimates of the true numbers. "
    "Horizontal bar: period that contains the date of the claim.\n"
    "Dotted line: claim about a period, drawn as an increase from the median at the start of the period. "
    "Small and pale: claim about a part of the force (one wave, one place), a lower bound."
)


def curves(
    fit: xr.DataTree,
    measures: str | Sequence[str] | None = None,
    *,
    force: str | None = None,
    scale: str = "auto",
    later: pd.DataFrame | None = None,
    ax: Any = None,
) -> Any:
    """Posterior curves with 50 % and 90 % bands, and the claims, one panel per measure.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.
    measures : str or sequence of str, optional
        Measures to draw; by default the headline measures and every measure with a claim about the whole force.
    force : str, optional
        Name of the force, required if the fit has several.
    scale : {"auto", "linear", "log"}, default "auto"
        Scale of the counts [persons]. "auto" is linear from zero, and logarithmic in panels whose claims differ by more
        than a factor of 100.
    later : DataFrame, optional
        Claims that were not fitted, from :func:`forcest.score`: drawn in red, with a bar from the 5 % to the 95 % quantile of the
        claim predicted for the source. A bar may extend beyond its panel.
    ax : Axes or array of Axes, optional
        Where to draw, at least one axes per measure; by default a new figure.

    Returns
    -------
    Axes or ndarray of Axes
        One Axes if `measures` is a string, otherwise an array with one per measure.

    Raises
    ------
    ForcestError
        If a measure is not in the fit, the scale is unknown, `later` is not a table of scores, or too few axes are given.

    Notes
    -----
    Claims are drawn as published. The shape of a mark stands for the form of the claim (number, range, at least, up to, none
    seen), its filling for the stance of the source. Bands are equal-tailed. Days after the last claim are shaded: of a fit a
    tenth of the time with claims, of a forecast all.

    Examples
    --------
    >>> axes = fc.plots.curves(fit, ["deployed", "killed"])
    >>> len(axes)
    2
    >>> axes[0].figure.savefig("curves.png")
    """
    table = claims_about(_with_later(claims_as_made(fit), later), group(fit, "posterior"), force)
    wanted = _measures(fit, table, measures, force)
    if scale not in ("auto", "linear", "log"):
        raise ForcestError(f'`scale` must be "auto", "linear" or "log"; got {scale!r}.')
    with styled():
        axes = panels(len(wanted), ax)
        for panel, name in zip(axes, wanted, strict=False):
            _panel(panel, fit, name, _claims_on(table, [name]), force, scale)
        if ax is None:
            _add_title_and_legend(axes, fit, _claims_on(table, wanted), force)
        else:
            axes[0].set_title(marked_title(fit, axes[0].get_title(loc="left")))
    return axes[0] if isinstance(measures, str) else axes[: len(wanted)]


def _with_later(made: pd.DataFrame, later: pd.DataFrame | None) -> pd.DataFrame:
    """The claims of the fit, followed by those published later."""
    made = made.assign(is_later=False, low_90=np.nan, high_90=np.nan)
    if later is None:
        return made
    if not isinstance(later, pd.DataFrame) or "log_score" not in later:
        raise ForcestError(
            f"`later` must be the table of fc.score(fit, ledger); got {type(later).__name__}. Score the claims first."
        )
    return pd.concat([made, later.assign(is_later=True).reindex(columns=made.columns)], ignore_index=True)


def _measures(fit: xr.DataTree, table: pd.DataFrame, measures: str | Sequence[str] | None, force: str | None) -> list[str]:
    posterior = group(fit, "posterior")
    drawable = [m for m in MEASURES if m in posterior and m != "combat_value" and is_modelled(select_force(posterior[m], force))]
    if measures is None:
        claimed = set(table.loc[table["coverage"] != "partial", "measure"])
        return [m for m in drawable if m in ALWAYS or m in claimed]
    wanted = [measures] if isinstance(measures, str) else list(measures)
    unknown = [m for m in wanted if m not in drawable]
    if unknown or not wanted:
        raise ForcestError(f"`measures` must be among {', '.join(drawable)}; got {', '.join(map(repr, unknown)) or 'none'}.")
    return wanted


def _claims_on(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    return table.loc[table["measure"].isin([MEASURES[n].claimed_as for n in names]), :]


def _panel(ax: Axes, fit: xr.DataTree, name: str, claims: pd.DataFrame, force: str | None, scale: str) -> None:
    curve = select_force(group(fit, "posterior")[name], force)
    later = claims.loc[claims["is_later"].astype(bool), "as_of"]
    dates = drawn_until(fit, days(curve["date"]), None if later.empty else np.datetime64(later.max(), "D"))
    curve = curve.isel(date=slice(len(dates)))
    low90, low50, median, high50, high90 = quantiles(curve, (0.05, 0.25, 0.5, 0.75, 0.95))
    colour = MEASURE_COLOURS[name]
    ax.fill_between(dates, low90, high90, color=colour, alpha=0.20, linewidth=0)
    ax.fill_between(dates, low50, high50, color=colour, alpha=0.35, linewidth=0)
    ax.plot(dates, median, color=colour, linewidth=1.6)
    ax.axvline(mdates.date2num(last_claim_date(fit)), color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    shade_days_without_claims(ax, fit, dates)
    for claim in claims.itertuples():
        _draw_claim(ax, claim, dates, median)
    date_axis(ax, dates)
    count_axis(ax.yaxis)
    _scale(ax, claims, high90, scale)
    ax.set_title(MEASURES[name].label, color=colour)


def _scale(ax: Axes, claims: pd.DataFrame, high90: np.ndarray, scale: str) -> None:
    whole = claims[(claims["coverage"] != "partial") & (claims["scope"] != "flow")]
    numbers = np.concatenate([whole["value"], whole["claim_low"], whole["claim_high"]])
    numbers = numbers[np.isfinite(numbers) & (numbers > 0)]
    spread = numbers.max() / numbers.min() if len(numbers) else 1.0
    if scale == "log" or (scale == "auto" and spread > 100):
        ax.set_yscale("log")
        ax.set_ylim(bottom=max(1.0, 0.5 * min([*numbers, high90.max()])))
        count_axis(ax.yaxis)
    else:
        ax.set_ylim(0, HEADROOM * max(high90.max(), *(numbers if len(numbers) else [1.0])))


def _draw_claim(ax: Axes, claim: Any, dates: np.ndarray, median: np.ndarray) -> None:
    """One claim as published: a mark, with bars for its range and its window."""
    of_a_part = claim.coverage == "partial" or bool(claim.wave)
    ink, shade = LATER if claim.is_later else INK, 0.5 if of_a_part else 1.0
    number, base, day = _number(claim), 0.0, np.datetime64(claim.as_of, "D")
    window = None
    if not pd.isna(claim.window_start):
        window = np.array([claim.window_start, claim.window_end], dtype="datetime64[D]")
    if claim.scope == "flow":
        start, day = (day, day) if window is None else window
        base = float(np.interp((start - np.timedelta64(1, "D")).astype(float), dates.astype(float), median))
        dotted = {"linestyle": (0, (1, 1.5)), "alpha": min(shade, 0.9)}
        ax.plot([start, day], [base, base + number], color=ink, linewidth=1.0, zorder=3, **dotted)
    elif window is not None:
        ax.plot(window, [number] * 2, color=ink, linewidth=1.0, alpha=min(shade, 0.9), zorder=3)
        day = window[0] + (window[1] - window[0]) // 2
    if claim.form == "range" and claim.scope != "flow":
        ax.plot([day] * 2, [claim.claim_low, claim.claim_high], color=ink, linewidth=1.2, alpha=shade, zorder=3)
    if claim.is_later:
        ax.plot([day] * 2, [base + claim.low_90, base + claim.high_90], color=ink, linewidth=2.4, alpha=0.25 * shade, zorder=2.5)
    look = claim_mark(claim.form, claim.stance, size=4.2 if of_a_part else 4.8, ink=ink)
    ax.plot([day], [base + number], **look, alpha=0.5 if of_a_part else None, zorder=4)


def _number(claim: Any) -> float:
    """Where the mark is drawn: at the number stated, the middle of a range, or the detection limit."""
    if claim.form == "none_seen":
        return float(claim.claim_high)
    return float(claim.value) if not np.isnan(claim.value) else (claim.claim_low + claim.claim_high) / 2


def _add_title_and_legend(axes: np.ndarray, fit: xr.DataTree, claims: pd.DataFrame, force: str | None) -> None:
    """Title, legend and caption of a new figure."""
    title = f"{force}: posterior curves and claims" if force else "Posterior curves and claims"
    figure_title(axes[0], fit, f"{title}  [persons]")
    when = pd.Timestamp(last_claim_date(fit))
    handles = [
        Line2D([], [], color=FAINT, linewidth=1.6, label="posterior median"),
        Patch(color=FAINT, alpha=0.55, linewidth=0, label="equal-tailed 50 % interval"),
        Patch(color=FAINT, alpha=0.25, linewidth=0, label="equal-tailed 90 % interval"),
        Line2D([], [], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), label=f"last claim, {when.day} {when:%b %Y}"),
        *forecast_handles(fit),
        *claim_handles(sorted(set(claims["form"])), [s for s in STANCE_FACES if s in set(claims["stance"])]),
        *(_later_handles() if True in set(claims["is_later"]) else []),
    ]
    legend_with_caption(axes[0], handles, CAPTION, columns=min(4, 1 + len(axes)))


def _later_handles() -> list[Line2D]:
    return [
        Line2D([], [], **claim_mark("point", "enemy", size=5.5, ink=LATER), label="claim published later"),
        Line2D([], [], color=LATER, linewidth=2.4, alpha=0.35, label="predicted claim, equal-tailed 90 %"),
    ]
