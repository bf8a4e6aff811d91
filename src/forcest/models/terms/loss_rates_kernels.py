# pyright: reportArgumentType=false, reportCallIssue=false, reportOperatorIssue=false
"""Loss rates for sixteen chains: from parameters to the cumulative losses that claims read, and slopes back.

Only four basis functions are not zero at a date, so a spline costs four products a day; the correlation of the series costs a
triangular product per coefficient. Backward, a running sum from the last date turns slopes of cumulative losses into slopes of
rates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.coordinates import Coordinates
from forcest.models.lanes import add_to, aligned_rows, exp, inner, kernel, load, log, spread, square_root, store
from forcest.models.terms.loss_rates import DEGREE, LossRates

SUPPORT = DEGREE + 1


class RateConstants(NamedTuple):
    """Where the parameters stand, and the splines.

    Attributes
    ----------
    level, slope, scale, partial, offset : int
        First value of each parameter; ``partial`` is -1 for a single series.
    n_series, n_coefficients : int
    first : ndarray of int, shape (date,)
        First basis function that is not zero.
    weights : ndarray, shape (date, 4)
    years, spans : ndarray, shape (date,)
    daily : ndarray of int, shape (series, date)
        Rows of the reads that take the losses of a step; -1 where nobody reads them; without rows if none are read.
    """

    level: int
    slope: int
    scale: int
    partial: int
    offset: int
    n_series: int
    n_coefficients: int
    first: np.ndarray
    weights: np.ndarray
    years: np.ndarray
    spans: np.ndarray
    daily: np.ndarray


class RateWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    factor, factor_bar : ndarray, shape (series * series, lane)
        The Cholesky factor, row by row, and slopes in it.
    left : ndarray, shape (series * series, lane)
        Square root of the variance that the columns before have left over.
    spline, spline_bar : ndarray, shape (series * coefficient, lane)
    losses : ndarray, shape (series * date, lane)
        Losses of each step.
    """

    factor: np.ndarray
    factor_bar: np.ndarray
    left: np.ndarray
    spline: np.ndarray
    spline_bar: np.ndarray
    losses: np.ndarray


def rate_constants(term: LossRates, coordinates: Coordinates, daily: np.ndarray | None = None) -> RateConstants:
    """Constants of a term whose parameters stand in a layout."""
    first = np.minimum((term.basis > 0).argmax(axis=1), term.basis.shape[1] - SUPPORT)
    return RateConstants(
        *(coordinates.row(f"loss_{name}") for name in ("rate", "slope", "scale", "partial", "offset")),
        n_series=len(term.labels),
        n_coefficients=term.basis.shape[1],
        first=first,
        weights=np.take_along_axis(term.basis, first[:, None] + np.arange(SUPPORT), axis=1),
        years=term.years,
        spans=term.spans,
        daily=np.zeros((0, 0), dtype=np.int64) if daily is None else daily,
    )


def rate_work(k: RateConstants) -> RateWork:
    """Rows for one thread."""
    square, coefficients = k.n_series**2, k.n_series * k.n_coefficients
    return RateWork(*(aligned_rows(n) for n in (square, square, square, coefficients, coefficients, k.n_series * len(k.first))))


@kernel
def factor_forward(k, value, work):
    """The Cholesky factor of the correlations from partial correlations."""
    n, at = k.n_series, k.partial
    for row in range(n):
        left = spread(1.0)
        for column in range(row):
            r = load(value, at)
            at += 1
            store(work.left, row * n + column, left)
            store(work.factor, row * n + column, r * left)
            left = left * square_root(1.0 - r * r)
        store(work.factor, row * n + row, left)


@kernel
def factor_backward(k, value, bar, work):
    """Add to the slopes of the partial correlations what the slopes of the factor say."""
    n = k.n_series
    for row in range(n):
        first = k.partial + row * (row - 1) // 2
        left_bar = load(work.factor_bar, row * n + row)
        for step in range(row):
            column = row - 1 - step
            r, left = load(value, first + column), load(work.left, row * n + column)
            rest = square_root(1.0 - r * r)
            factor_bar = load(work.factor_bar, row * n + column)
            add_to(bar, first + column, left * (factor_bar - left_bar * (r / rest)))
            left_bar = factor_bar * r + left_bar * rest


@kernel
def _splines_forward(k, value, work):
    """Coefficients of every series: scale times factor times offsets."""
    n, m = k.n_series, k.n_coefficients
    for j in range(m):
        for row in range(n):
            total = load(work.factor, row * n + row) * load(value, k.offset + row * m + j)
            for column in range(row):
                total += load(work.factor, row * n + column) * load(value, k.offset + column * m + j)
            store(work.spline, row * m + j, load(value, k.scale + row) * total)


@kernel
def _splines_backward(k, value, bar, work):
    n, m = k.n_series, k.n_coefficients
    for row in range(n):
        scale, total = load(value, k.scale + row), spread(0.0)
        for j in range(m):
            slope = load(work.spline_bar, row * m + j)
            total += slope * load(work.spline, row * m + j)
            store(work.spline_bar, row * m + j, slope * scale)
        add_to(bar, k.scale + row, total / scale)
    for j in range(m):
        for row in range(n):
            slope = load(work.spline_bar, row * m + j)
            for column in range(row + 1):
                add_to(bar, k.offset + column * m + j, slope * load(work.factor, row * n + column))
                add_to(work.factor_bar, row * n + column, slope * load(value, k.offset + column * m + j))


@inner
def _log_rate(k, value, work, series, t, level):
    at = series * k.n_coefficients + k.first[t]
    total = level + k.years[t] * load(value, k.slope + series)
    for i in range(SUPPORT):
        total += k.weights[t, i] * load(work.spline, at + i)
    return total


@kernel
def rates_forward(k, value, table, work, reads):
    """Fill the reads of cumulative losses (``table``, series by date; -1 where nobody reads) and of the losses of single steps."""
    if k.partial >= 0:
        factor_forward(k, value, work)
    else:
        store(work.factor, 0, spread(1.0))
    _splines_forward(k, value, work)
    curves_forward(k, value, table, work, reads)


@kernel
def curves_forward(k, value, table, work, reads):
    """The reads from the coefficients of the splines."""
    size = len(k.first)
    for series in range(k.n_series):
        level, total = log(load(value, k.level + series)), spread(0.0)
        for t in range(size):
            losses = k.spans[t] * exp(_log_rate(k, value, work, series, t, level))
            total += losses
            store(work.losses, series * size + t, losses)
            if table[series, t] >= 0:
                store(reads, table[series, t], total)
            if len(k.daily) and k.daily[series, t] >= 0:
                store(reads, k.daily[series, t], losses)


@kernel
def rates_backward(k, value, bar, table, work, reads_bar):
    """Add to the slopes of the parameters what the slopes of the reads say."""
    size, m = len(k.first), k.n_coefficients
    for i in range(k.n_series * m):
        store(work.spline_bar, i, spread(0.0))
    for i in range(k.n_series * k.n_series):
        store(work.factor_bar, i, spread(0.0))
    for series in range(k.n_series):
        later, level_bar, slope_bar = spread(0.0), spread(0.0), spread(0.0)
        for step in range(size):
            t = size - 1 - step
            if table[series, t] >= 0:
                later += load(reads_bar, table[series, t])
            slope = later
            if len(k.daily) and k.daily[series, t] >= 0:
                slope += load(reads_bar, k.daily[series, t])
            slope = slope * load(work.losses, series * size + t)
            level_bar += slope
            slope_bar += k.years[t] * slope
            for i in range(SUPPORT):
                add_to(work.spline_bar, series * m + k.first[t] + i, k.weights[t, i] * slope)
        add_to(bar, k.level + series, level_bar / load(value, k.level + series))
        add_to(bar, k.slope + series, slope_bar)
    _splines_backward(k, value, bar, work)
    if k.partial >= 0:
        factor_backward(k, value, bar, work)
