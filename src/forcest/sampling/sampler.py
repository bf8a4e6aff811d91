"""`sample`: find a start, warm up, draw until the target is met, assess the draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forcest.errors import SamplingError
from forcest.sampling.arguments import refuses_old_calls
from forcest.sampling.convergence import ConvergenceMonitor, rule_for
from forcest.sampling.density import Density, LogDensity
from forcest.sampling.drawing import Drawing, Tuned, draw_until_done
from forcest.sampling.kernel import HMC, KERNELS
from forcest.sampling.labels import Labels
from forcest.sampling.metric_choice import METRICS, MetricChoice
from forcest.sampling.progress import Clock, Progress, Reporter
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import RunSettings, SampleResult
from forcest.sampling.runner import Ensemble, available_cores, workers
from forcest.sampling.start import Initial, Start, find_start, group_size, starting_rows
from forcest.sampling.verdict import verdict_on, warmup_notes
from forcest.sampling.warmup import LONGEST, Adaptation, Plan, begin, finished, warm_up

_MEMORY = 2**30
"""Bytes that the draws of a run to a target may take up by default."""
_FEW_DRAWS = 1000
"""Draws per chain below which a run is short: where no more fit into the memory in double precision, they are kept in single."""


def _storage(dim: int, chains: int, wanted: int | None) -> tuple[type[np.floating], int]:
    """Precision of the stored draws, and the most draws per chain that a run to a target makes unless it is told."""
    fit = _MEMORY // (8 * dim * chains)
    return (np.float64, min(4000, fit)) if fit >= (wanted or _FEW_DRAWS) else (np.float32, max(100, 2 * fit))


@refuses_old_calls(seed="random_seed", threads="cores", progress="callback")
def sample(
    logdensity: LogDensity,
    initial: Initial,
    *,
    random_seed: int,
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
    cores: int | None = None,
    tile: int = 16,
    names: Sequence[str] | None = None,
    quantities: Callable[[np.ndarray], np.ndarray] | None = None,
    callback: Callable[[Progress], object] | None = None,
) -> SampleResult:
    """Draw from a density with many chains in lock-step until the draws meet a target.

    Parameters
    ----------
    logdensity : callable
        Takes a position of shape (chain, dim), returns value (chain,) and gradient (chain, dim), both float64. The position is
        the transposed view of a C-contiguous (dim, chain) block of at most ``tile`` chains, and a gradient of that layout is
        not copied. It is called from several threads at once unless ``cores`` is 1; it may reuse its buffers from call to
        call of one thread. It must not change the position.
    initial : ndarray, shape (chain, dim), or callable
        Starting points, or ``f(rng, n)`` that draws n of them. With more than 16 chains groups of chains share a start, and
        of an array only the first row of each group is used, and the others replace rows without a finite density.
    random_seed : int
        The same seed gives the same draws for any number of cores.
    chains : int
    draws : int, optional
        Draws per chain; by default as many as the target needs.
    target_ess : float
        Bulk and tail ESS that every coordinate and the log density must reach.
    max_draws : int, optional
        Most draws per chain in a run to a target; by default 4000, or as many as fit into 1 GiB. Where fewer than are wanted do
        (1000 if none are stated), the draws that are returned are float32.
    max_seconds : float, optional
        Time for the whole run; the draws made by then are returned, and the verdict says that the run was not complete.
    target_accept : float
        Mean acceptance rate that the step size is tuned to.
    kernel : {"mams", "hmc"}
    metric : {"auto", "dense", "core", "low_rank", "diagonal"}
        "auto" is dense up to dimension 1000; above, "core" if ``core`` is given, else low-rank.
    core : ndarray of int, optional
        Coordinates that correlate with each other; the metric "core" is dense on these and diagonal elsewhere.
    max_warmup : int
        Most iterations of the warm-up, which ends by itself; 16 are added, more than once if need be, where chains are frozen or
        the step size is not tuned at its end.
    cores : int, optional
        Threads, each of which advances a tile at a time; by default one per core this process may use.
    tile : int
        Chains that a thread advances together.
    names : sequence of str, optional
        Names of the coordinates, for the verdict.
    quantities : callable, optional
        Takes draws of shape (chain, draw, dim), returns further quantities (chain, draw, quantity) that must meet the target too
        before a run to a target ends; with ``draws`` they are not checked. R-hat of the distance from the median depends on the
        scale: exp(x) may fail where x does not.
    callback : callable, optional
        Called with a `Progress` after each iteration of the warm-up and each block of draws.

    Returns
    -------
    SampleResult

    Raises
    ------
    SamplingError
        If no starting point has a finite density and gradient, if ``logdensity`` returns another shape or type, or if an argument
        is out of range, passed by position or under a former name.

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> result = fc.sampling.sample(logdensity, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1)
    >>> result.verdict.converged
    True
    >>> bool(abs(result.draws.std() - 1) < 0.1)
    True
    """
    _check_choices(kernel=(kernel, KERNELS), metric=(metric, METRICS))
    _check_positive(tile=tile, draws=draws, max_draws=max_draws, target_ess=target_ess, cores=cores)
    if chains < 2:
        raise SamplingError(f"chains must be at least 2; got {chains}.")
    clock, rng = Clock.started(max_seconds), np.random.default_rng(random_seed)
    n_groups = chains // group_size(chains)
    rows = starting_rows(initial, chains, n_groups, rng)
    dim = rows.shape[1]
    precision, fit = _storage(dim, chains, draws or max_draws)
    settings = RunSettings(
        chains=chains,
        groups=n_groups,
        draws=draws,
        target_ess=target_ess,
        max_draws=fit if max_draws is None else max_draws,
        max_seconds=max_seconds,
        target_accept=target_accept,
        kernel=kernel if dim > 1 else HMC.name,
        metric=metric,
        random_seed=random_seed,
        cores=cores or available_cores(),
        tile=tile,
    )
    groups = np.repeat(np.arange(n_groups), chains // n_groups)
    plan = Plan(KERNELS[settings.kernel], MetricChoice.of(metric, dim, core), groups, target_accept, max_warmup, rng)
    density, labels, rule = Density(logdensity, dim), Labels(dim, names), rule_for(chains, n_groups, target_ess)
    with workers(settings.cores) as executor:
        start = find_start(density, initial, rows, rng, tile)
        ensemble = Ensemble(density, random_seed, start.state.of_chains(groups), tile, executor)
        monitor = ConvergenceMonitor(rule, groups, labels, executor.map, quantities)
        run = _Run(settings, plan, start, ensemble, monitor, precision, Reporter(callback, clock, target_ess, start.n_gradients))
        adaptation, recorder, ended_by = _warm_up_and_draw(run)
        notes = [] if settings.kernel == kernel else ["dimension 1: MAMS needs at least 2, HMC was used instead"]
        return _result(run, adaptation, recorder, ended_by, notes)


def _check_choices(**arguments: tuple[str, Iterable[str]]) -> None:
    for name, (value, allowed) in arguments.items():
        if value not in allowed:
            raise SamplingError(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")


def _check_positive(**arguments: float | None) -> None:
    for name, value in arguments.items():
        if value is not None and value <= 0:
            raise SamplingError(f"{name} must be positive; got {value}.")


@dataclass(frozen=True)
class _Run:
    """What the stages of a run need."""

    settings: RunSettings
    plan: Plan
    start: Start
    ensemble: Ensemble
    monitor: ConvergenceMonitor
    precision: type[np.floating]
    report: Reporter


def _warm_up_and_draw(run: _Run) -> tuple[Adaptation, Recorder, str]:
    """The last state of the warm-up, the draws, and why the run ended before it was complete (empty if it was).

    An interrupt keeps the draws that every chain has made.
    """
    plan, ensemble, clock = run.plan, run.ensemble, run.report.clock
    adaptation = first = begin(plan, run.start.n_redrawn)
    recorder, ended_by, began = Recorder(plan.metric.dim, plan.n_chain, run.precision), "interrupted", clock.seconds
    try:
        for adaptation in warm_up(plan, ensemble, first, clock.deadline):
            run.report("warmup", adaptation.iteration, ensemble.n_gradients)
        adaptation = finished(adaptation, ensemble.n_gradients, clock.seconds - began)
        tuned = Tuned(plan.kernel, adaptation.metric, adaptation.step.average, adaptation.length, adaptation.iteration)
        ended_by = draw_until_done(Drawing(ensemble, tuned, recorder, clock), run.monitor, run.settings, run.report)
    except KeyboardInterrupt:
        pass
    return adaptation, recorder, ended_by


def _result(run: _Run, adaptation: Adaptation, recorder: Recorder, ended_by: str, notes: list[str]) -> SampleResult:
    figures = run.monitor.diagnose_all(recorder.columns) if recorder.n_draws >= 4 else None
    notes = [*notes, *warmup_notes(adaptation.record)]
    verdict = verdict_on(recorder, figures, run.monitor, adaptation.metric, ended_by, notes)
    return SampleResult(
        draws=recorder.draws,
        lp=recorder.columns[-1],
        infos=recorder.infos,
        groups=run.plan.groups,
        diagnostics=figures,
        warmup=adaptation.record,
        tuned_metric=adaptation.metric,
        settings=run.settings,
        verdict=verdict,
        seconds=run.report.clock.seconds,
        n_gradients=run.ensemble.n_gradients + run.start.n_gradients,
    )
