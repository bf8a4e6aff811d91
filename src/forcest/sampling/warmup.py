"""Warm-up: metric, trajectory length and step size are adapted for all chains together, until the chains look stationary.

The adaptation is one immutable value, `Adaptation`. Every stage takes it and returns the next one; `warm_up` says in which order.
The positions of the chains themselves live in the `Ensemble`, which two stages change: `advance` moves the chains, and
`replace_chains` puts some of them at the positions of others.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from forcest.sampling.kernel import Kernel, Move
from forcest.sampling.metric import Diagonal, Metric
from forcest.sampling.metric_choice import MetricChoice
from forcest.sampling.metric_fit import largest_variance_under
from forcest.sampling.pool import Drift, Pool, comparable_chains
from forcest.sampling.result import Record
from forcest.sampling.runner import Ensemble
from forcest.sampling.step_size import DualAveraging
from forcest.sampling.trajectory import MOST_STEPS, length_for, n_steps

WINDOW_ENDS = (4, 8, 14, 22, 34, 50, 72, 100, 140, 190, 250, 330, 430)
"""Iterations after which the metric and the length are fitted anew."""
EARLY_WINDOWS = WINDOW_ENDS[2]
"""Up to this iteration chains may still approach the typical set: none is called frozen or replaced."""
SHORTEST = 30
"""The warm-up does not end before this iteration."""
LAST_ITERATIONS = 16
"""Iterations that tune the step size after the last update of the metric."""
LONGEST = WINDOW_ENDS[-1] + LAST_ITERATIONS
FIRST_STEP = 0.3
SHORT_TRAJECTORIES, FEW_STEPS = 20, 16
"""Up to iteration 20 a trajectory has at most 16 leapfrog steps."""
FROZEN = 0.25
"""A chain whose mean acceptance rate is below this share of the median is frozen."""


@dataclass(frozen=True)
class Plan:
    """What stays the same during a warm-up.

    Attributes
    ----------
    kernel : Kernel
    metric : MetricChoice
    groups : ndarray of int, shape (chain,)
        Chains that share a start.
    target_accept : float
    limit : int
        Iteration at which the warm-up ends at the latest, but for those that `extend` adds.
    rng : numpy.random.Generator
        Chooses the chain that takes the place of another.
    """

    kernel: Kernel
    metric: MetricChoice
    groups: np.ndarray
    target_accept: float
    limit: int
    rng: np.random.Generator

    @property
    def n_chain(self) -> int:
        """Number of chains."""
        return self.groups.size


@dataclass(frozen=True)
class Adaptation:
    """State of the adaptation after some iterations.

    Attributes
    ----------
    iteration : int
    end : int
        Iteration at which the warm-up ends, as far as known.
    metric : Metric
    length : float
        Mean trajectory length in use, in whitened units.
    full_length : float
        Mean trajectory length that the metric needs; used as soon as the metric is final.
    step : DualAveraging
    tuning_chains : ndarray of bool, shape (chain,)
        Chains whose acceptance rates the step size follows.
    pool : Pool
        Draws and gradients that the next metric is fitted to.
    rates : tuple of ndarray, each of shape (chain,)
        Acceptance rates of the iterations since the last update.
    n_stationary : int
        Windows in a row at whose end the chains looked stationary.
    record : Record
    """

    iteration: int
    end: int
    metric: Metric
    length: float
    full_length: float
    step: DualAveraging
    tuning_chains: np.ndarray
    pool: Pool
    rates: tuple[np.ndarray, ...]
    n_stationary: int
    record: Record


def begin(plan: Plan, n_redrawn: int = 0) -> Adaptation:
    """Before the first iteration: unit metric, a first step size, nothing in the pool."""
    length = length_for(1.0)
    return Adaptation(
        iteration=0,
        end=plan.limit,
        metric=Diagonal(np.ones(plan.metric.dim)),
        length=length,
        full_length=length,
        step=DualAveraging.starting_at(FIRST_STEP, plan.target_accept),
        tuning_chains=np.ones(plan.n_chain, dtype=bool),
        pool=Pool(max(8, plan.metric.pool_columns // plan.n_chain)),
        rates=(),
        n_stationary=0,
        record=Record(n_redrawn=n_redrawn),
    )


def warm_up(plan: Plan, ensemble: Ensemble, adaptation: Adaptation, deadline: float = math.inf) -> Iterator[Adaptation]:
    """Adapt until the chains look stationary, the limit is reached or time is up.

    Parameters
    ----------
    plan : Plan
    ensemble : Ensemble
        Its chains are moved.
    adaptation : Adaptation
        From `begin`.
    deadline : float
        Value of ``time.monotonic`` after which no iteration is begun.

    Yields
    ------
    Adaptation
        After every iteration; the last one holds the tuned settings.
    """
    while adaptation.iteration < adaptation.end and time.monotonic() < deadline:
        adaptation = advance(plan, ensemble, adaptation)
        if adaptation.iteration in WINDOW_ENDS and not adaptation.record.has_settled:
            good = usable_chains(adaptation)
            drift = adaptation.pool.drift(adaptation.metric, good)
            adaptation = update_metric(plan, adaptation, good)
            adaptation = note_update(adaptation, drift, good)
            adaptation = restart_step(adaptation, good)
            if adaptation.iteration > EARLY_WINDOWS:
                adaptation = replace_chains(plan, ensemble, adaptation, good)
            adaptation = settle(plan, adaptation, bool(good.all()) and drift.is_negligible(plan.metric.dim, plan.n_chain))
        if adaptation.iteration == adaptation.end:
            adaptation = extend(plan, ensemble, adaptation)
        yield adaptation


def advance(plan: Plan, ensemble: Ensemble, adaptation: Adaptation) -> Adaptation:
    """One transition of every chain; the step size follows its acceptance rates and the pool takes in its draws."""
    iteration = adaptation.iteration + 1
    cap = FEW_STEPS if iteration <= SHORT_TRAJECTORIES else MOST_STEPS
    step_size = adaptation.step.current
    steps = n_steps(adaptation.length, step_size, iteration, cap)
    info = ensemble.advance(Move(plan.kernel, adaptation.metric, step_size, steps), iteration)
    return replace(
        adaptation,
        iteration=iteration,
        step=adaptation.step.updated(float(info.acceptance_rate[adaptation.tuning_chains].mean())),
        pool=adaptation.pool.with_draw(iteration, ensemble.state()),
        rates=(*adaptation.rates, info.acceptance_rate),
    )


def moving_chains(rates: tuple[np.ndarray, ...]) -> np.ndarray:
    """Chains that are not frozen, by their acceptance rates; later, with a fixed step, a frozen one might not move for long."""
    mean = np.mean(rates, axis=0)
    return mean >= FROZEN * np.median(mean)


def usable_chains(adaptation: Adaptation) -> np.ndarray:
    """Chains that the metric may be fitted to, bool (chain,): high enough in log density and, after the first windows, moving."""
    comparable = comparable_chains(adaptation.pool.logdensity(), adaptation.metric.dim)
    return comparable & (moving_chains(adaptation.rates) | (adaptation.iteration <= EARLY_WINDOWS))


def update_metric(plan: Plan, adaptation: Adaptation, good: np.ndarray) -> Adaptation:
    """Metric and trajectory lengths from the draws of the ``good`` chains.

    The length grows only half way, in logs, while the metric still improves.
    """
    fit = plan.metric.fit(*adaptation.pool.columns(good))
    variance = fit.largest_variance
    if fit.metric.kind == "low_rank" and adaptation.metric.kind == "low_rank":
        new = adaptation.pool.columns(good, after=adaptation.record.updates[-1]["iteration"])
        variance = max(variance, largest_variance_under(adaptation.metric, *new))
    half_way = math.sqrt(variance) if variance > 1.0 else 1.0
    return replace(adaptation, metric=fit.metric, length=length_for(half_way), full_length=length_for(variance))


def note_update(adaptation: Adaptation, drift: Drift, good: np.ndarray) -> Adaptation:
    """Enter the new metric in the record."""
    entry = {
        "iteration": adaptation.iteration,
        "metric": adaptation.metric.kind,
        "step_size": adaptation.step.average,
        "length": adaptation.length,
        "drift": tuple(drift),
        "left_out": int((~good).sum()),
    }
    return replace(adaptation, record=replace(adaptation.record, updates=[*adaptation.record.updates, entry]))


def restart_step(adaptation: Adaptation, good: np.ndarray) -> Adaptation:
    """Tune the step size anew, for the new metric and by the ``good`` chains alone."""
    step = DualAveraging.starting_at(FIRST_STEP, adaptation.step.target)
    return replace(adaptation, step=step, tuning_chains=good, rates=())


def replacements(groups: np.ndarray, good: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The chain at whose position each chain goes on: itself if ``good``, else a good one, of its own group if possible.

    Parameters
    ----------
    groups : ndarray of int, shape (chain,)
    good : ndarray of bool, shape (chain,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (chain,)
    """
    source = np.arange(good.size)
    for chain in np.flatnonzero(~good):
        own = np.flatnonzero(good & (groups == groups[chain]))
        source[chain] = rng.choice(own if own.size else np.flatnonzero(good))
    return source


def replace_chains(plan: Plan, ensemble: Ensemble, adaptation: Adaptation, good: np.ndarray) -> Adaptation:
    """Put the chains that are not ``good`` at the positions of good ones; all chains then tune the step size."""
    if good.all() or not good.any():
        return adaptation
    source = replacements(plan.groups, good, plan.rng)
    ensemble.set_state(ensemble.state().of_chains(source))
    replaced = dict.fromkeys(np.flatnonzero(~good).tolist(), adaptation.iteration)
    record = replace(adaptation.record, replaced=adaptation.record.replaced | replaced)
    return replace(adaptation, tuning_chains=np.ones(plan.n_chain, dtype=bool), record=record)


def settle(plan: Plan, adaptation: Adaptation, is_stationary: bool) -> Adaptation:
    """Keep the metric if the chains looked stationary twice in a row and the pool is large enough; then plan the end."""
    n_stationary = adaptation.n_stationary + 1 if is_stationary else 0
    is_enough = adaptation.iteration >= SHORTEST and adaptation.pool.n_columns >= plan.metric.least_columns
    has_settled = n_stationary >= 2 and is_enough
    end = min(adaptation.iteration + LAST_ITERATIONS, plan.limit) if has_settled else adaptation.end
    is_final = has_settled or adaptation.iteration == WINDOW_ENDS[-1]
    return replace(
        adaptation,
        end=end,
        length=adaptation.full_length if is_final else adaptation.length,  # the step is tuned at the length it is used with
        n_stationary=n_stationary,
        record=replace(adaptation.record, has_settled=has_settled),
    )


def extend(plan: Plan, ensemble: Ensemble, adaptation: Adaptation) -> Adaptation:
    """At the planned end: replace frozen chains, and go on where there were any or the step size has not been tuned yet."""
    moving = moving_chains(adaptation.rates) if adaptation.rates else np.ones(plan.n_chain, dtype=bool)
    is_ready = bool(adaptation.rates) and bool(moving.all())
    adaptation = replace(replace_chains(plan, ensemble, adaptation, moving), rates=())
    if is_ready or adaptation.end >= WINDOW_ENDS[-1]:
        return adaptation
    return replace(adaptation, end=adaptation.end + LAST_ITERATIONS)


def finished(adaptation: Adaptation, n_gradients: int, seconds: float) -> Adaptation:
    """Complete the record of a warm-up that ran to its end.

    Parameters
    ----------
    adaptation : Adaptation
        The last one of `warm_up`.
    n_gradients : int
        Gradients of the warm-up, summed over chains.
    seconds : float

    Returns
    -------
    Adaptation
    """
    record = replace(
        adaptation.record,
        n_iterations=adaptation.iteration,
        n_gradients=n_gradients,
        seconds=seconds,
        step_size=adaptation.step.average,
        length=adaptation.length,
        metric=adaptation.metric.kind,
    )
    return replace(adaptation, record=record)
