r"""The published density for sixteen chains: value and gradient, stable for any dispersion.

With A = y + phi and d = (mu - y)/A the log probability of a negative binomial report is

.. math:: y\log\mu - \log y! - y - \tfrac12\log A + \tfrac12\log 2\pi + c(A) + h(\phi) - A\log(1 + d)

where c is the remainder of Stirling's series and :math:`h(\phi) = \phi\log\phi - \phi - \log\Gamma(\phi)`: no large numbers are
subtracted from each other, and the limit of infinite phi is the Poisson probability. For reports below ten, where the series is not
accurate enough, the product of (1 + k/phi), k < y, is used instead. Means are products of a cumulative loss and the exponential of
the bias of a cell, so that a report costs two logarithms. Curves are computed at level 0 and multiplied by the level, so that the
sampling coordinates can derive the level from the curve. Each series is computed completely while it is in the cache.
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
    store,
    take,
    where_less,
    workspace_of,
)
from forcest.models.parameters.coordinates_kernels import CoordinateConstants, parameters_backward, parameters_forward
from forcest.models.process.loss_rates_kernels import (
    RateConstants,
    RateWork,
    curve_backward,
    curve_forward,
    factor_backward,
    factor_forward,
    mix_backward,
    mix_forward,
    rate_work,
    spline_backward,
    spline_forward,
)
from forcest.models.radford2023.size_kernels import digamma_remainder, log_of_one_plus, size_terms, stirling_remainder

STIRLING_FROM = 10


class Places(NamedTuple):
    """First value of each parameter of the claims and of the series."""

    dispersion_level: int
    dispersion_scale: int
    dispersion_offset: int
    bias_scale: int
    bias_source_scale: int
    bias_source_offset: int
    bias_offset: int
    minimum_level: int
    maximum_level: int
    minimum_scale: int
    maximum_scale: int
    minimum_offset: int
    maximum_offset: int
    type_level: int
    type_scale: int
    type_offset: int
    slope_level: int
    slope_scale: int
    slope_offset: int


class Constants(NamedTuple):
    """Everything that chains share.

    Attributes
    ----------
    coordinates, rates : NamedTuple
        Constants of the terms; the coordinates are those of all parameters but the offsets of types, bias cells and splines.
    places : Places
    table : ndarray of int, shape (series, date)
        Reads of the cumulative losses, counted within the series; -1 where no report reads them.
    cells : ndarray of int, shape (cell, 5)
        Bias cells with reports: source-country pair, coordinate of the bias by kind, source, minimum, maximum;
        sorted by series.
    small, large : ndarray of int, shape (report, 3)
        Cumulative reports below ten, and of ten or more: read within the series, cell, count; sorted by series.
    daily : ndarray of int, shape (report, 3)
        Daily reports in the same form.
    small_start, large_start, daily_start, read_start, cell_start : ndarray of int, shape (series + 1,)
    read_counts, cell_counts : ndarray
        Sum of the counts of the reports of a read or a cell.
    offsets : tuple of int
        First coordinate of the offsets of types, of bias cells and of splines.
    n_offsets : tuple of int
        Numbers of these offsets.
    total : float
        Constant part of the log density: log y! of all reports and Stirling's constants.
    sizes : tuple of int
        Coordinates, values, most reads of a series, series.
    """

    coordinates: CoordinateConstants
    rates: RateConstants
    places: Places
    table: np.ndarray
    cells: np.ndarray
    small: np.ndarray
    large: np.ndarray
    daily: np.ndarray
    small_start: np.ndarray
    large_start: np.ndarray
    daily_start: np.ndarray
    read_start: np.ndarray
    cell_start: np.ndarray
    read_counts: np.ndarray
    cell_counts: np.ndarray
    offsets: tuple[int, int, int]
    n_offsets: tuple[int, int, int]
    total: float
    sizes: tuple[int, int, int, int]


class Work(NamedTuple):
    """Rows of one thread: positions, values, reads of a series and exponentials of bias cells, each with its slopes."""

    position: np.ndarray
    gradient: np.ndarray
    value: np.ndarray
    bar: np.ndarray
    reads: np.ndarray
    log_reads: np.ndarray
    reads_bar: np.ndarray
    cells: np.ndarray
    cells_bar: np.ndarray
    total: np.ndarray
    rates: RateWork


def workspace(k: Constants) -> Work:
    """Rows of one thread."""
    dim, n_values, n_reads, _ = k.sizes
    return workspace_of(
        Work,
        position=dim,
        gradient=dim,
        value=n_values,
        bar=n_values,
        reads=n_reads,
        log_reads=n_reads,
        reads_bar=n_reads,
        cells=len(k.cells),
        cells_bar=len(k.cells),
        total=1,
        rates=rate_work(k.rates),
    )


@inner
def _add_scaled(value, bar, level, scale, offset, slope):
    """Slopes of level + scale * offset."""
    add_to(bar, level, slope)
    add_to(bar, scale, slope * load(value, offset))
    add_to(bar, offset, slope * load(value, scale))


@kernel
def _cells_forward(k, j, x, work):
    """Exponential of the bias of every cell of a series; returns the sum of log biases times counts."""
    p, value, total = k.places, work.value, spread(0.0)
    for i in range(k.cell_start[j], k.cell_start[j + 1]):
        pair, cell, source = k.cells[i, 0], k.cells[i, 1], k.cells[i, 2]
        bias = load(value, p.bias_scale) * load(value, p.bias_source_offset + pair)
        bias += load(value, p.bias_source_scale + pair) * load(x, cell)
        if k.cells[i, 3]:
            bias += load(value, p.minimum_level) + load(value, p.minimum_scale) * load(value, p.minimum_offset + source)
        if k.cells[i, 4]:
            bias += load(value, p.maximum_level) + load(value, p.maximum_scale) * load(value, p.maximum_offset + source)
        total += k.cell_counts[i] * bias
        store(work.cells, i, exp(bias))
        store(work.cells_bar, i, spread(k.cell_counts[i]))
    return total


@kernel
def _cells_backward(k, j, x, work, gradient):
    """Adjoint of :func:`_cells_forward`: slopes of the cells' offsets are added to the gradient."""
    p, value, bar = k.places, work.value, work.bar
    for i in range(k.cell_start[j], k.cell_start[j + 1]):
        pair, cell, source = k.cells[i, 0], k.cells[i, 1], k.cells[i, 2]
        slope = load(work.cells_bar, i)
        add_to(bar, p.bias_scale, slope * load(value, p.bias_source_offset + pair))
        add_to(bar, p.bias_source_offset + pair, slope * load(value, p.bias_scale))
        add_to(bar, p.bias_source_scale + pair, slope * load(x, cell))
        add_to(gradient, cell, slope * load(value, p.bias_source_scale + pair))
        if k.cells[i, 3]:
            _add_scaled(value, bar, p.minimum_level, p.minimum_scale, p.minimum_offset + source, slope)
        if k.cells[i, 4]:
            _add_scaled(value, bar, p.maximum_level, p.maximum_scale, p.maximum_offset + source, slope)


@kernel
def _large_reports(k, j, level, size, work):
    """Cumulative reports of ten or more of a series: their log probability, and the slope in the size."""
    total, size_bar = spread(0.0), spread(0.0)
    for i in range(k.large_start[j], k.large_start[j + 1]):
        read, cell, count = k.large[i, 0], k.large[i, 1], float(k.large[i, 2])
        mean = level * load(work.reads, read) * load(work.cells, cell)
        whole = size + count
        inverse = 1.0 / whole
        excess = (mean - count) * inverse
        ratio = (size + mean) * inverse
        inverse_ratio = 1.0 / ratio
        near_one = (excess - (ratio - 1.0)) * inverse_ratio  # corrects the rounding of the ratio near one
        log_ratio = log(ratio) + where_less(ratio, spread(0.5), spread(0.0), near_one)
        total += stirling_remainder(inverse) - 0.5 * log(whole) - whole * log_ratio
        size_bar += digamma_remainder(inverse) - log_ratio + excess * inverse_ratio
        slope = -(mean * inverse_ratio)  # in the log mean, without the count, which is added elsewhere
        add_to(work.reads_bar, read, slope)
        add_to(work.cells_bar, cell, slope)
    return total, size_bar


@kernel
def _small_reports(k, j, level, size, work):
    """Cumulative reports below ten of a series: their log probability, and the slope in the size."""
    total, size_bar = spread(0.0), spread(0.0)
    inverse_size = 1.0 / size
    for i in range(k.small_start[j], k.small_start[j + 1]):
        read, cell, count = k.small[i, 0], k.small[i, 1], k.small[i, 2]
        mean = level * load(work.reads, read) * load(work.cells, cell)
        product, slopes = spread(1.0), spread(0.0)
        for m in range(1, count):
            product = product * (1.0 + float(m) * inverse_size)
            slopes -= (float(m) * inverse_size) / (size + float(m))
        whole, relative = size + float(count), mean * inverse_size
        rest = log_of_one_plus(relative)
        share = mean / (size + mean)
        total += log(product) - whole * rest
        size_bar += slopes - rest + whole * share * inverse_size
        slope = -(whole * share)
        add_to(work.reads_bar, read, slope)
        add_to(work.cells_bar, cell, slope)
    return total, size_bar


@kernel
def _daily_reports(k, j, level, work):
    """Daily reports of a series: their log probability."""
    total = spread(0.0)
    for i in range(k.daily_start[j], k.daily_start[j + 1]):
        read, cell = k.daily[i, 0], k.daily[i, 1]
        mean = level * load(work.reads, read) * load(work.cells, cell)
        total -= mean
        add_to(work.reads_bar, read, -mean)
        add_to(work.cells_bar, cell, -mean)
    return total


@kernel
def curve(k, j, work):
    """Reads of a series at level 0, and their logs."""
    slope = load(work.value, k.places.slope_level) + load(work.value, k.places.slope_scale) * load(
        work.value, k.places.slope_offset + j
    )
    curve_forward(k.rates, j, spread(0.0), slope, k.table, 0, work.rates, work.reads)
    for i in range(k.read_start[j + 1] - k.read_start[j]):
        store(work.log_reads, i, log(load(work.reads, i)))


@kernel
def claims(k, j, log_level, x, work, gradient):
    """Log likelihood of a series' reports, and its slope in the log level; slopes in log reads stay in the work."""
    p, value, begin, n = k.places, work.value, k.read_start[j], k.read_start[j + 1] - k.read_start[j]
    total, level = _cells_forward(k, j, x, work), exp(log_level)
    for i in range(n):
        count = k.read_counts[begin + i]
        total += count * (load(work.log_reads, i) + log_level)
        store(work.reads_bar, i, spread(count))
    dispersion = load(value, p.dispersion_level) + load(value, p.dispersion_scale) * load(value, p.dispersion_offset + j)
    size = exp(-dispersion)
    terms, slope = size_terms(size)
    n_large = float(k.large_start[j + 1] - k.large_start[j])
    large, large_bar = _large_reports(k, j, level, size, work)
    small, small_bar = _small_reports(k, j, level, size, work)
    total += n_large * terms + large + small + _daily_reports(k, j, level, work)
    size_bar = n_large * slope + large_bar + small_bar
    _add_scaled(value, work.bar, p.dispersion_level, p.dispersion_scale, p.dispersion_offset + j, -(size * size_bar))
    _cells_backward(k, j, x, work, gradient)
    level_bar = spread(0.0)
    for i in range(n):
        level_bar += load(work.reads_bar, i)
    return total, level_bar


@kernel
def curve_slopes(k, j, work):
    """From slopes in a series' log reads to those in the coefficients of its spline and in its slope."""
    p = k.places
    for i in range(k.read_start[j + 1] - k.read_start[j]):
        store(work.reads_bar, i, load(work.reads_bar, i) / load(work.reads, i))
    _, slope = curve_backward(k.rates, j, k.table, 0, work.rates, work.reads_bar)
    _add_scaled(work.value, work.bar, p.slope_level, p.slope_scale, p.slope_offset + j, slope)


@kernel
def begin(k, position, work):
    """Fill values and the factor of the correlations; returns the log prior and the constant part of the log density."""
    total = parameters_forward(k.coordinates, position, work.value)
    for i in range(len(k.coordinates.row)):
        store(work.bar, k.coordinates.row[i], spread(0.0))
    factor_forward(k.rates, work.value, work.rates)
    return total + k.total


@kernel
def standard(first, n, x, gradient):
    """Log density, up to its constant, and slopes of ``n`` standard normal offsets from row ``first`` on."""
    total = spread(0.0)
    for i in range(first, first + n):
        offset = load(x, i)
        total -= 0.5 * offset * offset
        store(gradient, i, -offset)
    return total


@kernel
def end(k, position, work, gradient):
    """Slopes of all parameters except the offsets of types, bias cells and splines."""
    factor_backward(k.rates, work.value, work.bar, work.rates)
    parameters_backward(k.coordinates, position, work.value, work.bar, gradient)


@kernel
def published(k, position, work, gradient):
    """Log density at a published position, whose gradient is filled."""
    value, p, first = work.value, k.places, k.offsets[2]
    total = begin(k, position, work)
    for i in range(3):
        total += standard(k.offsets[i], k.n_offsets[i], position, gradient)
    for j in range(k.sizes[3]):
        mix_forward(k.rates, j, position, first, work.rates)
        spline_forward(k.rates, j, load(value, k.rates.scale + j), position, first, work.rates)
        curve(k, j, work)
        offset, scale = load(position, k.offsets[0] + j), load(value, p.type_scale)
        gain, level_bar = claims(k, j, load(value, p.type_level) + scale * offset, position, work, gradient)
        total += gain
        add_to(work.bar, p.type_level, level_bar)
        add_to(work.bar, p.type_scale, level_bar * offset)
        add_to(gradient, k.offsets[0] + j, level_bar * scale)
        curve_slopes(k, j, work)
    for step in range(k.sizes[3]):
        j = k.sizes[3] - 1 - step
        scale = load(value, k.rates.scale + j)
        add_to(work.bar, k.rates.scale + j, spline_backward(k.rates, j, scale, position, gradient, first, work.rates) / scale)
        mix_backward(k.rates, j, position, gradient, first, work.rates)
    end(k, position, work, gradient)
    return total


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
    n_chain = position.shape[1]
    for first in range(0, n_chain, LANES):
        n, x, slope = min(LANES, n_chain - first), position, gradient
        if n_chain != LANES:
            x, slope = work.position, work.gradient
            take(position, first, n, x)
        store(work.total, 0, published(k, x, work, slope))
        for c in range(n):
            value[first + c] = work.total[0, c]
        if n_chain != LANES:
            give(slope, gradient, first, n)
