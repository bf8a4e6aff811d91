"""The calendar of a model: nodes at the end of dates, a fixed number of days apart.

Stocks hold at a node, flows cover the time since the node before. Between two nodes a curve is interpolated linearly, so that the
date of a claim need not be a node; delays in days are read at the nodes in the same way, which keeps their means exact for every
step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import AfterValidator


def parse_step(step: str) -> int:
    """Days in a step such as ``"D"``, ``"3D"`` or ``"W"``."""
    match = re.fullmatch(r"(\d*)([DW])", step)
    days = int(match[1] or 1) * (7 if match[2] == "W" else 1) if match else 0
    if not 1 <= days <= 31:
        raise ValueError(f"a step must be whole days or weeks, such as 'D', '3D' or 'W', of at most 31 days; got {step!r}")
    return days


def _ordered(window: tuple[date, date]) -> tuple[date, date]:
    if window[0] >= window[1]:
        raise ValueError(f"a window must end after it begins; got {window[0]} to {window[1]}")
    return window


def _step(step: str) -> str:
    parse_step(step)
    return step


LOOK_AHEAD = pd.Timedelta(days=90)
"""Length of a default calendar beyond the last claim."""

Window = Annotated[tuple[date, date], AfterValidator(_ordered)]
Step = Annotated[str, AfterValidator(_step)]


LONG = pd.Timedelta(days=730)
"""Length of a default calendar from which it goes by weeks, if no claim needs days: curves change over weeks."""


@dataclass(frozen=True)
class Grid:
    """Nodes ``start, start + step, ...`` up to the first node at or after ``end``.

    Parameters
    ----------
    start, end : datetime.date
    step : int
        Days from node to node.
    """

    start: date
    end: date
    step: int

    @property
    def size(self) -> int:
        """Number of nodes."""
        return -(-(self.end - self.start).days // self.step) + 1

    @property
    def days(self) -> np.ndarray:
        """Days of the nodes since ``start``, shape (date,)."""
        return np.arange(self.size) * self.step

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Dates of the nodes, shape (date,)."""
        return pd.date_range(self.start, periods=self.size, freq=f"{self.step}D", unit="ns")

    def day_of(self, when: Any) -> float:
        """Days from ``start`` to a date; negative before it."""
        return float((np.datetime64(when, "D") - np.datetime64(self.start, "D")).astype(int))

    def covers(self, when) -> bool:
        """Whether the date lies on the grid."""
        return 0 <= self.day_of(when) <= self.days[-1]

    def read(self, day: float) -> tuple[tuple[int, int], tuple[float, float]]:
        """Two nodes and their weights for the value of a curve on a day; before the grid every curve is 0.

        Returns
        -------
        nodes, weights : tuple of two int, tuple of two float
        """
        if day < 0:
            return (0, 0), (0.0, 0.0)
        left = min(int(day // self.step), self.size - 1)
        share = day / self.step - left
        return (left, min(left + 1, self.size - 1)), (1 - share, share)

    def step_share(self, window: tuple[date, date]) -> np.ndarray:
        """Share of each step's days that lie in a window, both ends included, shape (date,)."""
        first, last = self.day_of(window[0]), self.day_of(window[1])
        day = self.days[:, None] - np.arange(self.step)[None, :]
        return ((day >= first) & (day <= last)).mean(axis=1)

    def step_mean(self, daily: np.ndarray) -> np.ndarray:
        """Mean over each step's days of a daily series, shape (..., day) to (..., date); the first node is its own step."""
        index = np.maximum(self.days[:, None] - np.arange(self.step)[None, :], 0)
        return daily[..., index].mean(axis=-1)

    def lag_reader(self) -> np.ndarray:
        """Weights that read a delay's daily probabilities at whole steps, shape (lag, day); the identity for daily steps.

        People who arrive during a step are spread evenly over its days: a delay of ``d`` days is then a lag of ``j`` steps with
        weight ``max(0, 1 - |j step - d|/step)``.
        """
        day = np.arange(self.days[-1] + self.step)
        return np.maximum(0.0, 1 - np.abs(self.days[:, None] - day[None, :]) / self.step)

    def knots(self, every: int) -> np.ndarray:
        """Days of knots ``every`` days apart that cover the grid, shape (knot,)."""
        return np.arange(0, self.days[-1] + every, every)

    def knot_reader(self, every: int) -> np.ndarray:
        """Weights that interpolate values at knots linearly to the steps' days, averaged over each step, shape (date, knot)."""
        knots = self.knots(every)
        day = np.arange(self.days[-1] + 1)
        daily = np.stack([np.interp(day, knots, row) for row in np.eye(len(knots))])
        return self.step_mean(daily).T
