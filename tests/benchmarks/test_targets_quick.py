"""The benchmark on targets of known truth: its quick variant, its errors, and the table it makes of its lines."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def targets():
    sys.path.insert(0, str(FOLDER))
    try:
        import targets
    finally:
        sys.path.remove(str(FOLDER))
    return targets


def line(target, sampler, seed=0, converged=True, **figures):
    usual = {"ess_per_1000_gradients": 50.0, "gradients": 10_000, "ess_per_second": 100.0, "max_rhat": 1.005, "reasons": []}
    return {"target": target, "sampler": sampler, "seed": seed, "converged": converged} | usual | figures


def row(text, heading, target):
    """Cells of a target in the table under a heading."""
    found = next(r for r in text.split(heading)[1].splitlines() if r.startswith(f"| {target} |"))
    return [part.strip() for part in found.strip("|").split("|")]


def test_quick_variant_is_right_where_it_can_be_and_alarms_at_the_centred_funnel(targets, tmp_path):
    out = tmp_path / "lines.jsonl"
    cells = targets.main(["--quick", "--limit", "6", "--out", str(out)])
    assert len(cells) == len(targets.QUICK) * 2
    assert [json.loads(text)["target"] for text in out.read_text().splitlines()] == [c["target"] for c in cells]
    for cell in cells:
        if cell["sound"]:
            assert cell["converged"], cell
            assert cell["min_ess_bulk"] >= 400
            assert max(cell["rms_z_mean"], cell["rms_z_sd"]) < 3, cell
            assert 0 < cell["warmup_gradients"] < cell["gradients"] < 200_000
        else:
            assert not cell["converged"], cell
            assert cell["reasons"]


def test_errors_are_about_one_for_the_truth_and_large_for_a_shifted_and_a_squeezed_sample(targets):
    target = targets.MAKERS["normal_walk_300"]()
    draws = np.random.default_rng(1).standard_normal((4, 500, target.dim)) * target.sd
    right = targets.errors(target, draws)
    assert 0.85 < right["rms_z_mean"] < 1.15
    assert 0.85 < right["rms_z_sd"] < 1.15
    assert targets.errors(target, draws + 0.1 * target.sd)["rms_z_mean"] > 3
    assert targets.errors(target, 0.9 * draws)["rms_z_sd"] > 3


@pytest.mark.parametrize("name", ["logistic_glmm", "poisson_glmm", "volatility_300", "cox_200"])
def test_moments_of_long_runs_are_stored_with_errors_below_those_of_a_cell(targets, name):
    target = targets.load(name)
    assert target.mean.shape == target.sd.shape == target.mean_error.shape == target.sd_error.shape == (target.dim,)
    assert np.all(target.mean_error < target.sd / np.sqrt(400))


def test_a_rival_that_cannot_be_imported_is_skipped_openly(targets, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert targets.main(["--target", "banana", "--sampler", "numpyro_diag"]) == []
    said = json.loads(capsys.readouterr().out)
    assert said["skipped"].startswith("not importable: jax, numpyro")
    assert "skipped" in targets.table([line("banana", "mams"), said])


def test_ratios_of_the_table_are_medians_and_losses_stand_out(targets):
    lines = [line("a", "mams", seed, ess_per_1000_gradients=value) for seed, value in enumerate((40.0, 60.0, 900.0))]
    lines += [
        line("a", "nutpie_diag", ess_per_1000_gradients=20.0),
        line("a", "pymc_diag", ess_per_1000_gradients=90.0, gradients=9_000),
        line("a", "pymc_dense", ess_per_1000_gradients=120.0, gradients=5_000),
    ]
    text = targets.table(lines)
    assert row(text, "ESS per 1,000 gradients", "a") == ["a", "60", "20 (3x)", "120 dense (**0.5x**)"]
    assert row(text, "Gradients until the rule holds", "a") == ["a", "10", "10 (1x)", "5 dense (**0.5x**)"]
    assert "Behind: a (PyMC)." in text


def test_a_run_that_missed_the_rule_has_no_speed_and_no_ratio(targets):
    alarm = line("f", "mams", converged=False, reasons=["divergences"])
    late = line("f", "nutpie_diag", converged=False, ess_per_1000_gradients=9.0)
    text = targets.table([alarm, late, line("f", "numpyro_diag", ess_per_1000_gradients=7.0)])
    assert row(text, "ESS per 1,000 gradients", "f") == ["f", "alarm", "not reached", "7"]
    assert "Behind: f (NumPyro)." in text


def test_densities_in_jax_equal_ours(targets):
    if reason := targets.missing("jax"):
        pytest.skip(reason)
    from targets_jax import checked

    for name in targets.DENSITIES:
        checked(name, targets.load(name))
