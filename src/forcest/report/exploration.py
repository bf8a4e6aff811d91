"""Data embedded in the page, so that its readers can move the date and switch sources off."""

from __future__ import annotations

import numpy as np
import xarray as xr

from forcest.estimates.draws import days, group, is_modelled, pooled
from forcest.estimates.measures import MEASURES

MEASURES_SHOWN = ("deployed", "at_front", "casualties", "killed", "wounded")
MAX_DRAWS, MAX_DATES = 800, 25
# Below this many effective draws a 5 % quantile rests on fewer than ten: the page refuses.
MIN_EFFECTIVE = 200


def exploration(fit: xr.DataTree, start: str) -> dict:
    """Thinned draws by date, and the log likelihood of each source in each of them.

    Parameters
    ----------
    fit : DataTree
        A fit.
    start : str
        ISO date at which the reader begins; it is among the dates.

    Returns
    -------
    dict
        `dates` (ISO), `start` (place of the first date shown), `curves` (rows of `label`, `spans`: median, 5 and 95 % of all
        draws, shape (date, 3), and `draws`, shape (date, draw), whole persons), `sources` (rows of `name` and `log_likelihood`,
        shape (draw,)), empty where the fit stores none, and `min_effective`.
    """
    posterior = group(fit, "posterior")
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    kept = np.unique(np.linspace(0, n - 1, min(n, MAX_DRAWS)).round().astype(int))
    grid = days(posterior["date"])
    begins = min(int(np.searchsorted(grid, np.datetime64(start, "D"))), len(grid) - 1)
    spread = np.linspace(0, len(grid) - 1, min(len(grid), MAX_DATES)).round().astype(int)
    at = np.unique([*spread, begins])
    forces = [str(force) for force in posterior["force"].values]
    curves = []
    for name in (m for m in MEASURES_SHOWN if m in posterior):
        array = pooled(posterior[name].isel(date=at).transpose(..., "force", "date"))
        spans = np.quantile(array, (0.5, 0.05, 0.95), axis=0)
        for i, force in enumerate(forces):
            if not is_modelled(posterior[name].isel(force=i)):
                continue
            label = MEASURES[name].label if len(forces) == 1 else f"{force}: {MEASURES[name].label}"
            curves.append({"label": label, "spans": _whole(spans[:, i].T), "draws": _whole(array[kept, i].T)})
    return {
        "dates": [str(d) for d in grid[at]],
        "start": int(np.searchsorted(at, begins)),
        "curves": curves,
        "sources": _sources(fit, kept),
        "min_effective": MIN_EFFECTIVE,
    }


def _sources(fit: xr.DataTree, kept: np.ndarray) -> list[dict]:
    if "log_likelihood" not in fit.children:
        return []
    terms = pooled(group(fit, "log_likelihood")["claims"])[kept]
    sources = group(fit, "constant_data")["source"].values.astype(str)
    return [
        {"name": str(s), "log_likelihood": terms[:, sources == s].sum(axis=1).round(3).tolist()}
        for s in dict.fromkeys(sources)
        if np.isfinite(terms[:, sources == s]).all()
    ]


def _whole(persons: np.ndarray) -> list:
    return np.rint(persons).astype(int).tolist()
