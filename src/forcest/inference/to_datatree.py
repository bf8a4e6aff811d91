"""From draws to the DataTree that everything later reads; see docs/fit-format.md."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

import forcest
from forcest.inference.checksums import with_checksums
from forcest.inference.cores import core_limit
from forcest.inference.diagnose import convergence, judge
from forcest.inference.settings import Draws, Settings
from forcest.ledger.measures import CLASSES
from forcest.models.density.bound import BoundModel

if TYPE_CHECKING:
    from forcest.inference.compiled import Bound
    from forcest.ledger import Ledger

KEPT_DRAWS = 1_500
PRIOR_DRAWS = 500
PIECE = 256
"""Draws whose curves are computed together."""
TEXT = (
    "force",
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
    "since",
    "via",
)
DATES = ("as_of", "published", "window_start", "window_end")
STORED = {"zlib": True, "complevel": 4, "shuffle": True}
VERSIONS = ("forcest", "pymc", "pytensor", "numpy", "xarray", "arviz-stats")


def to_datatree(bound: Bound, ledger: Ledger, draws: Draws, settings: Settings, started: float) -> xr.DataTree:
    """The fit of a bound model: diagnosed on all draws, then thinned, with curves and predictions; timed from ``started`` on."""
    n_diverging = int(np.sum(draws.stats.get("diverging", 0)))
    table = convergence(quantities(bound, draws.parameters), draws.groups)
    verdict = judge(table, quick=settings.quick, n_diverging=n_diverging, faults=draws.faults)
    table.attrs |= {"n_diverging": n_diverging, "faults": json.dumps(draws.faults)}
    n_chains, n_draws = next(iter(draws.parameters.values())).shape[:2]
    keep = np.linspace(0, n_draws - 1, min(n_draws, -(-KEPT_DRAWS // n_chains))).round().astype(int)
    kept, prior = {name: values[:, keep] for name, values in draws.parameters.items()}, _prior_draws(bound, settings.random_seed)
    found = groups(bound, kept, prior, settings.random_seed)
    found["sample_stats"] = xr.Dataset({name: (("chain", "draw"), values[:, keep]) for name, values in draws.stats.items()})
    found["diagnostics"] = table
    tree = xr.DataTree.from_dict(found)
    tree.attrs = _attributes(bound, ledger, draws, settings, converged=verdict.converged)
    seconds = {**draws.seconds, "total": time.perf_counter() - started}
    tree.attrs["seconds"] = json.dumps({name: round(value, 2) for name, value in seconds.items()})
    return with_checksums(tree)


@singledispatch
def groups(bound: BoundModel, kept: dict[str, np.ndarray], prior_draws: dict[str, np.ndarray], seed: int) -> dict[str, xr.Dataset]:
    """Posterior, prior, predictions and data of a fit, from kept draws and prior draws, each (chain, draw, ...)."""
    posterior, prior = Process.of(bound, kept), Process.of(bound, prior_draws)
    predictive, log_likelihood = _predictions(bound, posterior, [seed, 1], is_posterior=True)
    return {
        "posterior": _variables(bound, posterior),
        "prior": _variables(bound, prior),
        "posterior_predictive": predictive,
        "prior_predictive": _predictions(bound, prior, [seed, 2], is_posterior=False)[0],
        "log_likelihood": log_likelihood,
        "observed_data": _observed(bound.table),
        "constant_data": _constants(bound.table),
    }


@dataclass(frozen=True)
class Process:
    """Draws of the latent process: parameters (chain, draw, ...) and all curves (chain, draw, date)."""

    parameters: dict[str, np.ndarray]
    curves: dict[str, np.ndarray]

    @classmethod
    def of(cls, bound: BoundModel, parameters: dict[str, np.ndarray]) -> Process:
        """The process of parameter draws."""
        lead = next(iter(parameters.values())).shape[:2]
        curves = _curves(bound, {name: _flat(values) for name, values in parameters.items()})
        return cls(parameters, {name: curve.reshape(*lead, -1) for name, curve in curves.items()})

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws."""
        chains, draws = next(iter(self.parameters.values())).shape[:2]
        return chains, draws


def _curves(bound: BoundModel, flat: Mapping[str, np.ndarray], nodes: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
    """All curves of parameter draws (draw, ...) at some nodes, each (draw, node), in pieces that fit the cache."""
    from forcest.sampling.runner import available_cores, workers  # loads Numba

    first = range(0, len(next(iter(flat.values()))), PIECE)

    def piece(a: int) -> dict[str, np.ndarray]:
        curves = bound.curves_forward({name: values[a : a + PIECE] for name, values in flat.items()})
        return {name: curve[:, nodes] for name, curve in curves.items()}

    with workers(core_limit() or available_cores()) as pool:
        parts = list(pool.map(piece, first))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _flat(values: np.ndarray) -> np.ndarray:
    """Chains one after the other."""
    return values.reshape(-1, *values.shape[2:])


@singledispatch
def quantities(bound: BoundModel, parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every scalar that must have converged, each (chain, draw): parameters, and curves at the first day of each month."""
    found, lead = {}, next(iter(parameters.values())).shape[:2]
    for p in bound.parameters:
        values = parameters[p.name].reshape(*lead, -1)
        labels = [""] if not p.dims else ["[" + ", ".join(map(str, label)) + "]" for label in _labels(bound, p.dims)]
        found |= {f"{p.name}{label}": column for label, column in zip(labels, np.moveaxis(values, 2, 0), strict=True)}
    dates = bound.model.grid.dates
    months = dates.searchsorted(pd.date_range(dates[0], dates[-1], freq="MS"))
    curves = _curves(bound, {name: _flat(values) for name, values in parameters.items()}, months)
    for label in (label for labels in bound.curve_labels.values() for label in labels if label is not None):
        found |= {f"{label} {dates[node]:%Y-%m-%d}": curves[label][:, k].reshape(lead) for k, node in enumerate(months)}
    return found


def _labels(bound: BoundModel, dims: tuple[str, ...]) -> list[tuple]:
    return list(pd.MultiIndex.from_product([bound.coords[dim] for dim in dims]))


def _prior_draws(bound: Bound, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, 0])
    return {p.name: p.draw(rng, PRIOR_DRAWS)[None] for p in bound.parameters}


def _variables(bound: BoundModel, process: Process) -> xr.Dataset:
    found = {p.name: xr.DataArray(process.parameters[p.name], dims=("chain", "draw", *p.dims)) for p in bound.parameters}
    for name, labels in bound.curve_labels.items():
        absent = np.full((*process.shape, bound.model.grid.size), np.nan)
        by_force = np.stack([absent if label is None else process.curves[label] for label in labels], axis=2)
        if np.isfinite(by_force).any():
            found[name] = xr.DataArray(by_force, dims=("chain", "draw", "force", "date"))
            found[name].encoding = {**STORED, "dtype": "float32"}
    bias = bound.bias_by_source({name: _flat(values) for name, values in process.parameters.items()})
    found["bias"] = xr.DataArray(bias.reshape(*process.shape, *bias.shape[1:]), dims=("chain", "draw", *bound.bias.dims))
    coords = {"source": list(bound.layout.sources), "measure_class": list(CLASSES), **bound.coords}
    coords |= {"date": bound.model.grid.dates, "chain": np.arange(process.shape[0]), "draw": np.arange(process.shape[1])}
    if bound.layout.stances:
        coords["learnt"] = ("stance_class", bound.bias.learnt)
    return xr.Dataset(found, coords=coords)


def _predictions(bound: BoundModel, process: Process, seed: list[int], *, is_posterior: bool) -> tuple[xr.Dataset, xr.Dataset]:
    flat = {name: _flat(values) for name, values in process.parameters.items()}
    read = bound.read_curves({name: _flat(curve) for name, curve in process.curves.items()})
    variants = bound.likelihood.forward(flat, read, bound.data)
    given = variants if is_posterior else None
    predictive = bound.likelihood.predict(flat, read, bound.data, np.random.default_rng(seed), given=given)
    log_prob = bound.likelihood.by_claim(variants, bound.data)

    def dataset(arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
        shape = (*process.shape, -1)
        shaped = {name: (("chain", "draw", "claim"), values.reshape(shape).astype(np.float32)) for name, values in arrays.items()}
        found = xr.Dataset(shaped, coords=_claims(bound.table))
        for variable in found.data_vars.values():
            variable.encoding = dict(STORED)
        return found

    return dataset(predictive), dataset({"claims": log_prob})


def _observed(table: pd.DataFrame) -> xr.Dataset:
    columns = {"value": table["value"], "low": table["claim_low"], "high": table["claim_high"]}
    return xr.Dataset({name: ("claim", values.to_numpy(float)) for name, values in columns.items()}, coords=_claims(table))


def _constants(table: pd.DataFrame) -> xr.Dataset:
    found = {name: ("claim", table[name].to_numpy(object)) for name in TEXT}
    found |= {name: ("claim", table[name].to_numpy("datetime64[ns]")) for name in DATES}
    return xr.Dataset(found, coords=_claims(table))


def _claims(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {"claim": table["id"].to_numpy(object)}


def _attributes(bound: Bound, ledger: Ledger, draws: Draws, settings: Settings, *, converged: bool) -> dict[str, object]:
    packages = (*VERSIONS, "nutpie") if settings.sampler.name == "nutpie" else VERSIONS
    return {
        "forcest_version": forcest.__version__,
        "ledger": ledger.to_csv(),
        "ledger_hash": ledger.hash,
        "model": bound.model.model_dump_json(),
        "model_kind": bound.model.kind,
        "predicts_claims": int(bound.model.predicts_claims),
        "sampler": settings.sampler.name,
        "sampler_settings": json.dumps(settings.as_dict()),
        "random_seed": settings.random_seed,
        "versions": json.dumps({"python": platform.python_version(), **{name: version(name) for name in packages}}),
        "converged": int(converged),
        "ended_by": draws.ended_by,
        "quick": int(settings.quick),
        "left_out": json.dumps([{"id": row.id, "reason": row.reason} for row in bound.left_out] + _excluded(ledger)),
    }


def _excluded(ledger: Ledger) -> list[dict[str, str]]:
    table = ledger.to_dataframe()
    rows = zip(table["id"], table["status"], strict=True)
    return [{"id": str(id_), "reason": str(status)} for id_, status in rows if status != "usable"]
