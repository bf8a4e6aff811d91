"""Forecasts: the fit's own curves, continued from the state of every draw; scenarios change nothing before they begin."""

import datetime

import numpy as np
import pytest

import forcest as fc
from forcest.errors import ForcestError, ModelError

BEGINS = "2024-03-01"  # the day after the last claim
LATER = "2024-09-01"


@pytest.fixture(scope="module")
def plain(fit):
    return fc.forecast(fit, until=LATER)


def curve(tree, name):
    """Draws of a curve, shape (chain, draw, date)."""
    return tree["posterior"][name].to_numpy()[:, :, 0]


def from_now(tree):
    """Nodes at which the scenario is under way."""
    return tree["posterior"]["date"].values >= np.datetime64(BEGINS)


def test_to_its_own_end_a_forecast_is_the_fit(fit):
    same = fc.forecast(fit)
    for name in ("deployed", "at_front", "killed", "returned_to_duty", "hazard"):
        np.testing.assert_allclose(curve(same, name), curve(fit, name), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(same["posterior"]["bias"], fit["posterior"]["bias"])


def test_a_later_end_changes_nothing_before_it(fit, plain):
    size = fit["posterior"].sizes["date"]
    further = fc.forecast(fit, until="2024-12-31")
    for name in ("deployed", "at_front", "hazard", "returned_to_duty"):
        np.testing.assert_allclose(curve(plain, name)[..., :size], curve(fit, name), rtol=1e-9, atol=1e-9)
        there = curve(plain, name)
        np.testing.assert_allclose(curve(further, name)[..., : there.shape[-1]], there, rtol=1e-9, atol=1e-9)


def test_the_hazard_goes_on_where_each_draw_left_it_and_keeps_its_spread(fit, plain):
    """The log hazard is stationary: half a year on its spread over draws is still that of level and curve together."""
    log = np.log(curve(plain, "hazard")).reshape(-1, plain["posterior"].sizes["date"])
    last = fit["posterior"].sizes["date"] - 1
    steps = np.abs(np.diff(log[:, last - 1 : last + 2], axis=1))
    assert steps.max() < 4 * np.quantile(np.abs(np.diff(log[:, : last + 1], axis=1)), 0.999)  # no jump at the seam
    p = fit["posterior"]
    expected = np.var(np.log(p["hazard_level"].to_numpy())) + np.mean(p["hazard_sd"].to_numpy() ** 2)
    # 1,500 draws of 32 chains know a variance to some 5 %; independent parts and interpolation between knots cost up to 20 % more
    assert 0.6 < np.var(log[:, -1]) / expected < 1.3


def test_nobody_appears_or_vanishes_in_a_forecast(plain):
    states = ("in_training", "at_front", "rear", "in_hospital", "killed", "captured", "missing", "withdrawn_home")
    deployed = curve(plain, "deployed")
    assert (np.abs(sum(curve(plain, name) for name in states) - deployed) <= 1e-6 * deployed.max(axis=-1, keepdims=True)).all()


@pytest.mark.parametrize(
    "scenario",
    [
        fc.Scenario(hold_wave="only"),
        fc.Scenario(hazard=0.5),
        fc.Scenario(hazard_rate=0.01),
        fc.Scenario(return_share=0.0),
        fc.Scenario(withdraw=0.4),
        fc.Scenario(add_wave=fc.Wave(size=fc.between(500, 2_000), window=("2024-03-10", "2024-04-10"))),
    ],
    ids=["hold", "hazard", "pinned hazard", "no returns", "withdrawal", "new wave"],
)
def test_two_scenarios_are_the_same_numbers_before_they_begin_and_differ_afterwards(fit, plain, scenario):
    apart = fc.difference(fc.forecast(fit, until=LATER, scenario=scenario), plain)
    before = ~from_now(plain)
    changed = 0.0
    for name in apart.data_vars:
        values = apart[name].to_numpy()
        assert (values[..., before] == 0.0).all(), name
        changed = max(changed, float(np.abs(values[..., ~before]).max()))
    assert changed > 1e-3


def test_half_the_hazard_is_half_and_a_pinned_one_is_what_it_was_pinned_to(fit, plain):
    now = from_now(plain)
    halved = fc.forecast(fit, until=LATER, scenario=fc.Scenario(hazard=0.5))
    np.testing.assert_allclose(curve(halved, "hazard")[..., now], 0.5 * curve(plain, "hazard")[..., now], rtol=1e-12)
    pinned = fc.forecast(fit, until=LATER, scenario=fc.Scenario(hazard_rate=0.01))
    assert (curve(pinned, "hazard")[..., now] == 0.01).all()


def test_a_held_wave_sends_nobody_more_and_those_in_training_still_reach_the_front(fit, plain):
    held = fc.forecast(fit, until=LATER, scenario=fc.Scenario(hold_wave="only"))
    first = int(np.flatnonzero(from_now(held))[0])
    deployed = curve(held, "deployed")
    np.testing.assert_allclose(deployed[..., first:], np.repeat(deployed[..., first - 1 : first], deployed.shape[-1] - first, -1))
    assert curve(held, "in_training")[..., first - 1].max() > 1.0
    assert curve(held, "in_training")[..., -1].max() < 1e-3 * curve(held, "in_training")[..., first - 1].max()


def test_when_nobody_returns_any_more_only_those_wounded_before_come_back(fit, plain):
    cut = fc.forecast(fit, until="2026-03-01", scenario=fc.Scenario(return_share=0.0))
    first = int(np.flatnonzero(from_now(cut))[0])
    wounded = curve(cut, "wounded")[..., first - 1]
    share = fit["posterior"]["return_share"].to_numpy()[..., 0]
    # two years later all who were going to come back have: the longest slow stay of 1,500 draws has a mean of some 200 days
    np.testing.assert_allclose(curve(cut, "returned_to_duty")[..., -1], share * wounded, rtol=0.01)
    everyone = fc.forecast(fit, until="2026-03-01")
    assert (curve(everyone, "returned_to_duty")[..., -1] > 1.05 * share * wounded).mean() > 0.9


def test_a_withdrawal_takes_its_share_of_the_front_home(fit, plain):
    """Without casualties 40 % of those at the front are home after 30 days, and fewer of those who arrive meanwhile."""
    gone = fc.forecast(fit, until=LATER, scenario=fc.Scenario(withdraw=0.4, hazard_rate=1e-9))
    none = fc.forecast(fit, until=LATER, scenario=fc.Scenario(hazard_rate=1e-9))
    first = int(np.flatnonzero(from_now(gone))[0])
    home = fc.difference(gone, none)["withdrawn_home"].to_numpy()[:, :, 0]
    front = curve(none, "at_front")[..., first - 1]
    assert (home[..., -1] >= 0.4 * front * (1 - 1e-6)).all()
    assert (home[..., -1] <= 0.4 * curve(none, "at_front").max(axis=-1) * (1 + 1e-6)).all()


def test_a_forecast_is_summarised_and_saved_like_a_fit(plain, tmp_path):
    table = fc.summary(plain, at=str(plain["posterior"]["date"].values[-1])[:10])
    row = table.set_index("measure").loc["killed"]
    assert row["median"] == pytest.approx(np.median(curve(plain, "killed")[..., -1]), rel=1e-6)
    plain.to_netcdf(tmp_path / "later.nc")
    again = fc.load(tmp_path / "later.nc")
    assert again.attrs["forecast_from"] == BEGINS
    np.testing.assert_allclose(curve(again, "killed"), curve(plain, "killed"), rtol=1e-6)


def test_a_forecast_of_a_saved_fit_is_the_same_to_single_precision(saved, plain):
    again = fc.forecast(fc.load(saved), until=LATER)
    np.testing.assert_allclose(curve(again, "killed"), curve(plain, "killed"), rtol=1e-5, atol=1e-3)


def test_what_cannot_be_is_refused(fit, plain):
    with pytest.raises(ForcestError, match="`until` must be a date"):
        fc.forecast(fit, until="soon")
    with pytest.raises(ForcestError, match="must begin between the day after the last claim, 2024-03-01"):
        fc.forecast(fit, scenario=fc.Scenario(begins="2024-02-01"))
    with pytest.raises(ModelError, match="`hold_wave` must be a wave of the model, only; got 'third'"):
        fc.forecast(fit, scenario=fc.Scenario(hold_wave="third"))
    early = fc.Wave(size=fc.between(1, 2), window=("2024-02-01", "2024-04-10"))
    with pytest.raises(ModelError, match="`add_wave` must not begin before the scenario"):
        fc.forecast(fit, scenario=fc.Scenario(add_wave=early))
    with pytest.raises(ModelError, match="either `hazard` scales the hazard or `hazard_rate` fixes it"):
        fc.Scenario(hazard=0.5, hazard_rate=0.01)
    with pytest.raises(ForcestError, match="both forecasts must end on one day"):
        fc.difference(plain, fc.forecast(fit, until="2024-12-31"))
    with pytest.raises(ForcestError, match="two forecasts of one fit"):
        fc.difference(plain, fit)
    assert fc.Scenario(begins="2024-05-01").begins == datetime.date(2024, 5, 1)
