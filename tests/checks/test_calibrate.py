"""Calibration runs: the same ranks in whatever order and place, resumed where they were killed, and wrong models caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import forcest as fc
from forcest.checks.calibrate import calibrate
from forcest.errors import ForcestError

FEW = fc.Batched(chains=16, target_ess=100)


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was_with_the_same_ranks(model, ledger, tmp_path):
    whole = calibrate(model, ledger, 4, folder=tmp_path / "run", sampler=FEW)
    done: list[int] = []
    (tmp_path / "run" / "000002.npz").unlink()
    again = calibrate(model, ledger, 5, folder=tmp_path / "run", callback=lambda k, n: done.append(k), sampler=FEW)
    assert done == [4, 5]
    assert again.ranks.iloc[:4].equals(whole.ranks)


def test_a_folder_of_another_run_is_refused(model, ledger, tmp_path):
    calibrate(model, ledger, 1, folder=tmp_path, sampler=FEW)
    with pytest.raises(ForcestError, match="random_seed differ"):
        calibrate(model, ledger, 1, folder=tmp_path, random_seed=2, sampler=FEW)
    with pytest.raises(ForcestError, match="holds other files"):
        calibrate(model, ledger, 1, folder=tmp_path.parent, sampler=FEW)


@pytest.mark.parametrize("sampler", ["nutpie", fc.PyMC()])
def test_a_sampler_that_compiles_is_refused(model, ledger, sampler):
    with pytest.raises(ForcestError, match=r"must be fc\.Batched"):
        calibrate(model, ledger, 1, sampler=sampler)


def test_a_fit_without_draws_is_counted_and_fails(model, ledger):
    """One of two runs out of time at once: it has no ranks, and the whole does not pass."""
    found = calibrate(model, ledger, 2, sampler=replace(FEW, max_seconds=1e9))
    assert found.n_failed == 0
    with pytest.raises(ForcestError, match="no fit gave draws"):
        calibrate(model, ledger, 1, sampler=replace(FEW, max_seconds=1e-3))


@pytest.mark.slow
def test_coverage_is_counted_from_ranks(model, ledger):
    found = calibrate(model, ledger, 3, sampler=FEW)
    ranks = found.ranks["error_scale[deployed]"].to_numpy()
    row = found.table.set_index("quantity").loc["error_scale[deployed]"]
    assert row["in50"] == np.mean((ranks >= 50) & (ranks < 150))
    assert row["in95"] == np.mean((ranks >= 5) & (ranks < 195))
    assert row["mean_rank"] == pytest.approx((ranks.mean() + 0.5) / 200)


@pytest.mark.slow
def test_ranks_of_simulated_truths_are_uniform(model, ledger):
    """60 ledgers, every parameter, bias, monthly curve and the log likelihood, at the settings users get; false alarm 5 %."""
    found = calibrate(model, ledger, 60)
    assert found.passed, str(found)


@pytest.mark.slow
def test_a_model_with_one_sign_wrong_is_caught(model, ledger):
    """The wrong twin: losses claimed by the enemy taken to be played down, on average by as much as they are exaggerated."""
    wrong = fc.Reporting(stance_levels={"losses": {"enemy": fc.normal(-0.7, 0.7)}})
    found = calibrate(model.replace(reporting=wrong), ledger, 30, truth=model)
    assert not found.passed
    assert "stance_level[enemy:losses]" in found.table.loc[found.table["p_holm"] < 0.05, "quantity"].tolist()


@pytest.mark.slow
def test_a_density_without_one_jacobian_is_caught(model, ledger, monkeypatch):
    """The wrong twin: the density leans towards large error scales, by one sd of each log, as one with a wrong Jacobian does."""
    from forcest.models.density.lane_density import LaneDensity

    right = LaneDensity.__call__

    def wrong(self, position):
        value, gradient = right(self, position)
        rows = self.coordinates.by_name["error_scale"].coordinates
        gradient[:, rows] += 1.0
        return value + position[:, rows].sum(axis=1), gradient

    monkeypatch.setattr(LaneDensity, "__call__", wrong)
    found = calibrate(model, ledger, 40)
    assert not found.passed
    assert found.table["quantity"].iloc[0].startswith(("error_scale", "log likelihood"))
