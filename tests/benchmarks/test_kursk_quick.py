"""The benchmark on the Kursk ledger: its comparison of posteriors, its ratios, and its runs on a coarse grid."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    sys.path.insert(0, str(FOLDER))
    try:
        import kursk
        import kursk_posterior
        import kursk_runs
    finally:
        sys.path.remove(str(FOLDER))
    return {"kursk": kursk, "posterior": kursk_posterior, "runs": kursk_runs}


def chains(rng, n_quantities: int, n_draws: int) -> np.ndarray:
    """Autocorrelated draws (quantity, chain, draw) of a standard normal."""
    noise = rng.normal(size=(n_quantities, 4, n_draws))
    draws = noise.copy()
    for t in range(1, n_draws):
        draws[..., t] = 0.5 * draws[..., t - 1] + np.sqrt(0.75) * noise[..., t]
    return draws


@pytest.mark.parametrize(("shift", "scale", "same"), [(0.0, 1.0, True), (0.2, 1.0, False), (0.0, 1.15, False)])
def test_one_quantity_of_forty_that_differs_is_found(benchmark, tmp_path, shift, scale, same):
    """2,000 draws with 1/3 effective: 0.2 sd are about 5 standard errors, a sd of 1.15 about 6."""
    rng = np.random.default_rng(3)
    names = np.array([f"q{i}" for i in range(40)])
    first, second = chains(rng, 40, 500), chains(rng, 40, 1_500)
    second[7] = shift + scale * second[7]
    for path, draws in (("a.npz", first), ("b.npz", second)):
        np.savez(tmp_path / path, names=names, draws=draws)
    found = benchmark["posterior"].compare(tmp_path / "a.npz", tmp_path / "b.npz")
    assert found["figures"] == 160
    assert found["is_same"] is same
    assert same or found["worst"][0]["figure"].endswith("of q7")
    assert 0.7 < found["rms_z"] < 1.3


def test_ratios_are_those_of_the_rival_that_draws_most(benchmark, capsys):
    cold, warm = (
        {"to_summary_seconds": 50.0, "peak_mib": 700.0},
        [{"to_summary_seconds": s, "peak_mib": 600.0} for s in (4.0, 5.0, 9.0)],
    )
    slow = {
        "ready_seconds": 400.0,
        "adaptation": "diag",
        "projected_seconds": 900.0,
        "ess_per_second": 1.0,
        "gradient_microseconds": 1000.0,
    }
    fast = {"ready_seconds": 60.0, "adaptation": "low_rank", "projected_seconds": 100.0, "ess_per_second": 4.0, "converged": True}
    kursk = benchmark["kursk"]
    kursk.ratios(cold, warm, {"ess_per_second": 200.0}, {"gradient_microseconds": 20.0}, [slow, fast], {})
    found = kursk.LINES[-1]
    assert found["nutpie"] == "low_rank"
    assert found["nutpie_is_projected"] is False
    assert found["whole process, cold"]["ratio"] == 10.0  # (400 + 100) / 50
    assert found["whole process, warm"]["ratio"] == 32.0  # (60 + 100) / 5, the median
    assert found["ess per second, nutpie"]["ratio"] == 50.0
    assert np.isnan(found["ess per second, numpyro"]["ratio"])
    assert found["value and gradient"]["ratio"] == 50.0
    assert found["peak_mib"] == 700


@pytest.mark.slow
def test_timed_draws_are_converged_and_what_is_compared_is_kept(benchmark, tmp_path):
    found = benchmark["runs"].batched({"step": "W", "repeats": 1, "long_ess": 400.0, "out": str(tmp_path / "draws.npz")})
    (run,) = found["runs"]
    assert run["converged"]
    assert run["min_ess_bulk"] >= 400
    assert found["ess_per_second"] == pytest.approx(run["min_ess_bulk"] / run["seconds"])
    kept = benchmark["posterior"].read(tmp_path / "draws.npz")
    assert {"killed 2025-03-04", "at_front 2025-03-04"} <= set(kept)  # the node of the week that holds the first
    assert all(np.isfinite(draws).all() and np.ptp(draws) > 0 for draws in kept.values())
