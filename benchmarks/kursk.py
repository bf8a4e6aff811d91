"""A converged fit of the shipped Kursk preset: forcest's batched sampler against nutpie and NumPyro on the same posterior.

    uv run --with jax --with numpyro python benchmarks/kursk.py > kursk.jsonl     (about 12 minutes on 2 idle cores)
    uv run python benchmarks/kursk.py --quick                                      (steps of a week, no long runs)

Writes JSON lines. Every run is a process of its own with its own caches, empty at first: the first run of a kind is cold, those
after it are warm. The posteriors are compared before any speed is reported. nutpie draws until R-hat <= 1.01 and ESS >= 400 for
every parameter and monthly curve, or until ``--limit`` seconds; then the time to this target is projected (ESS grows in proportion
to time) and marked. The last line has the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from density import where
from kursk_posterior import compare

HERE = Path(__file__).parent
LINES: list[dict] = []


def say(**row) -> dict:
    row |= {"load": round(os.getloadavg()[0], 2)}
    LINES.append(row)
    print(json.dumps(row, default=str), flush=True)
    return row


class Runs:
    """Child processes that share caches in one folder.

    Parameters
    ----------
    folder : Path
    step : str
    """

    def __init__(self, folder: Path, step: str):
        self.folder, self.step = folder, step

    def __call__(self, run: str, label: str, **options) -> dict:
        flags = f"base_compiledir={self.folder / 'pytensor'}"
        caches = {"NUMBA_CACHE_DIR": str(self.folder / "numba"), "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode")}
        environment = os.environ | caches | {"PYTENSOR_FLAGS": flags, "PYTHONDONTWRITEBYTECODE": "", "MPLBACKEND": "Agg"}
        options = {"step": self.step, "seed": 1} | options
        command = [sys.executable, str(HERE / "kursk_runs.py"), run, json.dumps(options)]
        done = subprocess.run(
            command, env=environment | {"KURSK_BEGAN": str(time.time())}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return say(what=label, failed=done.stderr.strip().splitlines()[-5:])
        return say(what=label, **json.loads(done.stdout.strip().splitlines()[-1]))


def median(rows: list[dict], key: str) -> float:
    return float(np.median([row[key] for row in rows if key in row])) if any(key in row for row in rows) else float("nan")


def measure(folder: Path, options) -> None:
    quick, runs = options.quick, Runs(folder, options.step or ("W" if options.quick else "D"))
    repeats = 2 if quick else 5
    cold = runs("estimate", "batched, cold caches, start of process to summary")
    warm = [runs("estimate", "batched, warm caches, start of process to summary", seed=seed) for seed in range(1, repeats + 1)]
    first, second = folder / "batched.npz", folder / "nutpie.npz"
    ours = runs("batched", "batched, draws", repeats=repeats, long_ess=400.0 if quick else 2000.0, out=str(first))
    cost = runs("gradient", "batched, value and gradient per chain", repeats=100 if quick else 1000)
    rivals = nutpie_runs(runs, options, second)
    if first.exists() and second.exists():
        say(what="same posterior", **compare(first, second))
    numpyro = {} if quick or options.no_numpyro else numpyro_run(runs, options)
    say(what="where", **where())
    ratios(cold, warm, ours, cost, rivals, numpyro)


def nutpie_runs(runs: Runs, options, out: Path) -> list[dict]:
    """Diagonal metric with cold caches, low-rank with warm ones; draws of the one with more effective draws are kept."""
    limits = {"diag": options.limit, "low_rank": 0.0 if options.quick else options.limit}
    found = []
    for adaptation, limit in limits.items():
        name = f"nutpie, {adaptation}, {'warm' if found else 'cold'} caches"
        path = out.with_name(f"{adaptation}.npz")
        row = runs("nutpie", name, adaptation=adaptation, limit=limit, out=str(path), gradient=not found)
        better = not found or row.get("min_ess_bulk", 0) > found[0].get("min_ess_bulk", 0)
        if path.exists() and better:
            path.replace(out)
        found.append(row)
    return found


def numpyro_run(runs: Runs, options) -> dict:
    settings = {"dense": options.numpyro_dense, "tune": options.numpyro_tune, "accept": options.numpyro_accept}
    settings |= {"stretch": 50, "limit": options.limit}
    return runs("numpyro", "numpyro", **settings)


def ratios(cold: dict, warm: list[dict], ours: dict, cost: dict, rivals: list[dict], numpyro: dict) -> None:
    """How many times faster, each with the two numbers behind it."""
    drawn = [row for row in rivals if "ess_per_second" in row]
    best = max(drawn, key=lambda row: row["ess_per_second"], default={})
    compiled = {"cold": rivals[0].get("ready_seconds", np.nan), "warm": rivals[-1].get("ready_seconds", np.nan)}
    wait = best.get("projected_seconds", np.nan)
    table = {
        "whole process, cold": (compiled["cold"] + wait, cold.get("to_summary_seconds", np.nan)),
        "whole process, warm": (compiled["warm"] + wait, median(warm, "to_summary_seconds")),
        "ess per second, nutpie": (ours.get("ess_per_second", np.nan), best.get("ess_per_second", np.nan)),
        "ess per second, numpyro": (ours.get("ess_per_second", np.nan), numpyro.get("ess_per_second", np.nan)),
        "value and gradient": (rivals[0].get("gradient_microseconds", np.nan), cost.get("gradient_microseconds", np.nan)),
    }
    found = {name: {"ratio": round(a / b, 1), "of": [round(a, 2), round(b, 2)]} for name, (a, b) in table.items()}
    peak = max(row.get("peak_mib", 0.0) for row in (cold, *warm))
    is_projected = not best.get("converged", False)
    say(what="ratios", nutpie=best.get("adaptation"), nutpie_is_projected=is_projected, peak_mib=round(peak), **found)


def main(arguments: list[str] | None = None) -> list[dict]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--step", help="days from node to node, instead of D (or W with --quick)")
    parser.add_argument("--limit", type=float, help="seconds of drawing for nutpie (each metric) and NumPyro")
    parser.add_argument("--no-numpyro", action="store_true")
    parser.add_argument("--numpyro-dense", action="store_true", help="dense mass matrix, instead of the default diagonal one")
    parser.add_argument("--numpyro-tune", type=int, default=500)
    parser.add_argument("--numpyro-accept", type=float, default=0.8, help="acceptance rate that its step size aims at")
    options = parser.parse_args(arguments)
    options.limit = options.limit or (20.0 if options.quick else 180.0)
    LINES.clear()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)
    return LINES


if __name__ == "__main__":
    main()
