"""Scenarios: changes of the drivers of the flow from a date on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field, model_validator

from forcest.errors import ModelError
from forcest.models.density.force import BoundForce
from forcest.models.density.force_terms import Drivers
from forcest.models.description.base import Description
from forcest.models.process.arrivals import Wave, WaveArrivals, Waves

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHDRAWAL_DAYS = 30


class Scenario(Description):
    """Changes from a date on; everything else follows the model.

    Parameters
    ----------
    name : str, optional
        Name in tables and figures.
    begins : date, optional
        First day that differs; the day after the last claim unless given.
    hold_wave : str, optional
        A wave whose arrivals stop.
    add_wave : Wave, optional
        People who are sent in addition; the window must not begin before the scenario does.
    hazard : float
        Factor on the hazard.
    hazard_rate : float, optional  [1/day]
        A fixed hazard instead.
    return_share : float, optional
        A fixed share of those wounded from then on who return to the front.
    withdraw : float
        Share of the front that is ordered home in the first 30 days.

    Examples
    --------
    >>> scenario = fc.Scenario(name="no third wave, half the fighting", hold_wave="third", hazard=0.5)
    >>> later = fc.forecast(fit, until="2025-09-30", scenario=scenario)
    """

    name: str = ""
    begins: date | None = None
    hold_wave: str | None = None
    add_wave: Wave | None = None
    hazard: float = Field(default=1.0, ge=0)
    hazard_rate: float | None = Field(default=None, gt=0, le=1)
    return_share: float | None = Field(default=None, ge=0, le=1)
    withdraw: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _check(self) -> Scenario:
        if self.hazard != 1 and self.hazard_rate is not None:
            raise ValueError(
                f"either `hazard` scales the hazard or `hazard_rate` fixes it; got {self.hazard:g} and {self.hazard_rate:g}"
            )
        return self

    def __str__(self) -> str:
        """The changes in words."""
        changes = []
        if self.hold_wave is not None:
            changes.append(f'arrivals of the wave "{self.hold_wave}" stop')
        if self.add_wave is not None:
            low, high = (f"{self.add_wave.size.quantile(prob):,.0f}" for prob in (0.05, 0.95))
            first, last = self.add_wave.window
            changes.append(f"{low} to {high} more (90 %) are sent between {first} and {last}")
        if self.hazard != 1:
            changes.append(f"the hazard at the front is {self.hazard:g} times that of the model")
        if self.hazard_rate is not None:
            changes.append(f"the hazard at the front is {self.hazard_rate:g} a day")
        if self.return_share is not None:
            changes.append(f"{100 * self.return_share:g} % of those wounded from then on return to the front")
        if self.withdraw:
            changes.append(f"{100 * self.withdraw:g} % of the front are ordered home within {WITHDRAWAL_DAYS} days")
        return "; ".join(changes) or "no change from the model"

    def change(self, bound: BoundForce, drivers: Drivers, begins: date, rng: np.random.Generator) -> Drivers:
        """The drivers, changed from the day ``begins`` on.

        Parameters
        ----------
        bound : BoundForce
        drivers : Drivers
        begins : date
        rng : Generator
            Draws the size and dates of an added wave.
        """
        grid = bound.model.grid
        from_now = grid.days >= grid.day_of(begins)
        arrivals = self._arrivals(bound, drivers.arrivals, begins, from_now, rng)
        hazard = drivers.hazard * np.where(from_now, self.hazard, 1.0)
        if self.hazard_rate is not None:
            hazard = np.where(from_now, self.hazard_rate, drivers.hazard)
        share = drivers.return_share
        if self.return_share is not None:
            share = np.where(from_now, self.return_share, share)
        to_rear, to_home, back = drivers.rates
        if self.withdraw:
            within = grid.step_share((begins, begins + timedelta(days=WITHDRAWAL_DAYS - 1)))
            to_home = to_home - within * np.log1p(-self.withdraw) / WITHDRAWAL_DAYS
        return Drivers(arrivals, hazard, (to_rear, to_home, back), share)

    def _arrivals(self, bound: BoundForce, arrivals: np.ndarray, begins: date, from_now: np.ndarray, rng) -> np.ndarray:
        if self.hold_wave is not None:
            names = list(bound.terms.arrivals.names)
            if self.hold_wave not in names:
                known = ", ".join(name for name in names if name) or "no named wave"
                raise ModelError(f"`hold_wave` must be a wave of the model, {known}; got {self.hold_wave!r}.")
            held = arrivals.copy()
            held[:, names.index(self.hold_wave), from_now] = 0.0
            arrivals = held
        if self.add_wave is not None:
            arrivals = np.concatenate([arrivals, self._added(bound, begins, len(arrivals), rng)[:, None]], axis=1)
        return arrivals

    def _added(self, bound: BoundForce, begins: date, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Arrivals of the added wave, shape (draw, date); those before the scenario are moved to its first day."""
        grid, wave = bound.model.grid, self.add_wave
        assert wave is not None
        if wave.window[0] < begins:
            raise ModelError(
                f"the window of `add_wave` must not begin before the scenario, {begins}; got {wave.window[0]}. Move one of them."
            )
        waves: Any = {"added": wave}
        term = WaveArrivals.on(Waves(**waves), grid)
        p: Mapping[str, np.ndarray] = {q.name: q.draw(rng, draws) for q in term.parameters()}
        of_force = {q.name for q in term.parameters() if q.dims[:1] == ("force",)}
        added = term.forward({name: value[:, 0] if name in of_force else value for name, value in p.items()})[:, 0]
        first = int(np.searchsorted(grid.days, grid.day_of(begins)))
        added[:, first] += added[:, :first].sum(axis=1)
        added[:, :first] = 0.0
        return added
