"""Calibration on a local dask cluster: time with one worker, with two, and with one of two killed halfway.

    uv run python benchmarks/calibration_cluster.py > cluster.jsonl      (about 6 minutes on 2 cores)

The ranks must be the same in all runs. Compiled code is cached before the first run is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import time

from distributed import Client, LocalCluster

import forcest as fc


def run(n: int, workers: int, step: str, *, kill: bool = False) -> tuple[float, fc.Calibration]:
    ledger, model = fc.datasets.load("north_korea_kursk"), fc.presets.north_korea_kursk(step)
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.wait_for_workers(workers)
        began = time.perf_counter()

        def maybe_kill(done: int, total: int) -> None:
            if kill and done == total // 2:
                next(iter(cluster.workers.values())).process.process.kill()

        found = fc.calibrate(model, ledger, n, client=client, callback=maybe_kill)
        return time.perf_counter() - began, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=40)
    parser.add_argument("--step", default="3D")
    options = parser.parse_args()
    fc.calibrate(fc.presets.north_korea_kursk(options.step), fc.datasets.load("north_korea_kursk"), 2)
    began = time.perf_counter()
    here = fc.calibrate(fc.presets.north_korea_kursk(options.step), fc.datasets.load("north_korea_kursk"), options.n)
    seconds = {"threads of one process": time.perf_counter() - began}
    same = {}
    for label, workers, kill in (("1 worker", 1, False), ("2 workers", 2, False), ("2 workers, one killed", 2, True)):
        seconds[label], found = run(options.n, workers, options.step, kill=kill)
        same[label] = bool(found.ranks.equals(here.ranks))
    ratio = {label: round(seconds["1 worker"] / value, 2) for label, value in seconds.items()}
    print(
        json.dumps(
            {
                "n": options.n,
                "seconds": seconds,
                "times_faster_than_1_worker": ratio,
                "same_ranks": same,
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
