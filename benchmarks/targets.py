"""The sampler and nutpie, PyMC, NumPyro and blackjax on targets with known moments: one JSON line per cell.

    uv run python benchmarks/targets.py [--quick] [--target NAME ...] [--sampler NAME ...] [--seeds N] [--out FILE]
    uv run --with jax --with numpyro --with blackjax python benchmarks/targets.py ...      (rivals that are not dependencies)
    uv run python benchmarks/targets.py --table FILE ...                                   (the tables of docs/benchmarks.md)

A cell is one run of one sampler on one target until bulk and tail ESS of every coordinate are 400 and R-hat meets its limit, or
until the time limit. Errors are in standard errors: of means (sd / sqrt(ESS)) and of sds (from the ESS of the squared deviations
and their spread); rms should be about 1. Gradients are summed over chains, warm-up included. Samplers whose packages cannot be
imported are skipped, with a line each.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from targets_densities import MAKERS, Target
from targets_jax import DENSITIES, missing, run_jax
from targets_references import load, standard_error
from targets_rivals import run_nutpie, run_pymc
from targets_table import table

from forcest.sampling import sample

OURS_QUICK = ("mams", "hmc")
QUICK = ("student5", "banana", "funnel", "schools_nc", "simplex")
OURS = {
    "mams": {"kernel": "mams"},
    "hmc": {"kernel": "hmc"},
    "mams_16": {"kernel": "mams", "chains": 16},
    "mams_low_rank": {"kernel": "mams", "metric": "low_rank"},
    "mams_diagonal": {"kernel": "mams", "metric": "diagonal"},
}
NUTPIE = {"nutpie_diag": "diag", "nutpie_low_rank": "low_rank"}
PYMC = {"pymc_diag": "jitter+adapt_diag", "pymc_dense": "jitter+adapt_full"}
JAX = {f"{package}_{metric}": (package, metric == "dense") for package in ("numpyro", "blackjax") for metric in ("diag", "dense")}
SAMPLERS = (*OURS, *NUTPIE, *PYMC, *JAX)
DEFAULT = ("mams", "hmc", *NUTPIE, *PYMC, *JAX)


def errors(target: Target, draws: np.ndarray) -> dict:
    """Errors of means and sds against the truth, in standard errors: rms and worst."""
    if target.mean is None:
        return {}
    squares = (draws - target.mean) ** 2
    error_mean = np.hypot(standard_error(draws), target.mean_error)
    error_square = np.hypot(standard_error(squares), 2 * target.sd * target.sd_error)
    z_mean = (draws.mean(axis=(0, 1)) - target.mean) / error_mean
    z_sd = (squares.mean(axis=(0, 1)) - target.sd**2) / error_square
    out = {}
    for name, z in (("mean", z_mean), ("sd", z_sd)):
        out[f"rms_z_{name}"] = round(float(np.sqrt(np.mean(z**2))), 2)
        out[f"worst_z_{name}"] = round(float(np.abs(z).max()), 2)
    return out


def run_ours(target: Target, seed: int, limit: float, **settings) -> dict:
    result = sample(target.logdensity, target.start, random_seed=seed, max_seconds=limit, **settings)
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


def machine() -> dict:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "commit": commit,
    }


@functools.cache
def _load_kernels() -> None:
    banana = MAKERS["banana"]()
    sample(banana.logdensity, banana.start, random_seed=0, draws=4)


def compile_first(target: Target) -> None:
    """Load and compile the kernels and the density before the run, since compilation is not timed for any sampler."""
    _load_kernels()
    for rows in (16, 1):
        with np.errstate(all="ignore"):
            target.logdensity(np.ascontiguousarray(target.start(np.random.default_rng(0), rows).T).T)


def skipped(name: str, sampler: str) -> str:
    """Reason why a cell cannot be run; empty if it can."""
    if sampler not in JAX:
        return ""
    return missing(JAX[sampler][0]) or ("" if name in DENSITIES else "not stated in jax.numpy")


def run(target: Target, name: str, sampler: str, seed: int, limit: float) -> dict:
    if sampler in OURS:
        return run_ours(target, seed, limit, **OURS[sampler])
    if sampler in NUTPIE:
        return run_nutpie(target, seed, limit, NUTPIE[sampler])
    if sampler in PYMC:
        return run_pymc(target, seed, limit, PYMC[sampler])
    return run_jax(name, target, seed, limit, *JAX[sampler])


def cell(name: str, sampler: str, seed: int, limit: float) -> dict:
    target = load(name)
    compile_first(target)
    out = run(target, name, sampler, seed, limit)
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


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few small targets, our kernels only")
    parser.add_argument("--target", nargs="*", choices=list(MAKERS))
    parser.add_argument("--sampler", nargs="*", choices=SAMPLERS)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per cell")
    parser.add_argument("--out", type=Path, help="append the lines to this file, too")
    parser.add_argument("--table", nargs="+", type=Path, metavar="FILE", help="print a Markdown table of lines made before")
    return parser.parse_args(arguments)


def say(found: dict, out: Path | None) -> None:
    line = json.dumps(found, default=str)
    print(line, flush=True)
    if out:
        with out.open("a") as file:
            file.write(line + "\n")


def main(arguments: list[str] | None = None) -> list[dict]:
    options = options_of(arguments)
    if options.table:
        print(table([json.loads(line) for path in options.table for line in path.read_text().splitlines()]))
        return []
    names = options.target or (QUICK if options.quick else list(MAKERS))
    samplers = options.sampler or (OURS_QUICK if options.quick else DEFAULT)
    cells = []
    for name, sampler in itertools.product(names, samplers):
        if reason := skipped(name, sampler):
            say({"target": name, "sampler": sampler, "skipped": reason}, options.out)
            continue
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            cells.append(cell(name, sampler, seed, options.limit))
            say(cells[-1], options.out)
    return cells


if __name__ == "__main__":
    main()
