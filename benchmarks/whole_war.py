"""How time and memory of a whole fit grow with claims, forces and years: losses of a long war at the resolution of its reports.

    uv run python benchmarks/whole_war.py --out whole_war.jsonl                 (about an hour on 2 idle cores; it resumes)
    uv run python benchmarks/whole_war.py --only 10000 20 5 --out big.jsonl     (claims, forces, years)
    uv run python benchmarks/whole_war.py --table whole_war.jsonl

The losses of each force follow a rate of their own. Sources err by stance, source and claim, speak of a few forces each and report
monthly or quarterly counts and totals, rounded. Each size is fitted with default settings in a process of its own: seconds,
peak memory, whether it has converged, and how many true totals lie inside the 90 % interval on the day of the last claim.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from density import where

START = pd.Timestamp("2015-01-01")
SHIFTS = {"own": -0.5, "enemy": 0.7, "third_party": 0.0}
OBSERVERS = 10
LARGEST = (10_000, 20, 5)
SIZES = [(100, 5, 5), (1_000, 5, 5), (1_000, 1, 5), (1_000, 5, 1), (1_000, 20, 5), LARGEST]
"""Claims, forces, years."""


def true_losses(days: int, forces: int, rng: np.random.Generator) -> dict[tuple[int, str], np.ndarray]:
    """Killed and wounded of each force up to each day."""
    found, knots = {}, np.arange(0, days + 60, 60)
    for force in range(forces):
        level, log_rate = rng.lognormal(np.log(8), 1.0), np.zeros(len(knots))
        for i in range(1, len(knots)):
            log_rate[i] = 0.8 * log_rate[i - 1] + 0.36 * rng.normal()
        rate = level * np.exp(np.interp(np.arange(days), knots, log_rate))
        found[force, "killed"] = np.cumsum(rng.poisson(rate))
        found[force, "wounded"] = np.cumsum(rng.poisson(rate * rng.uniform(2, 4)))
    return found


def war(claims: int, forces: int, years: int, seed: int = 1) -> tuple[pd.DataFrame, dict[tuple[int, str], np.ndarray]]:
    """Rows of a ledger, and the losses behind them."""
    rng, days = np.random.default_rng(seed), round(365.25 * years)
    truth, n_sources = true_losses(days, forces, rng), OBSERVERS + forces
    own_bias = rng.normal(0, 0.15, (n_sources, forces))
    others = [rng.choice(forces, min(4, forces), replace=False).tolist() for _ in range(n_sources)]
    speaks_of = [few if s < OBSERVERS else [s - OBSERVERS, *few[:2]] for s, few in enumerate(others)]
    window = rng.choice([30, 91], n_sources)
    rows = []
    for i in range(claims):
        source = int(rng.integers(n_sources))
        force, day = int(rng.choice(speaks_of[source])), int(rng.integers(100, days))
        measure = "killed" if rng.random() < 0.6 else "wounded"
        stance = "third_party" if source < OBSERVERS else "own" if source == OBSERVERS + force else "enemy"
        is_flow, total = rng.random() < 0.4, truth[force, measure]
        true = total[day] - (total[day - window[source]] if is_flow else 0)
        said = true * np.exp(SHIFTS[stance] + own_bias[source, force] + 0.3 * rng.normal())
        grid = rng.choice([1, 10, 50]) if said > 100 else 1
        date = START + pd.Timedelta(days=day)
        flow = {"scope": "flow", "window_start": date - pd.Timedelta(days=int(window[source]) - 1), "window_end": date}
        rows.append({
            "id": f"c{i}", "published": date, "as_of": date, "force": f"force {force}", "measure": measure, "stance": stance,
            "source": f"source {source}", "value": max(1, int(round(said / grid) * grid)),
            "qualifier": rng.choice(["about", "exact", "at_least", "up_to"], p=[0.5, 0.3, 0.15, 0.05]),
            **(flow if is_flow else {"scope": "cumulative"}),
        })  # fmt: skip
    return pd.DataFrame(rows), truth


def fitted(claims: int, forces: int, years: int) -> dict:
    """What a fit of this size costs, in this process."""
    import forcest as fc
    from forcest.models.default import default_model

    rows, truth = war(claims, forces, years)
    began, busy = time.perf_counter(), time.process_time()
    ledger = fc.read_ledger(rows)
    model = default_model(ledger)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.errors.NotConvergedWarning)
        fit = fc.fit(model, ledger, random_seed=1)
    table = fc.summary(fit)
    inside = [
        row.low <= truth[int(row.force.split()[1]), row.measure][(row.date - START).days] <= row.high
        for row in table[table["measure"].isin(["killed", "wounded"])].itertuples()
    ]
    return {
        "claims": claims, "forces": forces, "years": years, "step": model.step, "dim": model.on(ledger).density().dim,
        "converged": bool(fit.attrs["converged"]), "seconds": time.perf_counter() - began, "busy": time.process_time() - busy,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "inside": int(sum(inside)), "totals": len(inside),
        **where(),
    }  # fmt: skip


GROWTH = {
    "claims": ((100, 5, 5), (1_000, 5, 5)),
    "forces": ((1_000, 1, 5), (1_000, 20, 5)),
    "years": ((1_000, 5, 1), (1_000, 5, 5)),
}


def table(lines: list[dict]) -> str:
    """The lines as Markdown, and the growth of time with each size."""
    frame = pd.DataFrame(lines)
    shown = pd.DataFrame(
        {
            "claims": frame["claims"].map("{:,}".format),
            "forces": frame["forces"],
            "years": frame["years"],
            "step": frame["step"],
            "parameters": frame["dim"].map("{:,}".format),
            "converged": frame["converged"].map({True: "yes", False: "**no**"}),
            "minutes": (frame["seconds"] / 60).map("{:.1f}".format),
            "of one core": (frame["busy"] / 60).map("{:.1f}".format),
            "peak memory": frame["peak_gib"].map("{:.1f} GiB".format),
            "truth inside 90 %": [f"{row.inside} of {row.totals}" for row in frame.itertuples()],
        }
    )
    rows = [shown.columns.tolist(), ["---:"] * len(shown.columns), *shown.astype(str).to_numpy().tolist()]
    out = ["| " + " | ".join(row) + " |" for row in rows]
    of_size = {(row["claims"], row["forces"], row["years"]): row for row in lines}
    for name, sizes in GROWTH.items():
        if all(size in of_size for size in sizes):
            first, last = (of_size[size] for size in sizes)
            exponent = np.log(last["busy"] / first["busy"]) / np.log(last[name] / first[name])
            out.append(f"\nThe time of one core grows with the number of {name} to the power of {exponent:.2f}.")
    return "\n".join(out)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, nargs=3, metavar=("CLAIMS", "FORCES", "YEARS"))
    parser.add_argument("--here", action="store_true", help="fit in this process and print the line")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.table:
        print(table([json.loads(line) for line in options.table.read_text().splitlines()]))
        return
    if options.here:
        print(json.dumps(fitted(*options.only)))
        return
    done = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out and options.out.exists() else []
    known = {(row["claims"], row["forces"], row["years"]) for row in done}
    for size in [tuple(options.only)] if options.only else SIZES:
        if size in known:
            continue
        command = [sys.executable, __file__, "--here", "--only", *map(str, size)]
        line = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip().splitlines()[-1]
        print(line, flush=True)
        if options.out:
            with options.out.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


if __name__ == "__main__":
    main()
