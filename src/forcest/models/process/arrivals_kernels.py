"""Arrivals for sixteen chains; the batched side of ``arrivals.py``. Those of a wave are held per person of the wave."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, kernel, load, sigmoid, spread, store
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.arrivals import WalkingArrivals, WaveArrivals
from forcest.models.process.flow_kernels import arrived_of, keep, slope_of
from forcest.models.process.knots_kernels import Reader, WalkConstants, banded, walk_backward, walk_forward


class ArrivalConstants(NamedTuple):
    """Waves, or smooth arrivals: one of the two is empty.

    Attributes
    ----------
    shift, spread : int
        Values that hold those of the first wave.
    middle, scale : ndarray, shape (wave,)  [days]
    initial : int
        Value that holds how many had been sent by the first day.
    size, step : int
        Nodes, days per step.
    walk : WalkConstants
    """

    shift: int
    spread: int
    middle: np.ndarray
    scale: np.ndarray
    initial: int
    size: int
    step: int
    walk: WalkConstants


def no_walk() -> WalkConstants:
    """A walk without rows, for models that have none."""
    return WalkConstants(0, 0, 0, 0, 0.0, Reader(np.zeros(0, dtype=np.int64), np.zeros((0, 1))))


def arrival_constants(term: WaveArrivals | WalkingArrivals, size: int, step: int, coordinates: Coordinates) -> ArrivalConstants:
    """Constants of the term."""
    row = coordinates.row
    if isinstance(term, WaveArrivals):
        middle, scale = (np.ascontiguousarray(x, dtype=float) for x in (term.middle, term.scale))
        return ArrivalConstants(row("wave_shift"), row("wave_spread"), middle, scale, -1, size, step, no_walk())
    knots = term.reader.shape[1] - 1
    rows = row("arrival_rate"), row("arrival_walk"), row("arrival_offset")
    walk = WalkConstants(*rows, knots, term.walk_scale, banded(term.reader))
    return ArrivalConstants(-1, -1, np.zeros(0), np.zeros(0), row("initial_size"), size, step, walk)


@kernel
def arrivals_forward(k, value, knots, table, work):
    """Fill the arrivals of each step: per person of each wave, or of all [persons]."""
    for w in range(len(k.middle)):
        inverse = 1.0 / (k.scale[w] * load(value, k.spread + w))
        middle, before = k.middle[w] + load(value, k.shift + w), spread(0.0)
        for t in range(k.size):
            arrived = sigmoid((float(t * k.step) - middle) * inverse)
            store(work.arriving, w * k.size + t, arrived - before)
            before = arrived
            keep(work, table, arrived_of(w), t, arrived)
    if k.initial >= 0:
        walk_forward(k.walk, value, knots, work.arriving)
        arrived = spread(0.0)
        for t in range(k.size):
            now = float(k.step) * load(work.arriving, t) if t > 0 else load(value, k.initial)
            store(work.arriving, t, now)
            arrived += now
            keep(work, table, arrived_of(0), t, arrived)


@kernel
def arrivals_backward(k, value, bar, knots, knots_bar, table, work):
    """Adjoint of :func:`arrivals_forward`."""
    for w in range(len(k.middle)):
        _wave_backward(k, w, value, bar, table, work)
    if k.initial >= 0:
        later = spread(0.0)
        for t in range(k.size - 1, -1, -1):
            later += slope_of(work, table, arrived_of(0), t)
            add_to(work.arriving_bar, t, later)
        add_to(bar, k.initial, load(work.arriving_bar, 0))
        store(work.arriving_bar, 0, spread(0.0))
        walk_backward(k.walk, value, bar, knots, knots_bar, work.arriving, work.arriving_bar)


@kernel
def _wave_backward(k, w, value, bar, table, work):
    """Slopes in the shift and the spread of a wave."""
    ratio = load(value, k.spread + w)
    inverse = 1.0 / (k.scale[w] * ratio)
    middle = k.middle[w] + load(value, k.shift + w)
    arrived, shift_bar, spread_bar = spread(0.0), spread(0.0), spread(0.0)
    now = load(work.arriving_bar, w * k.size)
    for t in range(k.size):
        after = load(work.arriving_bar, w * k.size + t + 1) if t + 1 < k.size else spread(0.0)
        arrived += load(work.arriving, w * k.size + t)
        slope = (now - after + slope_of(work, table, arrived_of(w), t)) * (arrived * (1.0 - arrived))
        shift_bar += slope
        spread_bar += slope * (float(t * k.step) - middle)
        now = after
    add_to(bar, k.shift + w, -(shift_bar * inverse))
    add_to(bar, k.spread + w, -(spread_bar * inverse / ratio))
