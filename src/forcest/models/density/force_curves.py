"""Curves of a force model as sums of products, for the kernels of the claims."""

from __future__ import annotations

from collections.abc import Sequence

from forcest.ledger.measures import ADMITTED_KINDS, BATTLE_KINDS
from forcest.models.process.series import (
    CASUALTIES,
    COMBAT_VALUE,
    FRONT,
    HOME,
    INVALIDED,
    ONE,
    PARTNER,
    RETURNED,
    SCALARS,
    WAVE,
    WAVES,
    arrived_series,
    reached_series,
)
from forcest.models.reporting.lists import CONSTANT, Product
from forcest.models.reporting.readings import Curve


class ForceCurves:
    """Curves of a force model.

    Parameters
    ----------
    waves : sequence of str
    kinds : sequence of str
        Kinds of casualty.
    size : int
        Number of nodes.
    """

    first_series = PARTNER

    def __init__(self, waves: Sequence[str], kinds: Sequence[str], size: int):
        self.waves, self.kinds, self.size = list(waves), list(kinds), size
        self.n_series = WAVES + 2 * len(self.waves)

    def products(self, curve: Curve) -> list[Product]:
        """The products that add up to a curve."""
        return [product for part in curve.parts for product in self._of_part(part, curve.wave)]

    def _of_part(self, name: str, wave: str) -> list[Product]:
        if name in self.kinds:
            return [(1.0, SCALARS[name], CASUALTIES)]
        waves = [self.waves.index(wave)] if wave else range(len(self.waves))
        reached = [(1.0, WAVE + w, reached_series(w)) for w in waves]
        deployed = [(1.0, WAVE + w, arrived_series(w)) for w in waves]
        front, returned, invalided, home, lost = ((1.0, ONE, s) for s in (FRONT, RETURNED, INVALIDED, HOME, CASUALTIES))
        admitted = [(1.0, SCALARS[kind], CASUALTIES) for kind in self.kinds if kind in ADMITTED_KINDS]
        not_in_battle = [(1.0, SCALARS[kind], CASUALTIES) for kind in self.kinds if kind not in BATTLE_KINDS]
        return {
            "deployed": deployed,
            "reached_front": reached,
            "in_training": deployed + _minus(reached),
            "at_front": [front],
            "combined_strength": [front, (1.0, ONE, PARTNER)],
            "combat_value": [(1.0, COMBAT_VALUE, CONSTANT)],
            "casualties": [lost, *_minus(not_in_battle)],
            "returned_to_duty": [returned],
            "invalided": [invalided],
            "withdrawn_home": [invalided, home],
            "in_hospital": [*admitted, *_minus([returned, invalided])],
            "present": [*deployed, *admitted, *_minus([lost, invalided, home])],
        }[name]


def _minus(products: list[Product]) -> list[Product]:
    return [(-factor, scalar, series) for factor, scalar, series in products]
