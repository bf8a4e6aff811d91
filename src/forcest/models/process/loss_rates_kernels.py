"""Loss rates for sixteen chains: from parameters to the cumulative losses that claims read, and slopes back.

Only four basis functions are not zero at a date, so a spline costs four products a day; the correlation of the series costs a
triangular product per coefficient. In the reverse pass, a running sum from the last date turns slopes of cumulative losses into
slopes of rates. Series are processed one after the other, so that a density with further terms can compute them while the series is
in the cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, exp, inner, kernel, load, log, spread, square_root, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.loss_rates import DEGREE, LossRates

SUPPORT = DEGREE + 1


class RateConstants(NamedTuple):
    """Rows of the parameters among the values, and the splines.

    Attributes
    ----------
    levels : ndarray of int, shape (series, 2)
        Values whose product is the level of a series; the second is -1 where there is one alone.
    event, slope, scale, partial, offset : int
        First value of each parameter; ``partial`` is -1 for a single series.
    n_events : int
    event_at : ndarray of int, shape (series, date)
        Event on whose days a node lies, -1 for none; without rows if there are no events.
    n_series, n_coefficients : int
    first : ndarray of int, shape (date,)
        First basis function that is not zero.
    weights : ndarray, shape (date, 4)
    years, spans : ndarray, shape (date,)
    daily : ndarray of int, shape (series, date)
        Rows of the reads for the losses of a step; -1 where no claim reads them; without rows if none are read.
    """

    levels: np.ndarray
    event: int
    n_events: int
    event_at: np.ndarray
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
        Square root of the variance that the previous columns leave.
    spline, spline_bar : ndarray, shape (series * coefficient, lane)
    mixed : ndarray, shape (coefficient, lane)
        Part of the coefficients of a series that comes from the offsets of the series before it.
    mixed_bar : ndarray, shape (series * coefficient, lane)
        Slopes in the products of factor and offsets.
    losses : ndarray, shape (series * date, lane)
        Losses of each step.
    events, events_bar : ndarray, shape (event, lane)
        Log ratios of the events, and slopes in them.
    """

    factor: np.ndarray
    factor_bar: np.ndarray
    left: np.ndarray
    spline: np.ndarray
    spline_bar: np.ndarray
    mixed: np.ndarray
    mixed_bar: np.ndarray
    losses: np.ndarray
    events: np.ndarray
    events_bar: np.ndarray


def rate_constants(term: LossRates, coordinates: Coordinates, daily: np.ndarray | None = None) -> RateConstants:
    """Constants of a term."""
    none = np.zeros((0, 0), dtype=np.int64)
    first = np.minimum((term.basis > 0).argmax(axis=1), term.basis.shape[1] - SUPPORT)
    return RateConstants(
        levels=_level_rows(term, coordinates),
        event=coordinates.row("loss_event"),
        n_events=len(term.events),
        event_at=term.event_at.astype(np.int64) if term.events else none,
        slope=coordinates.row("loss_slope"),
        scale=coordinates.row("loss_scale"),
        partial=coordinates.row("loss_partial"),
        offset=coordinates.row("loss_offset"),
        n_series=len(term.labels),
        n_coefficients=term.basis.shape[1],
        first=first,
        weights=np.take_along_axis(term.basis, first[:, None] + np.arange(SUPPORT), axis=1),
        years=term.years,
        spans=term.spans,
        daily=none if daily is None else daily,
    )


def _level_rows(term: LossRates, coordinates: Coordinates) -> np.ndarray:
    base, ratio = term.level_entries
    ratios = np.where(ratio >= 0, coordinates.row("loss_ratio") + ratio, -1)
    return np.stack([coordinates.row("loss_rate") + base, ratios], axis=1).astype(np.int64)


def rate_work(k: RateConstants) -> RateWork:
    """Rows of one thread."""
    square, coefficients = k.n_series**2, k.n_series * k.n_coefficients
    return workspace_of(
        RateWork,
        factor=square,
        factor_bar=square,
        left=square,
        spline=coefficients,
        spline_bar=coefficients,
        mixed=k.n_coefficients,
        mixed_bar=coefficients,
        losses=k.n_series * len(k.first),
        events=k.n_events,
        events_bar=k.n_events,
    )


@kernel
def factor_forward(k, value, work):
    """The Cholesky factor of the correlations from partial correlations."""
    n, at = k.n_series, k.partial
    if at < 0:
        store(work.factor, 0, spread(1.0))
        return
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
    """Adjoint of :func:`factor_forward`: adds to the slopes of the partial correlations."""
    n = k.n_series if k.partial >= 0 else 0
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
def mix_forward(k, series, offsets, first, work):
    """Contribution of the series before a series: factor times their offsets, in rows from ``first`` on."""
    n, m = k.n_series, k.n_coefficients
    for j in range(m):
        store(work.mixed, j, spread(0.0))
    fours = series - series % 4
    for other in range(0, fours, 4):
        at = series * n + other
        a, b, c, d = load(work.factor, at), load(work.factor, at + 1), load(work.factor, at + 2), load(work.factor, at + 3)
        for j in range(m):
            row = first + other * m + j
            pair = load(work.mixed, j) + a * load(offsets, row) + b * load(offsets, row + m)
            store(work.mixed, j, pair + (c * load(offsets, row + 2 * m) + d * load(offsets, row + 3 * m)))
    for other in range(fours, series):
        a = load(work.factor, series * n + other)
        for j in range(m):
            store(work.mixed, j, load(work.mixed, j) + a * load(offsets, first + other * m + j))


@kernel
def mix_backward(k, series, offsets, slopes, first, work):
    """Adjoint of :func:`mix_forward`: adds to ``slopes`` of the offsets of a series, and fills those of the factor."""
    n, m = k.n_series, k.n_coefficients
    at, after = first + series * m, n - 1 - series
    for step in range(after // 2):
        later = series + 1 + 2 * step
        a, b = load(work.factor, later * n + series), load(work.factor, (later + 1) * n + series)
        a_bar, b_bar = spread(0.0), spread(0.0)
        for j in range(m):
            one, two, offset = load(work.mixed_bar, later * m + j), load(work.mixed_bar, later * m + m + j), load(offsets, at + j)
            a_bar += one * offset
            b_bar += two * offset
            store(slopes, at + j, load(slopes, at + j) + a * one + b * two)
        store(work.factor_bar, later * n + series, a_bar)
        store(work.factor_bar, (later + 1) * n + series, b_bar)
    if after % 2:
        a, a_bar = load(work.factor, n * n - n + series), spread(0.0)
        for j in range(m):
            one = load(work.mixed_bar, n * m - m + j)
            a_bar += one * load(offsets, at + j)
            store(slopes, at + j, load(slopes, at + j) + a * one)
        store(work.factor_bar, n * n - n + series, a_bar)


@kernel
def spline_forward(k, series, scale, offsets, first, work):
    """Coefficients of a series after :func:`mix_forward`: scale times factor times offsets."""
    m, own = k.n_coefficients, load(work.factor, series * k.n_series + series)
    for j in range(m):
        store(work.spline, series * m + j, scale * (load(work.mixed, j) + own * load(offsets, first + series * m + j)))


@kernel
def spline_backward(k, series, scale, offsets, slopes, first, work):
    """Adjoint of :func:`spline_forward`; returns the slope in the log of the scale."""
    m, own, diagonal = k.n_coefficients, load(work.factor, series * k.n_series + series), series * k.n_series + series
    scale_bar, own_bar = spread(0.0), spread(0.0)
    for j in range(m):
        row, at = series * m + j, first + series * m + j
        spline_bar = load(work.spline_bar, row)
        bar = spline_bar * scale
        scale_bar += spline_bar * load(work.spline, row)
        own_bar += bar * load(offsets, at)
        store(slopes, at, load(slopes, at) + own * bar)
        store(work.mixed_bar, row, bar)
    store(work.factor_bar, diagonal, own_bar)
    return scale_bar


@kernel
def curve_forward(k, series, level, slope, table, first, work, reads):
    """Losses of each step of a series, in rows from ``first`` on, and the reads of cumulative and single losses."""
    total = spread(0.0)
    for t in range(len(k.first)):
        at = series * k.n_coefficients + k.first[t]
        pair = k.weights[t, 0] * load(work.spline, at) + k.weights[t, 1] * load(work.spline, at + 1)
        other = k.weights[t, 2] * load(work.spline, at + 2) + k.weights[t, 3] * load(work.spline, at + 3)
        rate = (level + k.years[t] * slope) + (pair + other)
        if len(k.event_at) and k.event_at[series, t] >= 0:
            rate += load(work.events, k.event_at[series, t])
        losses = k.spans[t] * exp(rate)
        total += losses
        store(work.losses, first + t, losses)
        if table[series, t] >= 0:
            store(reads, table[series, t], total)
        if len(k.daily) and k.daily[series, t] >= 0:
            store(reads, k.daily[series, t], losses)


@kernel
def curve_backward(k, series, table, first, work, reads_bar):
    """Adjoint of :func:`curve_forward`: fills slopes of the coefficients, and returns those of level and slope."""
    size, m = len(k.first), k.n_coefficients
    for j in range(m):
        store(work.spline_bar, series * m + j, spread(0.0))
    later, level_bar, slope_bar = spread(0.0), spread(0.0), spread(0.0)
    for step in range(size):
        t = size - 1 - step
        if table[series, t] >= 0:
            later += load(reads_bar, table[series, t])
        slope = later
        if len(k.daily) and k.daily[series, t] >= 0:
            slope += load(reads_bar, k.daily[series, t])
        slope = slope * load(work.losses, first + t)
        level_bar += slope
        slope_bar += k.years[t] * slope
        if len(k.event_at) and k.event_at[series, t] >= 0:
            add_to(work.events_bar, k.event_at[series, t], slope)
        at = series * m + k.first[t]
        for i in range(SUPPORT):
            store(work.spline_bar, at + i, load(work.spline_bar, at + i) + k.weights[t, i] * slope)
    return level_bar, slope_bar


@inner
def log_level(k, value, series):
    """Log rate of a series in the middle of the calendar."""
    level = log(load(value, k.levels[series, 0]))
    if k.levels[series, 1] >= 0:
        level += log(load(value, k.levels[series, 1]))
    return level


@inner
def log_level_backward(k, value, bar, series, level_bar):
    """Adjoint of :func:`log_level`."""
    for i in range(2):
        if k.levels[series, i] >= 0:
            add_to(bar, k.levels[series, i], level_bar / load(value, k.levels[series, i]))


@kernel
def rates_forward(k, value, table, work, reads):
    """Fill the reads of cumulative losses (``table``, series by date; -1 where no claim reads) and of single steps."""
    factor_forward(k, value, work)
    for event in range(k.n_events):
        store(work.events, event, log(load(value, k.event + event)))
    for series in range(k.n_series):
        mix_forward(k, series, value, k.offset, work)
        spline_forward(k, series, load(value, k.scale + series), value, k.offset, work)
        level, slope = log_level(k, value, series), load(value, k.slope + series)
        curve_forward(k, series, level, slope, table, series * len(k.first), work, reads)


@kernel
def rates_backward(k, value, bar, table, work, reads_bar):
    """Adjoint of :func:`rates_forward`: adds to the slopes of the parameters."""
    for event in range(k.n_events):
        store(work.events_bar, event, spread(0.0))
    for step in range(k.n_series):
        series = k.n_series - 1 - step
        level_bar, slope_bar = curve_backward(k, series, table, series * len(k.first), work, reads_bar)
        log_level_backward(k, value, bar, series, level_bar)
        add_to(bar, k.slope + series, slope_bar)
        scale = load(value, k.scale + series)
        add_to(bar, k.scale + series, spline_backward(k, series, scale, value, bar, k.offset, work) / scale)
        mix_backward(k, series, value, bar, k.offset, work)
    factor_backward(k, value, bar, work)
    for event in range(k.n_events):
        add_to(bar, k.event + event, load(work.events_bar, event) / load(value, k.event + event))
