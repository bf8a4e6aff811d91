"""The terms of the process of one force, and the drivers of its flow of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from forcest.models.parameters.parameter import Parameter
from forcest.models.process.arrivals import SpellArrivals, WaveArrivals
from forcest.models.process.attrition import Hazard, NoHazard
from forcest.models.process.flow import Flow
from forcest.models.process.partner import Partner
from forcest.models.process.withdrawals import Movements


@dataclass(frozen=True)
class ForceTerms:
    """The terms of a force model on its grid."""

    arrivals: WaveArrivals | SpellArrivals
    hazard: Hazard | NoHazard
    movements: Movements
    flow: Flow
    partner: Partner | None
    combat_value: Parameter

    @property
    def _terms(self) -> list:
        return [term for term in (self.arrivals, self.hazard, self.movements, self.flow, self.partner) if term is not None]

    def parameters(self) -> list[Parameter]:
        """Parameters of the latent process."""
        return [p for term in self._terms for p in term.parameters()] + [self.combat_value]

    def coords(self) -> dict[str, list]:
        """Labels of their dims."""
        return {dim: labels for term in self._terms if hasattr(term, "coords") for dim, labels in term.coords().items()}


class Drivers(NamedTuple):
    """Drivers of the flow of people, by date.

    Attributes
    ----------
    arrivals : ndarray, shape (draw, wave, date)  [persons per step]
    hazard : ndarray, shape (draw, date)  [1/day]
    rates : three ndarray, shape (draw, date)  [1/day]
        To the rear, home, and from the rear back to the front.
    return_share : ndarray, shape (draw, date)
        Share of those wounded on a date who return to the front.
    """

    arrivals: np.ndarray
    hazard: np.ndarray
    rates: tuple[np.ndarray, np.ndarray, np.ndarray]
    return_share: np.ndarray
