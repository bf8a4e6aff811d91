"""Smooth arrivals by hand: the rate above and below the threshold, its end, and where those of the first day are."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import nbinom, norm

from forcest.errors import ModelError
from forcest.models.description.calendar import Grid
from forcest.models.process.ar1 import AR1
from forcest.models.process.arrivals import STEEPNESS, SmoothArrivals
from forcest.models.process.flow import TRAINING_STAGES
from forcest.models.reporting.readings import Curve, readings_of
from small_models import claim, ledger, prior_draws, prior_medians, smooth_model, waves_model

AFTER_ITS_END = "2025-01-21"
STATES = ("in_training", "at_front", "rear", "in_hospital", "withdrawn_home", "captured", "missing", "killed")


def arrivals(**fields) -> SmoothArrivals:
    return SmoothArrivals(smooth=AR1(every="30D"), **fields)


def curves(p: dict, step: str = "D", draws: int = 0, **fields):
    """A bound model of smooth arrivals, and its curves with some parameters replaced."""
    bound = smooth_model(step, arrivals=arrivals(**fields)).on(ledger(claim("a", "killed", 3)))
    values = prior_draws(bound, draws) if draws else prior_medians(bound)
    return bound, bound.curves_forward(values | {name: np.array([value], dtype=float) for name, value in p.items()})


def daily_arrivals(height: float, sd: float = 0.5) -> float:
    """Arrivals per day where the curve is constant, by its height above the threshold."""
    p = {"arrival_rate": [12.0], "arrival_sd": [sd], "arrival_threshold": [-height], "arrival_offset": np.zeros((1, 3))}
    _, found = curves(p)
    days = np.diff(found["deployed"][0])
    np.testing.assert_allclose(days, days[0], rtol=1e-9)
    return days[0]


@pytest.mark.parametrize("step", ["D", "3D"])
def test_a_constant_rate_of_arrivals_adds_up(step):
    """One standard deviation above the threshold the log rate is one sd higher, and the switch lets most through."""
    p = {"initial_size": [400.0], "arrival_rate": [12.0], "arrival_sd": [0.5], "arrival_threshold": [-1.0]}
    bound, found = curves(p, step)
    rate = 12 * np.exp(0.5) * expit(STEEPNESS)
    np.testing.assert_allclose(found["deployed"][0], 400 + rate * bound.model.grid.days, rtol=1e-12)


def test_the_curve_returns_to_zero_from_knot_to_knot_and_is_linear_in_between():
    """An innovation at the first knot alone, far above the threshold: the log rate is the curve times its sd."""
    offset = np.array([[1.0, 0.0, 0.0]])
    p = {"arrival_rate": [12.0], "arrival_sd": [0.5], "arrival_correlation": [60.0], "arrival_offset": offset}
    _, found = curves(p | {"arrival_threshold": [-30.0], "initial_size": [0.0]})
    log_rate = np.log(np.diff(found["deployed"][0]) / 12) - 0.5 * 30
    knots = np.exp(-0.5 * np.arange(3))
    np.testing.assert_allclose(log_rate, 0.5 * np.interp(np.arange(1, 49), [0, 30, 60], knots), atol=1e-10)


def test_below_the_threshold_nobody_comes():
    """The threshold is the middle of the switch: half the rate. Two standard deviations below it, not one in twenty comes."""
    at = daily_arrivals(0.0)
    assert at == pytest.approx(6.0, rel=1e-9)
    assert daily_arrivals(-2.0, sd=1e-9) == pytest.approx(12.0 * expit(-2 * STEEPNESS), rel=1e-6)
    assert 0 < daily_arrivals(-2.0, sd=1e-9) < at / 20, "the switch does it, not the curve of the log rate"
    assert daily_arrivals(-2.0, sd=0.7) < at / 80
    assert daily_arrivals(1.0) > at


@pytest.mark.parametrize(("step", "last", "share"), [("D", 20, 1.0), ("3D", 21, 2 / 3)])
def test_after_the_last_day_of_arrivals_exactly_nobody_comes(step, last, share):
    """The day itself is one of arrivals; of the step that holds it, the days up to it count."""
    bound, found = curves({}, step, draws=20, until=AFTER_ITS_END)
    days, deployed = bound.model.grid.days, found["deployed"]
    until = np.diff(deployed[:, days <= last], axis=1)
    assert np.all(until > 0)
    later = deployed[:, days >= last]
    assert later.shape[1] > 5
    assert np.all(np.diff(later, axis=1) == 0)
    _, open_end = curves({}, step, draws=20)
    open_until = np.diff(open_end["deployed"][:, days <= last], axis=1)
    np.testing.assert_allclose(until[:, :-1], open_until[:, :-1], rtol=1e-9)
    np.testing.assert_allclose(until[:, -1], share * open_until[:, -1], rtol=1e-9)
    assert np.all(open_end["deployed"][:, -1] > open_end["deployed"][:, days == last][:, 0])


def test_a_share_of_the_first_are_at_the_front_on_the_first_day():
    """Besides them, those whose training ends on the day it began: the Erlang stages put a little on every day."""
    p = {"initial_size": [1_000.0], "initial_lost": [0.0], "initial_at_front": [0.7], "training_days": [5.0]}
    _, found = curves(p)
    trained = nbinom.pmf(0, TRAINING_STAGES, TRAINING_STAGES / (TRAINING_STAGES + 5.0))
    assert found["at_front"][0, 0] == pytest.approx(700 + 300 * trained, rel=1e-12)
    assert found["in_training"][0, 0] == pytest.approx(300 * (1 - trained), rel=1e-12)
    assert found["deployed"][0, 0] == pytest.approx(1_000, rel=1e-12)


LOST = {
    "initial_size": [10_000.0],
    "initial_lost": [0.2],
    "initial_in_hospital": [0.25],
    "initial_at_front": [0.7],
    "wounded_per_killed": [3.0],
    "captured_share": [0.1],
    "missing_share": [0.0],
    "return_share": [0.4],
    "fast_share": [0.3],
    "fast_days_beyond_first": [2.0],
    "slow_days_beyond_first": [20.0],
    "hazard_level": [1e-12],
    "training_days": [1e9],
    "arrival_rate": [1e-9],
}
"""Of 10,000 sent 2,000 were lost: 200 captured, 450 killed, 1,350 wounded. Three quarters of these have left hospital: 405 for the
front. Of the 8,000 not lost 2,400 are in training, for good."""


def test_those_lost_before_the_first_day_are_where_the_shares_put_them():
    _, found = curves(LOST)
    first = {name: found[name][0, 0] for name in found}
    counted = {"casualties": 2_000, "captured": 200, "killed": 450, "wounded": 1_350, "deployed": 10_000, "in_training": 2_400}
    discharged = {"in_hospital": 0.25 * 1_350, "returned_to_duty": 0.75 * 0.4 * 1_350, "invalided": 0.75 * 0.6 * 1_350}
    expected = counted | discharged | {"at_front": 5_600 + 405, "rear": 0.0, "present": 10_000 - 200 - 450 - 0.75 * 0.6 * 1_350}
    assert {name: first[name] for name in expected} == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("step", ["D", "3D"])
def test_those_in_hospital_on_the_first_day_leave_it_as_if_admitted_on_it(step):
    """Without a hazard nobody is admitted later, so what is left in hospital is the tail of the delays."""
    bound, found = curves(LOST, step)
    days = bound.model.grid.days
    slow = nbinom.cdf(days - 1, 2, 2 / (2 + 20.0))
    fast = nbinom.cdf(days - 1, 2, 2 / (2 + 2.0))
    stay = 1 - (0.4 * (0.3 * fast + 0.7 * slow) + 0.6 * slow)
    if step == "D":
        np.testing.assert_allclose(found["in_hospital"][0], 0.25 * 1_350 * stay, rtol=1e-8)  # the hazard adds 5e-9
    assert found["returned_to_duty"][0, -1] == pytest.approx(0.4 * 1_350, rel=0.03), "nearly all of those who return have returned"
    np.testing.assert_allclose(found["casualties"][0], 2_000, rtol=1e-9)
    np.testing.assert_allclose(found["at_front"][0], 5_600 + found["returned_to_duty"][0], rtol=1e-9)


def test_a_flow_of_people_known_only_as_a_sum_is_refused():
    """Of losses before its first day the model knows the sum, and of arrivals on it: such a claim must count from later on."""

    def counting(measure: str, first: str):
        return ledger(claim("k", measure, 30, scope="flow", window_start=first, window_end="2025-01-12", as_of="2025-01-12"))

    later = r"a {} claim must count from after the first day of the model, 2025-01-01, .*; got {} \(row id 'k'\)"
    for measure, first in (("killed", "2025-01-01"), ("returned_to_duty", "2024-12-20"), ("deployed", "2024-12-31")):
        with pytest.raises(ModelError, match=later.format(measure, first)):
            smooth_model().on(counting(measure, first))
        assert len(waves_model().on(counting(measure, first)).claims) == 1, "nobody came before a wave"
    assert len(smooth_model().on(counting("killed", "2025-01-02")).claims) == 1
    assert len(smooth_model().on(counting("deployed", "2025-01-01")).claims) == 1
    begins = smooth_model().attrition.replace(begins=("2025-01-02", "2025-01-10"))
    assert len(smooth_model().replace(attrition=begins).on(counting("killed", "2025-01-01")).claims) == 1


def test_nobody_was_lost_before_the_first_day_where_fighting_begins_later():
    begins = smooth_model().attrition.replace(begins=("2025-01-02", "2025-01-10"))
    names = {p.name for p in smooth_model().replace(attrition=begins).on(ledger(claim("a", "killed", 3))).parameters}
    assert "initial_size" in names
    assert not names & {"initial_lost", "initial_in_hospital"}


def test_everybody_deployed_is_in_one_state():
    _, found = curves({}, draws=20, until=AFTER_ITS_END)
    np.testing.assert_allclose(sum(found[name] for name in STATES), found["deployed"], rtol=1e-9)


@pytest.mark.parametrize("step", [1, 3])
def test_a_flow_from_the_first_day_on_counts_growth_and_not_those_who_were_there(step):
    """Of losses it counts those of the first day too; where some were lost before it, such a claim is refused."""
    grid = Grid(smooth_model().start, smooth_model().end, step)
    curve = 5_000.0 + np.arange(grid.size) * 30.0 * step
    window = {"window_start": "2025-01-01", "window_end": "2025-01-13", "as_of": "2025-01-13", "scope": "flow"}

    def read(measure: str, name: str, **window: str) -> float:
        row = ledger(claim("a", measure, 400, **window)).usable().iloc[0].to_dict()
        (reading,) = readings_of(row, Curve((name,)), grid)
        return sum(w * curve[node] for node, w in zip(reading.nodes, reading.weights, strict=True))

    assert read("deployed", "deployed", **window) == pytest.approx(12 * 30.0)
    assert read("at_front", "reached_front", **window) == pytest.approx(12 * 30.0)
    assert read("killed", "killed", **window) == pytest.approx(5_000 + 12 * 30.0)
    later = window | {"window_start": "2025-01-04"}
    assert read("deployed", "deployed", **later) == pytest.approx(10 * 30.0)


def test_by_default_people_come_on_a_twentieth_to_three_fifths_of_the_days():
    """The share of days with arrivals in the long run is that of a standard normal curve above the threshold."""
    threshold = SmoothArrivals().threshold
    assert norm.sf(threshold.quantile(0.95)) == pytest.approx(0.05, abs=0.01)
    assert norm.sf(threshold.quantile(0.05)) == pytest.approx(0.60, abs=0.03)


def test_the_share_of_days_with_arrivals_is_that_of_the_curve_above_its_threshold():
    """At its threshold a draw has half its rate; averaged over draws, a day is above it as often as the priors say."""
    _, found = curves({}, draws=4_000)
    p = prior_draws(smooth_model(arrivals=arrivals()).on(ledger(claim("a", "killed", 3))), 4_000)
    share = np.mean(np.diff(found["deployed"], axis=1)[:, -1] > 0.5 * p["arrival_rate"][:, 0])
    expected = np.mean(norm.sf(p["arrival_threshold"]))
    assert share == pytest.approx(expected, abs=0.03)
