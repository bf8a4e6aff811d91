"""A bound loss model in one compiled function: loss rates, then the claims that read them, sixteen chains at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forcest.models.density.loss_curves import LossParts
from forcest.models.lanes import LANES, add_to, aligned_rows, clear, entry, give, kernel, load, store, take
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import (
    CoordinateConstants,
    coordinate_constants,
    parameters_backward,
    parameters_forward,
)
from forcest.models.process.loss_rates_kernels import (
    RateConstants,
    RateWork,
    rate_constants,
    rate_work,
    rates_backward,
    rates_forward,
)
from forcest.models.reporting.arrays import ClaimArrays
from forcest.models.reporting.likelihood_kernels import (
    ClaimConstants,
    ClaimWork,
    claim_work,
    points_backward,
    points_forward,
    readings_backward,
    readings_forward,
    variants_backward,
    variants_forward,
)
from forcest.models.reporting.lists import claim_constants, claim_reads

if TYPE_CHECKING:
    from forcest.models.density.losses import BoundLosses


class Constants(NamedTuple):
    """Everything of a bound loss model that chains share.

    Attributes
    ----------
    coordinates, rates, claims : NamedTuple
        Constants of the terms.
    table : ndarray of int, shape (series, date)
        Rows of the nodes that claims read.
    before : int
        First value of the losses before the first day, by series; -1 where there are none.
    sizes : tuple of int
        Coordinates, parameter values, rows of reads.
    """

    coordinates: CoordinateConstants
    rates: RateConstants
    claims: ClaimConstants
    table: np.ndarray
    before: int
    sizes: tuple[int, int, int]


class Work(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    position, gradient : ndarray, shape (dim, lane)
    value, bar : ndarray, shape (value + 1, lane)
        Parameter values and slopes in them; the last row stays zero and takes the slopes of what a claim does not have.
    scalars, scalars_bar : ndarray, shape (1, lane)
        The factor 1 of every reading.
    reads, reads_bar : ndarray, shape (read + 1, lane)
        Cumulative losses at the nodes that claims read, after a row of ones.
    total : ndarray, shape (1, lane)
    rates : RateWork
    claims : ClaimWork
    """

    position: np.ndarray
    gradient: np.ndarray
    value: np.ndarray
    bar: np.ndarray
    scalars: np.ndarray
    scalars_bar: np.ndarray
    reads: np.ndarray
    reads_bar: np.ndarray
    total: np.ndarray
    rates: RateWork
    claims: ClaimWork


def constants_of(bound: BoundLosses, data: ClaimArrays, coordinates: Coordinates) -> Constants:
    """Constants of a bound model with claims of its layout."""
    model = bound.model
    reads, readings = claim_reads(data, bound.layout, LossParts(bound.forces, bound.kinds, model.grid.size))
    return Constants(
        coordinates=coordinate_constants(coordinates),
        rates=rate_constants(bound.rates, coordinates),
        claims=claim_constants(data, model.reporting, coordinates, readings),
        table=reads.table,
        before=coordinates.row("loss_before"),
        sizes=(coordinates.dim, coordinates.n_values, reads.n_rows),
    )


def workspace(k: Constants) -> Work:
    """Rows for one thread."""
    dim, n_values, n_reads = k.sizes
    work = Work(
        *(aligned_rows(n) for n in (dim, dim, n_values + 1, n_values + 1, 1, 1, n_reads, n_reads, 1)),
        rates=rate_work(k.rates),
        claims=claim_work(k.claims),
    )
    work.scalars[:] = 1.0
    work.reads[0] = 1.0
    return work


@kernel
def _before_forward(k, value, reads):
    """Add the losses before the first day to what is read."""
    if k.before >= 0:
        for series in range(k.table.shape[0]):
            for t in range(k.table.shape[1]):
                if k.table[series, t] >= 0:
                    add_to(reads, k.table[series, t], load(value, k.before + series))


@kernel
def _before_backward(k, bar, reads_bar):
    """Adjoint of :func:`_before_forward`."""
    if k.before >= 0:
        for series in range(k.table.shape[0]):
            for t in range(k.table.shape[1]):
                if k.table[series, t] >= 0:
                    add_to(bar, k.before + series, load(reads_bar, k.table[series, t]))


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
    n_chain = position.shape[1]
    claims = work.claims
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        take(position, first, n, work.position)
        total = parameters_forward(k.coordinates, work.position, work.value)
        rates_forward(k.rates, work.value, k.table, work.rates, work.reads)
        _before_forward(k, work.value, work.reads)
        readings_forward(k.claims, work.scalars, work.reads, claims)
        points_forward(k.claims, work.value, claims)
        total += variants_forward(k.claims, claims)
        store(work.total, 0, total)
        for c in range(n):
            value[first + c] = work.total[0, c]
        clear(work.bar)
        clear(work.scalars_bar)
        clear(work.reads_bar)
        variants_backward(k.claims, claims)
        points_backward(k.claims, work.value, work.bar, claims)
        readings_backward(k.claims, work.scalars, work.scalars_bar, work.reads, work.reads_bar, claims)
        _before_backward(k, work.bar, work.reads_bar)
        rates_backward(k.rates, work.value, work.bar, k.table, work.rates, work.reads_bar)
        parameters_backward(k.coordinates, work.position, work.value, work.bar, work.gradient)
        give(work.gradient, gradient, first, n)
