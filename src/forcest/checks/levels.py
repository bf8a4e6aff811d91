"""What a comparison reads after each of its steps: weighted draws of the measures, their medians and the errors of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import xarray as xr

from forcest.attributes import Attributes
from forcest.checks.headlines import headlines
from forcest.checks.weights import weighted_quantiles
from forcest.estimates.draws import DateLike

SPAN = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Level:
    """The measures after a step.

    Attributes
    ----------
    draws : dict of str to ndarray, shape (chain, draw)
    converged : bool
        Whether the fit that they come from converged.
    run : str
        Whose draws they are; the medians of two levels with the same name err together.
    weights : ndarray, shape (chain, draw), optional
        Of the draws; equal unless given.
    """

    draws: dict[str, np.ndarray]
    converged: bool
    run: str
    weights: np.ndarray | None = None

    @classmethod
    def of(cls, fit: xr.DataTree, names: Sequence[str], day: DateLike, run: str) -> Level:
        """The measures of a fit on a day."""
        found = headlines(fit, day, with_fixed=True)
        return cls({name: found[name] for name in names}, Attributes.of(fit).verdict.converged, run)

    def to_bytes(self) -> bytes:
        """As the content of an npz file; without weights."""
        buffer = BytesIO()
        np.savez(buffer, converged=self.converged, names=list(self.draws), draws=np.stack(list(self.draws.values())))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, run: str) -> Level:
        """What :meth:`to_bytes` wrote."""
        with np.load(BytesIO(content), allow_pickle=False) as found:
            draws = {str(name): x for name, x in zip(found["names"], found["draws"], strict=True)}
            return cls(draws, bool(found["converged"]), run)

    def quantiles(self, name: str) -> np.ndarray:
        """Ends and median of the interval of a measure, in the order of :data:`SPAN`."""
        return weighted_quantiles(self.draws[name], SPAN, self.weights)

    def errors(self, name: str) -> np.ndarray:
        """What each draw adds to the error of the median, shape (chain, draw): their mean has its Monte Carlo error."""
        return errors_of_median(self.draws[name], self.weights)

    def shares_draws(self, other: Level) -> bool:
        """Whether two levels weight the same draws."""
        return self.run == other.run


def errors_of_median(draws: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The weighted indicator that a draw lies above the median, from its mean to the scale of the draws.

    Its mean is zero, and the Monte Carlo error of that mean says how far the share below the median may be from a half; the
    distance of the quantiles at the two ends of that range brings it to persons.
    """
    median = weighted_quantiles(draws, 0.5, weights)
    relative = np.ones(draws.shape) if weights is None else weights / weights.mean()
    above = relative * ((draws > median) - 0.5)
    share = mcse_of_mean(above)
    if share == 0 or np.ptp(draws) == 0:
        return np.zeros(draws.shape)
    low, high = weighted_quantiles(draws, (max(0.0, 0.5 - share), min(1.0, 0.5 + share)), weights)
    return above * (high - low) / (2 * share)


def mcse_of_mean(values: np.ndarray) -> float:
    """Monte Carlo standard error of the mean of values (chain, draw)."""
    from arviz_stats.base.array import array_stats

    return float(array_stats.mcse(values, method="mean")) if np.ptp(values) > 0 else 0.0


def mcse_of_median(level: Level, name: str) -> float:
    """Monte Carlo standard error of the median of a measure."""
    return mcse_of_mean(level.errors(name))


def mcse_of_shift(before: Level, after: Level, name: str) -> float:
    """Monte Carlo standard error of the difference of two medians; those of the same draws err together."""
    if before.shares_draws(after):
        return mcse_of_mean(after.errors(name) - before.errors(name))
    return float(np.hypot(mcse_of_median(before, name), mcse_of_median(after, name)))
