r"""Sampling coordinates of the published model for sixteen chains: to the published position, and slopes back.

Claims determine sums such as level + bias to a few percent and leave their parts free, so that the published coordinates have long
curved ridges. Each step replaces one part of a sum by the sum; the map is triangular, and its Jacobian is a product of scales. The
coordinates are:

- the dispersion and the slope of a series, instead of standard offsets;
- well-informed combinations of the spline coefficients of a series in standard units (moved to the front by Householder
  reflections) times a power of their scale: 1 for the coefficients themselves, and closer to 0 the less informative the claims are;
- the mean log claim of every well-informed source of a series (level + mean log of the reads of the best-informed source + bias),
  instead of the offset of the bias. The mean is not linear in the splines, whose variation changes a sum of losses by more than the
  claims allow;
- the level of a series in standard units given these totals, instead of its offset. Claims determine the totals, and the priors
  divide a total into level and bias by their precisions, however small a scale becomes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import (
    LANES,
    add_to,
    entry,
    exp,
    give,
    inner,
    kernel,
    load,
    log,
    spread,
    square_root,
    store,
    take,
    workspace_of,
)
from forcest.models.process.loss_rates_kernels import mix_backward, mix_forward, spline_backward, spline_forward
from forcest.models.radford2023 import kernels
from forcest.models.radford2023.kernels import Constants, Places, Work, begin, claims, curve, curve_slopes, end, standard
from forcest.models.radford2023.reflection_kernels import products, reflect, reflect_back, subtract


class Centring(NamedTuple):
    """Choice of the sums that are coordinates.

    Attributes
    ----------
    at : Places
        First coordinate (not value) of each parameter; ``rate`` and ``slope`` are not used.
    scale, partial, offset : int
        First coordinate of the splines' scales, partial correlations and coefficients.
    cells : ndarray of int, shape (cell, 2)
        Source-country pair and coordinate of the informed bias cells, sorted by series.
    cell_start : ndarray of int, shape (series + 1,)
        Where the cells of each series begin.
    free : ndarray of int
        Coordinates of the other bias cells.
    anchor : ndarray, shape (read,)
        Weights of the logs of reads in the mean; those of a series sum to 1.
    start : ndarray of int, shape (series + 1,)
        Where the reflections of each series begin.
    reflections : ndarray, shape (reflection, coefficient)
        Vectors v of I - v v'.
    overlap : ndarray, shape (reflection, most reflections of a series)
        Inner products of each with those of its series.
    directions : ndarray, shape (reflection, coefficient)
        Directions that the reflections move to the front.
    power : ndarray, shape (reflection,)
        Power of the scale in the coordinate of each direction.
    """

    at: Places
    scale: int
    partial: int
    offset: int
    cells: np.ndarray
    cell_start: np.ndarray
    free: np.ndarray
    anchor: np.ndarray
    start: np.ndarray
    reflections: np.ndarray
    overlap: np.ndarray
    directions: np.ndarray
    power: np.ndarray


class CentredConstants(NamedTuple):
    """Constants of the published density, and the sampling coordinates."""

    published: Constants
    centring: Centring


class CentredWork(NamedTuple):
    """Rows of one thread, in addition to those of the published density.

    Attributes
    ----------
    place, slope : ndarray, shape (dim, lane)
        Coordinates and slopes.
    factors : ndarray, shape (coefficient, lane)
        One for each informed direction of a series.
    claims : Work
    """

    place: np.ndarray
    slope: np.ndarray
    factors: np.ndarray
    claims: Work


def workspace(k: CentredConstants) -> CentredWork:
    """Rows of one thread."""
    work = kernels.workspace(k.published)
    dim = len(work.position)
    return workspace_of(CentredWork, place=dim, slope=dim, factors=k.centring.reflections.shape[1], claims=work)


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


@inner
def _moments(k, c, t, anchor, w, value):
    """Mean and precision of a series' level given the totals of its cells."""
    at, p = c.at, k.places
    inverse = 1.0 / load(value, p.type_scale)
    precision = inverse * inverse
    weighted = precision * load(w, at.type_level)
    for i in range(c.cell_start[t], c.cell_start[t + 1]):
        pair = c.cells[i, 0]
        inverse = 1.0 / load(value, p.bias_source_scale + pair)
        shared = load(value, p.bias_scale) * load(value, p.bias_source_offset + pair)
        precision += inverse * inverse
        weighted += (inverse * inverse) * ((load(w, c.cells[i, 1]) - anchor) - shared)
    return weighted / precision, precision


@kernel
def _level_forward(k, c, t, anchor, w, x, value):
    """Offsets of a series' level and of its cells from their totals; returns the log Jacobian and the level."""
    at, p = c.at, k.places
    mean, precision = _moments(k, c, t, anchor, w, value)
    level = mean + load(w, at.type_offset + t) / square_root(precision)
    scale = load(value, p.type_scale)
    store(x, at.type_offset + t, (level - load(w, at.type_level)) / scale)
    total = -load(w, at.type_scale) - 0.5 * log(precision)
    for i in range(c.cell_start[t], c.cell_start[t + 1]):
        pair, row = c.cells[i, 0], c.cells[i, 1]
        shared = load(value, p.bias_scale) * load(value, p.bias_source_offset + pair)
        store(x, row, (((load(w, row) - anchor) - level) - shared) / load(value, p.bias_source_scale + pair))
        total -= load(w, at.bias_source_scale + pair)
    return total, level


@kernel
def _level_backward(k, c, t, anchor, w, x, slope, work):
    """Adjoint of :func:`_level_forward`; returns the slope in the anchor."""
    at, p, value, bar = c.at, k.places, work.value, work.bar
    mean, precision = _moments(k, c, t, anchor, w, value)
    z, scale = load(w, at.type_offset + t), load(value, p.type_scale)
    e = load(slope, at.type_offset + t) / scale
    level_bar = e
    for i in range(c.cell_start[t], c.cell_start[t + 1]):
        level_bar -= load(slope, c.cells[i, 1]) / load(value, p.bias_source_scale + c.cells[i, 0])
    # through mean and precision: a part with precision q and mean u has the weight q / precision
    turn = 0.5 * (z * level_bar / square_root(precision) + 1.0)
    inverse = 1.0 / scale
    share = inverse * inverse / precision
    add_to(bar, p.type_level, level_bar * share - e)
    pulled = level_bar * (load(w, at.type_level) - mean) - turn
    add_to(bar, p.type_scale, (-(e * scale * load(x, at.type_offset + t)) - 1.0 - 2.0 * share * pulled) * inverse)
    store(slope, at.type_offset + t, level_bar / square_root(precision))
    total = spread(0.0)
    for i in range(c.cell_start[t], c.cell_start[t + 1]):
        pair, row = c.cells[i, 0], c.cells[i, 1]
        inverse = 1.0 / load(value, p.bias_source_scale + pair)
        share, own = inverse * inverse / precision, load(slope, row)
        shared = load(value, p.bias_scale) * load(value, p.bias_source_offset + pair)
        pulled = level_bar * (((load(w, row) - anchor) - shared) - mean) - turn
        add_to(bar, p.bias_source_scale + pair, (-(own * load(x, row)) - 1.0 - 2.0 * share * pulled) * inverse)
        total_bar = own * inverse + level_bar * share
        add_to(bar, p.bias_scale, -(total_bar * load(value, p.bias_source_offset + pair)))
        add_to(bar, p.bias_source_offset + pair, -(total_bar * load(value, p.bias_scale)))
        store(slope, row, total_bar)
        total -= total_bar
    return total


@kernel
def _solve(k, c, t, w, x, work):
    """Standard coefficients of a series from centred ones; returns the log Jacobian."""
    m, rates = k.rates.n_coefficients, work.claims.rates
    first, own, log_scale = c.offset + t * m, load(rates.factor, t * k.sizes[3] + t), load(w, c.scale + t)
    n = c.start[t + 1] - c.start[t]
    for j in range(m):
        store(x, first + j, load(w, first + j))
    if n == 0:
        return spread(0.0)
    powers = 0.0
    products(c.directions, c.start[t], n, rates.mixed, 0, work.factors)
    for i in range(n):
        power = c.power[c.start[t] + i]
        powers += power
        store(x, first + i, (load(w, first + i) * exp(-(power * log_scale)) - load(work.factors, i)) / own)
    reflect_back(c, t, x, first, work.factors)
    return -(powers * log_scale + float(n) * log(own))


@kernel
def _solve_backward(k, c, t, w, x, slope, work):
    """Adjoint of :func:`_solve`: slopes of coordinates, factor and contributions of other series; returns that in the log scale."""
    m, rates = k.rates.n_coefficients, work.claims.rates
    first, diagonal = c.offset + t * m, t * k.sizes[3] + t
    n = c.start[t + 1] - c.start[t]
    if n == 0:
        return spread(0.0)
    own, log_scale = load(rates.factor, diagonal), load(w, c.scale + t)
    reflect(c, t, slope, first, work.factors)
    products(c.directions, c.start[t], n, x, first, work.factors)
    own_bar, scale_bar = spread(0.0), spread(0.0)
    for i in range(n):
        shrunk = load(slope, first + i) / own
        own_bar -= shrunk * load(work.factors, i) + 1.0 / own
        power = c.power[c.start[t] + i]
        slope_bar = shrunk * exp(-(power * log_scale))
        scale_bar -= power * (slope_bar * load(w, first + i) + 1.0)
        store(slope, first + i, slope_bar)
        store(work.factors, i, shrunk)
    subtract(c.directions, c.start[t], n, work.factors, rates.mixed_bar, t * m)
    add_to(rates.factor_bar, diagonal, own_bar)
    return scale_bar


@kernel
def _start(k, c, w, x):
    """The published position except for the offsets of types and splines; returns the log Jacobian."""
    at, n = c.at, k.sizes[3]
    for i in range(len(k.coordinates.coordinate)):
        row = k.coordinates.coordinate[i]
        store(x, row, load(w, row))
    total = _centred(w, x, at.dispersion_level, at.dispersion_scale, at.dispersion_offset, n)
    for i in range(k.offsets[1], k.offsets[1] + k.n_offsets[1]):
        store(x, i, load(w, i))
    return total + _centred(w, x, at.slope_level, at.slope_scale, at.slope_offset, n)


@kernel
def _series(k, c, t, w, x, work):
    """A series' spline, curve and level from its coordinates; returns the log Jacobian, the mean log of its reads and the level."""
    rates, shared = work.claims.rates, work.claims
    mix_forward(k.rates, t, x, c.offset, rates)
    total = _solve(k, c, t, w, x, work)
    spline_forward(k.rates, t, load(shared.value, k.rates.scale + t), x, c.offset, rates)
    curve(k, t, shared)
    anchor = spread(0.0)
    for i in range(k.read_start[t], k.read_start[t + 1]):
        if c.anchor[i] != 0.0:
            anchor += c.anchor[i] * load(shared.log_reads, i - k.read_start[t])
    log_jacobian, level = _level_forward(k, c, t, anchor, w, x, shared.value)
    return total + log_jacobian, anchor, level


@kernel
def _series_claims(k, c, t, anchor, level, w, x, slope, work):
    """Log density of a series, with the slopes of its level and cells, and the published ones of its spline."""
    p, m, row = k.places, k.rates.n_coefficients, c.at.type_offset + t
    total = standard(row, 1, x, slope)
    for i in range(c.cell_start[t], c.cell_start[t + 1]):
        total += standard(c.cells[i, 1], 1, x, slope)
    gain, level_bar = claims(k, t, level, x, work, slope)
    add_to(work.bar, p.type_level, level_bar)
    add_to(work.bar, p.type_scale, level_bar * load(x, row))
    add_to(slope, row, level_bar * load(work.value, p.type_scale))
    pull = _level_backward(k, c, t, anchor, w, x, slope, work)
    for i in range(k.read_start[t], k.read_start[t + 1]):
        if c.anchor[i] != 0.0:
            add_to(work.reads_bar, i - k.read_start[t], c.anchor[i] * pull)
    curve_slopes(k, t, work)
    return total + gain + standard(c.offset + t * m, m, x, slope)


@kernel
def _end(k, c, w, x, slope, work):
    """From published slopes to those of the coordinates."""
    at, n = c.at, k.sizes[3]
    for step in range(n):
        t = n - 1 - step
        scale = load(work.claims.value, k.rates.scale + t)
        mix_backward(k.rates, t, x, slope, c.offset, work.claims.rates)
        scale_bar = spline_backward(k.rates, t, scale, x, slope, c.offset, work.claims.rates)
        scale_bar += _solve_backward(k, c, t, w, x, slope, work)
        add_to(work.claims.bar, k.rates.scale + t, scale_bar / scale)
    end(k, x, work.claims, slope)
    _centred_backward(w, x, slope, at.dispersion_level, at.dispersion_scale, at.dispersion_offset, n)
    _centred_backward(w, x, slope, at.slope_level, at.slope_scale, at.slope_offset, n)


@kernel
def centred(k, c, w, work, slope):
    """Log density at coordinates, whose slopes are filled."""
    x = work.claims.position
    total = _start(k, c, w, x) + begin(k, x, work.claims)
    for i in range(len(c.free)):
        total += standard(c.free[i], 1, x, slope)
    for t in range(k.sizes[3]):
        log_jacobian, anchor, level = _series(k, c, t, w, x, work)
        total += log_jacobian + _series_claims(k, c, t, anchor, level, w, x, slope, work.claims)
    _end(k, c, w, x, slope, work)
    return total


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at coordinates (dim, chain)."""
    n_chain, total = position.shape[1], work.claims.total
    for first in range(0, n_chain, LANES):
        n, w, slope = min(LANES, n_chain - first), position, gradient
        if n_chain != LANES:
            w, slope = work.place, work.slope
            take(position, first, n, w)
        store(total, 0, centred(k.published, k.centring, w, work, slope))
        for j in range(n):
            value[first + j] = total[0, j]
        if n_chain != LANES:
            give(slope, gradient, first, n)


@entry
def published_positions(k, work, position, out):
    """Fill the published positions (dim, chain) of coordinates (dim, chain)."""
    published, centring = k.published, k.centring
    n_chain, w, x = position.shape[1], work.place, work.claims.position
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        take(position, first, n, w)
        _start(published, centring, w, x)
        begin(published, x, work.claims)
        for t in range(published.sizes[3]):
            _series(published, centring, t, w, x, work)
        give(x, out, first, n)
