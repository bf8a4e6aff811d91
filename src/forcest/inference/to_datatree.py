"""From draws to the DataTree that everything later reads; see docs/fit-format.md."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

import forcest
from forcest.inference.diagnose import convergence, judge
from forcest.inference.settings import Draws, Settings
from forcest.models.force_model import CURVES, BoundModel

if TYPE_CHECKING:
    from forcest.ledger import Ledger

KEPT_DRAWS = 2_000
PRIOR_DRAWS = 500
MEASURE_CLASSES = ("strength", "losses", "captured", "other")
TEXT = (
    "source",
    "stance",
    "measure",
    "scope",
    "qualifier",
    "form",
    "wave",
    "coverage",
    "definition",
    "measure_class",
    "copies",
    "via",
)
DATES = ("as_of", "published", "window_start", "window_end")
STORED = {"zlib": True, "complevel": 4, "shuffle": True}
VERSIONS = ("forcest", "pymc", "pytensor", "nutpie", "numpy", "xarray", "arviz-stats")


def to_datatree(bound: BoundModel, ledger: Ledger, draws: Draws, settings: Settings) -> xr.DataTree:
    """The fit of a bound model: curves, predictions and diagnostics of all draws, then thinned."""
    n_diverging = int(np.sum(draws.stats.get("diverging", 0)))
    table = convergence(_quantities(bound, draws), draws.groups)
    verdict = judge(table, quick=settings.quick, n_diverging=n_diverging, faults=draws.faults)
    thinned, stats = _thin(draws)
    prior = _prior_draws(bound, settings.random_seed)
    predictive, log_likelihood = _predictions(bound, thinned, [settings.random_seed, 1])
    prior_predictive, _ = _predictions(bound, prior, [settings.random_seed, 2])
    table.attrs |= {"n_diverging": n_diverging, "faults": json.dumps(draws.faults)}
    groups = {
        "posterior": _posterior(bound, thinned),
        "prior": _posterior(bound, prior),
        "posterior_predictive": predictive,
        "prior_predictive": prior_predictive,
        "log_likelihood": log_likelihood,
        "observed_data": _observed(bound.table),
        "constant_data": _constants(bound.table),
        "sample_stats": xr.Dataset({name: (("chain", "draw"), values) for name, values in stats.items()}),
        "diagnostics": table,
    }
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = _attributes(bound, ledger, draws, settings, converged=verdict.converged)
    return tree


def curves_of(bound: BoundModel, parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Curves of draws with chains, each (chain, draw, date)."""
    lead = next(iter(parameters.values())).shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    return {name: curve.reshape(*lead, -1) for name, curve in bound.curves_forward(flat).items()}


def _quantities(bound: BoundModel, draws: Draws) -> dict[str, np.ndarray]:
    """Every scalar that must have converged: parameters, and curves at the first day of each month."""
    found = {}
    for p in bound.parameters:
        values = draws.parameters[p.name]
        labels = [""] if not p.dims else ["[" + ", ".join(map(str, label)) + "]" for label in _labels(bound, p.dims)]
        found |= {
            f"{p.name}{label}": flat
            for label, flat in zip(labels, np.moveaxis(values.reshape(*values.shape[:2], -1), 2, 0), strict=True)
        }
    curves = curves_of(bound, draws.parameters)
    dates = bound.model.grid.dates
    months = dates.searchsorted(pd.date_range(dates[0], dates[-1], freq="MS"))
    for name in CURVES:
        found |= {f"{name} {dates[node]:%Y-%m-%d}": curves[name][:, :, node] for node in months}
    return found


def _labels(bound: BoundModel, dims: tuple[str, ...]) -> list[tuple]:
    return list(pd.MultiIndex.from_product([bound.coords[dim] for dim in dims]))


def _thin(draws: Draws) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    chains, total = next(iter(draws.parameters.values())).shape[:2]
    keep = np.linspace(0, total - 1, min(total, -(-KEPT_DRAWS // chains))).round().astype(int)
    return {name: values[:, keep] for name, values in draws.parameters.items()}, {
        name: v[:, keep] for name, v in draws.stats.items()
    }


def _prior_draws(bound: BoundModel, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, 0])
    return {p.name: p.draw(rng, PRIOR_DRAWS)[None] for p in bound.parameters}


def _posterior(bound: BoundModel, parameters: Mapping[str, np.ndarray]) -> xr.Dataset:
    curves = curves_of(bound, parameters)
    grid = bound.model.grid
    found = {p.name: xr.DataArray(parameters[p.name], dims=("chain", "draw", *p.dims)) for p in bound.parameters}
    for name in CURVES:
        if np.isfinite(curves[name]).all():
            found[name] = xr.DataArray(curves[name][:, :, None, :], dims=("chain", "draw", "force", "date"))
            found[name].encoding = {**STORED, "dtype": "float32"}
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    stance_of = dict(zip(bound.table["source"], bound.table["stance"], strict=True))
    bias = bound.bias.by_source(flat, stance_of, MEASURE_CLASSES)
    lead = next(iter(parameters.values())).shape[:2]
    found["bias"] = xr.DataArray(bias.reshape(*lead, *bias.shape[1:]), dims=("chain", "draw", "source", "measure_class"))
    coords = {
        "force": [bound.force],
        "date": grid.dates,
        "source": list(bound.layout.sources),
        "measure_class": list(MEASURE_CLASSES),
    }
    coords |= {dim: labels for dim, labels in bound.coords.items() if dim not in coords}
    coords |= {"chain": np.arange(lead[0]), "draw": np.arange(lead[1])}
    return xr.Dataset(found, coords=coords)


def _predictions(bound: BoundModel, parameters: Mapping[str, np.ndarray], seed: list[int]) -> tuple[xr.Dataset, xr.Dataset]:
    lead = next(iter(parameters.values())).shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    read = bound.read_curves(bound.curves_forward(flat))
    predictive = bound.likelihood.predict(flat, read, bound.data, np.random.default_rng(seed))
    log_prob = bound.likelihood.by_claim(bound.likelihood.forward(flat, read, bound.data), bound.data)

    def dataset(arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
        shaped = {
            name: (("chain", "draw", "claim"), values.reshape(*lead, -1).astype(np.float32)) for name, values in arrays.items()
        }
        found = xr.Dataset(shaped, coords={"claim": bound.table["id"].to_numpy(object)})
        for variable in found.data_vars.values():
            variable.encoding = dict(STORED)
        return found

    return dataset(predictive), dataset({"claims": log_prob})


def _observed(table: pd.DataFrame) -> xr.Dataset:
    columns = {"value": table["value"], "low": table["cell_low"], "high": table["cell_high"]}
    return xr.Dataset({name: ("claim", values.to_numpy(float)) for name, values in columns.items()}, coords=_claims(table))


def _constants(table: pd.DataFrame) -> xr.Dataset:
    found = {name: ("claim", table[name].to_numpy(object)) for name in TEXT}
    found |= {name: ("claim", table[name].to_numpy("datetime64[ns]")) for name in DATES}
    return xr.Dataset(found, coords=_claims(table))


def _claims(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {"claim": table["id"].to_numpy(object)}


def _attributes(bound: BoundModel, ledger: Ledger, draws: Draws, settings: Settings, *, converged: bool) -> dict[str, object]:
    return {
        "forcest_version": forcest.__version__,
        "ledger": ledger.to_csv(),
        "ledger_hash": ledger.hash,
        "model": bound.model.model_dump_json(),
        "model_kind": bound.model.kind,
        "sampler": settings.sampler,
        "sampler_settings": json.dumps(settings.as_json()),
        "random_seed": settings.random_seed,
        "versions": json.dumps({"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}),
        "seconds": json.dumps({name: round(value, 2) for name, value in draws.seconds.items()}),
        "converged": int(converged),
        "finished": int(draws.is_finished),
        "quick": int(settings.quick),
        "left_out": json.dumps([{"id": row.id, "reason": row.reason} for row in bound.left_out] + _excluded(ledger)),
    }


def _excluded(ledger: Ledger) -> list[dict[str, str]]:
    table = ledger.table()
    unused = table[table["status"] != "usable"]
    return [{"id": str(row["id"]), "reason": str(row["status"])} for row in unused.to_dict("records")]
