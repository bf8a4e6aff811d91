"""Data embedded in the page, so that its readers can choose the date, the sources, the interval and a scenario."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
import xarray as xr

from forcest.estimates.draws import days, group, is_modelled, on_date, pooled
from forcest.estimates.measures import MEASURES
from forcest.plots.style import drawn_until

MEASURES_SHOWN = ("deployed", "at_front", "casualties", "killed", "wounded")
MAX_DRAWS, MAX_DATES = 800, 21
# Below this many effective draws a 5 % quantile rests on fewer than ten: the page refuses.
MIN_EFFECTIVE = 200
PROBABILITIES = (0.5, 0.05, 0.95, 0.1, 0.9, 0.25, 0.75, 0.025, 0.975)
"""Of the stored quantiles: the median, then the ends of the intervals of 90, 80, 50 and 95 %."""
STEPS = 65_535
"""Of the scale of log(1 + persons) on which draws are stored: a draw is exact to a hundredth of a percent."""


def exploration(fit: xr.DataTree, start: str, scenarios: Mapping[str, xr.DataTree]) -> dict:
    """Quantiles and thinned draws by date, the log likelihood of each source in each draw, and the quantiles of scenarios.

    Parameters
    ----------
    fit : DataTree
        A fit.
    start : str
        ISO date at which the reader begins; it is among the dates.
    scenarios : mapping of str to DataTree
        Forecasts by name, of which only quantiles are stored.

    Returns
    -------
    dict
        `views` (the fit, then the scenarios; each with `name`, `dates` (ISO), `start` (place of the first date shown) and `curves`:
        rows of `label` and `spans`, quantiles of all draws at `probabilities`, whole persons, shape (date, probability)),
        `probabilities`, `draws` (of each curve of the first view, base64 of 16-bit numbers (date, draw) on the scale of
        log(1 + persons) from 0 to `largest`), `sources` (rows of `name`, `log_likelihood`, base64 of 16-bit numbers (draw,) from
        the lowest to the highest, and `span` between these; empty where the fit stores none), `n_draws` and `min_effective`.
    """
    posterior = group(fit, "posterior")
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    kept = np.unique(np.linspace(0, n - 1, min(n, MAX_DRAWS)).round().astype(int))
    first, dates = _view("this estimate", fit, start)
    drawn = [np.log1p(_on_dates(fit, measure, i, dates)[:, kept]) for measure, i in _shown(fit)]
    largest = max((float(values.max()) for values in drawn), default=1.0) or 1.0
    return {
        "views": [first, *(_view(name, tree, start)[0] for name, tree in scenarios.items())],
        "probabilities": list(PROBABILITIES),
        "draws": [_packed((STEPS * values / largest).round().astype("<u2")) for values in drawn],
        "largest": largest,
        "sources": _sources(fit, kept),
        "n_draws": len(kept),
        "min_effective": MIN_EFFECTIVE,
    }


def _view(name: str, fit: xr.DataTree, start: str) -> tuple[dict, np.ndarray]:
    """Quantiles of every curve at some dates, the start among them, and these dates."""
    posterior = group(fit, "posterior")
    grid = drawn_until(fit, days(posterior["date"]))
    begins = np.clip(np.datetime64(start, "D"), grid[0], grid[-1])
    dates = np.unique([*grid[np.linspace(0, len(grid) - 1, min(len(grid), MAX_DATES)).round().astype(int)], begins])
    several = posterior.sizes["force"] > 1
    curves = []
    for measure, i in _shown(fit):
        label = MEASURES[measure].label
        spans = np.quantile(_on_dates(fit, measure, i, dates), PROBABILITIES, axis=1)
        force = f"{posterior['force'].values[i]}: " if several else ""
        curves.append({"label": force + label, "spans": np.rint(spans.T).astype(int).tolist()})
    place = int(np.searchsorted(dates, begins))
    return {"name": name, "dates": [str(day) for day in dates], "start": place, "curves": curves}, dates


def _shown(fit: xr.DataTree) -> list[tuple[str, int]]:
    """Measures and forces that have a curve."""
    posterior = group(fit, "posterior")
    pairs = [(measure, i) for measure in MEASURES_SHOWN if measure in posterior for i in range(posterior.sizes["force"])]
    return [(measure, i) for measure, i in pairs if is_modelled(posterior[measure].isel(force=i))]


def _on_dates(fit: xr.DataTree, measure: str, force: int, dates: np.ndarray) -> np.ndarray:
    """Draws of a curve at the end of dates, also between those of a coarse grid, shape (date, draw)."""
    curve = group(fit, "posterior")[measure].isel(force=force)
    return np.stack([pooled(on_date(curve, day)) for day in dates])


def _sources(fit: xr.DataTree, kept: np.ndarray) -> list[dict]:
    if "log_likelihood" not in fit.children:
        return []
    terms = pooled(group(fit, "log_likelihood")["claims"])[kept]
    sources = group(fit, "constant_data")["source"].values.astype(str)
    sums = {str(s): terms[:, sources == s].sum(axis=1) for s in dict.fromkeys(sources)}
    return [_source(name, values) for name, values in sums.items() if np.isfinite(values).all()]


def _source(name: str, log_likelihood: np.ndarray) -> dict:
    """Log likelihood of the claims of a source in each draw; only differences between draws matter."""
    span = float(np.ptp(log_likelihood))
    above = (log_likelihood - log_likelihood.min()) / (span or 1.0)
    return {"name": name, "log_likelihood": _packed((STEPS * above).round().astype("<u2")), "span": span}


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
