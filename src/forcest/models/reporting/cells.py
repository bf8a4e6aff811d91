"""Cells of a claim: the intervals of counts that its wording and rounding leave open.

A point claim of ``n`` persons may have been rounded on any grid that divides it, so it has one cell per grid; every other
form has one cell. Cells are stated in persons (``-inf`` and ``inf`` where open) and belong to a partition of the line, so that a
simulated claim can be stated the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from forcest.models.reporting.description import GRIDS

WORDS = {"dozens": (24.0, 96.0), "several_hundred": (200.0, 900.0), "several_thousand": (2_000.0, 9_000.0)}

FORMS = {
    "exact": "point",
    "about": "point",
    "range": "range",
    "derived": "range",
    "dozens": "range",
    "several_hundred": "range",
    "several_thousand": "range",
    "at_least": "at_least",
    "more_than": "at_least",
    "up_to": "up_to",
    "fewer_than": "up_to",
    "at_most": "up_to",
    "none_seen": "none_seen",
}

# Half a grid: a smaller count would be rounded to zero, so it is not rounded on that grid.
THRESHOLDS = tuple(grid / 2 for grid in GRIDS[1:])

RATIO_SLACK = 1.25


@dataclass(frozen=True)
class Cell:
    """An interval of counts that a claim stands for.

    Parameters
    ----------
    low, high : float  [persons]
    grid : int
        Index of the rounding grid, -1 where rounding plays no part.
    n_grids : int
        How many grids a count in this cell may be rounded on.
    """

    low: float
    high: float
    grid: int = -1
    n_grids: int = 0

    def intersect(self, low: float, high: float) -> Cell | None:
        """The part of the cell inside an interval, or None where they do not overlap."""
        low, high = max(self.low, low), min(self.high, high)
        return Cell(low, high, self.grid, self.n_grids) if low < high else None


def form_of(row: Mapping[str, Any]) -> str:
    """How a claim bounds the count: point, range, at_least, up_to or none_seen."""
    return "at_least" if row["coverage"] == "partial" else FORMS[row["qualifier"]]


def cells_of(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """The cells of one ledger row."""
    if row["measure"] == "equivalence":
        return (_ratio_cell(row),)
    qualifier = row["qualifier"]
    if row["coverage"] == "partial":
        return (Cell(_lower_bound_of_part(row), math.inf),)
    if qualifier in ("exact", "about"):
        return point_cells(int(row["value"]))
    if qualifier in ("at_least", "more_than"):
        n = _first(row, "value", "low")
        return (Cell(n, n * (1 + slack(n))),)
    if qualifier in ("up_to", "fewer_than"):
        n = _first(row, "value", "high")
        return (Cell(n / (1 + slack(n)), n),)
    if qualifier in ("at_most", "none_seen"):
        return (Cell(-math.inf, _first(row, "high", "value")),)
    low, high = WORDS.get(qualifier, (math.nan, math.nan))
    low, high = _first(row, "low", default=low), _first(row, "high", default=high)
    return (Cell(low if low > 0 else -math.inf, high),)


def count_of(row: Mapping[str, Any]) -> float:
    """The one number that a claim states, in any column; NaN for a range, for words without a number, and for none seen."""
    form = FORMS[row["qualifier"]]
    if row["coverage"] == "partial" and math.isfinite(part := _lower_bound_of_part(row)):
        return part
    return _first(row, "value", *{"at_least": ("low",), "up_to": ("high",)}.get(form, ()))


def _lower_bound_of_part(row: Mapping[str, Any]) -> float:
    """Lower bound on the whole force from a partial count; none if the count is itself an upper bound."""
    if FORMS[row["qualifier"]] in ("up_to", "none_seen"):
        return -math.inf
    columns = ("low", "value") if FORMS[row["qualifier"]] == "range" else ("value", "low")
    return _first(row, *columns, default=WORDS.get(row["qualifier"], (-math.inf,))[0])


def slack(n: float) -> float:
    """Relative width of a one-sided bound: the gap to the next number of the same roundness, between 10 % and 100 %.

    Examples
    --------
    >>> slack(3_000), slack(10_000), slack(11_000)
    (0.3333333333333333, 1.0, 0.1)
    """
    unit = 1
    while n % (unit * 10) == 0:
        unit *= 10
    return min(max(unit / n, 0.1), 1.0)


def point_cells(n: int) -> tuple[Cell, ...]:
    """One cell for each grid that a statement of ``n`` may have been rounded on, cut where the number of possible grids changes."""
    if n == 0:
        return (Cell(-math.inf, 0.5, 0, 1),)
    cells = []
    for index, grid in enumerate(GRIDS):
        if n % grid == 0:
            cells += _split(n - grid / 2, n + grid / 2, index)
    return tuple(cells)


def _split(low: float, high: float, grid: int) -> list[Cell]:
    """A cell cut where the number of possible grids changes, so that the weights of all statements of a count sum to one."""
    edges = [low, *(edge for edge in THRESHOLDS if low < edge < high), high]
    return [Cell(a, b, grid, 1 + sum(edge <= a for edge in THRESHOLDS)) for a, b in pairwise(edges)]


def _ratio_cell(row: Mapping[str, Any]) -> Cell:
    if math.isfinite(row["low"]) and math.isfinite(row["high"]):
        return Cell(row["low"], row["high"])
    n = _first(row, "value", "low", "high")
    return Cell(n / RATIO_SLACK, n * RATIO_SLACK)


def _first(row: Mapping[str, Any], *names: str, default: float = math.nan) -> float:
    return next((float(row[name]) for name in names if math.isfinite(row[name])), default)


def merge(cells: tuple[Cell, ...], copy: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Cells of a claim after a copy of it for the same date: their intersection, or the hull where they do not overlap."""
    low, high = min(c.low for c in copy), max(c.high for c in copy)
    inside = tuple(part for cell in cells if (part := cell.intersect(low, high)) is not None)
    return inside or (Cell(min(low, *(c.low for c in cells)), max(high, *(c.high for c in cells))),)
