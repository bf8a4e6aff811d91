"""State a simulated belief the way a claim was stated: the cell of the claim's own partition that the belief falls into.

The partitions are those of the likelihood, so that the probabilities of all possible statements of a source sum to one: rounding
grids for a point, multiples of the observed width for a range, powers of the observed ratio for a one-sided bound, two cells if one
side is open. Copies that were merged are simulated as one claim.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace

import numpy as np

from forcest.models.reporting.cells import THRESHOLDS, Cell, point_cells
from forcest.models.reporting.description import GRIDS
from forcest.models.reporting.origins import Claim

RATIO_BOUNDS = ("at_least", "more_than", "up_to", "fewer_than")


def restate(claim: Claim, belief: float, weights: np.ndarray, rng: np.random.Generator) -> Claim:
    """The claim that its source would have made of another belief.

    Parameters
    ----------
    claim : Claim
    belief : float
        On the log1p scale; on the log scale for an equivalence.
    weights : ndarray, shape (grid,)
        The source's rounding weights.
    rng : Generator
    """
    if claim.cells[0].grid >= 0:
        return _restate_point(claim, math.expm1(belief), weights, rng)
    cell = claim.cells[0]
    if math.isinf(cell.low) and math.isinf(cell.high):
        return claim
    if claim.row["measure"] == "equivalence":
        return _with_cell(claim, _in_steps(cell, belief, np.log, np.exp))
    count = math.expm1(belief)
    if math.isinf(cell.low) or math.isinf(cell.high):
        return _with_cell(claim, _one_of_two(cell, count))
    if claim.row["qualifier"] in RATIO_BOUNDS:
        return _with_cell(claim, _in_steps(cell, math.log(count), np.log, np.exp) if count > 0 else Cell(-math.inf, 0.0))
    return _with_cell(claim, _in_steps(cell, belief, np.log1p, np.expm1))


def _restate_point(claim: Claim, count: float, weights: np.ndarray, rng: np.random.Generator) -> Claim:
    n_grids = 1 + bisect_right(THRESHOLDS, count)
    grid = GRIDS[rng.choice(n_grids, p=weights[:n_grids] / weights[:n_grids].sum())]
    stated = max(0, math.floor(count / grid + 0.5) * grid)
    return replace(claim, row={**claim.row, "value": float(stated)}, cells=point_cells(stated))


def _in_steps(cell: Cell, at: float, scale, inverse) -> Cell:
    """The cell around ``at`` of the partition in equal steps on a scale, one of which is ``cell``."""
    low, width = float(scale(cell.low)), float(scale(cell.high) - scale(cell.low))
    step = math.floor((at - low) / width)
    return Cell(float(inverse(low + step * width)), float(inverse(low + (step + 1) * width)))


def _one_of_two(cell: Cell, count: float) -> Cell:
    edge = cell.high if math.isinf(cell.low) else cell.low
    return Cell(-math.inf, edge) if count <= edge else Cell(edge, math.inf)


def _with_cell(claim: Claim, cell: Cell) -> Claim:
    numbers = {"value": math.nan, "low": cell.low, "high": cell.high}
    return replace(claim, row={**claim.row, **numbers}, cells=(cell,))
