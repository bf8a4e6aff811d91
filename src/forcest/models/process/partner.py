"""The partner force, whose log strength is a slow random walk on knots."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Step, parse_step
from forcest.models.description.priors import Positive, lognormal
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.process.walks import LogWalk


class PartnerForce(Description):
    """A force that fights beside the one counted; needed for claims on combined strength.

    Parameters
    ----------
    strength : Prior  [persons]
        At the first day.
    every : str
        Distance of the knots of its random walk.
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
class Partner(LogWalk):
    """A partner force on a grid."""

    partner: PartnerForce

    @classmethod
    def on(cls, partner: PartnerForce, grid: Grid) -> Partner:
        """The term for a grid."""
        every = parse_step(partner.every)
        return cls(grid.knot_reader(every), every, partner)

    def parameters(self) -> list[Parameter]:
        """Strength on the first day and its walk."""
        return [
            parameter("partner_strength", ["force"], self.partner.strength, "persons", "partner force on the first day", repeat=1),
            parameter(
                "partner_walk", ["force"], self.partner.walk, "per sqrt(30 days)", "sd of changes of the log strength", repeat=1
            ),
            offsets("partner_offset", ["force", "partner_knot"], (1, len(self.later_knots)), "steps of the log strength"),
        ]

    def coords(self) -> dict[str, list[int]]:
        """Labels of the dims."""
        return {"partner_knot": self.later_knots}

    def formula(self, xp, p):
        """Strength at each node, shape (..., date)  [persons]."""
        return self.curve(xp, p["partner_strength"], p["partner_walk"], p["partner_offset"])
