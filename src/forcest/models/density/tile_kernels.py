"""Steps common to all densities: from positions to parameters, and from slopes back to gradients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import clear, give, kernel, store, take, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import parameters_backward, parameters_forward


class Tile(NamedTuple):
    """Rows of the chains that are computed together, one per lane.

    Attributes
    ----------
    position, gradient : ndarray, shape (dim, lane)
    value, bar : ndarray, shape (value + 1, lane)
        Parameter values and slopes in them; the last row is zero and stands for parameters that a claim does not have.
    total : ndarray, shape (1, lane)
    """

    position: np.ndarray
    gradient: np.ndarray
    value: np.ndarray
    bar: np.ndarray
    total: np.ndarray


def tile_of(dim: int, n_values: int) -> Tile:
    """Rows of one thread for the given numbers of coordinates and parameter values."""
    return workspace_of(Tile, position=dim, gradient=dim, value=n_values + 1, bar=n_values + 1, total=1)


def sizes_of(coordinates: Coordinates) -> tuple[int, int]:
    """Numbers of coordinates and of parameter values."""
    return coordinates.dim, coordinates.n_values


@kernel
def begin_tile(k, tile, position, first, n):
    """Fill the parameter values of ``n`` chains from the ``first`` on, and return their log prior."""
    take(position, first, n, tile.position)
    clear(tile.bar)
    return parameters_forward(k, tile.position, tile.value)


@kernel
def end_tile(k, tile, total, first, n, value, gradient):
    """Write value and gradient of ``n`` chains from the ``first`` on."""
    store(tile.total, 0, total)
    for c in range(n):
        value[first + c] = tile.total[0, c]
    parameters_backward(k, tile.position, tile.value, tile.bar, tile.gradient)
    give(tile.gradient, gradient, first, n)
