"""Arrivals for sixteen chains; the batched form of ``arrivals.py``. Arrivals of a wave are stored as shares of the wave."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, aligned_rows, inner, kernel, load, sigmoid, spread, store
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.arrivals import WalkingArrivals, WaveArrivals
from forcest.models.process.reads_kernels import Reads, keep, slope_of
from forcest.models.process.series import arrived_series
from forcest.models.process.walks_kernels import (
    WalkConstants,
    WalkWork,
    banded,
    no_walk,
    walk_backward,
    walk_forward,
    walk_work,
)


class ArrivalConstants(NamedTuple):
    """Waves, or smooth arrivals: one of the two is empty.

    Attributes
    ----------
    shift, spread : int
        Rows of those of the first wave among the values.
    middle, scale : ndarray, shape (wave,)  [days]
    initial : int
        Value that holds the number sent by the first day.
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


class ArrivalWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    arriving, arriving_bar : ndarray, shape (wave x date, lane)
        Arrivals of each step as a share of the wave (smooth arrivals: persons), and slopes in them.
    walk : WalkWork
    reads : Reads
    """

    arriving: np.ndarray
    arriving_bar: np.ndarray
    walk: WalkWork
    reads: Reads


def arrival_work(k: ArrivalConstants, reads: Reads) -> ArrivalWork:
    """Rows of one thread."""
    arriving, arriving_bar = (aligned_rows(max(len(k.middle), 1) * k.size) for _ in range(2))
    walk = walk_work(k.walk, arriving, arriving_bar)
    return ArrivalWork(arriving=arriving, arriving_bar=arriving_bar, walk=walk, reads=reads)


arrived_of = inner(arrived_series)


@kernel
def arrivals_forward(k, value, work):
    """Fill the arrivals of each step: as shares of each wave, or of smooth arrivals [persons]."""
    for w in range(len(k.middle)):
        inverse = 1.0 / (k.scale[w] * load(value, k.spread + w))
        middle, before = k.middle[w] + load(value, k.shift + w), spread(0.0)
        for t in range(k.size):
            arrived = sigmoid((float(t * k.step) - middle) * inverse)
            store(work.arriving, w * k.size + t, arrived - before)
            before = arrived
            keep(work.reads, arrived_of(w), t, arrived)
    if k.initial >= 0:
        walk_forward(k.walk, value, work.walk)
        arrived = spread(0.0)
        for t in range(k.size):
            now = float(k.step) * load(work.arriving, t) if t > 0 else load(value, k.initial)
            store(work.arriving, t, now)
            arrived += now
            keep(work.reads, arrived_of(0), t, arrived)


@kernel
def arrivals_backward(k, value, bar, work):
    """Adjoint of :func:`arrivals_forward`."""
    for w in range(len(k.middle)):
        _wave_backward(k, w, value, bar, work)
    if k.initial >= 0:
        later = spread(0.0)
        for t in range(k.size - 1, -1, -1):
            later += slope_of(work.reads, arrived_of(0), t)
            add_to(work.arriving_bar, t, later)
        add_to(bar, k.initial, load(work.arriving_bar, 0))
        store(work.arriving_bar, 0, spread(0.0))
        walk_backward(k.walk, value, bar, work.walk)


@kernel
def _wave_backward(k, w, value, bar, work):
    """Slopes in the shift and the spread of a wave."""
    ratio = load(value, k.spread + w)
    inverse = 1.0 / (k.scale[w] * ratio)
    middle = k.middle[w] + load(value, k.shift + w)
    arrived, shift_bar, spread_bar = spread(0.0), spread(0.0), spread(0.0)
    now = load(work.arriving_bar, w * k.size)
    for t in range(k.size):
        after = load(work.arriving_bar, w * k.size + t + 1) if t + 1 < k.size else spread(0.0)
        arrived += load(work.arriving, w * k.size + t)
        slope = (now - after + slope_of(work.reads, arrived_of(w), t)) * (arrived * (1.0 - arrived))
        shift_bar += slope
        spread_bar += slope * (float(t * k.step) - middle)
        now = after
    add_to(bar, k.shift + w, -(shift_bar * inverse))
    add_to(bar, k.spread + w, -(spread_bar * inverse / ratio))
