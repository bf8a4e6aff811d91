"""Many fits here and on a local dask cluster: time, memory of a worker, bytes sent for a fit, and whether the numbers are the same.

    uv run python benchmarks/many_fits.py revisions > revisions.json      (about 4 minutes on 2 cores)
    uv run python benchmarks/many_fits.py calibrate --n 12 > calibrate.json

In the last layout one of two workers is killed halfway. The first fits of the workers, which load the program and its compiled
code, are timed apart.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from distributed import Client, LocalCluster

import forcest as fc
from forcest.checks import running

LAYOUTS = {
    "1 worker": (1, 1, False),
    "1 worker of 2 threads": (1, 2, False),
    "2 workers": (2, 1, False),
    "2 workers, one killed": (2, 1, True),
}
"""Workers, threads of each, and whether one is killed."""


def calibrate(n: int, step: str, **options: Any) -> pd.DataFrame:
    return fc.calibrate(fc.presets.north_korea_kursk(step), fc.datasets.load("north_korea_kursk"), n, **options).ranks


def revisions(n: int, step: str, **options: Any) -> pd.DataFrame:
    days = [str(day.date()) for day in pd.date_range("2024-12-31", periods=n, freq="15D")]
    model = fc.presets.north_korea_kursk(step)
    return fc.revisions(fc.datasets.load("north_korea_kursk"), days, model, **options).estimates


def timed(check: Callable[..., pd.DataFrame], n: int, step: str, **options: Any) -> tuple[float, pd.DataFrame]:
    began = time.perf_counter()
    found = check(n, step, **options)
    return time.perf_counter() - began, found


@contextmanager
def cluster_of(workers: int, threads: int):
    with LocalCluster(n_workers=workers, threads_per_worker=threads, dashboard_address=None) as cluster, Client(cluster) as client:
        client.wait_for_workers(workers)
        yield client


def peak_memory() -> float:
    """Of the process that runs it  [MB]."""
    status = Path("/proc/self/status").read_text()  # getrusage counts the parent too
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["calibrate", "revisions"])
    parser.add_argument("--n", type=int, default=6)
    parser.add_argument("--step", default="W")
    options = parser.parse_args()
    check, job = globals()[options.check], (options.n, options.step)
    check(2, options.step)
    packed, sizes = running._packed, []
    running._packed = lambda task: sizes.append(len(packed(task))) or packed(task)
    seconds, first, memory, same = {}, {}, {}, {}
    seconds["this process"], here = timed(check, *job)
    for label, (workers, threads, kill) in LAYOUTS.items():
        with cluster_of(workers, threads) as client:
            began, done = time.perf_counter(), []
            check(2, options.step, client=client)
            first[label] = time.perf_counter() - began

            def told(*of: Any, kill: bool = kill, client: Client = client, done: list[Any] = done) -> None:
                done.append(of)
                if kill and len(done) == options.n // 2:
                    next(iter(client.cluster.workers.values())).process.process.kill()

            seconds[label], found = timed(check, *job, client=client, callback=told)
            memory[label] = max(client.run(peak_memory).values())
            same[label] = found.equals(here)
    found = {"check": options.check, "n": options.n, "step": options.step, "seconds": seconds}
    found["times_as_fast_as_1_worker"] = {label: round(seconds["1 worker"] / value, 2) for label, value in seconds.items()}
    found |= {
        "seconds_of_two_first_fits": first,
        "same": same,
        "peak_memory_of_a_worker_MB": memory,
        "bytes_sent_for_a_fit": max(sizes),
        "load": os.getloadavg()[0],
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
