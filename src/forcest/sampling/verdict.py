"""The verdict on a run: whether the draws may be used, and if not, why."""

from __future__ import annotations

import numpy as np

from forcest.sampling.convergence import ConvergenceMonitor, StoppingRule, stuck_chains
from forcest.sampling.diagnostics import Diagnostics
from forcest.sampling.labels import Labels
from forcest.sampling.metric import Metric
from forcest.sampling.pathologies import MIXED, drifting_log_density, improper_direction, narrow_regions, separate_modes
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import Record, Verdict


def rule_failures(rule: StoppingRule, figures: Diagnostics | None, labels: Labels) -> list[str]:
    """Parts of the rule that do not hold, each with the worst coordinate (the last one is the log density)."""
    if figures is None:
        return ["too few draws to assess convergence"]
    reasons = []
    for name, values in (("bulk ESS", figures.ess_bulk), ("tail ESS", figures.ess_tail)):
        if not np.all(values >= rule.target_ess):
            worst = int(np.argmin(np.nan_to_num(values, nan=-1.0)))
            reasons.append(f"{name} {values[worst]:.0f} < {rule.target_ess:g} ({labels.of(worst)})")
    limits = (("rank R-hat", figures.rhat, rule.rhat), ("nested R-hat", figures.nested_rhat, rule.nested_rhat))
    for name, values, limit in limits:
        if values is not None and limit is not None and not np.all(values <= limit):
            worst = int(np.argmax(np.nan_to_num(values, nan=np.inf)))
            reasons.append(f"{name} {values[worst]:.3f} > {limit:g} ({labels.of(worst)})")
    return reasons


def quantity_failures(rule: StoppingRule, figures: Diagnostics | None) -> list[str]:
    """Whether the further quantities fail the rule."""
    if figures is None or rule.holds(figures):
        return []
    worst = f"R-hat up to {np.max(figures.rhat):.3f}, effective sample sizes down to {np.min(figures.ess):.0f}"
    return [f"the further quantities do not meet the target: {worst}"]


def found_pathologies(
    figures: Diagnostics | None, recorder: Recorder, metric: Metric, stuck: np.ndarray, labels: Labels
) -> list[str]:
    """Problems that R-hat and ESS do not show, and causes of those that they show."""
    if figures is None:
        return []
    reasons = narrow_regions(recorder.columns, recorder.infos.acceptance_rate, labels)
    if not np.all(figures.rhat <= MIXED):
        reasons += separate_modes(np.delete(recorder.columns, stuck, axis=1), labels)
        reasons += drifting_log_density(recorder.columns)
        reasons += improper_direction(metric, *recorder.with_gradients(), labels)
    return reasons


def warmup_notes(record: Record) -> list[str]:
    """What a reader should know of the warm-up."""
    notes = []
    if record.n_redrawn:
        notes.append(f"{record.n_redrawn} starting points had no finite density and were redrawn")
    if record.replaced:
        listed = ", ".join(map(str, sorted(record.replaced)))
        notes.append(f"chains far behind the others in the warm-up were moved to the position of another chain: {listed}")
    if not record.has_settled:
        notes.append("the warm-up ended at its limit before the chains looked stationary")
    return notes


def verdict_on(
    recorder: Recorder, figures: Diagnostics | None, monitor: ConvergenceMonitor, metric: Metric, ended_by: str, notes: list[str]
) -> Verdict:
    """The verdict on a run.

    Parameters
    ----------
    recorder : Recorder
    figures : Diagnostics or None
        Of every coordinate; None if there are too few draws.
    monitor : ConvergenceMonitor
    metric : Metric
    ended_by : str
        Why the run ended before it was complete; empty if it was.
    notes : list of str

    Returns
    -------
    Verdict
    """
    rule, labels = monitor.rule, monitor.labels
    stuck = stuck_chains(recorder.infos) if recorder.n_draws else np.empty(0, dtype=np.int64)
    reasons = [ended_by] if ended_by else []
    reasons += rule_failures(rule, figures, labels)
    reasons += quantity_failures(rule, monitor.quantity_figures)
    if stuck.size:
        reasons.append(f"stuck chain{'s' if stuck.size > 1 else ''}: {', '.join(map(str, stuck))}")
    reasons += found_pathologies(figures, recorder, metric, stuck, labels)
    return Verdict(not reasons, tuple(reasons), tuple(notes), str(rule), ended_by, tuple(stuck.tolist()))
