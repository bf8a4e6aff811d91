import numpy as np
import pandas as pd
import pytest
import xarray as xr

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


def row(table, measure):
    return table.set_index("measure").loc[measure]


def test_killed_after_all_losses_is_600_times_the_quantile_of_m(fit):
    killed = row(fc.summary(fit, at="2025-02-26", ci_prob=0.9), "killed")
    assert killed["median"] == pytest.approx(600 * 1.0)
    assert killed["low"] == pytest.approx(600 * 0.55)
    assert killed["high"] == pytest.approx(600 * 1.45)
    assert killed["prior_median"] == pytest.approx(600 * 1.1)
    assert killed["n_claims"] == 2
    assert killed["unit"] == "persons"


def test_stocks_hold_at_the_end_of_the_date(fit):
    # 10 October is the tenth day of 300 arrivals a day; nobody has finished training
    table = fc.summary(fit, at="2024-10-10")
    assert row(table, "deployed")["median"] == pytest.approx(3000)
    assert row(table, "in_training")["median"] == pytest.approx(3000)
    assert row(table, "at_front")["median"] == 0


def test_interval_is_named_and_has_the_probability_asked_for(fit):
    table = fc.summary(fit, at="2025-02-26", ci_prob=0.5)
    assert set(table["interval"]) == {"equal-tailed 50 %"}
    assert table.attrs == {"interval": "equal-tailed 50 %", "converged": True, "quick": False}
    assert row(table, "wounded")["low"] == pytest.approx(2280 * 0.75)
    assert row(table, "wounded")["high"] == pytest.approx(2280 * 1.25)


def test_without_a_date_it_is_the_last_day_with_a_claim(fit):
    assert set(fc.summary(fit)["date"]) == {pd.Timestamp("2025-02-20")}


def test_several_dates_give_one_block_each(fit):
    table = fc.summary(fit, at=["2024-11-29", "2024-12-09"])
    casualties = table[table["measure"] == "casualties"].set_index("date")["median"]
    assert casualties[pd.Timestamp("2024-11-29")] == 0
    assert casualties[pd.Timestamp("2024-12-09")] == pytest.approx(50 * 10)


def test_combat_value_has_no_date_and_reads_the_equivalence_claims(fit):
    value = row(fc.summary(fit), "combat_value")
    assert value[["median", "low", "high"]].tolist() == pytest.approx([2.0, 1.1, 2.9])
    assert value["n_claims"] == 1


def test_between_dates_of_a_coarser_grid_the_curve_is_a_straight_line():
    fit = synthetic_fit.build()
    coarse = fit.copy()
    coarse["posterior"] = fit["posterior"].to_dataset().isel(date=slice(0, None, 3))
    coarse["prior"] = fit["prior"].to_dataset().isel(date=slice(0, None, 3))
    # 50 m a day on every day in between: the straight line is the daily curve itself
    for day in ["2024-12-09", "2024-12-10", "2024-12-11"]:
        fine = row(fc.summary(fit, at=day), "casualties")
        assert row(fc.summary(coarse, at=day), "casualties")["median"] == pytest.approx(fine["median"])


def test_a_fit_without_prior_has_no_prior_median():
    fit = synthetic_fit.build()
    del fit["prior"]
    assert fc.summary(fit)["prior_median"].isna().all()


@pytest.mark.parametrize("at", ["2026-01-01", "2024-09-30", "NaT"])
def test_a_date_outside_the_curves_is_refused_with_their_span(fit, at):
    with pytest.raises(ForcestError, match="2024-10-01 to 2025-03-31"):
        fc.summary(fit, at=at)


@pytest.mark.parametrize("at", ["yesterday-ish", ["2025-02-26", "soon"], "2025-13-01"])
def test_what_is_no_date_is_refused(fit, at):
    with pytest.raises(ForcestError, match="YYYY-MM-DD"):
        fc.summary(fit, at=at)


@pytest.mark.parametrize("prob", [0, 1, 90, -0.1, np.nan])
def test_a_probability_outside_0_and_1_is_refused(fit, prob):
    with pytest.raises(ForcestError, match="between 0 and 1"):
        fc.summary(fit, ci_prob=prob)


def test_the_synthetic_fit_keeps_its_identities():
    # the helper must be right before anything is read from it
    p = synthetic_fit.build()["posterior"]
    parts = p.in_training + p.at_front + p.rear + p.in_hospital + p.killed + p.captured + p.missing + p.withdrawn_home
    np.testing.assert_allclose(p.deployed, parts, rtol=0, atol=1e-8)
    np.testing.assert_allclose(p.casualties, p.killed + p.wounded + p.captured + p.missing, rtol=0, atol=1e-8)


def test_a_fit_read_back_from_its_file_says_the_same(fit, tmp_path):
    fit.to_netcdf(tmp_path / "fit.nc")
    with xr.open_datatree(tmp_path / "fit.nc") as saved:
        pd.testing.assert_frame_equal(fc.summary(saved), fc.summary(fit))
        pd.testing.assert_frame_equal(fc.claims_table(saved), fc.claims_table(fit))
        assert fc.anchors(saved).sentence == fc.anchors(fit).sentence


def test_forces_are_compared_only_where_a_claim_or_a_partner_makes_it_more_than_a_prior(fit):
    compared = {"combat_value", "effective_strength"}
    assert compared < set(fc.summary(fit)["measure"])
    alone = synthetic_fit.build(synthetic_fit.claims().query("measure not in ['equivalence', 'combined_strength']"))
    assert "combined_strength" in alone["posterior"]
    assert compared < set(fc.summary(alone)["measure"])
    alone["posterior"] = alone["posterior"].to_dataset().drop_vars("combined_strength")
    assert not compared & set(fc.summary(alone)["measure"])


def test_nobody_is_zero_and_not_the_rounding_of_a_sum(fit):
    rounded = synthetic_fit.build()
    rounded["posterior"]["in_hospital"][...] = -3e-12
    assert [str(x) for x in row(fc.summary(rounded), "in_hospital")[["low", "median", "high"]]] == ["0.0", "0.0", "0.0"]
