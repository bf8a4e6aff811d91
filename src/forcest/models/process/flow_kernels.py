"""The flow of people for sixteen chains, forward and adjoint; the batched form of ``flow.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.ledger.measures import ADMITTED_KINDS
from forcest.models.lanes import add_to, exp_minus_one, inner, kernel, load, spread, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.arrivals_kernels import ArrivalWork
from forcest.models.process.attrition_kernels import HazardWork
from forcest.models.process.delays_kernels import clear, pass_step, pass_step_backward
from forcest.models.process.flow import Flow
from forcest.models.process.reads_kernels import Reads, keep, slope_of
from forcest.models.process.series import (
    CASUALTIES,
    COMBAT_VALUE,
    FRONT,
    HOME,
    INVALIDED,
    KILLED,
    ONE,
    RETURNED,
    SCALARS,
    WAVE,
    WOUNDED,
    reached_series,
)
from forcest.models.process.withdrawals_kernels import BACK, TO_HOME, TO_REAR, MovementConstants, MovementWork


class FlowConstants(NamedTuple):
    """Rows of the parameters among the values, and the sizes of the grid.

    Attributes
    ----------
    training_days, at_front, lost, in_hospital, wounded_per_killed, return_share, fast_share, fast_days, slow_days : int
    shares : ndarray of int, shape (kind, 2)
        Value that holds the share of a kind of casualty among those of no kind before it, and the kind's scalar.
    admitted : ndarray of int, shape (kind,)
        Scalars of the kinds that are treated in hospital.
    combat_value, wave_size : int
        ``wave_size`` is -1 for smooth arrivals; ``at_front``, ``lost`` and ``in_hospital``, of those sent by the first day, for
        waves.
    training, fast, slow : int
        Stages.
    n_waves, size, step : int
        Waves, nodes, days per step.
    busy : ndarray of int, shape (2,)
        First step in which people move without being casualties, and the one after the last.
    """

    training_days: int
    at_front: int
    lost: int
    in_hospital: int
    wounded_per_killed: int
    return_share: int
    fast_share: int
    fast_days: int
    slow_days: int
    shares: np.ndarray
    admitted: np.ndarray
    combat_value: int
    wave_size: int
    training: int
    fast: int
    slow: int
    n_waves: int
    size: int
    step: int
    busy: np.ndarray


def flow_constants(term: Flow, n_waves: int, movements: MovementConstants, coordinates: Coordinates) -> FlowConstants:
    """Constants of the term."""
    row = coordinates.row
    mix, (training, fast, slow) = term.casualties, term.stages
    return FlowConstants(
        training_days=row("training_days"),
        at_front=row("initial_at_front"),
        lost=row("initial_lost"),
        in_hospital=row("initial_in_hospital"),
        wounded_per_killed=row("wounded_per_killed"),
        return_share=row("return_share"),
        fast_share=row("fast_share"),
        fast_days=row("fast_days_beyond_first"),
        slow_days=row("slow_days_beyond_first"),
        shares=np.array([(row(f"{kind}_share"), SCALARS[kind]) for kind in mix.shares], dtype=np.int64).reshape(-1, 2),
        admitted=np.array([SCALARS[kind] for kind in ADMITTED_KINDS if kind in mix.kinds], dtype=np.int64),
        combat_value=row("combat_value"),
        wave_size=row("wave_size"),
        training=training,
        fast=fast,
        slow=slow,
        n_waves=n_waves,
        size=term.grid.size,
        step=term.grid.step,
        busy=movements.busy,
    )


class FlowWork(NamedTuple):
    """Rows of one thread; those of other terms are shared with them.

    Attributes
    ----------
    scalars, scalars_bar : ndarray, shape (scalar, lane)
    rest : ndarray, shape (kind, lane)
        Share of the casualties that are of no kind before a kind.
    reads : Reads
    hazard, movements, arrivals : NamedTuple
        Rows of the hazard, of withdrawals and of arrivals.
    trained, trained_slope : ndarray, shape (wave x date, lane)
        Arrivals after training, and their slope in the mean delay.
    inflow_bar : ndarray, shape (date, lane)
    lost_bar : ndarray, shape (1, lane)
        Slope in the number lost before the first day.
    front, per_hazard, rear : ndarray, shape (date, lane)
        ``per_hazard`` is the share lost in a step divided by the hazard.
    fast, slow, fast_slope, slow_slope : ndarray, shape (date, lane)
        Wounded leaving hospital, if all stayed for that delay, and slopes in its mean.
    state, other_state : ndarray, shape (stage, lane)
    """

    scalars: np.ndarray
    scalars_bar: np.ndarray
    rest: np.ndarray
    reads: Reads
    hazard: HazardWork
    movements: MovementWork
    arrivals: ArrivalWork
    trained: np.ndarray
    trained_slope: np.ndarray
    inflow_bar: np.ndarray
    lost_bar: np.ndarray
    front: np.ndarray
    per_hazard: np.ndarray
    rear: np.ndarray
    fast: np.ndarray
    slow: np.ndarray
    fast_slope: np.ndarray
    slow_slope: np.ndarray
    state: np.ndarray
    other_state: np.ndarray


def flow_work(k: FlowConstants, reads: Reads, hazard: HazardWork, movements: MovementWork, arrivals: ArrivalWork) -> FlowWork:
    """Rows of one thread."""
    dates = ("inflow_bar", "front", "per_hazard", "rear", "fast", "slow", "fast_slope", "slow_slope")
    stages, n_scalars = max(k.training, k.fast, k.slow) + 1, WAVE + k.n_waves
    return workspace_of(
        FlowWork,
        scalars=n_scalars,
        scalars_bar=n_scalars,
        rest=len(k.shares),
        reads=reads,
        hazard=hazard,
        movements=movements,
        arrivals=arrivals,
        trained=k.n_waves * k.size,
        trained_slope=k.n_waves * k.size,
        lost_bar=1,
        **dict.fromkeys(dates, k.size),
        state=stages,
        other_state=stages,
    )


reached_of = inner(reached_series)


@kernel
def scalars_forward(k, value, work):
    """Fill the scalars: shares of the kinds of casualty, combat value, sizes of waves."""
    rest = spread(1.0)
    for i in range(len(k.shares)):
        part = rest * load(value, k.shares[i, 0])
        store(work.rest, i, rest)
        store(work.scalars, k.shares[i, 1], part)
        rest = rest - part
    ratio = load(value, k.wounded_per_killed)
    killed = rest / (1.0 + ratio)
    store(work.scalars, ONE, spread(1.0))
    store(work.scalars, KILLED, killed)
    store(work.scalars, WOUNDED, killed * ratio)
    store(work.scalars, COMBAT_VALUE, load(value, k.combat_value))
    for w in range(k.n_waves):
        store(work.scalars, WAVE + w, load(value, k.wave_size + w) if k.wave_size >= 0 else spread(1.0))


@kernel
def scalars_backward(k, value, bar, work):
    """Adjoint of :func:`scalars_forward`."""
    ratio, killed = load(value, k.wounded_per_killed), load(work.scalars, KILLED)
    wounded_bar = load(work.scalars_bar, WOUNDED)
    killed_bar = load(work.scalars_bar, KILLED) + wounded_bar * ratio
    rest_bar = killed_bar / (1.0 + ratio)
    add_to(bar, k.wounded_per_killed, (wounded_bar - rest_bar) * killed)
    for i in range(len(k.shares) - 1, -1, -1):
        part_bar = load(work.scalars_bar, k.shares[i, 1]) - rest_bar
        add_to(bar, k.shares[i, 0], part_bar * load(work.rest, i))
        rest_bar += part_bar * load(value, k.shares[i, 0])
    add_to(bar, k.combat_value, load(work.scalars_bar, COMBAT_VALUE))
    if k.wave_size >= 0:
        for w in range(k.n_waves):
            add_to(bar, k.wave_size + w, load(work.scalars_bar, WAVE + w))


@inner
def _initial_shares(k, value):
    """Of those sent by the first day: the share lost by then, that of the others at the front, and that of all who reached it."""
    lost, at_front = load(value, k.lost) if k.lost >= 0 else spread(0.0), load(value, k.at_front)
    return lost, at_front, at_front + (1.0 - at_front) * lost


@kernel
def training_forward(k, value, work):
    """Pass the arrivals of each wave through training."""
    p = k.training / (k.training + load(value, k.training_days))
    for w in range(k.n_waves):
        before, reached = spread(0.0), spread(0.0)
        clear(work.state, k.training + 1)
        for t in range(k.size):
            now, there = load(work.arrivals.arriving, w * k.size + t), spread(0.0)
            if t == 0 and k.at_front >= 0:
                _, _, reached_front = _initial_shares(k, value)
                there = now * reached_front
            now -= there
            trained, slope = pass_step(work.state, k.training, k.step, 0, p, before, now)
            trained += there
            store(work.trained, w * k.size + t, trained)
            store(work.trained_slope, w * k.size + t, slope)
            reached += trained
            before = now
            keep(work.reads, reached_of(w), t, reached)


@kernel
def training_backward(k, value, bar, work):
    """Adjoint of :func:`training_forward` in the mean delay, the sizes of waves, and the arrivals."""
    p = k.training / (k.training + load(value, k.training_days))
    days_bar = spread(0.0)
    for w in range(k.n_waves):
        size, size_bar = load(work.scalars, WAVE + w), spread(0.0)
        later, next_bar = spread(0.0), spread(0.0)
        clear(work.other_state, k.training)
        for t in range(k.size - 1, -1, -1):
            row = w * k.size + t
            later += slope_of(work.reads, reached_of(w), t)
            inflow_bar = load(work.inflow_bar, t)
            size_bar += inflow_bar * load(work.trained, row)
            trained_bar = inflow_bar * size + later
            days_bar += trained_bar * load(work.trained_slope, row)
            before_bar, now_bar = pass_step_backward(work.other_state, k.training, k.step, 0, p, trained_bar)
            arriving_bar = next_bar + now_bar
            if t == 0 and k.at_front >= 0:
                lost, at_front, reached_front = _initial_shares(k, value)
                gain, sent = trained_bar - arriving_bar, load(work.arrivals.arriving, row)
                add_to(bar, k.at_front, gain * sent * (1.0 - lost))
                arriving_bar += gain * reached_front
                if k.lost >= 0:
                    lost_bar = load(work.lost_bar, 0)
                    add_to(bar, k.lost, (gain * (1.0 - at_front) + lost_bar) * sent)
                    arriving_bar += lost_bar * lost
            store(work.arrivals.arriving_bar, row, arriving_bar)
            next_bar = before_bar
        add_to(work.scalars_bar, WAVE + w, size_bar)
    add_to(bar, k.training_days, days_bar)


@inner
def _admitted(k, work):
    """Share of casualties who are treated in hospital."""
    share = load(work.scalars, k.admitted[0])
    for i in range(1, len(k.admitted)):
        share += load(work.scalars, k.admitted[i])
    return share


@inner
def _hospital(k, value):
    """Share of the wounded who return, of those the share of the fast delay, and daily probabilities of both delays."""
    fast = k.fast / (k.fast + load(value, k.fast_days))
    slow = k.slow / (k.slow + load(value, k.slow_days))
    return load(value, k.return_share), load(value, k.fast_share), fast, slow


@kernel
def recursion_forward(k, value, work):
    """Run the recursion from the first node to the last."""
    back_share, fast_share, fast_p, slow_p = _hospital(k, value)
    admitted_share = _admitted(k, work)
    clear(work.state, k.fast + 1)
    clear(work.other_state, k.slow + 1)
    zero = spread(0.0)
    front, rear, admitted_before = zero, zero, zero
    casualties, returned, invalided, home = zero, zero, zero, zero
    for t in range(k.size):
        before = front
        hazard = load(work.hazard.hazard, t)
        total, back = hazard, zero
        moving = k.busy[0] <= t and t < k.busy[1]
        if moving:
            total += load(work.movements.rates, 3 * t + TO_REAR) + load(work.movements.rates, 3 * t + TO_HOME)
            back = -exp_minus_one(-(load(work.movements.rates, 3 * t + BACK) * float(k.step)))
        out = -exp_minus_one(-(total * float(k.step)))
        per_hazard = out / total
        lost, discharged = before * per_hazard * hazard, zero
        if t == 0 and k.lost >= 0:
            lost = load(work.arrivals.arriving, 0) * load(value, k.lost)
            discharged = admitted_share * lost * (1.0 - load(value, k.in_hospital))
        admitted = admitted_share * lost - discharged
        fast, fast_slope = pass_step(work.state, k.fast, k.step, 1, fast_p, admitted_before, admitted)
        slow, slow_slope = pass_step(work.other_state, k.slow, k.step, 1, slow_p, admitted_before, admitted)
        returning = back_share * (fast_share * fast + (1.0 - fast_share) * slow + discharged)
        front = before * (1.0 - out) + returning
        if t == 0:
            front -= lost
        for w in range(k.n_waves):
            front += load(work.scalars, WAVE + w) * load(work.trained, w * k.size + t)
        if moving:
            store(work.rear, t, rear)
            front += rear * back
            rear += before * per_hazard * load(work.movements.rates, 3 * t + TO_REAR) - rear * back
            home += before * per_hazard * load(work.movements.rates, 3 * t + TO_HOME)
        store(work.front, t, front)
        store(work.per_hazard, t, per_hazard)
        store(work.fast, t, fast)
        store(work.slow, t, slow)
        store(work.fast_slope, t, fast_slope)
        store(work.slow_slope, t, slow_slope)
        casualties += lost
        returned += returning
        invalided += (1.0 - back_share) * (slow + discharged)
        admitted_before = admitted
        keep(work.reads, FRONT, t, front)
        keep(work.reads, CASUALTIES, t, casualties)
        keep(work.reads, RETURNED, t, returned)
        keep(work.reads, INVALIDED, t, invalided)
        keep(work.reads, HOME, t, home)


@kernel
def recursion_backward(k, value, bar, work):
    """Adjoint of :func:`recursion_forward`: slopes in the hazard, the rates, the inflow, and the parameters of the hospital."""
    back_share, fast_share, fast_p, slow_p = _hospital(k, value)
    admitted_share, step = _admitted(k, work), float(k.step)
    clear(work.state, k.fast)
    clear(work.other_state, k.slow)
    zero = spread(0.0)
    front_bar, rear_bar, wounded_bar = zero, zero, zero
    casualties_bar, returned_bar, invalided_bar, home_bar = zero, zero, zero, zero
    return_share_bar, fast_share_bar, fast_days_bar, slow_days_bar, admitted_share_bar = zero, zero, zero, zero, zero
    for t in range(k.size - 1, -1, -1):
        front_bar += slope_of(work.reads, FRONT, t)
        casualties_bar += slope_of(work.reads, CASUALTIES, t)
        returned_bar += slope_of(work.reads, RETURNED, t)
        invalided_bar += slope_of(work.reads, INVALIDED, t)
        home_bar += slope_of(work.reads, HOME, t)
        store(work.inflow_bar, t, front_bar)
        # hospital
        fast, slow = load(work.fast, t), load(work.slow, t)
        returning_bar = front_bar + returned_bar
        return_share_bar += returning_bar * (fast_share * fast + (1.0 - fast_share) * slow) - invalided_bar * slow
        fast_share_bar += returning_bar * back_share * (fast - slow)
        fast_bar = returning_bar * back_share * fast_share
        slow_bar = returning_bar * back_share * (1.0 - fast_share) + invalided_bar * (1.0 - back_share)
        fast_days_bar += fast_bar * load(work.fast_slope, t)
        slow_days_bar += slow_bar * load(work.slow_slope, t)
        fast_before, fast_now = pass_step_backward(work.state, k.fast, k.step, 1, fast_p, fast_bar)
        slow_before, slow_now = pass_step_backward(work.other_state, k.slow, k.step, 1, slow_p, slow_bar)
        wounded_bar += fast_now + slow_now
        if t == 0:
            store(work.hazard.log_hazard_bar, t, zero)
            if k.lost >= 0:
                lost, still = load(work.arrivals.arriving, 0) * load(value, k.lost), load(value, k.in_hospital)
                discharged_bar = back_share * returning_bar + (1.0 - back_share) * invalided_bar
                treated_bar = still * wounded_bar + (1.0 - still) * discharged_bar
                return_share_bar += admitted_share * lost * (1.0 - still) * (returning_bar - invalided_bar)
                add_to(bar, k.in_hospital, admitted_share * lost * (wounded_bar - discharged_bar))
                admitted_share_bar += lost * treated_bar
                store(work.lost_bar, 0, casualties_bar - front_bar + admitted_share * treated_bar)
            continue
        # exits of the front
        before, hazard, per_hazard = load(work.front, t - 1), load(work.hazard.hazard, t), load(work.per_hazard, t)
        lost_bar = casualties_bar + admitted_share * wounded_bar
        admitted_share_bar += wounded_bar * (before * per_hazard * hazard)
        wounded_bar = fast_before + slow_before
        moving = k.busy[0] <= t and t < k.busy[1]
        total, share_bar = hazard, lost_bar * hazard
        if moving:
            to_rear, to_home = load(work.movements.rates, 3 * t + TO_REAR), load(work.movements.rates, 3 * t + TO_HOME)
            total += to_rear + to_home
            share_bar += rear_bar * to_rear + home_bar * to_home
        out = per_hazard * total
        total_bar = before * ((share_bar / total - front_bar) * (step * (1.0 - out)) - share_bar * (per_hazard / total))
        store(work.hazard.log_hazard_bar, t, hazard * (before * lost_bar * per_hazard + total_bar))
        if moving:
            kept = 1.0 + exp_minus_one(-(load(work.movements.rates, 3 * t + BACK) * step))
            store(work.movements.rates_bar, 3 * t + TO_REAR, before * rear_bar * per_hazard + total_bar)
            store(work.movements.rates_bar, 3 * t + TO_HOME, before * home_bar * per_hazard + total_bar)
            store(work.movements.rates_bar, 3 * t + BACK, load(work.rear, t) * (front_bar - rear_bar) * kept * step)
            rear_bar = rear_bar * kept + front_bar * (1.0 - kept)
        front_bar = front_bar * (1.0 - out) + share_bar * per_hazard
    add_to(bar, k.return_share, return_share_bar)
    add_to(bar, k.fast_share, fast_share_bar)
    add_to(bar, k.fast_days, fast_days_bar)
    add_to(bar, k.slow_days, slow_days_bar)
    for i in range(len(k.admitted)):
        add_to(work.scalars_bar, k.admitted[i], admitted_share_bar)


@inner
def flow_forward(k, value, work):
    """Scalars, training and the recursion, in this order."""
    scalars_forward(k, value, work)
    training_forward(k, value, work)
    recursion_forward(k, value, work)


@inner
def flow_backward(k, value, bar, work):
    """Adjoint of :func:`flow_forward`."""
    recursion_backward(k, value, bar, work)
    training_backward(k, value, bar, work)
    scalars_backward(k, value, bar, work)
