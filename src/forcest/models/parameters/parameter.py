"""Parameters of a model: named, with dims, prior, unit and description; stated once, used everywhere.

The PyMC variable, the prior draws and the printed table of priors all come from the same :class:`Parameter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from forcest.models.parameters.families import Family, Normal


class StatedPrior(Protocol):
    """The prior of one number in a description."""

    @property
    def distribution(self) -> Family:
        """Its distribution, shape ()."""
        ...


@dataclass(frozen=True)
class Parameter:
    """One named array of the model.

    Parameters
    ----------
    name : str
    dims : tuple of str
    distribution : Family, shape (dims)
        Its prior.
    unit, description : str
    """

    name: str
    dims: tuple[str, ...]
    distribution: Family
    unit: str
    description: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Length along each dim."""
        return self.distribution.shape

    def variable(self) -> Any:
        """The PyMC variable, inside a model context whose coordinates hold the dims."""
        return self.distribution.variable(self.name, self.dims or None)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Draws from the prior, shape (draw, dims)."""
        return self.distribution.draw(rng, draws)

    def quantile(self, prob: float) -> np.ndarray:
        """Marginal prior quantile, shape (dims)."""
        return self.distribution.quantile(prob)


def parameter(
    name: str,
    dims: Sequence[str],
    priors: StatedPrior | Sequence[StatedPrior],
    unit: str,
    description: str,
    *,
    repeat: int | None = None,
) -> Parameter:
    """A parameter whose entries have the given priors, all of one family.

    Parameters
    ----------
    priors : Prior or sequence of Prior
        One prior for a scalar (or, with ``repeat``, for every entry); a sequence gives one per entry of the only dim.
    """
    if not isinstance(priors, Sequence):
        if repeat is None:
            return Parameter(name, tuple(dims), priors.distribution, unit, description)
        priors = [priors] * repeat
    entries = [prior.distribution for prior in priors]
    families = {type(entry) for entry in entries}
    if len(families) > 1:
        raise ValueError(f"{name} must have priors of one family; got {sorted(family.name for family in families)}")
    distribution = families.pop()([entry.loc for entry in entries], [entry.scale for entry in entries])
    return Parameter(name, tuple(dims), distribution, unit, description)


def offsets(name: str, dims: Sequence[str], shape: Sequence[int], description: str) -> Parameter:
    """Standard normal offsets of a non-centred hierarchy or random walk."""
    return Parameter(name, tuple(dims), Normal(np.zeros(tuple(shape))), "sd", description)


def prior_table(parameters: Sequence[Parameter], coords: Mapping[str, Sequence]) -> pd.DataFrame:
    """Every prior: `name`, `unit`, `median`, `low` and `high` (equal-tailed 90 %), `family` and `description`.

    Entries of a parameter with the same prior are one row, with their count.
    """
    rows = []
    for p in parameters:
        low, median, high = (np.atleast_1d(p.quantile(q)) for q in (0.05, 0.5, 0.95))
        labels = _labels(p, coords)
        alike = all(np.allclose(x, x.reshape(-1)[0]) for x in (low, median, high))
        if alike and len(labels) > 1:
            labels = [f"{p.name} (each of {len(labels)})"]
        for label, lo, mid, hi in zip(labels, low.ravel(), median.ravel(), high.ravel(), strict=False):
            numbers = {"median": mid, "low": lo, "high": hi}
            rows.append({"name": label, "unit": p.unit, **numbers, "family": p.distribution.name, "description": p.description})
    return pd.DataFrame(rows)


def _labels(p: Parameter, coords: Mapping[str, Sequence]) -> list[str]:
    labels = [""]
    for dim in p.dims:
        labels = [f"{left}, {value}" if left else str(value) for left in labels for value in coords[dim]]
    return [f"{p.name}[{label}]" if label else p.name for label in labels]
