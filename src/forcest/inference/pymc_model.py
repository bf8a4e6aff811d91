"""`sample`: any PyMC model with continuous parameters on the many-chain sampler."""

from __future__ import annotations

import json
import platform
import secrets
import time
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

import forcest
from forcest.errors import NotConvergedWarning, SamplingError
from forcest.inference.progress import progress_line
from forcest.inference.pymc_results import check_results, posterior_of
from forcest.sampling.arguments import refuses_old_calls

if TYPE_CHECKING:
    import pymc as pm

    from forcest.inference.pymc_density import PymcDensity
    from forcest.sampling import SampleResult

VERSIONS = ("forcest", "pymc", "pytensor", "numba", "numpy")
TILES = {"numba": 16, "numpy": 64}  # chains in a call: as many as the cache holds, or many for the price of one call per node


@refuses_old_calls(seed="random_seed", threads="cores", progress="progressbar")
def sample(
    model: pm.Model,
    *,
    chains: int = 32,
    random_seed: int | None = None,
    target_ess: float = 400.0,
    draws: int | None = None,
    max_seconds: float | None = None,
    target_accept: float = 0.9,
    kernel: Literal["mams", "hmc"] = "mams",
    metric: Literal["auto", "dense", "low_rank", "diagonal"] = "auto",
    cores: int | None = None,
    backend: Literal["numba", "numpy"] = "numba",
    progressbar: bool = False,
) -> xr.DataTree:
    """Draw from the posterior of any PyMC model with continuous parameters, with many chains in lock-step.

    The graph of the log density and its gradient is compiled for many chains at once; compiling takes seconds to minutes the
    first time and is kept on disk by PyTensor. The warm-up ends by itself and is left out.

    Parameters
    ----------
    model : pymc.Model
        Data containers are read when the model is compiled.
    chains : int
        Groups of four share a start where there are more than 16.
    random_seed : int, optional
        Same seed and versions, same draws, for any number of cores; drawn and recorded if not given.
    target_ess : float
        Bulk and tail effective sample size of every parameter at which sampling stops.
    draws : int, optional
        Draws per chain; by default as many as the target needs.
    max_seconds : float, optional
        Time for sampling, not for compiling; what is there by then is returned, marked unfinished.
    target_accept : float
        Larger takes smaller steps: slower, safer.
    kernel : {"mams", "hmc"}
    metric : {"auto", "dense", "low_rank", "diagonal"}
        Dense up to 1,000 dimensions, then low-rank.
    cores : int, optional
        By default all that this process may use; ``numpy`` uses one only.
    backend : {"numba", "numpy"}
        Compile the graph, or run it node by node: nothing to compile, but each gradient is many times slower. The second is
        quicker in all for a small model that is drawn from once.
    progressbar : bool
        Show progress on the terminal.

    Returns
    -------
    DataTree
        ``posterior``: parameters on their own scale and deterministic variables, with the model's dims and coords. Labels that a
        file cannot hold are stored as text (a period, and a pair of a MultiIndex as "a, b").
        ``sample_stats``: ``lp``, ``diverging``, ``acceptance_rate``, ``n_steps``, as ArviZ calls them. Attributes: settings,
        versions, times [s], ``converged`` and ``reasons``; ``notes``, such as a prior that cannot be drawn from, so that its chains
        start at PyMC's initial point with jitter.

    Raises
    ------
    ModelError
        If the model has discrete, non-float64 or no free variables, or its results would not fit its dims.
    SamplingError
        If no starting point has a finite density.

    Warns
    -----
    NotConvergedWarning
        If the draws must not be used; says why.

    Examples
    --------
    >>> import pymc as pm
    >>> with pm.Model() as normal:
    ...     x = pm.Normal("x", mu=3.0, sigma=1.0, shape=2)
    >>> draws = fc.sample(normal, random_seed=1)
    >>> round(float(draws["posterior"]["x"].mean()))
    3
    """
    from forcest.inference.pymc_density import PymcDensity
    from forcest.sampling import sample as sample_density

    started = time.perf_counter()
    seed = secrets.randbits(31) if random_seed is None else random_seed
    density = PymcDensity(model, backend)
    start = density.starts(np.random.default_rng(seed), 1)
    check_results(model, {name: values.shape[1:] for name, values in density.variables_of(start).items()})
    density(start)  # compiles
    seconds = {"compile": time.perf_counter() - started}
    with progress_line(progressbar, chains) as report:
        result = sample_density(
            density,
            density.starts,
            random_seed=seed,
            chains=chains,
            draws=draws,
            target_ess=target_ess,
            max_seconds=max_seconds,
            target_accept=target_accept,
            kernel=kernel,
            metric=metric,
            cores=1 if backend == "numpy" else cores,
            tile=TILES[backend],
            names=density.names,
            callback=report,
        )
    if not result.draws.shape[1]:
        raise SamplingError("sampling ended before the first draw. Raise `max_seconds`.")
    seconds["sample"] = result.seconds
    tree = _tree(density, result, seconds, started)
    if not result.verdict.converged:
        reasons = "\n".join(result.verdict.reasons)
        warnings.warn(f"do not use these draws: they have NOT converged.\n{reasons}", NotConvergedWarning, stacklevel=3)
    return tree


def _tree(density: PymcDensity, result: SampleResult, seconds: dict[str, float], started: float) -> xr.DataTree:
    chains, draws, dim = result.draws.shape
    stats = {
        "lp": result.lp,
        "diverging": result.infos.is_divergent,
        "acceptance_rate": result.infos.acceptance_rate,
        "n_steps": np.broadcast_to(result.infos.n_steps, result.lp.shape).copy(),
    }
    flat = density.variables_of(result.draws.reshape(-1, dim))
    posterior = posterior_of(
        density.model, {name: values.reshape(chains, draws, *values.shape[1:]) for name, values in flat.items()}
    )
    index = {name: posterior[name] for name in ("chain", "draw")}
    statistics = xr.Dataset({name: (("chain", "draw"), values) for name, values in stats.items()}, coords=index)
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": statistics})
    seconds["total"] = time.perf_counter() - started
    tree.attrs = _attributes(result, seconds, density)
    return tree


def _attributes(result: SampleResult, seconds: dict[str, float], density: PymcDensity) -> dict[str, Any]:
    s, verdict = result.settings, result.verdict
    settings = {name: getattr(s, name) for name in ("chains", "draws", "target_ess", "max_seconds", "target_accept", "kernel")}
    return {
        "sampler": "batched",
        "sampler_settings": json.dumps({**settings, "metric": result.warmup.metric, "vectorised": density.is_vectorised}),
        "random_seed": s.random_seed,
        "chain_groups": result.groups,
        "step_size": float(result.warmup.step_size),
        "n_gradients": int(result.n_gradients),
        "converged": int(verdict.converged),
        "ended_by": verdict.ended_by,
        "judged_by": verdict.mode,
        "reasons": json.dumps(verdict.reasons),
        "notes": json.dumps([*density.notes, *verdict.notes]),
        "seconds": json.dumps({name: round(value, 2) for name, value in seconds.items()}),
        "versions": json.dumps({"python": platform.python_version(), **{name: version(name) for name in VERSIONS}}),
        "forcest_version": forcest.__version__,
    }
