"""What the page needs to be explored: thinned draws of the curves, and how each draw fits the claims of each source."""

from __future__ import annotations

import base64
import json

import numpy as np
import xarray as xr

from forcest.estimates.claims_table import claims_table
from forcest.estimates.draws import days, group
from forcest.estimates.measures import MEASURES

DRAWS, DATES = 400, 60
STEPS_PER_LOG = 2_000
"""Counts are kept as log(1 + count) in steps of 0.05 %: two bytes each."""
EXPLORED = ("deployed", "in_training", "at_front", "in_hospital", "casualties", "killed", "wounded", "captured", "returned_to_duty")


def explorer(fit: xr.DataTree) -> str:
    """Data of the explorer as JSON; empty text for a fit without likelihoods (a forecast)."""
    posterior = group(fit, "posterior")
    if "log_likelihood" not in fit.children:
        return ""
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    draws = np.linspace(0, n - 1, min(n, DRAWS)).round().astype(int)
    dates = days(posterior["date"])
    kept = np.unique(np.linspace(0, len(dates) - 1, min(len(dates), DATES)).round().astype(int))
    force = str(posterior["force"].values[0])
    measures = [name for name in EXPLORED if name in posterior]
    curves = {name: _packed(_flat(posterior[name].isel(force=0))[np.ix_(draws, kept)]) for name in measures}
    data = {
        "force": force,
        "dates": [str(date) for date in dates[kept]],
        "measures": [{"name": name, "label": MEASURES[name].label} for name in measures],
        "draws": len(draws),
        "step": STEPS_PER_LOG,
        "curves": curves,
        "sources": _sources(fit, draws),
        "claims": _claims(fit, force, measures),
    }
    # "<" could end the script element that holds the data; JSON has an escape for it.
    return json.dumps(data, allow_nan=False, ensure_ascii=True).replace("<", "\\u003c")


def _flat(values: xr.DataArray) -> np.ndarray:
    array = values.transpose("chain", "draw", ...).to_numpy()
    return array.reshape(-1, *array.shape[2:])


def _packed(counts: np.ndarray) -> str:
    steps = np.round(np.log1p(np.maximum(counts, 0.0)) * STEPS_PER_LOG)
    return base64.b64encode(steps.clip(0, 65_535).astype("<u2").tobytes()).decode("ascii")


def _sources(fit: xr.DataTree, draws: np.ndarray) -> list[dict[str, object]]:
    """Log likelihood of the claims of each source in every kept draw, the most talkative first."""
    log_likelihood = _flat(group(fit, "log_likelihood")["claims"])[draws]
    names = group(fit, "constant_data")["source"].values.astype(str)
    found = []
    for name in sorted(set(names), key=lambda s: (-int((names == s).sum()), s)):
        own = log_likelihood[:, names == name].sum(axis=1)
        found.append({"name": name, "n": int((names == name).sum()), "fit": np.round(own - own.mean(), 4).tolist()})
    return found


def _claims(fit: xr.DataTree, force: str, measures: list[str]) -> list[dict[str, object]]:
    """Claims about the whole force that have a curve, as said."""
    table = claims_table(fit)
    whole = table[(table["force"] == force) & table["measure"].isin(measures) & (table["wave"] == "") & (table["scope"] != "flow")]
    found = []
    for row in whole.itertuples():
        number = row.value if np.isfinite(row.value) else row.high if np.isfinite(row.high) else row.low  # pyright: ignore
        said = {"measure": row.measure, "date": f"{row.as_of:%Y-%m-%d}", "value": float(number), "source": row.source}
        found.append(said | {"claimed": row.claimed, "id": row.id})
    return found
