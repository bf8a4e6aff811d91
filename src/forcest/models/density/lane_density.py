"""A bound model's log density and gradient for many chains at once: the second statement of the graph, in sixteen lanes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forcest.models.parameters.coordinates import Coordinates
from forcest.models.reporting.arrays import ClaimArrays

if TYPE_CHECKING:
    from forcest.models.density.bound import BoundModel


@dataclass(frozen=True)
class BatchedDensity:
    """Log density and gradient of many chains; call it with positions (chain, dim).

    Several threads may call it at once on different tiles. Kernels are compiled once per machine and serve every model and ledger.

    Attributes
    ----------
    bound : BoundModel
    coordinates : Coordinates
        Layout of positions, equal to that of the graph.
    constants : Constants
    """

    bound: BoundModel
    coordinates: Coordinates
    constants: Any
    _local: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.coordinates.dim

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and gradient.

        Parameters
        ----------
        position : ndarray, shape (chain, dim)
            Cheapest where its transpose is C-contiguous.

        Returns
        -------
        value : ndarray, shape (chain,)
        gradient : ndarray, shape (chain, dim)
            The transpose of a C-contiguous array.
        """
        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        value, gradient = np.empty(columns.shape[1]), np.empty_like(columns)
        self.bound.kernels.density(self.constants, self._work(), columns, value, gradient)
        return value, gradient.T

    def with_claims(self, data: ClaimArrays) -> BatchedDensity:
        """The same density with other claims of the same layout, or the same claims with others left out (``data.used``)."""
        return batched_density(self.bound, data, self.coordinates)

    def _work(self) -> Any:
        """Rows of the calling thread."""
        if not hasattr(self._local, "work"):
            self._local.work = self.bound.kernels.workspace(self.constants)
        return self._local.work


def batched_density(bound: BoundModel, data: ClaimArrays | None = None, coordinates: Coordinates | None = None) -> BatchedDensity:
    """The batched density of a bound model.

    Parameters
    ----------
    bound : BoundModel
    data : ClaimArrays, optional
        Claims of the model's layout; those it is bound to where not given.
    coordinates : Coordinates, optional
        Layout of positions, where it has been made before.

    Returns
    -------
    BatchedDensity
    """
    layout = coordinates or Coordinates.of(bound.parameters)
    return BatchedDensity(bound, layout, bound.kernels.constants_of(bound, data or bound.data, layout))


def prior_positions(bound: BoundModel, rng: np.random.Generator, n: int) -> np.ndarray:
    """Positions of draws from the prior of a bound model, shape (n, dim)."""
    return Coordinates.of(bound.parameters).prior_positions(rng, n)
