"""Curves on knots for sixteen chains: interpolation, and the walk on knots that smooth arrivals and the partner force share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, exp, inner, kernel, load, log, spread, store


class Reader(NamedTuple):
    """An interpolation matrix (row, knot) of which each row has a few neighbouring entries.

    Attributes
    ----------
    first : ndarray of int, shape (row,)
        First knot of each row.
    weight : ndarray, shape (row, width)
    """

    first: np.ndarray
    weight: np.ndarray


def banded(matrix: np.ndarray) -> Reader:
    """The reader of a matrix, shape (row, knot)."""
    nonzero = matrix != 0
    first = nonzero.argmax(axis=1)
    last = matrix.shape[1] - nonzero[:, ::-1].argmax(axis=1)
    width = int(max((last - first).max(initial=1), 1))
    first = np.minimum(first, matrix.shape[1] - width)
    index = first[:, None] + np.arange(width)
    return Reader(first.astype(np.int64), np.take_along_axis(matrix, index, axis=1).astype(float))


@inner
def read_knots(reader, knots, row):
    """Interpolated value at a row."""
    total = spread(0.0)
    for i in range(reader.weight.shape[1]):
        total += reader.weight[row, i] * load(knots, reader.first[row] + i)
    return total


@inner
def read_knots_backward(reader, knots_bar, row, bar):
    """Adjoint of :func:`read_knots`."""
    for i in range(reader.weight.shape[1]):
        add_to(knots_bar, reader.first[row] + i, reader.weight[row, i] * bar)


class WalkConstants(NamedTuple):
    """A positive curve whose logarithm walks on knots from a level.

    Attributes
    ----------
    level, scale, offset : int
        Values that hold the level at the first knot, the scale of a step, and the first standard step.
    n_steps : int
    unit : float
        Factor on the scale.
    reader : Reader
        Of the rows of the curve that are needed.
    """

    level: int
    scale: int
    offset: int
    n_steps: int
    unit: float
    reader: Reader


@kernel
def walk_forward(k, value, knots, curve):
    """Fill the knots of the walk, in units of its scale, and the curve."""
    step = spread(0.0)
    store(knots, 0, step)
    for i in range(k.n_steps):
        step += load(value, k.offset + i)
        store(knots, i + 1, step)
    if len(k.reader.first):
        level, scale = log(load(value, k.level)), k.unit * load(value, k.scale)
        for row in range(len(k.reader.first)):
            store(curve, row, exp(level + scale * read_knots(k.reader, knots, row)))


@kernel
def walk_backward(k, value, bar, knots, knots_bar, curve, curve_bar):
    """Adjoint of :func:`walk_forward`."""
    n = len(k.reader.first)
    if n == 0:
        return
    level_bar, scale_bar = spread(0.0), spread(0.0)
    for i in range(k.n_steps + 1):
        store(knots_bar, i, spread(0.0))
    for row in range(n):
        slope = load(curve_bar, row) * load(curve, row)
        level_bar += slope
        read_knots_backward(k.reader, knots_bar, row, slope)
    scale = k.unit * load(value, k.scale)
    later = spread(0.0)
    for i in range(k.n_steps, 0, -1):
        scale_bar += load(knots_bar, i) * load(knots, i)
        later += load(knots_bar, i)
        add_to(bar, k.offset + i - 1, scale * later)
    add_to(bar, k.level, level_bar / load(value, k.level))
    add_to(bar, k.scale, k.unit * scale_bar)
