"""The measures after each step of a comparison by weighting the draws of the two estimates, in place of fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import xarray as xr

from forcest.checks.levels import Level
from forcest.checks.weights import LEAST_DRAWS, RELIABLE, are_reliable, effective_draws, log_likelihood, smoothed_weights
from forcest.errors import ForcestError
from forcest.inference.opened import OpenedFit

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.density.bound import BoundModel


@dataclass(frozen=True)
class Weighted:
    """A level by weights, the number of effective draws, and why these do not stand in for a fit; empty if they do."""

    level: Level
    effective: float
    problem: str


@dataclass(frozen=True)
class End:
    """One of the two estimates, whose draws are weighted.

    Attributes
    ----------
    fit : DataTree
    level : Level
        Its measures on the day of the new estimate.
    """

    fit: xr.DataTree
    level: Level

    @property
    def _bound(self) -> BoundModel:
        return cast("BoundModel", OpenedFit.of(self.fit).bound)

    @cached_property
    def _own(self) -> np.ndarray:
        """Log likelihood of its own claims, shape (draw,)."""
        return log_likelihood(self._bound, self.fit, self._rng(0))

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([OpenedFit.of(self.fit).random_seed, 11, number])

    def to(self, ledger: Ledger) -> Weighted:
        """The same draws as of the posterior given another ledger."""
        bound = self._bound.model.on(ledger)
        if _curves(bound) != _curves(self._bound):
            return Weighted(self.level, 0.0, "its claims give the model other curves: of a kind of loss, or of a single strike")
        weights, k = smoothed_weights((log_likelihood(bound, self.fit, self._rng(1)) - self._own)[:, None])
        effective = float(effective_draws(weights)[0])
        problem = "" if are_reliable(weights, k)[0] else f"Pareto k {k[0]:.2f}, {effective:.0f} effective draws"
        shape = next(iter(self.level.draws.values())).shape
        return Weighted(replace(self.level, weights=weights.reshape(shape)), effective, problem)


def _curves(bound: BoundModel) -> tuple[object, ...]:
    """What of the curves themselves depends on the ledger."""
    return bound.layout.forces, dict(bound.layout.kinds), bound.layout.events


def reweighted(old: End, new: End, ledgers: Mapping[str, Ledger]) -> list[Level]:
    """The measures after each step, from the draws of the estimate that has more effective ones left.

    Parameters
    ----------
    old, new : End
        Of one model.
    ledgers : mapping of str to Ledger
        What is known after each step, by the name of the step.

    Raises
    ------
    ForcestError
        All steps that weights do not reach.
    """
    ends = (old, new)
    found = {
        name: max((end.to(ledger) for end in ends), key=lambda one: (not one.problem, one.effective))
        for name, ledger in ledgers.items()
    }
    if far := [f"{name} ({one.problem})" for name, one in found.items() if one.problem]:
        raise ForcestError(
            f"weights stand in for fits up to a Pareto k of {RELIABLE} and with at least {LEAST_DRAWS} effective draws; some steps "
            f"are too far from both estimates: {'; '.join(far)}. Use method='refit', or compare with an estimate in between."
        )
    return [one.level for one in found.values()]
