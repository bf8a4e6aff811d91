"""Curves of a loss model as sums of products, for the kernels of the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forcest.models.reporting.readings import Curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forcest.models.reporting.lists import Product

ONE = 0  # the only scalar, constantly 1


class LossCurves:
    """Curves of a loss model: sums of the kinds of a force.

    Parameters
    ----------
    labels : sequence of str
        Labels of the series, each a kind of loss of a force.
    size : int
        Number of nodes.
    """

    first_series = None

    def __init__(self, labels: Sequence[str], size: int):
        self.labels, self.size = list(labels), size
        self.n_series = len(self.labels)

    def products(self, curve: Curve) -> list[Product]:
        """The products that add up to a curve."""
        return [(1.0, ONE, self.labels.index(str(Curve((kind,), force=curve.force)))) for kind in curve.parts]
