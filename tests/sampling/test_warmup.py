"""Stages of the warm-up, each alone, on numbers that follow by arithmetic; and their order."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forcest.sampling import sample
from forcest.sampling.density import Density
from forcest.sampling.kernel import HMC
from forcest.sampling.metric import Diagonal, LowRank
from forcest.sampling.metric_choice import MetricChoice
from forcest.sampling.pool import Drift, Pool
from forcest.sampling.runner import Ensemble, workers
from forcest.sampling.state import State
from forcest.sampling.step_size import DualAveraging
from forcest.sampling.warmup import (
    FIRST_STEP,
    LAST_ITERATIONS,
    LONGEST,
    WINDOW_ENDS,
    Plan,
    advance,
    begin,
    extend,
    finished,
    moving_chains,
    note_update,
    replace_chains,
    replacements,
    restart_step,
    settle,
    update_metric,
    usable_chains,
    warm_up,
)

DIM, CHAINS = 2, 4
ALL = np.ones(CHAINS, dtype=bool)


def normal(position):
    return -0.5 * np.sum(position**2, axis=1), -position


def plan(metric="auto", limit=LONGEST, groups=(0, 0, 1, 1)):
    return Plan(HMC, MetricChoice.of(metric, DIM, None), np.array(groups), 0.9, limit, np.random.default_rng(1))


def filled(pool, columns, iterations):
    """A pool of equal iterations, whose chains are at ``columns`` (dim, chain) of a standard normal density."""
    state = State(columns, -0.5 * np.sum(columns**2, axis=0), -columns)
    for iteration in iterations:
        pool = pool.with_draw(iteration, state)
    return pool


@pytest.fixture
def ensemble():
    density = Density(normal, DIM)
    position = np.arange(1.0, 1.0 + DIM * CHAINS).reshape(DIM, CHAINS)
    with workers(1) as executor:
        yield Ensemble(density, 1, density.state(position), 3, executor)


def test_dual_averaging_by_hand():
    """Error 0.11 / 11 = 0.01 at first, which moves the log step by 0.01 / 0.05; the average starts as the step itself."""
    first = DualAveraging.starting_at(0.5, target=0.9).updated(0.79)
    assert first.current == pytest.approx(0.5 * math.exp(-0.2))
    assert first.average == first.current
    second = first.updated(0.9)
    log_step = math.log(0.5) - math.sqrt(2) / 0.05 * (11 / 12 * 0.01)
    weight = 2**-0.75
    assert second.current == pytest.approx(math.exp(log_step))
    assert second.log_average == pytest.approx(weight * log_step + (1 - weight) * (math.log(0.5) - 0.2))
    assert second.updated(math.nan) is second


@pytest.mark.parametrize(
    ("metric", "dim", "core", "kind", "pool_columns", "least_columns"),
    [
        ("auto", 1000, None, "dense", 10_000, 2000),
        ("auto", 1001, None, "low_rank", 3000, 1000),
        ("auto", 1001, range(40), "core", 1000, 400),
        ("core", 20, range(4), "core", 1000, 40),
        ("low_rank", 30, None, "low_rank", 3000, 300),
        ("diagonal", 9, None, "diagonal", 3000, 200),
        ("low_rank", 10_000, None, "low_rank", 1500, 1000),
    ],
)
def test_kind_of_metric_and_size_of_its_pool(metric, dim, core, kind, pool_columns, least_columns):
    choice = MetricChoice.of(metric, dim, core)
    assert (choice.kind, choice.pool_columns, choice.least_columns) == (kind, pool_columns, least_columns)


def test_a_metric_with_fewer_parameters_is_fitted_while_draws_are_few():
    draws = np.random.default_rng(1).standard_normal((20, 60))
    for metric, core, n, kind in (
        ("dense", None, 40, "dense"),
        ("dense", None, 39, "low_rank"),
        ("core", np.arange(5), 10, "core"),
        ("core", np.arange(5), 9, "low_rank"),
        ("diagonal", None, 10, "diagonal"),
    ):
        assert MetricChoice.of(metric, 20, core).fit(draws[:, :n], -draws[:, :n]).metric.kind == kind


def test_drift_is_the_change_between_halves_in_units_of_its_error_over_chains():
    first, second = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), np.array([[1.0, 2.0, 3.0], [1.0, -1.0, 0.0]])
    pool = Pool(capacity=8)
    for iteration, position in enumerate((first, first, second, second), start=5):
        pool = pool.with_draw(iteration, State(position, position[0], -position))
    t = 2 / (1 / math.sqrt(3))  # mean 2, standard deviation 1, three chains; the second coordinate's mean is 0
    drift = pool.drift(Diagonal(np.array([25.0, 9.0])), np.ones(3, dtype=bool))
    assert drift == pytest.approx((t**2 / 2, t))
    assert not drift.is_negligible(2, 3)
    assert Drift(1.0, -2.9).is_negligible(2, 3)


def test_advance_makes_one_transition_and_takes_in_what_it_gave(ensemble):
    """The first Halton number is 1/2, so that the trajectory has its mean length: pi / 2 in steps of 0.3 are 6."""
    before = begin(plan())
    after = advance(plan(), ensemble, before)
    assert after.iteration == 1
    assert ensemble.n_gradients == 6 * CHAINS
    assert after.step == before.step.updated(float(after.rates[0].mean()))
    np.testing.assert_array_equal(after.pool.draws[0][1].position, ensemble.state().position)
    assert (before.iteration, before.rates, before.pool.draws) == (0, (), ())


def test_only_the_tuning_chains_decide_on_the_step(ensemble):
    before = replace(begin(plan()), tuning_chains=np.array([False, True, False, False]))
    after = advance(plan(), ensemble, before)
    assert after.step == before.step.updated(float(after.rates[0][1]))


def test_a_chain_is_frozen_below_a_quarter_of_the_median_rate():
    rates = np.array([0.7, 0.8, 0.8, 0.8, 0.9, 0.21, 0.19])
    np.testing.assert_array_equal(moving_chains((rates - 0.01, rates + 0.01)), [True, True, True, True, True, True, False])


def test_frozen_chains_are_left_out_of_the_metric_after_the_first_windows():
    state = replace(begin(plan()), rates=(np.array([0.9, 0.9, 0.9, 0.1]),), pool=filled(Pool(8), np.ones((DIM, CHAINS)), [14]))
    np.testing.assert_array_equal(usable_chains(replace(state, iteration=14)), ALL)
    np.testing.assert_array_equal(usable_chains(replace(state, iteration=22)), [True, True, True, False])


def test_length_goes_half_way_to_what_the_metric_needs():
    """Variance 400 along the diagonal of two correlated coordinates; 16 columns add the factor (1 + sqrt(2 / 8))**2 = 2.25."""
    columns = np.array([[20.0, -20.0, 1.0, -1.0], [20.0, -20.0, -1.0, 1.0]])
    state = replace(begin(plan("diagonal")), iteration=4, pool=filled(Pool(8), columns, range(4, 8)))
    updated = update_metric(plan("diagonal"), state, ALL)
    np.testing.assert_allclose(updated.metric.scales(), 1.0)
    assert updated.full_length == pytest.approx(math.pi / 2 * 20 / 1.5)
    assert updated.length == pytest.approx(math.pi / 2 * math.sqrt(20 / 1.5))


def test_what_the_low_rank_metric_leaves_in_new_draws_sets_the_length():
    """Variance 400 along the diagonal, of which the metric in use knows 100: a factor of 4 is left, so the length doubles."""
    columns = np.array([[20.0, -20.0, 1.0, -1.0], [20.0, -20.0, -1.0, 1.0]])
    precision = np.array([[401.0, -399.0], [-399.0, 401.0]]) / 800  # eigenvalues 1/400 along the diagonal and 1 across
    state = State(columns, np.zeros(CHAINS), -precision @ columns)
    pool = Pool(20)
    for iteration in range(15, 31):
        pool = pool.with_draw(iteration, state)
    in_use = LowRank(np.ones(2), np.full((2, 1), math.sqrt(0.5)), np.array([100.0]))
    before = note_update(replace(begin(plan("low_rank")), iteration=22, metric=in_use), Drift(1.0, 0.0), ALL)
    updated = update_metric(plan("low_rank"), replace(before, iteration=30, pool=pool), ALL)
    assert updated.metric.kind == "low_rank"
    assert updated.full_length == pytest.approx(math.pi / 2 * 2, rel=1e-6)
    assert updated.length == pytest.approx(math.pi / 2 * math.sqrt(2), rel=1e-6)
    np.testing.assert_allclose(updated.metric.apply(precision), np.eye(2), atol=1e-5)  # the new metric knows all of it


def test_an_update_is_entered_and_the_step_tuned_anew():
    good = np.array([True, True, False, True])
    state = replace(begin(plan()), iteration=34, rates=(np.ones(CHAINS),), length=2.0)
    state = replace(state, step=state.step.updated(0.5))
    noted = note_update(state, Drift(1.5, -0.5), good)
    assert noted.record.updates == [
        {
            "iteration": 34,
            "metric": "diagonal",
            "step_size": state.step.average,
            "length": 2.0,
            "drift": (1.5, -0.5),
            "left_out": 1,
        }
    ]
    restarted = restart_step(noted, good)
    assert restarted.step == DualAveraging.starting_at(FIRST_STEP, 0.9)
    assert restarted.tuning_chains is good
    assert restarted.rates == ()


def test_a_chain_is_replaced_by_one_of_its_group_if_there_is_one():
    groups, rng = np.array([0, 0, 1, 1, 2]), np.random.default_rng(1)
    np.testing.assert_array_equal(replacements(groups, np.array([True, False, False, True, True]), rng), [0, 0, 3, 3, 4])
    np.testing.assert_array_equal(replacements(groups, np.array([False, True, False, False, False]), rng), [1, 1, 1, 1, 1])


def test_replaced_chains_go_on_at_the_position_of_another_and_are_recorded(ensemble):
    before = ensemble.state()
    state = replace(begin(plan()), iteration=22, tuning_chains=np.array([True, True, True, False]))
    after = replace_chains(plan(), ensemble, state, np.array([True, False, True, True]))
    for part, old in zip(ensemble.state(), before, strict=True):
        np.testing.assert_array_equal(part, old[..., [0, 0, 2, 3]])
    assert after.record.replaced == {1: 22}
    assert after.tuning_chains.all()
    for nothing_to_do in (ALL, ~ALL):
        assert replace_chains(plan(), ensemble, after, nothing_to_do) is after


@pytest.mark.parametrize(
    ("iteration", "passed_before", "is_stationary", "limit", "passed", "has_settled", "end", "is_full"),
    [
        (34, 1, True, LONGEST, 2, True, 50, True),
        (34, 1, True, 40, 2, True, 40, True),
        (34, 0, True, LONGEST, 1, False, LONGEST, False),
        (34, 5, False, LONGEST, 0, False, LONGEST, False),
        (22, 5, True, LONGEST, 6, False, LONGEST, False),  # too early
        (430, 5, False, LONGEST, 0, False, LONGEST, True),  # the last update
    ],
)
def test_the_end_is_planned_once_two_windows_in_a_row_look_stationary(
    iteration, passed_before, is_stationary, limit, passed, has_settled, end, is_full
):
    pool = filled(Pool(8), np.ones((DIM, CHAINS)), range(26, 31))  # 20 columns, as many as two dimensions need
    before = replace(begin(plan(limit=limit)), iteration=iteration, n_stationary=passed_before, full_length=9.0, pool=pool)
    after = settle(plan(limit=limit), before, is_stationary)
    assert (after.n_stationary, after.record.has_settled, after.end) == (passed, has_settled, end)
    assert after.length == (9.0 if is_full else before.length)
    too_few = settle(plan(limit=limit), replace(before, pool=filled(Pool(8), np.ones((DIM, CHAINS)), range(27, 31))), True)
    assert not too_few.record.has_settled


def test_frozen_chains_are_replaced_at_the_end_and_the_step_is_tuned_for_them(ensemble):
    state = replace(begin(plan()), iteration=50, end=50, rates=(np.array([0.9, 0.9, 0.1, 0.9]),))
    longer = extend(plan(), ensemble, state)
    assert (longer.end, longer.record.replaced, longer.rates) == (50 + LAST_ITERATIONS, {2: 50}, ())
    np.testing.assert_array_equal(ensemble.state().position[:, 2], ensemble.state().position[:, 3])


@pytest.mark.parametrize(
    ("rates", "end", "longer"),
    [
        ((np.full(CHAINS, 0.9),), 50, 50),
        ((), 50, 66),  # the metric has just been updated: the step is not tuned
        ((np.array([0.9, 0.9, 0.1, 0.9]),), LONGEST, LONGEST),
    ],
)
def test_the_warm_up_goes_on_only_if_the_step_is_not_ready(ensemble, rates, end, longer):
    assert extend(plan(), ensemble, replace(begin(plan()), iteration=end, end=end, rates=rates)).end == longer


def test_order_of_the_stages(ensemble):
    """Updates at the ends of windows until the chains have settled; then one metric, and a step tuned for 16 iterations."""
    states = list(warm_up(plan(), ensemble, begin(plan())))
    last = states[-1]
    assert [state.iteration for state in states] == list(range(1, last.end + 1))
    assert last.record.has_settled
    assert [entry["iteration"] for entry in last.record.updates] == [end for end in WINDOW_ENDS if end < last.end]
    assert last.end == last.record.updates[-1]["iteration"] + LAST_ITERATIONS
    assert len({id(state.metric) for state in states[-LAST_ITERATIONS - 1 :]}) == 1
    assert last.step.n_updates == len(last.rates) + (0 if last.rates else LAST_ITERATIONS)
    record = finished(last, n_gradients=ensemble.n_gradients, seconds=1.0).record
    assert (record.n_iterations, record.step_size, record.length) == (last.iteration, last.step.average, last.full_length)


def test_a_limit_that_falls_on_an_update_leaves_time_to_tune_the_step():
    result = sample(normal, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1, chains=8, draws=4, max_warmup=8)
    assert result.warmup.n_iterations == 8 + LAST_ITERATIONS
    assert result.warmup.step_size > FIRST_STEP
