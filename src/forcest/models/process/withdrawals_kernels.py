"""Withdrawal and redeployment for sixteen chains; the batched form of ``withdrawals.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, kernel, load, log, spread, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.withdrawals import Movements

TO_REAR, TO_HOME, BACK = range(3)


class MovementConstants(NamedTuple):
    """Windows in which people move.

    Attributes
    ----------
    share : ndarray of int, shape (movement,)
        Value that holds the share that moves.
    way : ndarray of int, shape (movement,)
        0 to the rear, 1 home, 2 from the rear back to the front.
    span : ndarray of int, shape (movement, 2)
        First step and the one after the last.
    per_day : ndarray, shape (movement, date)
    busy : ndarray of int, shape (2,)
        First step of any window and the one after the last.
    """

    share: np.ndarray
    way: np.ndarray
    span: np.ndarray
    per_day: np.ndarray
    busy: np.ndarray


def movement_constants(term: Movements, coordinates: Coordinates) -> MovementConstants:
    """Constants of the term."""
    per_day = np.concatenate([term.leaving, term.returning])
    leaving, returning = len(term.leaving), len(term.returning)
    share = [coordinates.row("withdrawn_share") + i for i in range(leaving)]
    share += [coordinates.row("returned_share") + i for i in range(returning)]
    way = [TO_REAR if rear else TO_HOME for rear in term.to_rear] + [BACK] * returning
    inside = [np.flatnonzero(row) for row in per_day]
    span = np.array([(i[0], i[-1] + 1) if len(i) else (0, 0) for i in inside], dtype=np.int64).reshape(-1, 2)
    busy = span[span[:, 1] > 0]
    return MovementConstants(
        share=np.array(share, dtype=np.int64),
        way=np.array(way, dtype=np.int64),
        span=span,
        per_day=np.ascontiguousarray(per_day, dtype=float),
        busy=np.array([busy[:, 0].min(), busy[:, 1].max()] if len(busy) else [0, 0], dtype=np.int64),
    )


class MovementWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    rates, rates_bar : ndarray, shape (3 x date, lane)  [1/day]
        Rate of each way at each step, in rows ``3 * step + way``, and slopes in it.
    """

    rates: np.ndarray
    rates_bar: np.ndarray


def movement_work(k: MovementConstants) -> MovementWork:
    """Rows of one thread."""
    rows = 3 * k.per_day.shape[1]
    return workspace_of(MovementWork, rates=rows, rates_bar=rows)


@kernel
def movements_forward(k, value, work):
    """Fill the rates of the busy steps; other rows are unchanged."""
    for row in range(3 * k.busy[0], 3 * k.busy[1]):
        store(work.rates, row, spread(0.0))
    for m in range(len(k.share)):
        rate = -log(1.0 - load(value, k.share[m]))
        for t in range(k.span[m, 0], k.span[m, 1]):
            add_to(work.rates, 3 * t + k.way[m], k.per_day[m, t] * rate)


@kernel
def movements_backward(k, value, bar, work):
    """Adjoint of :func:`movements_forward`."""
    for m in range(len(k.share)):
        rate_bar = spread(0.0)
        for t in range(k.span[m, 0], k.span[m, 1]):
            rate_bar += k.per_day[m, t] * load(work.rates_bar, 3 * t + k.way[m])
        add_to(bar, k.share[m], rate_bar / (1.0 - load(value, k.share[m])))
