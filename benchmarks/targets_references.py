"""Moments of the targets without known moments, from long runs of our HMC kernel, and the targets with these moments.

    uv run python benchmarks/targets_references.py [--target NAME ...] [--ess N] [--limit SECONDS]

writes them to targets_references.json. The kernel is not the one that is judged (MAMS), and nutpie is judged against the same
file: an error there would show in its cells. Standard errors of the reference enter those of every cell.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
from targets_densities import MAKERS, Target

from forcest.sampling import sample
from forcest.sampling.diagnostics import effective_size

FILE = Path(__file__).with_suffix(".json")
UNKNOWN = ("logistic_glmm", "poisson_glmm", "volatility_300", "cox_200")
SEED = 20_000


def load(name: str) -> Target:
    """A target; if its moments are not known, those of the stored run."""
    target = MAKERS[name]()
    if target.mean is not None or not FILE.exists():
        return target
    found = json.loads(FILE.read_text()).get(name)
    if found is None:
        return target
    moments = {key: np.array(found[key]) for key in ("mean", "sd", "mean_error", "sd_error")}
    return dataclasses.replace(target, **moments)


def standard_error(x: np.ndarray) -> np.ndarray:
    """Of the mean of every coordinate of x (chain, draw, dim), from the ESS without ranks, since x may be squares."""
    size = x[..., 0].size
    ess = [min(size, effective_size(np.ascontiguousarray(x[..., i]))) for i in range(x.shape[-1])]
    return x.std(axis=(0, 1)) / np.sqrt(ess)


def moments(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Mean and sd of every coordinate with their standard errors, from draws (chain, draw, dim)."""
    mean, sd = draws.mean(axis=(0, 1)), draws.std(axis=(0, 1))
    sd_error = standard_error((draws - mean) ** 2) / (2 * sd)
    return {"mean": mean, "sd": sd, "mean_error": standard_error(draws), "sd_error": sd_error}


def long_run(name: str, ess: float, limit: float) -> dict:
    target = MAKERS[name]()
    result = sample(target.logdensity, target.start, random_seed=SEED, kernel="hmc", target_ess=ess, max_seconds=limit)
    found = moments(result.draws)
    return {
        "kernel": "hmc",
        "seed": SEED,
        "chains": result.draws.shape[0],
        "draws": result.draws.shape[1],
        "min_ess": round(float(result.diagnostics.ess.min())),
        "max_rhat": round(float(result.diagnostics.rhat.max()), 4),
        "reasons": result.verdict.reasons,
    } | {key: [float(f"{v:.5g}") for v in value] for key, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--target", nargs="*", choices=UNKNOWN, default=UNKNOWN)
    parser.add_argument("--ess", type=float, default=10_000, help="bulk and tail ESS of every coordinate")
    parser.add_argument("--limit", type=float, default=110.0, help="seconds per target")
    options = parser.parse_args()
    for name in options.target:
        stored = json.loads(FILE.read_text()) if FILE.exists() else {}
        stored[name] = long_run(name, options.ess, options.limit)
        FILE.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(stored.items())) + "\n}\n")
        print(name, {k: v for k, v in stored[name].items() if not isinstance(v, list)}, flush=True)


if __name__ == "__main__":
    main()
