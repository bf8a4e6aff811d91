"""The daily hazard for sixteen chains; the batched form of ``attrition.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.description.calendar import parse_step
from forcest.models.lanes import add_to, exp, exp_minus_one, kernel, load, log, spread, square_root, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.attrition import Hazard
from forcest.models.process.walks_kernels import Reader, banded, read_knots, read_knots_backward


class HazardConstants(NamedTuple):
    """Rows of the parameters among the values, and the constants of the log hazard.

    Attributes
    ----------
    level, sd, correlation, offset, effect : int
    n_knots : int
    spacing : float  [days]
    reader : Reader
    log_onset : ndarray, shape (date,)
    covariates : ndarray, shape (date, covariate)
    """

    level: int
    sd: int
    correlation: int
    offset: int
    effect: int
    n_knots: int
    spacing: float
    reader: Reader
    log_onset: np.ndarray
    covariates: np.ndarray


def hazard_constants(term: Hazard, coordinates: Coordinates) -> HazardConstants:
    """Constants of the term."""
    row = coordinates.row
    return HazardConstants(
        level=row("hazard_level"),
        sd=row("hazard_sd"),
        correlation=row("hazard_correlation"),
        offset=row("hazard_offset"),
        effect=row("hazard_effect"),
        n_knots=term.reader.shape[1],
        spacing=float(parse_step(term.attrition.smooth.every)),
        reader=banded(term.reader),
        log_onset=np.ascontiguousarray(term.log_onset, dtype=float),
        covariates=np.ascontiguousarray(term.covariates, dtype=float),
    )


class HazardWork(NamedTuple):
    """Rows of one thread.

    Attributes
    ----------
    knots, knots_bar : ndarray, shape (knot, lane)
        The standardised curve, and slopes in it.
    hazard, log_hazard_bar : ndarray, shape (date, lane)  [1/day]
        The hazard, and slopes in its logarithm.
    """

    knots: np.ndarray
    knots_bar: np.ndarray
    hazard: np.ndarray
    log_hazard_bar: np.ndarray


def hazard_work(k: HazardConstants) -> HazardWork:
    """Rows of one thread."""
    size = len(k.log_onset)
    return workspace_of(HazardWork, knots=k.n_knots, knots_bar=k.n_knots, hazard=size, log_hazard_bar=size)


@kernel
def hazard_forward(k, value, work):
    """Fill the standardised curve at the knots and the hazard."""
    spacing = k.spacing / load(value, k.correlation)
    phi, psi = exp(-spacing), square_root(-exp_minus_one(-2.0 * spacing))
    curve = load(value, k.offset)
    store(work.knots, 0, curve)
    for i in range(1, k.n_knots):
        curve = phi * curve + psi * load(value, k.offset + i)
        store(work.knots, i, curve)
    level, sd = log(load(value, k.level)), load(value, k.sd)
    for t in range(len(k.log_onset)):
        x = level + k.log_onset[t] + sd * read_knots(k.reader, work.knots, t)
        for c in range(k.covariates.shape[1]):
            x += k.covariates[t, c] * load(value, k.effect + c)
        store(work.hazard, t, exp(x))


@kernel
def hazard_backward(k, value, bar, work):
    """Adjoint of :func:`hazard_forward`, from slopes in the log hazard."""
    level_bar = spread(0.0)
    for i in range(k.n_knots):
        store(work.knots_bar, i, spread(0.0))
    for t in range(len(k.log_onset)):
        slope = load(work.log_hazard_bar, t)
        level_bar += slope
        read_knots_backward(k.reader, work.knots_bar, t, slope)
        for c in range(k.covariates.shape[1]):
            add_to(bar, k.effect + c, k.covariates[t, c] * slope)
    add_to(bar, k.level, level_bar / load(value, k.level))
    _curve_backward(k, value, bar, work)


@kernel
def _curve_backward(k, value, bar, work):
    """Adjoint of the mean-reverting curve."""
    sd, correlation = load(value, k.sd), load(value, k.correlation)
    spacing = k.spacing / correlation
    phi, psi = exp(-spacing), square_root(-exp_minus_one(-2.0 * spacing))
    sd_bar, phi_bar, psi_bar, later = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
    for i in range(k.n_knots - 1, 0, -1):
        knot = load(work.knots_bar, i)
        sd_bar += knot * load(work.knots, i)
        curve_bar = sd * knot + later
        phi_bar += curve_bar * load(work.knots, i - 1)
        psi_bar += curve_bar * load(value, k.offset + i)
        add_to(bar, k.offset + i, psi * curve_bar)
        later = phi * curve_bar
    first = load(work.knots_bar, 0)
    add_to(bar, k.sd, sd_bar + first * load(work.knots, 0))
    add_to(bar, k.offset, sd * first + later)
    add_to(bar, k.correlation, (phi_bar - psi_bar * phi / psi) * phi * spacing / correlation)
