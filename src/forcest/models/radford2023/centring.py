"""Choice of the sampling coordinates of the published model, from the information of its reports at rough points.

The information of a report in its log mean is mu phi / (mu + phi) if it is cumulative, mu if it is daily. Any choice gives the same
posterior; a good one gives coordinates without long ridges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.loss_rates import cholesky
from forcest.models.radford2023.centring_kernels import Centring
from forcest.models.radford2023.kernels import Places
from forcest.models.radford2023.model import BoundRadford2023
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES

INFORMED = 3.0
"""Ratio of the information of the claims to that of the prior from which a quantity is centred."""
LEAST_SCALE = 0.1
"""Lower limit of the prior scales, since rough points may lie in the neck of a funnel."""


@dataclass(frozen=True)
class Information:
    """Information of the reports, averaged over rough points.

    Parameters
    ----------
    cells : ndarray, shape (source, country, category)
        In the log bias of a cell.
    anchors : ndarray, shape (read,)
        Weights of the log losses that the best-informed source reports; those of a series sum to 1.
    best : ndarray of int, shape (series,)
        The best-informed source.
    splines : ndarray, shape (series, coefficient, coefficient)
        In the coefficients of the splines, given the level.
    source_scale : ndarray, shape (source, country)
    loss_scale : ndarray, shape (series,)
        Prior scales for comparison: 5 % quantiles over the points, at least 0.1.
    """

    cells: np.ndarray
    anchors: np.ndarray
    best: np.ndarray
    splines: np.ndarray
    source_scale: np.ndarray
    loss_scale: np.ndarray


def information_at(bound: BoundRadford2023, positions: np.ndarray) -> Information:
    """Information of the reports at rough points, positions (point, dim) of the published coordinates."""
    p = Coordinates.of(bound.parameters).parameters_of(positions)
    r, n = bound.reports, len(positions)
    losses, weights = _expected(bound, p)
    cells = np.zeros((len(r.sources), len(COUNTRIES), len(CATEGORIES)))
    np.add.at(cells, (r.source, r.country, r.category), weights.mean(axis=0))
    best = np.array([np.bincount(r.source[r.kind == j], weights.mean(axis=0)[r.kind == j]).argmax() for j in range(len(r.series))])
    basis = bound.rates.basis
    anchors = np.zeros(len(r.reads.series))
    splines = np.zeros((len(r.series), basis.shape[1], basis.shape[1]))
    for j in range(len(r.series)):
        mine = np.flatnonzero(r.kind == j)
        for point in range(n):
            reads, weight = _reads(losses[point, j], r.day[mine], r.is_daily[mine]), weights[point, mine]
            own = weight * (r.source[mine] == best[j])
            np.add.at(anchors, r.reads.of_report[mine], own / (own.sum() * n))
            slopes = reads @ basis
            slopes = slopes - weight @ slopes / weight.sum()
            splines[j] += (slopes.T * weight) @ slopes / n
    low = {name: np.maximum(np.quantile(p[name], 0.05, axis=0), LEAST_SCALE) for name in ("bias_source_scale", "loss_scale")}
    return Information(cells, anchors, best, splines, low["bias_source_scale"], low["loss_scale"])


def _expected(bound: BoundRadford2023, p: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Losses (point, series, date), and the information of each report in its log mean (point, report)."""
    r = bound.reports
    log_rate, cumulative = bound.losses(p)
    bias, losses = bound.log_bias(p), np.exp(log_rate)
    read = np.where(r.is_daily, losses[:, r.kind, r.day], cumulative[:, r.kind, r.day])
    mean = read * np.exp(bias[:, r.source, r.country, r.category])
    size = np.exp(-(p["dispersion_level"][:, None] + p["dispersion_scale"][:, None] * p["dispersion_offset"]))[:, r.kind]
    return losses, np.where(r.is_daily, mean, mean * size / (mean + size))


def _reads(losses: np.ndarray, day: np.ndarray, is_daily: np.ndarray) -> np.ndarray:
    """Share of each date's log rate in the log of what each report reads, shape (report, date)."""
    dates = np.arange(len(losses))
    shares = np.where(dates <= day[:, None], losses / np.cumsum(losses)[day][:, None], 0.0)
    return np.where(is_daily[:, None], dates == day[:, None], shares)


def centring_of(bound: BoundRadford2023, information: Information, informed: float = INFORMED) -> Centring:
    """Sampling coordinates for the information of the reports."""
    layout = Coordinates.of(bound.parameters)
    first = {name: entry.coordinates.start for name, entry in layout.by_name.items()}
    cells, cell_start, free = _bias_coordinates(bound, information, first["bias_offset"], informed)
    starts, reflections, overlap, directions, power = _reflections(information, informed)
    return Centring(
        at=Places(*(first.get(name, -1) for name in Places._fields)),
        scale=first["loss_scale"],
        partial=first["loss_partial"],
        offset=first["loss_offset"],
        cells=cells,
        cell_start=cell_start,
        free=free,
        anchor=information.anchors,
        start=starts,
        reflections=reflections,
        overlap=overlap,
        directions=directions,
        power=power,
    )


def _bias_coordinates(
    bound: BoundRadford2023, information: Information, first: int, informed: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The informed cells by series (pair and coordinate), where those of a series begin, and the coordinates of the others.

    The cell of a series' best-informed source is always one of them.
    """
    r, n_kinds = bound.reports, len(CATEGORIES)
    pair = r.source * len(COUNTRIES) + r.country
    cells = np.unique(np.stack([r.kind, pair, pair * n_kinds + r.category, r.source == information.best[r.kind]], axis=1), axis=0)
    strength = information.cells.ravel()[cells[:, 2]] * information.source_scale.ravel()[cells[:, 1]] ** 2
    cells = cells[(strength > informed) | (cells[:, 3] == 1)].astype(np.int64)
    start = np.searchsorted(cells[:, 0], np.arange(len(r.series) + 1)).astype(np.int64)
    free = np.setdiff1d(np.arange(information.cells.size), cells[:, 2]).astype(np.int64)
    return np.stack([cells[:, 1], first + cells[:, 2]], axis=1), start, first + free


def _reflections(information: Information, informed: float) -> tuple[np.ndarray, ...]:
    """Householder reflections that move the informed directions of the splines of each series to the front, and their powers.

    If the claims have n times the information of the prior in a direction, its coordinate has the power n / (1 + n) of the scale.
    """
    n_coefficients = information.splines.shape[1]
    starts, vectors, directions, overlaps, powers = [0], [], [], [], []
    for matrix, scale in zip(information.splines, information.loss_scale, strict=True):
        values, found = np.linalg.eigh(matrix)
        times = values * scale**2
        chosen = found[:, times > informed][:, ::-1]
        powers.append((times / (1 + times))[times > informed][::-1])
        raw, tau = np.linalg.qr(chosen, mode="raw") if chosen.shape[1] else (np.zeros((0, n_coefficients)), np.zeros(0))
        own = np.sqrt(tau)[:, None] * (np.triu(raw, 1) + np.eye(len(tau), n_coefficients))
        turned = np.eye(len(tau), n_coefficients)
        for vector in own[::-1]:
            turned -= (turned @ vector)[:, None] * vector
        vectors.append(own)
        directions.append(turned)
        overlaps.append(own @ own.T)
        starts.append(starts[-1] + len(tau))
    most = max(len(overlap) for overlap in overlaps)
    overlap = np.concatenate([np.pad(one, ((0, 0), (0, most - len(one)))) for one in overlaps])
    rows = (np.concatenate(one) for one in (directions, powers))
    return np.array(starts, dtype=np.int64), np.concatenate(vectors), overlap, *rows


def coordinates_of(bound: BoundRadford2023, centring: Centring, positions: np.ndarray) -> np.ndarray:
    """Sampling coordinates of published positions, both (point, dim): the inverse of the map of the kernels."""
    layout = Coordinates.of(bound.parameters)
    p, c, out = layout.parameters_of(positions), centring, positions.copy()
    for name in ("dispersion", "slope"):
        out[:, layout.by_name[f"{name}_offset"].coordinates] = (
            p[f"{name}_level"][:, None] + p[f"{name}_scale"][:, None] * p[f"{name}_offset"]
        )
    factor = cholesky(p["loss_partial"], len(bound.reports.series))
    splines = p["loss_scale"][..., None] * (factor @ p["loss_offset"])
    log_rate = splines @ bound.rates.basis.T + out[:, layout.by_name["slope_offset"].coordinates][..., None] * bound.rates.years
    cumulative, reads = np.log(np.cumsum(np.exp(log_rate), axis=2)), bound.reports.reads
    at = (slice(None), reads.series, reads.day)
    anchors = np.add.reduceat(c.anchor * np.where(reads.is_daily, log_rate[at], cumulative[at]), reads.start[:-1], axis=1)
    out[:, layout.by_name["type_offset"].coordinates], out[:, c.cells[:, 1]] = _levels_and_totals(c, p, positions, anchors)
    for j, (start, stop) in enumerate(zip(c.start[:-1], c.start[1:], strict=True)):
        turned, own = p["loss_offset"][:, j], splines[:, j]
        for vector in c.reflections[start:stop]:
            turned, own = (rows - (rows @ vector)[:, None] * vector for rows in (turned, own))
        own = own[:, : stop - start] * p["loss_scale"][:, j, None] ** (c.power[start:stop] - 1)
        begin = c.offset + j * c.reflections.shape[1]
        out[:, begin : begin + c.reflections.shape[1]] = np.concatenate([own, turned[:, stop - start :]], axis=1)
    return out


def _levels_and_totals(c: Centring, p: dict[str, np.ndarray], positions: np.ndarray, anchors: np.ndarray) -> tuple[np.ndarray, ...]:
    """Standard levels of the series given the totals of their cells, and these totals with the anchors."""
    level = p["type_level"][:, None] + p["type_scale"][:, None] * p["type_offset"]
    scale = p["bias_source_scale"].reshape(len(positions), -1)[:, c.cells[:, 0]]
    shared = p["bias_scale"][:, None] * p["bias_source_offset"].reshape(len(positions), -1)[:, c.cells[:, 0]]
    own = scale * positions[:, c.cells[:, 1]]
    series = np.repeat(np.arange(level.shape[1]), np.diff(c.cell_start))
    total = level[:, series] + shared + own
    prior = p["type_scale"][:, None] ** -2.0
    precision = prior + np.add.reduceat(scale**-2.0, c.cell_start[:-1], axis=1)
    weighted = prior * p["type_level"][:, None] + np.add.reduceat((total - shared) / scale**2, c.cell_start[:-1], axis=1)
    return (level - weighted / precision) * np.sqrt(precision), total + anchors[:, series]


def core_of(bound: BoundRadford2023, centring: Centring) -> np.ndarray:
    """Coordinates correlated by the claims: all but partial correlations, uninformed directions and cells without reports."""
    layout = Coordinates.of(bound.parameters)
    keep = np.ones(layout.dim, dtype=bool)
    for name in ("loss_offset", "loss_partial"):
        keep[layout.by_name[name].coordinates] = False
    n_coefficients = centring.reflections.shape[1]
    for j, (start, stop) in enumerate(zip(centring.start[:-1], centring.start[1:], strict=True)):
        begin = centring.offset + j * n_coefficients
        keep[begin : begin + stop - start] = True
    r = bound.reports
    reported = np.unique((r.source * len(COUNTRIES) + r.country) * len(CATEGORIES) + r.category)
    bias = layout.by_name["bias_offset"].coordinates
    keep[np.setdiff1d(np.arange(bias.start, bias.stop), bias.start + reported)] = False
    return np.flatnonzero(keep)
