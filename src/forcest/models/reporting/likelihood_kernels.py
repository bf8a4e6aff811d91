r"""The likelihood of claims for sixteen chains, value and slopes together; the batched form of ``likelihood.py`` and ``bias.py``.

A cell's probability is computed from exponentials of non-positive numbers, with a single division:

.. math:: P = e^{\min(b, 0) + \min(-a, 0)} \frac{1 - e^{-w}}{(1 + e^{-|a|})(1 + e^{-|b|})},

where a and b are the standardised bounds and w is their distance; the first factor is one of the two tails unless these underflow.
The mean over the cells of a point needs a single logarithm, of :math:`P e^{-M}` where P would underflow, with M the log distance of
the cells' hull.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import (
    add_to,
    any_less,
    clear,
    exp,
    exp_minus_one,
    inner,
    kernel,
    larger,
    load,
    log,
    magnitude,
    smaller,
    spread,
    square_root,
    store,
    where_equal,
    where_less,
    workspace_of,
)
from forcest.models.reporting.likelihood import COUNT_NOISE
from forcest.models.reporting.variant_kernels import variants_backward, variants_forward


class ClaimConstants(NamedTuple):
    """Claims as lists; ``start`` arrays delimit the entries of each item.

    Attributes
    ----------
    reading_start, read_scalar, read_row, read_weight : ndarray
        Each reading is a sum of weight times scalar times series.
    point_start, point_reading : ndarray of int
        Readings of each point, whose highest counts.
    point_rows : ndarray of int, shape (point, 5)
        Values that hold a point's level, source effect, source-by-class effect, error scale and shared error.
    drift_at : ndarray of int, shape (point,)
        Drift step of a point; -1 where its source does not drift.
    drift_first : int
        Value that holds the first offset of the drift.
    drift_kept, drift_new : ndarray, shape (step,)
        Weights of the drift before, and of the offset, in the drift of a step.
    vague, own_share, counted, expected : ndarray, shape (point,)
        ``counted`` is 0 for ratios, 1 for counts; ``expected`` is 1 where the curve has only the expected count.
    hull : ndarray, shape (point, 2)
    cell_start : ndarray of int, shape (point + 1,)
    cell : ndarray, shape (cell, 3)
        Low, high, and weight (the factor on the learned share of a grid).
    cell_share, cell_allowed : ndarray of int, shape (cell,)
        Rows of the learned share and of the inverse sum of those allowed; -1 where the weight is constant.
    variant_start, variant_point, variant_weight : ndarray
        Points of each variant and their weights.
    variant_side : ndarray of int, shape (variant,)
        Twice the number of a source whose claims have two meanings, plus the meaning; -1 for a claim with one meaning.
    used : ndarray, shape (variant,)
    scales : ndarray of int, shape (3,)
        Values that hold the scales of source effects, of source-by-class effects and of drift.
    rounding : ndarray of int, shape (3,)
        First value of the learned shares, sources, grids.
    n_sides : int
    widths : ndarray, shape (width, 2)
        Factor on the error scale, and share of claims that have it.
    """

    reading_start: np.ndarray
    read_scalar: np.ndarray
    read_row: np.ndarray
    read_weight: np.ndarray
    point_start: np.ndarray
    point_reading: np.ndarray
    point_rows: np.ndarray
    drift_at: np.ndarray
    drift_first: int
    drift_kept: np.ndarray
    drift_new: np.ndarray
    vague: np.ndarray
    own_share: np.ndarray
    counted: np.ndarray
    expected: np.ndarray
    hull: np.ndarray
    cell_start: np.ndarray
    cell: np.ndarray
    cell_share: np.ndarray
    cell_allowed: np.ndarray
    variant_start: np.ndarray
    variant_point: np.ndarray
    variant_weight: np.ndarray
    variant_side: np.ndarray
    used: np.ndarray
    scales: np.ndarray
    rounding: np.ndarray
    n_sides: int
    widths: np.ndarray


class ClaimWork(NamedTuple):
    """Rows of one thread; the first four are shared with the process that fills them.

    Attributes
    ----------
    scalars, scalars_bar : ndarray, shape (scalar, lane)
    reads, reads_bar : ndarray, shape (read, lane)
        Series at the nodes that claims read.
    reading : ndarray, shape (reading, lane)
    stated, mean_slope, scale_slope : ndarray, shape (point, lane)
        Biased count, and slopes of the point's log probability.
    scale : ndarray, shape (point, lane)
        Error scale.
    point, point_bar : ndarray, shape (point, lane)
        Log probability and its weight in the total.
    cell : ndarray, shape (cell, lane)
        Share of each learned cell in its point's probability.
    allowed, allowed_bar : ndarray, shape (source x grid, lane)
        Inverse sums of shares, and slopes in the log of the sums.
    side : ndarray, shape (2 source, lane)
    drift, drift_bar : ndarray, shape (step, lane)
        Drift in standard deviations, and slopes in it.
    """

    scalars: np.ndarray
    scalars_bar: np.ndarray
    reads: np.ndarray
    reads_bar: np.ndarray
    reading: np.ndarray
    stated: np.ndarray
    mean_slope: np.ndarray
    scale_slope: np.ndarray
    scale: np.ndarray
    point: np.ndarray
    point_bar: np.ndarray
    cell: np.ndarray
    allowed: np.ndarray
    allowed_bar: np.ndarray
    side: np.ndarray
    drift: np.ndarray
    drift_bar: np.ndarray


def claim_work(
    k: ClaimConstants, scalars: np.ndarray, scalars_bar: np.ndarray, reads: np.ndarray, reads_bar: np.ndarray
) -> ClaimWork:
    """Rows of one thread."""
    grids = int(k.rounding[1] * k.rounding[2])
    by_point = ("stated", "mean_slope", "scale_slope", "scale", "point", "point_bar")
    return workspace_of(
        ClaimWork,
        scalars=scalars,
        scalars_bar=scalars_bar,
        reads=reads,
        reads_bar=reads_bar,
        reading=len(k.reading_start) - 1,
        **dict.fromkeys(by_point, len(k.vague)),
        cell=len(k.cell),
        allowed=grids,
        allowed_bar=grids,
        side=2 * k.n_sides,
        drift=len(k.drift_kept),
        drift_bar=len(k.drift_kept),
    )


ROWS_LEVEL, ROWS_SOURCE, ROWS_CLASS, ROWS_ERROR, ROWS_SHARED = range(5)
FAR = -500.0  # log probability below which a point is computed relative to its nearest cell


@kernel
def readings_forward(k, work):
    """Fill the readings."""
    for r in range(len(k.reading_start) - 1):
        total = spread(0.0)
        for i in range(k.reading_start[r], k.reading_start[r + 1]):
            total += k.read_weight[i] * load(work.scalars, k.read_scalar[i]) * load(work.reads, k.read_row[i])
        store(work.reading, r, total)


@inner
def _highest(k, work, point):
    """Count that a point reads: the highest of its readings."""
    first = k.point_start[point]
    count = load(work.reading, k.point_reading[first])
    for i in range(first + 1, k.point_start[point + 1]):
        count = larger(load(work.reading, k.point_reading[i]), count)
    return count


@inner
def _bias(k, value, point, work):
    """Log bias of a point."""
    bias = load(value, k.point_rows[point, ROWS_LEVEL])
    bias += load(value, k.scales[0]) * load(value, k.point_rows[point, ROWS_SOURCE])
    bias += load(value, k.scales[1]) * load(value, k.point_rows[point, ROWS_CLASS])
    if k.drift_at[point] >= 0:
        bias += load(value, k.scales[2]) * load(work.drift, k.drift_at[point])
    return bias


@inner
def _cell(low, high, mean, inverse_scale, reference, far):
    """Probability of a cell over e**reference, and the slopes of its log in the mean and in the log scale, times the scale."""
    a, b, w = (low - mean) * inverse_scale, (high - mean) * inverse_scale, (high - low) * inverse_scale
    zero, one = spread(0.0), spread(1.0)
    tail_a, tail_b, inside = exp(-magnitude(a)), exp(-magnitude(b)), -exp_minus_one(-w)
    below, above = 1.0 + tail_a, 1.0 + tail_b
    inverse = 1.0 / (below * above * inside)
    above_a, below_b = where_less(zero, a, one, tail_a), where_less(b, zero, one, tail_b)
    factor = where_less(zero, a, tail_a, one) * where_less(b, zero, tail_b, one)
    if far:
        exponent = smaller(b, zero) - larger(a, zero)
        factor = where_less(reference, zero, exp(exponent - reference), factor)
    slope_a, slope_b = above_a * (inverse * above * inside), below_b * (inverse * below * inside)
    slope_scale = a * slope_a - b * slope_b - w * (1.0 - inside) * (inverse * (below * above))
    return factor * (inside * (inverse * inside)), slope_a - slope_b, slope_scale


@kernel
def _point(k, point, value, mean, scale, work):
    """Fill a point's log probability, its slopes in mean and scale, and the shares of its learned cells."""
    zero = spread(0.0)
    widest = scale * k.widths[len(k.widths) - 1, 0]
    reference = smaller(k.hull[point, 1] - mean, zero) - larger(k.hull[point, 0] - mean, zero)
    reference = reference / widest
    reference = where_less(reference, spread(FAR), reference, zero)
    far = any_less(reference, zero)
    total, mean_slope, scale_slope = zero, zero, zero
    inverse = 1.0 / scale
    first, last = k.cell_start[point], k.cell_start[point + 1]
    for i in range(first, last):
        weight = spread(k.cell[i, 2])
        if k.cell_share[i] >= 0:
            weight = weight * load(value, k.cell_share[i]) * load(work.allowed, k.cell_allowed[i])
        cell = zero
        for g in range(len(k.widths)):
            narrowing = 1.0 / k.widths[g, 0]
            probability, slope_mean, slope_scale = _cell(k.cell[i, 0], k.cell[i, 1], mean, inverse * narrowing, reference, far)
            part = weight * (k.widths[g, 1] * probability)
            cell += part
            mean_slope += part * slope_mean * narrowing
            scale_slope += part * slope_scale
        total += cell
        if k.cell_share[i] >= 0:
            store(work.cell, i, cell)
    share = 1.0 / total
    store(work.point, point, reference + log(total))
    store(work.mean_slope, point, mean_slope * share * inverse)
    store(work.scale_slope, point, scale_slope * share * inverse)
    for i in range(first, last):
        if k.cell_share[i] >= 0:
            store(work.cell, i, load(work.cell, i) * share)


@kernel
def drift_forward(k, value, work):
    """Fill the drift of each step; the first of a source keeps nothing of the one before it."""
    drift = spread(0.0)
    for step in range(len(k.drift_kept)):
        drift = k.drift_kept[step] * drift + k.drift_new[step] * load(value, k.drift_first + step)
        store(work.drift, step, drift)
        store(work.drift_bar, step, spread(0.0))


@kernel
def drift_backward(k, bar, work):
    """Adjoint of :func:`drift_forward`."""
    later = spread(0.0)
    for step in range(len(k.drift_kept) - 1, -1, -1):
        later += load(work.drift_bar, step)
        add_to(bar, k.drift_first + step, k.drift_new[step] * later)
        later = k.drift_kept[step] * later


@kernel
def points_forward(k, value, work):
    """Fill the log probability of each point and its slopes."""
    sources, grids = k.rounding[1], k.rounding[2]
    for s in range(sources):
        total = spread(0.0)
        for g in range(grids):
            total += load(value, k.rounding[0] + s * grids + g)
            store(work.allowed, s * grids + g, 1.0 / total)
            store(work.allowed_bar, s * grids + g, spread(0.0))
    for point in range(len(k.vague)):
        stated = larger(_highest(k, work, point), spread(0.0)) * exp(_bias(k, value, point, work))
        error = k.vague[point] * load(value, k.point_rows[point, ROWS_ERROR])
        shared = load(value, k.point_rows[point, ROWS_SHARED])
        mean = log(stated + k.counted[point]) + np.sqrt(1.0 - k.own_share[point]) * error * shared
        variance = k.own_share[point] * error * error + k.expected[point] * COUNT_NOISE / (stated + 1.0)
        scale = square_root(variance)
        store(work.stated, point, stated)
        store(work.scale, point, scale)
        store(work.point_bar, point, spread(0.0))
        _point(k, point, value, mean, scale, work)


@kernel
def points_backward(k, value, bar, work):
    """Slopes in the reporting parameters, and in the readings (which overwrite them)."""
    for point in range(len(k.vague)):
        weight = load(work.point_bar, point)
        mean_bar, scale_bar = weight * load(work.mean_slope, point), weight * load(work.scale_slope, point)
        stated, scale = load(work.stated, point), load(work.scale, point)
        vague, own, noise = k.vague[point], k.own_share[point], k.expected[point] * COUNT_NOISE
        error_row, shared_row = k.point_rows[point, ROWS_ERROR], k.point_rows[point, ROWS_SHARED]
        error, shared = vague * load(value, error_row), load(value, shared_row)
        half = 0.5 * scale_bar / scale
        joint = np.sqrt(1.0 - own)
        add_to(bar, error_row, vague * (2.0 * own * half * error + joint * mean_bar * shared))
        add_to(bar, shared_row, joint * mean_bar * error)
        inverse = 1.0 / (stated + 1.0)
        stated_bar = mean_bar / (stated + k.counted[point]) - noise * half * (inverse * inverse)
        _bias_backward(k, point, value, bar, work, stated_bar * stated)
        _highest_backward(k, work, point, stated_bar * exp(_bias(k, value, point, work)))
        for i in range(k.cell_start[point], k.cell_start[point + 1]):
            if k.cell_share[i] >= 0:
                slope = weight * load(work.cell, i)
                add_to(bar, k.cell_share[i], slope / load(value, k.cell_share[i]))
                add_to(work.allowed_bar, k.cell_allowed[i], slope)
    sources, grids = k.rounding[1], k.rounding[2]
    for s in range(sources):
        later = spread(0.0)
        for g in range(grids - 1, -1, -1):
            later += load(work.allowed_bar, s * grids + g) * load(work.allowed, s * grids + g)
            add_to(bar, k.rounding[0] + s * grids + g, -later)


@inner
def _bias_backward(k, point, value, bar, work, slope):
    """Adjoint of :func:`_bias`."""
    source, by_class = k.point_rows[point, ROWS_SOURCE], k.point_rows[point, ROWS_CLASS]
    add_to(bar, k.point_rows[point, ROWS_LEVEL], slope)
    add_to(bar, k.scales[0], slope * load(value, source))
    add_to(bar, source, slope * load(value, k.scales[0]))
    add_to(bar, k.scales[1], slope * load(value, by_class))
    add_to(bar, by_class, slope * load(value, k.scales[1]))
    if k.drift_at[point] >= 0:
        add_to(bar, k.scales[2], slope * load(work.drift, k.drift_at[point]))
        add_to(work.drift_bar, k.drift_at[point], slope * load(value, k.scales[2]))


@inner
def _highest_backward(k, work, point, slope):
    """Adjoint of :func:`_highest`: the slope goes to the first of the highest readings, to none if the count is not positive."""
    zero = spread(0.0)
    highest = _highest(k, work, point)
    slope = where_less(zero, highest, slope, zero)
    for i in range(k.point_start[point], k.point_start[point + 1]):
        reading = k.point_reading[i]
        part = where_equal(load(work.reading, reading), highest, slope, zero)
        store(work.reading, reading, part)
        slope -= part


@kernel
def readings_backward(k, work):
    """Slopes in the scalars and in the series at the nodes that claims read."""
    clear(work.scalars_bar)
    clear(work.reads_bar)
    for r in range(len(k.reading_start) - 1):
        slope = load(work.reading, r)
        for i in range(k.reading_start[r], k.reading_start[r + 1]):
            weighted = k.read_weight[i] * slope
            add_to(work.scalars_bar, k.read_scalar[i], weighted * load(work.reads, k.read_row[i]))
            add_to(work.reads_bar, k.read_row[i], weighted * load(work.scalars, k.read_scalar[i]))


@inner
def claims_forward(k, value, work):
    """Log likelihood of all claims."""
    readings_forward(k, work)
    drift_forward(k, value, work)
    points_forward(k, value, work)
    return variants_forward(k, work)


@inner
def claims_backward(k, value, bar, work):
    """Adjoint of :func:`claims_forward`: slopes in the reporting parameters, the scalars and the series."""
    variants_backward(k, work)
    points_backward(k, value, bar, work)
    drift_backward(k, bar, work)
    readings_backward(k, work)
