"""Growth of the cost of a value and gradient with chains, days, claims and cores, and its share of the peak of the machine.

    uv run python benchmarks/scaling.py [--quick] > scaling.jsonl      (about 4 minutes on 2 idle cores)
    uv run python benchmarks/scaling.py --table scaling.jsonl          (what is in docs/benchmarks.md)

A line per size: median seconds of a call for all chains, gradients per second, operations per second and their share of the
measured peak (fused multiply-adds on the same lanes, same cores). Operations are counted, not estimated: the kernels run on
numbers that count operations. Claims are drawn from the model itself, spread over the calendar and 20 sources.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from density import where
from scaling_operations import operations

TILE = 16
CHAINS = (1, 4, 16, 64, 256, 1024)
DAYS = (30, 60, 120, 240, 500, 1000, 2000)
CLAIMS = (10, 30, 100, 300, 1000, 3000, 10_000)
USUAL = {"chains": 32, "days": 240, "claims": 150, "cores": 1}
START = pd.Timestamp("2022-01-01")
QUESTIONS = (("deployed", "cumulative"), ("in_training", "stock"), ("at_front", "stock"), ("killed", "cumulative"),
             ("wounded", "cumulative"), ("casualties", "cumulative"), ("returned_to_duty", "cumulative"))  # fmt: skip
COLUMNS = ("grows", "size", "dim", "gradients_per_second", "microseconds_per_gradient", "operations", "share_of_peak", "exponent")


def density_of(days: int, claims: int):
    """The batched density of a model with two waves and the given numbers of days and claims."""
    import forcest as fc

    end = START + pd.Timedelta(days=days - 1)
    first, middle, last = (START + pd.Timedelta(days=int(share * (days - 1))) for share in (0.05, 0.5, 0.95))
    model = fc.ForceModel(
        start=START,
        end=end,
        arrivals=fc.Waves(
            first=fc.Wave(size=fc.between(3_000, 30_000), window=(first, middle)),
            second=fc.Wave(size=fc.between(300, 10_000), window=(middle, last)),
        ),
    )
    return model.on(ledger_of(days, claims)).density()


def ledger_of(days: int, claims: int):
    """Claims about a growing force, as plausible round numbers."""
    import forcest as fc

    rng = np.random.default_rng(1)
    when = np.sort(rng.integers(1, days, claims))
    kinds = [QUESTIONS[i] for i in rng.integers(len(QUESTIONS), size=claims)]
    numbers = np.round(rng.lognormal(np.log(100 + 5_000 * when / days), 0.3) / 50) * 50
    dates = START + pd.to_timedelta(when, unit="D")
    rows = {
        "id": [f"c{i}" for i in range(claims)],
        "published": dates,
        "as_of": dates,
        "force": "force",
        "measure": [measure for measure, _ in kinds],
        "scope": [scope for _, scope in kinds],
        "value": np.maximum(numbers, 50),
        "qualifier": rng.choice(["about", "exact", "at_least", "up_to"], claims),
        "definition": ["killed+wounded" if measure == "casualties" else "" for measure, _ in kinds],
        "source": [f"source {i}" for i in rng.integers(20, size=claims)],
        "stance": "third_party",
    }
    return fc.read_ledger(pd.DataFrame(rows))


def median_seconds(density, chains: int, cores: int, seconds: float) -> float:
    """Median time of a value and gradient of all chains, in tiles spread over threads as the sampler does."""
    positions = density.coordinates.prior_positions(np.random.default_rng(2), chains)
    tiles = [np.ascontiguousarray(positions[a : a + TILE].T).T for a in range(0, chains, TILE)]
    shares = [tiles[i::cores] for i in range(min(cores, len(tiles)))]

    def walk(share) -> None:
        for tile in share:
            density(tile)

    times, began = [], time.perf_counter()
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(walk, shares))
        while len(times) < 5 or time.perf_counter() - began < seconds:
            start = time.perf_counter()
            list(pool.map(walk, shares))
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def peak(cores: int, seconds: float) -> float:
    """Peak operations per second: fused multiply-adds on lanes in registers."""
    import numba

    from forcest.models.lanes import LANES, aligned_rows, load, store

    @numba.njit(nogil=True)
    def spin(rows, n):
        a, b, c, d = load(rows, 0), load(rows, 1), load(rows, 2), load(rows, 3)
        factor, term = load(rows, 4), load(rows, 5)
        for _ in range(n):
            a = a * factor + term
            b = b * factor + term
            c = c * factor + term
            d = d * factor + term
        store(rows, 0, a + b + c + d)

    n = 200_000
    blocks = [aligned_rows(6) for _ in range(cores)]
    for rows in blocks:
        rows[4:] = [[0.999], [0.001]]
    spin(blocks[0], 1)
    best, began = np.inf, time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        while time.perf_counter() - began < seconds:
            start = time.perf_counter()
            list(pool.map(lambda rows: spin(rows, n), blocks))
            best = min(best, time.perf_counter() - start)
    return cores * n * 4 * 2 * LANES / best


def measure(grows: str, sizes, seconds: float, peaks: dict[int, float], kept: dict) -> list[dict]:
    rows = []
    for size in sizes:
        setting = USUAL | {grows: size}
        key = (setting["days"], setting["claims"])
        if key not in kept:
            density = density_of(*key)
            kept[key] = density, sum(operations(density).values())
        density, count = kept[key]
        chains, cores = setting["chains"], setting["cores"]
        took = median_seconds(density, chains, cores, seconds)
        padded = -(-chains // TILE) * TILE / chains  # a tile costs the same however few chains it holds
        rows.append({
            "grows": grows, "size": size, **setting, "dim": density.dim, "seconds": took, "gradients_per_second": chains / took,
            "microseconds_per_gradient": 1e6 * took * cores / chains, "operations": count,
            "share_of_peak": count * chains * padded / took / peaks[cores], "exponent": exponent(rows, size, took),
        })  # fmt: skip
        print(json.dumps(rows[-1]), flush=True)
    return rows


def exponent(rows: list[dict], size: int, took: float) -> float | None:
    """Growth of the time of a call from the previous size; 1 is linear."""
    return float(np.log(took / rows[-1]["seconds"]) / np.log(size / rows[-1]["size"])) if rows else None


def table(lines: list[dict]) -> str:
    """The lines as Markdown."""
    out = ["| " + " | ".join(name.replace("_", " ") for name in COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in (line for line in lines if "grows" in line):
        cells = [row["grows"], f"{row['size']:,}", row["dim"], f"{row['gradients_per_second']:,.0f}",
                 f"{row['microseconds_per_gradient']:.1f}", f"{row['operations']:,.0f}", f"{100 * row['share_of_peak']:.0f} %",
                 "" if row["exponent"] is None else f"{row['exponent']:.2f}"]  # fmt: skip
        out.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(out)


def main(arguments: list[str] | None = None) -> list[dict]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, short runs")
    parser.add_argument("--table", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.table:
        print(table([json.loads(line) for line in options.table.read_text().splitlines()]))
        return []
    seconds = 0.05 if options.quick else 2.0
    peaks = {cores: peak(cores, seconds) for cores in (1, 2)}
    print(json.dumps({"what": "peak", "operations_per_second": peaks}), flush=True)
    kept: dict = {}
    plan = {"chains": CHAINS, "days": DAYS, "claims": CLAIMS, "cores": (1, 2)}
    rows = []
    for grows, sizes in plan.items():
        rows += measure(grows, sizes[:2] if options.quick else sizes, seconds, peaks, kept)
    print(json.dumps({"what": "where", **where()}), flush=True)
    return rows


if __name__ == "__main__":
    main()
