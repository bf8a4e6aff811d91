r"""People who leave the front without being casualties, and come back.

A withdrawal of a share :math:`s` of the front within a window of :math:`n` days has the rate :math:`-\log(1-s)/n` per day; the same
holds for a redeployment from the rear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, Window
from forcest.models.description.priors import Share, between
from forcest.models.parameters.parameter import Parameter, parameter
from forcest.models.process.term import Term


class Withdrawal(Description):
    """A share of the front that leaves it within a window, to the rear (from where it may return) or home.

    Parameters
    ----------
    window : (date, date)
    share : Prior
        Share of those at the front who leave within the window.
    to : {"rear", "home"}
    returns : (date, date), optional
        Window in which people in the rear go back to the front.
    returned : Prior
        Share of the rear that goes back within that window.

    Examples
    --------
    >>> pause = fc.Withdrawal(
    ...     window=("2025-01-10", "2025-01-31"), share=fc.between(0.2, 0.9), returns=("2025-02-05", "2025-02-20")
    ... )
    >>> round(pause.share.quantile(0.5), 2)
    0.6
    """

    window: Window
    share: Share
    to: Literal["rear", "home"] = "rear"
    returns: Window | None = None
    returned: Share = Field(default_factory=lambda: between(0.5, 0.97).as_prior("logitnormal"))

    @model_validator(mode="after")
    def _check(self) -> Withdrawal:
        if self.returns and self.to == "home":
            raise ValueError("those ordered home do not come back; use to='rear' or leave `returns` out")
        if self.returns and self.returns[0] <= self.window[0]:
            raise ValueError(f"`returns` must begin after the withdrawal begins; got {self.returns[0]} and {self.window[0]}")
        return self


@dataclass(frozen=True)
class Movements(Term):
    """Withdrawals on a grid; the arrays are 1/n inside each window of n days, shape (withdrawal, date)."""

    withdrawals: tuple[Withdrawal, ...]
    leaving: np.ndarray
    returning: np.ndarray

    @classmethod
    def on(cls, withdrawals: Sequence[Withdrawal], grid: Grid) -> Movements:
        """The term for a grid."""
        leaving = [_per_day(w.window, grid) for w in withdrawals]
        returning = [_per_day(w.returns, grid) for w in withdrawals if w.returns]
        return cls(tuple(withdrawals), np.array(leaving).reshape(-1, grid.size), np.array(returning).reshape(-1, grid.size))

    @property
    def to_rear(self) -> np.ndarray:
        """Whether each withdrawal leads to the rear, shape (withdrawal,)."""
        return np.array([w.to == "rear" for w in self.withdrawals], dtype=float)

    @property
    def leaves_for_rear(self) -> np.ndarray:
        """Steps in which people may leave for the rear, shape (date,)."""
        return (self.to_rear @ self.leaving) > 0

    @property
    def comes_back(self) -> np.ndarray:
        """Steps in which people may come back from the rear, shape (date,)."""
        return self.returning.sum(axis=0) > 0

    @property
    def any(self) -> bool:
        """Whether there is any withdrawal."""
        return bool(self.withdrawals)

    def parameters(self) -> list[Parameter]:
        """Shares that leave and come back."""
        found = []
        if self.any:
            shares = [w.share for w in self.withdrawals]
            found.append(parameter("withdrawn_share", ["withdrawal"], shares, "share", "of those at the front within the window"))
        if len(self.returning):
            shares = [w.returned for w in self.withdrawals if w.returns]
            found.append(parameter("returned_share", ["redeployment"], shares, "share", "of those in the rear within the window"))
        return found

    def coords(self) -> dict[str, list[str]]:
        """Labels of the dims."""
        labels = [f"{w.window[0]}/{w.window[1]} to {w.to}" for w in self.withdrawals]
        back = [f"{w.returns[0]}/{w.returns[1]} from rear" for w in self.withdrawals if w.returns]
        return {"withdrawal": labels, "redeployment": back} if self.any else {}

    def formula(self, xp, p):
        """Rates per day to the rear, home, and back from the rear, each (..., date), or (date,) if there is no withdrawal."""
        zero = np.zeros(self.leaving.shape[1])
        if not self.any:
            return zero, zero, zero
        rate = -xp.log1p(-p["withdrawn_share"])
        back = -xp.log1p(-p["returned_share"]) @ self.returning if len(self.returning) else zero
        return (rate * self.to_rear) @ self.leaving, (rate * (1 - self.to_rear)) @ self.leaving, back

    def forward(self, p):
        """The rates of arrays of draws, each (draw, date)."""
        shape = len(next(iter(p.values()))), self.leaving.shape[1]
        return tuple(np.broadcast_to(rate, shape) for rate in super().forward(p))


def _per_day(window, grid: Grid) -> np.ndarray:
    share = grid.step_share(window)
    days = (grid.day_of(window[1]) - grid.day_of(window[0])) + 1
    return share / days
