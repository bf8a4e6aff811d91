"""Coordinates for sixteen chains: position to parameter values, and slopes back; the batched form of ``coordinates.py``."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np

from forcest.models.lanes import exp, kernel, larger, load, log, magnitude, sigmoid, spread, store, where_less
from forcest.models.parameters.coordinates import Coordinates, Entry
from forcest.models.parameters.families import HALF, JOINT, LOGISTIC, PLAIN, POSITIVE, SHARE, SIMPLEX, JointNormal


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
    joint : ndarray of int, shape (joint parameter, 4)
        First coordinate, first value, number of entries, first row of its factor.
    factor : ndarray, shape (entry of joint parameters, longest)
        Rows of the lower triangular factors.
    centre : ndarray, shape (entry of joint parameters,)
    wide : ndarray, shape (entry of joint parameters,)
        1 for entries that are wider together, else 0.
    mixture : ndarray, shape (joint parameter, 3)
        Log weights of both components, the widening of the second included, and 1 over the square of the factor.
    constant : float
    """

    code: np.ndarray
    coordinate: np.ndarray
    row: np.ndarray
    loc: np.ndarray
    scale: np.ndarray
    simplex: np.ndarray
    concentration: np.ndarray
    joint: np.ndarray
    factor: np.ndarray
    centre: np.ndarray
    wide: np.ndarray
    mixture: np.ndarray
    constant: float


def coordinate_constants(coordinates: Coordinates, without: tuple[str, ...] = ()) -> CoordinateConstants:
    """Arrays of a layout; parameters in ``without`` are left to the density, except for their constants."""
    vectors = (SIMPLEX, JOINT)
    plain = [e for e in coordinates.entries if e.distribution.code not in vectors and e.parameter.name not in without]
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
        **_joint_constants([e for e in coordinates.entries if isinstance(e.distribution, JointNormal)]),
        constant=coordinates.constant,
    )


def _joint_constants(entries: list[Entry]) -> dict[str, np.ndarray]:
    """Arrays of the parameters with a joint prior."""
    sizes = [entry.parameter.shape[0] for entry in entries]
    rows = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    factor, mixture = np.zeros((rows[-1], max(sizes, default=0))), np.zeros((len(entries), 3))
    for i, entry in enumerate(entries):
        prior = cast(JointNormal, entry.distribution)
        factor[rows[i] : rows[i + 1], : sizes[i]] = prior.factor
        mixture[i] = *prior.components(0.0), 1 / prior.wide_factor**2
    starts = [(e.coordinates.start, e.values.start, n, row) for e, n, row in zip(entries, sizes, rows, strict=False)]
    return {
        "joint": np.array(starts, dtype=np.int64).reshape(-1, 4),
        "factor": factor,
        "centre": np.concatenate([np.zeros(0), *(e.distribution.loc for e in entries)]),
        "wide": np.concatenate([np.zeros(0), *(cast(JointNormal, e.distribution).wide for e in entries)]).astype(float),
        "mixture": mixture,
    }


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
    return total + _joint(k, position, value)


@kernel
def _joint(k, position, value):
    """Correlated normals; returns their log prior without the constant."""
    prior = spread(0.0)
    for i in range(len(k.joint)):
        first, row, size, at = k.joint[i, 0], k.joint[i, 1], k.joint[i, 2], k.joint[i, 3]
        for j in range(size):
            y = spread(k.centre[at + j])
            for m in range(j + 1):
                y += k.factor[at + j, m] * load(position, first + m)
            store(value, row + j, y)
            z = load(position, first + j)
            prior -= (0.5 * (1.0 - k.wide[at + j])) * z * z
        half = _half_square(k, first, size, at, position)
        narrow, widened = k.mixture[i, 0] - half, k.mixture[i, 1] - k.mixture[i, 2] * half
        highest = larger(narrow, widened)
        prior += highest + log(exp(narrow - highest) + exp(widened - highest))
    return prior


@kernel
def _half_square(k, first, size, at, position):
    """Half the squared length of the entries that are wider together."""
    total = spread(0.0)
    for j in range(size):
        z = load(position, first + j)
        total += (0.5 * k.wide[at + j]) * z * z
    return total


@kernel
def _joint_backward(k, position, bar, gradient):
    """Gradient in the coordinates of correlated normals."""
    for i in range(len(k.joint)):
        first, row, size, at = k.joint[i, 0], k.joint[i, 1], k.joint[i, 2], k.joint[i, 3]
        half = _half_square(k, first, size, at, position)
        # share of the narrow component: 1 / (1 + exp(widened - narrow))
        narrow = sigmoid(k.mixture[i, 0] - k.mixture[i, 1] - (1.0 - k.mixture[i, 2]) * half)
        precision = narrow + k.mixture[i, 2] * (1.0 - narrow)
        for j in range(size):
            weight = 1.0 - k.wide[at + j] + k.wide[at + j] * precision
            slope = -weight * load(position, first + j)
            for m in range(j, size):
                slope += k.factor[at + m, j] * load(bar, row + m)
            store(gradient, first + j, slope)


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
    _joint_backward(k, position, bar, gradient)
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
