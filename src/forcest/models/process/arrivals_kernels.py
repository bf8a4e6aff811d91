"""Arrivals for sixteen chains; the batched form of ``arrivals.py``. Arrivals of a wave are stored as shares of the wave."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, exp, inner, kernel, load, log, sigmoid, spread, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.ar1_kernels import CurveConstants, curve_backward, curve_forward
from forcest.models.process.arrivals import STEEPNESS, SpellArrivals, WaveArrivals
from forcest.models.process.reads_kernels import Reads, keep, slope_of
from forcest.models.process.series import arrived_series
from forcest.models.process.walks_kernels import Reader, banded, read_knots, read_knots_backward


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
    rate, sd, threshold : int
        Values that hold those of the spells.
    curve : CurveConstants
    reader : Reader
    days : ndarray, shape (date,)
        Days of each step on which people may come.
    """

    shift: int
    spread: int
    middle: np.ndarray
    scale: np.ndarray
    initial: int
    size: int
    step: int
    rate: int
    sd: int
    threshold: int
    curve: CurveConstants
    reader: Reader
    days: np.ndarray


def arrival_constants(term: WaveArrivals | SpellArrivals, size: int, step: int, coordinates: Coordinates) -> ArrivalConstants:
    """Constants of the term."""
    waves = isinstance(term, WaveArrivals)
    middle, scale = (term.middle, term.scale) if waves else (np.zeros(0), np.zeros(0))
    reader = np.zeros((0, 1)) if waves else term.reader
    places = {name: coordinates.row(f"arrival_{name}") for name in ("rate", "sd", "threshold")}
    knots = coordinates.row("arrival_correlation"), coordinates.row("arrival_offset"), reader.shape[1]
    return ArrivalConstants(
        shift=coordinates.row("wave_shift"),
        spread=coordinates.row("wave_spread"),
        middle=np.ascontiguousarray(middle, dtype=float),
        scale=np.ascontiguousarray(scale, dtype=float),
        initial=coordinates.row("initial_size"),
        size=size,
        step=step,
        **places,
        curve=CurveConstants(*knots, 0.0 if waves else float(term.spacing)),
        reader=banded(reader),
        days=np.zeros(0) if waves else np.ascontiguousarray(term.days, dtype=float),
    )


class ArrivalWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    arriving, arriving_bar : ndarray, shape (wave x date, lane)
        Arrivals of each step as a share of the wave (smooth arrivals: persons), and slopes in them.
    knots, knots_bar : ndarray, shape (knot, lane)
        The standard curve, and slopes in it.
    reads : Reads
    """

    arriving: np.ndarray
    arriving_bar: np.ndarray
    knots: np.ndarray
    knots_bar: np.ndarray
    reads: Reads


def arrival_work(k: ArrivalConstants, reads: Reads) -> ArrivalWork:
    """Rows of one thread."""
    rows, knots = max(len(k.middle), 1) * k.size, k.curve.n_knots
    return workspace_of(ArrivalWork, arriving=rows, arriving_bar=rows, knots=knots, knots_bar=knots, reads=reads)


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
        curve_forward(k.curve, value, work.knots)
        rate, sd, threshold = log(load(value, k.rate)), load(value, k.sd), load(value, k.threshold)
        arrived = spread(0.0)
        for t in range(k.size):
            above = read_knots(k.reader, work.knots, t) - threshold
            now = k.days[t] * exp(rate + sd * above) * sigmoid(STEEPNESS * above) if t > 0 else load(value, k.initial)
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
        _spells_backward(k, value, bar, work)


@kernel
def _spells_backward(k, value, bar, work):
    """Slopes in the rate, the threshold and the curve of the spells."""
    rate_bar, sd_bar, threshold_bar, sd = spread(0.0), spread(0.0), spread(0.0), load(value, k.sd)
    for i in range(k.curve.n_knots):
        store(work.knots_bar, i, spread(0.0))
    for t in range(1, k.size):
        slope = load(work.arriving_bar, t) * load(work.arriving, t)
        above = read_knots(k.reader, work.knots, t) - load(value, k.threshold)
        cut = STEEPNESS * (1.0 - sigmoid(STEEPNESS * above))
        rate_bar += slope
        sd_bar += slope * above
        threshold_bar -= slope * (sd + cut)
        read_knots_backward(k.reader, work.knots_bar, t, slope * (sd + cut))
    add_to(bar, k.rate, rate_bar / load(value, k.rate))
    add_to(bar, k.sd, sd_bar)
    add_to(bar, k.threshold, threshold_bar)
    curve_backward(k.curve, value, bar, work.knots, work.knots_bar)


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
