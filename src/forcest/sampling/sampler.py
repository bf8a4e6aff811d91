"""`sample`: start, warm up, draw until the target is met, judge."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from forcest.errors import SamplingError
from forcest.sampling.density import Density, LogDensity
from forcest.sampling.diagnostics import Diagnostics
from forcest.sampling.kernel import HMC, KERNELS, Kernel, Move
from forcest.sampling.labels import Labels
from forcest.sampling.metric_choice import METRICS, MetricChoice
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import SampleResult, Settings
from forcest.sampling.runner import Ensemble, cores, workers
from forcest.sampling.start import Initial, Start, find_start
from forcest.sampling.state import Info, State
from forcest.sampling.trajectory import n_steps
from forcest.sampling.verdict import FEW_CHAINS, Judge, pronounce, rule_for, stuck_chains
from forcest.sampling.warmup import CAP, LONGEST, Adaptation, Plan, begin, finished, warm_up

_FIRST_CHECK, _CHUNK = 25, 25
_MEMORY = 2**30


class Progress(NamedTuple):
    """What a progress callback gets.

    Attributes
    ----------
    phase : {"warmup", "sampling"}
    n_done : int
        Iterations or draws so far, per chain.
    n_gradients : int
        Summed over chains.
    seconds : float
    min_ess, max_rhat : float
        Of the last check; nan before.
    target_ess : float

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> phases = []
    >>> result = fc.sampling.sample(
    ...     logdensity, lambda rng, n: rng.standard_normal((n, 3)), seed=1, progress=lambda now: phases.append(now.phase)
    ... )
    >>> phases[0]
    'warmup'
    """

    phase: str
    n_done: int
    n_gradients: int
    seconds: float
    min_ess: float
    max_rhat: float
    target_ess: float


class _Run:
    """One run: settings and clock, and the pieces as they come into being."""

    def __init__(self, settings: Settings, progress: Callable[[Progress], object] | None):
        self.settings, self._progress = settings, progress
        self.began = time.monotonic()
        limit = settings.max_seconds
        self.deadline = math.inf if limit is None else self.began + limit
        self.found: Diagnostics | None = None

    def report(self, phase: str, n_done: int, n_gradients: int) -> None:
        if self._progress is None:
            return
        ess = math.nan if self.found is None else float(np.min(self.found.ess))
        rhat = math.nan if self.found is None else float(np.max(self.found.rhat))
        seconds = time.monotonic() - self.began
        self._progress(Progress(phase, n_done, n_gradients, seconds, ess, rhat, self.settings.target_ess))


def group_size(chains: int) -> int:
    """Chains that share a start: 4 where nested R-hat will be used, else 1.

    Four make nested R-hat ask for 12 effective draws per chain, less than rank R-hat <= 1.03 does, and leave chains / 4
    different starts to discover modes.
    """
    if chains <= FEW_CHAINS:
        return 1
    return next((size for size in (4, 5, 3, 2) if chains % size == 0), 1)


def _check_choices(**arguments: tuple[str, Iterable[str]]) -> None:
    for name, (value, allowed) in arguments.items():
        if value not in allowed:
            raise SamplingError(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")


def _check_positive(**arguments: float | None) -> None:
    for name, value in arguments.items():
        if value is not None and value <= 0:
            raise SamplingError(
                f"{name} must be {'at least 2' if name == 'chains' else 'positive'}; got {value + (name == 'chains')}."
            )


def _starting_rows(initial: Initial, chains: int, groups: int, rng: np.random.Generator) -> np.ndarray:
    rows = np.asarray(initial(rng, groups) if callable(initial) else initial)
    if rows.ndim != 2 or rows.shape[1] == 0 or rows.dtype != np.float64:
        raise SamplingError(f"initial must be float64 of shape (chain, dim) with dim >= 1; got {rows.dtype} {rows.shape}.")
    if rows.shape[0] < groups:
        raise SamplingError(f"initial must have at least {groups} rows for {chains} chains; got {rows.shape[0]}.")
    return rows[:: chains // groups] if rows.shape[0] == chains else rows[:groups]


def _draw(run: _Run, ensemble: Ensemble, kernel: Kernel, tuned: Adaptation, recorder: Recorder, judge: Judge) -> str:
    """Draw until the rule holds or a limit is met; says what cut the run short, nothing if it ended as asked."""
    settings = run.settings
    last = settings.max_draws if settings.draws is None else settings.draws
    next_check = min(_FIRST_CHECK, last) if settings.draws is None else last

    while recorder.n_draws < last:
        stop = min(recorder.n_draws + _CHUNK, next_check)
        _draw_chunk(run, ensemble, kernel, tuned, recorder, stop)
        if recorder.n_draws < stop:
            return "ended by max_seconds before the target was met"
        if recorder.n_draws == next_check and settings.draws is None:
            run.found = judge.check(recorder.columns)
            if judge.rule.holds(run.found) and not stuck_chains(recorder.infos).size:
                return ""  # a chain that rested for long gets the time to prove that it can leave
            if judge.is_hopeless(recorder):
                return "ended early, since more draws would not help"
            factor = min(2.0, max(1.25, judge.rule.factor(run.found)))
            next_check = min(last, 2 * math.ceil(max(recorder.n_draws + 10, factor * recorder.n_draws) / 2))
        run.report("sampling", recorder.n_draws, ensemble.n_gradients)
    return "" if settings.draws is not None else "ended at max_draws before the target was met"


def _draw_chunk(run: _Run, ensemble: Ensemble, kernel: Kernel, tuned: Adaptation, recorder: Recorder, stop: int) -> None:
    start = recorder.n_draws
    recorder.reserve(stop)
    moves = [
        Move(kernel, tuned.metric, tuned.step.average, n_steps(tuned.length, tuned.step.average, k + 1, CAP))
        for k in range(start, stop)
    ]
    done = {int(chains[0]): 0 for chains in ensemble.chains}

    def record(number: int, chains: np.ndarray, state: State, info: Info) -> bool:
        recorder.write(start + number, chains, state, info)
        done[int(chains[0])] = number + 1
        return time.monotonic() < run.deadline

    try:
        ensemble.advance_many(moves, tuned.iteration + start + 1, record)
    finally:
        recorder.n_draws = start + min(done.values())


def sample(
    logdensity: LogDensity,
    initial: Initial,
    *,
    seed: int,
    chains: int = 32,
    draws: int | None = None,
    target_ess: float = 400,
    max_draws: int | None = None,
    max_seconds: float | None = None,
    target_accept: float = 0.9,
    kernel: Literal["mams", "hmc"] = "mams",
    metric: Literal["auto", "dense", "core", "low_rank", "diagonal"] = "auto",
    core: np.ndarray | None = None,
    max_warmup: int = LONGEST,
    threads: int | None = None,
    tile: int = 16,
    names: Sequence[str] | None = None,
    quantities: Callable[[np.ndarray], np.ndarray] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> SampleResult:
    """Draw from a density with many chains in lock-step until the draws are good enough.

    Parameters
    ----------
    logdensity : callable
        Takes a position of shape (chain, dim), returns value (chain,) and gradient (chain, dim), both float64. The position is
        the transposed view of a C-contiguous (dim, chain) block of at most ``tile`` chains, and a gradient of that layout is
        not copied. It is called from several threads at once unless ``threads`` is 1; it may reuse its buffers from call to
        call of one thread. It must not change the position.
    initial : ndarray, shape (chain, dim), or callable
        Starting points, or ``f(rng, n)`` that draws n of them. With more than 16 chains groups of chains share a start, and
        of an array only the first row of each group is used; the others serve where the density is not finite.
    seed : int
        The same seed gives the same draws for any number of threads.
    chains : int
    draws : int, optional
        Draws per chain; by default as many as the target needs.
    target_ess : float
        Bulk and tail ESS wanted of every coordinate and of the log density.
    max_draws : int, optional
        Most draws per chain when running to a target; by default 4000, or what fits 1 GiB.
    max_seconds : float, optional
        Time for everything; what is there by then is returned, marked unfinished.
    target_accept : float
        Mean acceptance rate the step size is tuned to.
    kernel : {"mams", "hmc"}
    metric : {"auto", "dense", "core", "low_rank", "diagonal"}
        "auto" is dense up to dimension 1000, then the core if there is one, else low-rank.
    core : ndarray of int, optional
        Coordinates that correlate with each other: the metric "core" is dense on these and diagonal elsewhere.
    max_warmup : int
        Most iterations of the warm-up, which ends by itself.
    threads : int, optional
        Tiles advanced at once; by default one per core.
    tile : int
        Chains advanced together; the unit of work of a thread.
    names : sequence of str, optional
        Names of the coordinates, for the words of the verdict.
    quantities : callable, optional
        Takes draws of shape (chain, draw, dim), returns further quantities (chain, draw, quantity) that must meet the target too
        before a run to a target ends; a run of ``draws`` does not look at them. R-hat of the distance from the median changes
        with the scale: exp(x) may fail where x does not.
    progress : callable, optional
        Gets a `Progress` now and then.

    Returns
    -------
    SampleResult

    Raises
    ------
    SamplingError
        If no starting point has a finite density and gradient, if ``logdensity`` returns something of another shape or type, or
        if an argument is out of range.

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> result = fc.sampling.sample(logdensity, lambda rng, n: rng.standard_normal((n, 3)), seed=1)
    >>> result.verdict.converged
    True
    >>> bool(abs(result.draws.std() - 1) < 0.1)
    True
    """
    _check_choices(kernel=(kernel, KERNELS), metric=(metric, METRICS))
    _check_positive(chains=chains - 1, tile=tile, draws=draws, max_draws=max_draws, target_ess=target_ess, threads=threads)
    rng = np.random.default_rng(seed)
    size = group_size(chains)
    rows = _starting_rows(initial, chains, chains // size, rng)
    dim = rows.shape[1]
    limit = max(100, min(4000, _MEMORY // (8 * dim * chains))) if max_draws is None else max_draws
    chosen, notes = KERNELS[kernel], []
    if dim < 2 and chosen is not HMC:
        chosen = HMC
        notes.append("dimension 1: MAMS needs at least 2, HMC was used instead")
    settings = Settings(
        chains,
        chains // size,
        draws,
        target_ess,
        limit,
        max_seconds,
        target_accept,
        chosen.name,
        metric,
        seed,
        threads or cores(),
        tile,
    )
    groups = np.repeat(np.arange(chains // size), size)
    density = Density(logdensity, dim)
    run = _Run(settings, progress)
    with workers(settings.threads) as executor:
        start = find_start(density, initial, rows, rng, tile)
        judge = Judge(rule_for(chains, settings.groups, target_ess), groups, Labels(dim, names), executor.map, quantities)
        return _sample_from(run, chosen, density, start, groups, rng, executor, notes, judge, core, max_warmup)


def _sample_from(run, kernel, density, start: Start, groups, rng, executor, notes, judge: Judge, core, limit) -> SampleResult:
    settings = run.settings
    state = State(*(part[..., groups] for part in start.state))
    ensemble = Ensemble(density, settings.seed, state, settings.tile, executor)
    plan = Plan(kernel, MetricChoice.of(settings.metric, density.dim, core), groups, settings.target_accept, limit, rng)
    recorder = Recorder(density.dim, settings.chains)
    adaptation = first = begin(plan, start.n_redrawn)
    record, ended_by, began = first.record, "interrupted", time.monotonic()
    try:
        for adaptation in warm_up(plan, ensemble, first, run.deadline):
            record = adaptation.record
            run.report("warmup", adaptation.iteration, ensemble.n_gradients + start.n_gradients)
        record = finished(adaptation, ensemble.n_gradients, time.monotonic() - began)
        ended_by = _draw(run, ensemble, kernel, adaptation, recorder, judge)
    except KeyboardInterrupt:
        pass  # whole draws are kept, and the verdict says so
    found = judge.full(recorder.columns) if recorder.n_draws >= 4 else None
    verdict = pronounce(judge, found, recorder, adaptation.metric, record, ended_by, notes)
    return SampleResult(
        recorder.draws,
        recorder.columns[-1],
        recorder.infos,
        groups,
        found,
        record,
        adaptation.metric,
        settings,
        verdict,
        time.monotonic() - run.began,
        ensemble.n_gradients + start.n_gradients,
    )
