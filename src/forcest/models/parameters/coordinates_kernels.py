"""Coordinates for sixteen chains: position to parameter values, and slopes back; the batched form of ``coordinates.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import exp, kernel, larger, load, log, magnitude, sigmoid, spread, store, where_less
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.families import HALF, LOGISTIC, PLAIN, POSITIVE, SHARE, SIMPLEX


class CoordinateConstants(NamedTuple):
    """Layout as arrays.

    Attributes
    ----------
    code, coordinate, row : ndarray of int, shape (scalar coordinate,)
        Transform, place in the position, place among the values.
    loc, scale : ndarray, shape (scalar coordinate,)
    simplex : ndarray of int, shape (simplex, 3)
        First coordinate, first value, number of weights.
    concentration : ndarray, shape (value,)
    constant : float
    """

    code: np.ndarray
    coordinate: np.ndarray
    row: np.ndarray
    loc: np.ndarray
    scale: np.ndarray
    simplex: np.ndarray
    concentration: np.ndarray
    constant: float


def coordinate_constants(coordinates: Coordinates, without: tuple[str, ...] = ()) -> CoordinateConstants:
    """Arrays of a layout; parameters in ``without`` are left to the density, except for their constants."""
    plain = [e for e in coordinates.entries if e.distribution.code != SIMPLEX and e.parameter.name not in without]
    concentration, simplex = np.zeros(coordinates.n_values), []
    for entry in coordinates.entries:
        if entry.distribution.code == SIMPLEX:
            size = entry.parameter.shape[-1]
            concentration[entry.values] = entry.distribution.loc.ravel()
            starts = zip(
                range(entry.coordinates.start, entry.coordinates.stop, size - 1),
                range(entry.values.start, entry.values.stop, size),
                strict=True,
            )
            simplex += [(at, row, size) for at, row in starts]
    return CoordinateConstants(
        code=np.concatenate([np.full(e.values.stop - e.values.start, e.distribution.code) for e in plain]),
        coordinate=np.concatenate([np.arange(e.coordinates.start, e.coordinates.stop) for e in plain]),
        row=np.concatenate([np.arange(e.values.start, e.values.stop) for e in plain]),
        loc=np.concatenate([e.distribution.loc.ravel() for e in plain]),
        scale=np.concatenate([e.distribution.scale.ravel() for e in plain]),
        simplex=np.array(simplex, dtype=np.int64).reshape(-1, 3),
        concentration=concentration,
        constant=coordinates.constant,
    )


@kernel
def parameters_forward(k, position, value):
    """Fill ``value`` (value, lane) and return the log prior."""
    total = spread(k.constant)
    for i in range(len(k.code)):
        x, code = load(position, k.coordinate[i]), k.code[i]
        if code <= SHARE:
            total -= 0.5 * x * x
            y = k.loc[i] + k.scale[i] * x
            if code == POSITIVE:
                y = exp(y)
            elif code == SHARE:
                y = sigmoid(y)
        elif code == LOGISTIC:
            u = (x - k.loc[i]) / k.scale[i]
            total += -u + 2.0 * log(sigmoid(larger(u, spread(-700.0))))
            y = x
        elif code == HALF:
            y = exp(x)
            total += x - (0.5 / (k.scale[i] * k.scale[i])) * (y * y)
        else:  # PARTIAL
            odds = exp(-magnitude(x))  # of the smaller side, to avoid overflow
            total -= k.loc[i] * (magnitude(x) + 2.0 * log(1.0 + odds))
            y = (1.0 - odds) / (1.0 + odds)
            y = where_less(x, spread(0.0), -y, y)
        store(value, k.row[i], y)
    for i in range(len(k.simplex)):
        total += _weights(k, k.simplex[i, 0], k.simplex[i, 1], k.simplex[i, 2], position, value)
    return total


@kernel
def _weights(k, first, row, size, position, value):
    """Weights that sum to one; returns their log prior without the constant."""
    last = spread(0.0)
    for i in range(size - 1):
        last -= load(position, first + i)
    highest = last
    for i in range(size - 1):
        highest = larger(load(position, first + i), highest)
    total = exp(last - highest)
    for i in range(size - 1):
        total += exp(load(position, first + i) - highest)
    scale = highest + log(total)
    prior = k.concentration[row + size - 1] * (last - scale)
    store(value, row + size - 1, exp(last - scale))
    for i in range(size - 1):
        logarithm = load(position, first + i) - scale
        store(value, row + i, exp(logarithm))
        prior += k.concentration[row + i] * logarithm
    return prior


@kernel
def parameters_backward(k, position, value, bar, gradient):
    """Gradient in the coordinates from slopes ``bar`` in the parameters, the prior's own slope included."""
    for i in range(len(k.code)):
        code = k.code[i]
        x, y, slope = load(position, k.coordinate[i]), load(value, k.row[i]), load(bar, k.row[i])
        if code == LOGISTIC:
            slope += (1.0 - 2.0 * sigmoid((x - k.loc[i]) / k.scale[i])) / k.scale[i]
        elif code == PLAIN:
            slope = k.scale[i] * slope - x
        elif code == POSITIVE:
            slope = k.scale[i] * (slope * y) - x
        elif code == SHARE:
            slope = k.scale[i] * (slope * (y * (1.0 - y))) - x
        elif code == HALF:
            slope = slope * y + 1.0 - y * y / (k.scale[i] * k.scale[i])
        else:  # PARTIAL
            slope = 0.5 * (slope * (1.0 - y * y)) - k.loc[i] * y
        store(gradient, k.coordinate[i], slope)
    for i in range(len(k.simplex)):
        first, row, size = k.simplex[i, 0], k.simplex[i, 1], k.simplex[i, 2]
        total = spread(0.0)
        for j in range(row, row + size):
            # slope in the log of each weight, its prior's included
            slope = load(bar, j) * load(value, j) + k.concentration[j]
            store(bar, j, slope)
            total += slope
        last = load(bar, row + size - 1) - load(value, row + size - 1) * total
        for j in range(size - 1):
            store(gradient, first + j, load(bar, row + j) - load(value, row + j) * total - last)
