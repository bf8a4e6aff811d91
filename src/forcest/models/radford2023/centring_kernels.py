# pyright: reportArgumentType=false, reportCallIssue=false, reportOperatorIssue=false
r"""Sampling coordinates of the published model for sixteen chains: to the published position, and slopes back.

Claims fix sums such as level + bias to a few percent and leave their parts free, so that the published coordinates have long
curved ridges. Each step takes a sum for the coordinate of one of its parts; the map is triangular, its Jacobian a product of
scales:

- a series' dispersion and slope themselves, instead of standard offsets;
- the bias of a source's best-informed cell instead of the source's offset, that of its other informed cells instead of theirs;
- well-informed combinations of a series' spline coefficients on their own scale (Householder reflections turn them to the front);
- the mean log claim of the best-informed source, level + mean log of its reads + bias, instead of the offset of the intercept: the
  mean is not linear in the splines, whose ups and downs move a sum of losses more than any claim leaves free.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import LANES, add_to, aligned_rows, clear, entry, exp, give, inner, kernel, load, log, spread, store, take
from forcest.models.radford2023.kernels import Places, Work, published
from forcest.models.terms.loss_rates_kernels import SUPPORT, factor_backward, factor_forward


class Centring(NamedTuple):
    """Which sums are coordinates.

    Attributes
    ----------
    at : Places
        First coordinate (not value) of each parameter; ``rate`` and ``slope`` are not used.
    scale, partial, offset : int
        First coordinate of the splines' scales, partial correlations and coefficients.
    best : ndarray of int, shape (voice,)
        Coordinate of the best-informed bias cell of a source and country; -1 where it made no claim.
    cells : ndarray of int, shape (cell, 2)
        Voice and coordinate of every other cell with claims.
    level_cell : ndarray of int, shape (series,)
        Coordinate in which the bias of the best-informed source stands: that of a cell, or that of a voice for its best cell.
    anchor, anchor_daily : ndarray, shape (series, date)
        Weights of the logs of cumulative and of daily losses in the mean; together they sum to 1.
    start : ndarray of int, shape (series + 1,)
        Where the reflections of each series begin.
    reflections : ndarray, shape (reflection, coefficient)
        Vectors v of I - v v'.
    """

    at: Places
    scale: int
    partial: int
    offset: int
    best: np.ndarray
    cells: np.ndarray
    level_cell: np.ndarray
    anchor: np.ndarray
    anchor_daily: np.ndarray
    start: np.ndarray
    reflections: np.ndarray


class CentredWork(NamedTuple):
    """Rows of one thread, beside those of the published density.

    Attributes
    ----------
    place, slope : ndarray, shape (dim, lane)
        Coordinates and slopes.
    mixed, turned : ndarray, shape (coefficient, lane)
        What a series shares with those before it, and the same reflected.
    spline, spline_bar : ndarray, shape (series * coefficient, lane)
    anchor : ndarray, shape (series, lane)
    losses, shares : ndarray, shape (series * date, lane)
        Losses at level 0, and weights over cumulative losses.
    inner : Work
    """

    place: np.ndarray
    slope: np.ndarray
    mixed: np.ndarray
    turned: np.ndarray
    spline: np.ndarray
    spline_bar: np.ndarray
    anchor: np.ndarray
    losses: np.ndarray
    shares: np.ndarray
    inner: Work


def workspace(c: Centring, work: Work) -> CentredWork:
    """Rows for one thread."""
    dim, m, n = len(work.position), c.reflections.shape[1], len(c.anchor)
    return CentredWork(*(aligned_rows(i) for i in (dim, dim, m, m, n * m, n * m, n, c.anchor.size, c.anchor.size)), inner=work)


@inner
def _reflect(vectors, i, rows, first):
    """Reflection i of the rows from ``first`` on."""
    product = spread(0.0)
    for j in range(vectors.shape[1]):
        product += vectors[i, j] * load(rows, first + j)
    for j in range(vectors.shape[1]):
        add_to(rows, first + j, -(vectors[i, j] * product))


@inner
def _centred(w, x, level, log_scale, offset, n):
    """Offsets of ``n`` centred coordinates; the log Jacobian is -n times the log scale."""
    shrink = exp(-load(w, log_scale))
    for i in range(n):
        store(x, offset + i, (load(w, offset + i) - load(w, level)) * shrink)
    return -float(n) * load(w, log_scale)


@inner
def _centred_backward(w, x, slope, level, log_scale, offset, n):
    shrink, total, scaled = exp(-load(w, log_scale)), spread(0.0), spread(0.0)
    for i in range(n):
        e = load(slope, offset + i)
        scaled += e * load(x, offset + i) + 1.0
        total += e * shrink
        store(slope, offset + i, e * shrink)
    add_to(slope, level, -total)
    add_to(slope, log_scale, -scaled)


@kernel
def _bias_forward(c, w, x):
    total = spread(0.0)
    for voice in range(len(c.best)):
        if c.best[voice] >= 0:
            own = exp(load(w, c.at.bias_source_scale + voice)) * load(w, c.best[voice])
            shrink = exp(-load(w, c.at.bias_scale))
            store(x, c.at.bias_source_offset + voice, (load(w, c.at.bias_source_offset + voice) - own) * shrink)
            total -= load(w, c.at.bias_scale)
    for i in range(len(c.cells)):
        voice, cell = c.cells[i, 0], c.cells[i, 1]
        log_scale = load(w, c.at.bias_source_scale + voice)
        apart = load(w, cell) - load(w, c.at.bias_source_offset + voice)
        store(x, cell, apart * exp(-log_scale) + load(w, c.best[voice]))
        total -= log_scale
    return total


@kernel
def _bias_backward(c, w, x, slope):
    at = c.at
    for i in range(len(c.cells)):
        voice, cell = c.cells[i, 0], c.cells[i, 1]
        e, best = load(slope, cell), load(w, c.best[voice])
        shrunk = e * exp(-load(w, at.bias_source_scale + voice))
        add_to(slope, at.bias_source_scale + voice, -(e * (load(x, cell) - best)) - 1.0)
        add_to(slope, c.best[voice], e)
        # the voice's own slope is still that of its published offset: what belongs to the new coordinate waits in the cell's row
        store(slope, cell, shrunk)
    for voice in range(len(c.best)):
        if c.best[voice] >= 0:
            row = at.bias_source_offset + voice
            e, shrink, own = load(slope, row), exp(-load(w, at.bias_scale)), exp(load(w, at.bias_source_scale + voice))
            best = load(w, c.best[voice])
            add_to(slope, at.bias_scale, -(e * load(x, row)) - 1.0)
            add_to(slope, c.best[voice], -(e * own * shrink))
            add_to(slope, at.bias_source_scale + voice, -(e * own * shrink * best))
            store(slope, row, e * shrink)
    for i in range(len(c.cells)):
        add_to(slope, at.bias_source_offset + c.cells[i, 0], -load(slope, c.cells[i, 1]))


@kernel
def _mix(c, rates, series, x, mixed):
    """What a series' coefficients share with the series before it."""
    n, m = len(c.level_cell), c.reflections.shape[1]
    for j in range(m):
        total = spread(0.0)
        for other in range(series):
            total += load(rates.factor, series * n + other) * load(x, c.offset + other * m + j)
        store(mixed, j, total)


@kernel
def _splines_forward(c, w, x, work, rates):
    """Standard coefficients from centred ones; the splines themselves are kept."""
    n, m = len(c.level_cell), c.reflections.shape[1]
    total = spread(0.0)
    for t in range(n):
        first, own = c.offset + t * m, load(rates.factor, t * n + t)
        log_scale = load(w, c.scale + t)
        scale = exp(log_scale)
        begin, k = c.start[t], c.start[t + 1] - c.start[t]
        _mix(c, rates, t, x, work.mixed)
        if k > 0:
            for j in range(m):
                store(work.turned, j, load(work.mixed, j))
            for i in range(k):
                _reflect(c.reflections, begin + i, work.turned, 0)
            for i in range(k):
                store(x, first + i, (load(w, first + i) / scale - load(work.turned, i)) / own)
            for i in range(k):
                _reflect(c.reflections, begin + k - 1 - i, x, first)
            total -= float(k) * (log_scale + log(own))
        for j in range(m):
            store(work.spline, t * m + j, scale * (load(work.mixed, j) + own * load(x, first + j)))
    return total


@kernel
def _series_backward(c, t, w, x, work, rates):
    """Slopes of one series' coordinates and scale, of the factor, and of the coefficients that were mixed in."""
    n, m, slope = len(c.level_cell), c.reflections.shape[1], work.slope
    first, own, scale = c.offset + t * m, load(rates.factor, t * n + t), exp(load(w, c.scale + t))
    begin, k = c.start[t], c.start[t + 1] - c.start[t]
    scale_bar, own_bar = spread(0.0), spread(0.0)
    for j in range(m):
        spline_bar = load(work.spline_bar, t * m + j)
        bar = spline_bar * scale
        scale_bar += spline_bar * load(work.spline, t * m + j)
        own_bar += bar * load(x, first + j)
        add_to(slope, first + j, bar * own)
        store(work.mixed, j, bar)
        store(work.turned, j, spread(0.0))
    if k > 0:
        for i in range(k):
            _reflect(c.reflections, begin + i, slope, first)
        for i in range(k):
            shrunk = load(slope, first + i) / own
            standard = load(rates.spline_bar, t * m + i)  # the turned standard coefficient, kept by the caller
            own_bar -= shrunk * standard + 1.0 / own
            scale_bar -= shrunk * (load(w, first + i) / scale) + 1.0
            store(slope, first + i, shrunk / scale)
            store(work.turned, i, -shrunk)
        for i in range(k):
            _reflect(c.reflections, begin + k - 1 - i, work.turned, 0)
    add_to(slope, c.scale + t, scale_bar)
    add_to(rates.factor_bar, t * n + t, own_bar)
    for j in range(m):
        bar = load(work.mixed, j) + load(work.turned, j)
        for other in range(t):
            add_to(rates.factor_bar, t * n + other, bar * load(x, c.offset + other * m + j))
            add_to(slope, c.offset + other * m + j, bar * load(rates.factor, t * n + other))


@kernel
def _splines_backward(c, w, x, work, rates):
    n, m = len(c.level_cell), c.reflections.shape[1]
    clear(rates.factor_bar)
    for step in range(n):
        t = n - 1 - step
        begin, k = c.start[t], c.start[t + 1] - c.start[t]
        if k > 0:
            for j in range(m):
                store(rates.spline_bar, t * m + j, load(x, c.offset + t * m + j))
            for i in range(k):
                _reflect(c.reflections, begin + i, rates.spline_bar, t * m)
        _series_backward(c, t, w, x, work, rates)


@kernel
def _anchors_forward(rates, c, w, work):
    """Mean log reads of each series at level 0."""
    size = len(rates.first)
    for t in range(len(c.level_cell)):
        total, anchor, slope = spread(0.0), spread(0.0), load(w, c.at.slope_offset + t)
        for day in range(size):
            log_rate, at = rates.years[day] * slope, t * rates.n_coefficients + rates.first[day]
            for i in range(SUPPORT):
                log_rate += rates.weights[day, i] * load(work.spline, at + i)
            losses = exp(log_rate)
            total += losses
            store(work.losses, t * size + day, losses)
            if c.anchor_daily[t, day] != 0.0:
                anchor += c.anchor_daily[t, day] * log_rate
            if c.anchor[t, day] != 0.0:
                anchor += c.anchor[t, day] * log(total)
                store(work.shares, t * size + day, c.anchor[t, day] / total)
        store(work.anchor, t, anchor)


@kernel
def _anchors_backward(rates, c, slope, work):
    """Slopes of the splines and of the series' slopes through the anchors."""
    size, m = len(rates.first), rates.n_coefficients
    clear(work.spline_bar)
    for t in range(len(c.level_cell)):
        pull = -load(slope, c.at.type_offset + t)
        later, slope_bar = spread(0.0), spread(0.0)
        for step in range(size):
            day = size - 1 - step
            if c.anchor[t, day] != 0.0:
                later += load(work.shares, t * size + day)
            bar = (later * load(work.losses, t * size + day) + c.anchor_daily[t, day]) * pull
            slope_bar += rates.years[day] * bar
            for i in range(SUPPORT):
                add_to(work.spline_bar, t * m + rates.first[day] + i, rates.weights[day, i] * bar)
        add_to(slope, c.at.slope_offset + t, slope_bar)
        add_to(slope, c.level_cell[t], pull)


@kernel
def _forward(k, c, work):
    """Fill the published position; returns the log Jacobian."""
    w, x, at, n = work.place, work.inner.position, c.at, len(c.level_cell)
    value, rates = work.inner.value, work.inner.rates
    for i in range(len(w)):
        store(x, i, load(w, i))
    total = _centred(w, x, at.dispersion_level, at.dispersion_scale, at.dispersion_offset, n)
    total += _centred(w, x, at.slope_level, at.slope_scale, at.slope_offset, n)
    total += _bias_forward(c, w, x)
    for i in range(n * (n - 1) // 2):
        store(value, k.rates.partial + i, 2.0 / (1.0 + exp(-load(w, c.partial + i))) - 1.0)
    if n > 1:
        factor_forward(k.rates, value, rates)
    else:
        store(rates.factor, 0, spread(1.0))
    total += _splines_forward(c, w, x, work, rates)
    shrink = exp(-load(w, at.type_scale))
    _anchors_forward(k.rates, c, w, work)
    for t in range(n):
        anchor = load(work.anchor, t) + load(w, c.level_cell[t])
        store(x, at.type_offset + t, (load(w, at.type_offset + t) - anchor - load(w, at.type_level)) * shrink)
    return total - float(n) * load(w, at.type_scale)


@kernel
def _backward(k, c, work):
    """Turn the published slopes into those of the coordinates."""
    w, x, at, n = work.place, work.inner.position, c.at, len(c.level_cell)
    slope, value, rates, bar = work.slope, work.inner.value, work.inner.rates, work.inner.bar
    for i in range(len(w)):
        store(slope, i, load(work.inner.gradient, i))
    _centred_backward(w, x, slope, at.type_level, at.type_scale, at.type_offset, n)
    _centred_backward(w, x, slope, at.dispersion_level, at.dispersion_scale, at.dispersion_offset, n)
    _centred_backward(w, x, slope, at.slope_level, at.slope_scale, at.slope_offset, n)
    _bias_backward(c, w, x, slope)
    _anchors_backward(k.rates, c, slope, work)
    _splines_backward(c, w, x, work, rates)
    if n > 1:
        for i in range(n * (n - 1) // 2):
            store(bar, k.rates.partial + i, spread(0.0))
        factor_backward(k.rates, value, bar, rates)
        for i in range(n * (n - 1) // 2):
            r = load(value, k.rates.partial + i)
            add_to(slope, c.partial + i, 0.5 * (load(bar, k.rates.partial + i) * (1.0 - r * r)))


@entry
def density(k, c, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at coordinates (dim, chain)."""
    n_chain = position.shape[1]
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        take(position, first, n, work.place)
        total = _forward(k, c, work)
        total += published(k, work.inner)
        store(work.inner.total, 0, total)
        _backward(k, c, work)
        for j in range(n):
            value[first + j] = work.inner.total[0, j]
        give(work.slope, gradient, first, n)


@entry
def published_positions(k, c, work, position, out):
    """Fill the published positions (dim, chain) of coordinates (dim, chain)."""
    n_chain = position.shape[1]
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        take(position, first, n, work.place)
        _forward(k, c, work)
        give(work.inner.position, out, first, n)
