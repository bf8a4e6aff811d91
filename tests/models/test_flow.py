"""Impulses come out where and when arithmetic says; nobody appears or vanishes; nothing runs backwards in time.

Every test of arithmetic runs on both statements of the flow.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import nbinom

from forcest.datasets import load
from forcest.models.description.calendar import Grid
from forcest.models.description.priors import between
from forcest.models.presets import north_korea_kursk
from forcest.models.process import delays
from forcest.models.process.arrivals import WaveArrivals
from forcest.models.process.casualties import CasualtyMix
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Flow, Recovery
from forcest.models.process.withdrawals import Movements, Withdrawal
from small_models import covariate_model, interpreted, many_claims, prior_draws, prior_medians, smooth_model, waves, waves_model

START = date(2025, 1, 1)
QUIET = 1e-200
AT_ONCE = 1e-13
PARAMETERS = {
    "training_days": AT_ONCE,
    "wounded_per_killed": 3.0,
    "captured_share": 0.02,
    "missing_share": 0.05,
    "return_share": 0.4,
    "fast_share": 0.3,
    "fast_days_beyond_first": 2.0,
    "slow_days_beyond_first": 9.0,
}


def grid_of(days: int, step: int = 1) -> Grid:
    return Grid(START, START + timedelta(days=days), step)


def day(n: int) -> date:
    return START + timedelta(days=n)


@pytest.fixture(params=["graph", "forward"])
def flow(request):
    """Curves of a force from arrivals (wave, date), hazard (date,) and rates, by either statement."""

    def run(grid, p, arrivals, hazard, rates=None):
        rates = (np.zeros(grid.size),) * 3 if rates is None else rates
        term = Flow(grid, Delay(mean=between(1, 9)), CasualtyMix(), Recovery(), rates[0] > 0, rates[2] > 0)
        if request.param == "forward":
            draws = {name: np.array([value]) for name, value in p.items()}
            curves, by_wave = term.forward(draws, arrivals[None], hazard[None], tuple(rate[None] for rate in rates))
            return {name: curve[0] for name, curve in curves.items()}, {name: curve[0] for name, curve in by_wave.items()}
        return evaluated(lambda *given: term.graph(constants(p), *given[:2], given[2:]), arrivals, hazard, *rates)

    return run


def constants(p):
    import pytensor.tensor as pt

    return {name: pt.constant(value, dtype="float64") for name, value in p.items()}


def evaluated(statement, *values):
    """A pair of dicts of graphs, evaluated."""
    import pytensor
    import pytensor.tensor as pt

    inputs = [pt.tensor(shape=np.shape(value), dtype="float64") for value in values]
    curves, by_wave = statement(*inputs)
    outputs = [pt.as_tensor_variable(x) for x in (*curves.values(), *by_wave.values())]
    found = pytensor.function(inputs, outputs, mode=interpreted(), on_unused_input="ignore")(*values)
    return dict(zip(curves, found, strict=False)), dict(zip(by_wave, found[len(curves) :], strict=True))


def lump(grid: Grid, size: float, at: int = 0) -> np.ndarray:
    arrivals = np.zeros((1, grid.size))
    arrivals[0, at] = size
    return arrivals


def returned_by(days: np.ndarray, stay_beyond_first: float) -> np.ndarray:
    """Share of the wounded back after so many days: two Erlang stages that start on the day after."""
    return nbinom.cdf(days - 1, 2, 2 / (2 + stay_beyond_first))


# --- arrivals and training ----------------------------------------------------------------------------------------


def wave(size, shift=0.0, spread=1.0):
    return {"wave_size": np.array([[size]]), "wave_shift": np.array([[shift]]), "wave_spread": np.array([[spread]])}


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_a_wave_arrives_whole_with_nine_tenths_inside_its_window(step):
    grid = grid_of(126, step)
    window = (day(43), day(63))
    term = WaveArrivals.on(waves(first=(str(window[0]), str(window[1]))), grid)
    deployed = np.cumsum(term.forward(wave(9_000.0)), axis=2)[0, 0]
    by_day = np.interp(np.arange(grid.days[-1] + 1), grid.days, deployed)
    assert deployed[-1] == pytest.approx(9_000, rel=1e-6)
    # The window's first and last day belong to it: 5 % at the end of the day before, 95 % at the end of the last.
    exact = 9_000 * expit((grid.days - 52.5) / (21 / (2 * logit(0.95))))
    np.testing.assert_allclose(deployed, exact, rtol=1e-12)
    if step in (1, 3, 7):
        assert by_day[63] - by_day[42] == pytest.approx(8_100, rel=1e-9)


def test_a_wave_that_came_before_the_first_day_is_there_from_the_first_day():
    grid = grid_of(30)
    term = WaveArrivals.on(waves(early=("2024-10-01", "2024-11-01")), grid)
    arrivals = term.forward(wave(5_000.0))[0, 0]
    assert arrivals[0] == pytest.approx(5_000, rel=1e-6)


def test_a_shifted_wave_comes_later_and_a_spread_one_takes_longer():
    grid = grid_of(126)
    term = WaveArrivals.on(waves(first=(str(day(43)), str(day(63)))), grid)
    usual, late, long = (
        np.cumsum(term.forward(wave(9_000.0, **moved)), axis=2)[0, 0] for moved in ({}, {"shift": 5.0}, {"spread": 2.0})
    )
    np.testing.assert_allclose(late[5:], usual[:-5], rtol=1e-9)
    assert np.interp(52.5 - 21, grid.days, long) == pytest.approx(0.05 * 9_000, rel=0.02)
    assert np.interp(52.5 + 21, grid.days, long) == pytest.approx(0.95 * 9_000, rel=0.002)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
@pytest.mark.parametrize(("mean", "stages", "first_day"), [(6.0, 4, 0), (0.7, 4, 0), (11.5, 2, 1), (25.0, 1, 0), (3.0, 50, 0)])
def test_the_mean_of_a_delay_is_exact_for_every_step(step, mean, stages, first_day):
    import pytensor

    grid = grid_of(1_050, step)
    graph = pytensor.function([], delays.graph(grid, np.float64(mean), stages, first_day=first_day), mode=interpreted())()
    forward = delays.forward(grid, np.array([mean]), stages, first_day=first_day)[0]
    for lags in (graph, forward):
        assert lags.sum() == pytest.approx(1, rel=1e-12)
        assert lags.min() >= 0
        assert grid.days @ lags == pytest.approx(first_day + mean, rel=1e-10)


@pytest.mark.parametrize("first_day", [0, 1])
def test_a_daily_delay_is_the_negative_binomial_of_scipy(first_day):
    grid = grid_of(90)
    expected = np.concatenate([np.zeros(first_day), nbinom.pmf(np.arange(91 - first_day), 4, 4 / (4 + 6.5))])
    np.testing.assert_allclose(delays.forward(grid, np.array([6.5]), 4, first_day=first_day)[0], expected, rtol=1e-11)


@pytest.mark.parametrize("step", [1, 3, 7])
def test_everyone_who_arrives_reaches_the_front_after_the_mean_training_time(flow, step):
    grid = grid_of(210, step)
    curves, by_wave = flow(grid, PARAMETERS | {"training_days": 12.0}, lump(grid, 6_000, at=2), np.full(grid.size, QUIET))
    assert curves["at_front"][-1] == pytest.approx(6_000, rel=1e-9)
    assert curves["in_training"][2:].sum() * step / 6_000 == pytest.approx(12.0, rel=1e-6)
    np.testing.assert_allclose(by_wave["deployed"][0], curves["deployed"])
    for name in ("killed", "wounded", "in_hospital", "withdrawn_home", "rear", "returned_to_duty"):
        np.testing.assert_allclose(curves[name], 0, atol=1e-8)


# --- one casualty day ---------------------------------------------------------------------------------------------


def test_one_casualty_day_shows_where_and_when_arithmetic_says(flow):
    grid = grid_of(60)
    hazard = np.full(grid.size, QUIET)
    hazard[10] = 0.5
    curves, _ = flow(grid, PARAMETERS, lump(grid, 1_000), hazard)
    after = (grid.days >= 10).astype(float)
    lost = 1_000 * (1 - np.exp(-0.5))
    kinds = {"captured": lost * 0.02, "missing": lost * 0.98 * 0.05}
    both = lost - kinds["captured"] - kinds["missing"]
    kinds |= {"killed": both / 4, "wounded": both * 3 / 4, "casualties": lost}
    for kind, size in kinds.items():
        np.testing.assert_allclose(curves[kind], size * after, rtol=1e-10, atol=1e-9, err_msg=kind)
    fast, slow = (returned_by(grid.days - 10, beyond) for beyond in (2.0, 9.0))
    returned = kinds["wounded"] * 0.4 * (0.3 * fast + 0.7 * slow)
    left = kinds["wounded"] * 0.6 * slow
    assert returned[10] == left[10] == 0
    np.testing.assert_allclose(curves["returned_to_duty"], returned, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(curves["invalided"], left, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(curves["withdrawn_home"], left, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(curves["in_hospital"], kinds["wounded"] * after - returned - left, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(curves["at_front"], 1_000 - lost * after + returned, rtol=1e-10)


@pytest.mark.parametrize("step", [2, 3, 7])
def test_a_casualty_step_is_as_large_and_its_wounded_stay_as_long_on_any_calendar(flow, step):
    grid = grid_of(420, step)
    hazard = np.full(grid.size, QUIET)
    hazard[5] = 0.5 / step
    curves, _ = flow(grid, PARAMETERS, lump(grid, 1_000), hazard)
    assert curves["casualties"][-1] == pytest.approx(1_000 * (1 - np.exp(-0.5)), rel=1e-10)
    mean_stay = step * curves["in_hospital"].sum() / curves["wounded"][-1]
    assert mean_stay == pytest.approx(1 + 0.4 * 0.3 * 2 + (0.4 * 0.7 + 0.6) * 9, rel=1e-6)


# --- withdrawals --------------------------------------------------------------------------------------------------


def movements(grid, *withdrawals, withdrawn, returned=()):
    p = {"withdrawn_share": np.array([withdrawn], dtype=float), "returned_share": np.array([returned], dtype=float)}
    return tuple(rate[0] for rate in Movements.on(withdrawals, grid).forward(p))


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_withdrawal_moves_its_share_within_its_window_and_a_redeployment_brings_back_its_share(flow, step):
    grid = grid_of(60, step)
    moved = Withdrawal(window=(day(14), day(19)), share=between(0.1, 0.9), returns=(day(32), day(37)))
    rates = movements(grid, moved, withdrawn=[0.6], returned=[0.75])
    curves, _ = flow(grid, PARAMETERS, lump(grid, 1_000), np.full(grid.size, QUIET), rates)
    before, between_, after = grid.days <= 13, (grid.days >= 19) & (grid.days <= 31), grid.days >= 37
    for times, front, rear in ((before, 1_000, 0), (between_, 400, 600), (after, 850, 150)):
        np.testing.assert_allclose(curves["at_front"][times], front, rtol=1e-10)
        np.testing.assert_allclose(curves["rear"][times], rear, rtol=1e-10, atol=1e-9)
    if step == 1:  # a constant rate within the window
        np.testing.assert_allclose(curves["at_front"][13:20], 1_000 * 0.4 ** (np.arange(7) / 6), rtol=1e-10)


def test_those_ordered_home_are_withdrawn_home_and_stay_there(flow):
    grid = grid_of(40)
    rates = movements(grid, Withdrawal(window=(day(10), day(12)), share=between(0.1, 0.9), to="home"), withdrawn=[0.3])
    curves, _ = flow(grid, PARAMETERS, lump(grid, 1_000), np.full(grid.size, QUIET), rates)
    np.testing.assert_allclose(curves["withdrawn_home"][12:], 300, rtol=1e-10)
    np.testing.assert_allclose(curves["at_front"][12:], 700, rtol=1e-10)
    np.testing.assert_allclose(curves["present"][12:], 700, rtol=1e-10)
    np.testing.assert_allclose(curves["rear"], 0, atol=1e-9)
    np.testing.assert_allclose(curves["invalided"], 0, atol=1e-9)


# --- against a simulation that keeps every stock by itself ----------------------------------------------------------


def simulated(arrivals, hazard, rates, p):
    """The flow of people day by day, each stock by its own book-keeping; a loop over people's days of arrival and of wounds."""
    size = len(arrivals)
    train = nbinom.pmf(np.arange(size), 4, 4 / (4 + p["training_days"]))
    stay = {kind: nbinom.pmf(np.arange(size), 2, 2 / (2 + p[f"{kind}_days_beyond_first"])) for kind in ("fast", "slow")}
    stocks = dict.fromkeys(("in_training", "at_front", "in_hospital", "rear"), 0.0)
    totals = dict.fromkeys(("killed", "wounded", "captured", "missing", "returned_to_duty", "withdrawn_home"), 0.0)
    out_of_training, back, home = (np.zeros(2 * size) for _ in range(3))
    days = []
    for t in range(size):
        for d in range(size - t):
            out_of_training[t + d] += arrivals[t] * train[d]
        front = stocks["at_front"] if t else 0.0
        risks = {"casualty": hazard[t], "rear": rates[0][t], "home": rates[1][t]}
        leaving = front * (1 - np.exp(-sum(risks.values())))
        to = {where: leaving * risk / sum(risks.values()) for where, risk in risks.items()}
        captured = to["casualty"] * p["captured_share"]
        missing = (to["casualty"] - captured) * p["missing_share"]
        killed = (to["casualty"] - captured - missing) / (1 + p["wounded_per_killed"])
        wounded = killed * p["wounded_per_killed"]
        for d in range(size - t - 1):
            fast, slow = p["fast_share"] * stay["fast"][d], (1 - p["fast_share"]) * stay["slow"][d]
            back[t + 1 + d] += wounded * p["return_share"] * (fast + slow)
            home[t + 1 + d] += wounded * (1 - p["return_share"]) * stay["slow"][d]
        redeployed = stocks["rear"] * (1 - np.exp(-rates[2][t]))
        stocks["in_training"] += arrivals[t] - out_of_training[t]
        stocks["at_front"] += out_of_training[t] - leaving + back[t] + redeployed
        stocks["in_hospital"] += wounded - back[t] - home[t]
        stocks["rear"] += to["rear"] - redeployed
        for name, number in zip(totals, (killed, wounded, captured, missing, back[t], home[t] + to["home"]), strict=True):
            totals[name] += number
        days.append(stocks | totals)
    return {name: np.array([today[name] for today in days]) for name in days[0]}


def test_the_flow_equals_a_simulation_that_keeps_every_stock_by_itself(flow):
    grid = grid_of(45)
    rng = np.random.default_rng(5)
    arrivals, hazard = rng.gamma(0.5, 300, (2, grid.size)), rng.gamma(1, 0.03, grid.size)
    rates = tuple(rng.gamma(0.3, 0.1, grid.size) for _ in range(3))
    p = PARAMETERS | {"training_days": 4.0}
    curves, _ = flow(grid, p, arrivals, hazard, rates)
    for name, expected in simulated(arrivals.sum(axis=0), hazard, rates, p).items():
        np.testing.assert_allclose(curves[name], expected, rtol=1e-10, atol=1e-8, err_msg=name)


def test_nothing_changes_before_its_cause(flow):
    grid = grid_of(30, 3)
    rng = np.random.default_rng(6)
    given = [rng.gamma(0.5, 300, (1, grid.size)), *(rng.gamma(1, 0.03, grid.size) for _ in range(4))]
    p = PARAMETERS | {"training_days": 4.0}
    usual, _ = flow(grid, p, given[0], given[1], tuple(given[2:]))
    for position in range(len(given)):
        changed = [value.copy() for value in given]
        changed[position][..., 5] *= 2
        curves, _ = flow(grid, p, changed[0], changed[1], tuple(changed[2:]))
        for name, curve in curves.items():
            np.testing.assert_allclose(curve[:5], usual[name][:5], rtol=1e-11, atol=1e-9, err_msg=name)
        assert not np.allclose(curves["at_front"][5:], usual["at_front"][5:], rtol=1e-4)


# --- identities ---------------------------------------------------------------------------------------------------

SUM = ("in_training", "at_front", "rear", "in_hospital", "killed", "captured", "missing", "withdrawn_home")
CUMULATIVE = ("deployed", "reached_front", "killed", "wounded", "captured", "missing", "casualties")
CUMULATIVE = (*CUMULATIVE, "returned_to_duty", "withdrawn_home", "invalided")


@pytest.mark.parametrize("step", ["D", "3D", "W"])
@pytest.mark.parametrize("model", [waves_model, smooth_model, covariate_model])
def test_nobody_appears_or_vanishes_in_any_prior_draw(model, step):
    bound = model(step).on(many_claims(waves_named=model is not smooth_model))
    curves = bound.curves_forward(prior_draws(bound, 200))
    deployed = curves["deployed"]
    rounding = 1e-12 * deployed.max(axis=1, keepdims=True)
    assert np.all(np.abs(sum(curves[name] for name in SUM) - deployed) <= rounding)
    kinds = curves["killed"] + curves["wounded"] + curves["captured"] + curves["missing"]
    np.testing.assert_allclose(kinds, curves["casualties"], rtol=1e-12)
    present = curves["in_training"] + curves["at_front"] + curves["rear"] + curves["in_hospital"]
    assert np.all(np.abs(present - curves["present"]) <= rounding)
    for name in CUMULATIVE:
        assert np.all(np.diff(curves[name], axis=1) >= -rounding), name
        assert np.all(curves[name] >= 0), name
    for name in ("in_training", "at_front", "rear", "in_hospital", "present"):
        assert np.all(curves[name] >= -rounding), name
    if not bound.model.withdrawals:
        assert np.all(np.abs(curves["rear"]) <= rounding)


# --- the step of the calendar ---------------------------------------------------------------------------------------


def moved_by_step(step: str) -> dict[str, np.ndarray]:
    """By how much a longer step moves each Kursk curve, as a share of the curve's largest value, at worst at the first of a month.

    The first entry is that of the prior medians, 40 prior draws follow.
    """
    ledger = load("north_korea_kursk")
    daily, coarse = north_korea_kursk("D").on(ledger), north_korea_kursk(step).on(ledger)
    assert [q.shape for q in daily.parameters] == [q.shape for q in coarse.parameters]
    draws = prior_draws(daily, 40)
    p = {name: np.concatenate([median, draws[name]]) for name, median in prior_medians(daily).items()}
    curves, others = daily.curves_forward(p), coarse.curves_forward(p)
    months = [date(2024, 11, 1), *(date(2025, month, 1) for month in range(1, 7))]

    def moved(name):
        worst = [np.abs(by_month(coarse, others[name], when) - by_month(daily, curves[name], when)) for when in months]
        return np.max(worst, axis=0) / curves[name].max(axis=1)

    return {name: moved(name) for name in SUM + CUMULATIVE}


@pytest.mark.parametrize("step", ["2D", "3D"])
def test_longer_steps_move_the_kursk_curves_by_less_than_two_percent(step):
    for name, moved in moved_by_step(step).items():
        assert moved[0] < 0.02, name
        # Stocks that turn over within days move by up to 2.6 % in the wildest of the prior draws.
        assert np.quantile(moved, 0.9 if name in ("in_hospital", "in_training") else 1.0) < 0.02, name


def test_weekly_steps_do_not_agree_within_two_percent():
    assert max(moved[0] for moved in moved_by_step("W").values()) > 0.02


def by_month(bound, curve, when):
    nodes, weights = bound.model.grid.read(bound.model.grid.day_of(when))
    return curve[:, nodes] @ np.array(weights)
