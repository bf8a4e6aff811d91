"""What a fit of the published model of Radford et al. (2023) consists of: its draws, quantities and groups.

Importing this module registers them beside those of the other models.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forcest.inference.batched import give_up, options_of, sample_batched, shared_starts, stats_of
from forcest.inference.cores import core_limit
from forcest.inference.progress import progress_line
from forcest.inference.samplers import FEWEST_DRAWS
from forcest.inference.settings import Draws, Settings
from forcest.inference.to_datatree import groups, quantities
from forcest.models.radford2023.description import PublishedModel

PIECE = 64
"""Draws whose curves are computed together."""
STORED = {"zlib": True, "complevel": 4, "shuffle": True, "dtype": "float32"}
LARGE = 1_000
"""A variable with more entries a draw than this is stored in single precision."""


@sample_batched.register
def _(bound: PublishedModel, settings: Settings) -> Draws:
    """Draws of the published posterior, in coordinates chosen for the claims."""
    from forcest.models.radford2023.sampling import sample_published

    started = time.perf_counter()
    with progress_line(settings.progressbar, settings.sampler.chains) as report:
        found = sample_published(
            bound,
            random_seed=settings.random_seed,
            **options_of(settings, started),
            cores=core_limit(),
            callback=report,
        )
    result = found.result
    if result.draws.shape[1] < FEWEST_DRAWS:
        give_up(result.verdict.reasons)
    return Draws(
        parameters=found.parameters(),
        stats=stats_of(result, found.density.published.coordinates.constant),
        seconds={"sample": time.perf_counter() - started},
        groups=shared_starts(result),
        faults=result.verdict.reasons,
        ended_by=result.verdict.ended_by,
    )


@quantities.register
def _(bound: PublishedModel, parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every scalar that must have converged, each (chain, draw): parameters, biases, shifts, log losses by month and at the end."""
    lead = next(iter(parameters.values())).shape[:2]
    found = {}
    for p in bound.parameters:
        labels = [""] if not p.dims else [f"[{', '.join(map(str, label))}]" for label in _labels(bound, p.dims)]
        columns = np.moveaxis(parameters[p.name].reshape(*lead, -1), 2, 0)
        found |= {f"{p.name}{label}": column for label, column in zip(labels, columns, strict=True)}
    flat = _flat(parameters)
    dates = bound.model.grid.dates
    nodes = np.unique(np.append(dates.searchsorted(pd.date_range(dates[0], dates[-1], freq="MS")), len(dates) - 1))
    losses = np.log(_losses(bound, flat, nodes))
    for j, series in enumerate(bound.reports.series):
        found |= {f"log losses {series} {dates[node]:%Y-%m-%d}": losses[:, j, k].reshape(lead) for k, node in enumerate(nodes)}
    bias = bound.log_bias(flat).reshape(*lead, -1)
    labels = _labels(bound, ("source", "country", "category"))
    found |= {f"log bias [{', '.join(label)}]": bias[..., i] for i, label in enumerate(labels)}
    for name in ("minimum", "maximum"):
        shift = bound.log_shift(flat, name)
        found |= {f"log shift of {name} [{s}]": shift[:, i].reshape(lead) for i, s in enumerate(bound.reports.sources)}
    return found


@groups.register
def _(bound: PublishedModel, kept: Mapping[str, np.ndarray], prior: Mapping[str, np.ndarray], seed: int) -> dict[str, xr.Dataset]:
    """Posterior, prior, log likelihood and data of a fit, from kept draws and prior draws, each (chain, draw, ...)."""
    likelihood = bound.log_likelihood(_flat(kept)).reshape(*next(iter(kept.values())).shape[:2], -1)
    claims = {"claim": bound.table["id"].to_numpy(object)}
    data = {name: ("claim", bound.table[name].to_numpy(object)) for name in _TEXT}
    data["copies"] = ("claim", np.full(len(bound.table), "", dtype=object))
    data |= {name: ("claim", bound.table[name].to_numpy("datetime64[ns]")) for name in ("as_of", "published")}
    found = xr.Dataset({"claims": (("chain", "draw", "claim"), likelihood.astype(np.float32))}, coords=claims)
    found["claims"].encoding = dict(STORED)
    return {
        "posterior": _variables(bound, kept),
        "prior": _variables(bound, prior),
        "log_likelihood": found,
        "observed_data": xr.Dataset({"value": ("claim", bound.table["value"].to_numpy(float))}, coords=claims),
        "constant_data": xr.Dataset(data, coords=claims),
    }


_TEXT = ("force", "measure", "item", "scope", "qualifier", "source", "stance")


def _variables(bound: PublishedModel, parameters: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Parameters, losses by kind, losses of the forces' people under their measures, and multiplicative biases and shifts."""
    lead, flat = next(iter(parameters.values())).shape[:2], _flat(parameters)
    found = {p.name: (("chain", "draw", *p.dims), parameters[p.name]) for p in bound.parameters}
    losses = _losses(bound, flat).astype(np.float32)
    losses = losses.reshape(*lead, *losses.shape[1:])
    found["losses"] = (("chain", "draw", "series", "date"), losses)
    for measure, by_force in bound.series_of_people.items():
        nothing = np.full_like(losses[:, :, 0], np.nan)
        columns = [losses[:, :, by_force[force]] if force in by_force else nothing for force in bound.forces]
        found[measure] = (("chain", "draw", "force", "date"), np.stack(columns, axis=2))
    bias = np.exp(bound.log_bias(flat))
    found["bias"] = (("chain", "draw", "source", "country", "category"), bias.reshape(*lead, *bias.shape[1:]))
    for name in ("minimum", "maximum"):
        found[f"{name}_shift"] = (("chain", "draw", "source"), np.exp(bound.log_shift(flat, name)).reshape(*lead, -1))
    coords = {**bound.coords, "force": list(bound.forces), "date": bound.model.grid.dates}
    made = xr.Dataset(found, coords=coords | {name: np.arange(n) for name, n in zip(("chain", "draw"), lead, strict=True)})
    for variable in made.data_vars.values():
        if variable[0, 0].size > LARGE or "date" in variable.dims:
            variable.encoding = dict(STORED)
    return made


def _losses(bound: PublishedModel, flat: Mapping[str, np.ndarray], nodes: slice | np.ndarray = slice(None)) -> np.ndarray:
    """Cumulative losses, shape (draw, series, date), at all dates or some."""
    n = len(next(iter(flat.values())))
    pieces = ({name: v[a : a + PIECE] for name, v in flat.items()} for a in range(0, n, PIECE))
    return np.concatenate([bound.losses(piece)[1][:, :, nodes] for piece in pieces])


def _flat(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Chains one after the other."""
    return {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}


def _labels(bound: PublishedModel, dims: tuple[str, ...]) -> list[tuple]:
    return list(pd.MultiIndex.from_product([bound.coords[dim] for dim in dims]))
