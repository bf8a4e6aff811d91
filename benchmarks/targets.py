"""The sampler against targets of known truth, and against nutpie on the same gradients: one JSON line per cell.

    uv run python benchmarks/targets.py [--quick] [--target NAME ...] [--sampler NAME ...] [--seeds N] [--out FILE]

A cell is one run of one sampler on one target until bulk and tail ESS of every coordinate are 400 and R-hat says mixed; what
was reached if it could not. Errors are in standard errors: of means (sd / sqrt(ESS)) and of sds (from the ESS of the squared
deviations and their spread); rms should be about 1. Gradients are summed over chains, warm-up included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from targets_densities import MAKERS, Target

from forcest.sampling import diagnose, sample

QUICK = ("student5", "banana", "funnel", "schools_nc", "simplex")
OURS = {
    "mams": {"kernel": "mams"},
    "hmc": {"kernel": "hmc"},
    "mams_16": {"kernel": "mams", "chains": 16},
    "mams_low_rank": {"kernel": "mams", "metric": "low_rank"},
    "mams_diagonal": {"kernel": "mams", "metric": "diagonal"},
}
NUTPIE = {"nutpie_diag": "diag", "nutpie_low_rank": "low_rank"}


def errors(target: Target, draws: np.ndarray) -> dict:
    """Errors of means and sds against the truth, in standard errors: rms and worst."""
    if target.mean is None:
        return {}
    found = diagnose(draws)
    squares = (draws - target.mean) ** 2
    spread = squares.std(axis=(0, 1))
    ess_squares = np.minimum(diagnose(squares).ess_bulk, draws[..., 0].size)
    z_mean = (draws.mean(axis=(0, 1)) - target.mean) / target.sd * np.sqrt(found.ess_bulk)
    z_sd = (squares.mean(axis=(0, 1)) - target.sd**2) / spread * np.sqrt(ess_squares)
    out = {}
    for name, z in (("mean", z_mean), ("sd", z_sd)):
        out[f"rms_z_{name}"] = round(float(np.sqrt(np.mean(z**2))), 2)
        out[f"worst_z_{name}"] = round(float(np.abs(z).max()), 2)
    return out


def run_ours(target: Target, seed: int, limit: float, **settings) -> dict:
    result = sample(target.logdensity, target.start, seed=seed, max_seconds=limit, **settings)
    found, warmup = result.diagnostics, result.warmup
    return {
        "draws": result.draws,
        "converged": result.verdict.converged,
        "reasons": result.verdict.reasons,
        "warmup_gradients": warmup.n_gradients,
        "gradients": result.n_gradients,
        "seconds": result.seconds,
        "min_ess_bulk": float(found.ess_bulk[:-1].min()) if found else 0.0,
        "min_ess": float(found.ess.min()) if found else 0.0,
        "max_rhat": float(found.rhat.max()) if found else np.inf,
        "step_size": warmup.step_size,
        "mean_steps": float(result.infos.n_steps.mean()) if result.infos.n_steps.size else 0.0,
        "metric": warmup.metric,
    }


def nutpie_model(target: Target):
    from nutpie.compiled_pyfunc import from_pyfunc

    def make_logp():
        def logp(x):
            with np.errstate(all="ignore"):
                value, gradient = target.logdensity(x[None])
            if not np.isfinite(value[0]):
                raise _NotFiniteError
            return float(value[0]), np.ascontiguousarray(gradient[0])

        return logp

    def make_expand(*_):
        return lambda x: {"x": x}

    def start(seed):
        return target.start(np.random.default_rng(seed), 1)[0]

    return from_pyfunc(
        target.dim, make_logp, make_expand, [np.dtype("float64")], [(target.dim,)], ["x"], make_initial_point_fn=start
    )


class _NotFiniteError(Exception):
    is_recoverable = True


def run_nutpie(target: Target, seed: int, limit: float, adaptation: str, chains: int = 4, draws: int = 1000) -> dict:
    """Default tuning; draws go on (a new, longer run) until the same rule holds or time is up."""
    import nutpie

    model, began = nutpie_model(target), time.monotonic()
    while True:
        started = time.monotonic()
        sampler = nutpie.sample(
            model, draws=draws, chains=chains, cores=2, seed=seed, adaptation=adaptation, progress_bar=False, blocking=False
        )
        try:
            trace = sampler.wait(timeout=max(1.0, limit - (time.monotonic() - began)))
        except TimeoutError:
            sampler.cancel()
            return {"converged": False, "reasons": ["time"], "seconds": time.monotonic() - started, "draws": None}
        seconds = time.monotonic() - started
        x = trace.posterior["x"].to_numpy()
        steps, early = trace.sample_stats["n_steps"].to_numpy(), trace.warmup_sample_stats["n_steps"].to_numpy()
        found = diagnose(x)
        done = bool(np.all(found.ess >= 400) and np.all(found.rhat <= 1.01))
        out = {
            "draws": x,
            "converged": done,
            "reasons": [],
            "warmup_gradients": int(early.sum()),
            "gradients": int(steps.sum() + early.sum()),
            "seconds": seconds,
            "min_ess_bulk": float(found.ess_bulk.min()),
            "min_ess": float(found.ess.min()),
            "max_rhat": float(found.rhat.max()),
            "n_divergent": int(trace.sample_stats["diverging"].sum()),
            "mean_steps": float(steps.mean()),
        }
        if done or draws >= 16_000 or time.monotonic() - began + 2 * seconds > limit:
            return out
        factor = max(400 / max(1.0, out["min_ess"]), (out["max_rhat"] - 1) / 0.01)
        draws = int(draws * min(4.0, max(1.5, 1.2 * factor)))


def machine() -> dict:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "commit": commit,
    }


def cell(name: str, sampler: str, seed: int, limit: float) -> dict:
    target = MAKERS[name]()
    ours = OURS.get(sampler)
    out = run_nutpie(target, seed, limit, NUTPIE[sampler]) if ours is None else run_ours(target, seed, limit, **ours)
    draws = out.pop("draws")
    if draws is not None and draws.shape[1] >= 20:
        out.update(errors(target, draws))
        sampled = out["gradients"] - out["warmup_gradients"]
        out["ess_per_1000_gradients"] = 1000 * out["min_ess_bulk"] / max(1, sampled)
        out["ess_per_second"] = out["min_ess_bulk"] / out["seconds"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rounded = {k: (float(f"{v:.4g}") if isinstance(v, float) else v) for k, v in out.items()}
    return {"target": name, "dim": target.dim, "sound": target.is_sound, "sampler": sampler, "seed": seed, **rounded,
            "peak_mib": round(peak), **machine()}  # fmt: skip


def main(arguments: list[str] | None = None) -> list[dict]:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a few small targets, our kernels only")
    parser.add_argument("--target", nargs="*", choices=list(MAKERS))
    parser.add_argument("--sampler", nargs="*", choices=[*OURS, *NUTPIE])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per cell")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    names = options.target or (QUICK if options.quick else list(MAKERS))
    samplers = options.sampler or (["mams", "hmc"] if options.quick else ["mams", "hmc", *NUTPIE])
    cells = []
    for name in names:
        for sampler in samplers:
            for seed in range(options.seeds):
                cells.append(cell(name, sampler, seed, options.limit))
                line = json.dumps(cells[-1], default=str)
                print(line, flush=True)
                if options.out:
                    with options.out.open("a") as file:
                        file.write(line + "\n")
    return cells


if __name__ == "__main__":
    main()
