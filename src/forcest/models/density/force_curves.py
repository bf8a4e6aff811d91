"""Curves of a force model as sums of products, which the kernels of the claims read."""

from __future__ import annotations

from collections.abc import Sequence

from forcest.models.process.series import (
    CASUALTIES,
    FRONT,
    HOME,
    INVALIDED,
    ONE,
    PARTNER,
    RETURNED,
    SCALARS,
    WAVE,
    WAVES,
    WOUNDED,
    arrived_series,
    reached_series,
)
from forcest.models.reporting.lists import CONSTANT, Product


class ForceCurves:
    """Curves of a force model.

    Parameters
    ----------
    waves : sequence of str
    size : int
        Number of nodes.
    """

    first_series = PARTNER

    def __init__(self, waves: Sequence[str], size: int):
        self.waves, self.size = list(waves), size
        self.n_series = WAVES + 2 * len(self.waves)

    def products(self, curve: str) -> list[Product]:
        """The products that add up to a curve."""
        name, _, wave = curve.partition("[")
        waves = [self.waves.index(wave[:-1])] if wave else range(len(self.waves))
        reached = [(1.0, WAVE + w, reached_series(w)) for w in waves]
        deployed = [(1.0, WAVE + w, arrived_series(w)) for w in waves]
        front, returned, invalided, home = ((1.0, ONE, series) for series in (FRONT, RETURNED, INVALIDED, HOME))
        casualties, wounded = (1.0, ONE, CASUALTIES), (1.0, WOUNDED, CASUALTIES)
        known = {
            "deployed": deployed,
            "reached_front": reached,
            "in_training": deployed + _minus(reached),
            "at_front": [front],
            "combined_strength": [front, (1.0, ONE, PARTNER)],
            "combat_value": [(1.0, SCALARS["combat_value"], CONSTANT)],
            "casualties": [casualties],
            "returned_to_duty": [returned],
            "invalided": [invalided],
            "withdrawn_home": [invalided, home],
            "in_hospital": [wounded, *_minus([returned, invalided])],
            "present": [*deployed, wounded, *_minus([casualties, invalided, home])],
        }
        return known[name] if name in known else [(1.0, SCALARS[kind], CASUALTIES) for kind in name.split("+")]


def _minus(products: list[Product]) -> list[Product]:
    return [(-factor, scalar, series) for factor, scalar, series in products]
