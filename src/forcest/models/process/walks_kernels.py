"""Curves on knots for sixteen chains: interpolation, and the random walk on knots of smooth arrivals and the partner force."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import add_to, exp, inner, kernel, load, log, spread, store, workspace_of


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
    """A positive curve whose logarithm is a random walk on knots.

    Attributes
    ----------
    level, scale, offset : int
        Values that hold the level at the first knot, the scale of a step, and the first standard step.
    n_steps : int
    unit : float
        Factor on the scale.
    reader : Reader
        Interpolates the rows of the curve that are needed.
    """

    level: int
    scale: int
    offset: int
    n_steps: int
    unit: float
    reader: Reader


def no_walk() -> WalkConstants:
    """A walk without rows, for models that have none."""
    return WalkConstants(0, 0, 0, 0, 0.0, Reader(np.zeros(0, dtype=np.int64), np.zeros((0, 1))))


class WalkWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    knots, knots_bar : ndarray, shape (knot, lane)
        The walk in units of its scale, and slopes in it.
    curve, curve_bar : ndarray, shape (row, lane)
    """

    knots: np.ndarray
    knots_bar: np.ndarray
    curve: np.ndarray
    curve_bar: np.ndarray


def walk_work(k: WalkConstants, curve: np.ndarray, curve_bar: np.ndarray) -> WalkWork:
    """Rows of one thread; the curve's are given."""
    return workspace_of(WalkWork, knots=k.n_steps + 1, knots_bar=k.n_steps + 1, curve=curve, curve_bar=curve_bar)


@kernel
def walk_forward(k, value, work):
    """Fill the knots of the walk, in units of its scale, and the curve."""
    step = spread(0.0)
    store(work.knots, 0, step)
    for i in range(k.n_steps):
        step += load(value, k.offset + i)
        store(work.knots, i + 1, step)
    if len(k.reader.first):
        level, scale = log(load(value, k.level)), k.unit * load(value, k.scale)
        for row in range(len(k.reader.first)):
            store(work.curve, row, exp(level + scale * read_knots(k.reader, work.knots, row)))


@kernel
def walk_backward(k, value, bar, work):
    """Adjoint of :func:`walk_forward`."""
    n = len(k.reader.first)
    if n == 0:
        return
    level_bar, scale_bar = spread(0.0), spread(0.0)
    for i in range(k.n_steps + 1):
        store(work.knots_bar, i, spread(0.0))
    for row in range(n):
        slope = load(work.curve_bar, row) * load(work.curve, row)
        level_bar += slope
        read_knots_backward(k.reader, work.knots_bar, row, slope)
    scale = k.unit * load(value, k.scale)
    later = spread(0.0)
    for i in range(k.n_steps, 0, -1):
        scale_bar += load(work.knots_bar, i) * load(work.knots, i)
        later += load(work.knots_bar, i)
        add_to(bar, k.offset + i - 1, scale * later)
    add_to(bar, k.level, level_bar / load(value, k.level))
    add_to(bar, k.scale, k.unit * scale_bar)
