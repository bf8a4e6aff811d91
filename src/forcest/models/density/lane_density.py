"""A compiled log density and its gradient for many chains at once, in groups of sixteen; it equals that of the PyMC graph."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from forcest.models.parameters.coordinates import Coordinates


class Kernels(Protocol):
    """A module of kernels for one density."""

    def workspace(self, constants: Any) -> Any:
        """Rows of one thread."""
        ...

    def density(self, constants: Any, work: Any, position: np.ndarray, value: np.ndarray, gradient: np.ndarray) -> None:
        """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
        ...


@dataclass(frozen=True)
class LaneDensity:
    """Log density and gradient of many chains; call it with positions (chain, dim).

    Several threads may call it at once on different tiles. Kernels are compiled once per machine, for all models and ledgers.

    Attributes
    ----------
    kernels : Kernels
    coordinates : Coordinates
        Layout of positions, equal to that of the graph.
    constants : NamedTuple
        Constants shared by all chains.
    """

    kernels: Kernels
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
        from forcest.models.lanes import aligned_empty

        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        value, gradient = np.empty(columns.shape[1]), aligned_empty(columns.shape)
        self.kernels.density(self.constants, self.work(), columns, value, gradient)
        return value, gradient.T

    def work(self) -> Any:
        """Rows of the calling thread."""
        if not hasattr(self._local, "work"):
            self._local.work = self.kernels.workspace(self.constants)
        return self._local.work
