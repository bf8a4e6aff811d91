"""The runs behind kursk.py, each a process of its own: ``python kursk_runs.py RUN OPTIONS`` prints one JSON line at its end.

Draws of every parameter and of every curve at the first of each month go to a file, so that kursk.py can compare them.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

BEGAN = float(os.environ.get("KURSK_BEGAN", time.time()))
ESS, R_HAT = 400, 1.01
CHAINS, CHECK_EVERY = 4, 8.0


def main(run: str, options: dict) -> None:
    out = RUNS[run](options)
    out |= {
        "process_seconds": time.time() - BEGAN,
        "cpu_seconds": time.process_time(),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(out), flush=True)


def bound_model(step: str):
    from forcest.datasets import load
    from forcest.models.presets import north_korea_kursk

    return north_korea_kursk(step).on(load("north_korea_kursk"))


def moving(bound, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from forcest.inference.to_datatree import quantities

    found = quantities(bound, parameters)
    return {name: values for name, values in found.items() if np.isfinite(values).all() and np.ptp(values) > 0}


def save(path: str | None, bound, parameters: dict[str, np.ndarray]) -> None:
    if path:
        found = moving(bound, parameters)
        np.savez(path, names=np.array(list(found)), draws=np.stack(list(found.values())))


def judged(bound, parameters: dict[str, np.ndarray]) -> dict:
    """Worst figures of every parameter and curve."""
    from forcest.sampling import diagnose

    found = diagnose(np.stack(list(moving(bound, parameters).values()), axis=2))
    done = bool(np.all(found.ess >= ESS) and np.all(found.rhat <= R_HAT))
    return {
        "converged": done,
        "min_ess_bulk": float(found.ess_bulk.min()),
        "min_ess": float(found.ess.min()),
        "max_rhat": float(found.rhat.max()),
        "draws": int(next(iter(parameters.values())).shape[1]),
    }


def estimate(options: dict) -> dict:
    """Time for a user, from the start of the process to R-hat, ESS and a summary."""
    started = time.time()
    import forcest as fc

    model, ledger = fc.presets.north_korea_kursk(options["step"]), fc.datasets.load("north_korea_kursk")
    loaded = time.time()
    fit = fc.fit(model, ledger, random_seed=options["seed"])
    fitted = time.time()
    fc.diagnose(fit)
    fc.summary(fit)
    done = time.time()
    table = fit["diagnostics"]
    return {
        "to_summary_seconds": done - BEGAN,
        "cpu_to_summary_seconds": time.process_time(),
        "stages": {
            "interpreter": started - BEGAN,
            "import_model_ledger": loaded - started,
            "fit": fitted - loaded,
            "summary": done - fitted,
            "of_fit": json.loads(fit.attrs["seconds"]),
        },
        "converged": bool(fit.attrs["converged"]),
        "min_ess_bulk": float(table["ess_bulk"].min()),
        "heavy_modules": sorted({"pymc", "pytensor", "matplotlib", "arviz_stats", "nutpie"} & set(sys.modules)),
    }


def batched(options: dict) -> dict:
    """Draws on the batched density: the first fit loads the kernels, later ones are timed; the last one is long, for comparison."""
    from forcest.inference.batched import sample_batched
    from forcest.inference.samplers import Batched
    from forcest.inference.settings import Settings

    bound, rates = bound_model(options["step"]), []

    def draw(seed, target):
        settings = Settings.of(bound.model, Batched(target_ess=target), random_seed=seed)
        began = time.perf_counter()
        draws = sample_batched(bound, settings)
        return draws, time.perf_counter() - began

    draw(0, 100.0)
    for seed in range(1, options["repeats"] + 1):
        draws, seconds = draw(seed, 400.0)
        found = judged(bound, draws.parameters) | _verdict(bound, draws)
        rates.append({"seconds": seconds, "ess_per_second": found["min_ess_bulk"] / seconds, **found})
    draws, _ = draw(options["repeats"] + 1, options["long_ess"])
    save(options.get("out"), bound, draws.parameters)
    return {"runs": rates, "ess_per_second": float(np.median([run["ess_per_second"] for run in rates]))}


def _verdict(bound, draws) -> dict:
    """The verdict of ``fit``, whose rule is for many chains."""
    from forcest.inference.diagnose import convergence, judge

    n_diverging = int(np.sum(draws.stats["diverging"]))
    verdict = judge(
        convergence(moving(bound, draws.parameters), draws.groups), quick=False, n_diverging=n_diverging, faults=draws.faults
    )
    return {"converged": verdict.converged, "reasons": verdict.reasons}


def nutpie(options: dict) -> dict:
    """Compile, draw until the rule holds for every parameter and curve, or until the limit; judging is not timed."""
    import nutpie

    bound = bound_model(options["step"])
    names = [p.name for p in bound.parameters]
    began = time.perf_counter()
    compiled = nutpie.compile_pymc_model(bound.graph(), var_names=names)
    compile_seconds = time.perf_counter() - began
    out = {"compile_seconds": compile_seconds, "ready_seconds": time.time() - BEGAN, "adaptation": options["adaptation"]}
    if options["limit"] > 0:
        parameters, found = _nutpie_until(compiled, names, bound, options)
        out |= found
        if parameters:
            save(options.get("out"), bound, parameters)
    if options.get("gradient"):
        out["gradient_microseconds"] = _gradient_cost(compiled.logp_func, compiled.n_dim)
    return out


def _nutpie_until(compiled, names: list[str], bound, options: dict) -> tuple[dict, dict]:
    import nutpie

    sampler = nutpie.sample(
        compiled,
        draws=20_000,
        chains=CHAINS,
        cores=CHAINS,
        seed=options["seed"],
        adaptation=options["adaptation"],
        save_warmup=False,
        progress_bar=False,
        blocking=False,
    )
    seconds, found, parameters, wait = 0.0, {}, {}, CHECK_EVERY
    while seconds < options["limit"]:
        began = time.perf_counter()
        time.sleep(min(wait, options["limit"] - seconds + 0.1))
        seconds += time.perf_counter() - began
        sampler.pause()
        posterior = sampler.inspect()["posterior"]
        length = _drawn(posterior[names[0]].values)
        if length >= 20:
            parameters = {name: posterior[name].values[:, :length].astype(float) for name in names}
            found = judged(bound, parameters)
            if found["converged"]:
                break
            wait = max(CHECK_EVERY, 0.15 * seconds)
        sampler.resume()
    steps = sampler.inspect()["sample_stats"]
    sampler.cancel()
    if not found:
        return {}, {"converged": False, "sample_seconds": seconds, "reason": "still adapting at the limit"}
    n_diverging = int(np.nansum(steps["diverging"].values[:, : found["draws"]]))
    mean_steps = float(np.nanmean(steps["n_steps"].values[:, : found["draws"]]))
    rate = found["min_ess_bulk"] / seconds
    wanted = max(ESS / found["min_ess"], (found["max_rhat"] - 1) / (R_HAT - 1), 1.0)
    projected = seconds if found["converged"] else seconds * wanted
    return parameters, found | {
        "sample_seconds": seconds,
        "projected_seconds": projected,
        "ess_per_second": rate,
        "n_diverging": n_diverging,
        "mean_steps": mean_steps,
    }


def _drawn(values: np.ndarray) -> int:
    """Number of draws that all chains of (chain, draw, ...) have; missing draws are NaN."""
    return int(np.isfinite(values).reshape(*values.shape[:2], -1).all(axis=2).sum(axis=1).min()) if values.size else 0


def _gradient_cost(function, dim: int, repeats: int = 200) -> float:
    """Median time of a value and gradient of the compiled graph [microseconds]."""
    position, times = np.zeros(dim), []
    for _ in range(repeats):
        began = time.perf_counter()
        function(position)
        times.append(time.perf_counter() - began)
    return 1e6 * float(np.median(times))


def numpyro(options: dict) -> dict:
    """NumPyro's NUTS on the same graph through PyMC's translation to JAX: one chain per device, compiled ahead of time."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={CHAINS}"
    try:
        import jax
        import numpyro as package
    except ImportError as error:
        return {"skipped": f"{error}; add uv run --with jax --with numpyro"}
    jax.config.update("jax_enable_x64", True)
    from pymc.sampling.jax import get_jaxified_logp

    bound = bound_model(options["step"])
    graph, coordinates = bound.graph(), bound.density().coordinates
    logp, point = get_jaxified_logp(graph), graph.initial_point(0)  # its "negative_logp=False" gives the negative one
    shapes = [np.shape(point[var.name]) for var in graph.value_vars]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1].tolist()

    def potential(x):
        parts = jax.numpy.split(x, cuts)
        return -logp([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])

    same_density(potential, bound.density())
    centre = np.concatenate([np.ravel(point[var.name]) for var in graph.value_vars])
    jitter = np.random.default_rng(options["seed"]).uniform(-1.0, 1.0, (CHAINS, len(centre)))  # as PyMC and nutpie start
    out = {"numpyro": package.__version__, "jax": jax.__version__, "dense_mass": options["dense"]}
    draws, found = _numpyro_until(jax, potential, centre + jitter, options)
    flat = coordinates.parameters_of(draws.reshape(-1, draws.shape[-1]))
    parameters = {name: values.reshape(*draws.shape[:2], *values.shape[1:]) for name, values in flat.items()}
    judgement = judged(bound, parameters)
    rate = judgement["min_ess_bulk"] / found["sample_seconds"]
    return out | found | judgement | {"ess_per_second": rate}


def same_density(potential, density) -> None:
    """Stop where the potential is not the batched density up to a sign and a constant."""
    positions = density.coordinates.prior_positions(np.random.default_rng(0), 4)
    value = density(positions)[0]
    difference = value + np.array([float(potential(x)) for x in positions])
    if not np.ptp(difference) < 1e-8 * np.abs(value).max():
        raise SystemExit(f"potential and density differ by {difference}, which must be one constant")


def _numpyro_until(jax, potential, starts: np.ndarray, options: dict) -> tuple[np.ndarray, dict]:
    from numpyro.infer import NUTS

    kernel = NUTS(potential_fn=potential, dense_mass=options["dense"], target_accept_prob=options["accept"])
    tune, stretch = options["tune"], options["stretch"]

    def step(state, _):
        state = kernel.sample(state, (), {})
        return state, (state.z, state.num_steps)

    def warm(key, x):
        state, (_, n_steps) = jax.lax.scan(step, kernel.init(key, tune, x, (), {}), length=tune)
        return state, n_steps

    first = (jax.random.split(jax.random.key(options["seed"]), CHAINS), jax.numpy.array(starts))
    began = time.perf_counter()
    warm = jax.pmap(warm).lower(*first).compile()
    compiling = time.perf_counter() - began
    began = time.perf_counter()
    state, early = jax.block_until_ready(warm(*first))
    warmup = seconds = time.perf_counter() - began
    out = {"warmup_seconds": warmup, "warmup_steps": float(np.mean(early)), "tune": tune}
    began = time.perf_counter()
    more = jax.pmap(lambda state: jax.lax.scan(step, state, length=stretch)).lower(state).compile()
    out["compile_seconds"] = compiling + time.perf_counter() - began
    parts = []
    while not parts or seconds < options["limit"]:
        began = time.perf_counter()
        state, (part, n_steps) = jax.block_until_ready(more(state))
        seconds += time.perf_counter() - began
        parts.append(np.asarray(part))
    return np.concatenate(parts, axis=1), out | {"sample_seconds": seconds, "mean_steps": float(np.mean(n_steps))}


def gradient(options: dict) -> dict:
    """Value and gradient of the batched density, per chain, at sixteen chains."""

    density = bound_model(options["step"]).density()
    positions = density.coordinates.prior_positions(np.random.default_rng(1), 16)
    block = np.ascontiguousarray(positions.T).T
    density(block)
    times = []
    for _ in range(options["repeats"]):
        began = time.perf_counter()
        density(block)
        times.append(time.perf_counter() - began)
    return {"gradient_microseconds": 1e6 * float(np.median(times)) / 16, "dim": density.dim}


RUNS = {"estimate": estimate, "batched": batched, "nutpie": nutpie, "numpyro": numpyro, "gradient": gradient}

if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else json.loads(Path("/dev/stdin").read_text()))
