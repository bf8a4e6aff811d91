"""All terms of a bound model in one compiled function: constants in, sixteen chains at a time, value and gradient out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forcest.models.density.force_curves import CurveParts
from forcest.models.lanes import LANES, aligned_rows, clear, entry, give, store, take
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import (
    CoordinateConstants,
    coordinate_constants,
    parameters_backward,
    parameters_forward,
)
from forcest.models.process.arrivals_kernels import (
    ArrivalConstants,
    arrival_constants,
    arrivals_backward,
    arrivals_forward,
    no_walk,
)
from forcest.models.process.attrition_kernels import HazardConstants, hazard_backward, hazard_constants, hazard_forward
from forcest.models.process.flow_kernels import (
    WAVE,
    FlowConstants,
    FlowWork,
    flow_backward,
    flow_constants,
    flow_forward,
    scalars_backward,
    scalars_forward,
    training_backward,
    training_forward,
)
from forcest.models.process.knots_kernels import WalkConstants, banded, walk_backward, walk_forward
from forcest.models.process.partner import Partner
from forcest.models.process.withdrawals_kernels import (
    MovementConstants,
    movement_constants,
    movements_backward,
    movements_forward,
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
from forcest.models.reporting.lists import Reads, claim_constants, claim_reads

if TYPE_CHECKING:
    from forcest.models.density.force import BoundForce


class Constants(NamedTuple):
    """Everything of a bound model that chains share.

    Attributes
    ----------
    coordinates, arrivals, hazard, movements, flow, partner, claims : NamedTuple
        Constants of the terms.
    table : ndarray of int, shape (series, date)
        Rows of the nodes that claims read.
    sizes : tuple of int
        Coordinates, parameter values, rows of reads.
    """

    coordinates: CoordinateConstants
    arrivals: ArrivalConstants
    hazard: HazardConstants
    movements: MovementConstants
    flow: FlowConstants
    partner: WalkConstants
    claims: ClaimConstants
    table: np.ndarray
    sizes: tuple[int, int, int]


class Work(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    position, gradient : ndarray, shape (dim, lane)
    value, bar : ndarray, shape (value + 1, lane)
        Parameter values and slopes in them; the last row stays zero and takes the slopes of what a claim does not have.
    hazard_knots, arrival_knots, partner_knots, knots_bar : ndarray, shape (knot, lane)
    partner, partner_bar : ndarray, shape (node, lane)
        The rows of the reads that hold the partner force.
    flow : FlowWork
    claims : ClaimWork
    """

    position: np.ndarray
    gradient: np.ndarray
    value: np.ndarray
    bar: np.ndarray
    hazard_knots: np.ndarray
    arrival_knots: np.ndarray
    partner_knots: np.ndarray
    knots_bar: np.ndarray
    partner: np.ndarray
    partner_bar: np.ndarray
    flow: FlowWork
    claims: ClaimWork


def constants_of(bound: BoundForce, data: ClaimArrays, coordinates: Coordinates) -> Constants:
    """Constants of a bound model with claims of its layout."""
    terms, grid = bound.terms, bound.model.grid
    reads, readings = claim_reads(data, bound.layout, CurveParts(terms.arrivals.names, grid.size))
    return Constants(
        coordinates=coordinate_constants(coordinates),
        arrivals=arrival_constants(terms.arrivals, grid.size, grid.step, coordinates),
        hazard=hazard_constants(terms.hazard, coordinates),
        movements=movement_constants(terms.movements, coordinates),
        flow=flow_constants(terms.flow, len(terms.arrivals.names), coordinates),
        partner=_partner_constants(terms.partner, reads, coordinates),
        claims=claim_constants(data, bound.model.reporting, coordinates, readings),
        table=reads.table,
        sizes=(coordinates.dim, coordinates.n_values, reads.n_rows),
    )


def _partner_constants(term: Partner | None, reads: Reads, coordinates: Coordinates) -> WalkConstants:
    if term is None or len(reads.partner_nodes) == 0:
        return no_walk()
    return WalkConstants(
        coordinates.row("partner_strength"),
        coordinates.row("partner_walk"),
        coordinates.row("partner_offset"),
        term.reader.shape[1] - 1,
        term.walk_scale,
        banded(term.reader[reads.partner_nodes]),
    )


def workspace(k: Constants) -> Work:
    """Rows for one thread."""
    dim, n_values, n_reads = k.sizes
    flow = _flow_work(k, n_reads)
    flow.reads[0] = 1.0
    n_partner = len(k.partner.reader.first)
    knots = (k.hazard.n_knots, k.arrivals.walk.n_steps + 1, k.partner.n_steps + 1)
    return Work(
        *(aligned_rows(n) for n in (dim, dim, n_values + 1, n_values + 1, *knots, max(knots))),
        partner=flow.reads[1 : 1 + n_partner],
        partner_bar=flow.reads_bar[1 : 1 + n_partner],
        flow=flow,
        claims=claim_work(k.claims),
    )


def _flow_work(k: Constants, n_reads: int) -> FlowWork:
    size, waves = k.flow.size, k.flow.n_waves * k.flow.size
    n_scalars = WAVE + k.flow.n_waves
    stages = max(k.flow.training, k.flow.fast, k.flow.slow) + 1
    rows = [n_scalars, n_scalars, n_reads, n_reads, waves, waves, waves, waves]
    rows += [size, size, size, 3 * size, 3 * size, *[size] * 7, stages, stages]
    return FlowWork(*(aligned_rows(n) for n in rows))


@entry
def density(k, work, position, value, gradient):
    """Fill value (chain,) and gradient (dim, chain) at positions (dim, chain)."""
    n_chain = position.shape[1]
    flow, claims = work.flow, work.claims
    for first in range(0, n_chain, LANES):
        n = min(LANES, n_chain - first)
        take(position, first, n, work.position)
        total = parameters_forward(k.coordinates, work.position, work.value)
        hazard_forward(k.hazard, work.value, work.hazard_knots, flow.hazard)
        movements_forward(k.movements, work.value, flow.rates)
        arrivals_forward(k.arrivals, work.value, work.arrival_knots, k.table, flow)
        scalars_forward(k.flow, work.value, flow)
        training_forward(k.flow, work.value, k.table, flow)
        flow_forward(k.flow, work.value, k.movements.busy, k.table, flow)
        walk_forward(k.partner, work.value, work.partner_knots, work.partner)
        readings_forward(k.claims, flow.scalars, flow.reads, claims)
        points_forward(k.claims, work.value, claims)
        total += variants_forward(k.claims, claims)
        store(work.knots_bar, 0, total)
        for c in range(n):
            value[first + c] = work.knots_bar[0, c]
        clear(work.bar)
        clear(flow.scalars_bar)
        clear(flow.reads_bar)
        variants_backward(k.claims, claims)
        points_backward(k.claims, work.value, work.bar, claims)
        readings_backward(k.claims, flow.scalars, flow.scalars_bar, flow.reads, flow.reads_bar, claims)
        flow_backward(k.flow, work.value, work.bar, k.movements.busy, k.table, flow)
        training_backward(k.flow, work.value, work.bar, k.table, flow)
        scalars_backward(k.flow, work.value, work.bar, flow)
        arrivals_backward(k.arrivals, work.value, work.bar, work.arrival_knots, work.knots_bar, k.table, flow)
        hazard_backward(k.hazard, work.value, work.bar, work.hazard_knots, work.knots_bar, flow.log_hazard_bar)
        movements_backward(k.movements, work.value, work.bar, flow.rates_bar)
        walk_backward(k.partner, work.value, work.bar, work.partner_knots, work.knots_bar, work.partner, work.partner_bar)
        parameters_backward(k.coordinates, work.position, work.value, work.bar, work.gradient)
        give(work.gradient, gradient, first, n)
