"""When to stop drawing: the stopping rule, its check during a run, and stuck chains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from forcest.sampling.diagnostics import Diagnostics, diagnose
from forcest.sampling.labels import Labels
from forcest.sampling.pathologies import narrow_regions
from forcest.sampling.recorder import Recorder
from forcest.sampling.result import Infos

STRICT, LOOSE = 1.01, 1.03
STUCK_RATE, STUCK_RUN, STUCK_SHARE = 0.3, 20, 0.1
_WATCHED = 48
"""Coordinates, the worst ones, that are checked alone while one of them still fails the rule."""
_GIVE_UP_FROM = 100
"""Draws per chain before which no run is given up."""


class StoppingRule(NamedTuple):
    """ESS wanted, and the limits of rank R-hat and nested R-hat (None where every chain has a start of its own)."""

    target_ess: float
    rhat: float
    nested_rhat: float | None

    def __str__(self) -> str:
        text = f"bulk and tail ESS >= {self.target_ess:g}, rank R-hat <= {self.rhat:g}"
        return text if self.nested_rhat is None else text + f", nested R-hat <= {self.nested_rhat:g}"

    def holds(self, figures: Diagnostics) -> bool:
        """Whether every coordinate satisfies the rule (a figure that is not a number does not)."""
        fine = np.all(figures.ess >= self.target_ess) and np.all(figures.rhat <= self.rhat)
        if self.nested_rhat is not None and figures.nested_rhat is not None:
            fine = fine and np.all(figures.nested_rhat <= self.nested_rhat)
        return bool(fine)

    def factor(self, figures: Diagnostics) -> float:
        """About how many times the present draws are needed; both ESS and 1 / (R-hat - 1) grow in proportion to them."""
        factors = [
            self.target_ess / max(1.0, float(np.min(figures.ess))),
            (float(np.max(figures.rhat)) - 1.0) / (self.rhat - 1.0),
        ]
        if self.nested_rhat is not None and figures.nested_rhat is not None:
            factors.append((float(np.max(figures.nested_rhat)) - 1.0) / (self.nested_rhat - 1.0))
        largest = max(factors)
        return largest if math.isfinite(largest) else 2.0


def rule_for(n_chain: int, n_groups: int, target_ess: float) -> StoppingRule:
    """Rank R-hat <= 1.01 if no chains share a start; else nested R-hat <= 1.01 and rank R-hat <= 1.03.

    Rank R-hat <= 1.01 asks for some 50 effective draws of every half chain, which many chains need not have.
    """
    if n_groups == n_chain:
        return StoppingRule(target_ess, STRICT, None)
    return StoppingRule(target_ess, LOOSE, STRICT)


class ConvergenceMonitor:
    """Checks the stopping rule during a run; while it fails, only the coordinates that were worst are looked at.

    Parameters
    ----------
    rule : StoppingRule
    groups : ndarray of int, shape (chain,)
    labels : Labels
    map_ : callable
        ``map`` or that of a thread pool.
    quantities : callable, optional
        Further quantities (chain, draw, quantity) of draws (chain, draw, dim), checked only if every coordinate satisfies the rule.

    Attributes
    ----------
    quantity_figures : Diagnostics or None
        Of the further quantities, if the last check came to them.
    """

    def __init__(
        self,
        rule: StoppingRule,
        groups: np.ndarray,
        labels: Labels,
        map_: Callable = map,
        quantities: Callable[[np.ndarray], np.ndarray] | None = None,
    ):
        self.rule, self.labels, self._map, self._quantities = rule, labels, map_, quantities
        self._groups = groups if rule.nested_rhat is not None else None
        self.quantity_figures: Diagnostics | None = None
        self._full: Diagnostics | None = None
        self._full_at = -1
        self._watched: np.ndarray | None = None
        self._was_hopeless = False

    def is_hopeless(self, recorder: Recorder) -> bool:
        """Whether more draws would not help: two checks in a row found a region too narrow for the step, or a frozen chain."""
        if recorder.n_draws < _GIVE_UP_FROM:
            return False
        infos = recorder.infos
        frozen = ~infos.is_accepted[:, -(recorder.n_draws // 2) :].any(axis=1)
        narrow = narrow_regions(recorder.columns, infos.acceptance_rate, self.labels)
        before, self._was_hopeless = self._was_hopeless, bool(narrow or frozen.any())
        return before and self._was_hopeless

    def diagnose_all(self, columns: np.ndarray) -> Diagnostics:
        """Figures of every coordinate of (coordinate, chain, draw)."""
        if self._full is not None and columns.shape[2] == self._full_at:
            return self._full
        self._full, self._full_at = self._diagnose(np.moveaxis(columns, 0, 2)), columns.shape[2]
        if columns.shape[0] > 2 * _WATCHED:
            badness = np.maximum(self._full.rhat - 1.0, 1.0 / np.maximum(self._full.ess, 1.0))
            worst = np.argsort(-np.nan_to_num(badness, nan=np.inf))[:_WATCHED]
            self._watched = np.union1d(worst, columns.shape[0] - 1)
        return self._full

    def check(self, columns: np.ndarray) -> Diagnostics:
        """Figures of what fails the rule first: the watched coordinates, all coordinates, the further quantities."""
        self.quantity_figures = None
        if self._watched is not None:
            figures = self._diagnose(np.moveaxis(columns[self._watched], 0, 2))
            if not self.rule.holds(figures):
                return figures
        figures = self.diagnose_all(columns)
        if self._quantities is None or not self.rule.holds(figures):
            return figures
        values = self._quantities(np.moveaxis(columns[:-1], 0, 2))
        moves = ~(np.ptp(values, axis=(0, 1)) == 0)  # nan is kept, and fails the rule
        if moves.any():
            self.quantity_figures = self._diagnose(values if moves.all() else values[:, :, moves])
        return figures if self.quantity_figures is None else self.quantity_figures

    def _diagnose(self, draws: np.ndarray) -> Diagnostics:
        return diagnose(draws, self._groups, self._map)


def longest_rejections(accepted: np.ndarray) -> np.ndarray:
    """Longest run of rejections of each chain of (chain, draw)."""
    longest = run = np.zeros(accepted.shape[0], dtype=np.int64)
    for hit in accepted.T:
        run = np.where(hit, 0, run + 1)
        longest = np.maximum(longest, run)
    return longest


def stuck_chains(infos: Infos) -> np.ndarray:
    """Chains with a mean acceptance rate below 0.3, or that stayed at one place for a tenth of the run (20 draws at least)."""
    slow = infos.acceptance_rate.mean(axis=1) < STUCK_RATE
    longest = longest_rejections(infos.is_accepted)
    return np.flatnonzero(slow | (longest >= max(STUCK_RUN, STUCK_SHARE * infos.is_accepted.shape[1])))
