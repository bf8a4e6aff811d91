"""nutpie and PyMC on the densities of the benchmark, with the same stopping rule.

Both call our density with one row per gradient, through a Python function; values and gradients are ours.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
from targets_densities import Target

from forcest.sampling import diagnose

CHAINS, DRAWS, TUNE, MOST = 4, 1000, 1000, 16_000
ESS, RHAT = 400, 1.01


class _NotFiniteError(Exception):
    is_recoverable = True


def late() -> dict:
    """The cell of a run that met its time limit."""
    return {"converged": False, "reasons": ["time"], "draws": None}


def judged(x: np.ndarray, steps: np.ndarray, early: np.ndarray, diverging: np.ndarray, seconds: float) -> dict:
    """A cell: draws (chain, draw, dim), gradients of draws and of warm-up, and whether the rule holds."""
    found = diagnose(x)
    return {
        "draws": x,
        "converged": bool(np.all(found.ess >= ESS) and np.all(found.rhat <= RHAT)),
        "reasons": [],
        "warmup_gradients": int(early.sum()),
        "gradients": int(steps.sum() + early.sum()),
        "seconds": seconds,
        "min_ess_bulk": float(found.ess_bulk.min()),
        "min_ess": float(found.ess.min()),
        "max_rhat": float(found.rhat.max()),
        "n_divergent": int(diverging.sum()),
        "mean_steps": float(steps.mean()),
    }


def until_judged_well(run: Callable[[int, float], dict], limit: float) -> dict:
    """A new, longer run until the rule holds or time is up; only the last one counts."""
    draws, began = DRAWS, time.monotonic()
    while True:
        out = run(draws, max(1.0, limit - (time.monotonic() - began)))
        seconds = out.get("seconds", limit)
        if out["draws"] is None or out["converged"] or draws >= MOST or time.monotonic() - began + 2 * seconds > limit:
            return out
        factor = max(ESS / max(1.0, out["min_ess"]), (out["max_rhat"] - 1) / (RHAT - 1))
        draws = int(draws * min(4.0, max(1.5, 1.2 * factor)))


def _value_and_gradient(target: Target) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    def call(x):
        with np.errstate(all="ignore"):
            value, gradient = target.logdensity(np.asarray(x)[None])
        return float(value[0]), np.ascontiguousarray(gradient[0])

    return call


def nutpie_model(target: Target):
    from nutpie.compiled_pyfunc import from_pyfunc

    def make_logp():
        call = _value_and_gradient(target)

        def logp(x):
            value, gradient = call(x)
            if not np.isfinite(value):
                raise _NotFiniteError
            return value, gradient

        return logp

    def make_expand(*_):
        return lambda x: {"x": x}

    def start(seed):
        return target.start(np.random.default_rng(seed), 1)[0]

    return from_pyfunc(
        target.dim, make_logp, make_expand, [np.dtype("float64")], [(target.dim,)], ["x"], make_initial_point_fn=start
    )


def run_nutpie(target: Target, seed: int, limit: float, adaptation: str) -> dict:
    import nutpie

    model = nutpie_model(target)

    def run(draws: int, left: float) -> dict:
        started = time.monotonic()
        sampler = nutpie.sample(
            model, draws=draws, chains=CHAINS, cores=2, seed=seed, adaptation=adaptation, progress_bar=False, blocking=False
        )
        try:
            trace = sampler.wait(timeout=left)
        except TimeoutError:
            sampler.cancel()
            return late()
        seconds = time.monotonic() - started
        stats, early = trace.sample_stats, trace.warmup_sample_stats
        x = trace.posterior["x"].to_numpy()
        return judged(x, stats["n_steps"].to_numpy(), early["n_steps"].to_numpy(), stats["diverging"].to_numpy(), seconds)

    return until_judged_well(run, limit)


def pymc_model(target: Target):
    """Flat parameters and a potential: an operation that gives value and gradient from one call of our density."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.graph.op import Op

    class Density(Op):
        itypes = (pt.dvector,)
        otypes = (pt.dscalar, pt.dvector)

        def perform(self, node, inputs, outputs):
            value, gradient = _value_and_gradient(target)(inputs[0])
            outputs[0][0], outputs[1][0] = np.array(value), gradient

        def pullback(self, inputs, outputs, cotangents):
            return [cotangents[0] * outputs[1]]

    with pm.Model() as model:
        x = pm.Flat("x", shape=target.dim)
        pm.Potential("density", Density()(x)[0])
    return model


class _TimeIsUpError(Exception):
    pass


def run_pymc(target: Target, seed: int, limit: float, init: str) -> dict:
    """One process: two workers took longer on targets as cheap as these."""
    import pymc as pm

    model = pymc_model(target)
    starts = [{"x": row} for row in target.start(np.random.default_rng(seed), CHAINS)]

    def run(draws: int, left: float) -> dict:
        ends = time.monotonic() + left

        def stop_if_late(**_):
            if time.monotonic() > ends:
                raise _TimeIsUpError

        settings = {"tune": TUNE, "chains": CHAINS, "cores": 1, "init": init, "initvals": starts, "nuts_sampler": "pymc"}
        quiet = {"progressbar": False, "compute_convergence_checks": False, "discard_tuned_samples": False, "quiet": True}
        try:
            with model, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                trace = pm.sample(draws, random_seed=seed, callback=stop_if_late, **settings, **quiet)
        except _TimeIsUpError:
            return late()
        stats, early = trace.sample_stats, trace.warmup_sample_stats
        x, seconds = trace.posterior["x"].to_numpy(), float(trace.posterior.attrs["sampling_time"])
        return judged(x, stats["n_steps"].to_numpy(), early["n_steps"].to_numpy(), stats["diverging"].to_numpy(), seconds)

    return until_judged_well(run, limit)
