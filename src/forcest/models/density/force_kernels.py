"""A bound force model in one compiled function: constants in, sixteen chains at a time, value and gradient out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.density.force_curves import ForceCurves
from forcest.models.density.force_terms import ForceTerms
from forcest.models.density.tile_kernels import Tile, begin_tile, end_tile, sizes_of, tile_of
from forcest.models.lanes import LANES, entry
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import CoordinateConstants, coordinate_constants
from forcest.models.process.arrivals_kernels import (
    ArrivalConstants,
    arrival_constants,
    arrival_work,
    arrivals_backward,
    arrivals_forward,
)
from forcest.models.process.attrition_kernels import (
    HazardConstants,
    hazard_backward,
    hazard_constants,
    hazard_forward,
    hazard_work,
)
from forcest.models.process.flow_kernels import FlowConstants, FlowWork, flow_backward, flow_constants, flow_forward, flow_work
from forcest.models.process.partner_kernels import partner_backward, partner_constants, partner_forward, partner_work
from forcest.models.process.reads_kernels import reads_of
from forcest.models.process.walks_kernels import WalkConstants, WalkWork
from forcest.models.process.withdrawals_kernels import (
    MovementConstants,
    movement_constants,
    movement_work,
    movements_backward,
    movements_forward,
)
from forcest.models.reporting.likelihood_kernels import ClaimConstants, ClaimWork, claim_work, claims_backward, claims_forward
from forcest.models.reporting.lists import ClaimTerm


class Constants(NamedTuple):
    """Everything of a bound model that chains share.

    Attributes
    ----------
    coordinates, arrivals, hazard, movements, flow, partner, claims : NamedTuple
        Constants of the terms.
    table : ndarray of int, shape (series, date)
        Rows of the nodes that claims read.
    sizes : tuple of int
        Coordinates, parameter values.
    n_reads : int
    """

    coordinates: CoordinateConstants
    arrivals: ArrivalConstants
    hazard: HazardConstants
    movements: MovementConstants
    flow: FlowConstants
    partner: WalkConstants
    claims: ClaimConstants
    table: np.ndarray
    sizes: tuple[int, int]
    n_reads: int


class Work(NamedTuple):
    """Rows of one thread, those of each term under its name; the flow holds those of the terms that feed it."""

    tile: Tile
    flow: FlowWork
    partner: WalkWork
    claims: ClaimWork


def constants_of(terms: ForceTerms, claims: ClaimTerm, coordinates: Coordinates) -> Constants:
    """Constants of the terms of a force model and of the claims about it."""
    grid, waves = terms.flow.grid, terms.arrivals.names
    reads, readings = claims.reads(ForceCurves(waves, terms.flow.casualties.kinds, grid.size))
    movements = movement_constants(terms.movements, coordinates)
    return Constants(
        coordinates=coordinate_constants(coordinates),
        arrivals=arrival_constants(terms.arrivals, grid.size, grid.step, coordinates),
        hazard=hazard_constants(terms.hazard, coordinates),
        movements=movements,
        flow=flow_constants(terms.flow, len(waves), movements, coordinates),
        partner=partner_constants(terms.partner, reads.first_nodes, coordinates),
        claims=claims.constants(readings, coordinates),
        table=reads.table,
        sizes=sizes_of(coordinates),
        n_reads=reads.n_rows,
    )


def workspace(k: Constants) -> Work:
    """Rows of one thread."""
    reads = reads_of(k.table, k.n_reads)
    arrivals, hazard, movements = arrival_work(k.arrivals, reads), hazard_work(k.hazard), movement_work(k.movements)
    flow = flow_work(k.flow, reads, hazard, movements, arrivals)
    of_partner = slice(1, 1 + len(k.partner.reader.first))
    return Work(
        tile=tile_of(*k.sizes),
        flow=flow,
        partner=partner_work(k.partner, reads.value[of_partner], reads.bar[of_partner]),
        claims=claim_work(k.claims, flow.scalars, flow.scalars_bar, reads.value, reads.bar),
    )


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
    n_chain, tile = position.shape[1], work.tile
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        total = begin_tile(k.coordinates, tile, position, first, n)
        hazard_forward(k.hazard, tile.value, work.flow.hazard)
        movements_forward(k.movements, tile.value, work.flow.movements)
        arrivals_forward(k.arrivals, tile.value, work.flow.arrivals)
        flow_forward(k.flow, tile.value, work.flow)
        partner_forward(k.partner, tile.value, work.partner)
        total += claims_forward(k.claims, tile.value, work.claims)
        claims_backward(k.claims, tile.value, tile.bar, work.claims)
        flow_backward(k.flow, tile.value, tile.bar, work.flow)
        arrivals_backward(k.arrivals, tile.value, tile.bar, work.flow.arrivals)
        hazard_backward(k.hazard, tile.value, tile.bar, work.flow.hazard)
        movements_backward(k.movements, tile.value, tile.bar, work.flow.movements)
        partner_backward(k.partner, tile.value, tile.bar, work.partner)
        end_tile(k.coordinates, tile, total, first, n, value, gradient)
