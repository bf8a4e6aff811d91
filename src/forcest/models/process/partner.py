r"""The partner force, whose log strength walks slowly on knots.

.. math:: \log R_j = \log R_0 + s \sqrt{every/30} \sum_{i \le j} \varepsilon_i
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Step, parse_step
from forcest.models.description.priors import Positive, lognormal
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.parameters.tensors import symbolic


class PartnerForce(Description):
    """The force beside which ours fights, for claims on their combined strength.

    Parameters
    ----------
    strength : Prior  [persons]
        At the first day.
    every : str
        Distance of the knots of its slow walk.
    walk : Prior
        Standard deviation of the log strength's walk per square root of 30 days.

    Examples
    --------
    >>> partner = fc.PartnerForce(strength=fc.between(35_000, 70_000))
    >>> round(partner.strength.quantile(0.5))
    49497
    """

    strength: Positive
    every: Step = "28D"
    walk: Positive = Field(default_factory=lambda: lognormal(0.1, 0.5))


@dataclass(frozen=True)
class Partner:
    """A partner force on a grid; ``reader`` interpolates the knots, shape (date, knot)."""

    partner: PartnerForce
    reader: np.ndarray

    @classmethod
    def on(cls, partner: PartnerForce, grid: Grid) -> Partner:
        """The term for a grid."""
        return cls(partner, grid.knot_reader(parse_step(partner.every)))

    @property
    def walk_scale(self) -> float:
        """Square root of the months between knots."""
        return float(np.sqrt(parse_step(self.partner.every) / 30))

    def parameters(self) -> list[Parameter]:
        """Strength on the first day and its walk."""
        steps = self.reader.shape[1] - 1
        return [
            parameter("partner_strength", ["force"], self.partner.strength, "persons", "partner force on the first day", repeat=1),
            parameter(
                "partner_walk", ["force"], self.partner.walk, "per sqrt(30 days)", "how fast the partner force changes", repeat=1
            ),
            offsets("partner_offset", ["force", "partner_knot"], (1, steps), "steps of the log strength"),
        ]

    def coords(self) -> dict[str, list[int]]:
        """Labels of the dims."""
        return {"partner_knot": list(range(1, self.reader.shape[1]))}

    def graph(self, p):
        """Strength at each node, shape (date,)  [persons]."""
        pt = symbolic()

        walk = p["partner_walk"] * self.walk_scale * pt.cumsum(p["partner_offset"])
        return pt.exp(pt.log(p["partner_strength"]) + pt.dot(self.reader, pt.concatenate([np.zeros(1), walk])))

    def forward(self, p) -> np.ndarray:
        """Strength at each node, shape (draw, date)  [persons]."""
        walk = p["partner_walk"][:, None] * self.walk_scale * np.cumsum(p["partner_offset"], axis=1)
        return np.exp(np.log(p["partner_strength"])[:, None] + np.insert(walk, 0, 0.0, axis=1) @ self.reader.T)
