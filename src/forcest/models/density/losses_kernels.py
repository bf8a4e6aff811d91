"""A bound loss model in one compiled function: loss rates, then the claims about them, for sixteen chains at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.density.loss_curves import LossCurves
from forcest.models.density.tile_kernels import Tile, begin_tile, end_tile, sizes_of, tile_of
from forcest.models.lanes import LANES, add_to, aligned_rows, entry, exp, kernel, load, spread
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import CoordinateConstants, coordinate_constants
from forcest.models.process.loss_rates import LossRates
from forcest.models.process.loss_rates_kernels import (
    RateConstants,
    RateWork,
    log_level,
    log_level_backward,
    rate_constants,
    rate_work,
    rates_backward,
    rates_forward,
)
from forcest.models.process.reads_kernels import Reads, reads_of
from forcest.models.reporting.likelihood_kernels import ClaimConstants, ClaimWork, claim_work, claims_backward, claims_forward
from forcest.models.reporting.lists import ClaimTerm


class Constants(NamedTuple):
    """Everything of a bound loss model that chains share.

    Attributes
    ----------
    coordinates, rates, claims : NamedTuple
        Constants of the terms.
    table : ndarray of int, shape (series, date)
        Rows of the nodes that claims read.
    before : int
        First value of the losses before the first day, in days at the series' rate; -1 where there are none.
    sizes : tuple of int
        Coordinates, parameter values.
    n_reads : int
    """

    coordinates: CoordinateConstants
    rates: RateConstants
    claims: ClaimConstants
    table: np.ndarray
    before: int
    sizes: tuple[int, int]
    n_reads: int


class Work(NamedTuple):
    """Rows of one thread, those of each term under its name.

    Attributes
    ----------
    tile, rates, claims : NamedTuple
    reads : Reads
        Cumulative losses at the nodes that claims read.
    """

    tile: Tile
    rates: RateWork
    reads: Reads
    claims: ClaimWork


def constants_of(rates: LossRates, curves: LossCurves, claims: ClaimTerm, coordinates: Coordinates) -> Constants:
    """Constants of the loss rates and of the claims about the losses."""
    reads, readings = claims.reads(curves)
    return Constants(
        coordinates=coordinate_constants(coordinates),
        rates=rate_constants(rates, coordinates),
        claims=claims.constants(readings, coordinates),
        table=reads.table,
        before=coordinates.row("days_before"),
        sizes=sizes_of(coordinates),
        n_reads=reads.n_rows,
    )


def workspace(k: Constants) -> Work:
    """Rows of one thread."""
    reads, one, one_bar = reads_of(k.table, k.n_reads), aligned_rows(1), aligned_rows(1)
    one[:] = 1.0  # the only scalar
    claims = claim_work(k.claims, one, one_bar, reads.value, reads.bar)
    return Work(tile=tile_of(*k.sizes), rates=rate_work(k.rates), reads=reads, claims=claims)


@kernel
def _before_forward(k, value, reads):
    """Add the losses before the first day to the reads."""
    if k.before >= 0:
        for series in range(k.table.shape[0]):
            before = load(value, k.before + series) * exp(log_level(k.rates, value, series))
            for t in range(k.table.shape[1]):
                if k.table[series, t] >= 0:
                    add_to(reads.value, k.table[series, t], before)


@kernel
def _before_backward(k, value, bar, reads):
    """Adjoint of :func:`_before_forward`."""
    if k.before >= 0:
        for series in range(k.table.shape[0]):
            slope = spread(0.0)
            for t in range(k.table.shape[1]):
                if k.table[series, t] >= 0:
                    slope += load(reads.bar, k.table[series, t])
            slope = slope * exp(log_level(k.rates, value, series))
            add_to(bar, k.before + series, slope)
            log_level_backward(k.rates, value, bar, series, slope * load(value, k.before + series))


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
    n_chain, tile, reads = position.shape[1], work.tile, work.reads
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        total = begin_tile(k.coordinates, tile, position, first, n)
        rates_forward(k.rates, tile.value, k.table, work.rates, reads.value)
        _before_forward(k, tile.value, reads)
        total += claims_forward(k.claims, tile.value, work.claims)
        claims_backward(k.claims, tile.value, tile.bar, work.claims)
        _before_backward(k, tile.value, tile.bar, reads)
        rates_backward(k.rates, tile.value, tile.bar, k.table, work.rates, reads.bar)
        end_tile(k.coordinates, tile, total, first, n, value, gradient)
