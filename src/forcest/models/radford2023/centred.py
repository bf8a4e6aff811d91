"""The published density in sampling coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forcest.models.density.lane_density import LaneDensity
from forcest.models.radford2023 import centring_kernels
from forcest.models.radford2023.centring import centring_of, core_of, information_at
from forcest.models.radford2023.centring_kernels import CentredConstants, Centring
from forcest.models.radford2023.model import BoundRadford2023


@dataclass(frozen=True)
class CentredRadford2023:
    """The published density in sampling coordinates, including their Jacobian.

    Attributes
    ----------
    bound : BoundRadford2023
    published : LaneDensity
        The density in published coordinates.
    centring : Centring
    core : ndarray of int
        Coordinates that are correlated by the claims.
    """

    bound: BoundRadford2023
    published: LaneDensity
    centring: Centring
    core: np.ndarray

    @classmethod
    def at(cls, bound: BoundRadford2023, published: LaneDensity, positions: np.ndarray) -> CentredRadford2023:
        """Coordinates chosen at rough points, positions (point, dim) of the published coordinates."""
        centring = centring_of(bound, information_at(bound, positions))
        return cls(bound, published, centring, core_of(bound, centring))

    @cached_property
    def centred(self) -> LaneDensity:
        """The density in sampling coordinates."""
        constants = CentredConstants(self.published.constants, self.centring)
        return LaneDensity(centring_kernels, self.published.coordinates, constants)

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value, shape (chain,), and gradient, shape (chain, dim), at coordinates (chain, dim)."""
        return self.centred(position)

    def published_positions(self, position: np.ndarray) -> np.ndarray:
        """Published positions of coordinates, both (chain, dim)."""
        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        out = np.empty_like(columns)
        centring_kernels.published_positions(self.centred.constants, self.centred.work(), columns, out)
        return out.T
