"""Curves of a loss model as sums of products, for the kernels of the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forcest.models.reporting.lists import Product
    from forcest.models.reporting.readings import Curve

ONE = 0  # the only scalar, constantly 1


class LossCurves:
    """Curves of a loss model: sums of the kinds of a force.

    Parameters
    ----------
    forces, kinds : sequence of str
        The series are all kinds of the first force, then of the next.
    size : int
        Number of nodes.
    """

    first_series = None

    def __init__(self, forces: Sequence[str], kinds: Sequence[str], size: int):
        self.forces, self.kinds, self.size = list(forces), list(kinds), size
        self.n_series = len(self.forces) * len(self.kinds)

    def products(self, curve: Curve) -> list[Product]:
        """The products that add up to a curve."""
        first = self.forces.index(curve.force) * len(self.kinds) if curve.force else 0
        return [(1.0, ONE, first + self.kinds.index(kind)) for kind in curve.parts]
