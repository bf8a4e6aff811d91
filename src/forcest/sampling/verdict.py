"""May the draws be used? The stopping rule, stuck chains, and what else speaks against a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from forcest.sampling import alarms
from forcest.sampling.diagnostics import Diagnostics, diagnose
from forcest.sampling.labels import Labels
from forcest.sampling.metric import Metric
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import Infos, Record, Verdict

STRICT, LOOSE, FEW_CHAINS = 1.01, 1.03, 16
_SCREENED = 48
_HOPELESS_FROM = 100
STUCK_RATE, STUCK_RUN, STUCK_SHARE = 0.3, 20, 0.1


class Rule(NamedTuple):
    """Stopping rule: ESS wanted, limits of rank and nested R-hat (nested: None without groups)."""

    target_ess: float
    rhat: float
    nested: float | None

    @property
    def mode(self) -> str:
        """The rule in words."""
        text = f"bulk and tail ESS >= {self.target_ess:g}, rank R-hat <= {self.rhat:g}"
        return text if self.nested is None else text + f", nested R-hat <= {self.nested:g}"

    def holds(self, found: Diagnostics) -> bool:
        """Whether every coordinate satisfies the rule (a figure that is not a number does not)."""
        fine = np.all(found.ess >= self.target_ess) and np.all(found.rhat <= self.rhat)
        return bool(fine and (self.nested is None or found.nested_rhat is None or np.all(found.nested_rhat <= self.nested)))

    def factor(self, found: Diagnostics) -> float:
        """About how many times the present draws are needed; both ESS and 1 / (R-hat - 1) grow in proportion to them."""
        wanted = self.target_ess / max(1.0, float(np.min(found.ess)))
        wanted = max(wanted, (float(np.max(found.rhat)) - 1.0) / (self.rhat - 1.0))
        if self.nested is not None and found.nested_rhat is not None:
            wanted = max(wanted, (float(np.max(found.nested_rhat)) - 1.0) / (self.nested - 1.0))
        return wanted if math.isfinite(wanted) else 2.0


def rule_for(n_chain: int, n_groups: int, target_ess: float) -> Rule:
    """Up to 16 chains rank R-hat <= 1.01; more: nested R-hat <= 1.01 and rank R-hat <= 1.03.

    Rank R-hat <= 1.01 asks for some 50 effective draws of every half chain, which many chains need not have.
    """
    if n_chain <= FEW_CHAINS or n_groups == n_chain:
        return Rule(target_ess, STRICT, None)
    return Rule(target_ess, LOOSE, STRICT)


def _badness(found: Diagnostics) -> np.ndarray:
    return np.maximum(found.rhat - 1.0, 1.0 / np.maximum(found.ess, 1.0))


class Judge:
    """Applies the rule now and then; while it fails, only the coordinates that were worst are looked at.

    Parameters
    ----------
    rule : Rule
    groups : ndarray of int, shape (chain,)
    labels : Labels
    map_ : callable
        ``map`` of a thread pool.
    quantities : callable, optional
        Further quantities (chain, draw, quantity) of draws (chain, draw, dim), looked at where every coordinate satisfies the rule.
    """

    def __init__(
        self,
        rule: Rule,
        groups: np.ndarray,
        labels: Labels,
        map_: Callable = map,
        quantities: Callable[[np.ndarray], np.ndarray] | None = None,
    ):
        self.rule, self.labels, self._map, self._quantities = rule, labels, map_, quantities
        self._last: Diagnostics | None = None
        self._last_draws = -1
        self._groups = groups if rule.nested is not None else None
        self._watched: np.ndarray | None = None
        self.further: Diagnostics | None = None
        self._alarmed = False

    def is_hopeless(self, recorder: Recorder) -> bool:
        """Whether more draws would not help: two checks running found a region too narrow for the step, or a frozen chain."""
        if recorder.n_draws < _HOPELESS_FROM:
            return False
        infos = recorder.infos
        frozen = ~infos.is_accepted[:, -(recorder.n_draws // 2) :].any(axis=1)
        narrow = alarms.narrow_regions(recorder.columns, infos.acceptance_rate, self.labels)
        hit = bool(narrow or frozen.any())
        again, self._alarmed = hit and self._alarmed, hit
        return again

    def full(self, columns: np.ndarray) -> Diagnostics:
        """Figures of every coordinate of (coordinate, chain, draw)."""
        if self._last is not None and columns.shape[2] == self._last_draws:
            return self._last
        found = diagnose(np.moveaxis(columns, 0, 2), self._groups, self._map)
        self._last, self._last_draws = found, columns.shape[2]
        if columns.shape[0] > 2 * _SCREENED:
            worst = np.argsort(-np.nan_to_num(_badness(found), nan=np.inf))[:_SCREENED]
            self._watched = np.union1d(worst, columns.shape[0] - 1)
        return found

    def check(self, columns: np.ndarray) -> Diagnostics:
        """Figures of what fails the rule first: the watched coordinates, all of them, the further quantities."""
        self.further = None
        if self._watched is not None:
            found = diagnose(np.moveaxis(columns[self._watched], 0, 2), self._groups, self._map)
            if not self.rule.holds(found):
                return found
        found = self.full(columns)
        if self._quantities is None or not self.rule.holds(found):
            return found
        values = self._quantities(np.moveaxis(columns[:-1], 0, 2))
        moving = values[:, :, ~(np.ptp(values, axis=(0, 1)) == 0)]  # what is not a number fails the rule
        if moving.size:
            self.further = diagnose(moving, self._groups, self._map)
        return found if self.further is None else self.further


def longest_rejections(accepted: np.ndarray) -> np.ndarray:
    """Longest run of rejections of each chain of (chain, draw)."""
    longest = run = np.zeros(accepted.shape[0], dtype=np.int64)
    for hit in accepted.T:
        run = np.where(hit, 0, run + 1)
        longest = np.maximum(longest, run)
    return longest


def stuck_chains(infos: Infos) -> np.ndarray:
    """Chains with a mean acceptance rate below 0.3, or that spent a tenth of the run (20 draws at least) at one place."""
    slow = infos.acceptance_rate.mean(axis=1) < STUCK_RATE
    longest = longest_rejections(infos.is_accepted)
    return np.flatnonzero(slow | (longest >= max(STUCK_RUN, STUCK_SHARE * infos.is_accepted.shape[1])))


def rule_failures(rule: Rule, found: Diagnostics | None, labels: Labels) -> list[str]:
    """What of the rule does not hold, with the worst coordinate (the last one is the log density)."""
    if found is None:
        return ["too few draws to judge"]
    reasons = []
    for name, values in (("bulk ESS", found.ess_bulk), ("tail ESS", found.ess_tail)):
        if not np.all(values >= rule.target_ess):
            worst = int(np.argmin(np.nan_to_num(values, nan=-1.0)))
            reasons.append(f"{name} {values[worst]:.0f} < {rule.target_ess:g} ({labels.one(worst)})")
    for name, values, limit in (("rank R-hat", found.rhat, rule.rhat), ("nested R-hat", found.nested_rhat, rule.nested)):
        if values is not None and limit is not None and not np.all(values <= limit):
            worst = int(np.argmax(np.nan_to_num(values, nan=np.inf)))
            reasons.append(f"{name} {values[worst]:.3f} > {limit:g} ({labels.one(worst)})")
    return reasons


def explain(found: Diagnostics | None, recorder: Recorder, metric: Metric, stuck: np.ndarray, labels: Labels) -> list[str]:
    """Why the draws cannot be trusted although, or because of what, R-hat and ESS say."""
    if found is None:
        return []
    reasons = alarms.narrow_regions(recorder.columns, recorder.infos.acceptance_rate, labels)
    if not np.all(found.rhat <= alarms.MIXED):
        reasons += alarms.separate_modes(np.delete(recorder.columns, stuck, axis=1), labels)
        reasons += alarms.unsettled(recorder.columns)
        reasons += alarms.no_pull(metric, *recorder.with_gradients(), labels)
    return reasons


def warmup_notes(record: Record) -> list[str]:
    """What of the warm-up a reader should know."""
    notes = []
    if record.n_redrawn:
        notes.append(f"{record.n_redrawn} starting points had no finite density and were re-drawn")
    if record.replaced:
        listed = ", ".join(map(str, sorted(record.replaced)))
        notes.append(f"chains left far behind in the warm-up were put where others are: {listed}")
    if not record.has_settled:
        notes.append("the warm-up ended at its limit before the chains had settled")
    return notes


def pronounce(
    judge: Judge, found: Diagnostics | None, recorder: Recorder, metric: Metric, record: Record, ended_by: str, notes: list[str]
) -> Verdict:
    """The verdict on a run.

    Parameters
    ----------
    judge : Judge
    found : Diagnostics or None
    recorder : Recorder
    metric : Metric
    record : Record
    ended_by : str
        What cut the run short; empty if it ended as asked.
    notes : list of str
        What is known already.

    Returns
    -------
    Verdict
    """
    reasons = [ended_by] if ended_by else []
    reasons += rule_failures(judge.rule, found, judge.labels)
    if judge.further is not None and not judge.rule.holds(judge.further):
        worst = f"R-hat up to {np.max(judge.further.rhat):.3f}, effective sample sizes down to {np.min(judge.further.ess):.0f}"
        reasons.append(f"the further quantities do not meet the target: {worst}")
    stuck = stuck_chains(recorder.infos) if recorder.n_draws else np.empty(0, dtype=np.int64)
    if stuck.size:
        reasons.append(f"chain{'s' if stuck.size > 1 else ''} {', '.join(map(str, stuck))} stood still")
    reasons += explain(found, recorder, metric, stuck, judge.labels)
    notes = [*notes, *warmup_notes(record)]
    return Verdict(not reasons, tuple(reasons), tuple(notes), judge.rule.mode, ended_by, tuple(int(c) for c in stuck))
