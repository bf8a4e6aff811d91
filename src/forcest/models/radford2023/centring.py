"""What the claims fix: sampling coordinates of the published model, chosen from the information of its reports at rough points.

The information of a report in its log mean is mu phi / (mu + phi) where it is cumulative, mu where it is daily. Any choice gives
the same posterior; a good one gives coordinates without long ridges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forcest.models.coordinates import Coordinates
from forcest.models.radford2023.centring_kernels import Centring
from forcest.models.radford2023.kernels import Places
from forcest.models.radford2023.model import BoundRadford2023
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES
from forcest.models.terms.loss_rates import cholesky

INFORMED = 3.0
"""What is centred carries at least so many times the information of its prior."""
LEAST_SCALE = 0.3
"""Smallest prior scale that is counted on: rough points may lie in the neck of a funnel."""


@dataclass(frozen=True)
class Information:
    """Information of the reports, averaged over rough points.

    Parameters
    ----------
    cells : ndarray, shape (source, country, category)
        In the log bias of a cell.
    anchors : ndarray, shape (read,)
        Weights of the log losses that the best-informed source reports; they sum to 1 for a series.
    best : ndarray of int, shape (series,)
        The best-informed source.
    splines : ndarray, shape (series, coefficient, coefficient)
        In the splines' coefficients, the level taken out.
    source_scale : ndarray, shape (source, country)
    loss_scale : ndarray, shape (series,)
        Scales to compare them with: 5 % quantiles over the points, at least 0.3.
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
    level = p["type_level"][:, None] + p["type_scale"][:, None] * p["type_offset"]
    slope = p["slope_level"][:, None] + p["slope_scale"][:, None] * p["slope_offset"]
    log_rate, cumulative = bound.rates.forward({**p, "loss_rate": np.exp(level), "loss_slope": slope})
    bias = p["bias_scale"][:, None, None, None] * p["bias_source_offset"][..., None]
    bias = bias + p["bias_source_scale"][..., None] * p["bias_offset"]
    losses = np.exp(log_rate)
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
    best, cells, cell_start, level_cell = _bias_coordinates(bound, information, first, informed)
    starts, reflections, overlap, directions = _reflections(information, informed)
    return Centring(
        at=Places(*(first.get(name, -1) for name in Places._fields)),
        scale=first["loss_scale"],
        partial=first["loss_partial"],
        offset=first["loss_offset"],
        best=best,
        cells=cells,
        cell_start=cell_start,
        level_cell=level_cell,
        anchor=information.anchors,
        start=starts,
        reflections=reflections,
        overlap=overlap,
        directions=directions,
    )


def _bias_coordinates(
    bound: BoundRadford2023, information: Information, first: dict[str, int], informed: float
) -> tuple[np.ndarray, ...]:
    """Best cell of each voice, the other centred cells and where those of a voice begin, and the bias that anchors each series."""
    voices = information.cells.reshape(-1, len(CATEGORIES))
    n_voices, n_kinds = voices.shape
    kinds = voices.argmax(axis=1)
    said = voices.max(axis=1) > 0
    coordinate = first["bias_offset"] + np.arange(n_voices)[:, None] * n_kinds + np.arange(n_kinds)
    best = np.where(said, coordinate[np.arange(n_voices), kinds], -1)
    voice, kind = _anchor_cells(bound, information)
    centred = voices * information.source_scale.reshape(-1, 1) ** 2 > informed
    centred[voice, kind] = True
    centred[np.arange(n_voices), kinds] = False
    cell_start = np.concatenate([[0], np.cumsum(centred.sum(axis=1))])
    level = np.where(kinds[voice] == kind, first["bias_source_offset"] + voice, coordinate[voice, kind])
    return best.astype(np.int64), coordinate[centred].astype(np.int64), cell_start.astype(np.int64), level.astype(np.int64)


def _anchor_cells(bound: BoundRadford2023, information: Information) -> tuple[np.ndarray, np.ndarray]:
    """Voice and kind of the bias of each series' best-informed source."""
    r = bound.reports
    one = np.array([np.flatnonzero(r.kind == j)[0] for j in range(len(r.series))])
    return information.best * len(COUNTRIES) + r.country[one], r.category[one]


def _reflections(information: Information, informed: float) -> tuple[np.ndarray, ...]:
    """Householder reflections that turn the informed directions of each series' splines to the front, and what belongs to them."""
    n_coefficients = information.splines.shape[1]
    starts, vectors, directions, overlaps = [0], [], [], []
    for matrix, scale in zip(information.splines, information.loss_scale, strict=True):
        values, found = np.linalg.eigh(matrix)
        chosen = found[:, values * scale**2 > informed][:, ::-1]
        raw, tau = np.linalg.qr(chosen, mode="raw") if chosen.shape[1] else (np.zeros((0, n_coefficients)), np.zeros(0))
        own = np.sqrt(tau)[:, None] * (np.triu(raw, 1) + np.eye(*raw.shape))
        turned = np.eye(len(tau), n_coefficients)
        for vector in own[::-1]:
            turned -= (turned @ vector)[:, None] * vector
        vectors.append(own)
        directions.append(turned)
        overlaps.append(own @ own.T)
        starts.append(starts[-1] + len(tau))
    most = max(len(overlap) for overlap in overlaps)
    overlap = np.concatenate([np.pad(one, ((0, 0), (0, most - len(one)))) for one in overlaps])
    return np.array(starts, dtype=np.int64), np.concatenate(vectors), overlap, np.concatenate(directions)


def coordinates_of(bound: BoundRadford2023, centring: Centring, positions: np.ndarray) -> np.ndarray:
    """Sampling coordinates of published positions, both (point, dim): the inverse of the map of the kernels."""
    layout = Coordinates.of(bound.parameters)
    p, c, out = layout.parameters_of(positions), centring, positions.copy()
    for name in ("dispersion", "slope", "type"):
        out[:, layout.by_name[f"{name}_offset"].coordinates] = (
            p[f"{name}_level"][:, None] + p[f"{name}_scale"][:, None] * p[f"{name}_offset"]
        )
    bias = p["bias_scale"][:, None, None, None] * p["bias_source_offset"][..., None]
    bias = (bias + p["bias_source_scale"][..., None] * p["bias_offset"]).reshape(len(positions), -1)
    first = layout.by_name["bias_offset"].coordinates.start
    said = np.flatnonzero(c.best >= 0)
    out[:, c.at.bias_source_offset + said] = bias[:, c.best[said] - first]
    out[:, c.cells] = bias[:, c.cells - first]
    factor = cholesky(p["loss_partial"], len(bound.reports.series))
    splines = p["loss_scale"][..., None] * (factor @ p["loss_offset"])
    log_rate = splines @ bound.rates.basis.T + out[:, layout.by_name["slope_offset"].coordinates][..., None] * bound.rates.years
    cumulative, reads = np.log(np.cumsum(np.exp(log_rate), axis=2)), bound.reports.reads
    at = (slice(None), reads.series, reads.day)
    anchors = np.add.reduceat(c.anchor * np.where(reads.is_daily, log_rate[at], cumulative[at]), reads.start[:-1], axis=1)
    out[:, layout.by_name["type_offset"].coordinates] += anchors + out[:, c.level_cell]
    for j, (start, stop) in enumerate(zip(c.start[:-1], c.start[1:], strict=True)):
        turned, own = p["loss_offset"][:, j], splines[:, j]
        for vector in c.reflections[start:stop]:
            turned, own = (rows - (rows @ vector)[:, None] * vector for rows in (turned, own))
        begin = c.offset + j * c.reflections.shape[1]
        out[:, begin : begin + c.reflections.shape[1]] = np.concatenate([own[:, : stop - start], turned[:, stop - start :]], axis=1)
    return out


def core_of(bound: BoundRadford2023, centring: Centring) -> np.ndarray:
    """Coordinates that claims correlate: all but partial correlations and uninformed spline directions."""
    layout = Coordinates.of(bound.parameters)
    keep = np.ones(layout.dim, dtype=bool)
    for name in ("loss_offset", "loss_partial"):
        keep[layout.by_name[name].coordinates] = False
    n_coefficients = centring.reflections.shape[1]
    for j, (start, stop) in enumerate(zip(centring.start[:-1], centring.start[1:], strict=True)):
        begin = centring.offset + j * n_coefficients
        keep[begin : begin + stop - start] = True
    return np.flatnonzero(keep)
