"""Drawing with the tuned settings, until the stopping rule holds or a limit is met."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forcest.sampling.convergence import ConvergenceMonitor, stuck_chains
from forcest.sampling.kernel import Kernel, Move
from forcest.sampling.metric import Metric
from forcest.sampling.progress import Clock, Reporter
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import RunSettings
from forcest.sampling.runner import Ensemble
from forcest.sampling.state import Info, State
from forcest.sampling.trajectory import n_steps

FIRST_CHECK, CHUNK = 25, 25


@dataclass(frozen=True)
class Tuned:
    """Settings that the warm-up found; they stay as they are while drawing.

    Attributes
    ----------
    kernel : Kernel
    metric : Metric
    step_size, length : float
        In whitened units.
    n_iterations : int
        Iterations of the warm-up; those of the draws count on from it.
    """

    kernel: Kernel
    metric: Metric
    step_size: float
    length: float
    n_iterations: int

    def move(self, draw: int) -> Move:
        """The transition that leads to a draw (from 0)."""
        return Move(self.kernel, self.metric, self.step_size, n_steps(self.length, self.step_size, draw + 1))


@dataclass(frozen=True)
class Drawing:
    """The chains, how they are moved and where their draws go."""

    ensemble: Ensemble
    tuned: Tuned
    recorder: Recorder
    clock: Clock

    def extend(self, stop: int) -> bool:
        """Draw until every chain has ``stop`` draws; False if time was up before.

        The tiles do not wait for each other: the draws that count are those that every tile has made.
        """
        start, recorder = self.recorder.n_draws, self.recorder
        recorder.reserve(stop)
        done = {int(chains[0]): 0 for chains in self.ensemble.chains}

        def record(number: int, chains: np.ndarray, state: State, info: Info) -> bool:
            recorder.write(start + number, chains, state, info)
            done[int(chains[0])] = number + 1
            return not self.clock.is_over

        moves = [self.tuned.move(draw) for draw in range(start, stop)]
        try:
            self.ensemble.advance_many(moves, self.tuned.n_iterations + start + 1, record)
        finally:
            recorder.n_draws = start + min(done.values())
        return recorder.n_draws == stop


def draw_until_done(drawing: Drawing, monitor: ConvergenceMonitor, settings: RunSettings, report: Reporter) -> str:
    """Draw as many draws as wanted, or until the target is met.

    Parameters
    ----------
    drawing : Drawing
    monitor : ConvergenceMonitor
    settings : RunSettings
    report : Reporter

    Returns
    -------
    str
        Why the run ended before it was complete; empty if it was.
    """
    recorder, figures = drawing.recorder, None
    has_target = settings.draws is None
    last = settings.max_draws if settings.draws is None else settings.draws
    next_check = min(FIRST_CHECK, last) if has_target else last
    while recorder.n_draws < last:
        if not drawing.extend(min(recorder.n_draws + CHUNK, next_check)):
            return "ended by max_seconds before the target was met"
        if has_target and recorder.n_draws == next_check:
            figures = monitor.check(recorder.columns)
            # a stuck chain gets more draws in which it may start to move
            if monitor.rule.holds(figures) and not stuck_chains(recorder.infos).size:
                return ""
            if monitor.is_hopeless(recorder):
                return "ended early, since more draws would not help"
            next_check = min(last, draws_at_next_check(recorder.n_draws, monitor.rule.factor(figures)))
        report("sampling", recorder.n_draws, drawing.ensemble.n_gradients, figures)
    return "ended at max_draws before the target was met" if has_target else ""


def draws_at_next_check(n_draws: int, factor: float) -> int:
    """Draws per chain at the next check, an even number, if about ``factor`` times the present ones are needed."""
    return 2 * math.ceil(max(n_draws + 10, min(2.0, max(1.25, factor)) * n_draws) / 2)
