"""The daily hazard for sixteen chains; the batched form of ``attrition.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.description.calendar import parse_step
from forcest.models.lanes import add_to, exp, kernel, load, log, spread, store, workspace_of
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.ar1_kernels import CurveConstants, curve_backward, curve_forward
from forcest.models.process.attrition import NO_HAZARD, Hazard, NoHazard
from forcest.models.process.walks_kernels import Reader, banded, read_knots, read_knots_backward


class HazardConstants(NamedTuple):
    """Where the parameters stand (``level`` is -1 where there is no hazard), and the constants of the log hazard.

    Attributes
    ----------
    level, sd, effect : int
    curve : CurveConstants
    reader : Reader
    log_onset : ndarray, shape (date,)
    covariates : ndarray, shape (date, covariate)
    """

    level: int
    sd: int
    effect: int
    curve: CurveConstants
    reader: Reader
    log_onset: np.ndarray
    covariates: np.ndarray


def hazard_constants(term: Hazard | NoHazard, coordinates: Coordinates) -> HazardConstants:
    """Constants of the term."""
    row = coordinates.row
    if isinstance(term, NoHazard):
        nothing, curve = np.zeros((term.size, 0)), CurveConstants(-1, -1, 0, 0.0)
        return HazardConstants(-1, -1, -1, curve, banded(np.zeros((term.size, 1))), np.zeros(term.size), nothing)
    return HazardConstants(
        level=row("hazard_level"),
        sd=row("hazard_sd"),
        effect=row("hazard_effect"),
        curve=CurveConstants(
            row("hazard_correlation"), row("hazard_offset"), term.reader.shape[1], float(parse_step(term.attrition.smooth.every))
        ),
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
    return workspace_of(HazardWork, knots=k.curve.n_knots, knots_bar=k.curve.n_knots, hazard=size, log_hazard_bar=size)


@kernel
def hazard_forward(k, value, work):
    """Fill the standardised curve at the knots and the hazard."""
    if k.level < 0:
        for t in range(len(k.log_onset)):
            store(work.hazard, t, spread(NO_HAZARD))
        return
    curve_forward(k.curve, value, work.knots)
    level, sd = log(load(value, k.level)), load(value, k.sd)
    for t in range(len(k.log_onset)):
        x = level + k.log_onset[t] + sd * read_knots(k.reader, work.knots, t)
        for c in range(k.covariates.shape[1]):
            x += k.covariates[t, c] * load(value, k.effect + c)
        store(work.hazard, t, exp(x))


@kernel
def hazard_backward(k, value, bar, work):
    """Adjoint of :func:`hazard_forward`, from slopes in the log hazard."""
    if k.level < 0:
        return
    level_bar, sd_bar, sd = spread(0.0), spread(0.0), load(value, k.sd)
    for i in range(k.curve.n_knots):
        store(work.knots_bar, i, spread(0.0))
    for t in range(len(k.log_onset)):
        slope = load(work.log_hazard_bar, t)
        level_bar += slope
        read_knots_backward(k.reader, work.knots_bar, t, slope)
        for c in range(k.covariates.shape[1]):
            add_to(bar, k.effect + c, k.covariates[t, c] * slope)
    for i in range(k.curve.n_knots):
        slope = load(work.knots_bar, i)
        sd_bar += slope * load(work.knots, i)
        store(work.knots_bar, i, sd * slope)
    add_to(bar, k.level, level_bar / load(value, k.level))
    add_to(bar, k.sd, sd_bar)
    curve_backward(k.curve, value, bar, work.knots, work.knots_bar)
