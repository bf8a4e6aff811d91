"""Cost of a value and a gradient of the Kursk model per chain: the batched density and the compiled graph, in one run.

Writes JSON lines: one per number of chains in a call, one for the graph, one with the ratio at sixteen chains. The two densities
are first compared at the same positions. ``--quick`` takes steps of a week and few repetitions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time

import numpy as np

TILES = (1, 8, 16, 32, 64)


def median_seconds(call, repeats: int) -> float:
    """Median time of a call."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def where() -> dict:
    """Machine, load, versions and commit."""
    import numba
    import pymc
    import pytensor

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    versions = {"numpy": np.__version__, "numba": numba.__version__, "pymc": pymc.__version__, "pytensor": pytensor.__version__}
    return {
        "machine": platform.processor() or platform.machine(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "commit": commit,
    } | versions


def say(**row) -> None:
    print(json.dumps(row), flush=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--step", default=None)
    parser.add_argument("--no-graph", action="store_true")
    options = parser.parse_args(arguments)
    step, repeats = options.step or ("W" if options.quick else "D"), 50 if options.quick else 400

    from forcest.datasets import load
    from forcest.models.presets import north_korea_kursk

    bound = north_korea_kursk(step).on(load("north_korea_kursk"))
    density = bound.density()
    positions = density.coordinates.prior_positions(np.random.default_rng(1), max(TILES))
    began = time.process_time()
    density(positions[:1])
    first = time.process_time() - began
    say(
        what="problem",
        step=step,
        days=bound.model.grid.size,
        dim=density.dim,
        points=len(bound.data.vague),
        first_call_seconds=first,
    )
    cost = {}
    graph = None if options.no_graph else compiled_graph(bound, positions[:3], density)
    for tile in TILES:
        block = np.ascontiguousarray(positions[:tile].T).T
        cost[tile] = median_seconds(lambda: density(block), repeats) / tile  # noqa: B023
        say(what="batched", chains=tile, microseconds_per_chain=1e6 * cost[tile])
    if graph is not None:
        seconds = median_seconds(lambda: graph(positions[0]), max(20, repeats // 4))
        cost[16] = median_seconds(lambda: density(np.ascontiguousarray(positions[:16].T).T), repeats) / 16
        say(what="graph", microseconds_per_chain=1e6 * seconds)
        say(what="ratio at 16 chains", graph_over_batched=seconds / cost[16])
    say(what="where", **where())


def compiled_graph(bound, positions, density):
    """Value and gradient of the graph as compiled by PyMC, after a check that they equal those of the batched density."""

    began = time.perf_counter()
    function = bound.graph().logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    value, gradient = density(positions)
    for chain, position in enumerate(positions):
        expected, slope = function(position)
        np.testing.assert_allclose(value[chain], expected, rtol=1e-8)
        np.testing.assert_allclose(gradient[chain], slope, atol=1e-7 * np.abs(slope).max())
    say(what="compiled graph", seconds=time.perf_counter() - began)
    return function


if __name__ == "__main__":
    main(sys.argv[1:])
