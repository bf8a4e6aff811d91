"""The published density for many chains at once: constants from reports, and the call."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from forcest.models.lanes import aligned_empty
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import coordinate_constants
from forcest.models.process.loss_rates_kernels import rate_constants
from forcest.models.radford2023 import centring_kernels, kernels
from forcest.models.radford2023.centring import centring_of, core_of, information_at
from forcest.models.radford2023.centring_kernels import CentredWork, Centring
from forcest.models.radford2023.kernels import STIRLING_FROM, Constants, Places, Work
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES, Reports

if TYPE_CHECKING:
    from forcest.models.radford2023.model import BoundRadford2023


@dataclass(frozen=True)
class BatchedRadford2023:
    """Log density and gradient of many chains; call it with positions (chain, dim).

    Attributes
    ----------
    bound : BoundRadford2023
    coordinates : Coordinates
        Layout of positions, equal to that of the graph.
    constants : Constants
    """

    bound: BoundRadford2023
    coordinates: Coordinates
    constants: Constants
    _local: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.coordinates.dim

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value, shape (chain,), and gradient, shape (chain, dim), at positions (chain, dim)."""
        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        value, gradient = np.empty(columns.shape[1]), aligned_empty(columns.shape)
        kernels.density(self.constants, self._work(), columns, value, gradient)
        return value, gradient.T

    def _work(self) -> Work:
        if not hasattr(self._local, "work"):
            self._local.work = kernels.workspace(self.constants)
        return self._local.work


@dataclass(frozen=True)
class CentredRadford2023:
    """The same density in sampling coordinates, their Jacobian included.

    Attributes
    ----------
    published : BatchedRadford2023
    centring : Centring
    core : ndarray of int
        Coordinates that claims correlate.
    """

    published: BatchedRadford2023
    centring: Centring
    core: np.ndarray
    _local: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @classmethod
    def at(cls, published: BatchedRadford2023, positions: np.ndarray) -> CentredRadford2023:
        """Coordinates chosen at rough points, positions (point, dim) of the published coordinates."""
        centring = centring_of(published.bound, information_at(published.bound, positions))
        return cls(published, centring, core_of(published.bound, centring))

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value, shape (chain,), and gradient, shape (chain, dim), at coordinates (chain, dim)."""
        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        value, gradient = np.empty(columns.shape[1]), aligned_empty(columns.shape)
        centring_kernels.density(self.published.constants, self.centring, self._work(), columns, value, gradient)
        return value, gradient.T

    def published_positions(self, position: np.ndarray) -> np.ndarray:
        """Published positions of coordinates, both (chain, dim)."""
        columns = np.ascontiguousarray(position.T, dtype=np.float64)
        out = np.empty_like(columns)
        centring_kernels.published_positions(self.published.constants, self.centring, self._work(), columns, out)
        return out.T

    def _work(self) -> CentredWork:
        if not hasattr(self._local, "work"):
            self._local.work = centring_kernels.workspace(self.centring, kernels.workspace(self.published.constants))
        return self._local.work


def batched_density(bound: BoundRadford2023) -> BatchedRadford2023:
    """The batched density of the published model bound to reports."""
    coordinates = Coordinates.of(bound.parameters)
    return BatchedRadford2023(bound, coordinates, constants_of(bound, coordinates))


def constants_of(bound: BoundRadford2023, coordinates: Coordinates) -> Constants:
    """Constants of the kernels: reads and cells that reports share, and the reports as lists."""
    r, reads, n_series = bound.reports, bound.reports.reads, len(bound.reports.series)
    cells, cell, cell_start = _cells(r, coordinates.by_name["bias_offset"].coordinates.start)
    lists = np.stack([reads.of_report - reads.start[r.kind], cell, r.count], axis=1)
    is_small = r.count < STIRLING_FROM
    small, small_start = _by_series(lists, r.kind, ~r.is_daily & is_small, n_series)
    large, large_start = _by_series(lists, r.kind, ~r.is_daily & ~is_small, n_series)
    daily, daily_start = _by_series(lists, r.kind, r.is_daily, n_series)
    table, daily_table = _tables(r)
    apart = ("type_offset", "bias_offset", "loss_offset")
    offsets = [coordinates.by_name[name].coordinates for name in apart]
    stirling = float(np.sum(0.5 * np.log(2 * np.pi) - large[:, 2]))
    return Constants(
        coordinates=coordinate_constants(coordinates, without=apart),
        rates=rate_constants(bound.rates, coordinates, daily_table),
        places=Places(*(coordinates.row(name) for name in Places._fields)),
        table=table,
        cells=cells,
        small=small,
        large=large,
        daily=daily,
        small_start=small_start,
        large_start=large_start,
        daily_start=daily_start,
        read_start=reads.start,
        cell_start=cell_start,
        read_counts=np.bincount(reads.of_report, weights=r.count, minlength=len(reads.series)),
        cell_counts=np.bincount(cell, weights=r.count, minlength=len(cells)),
        offsets=tuple(one.start for one in offsets),
        n_offsets=tuple(one.stop - one.start for one in offsets),
        total=_constant(r, small, stirling),
        sizes=(coordinates.dim, coordinates.n_values, int(np.diff(reads.start).max()), n_series),
    )


def _constant(r: Reports, small: np.ndarray, stirling: float) -> float:
    return stirling - float(np.sum(gammaln(r.count + 1.0)))


def _tables(r: Reports) -> tuple[np.ndarray, np.ndarray]:
    """Where the reads of cumulative and of daily losses stand within their series, each (series, date)."""
    tables = np.full((2, len(r.series), r.n_days), -1, dtype=np.int64)
    reads = r.reads
    tables[reads.is_daily.astype(int), reads.series, reads.day] = np.arange(len(reads.series)) - reads.start[reads.series]
    return tables[0], tables[1]


def _cells(r: Reports, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bias cells with reports, shape (cell, 5), the cell of each report, and where those of a series begin."""
    voice = r.source * len(COUNTRIES) + r.country
    place = first + voice * len(CATEGORIES) + r.category
    keys = np.stack([r.kind, voice, place, r.source, r.is_minimum, r.is_maximum], axis=1)
    cells, cell = np.unique(keys, axis=0, return_inverse=True)
    start = np.searchsorted(cells[:, 0], np.arange(len(r.series) + 1)).astype(np.int64)
    return np.ascontiguousarray(cells[:, 1:], dtype=np.int64), cell.ravel(), start


def _by_series(lists: np.ndarray, kind: np.ndarray, chosen: np.ndarray, n_series: int) -> tuple[np.ndarray, np.ndarray]:
    """Chosen reports sorted by series and read, and where each series begins."""
    at = np.flatnonzero(chosen)
    at = at[np.lexsort((lists[at, 0], kind[at]))]
    return np.ascontiguousarray(lists[at]), np.searchsorted(kind[at], np.arange(n_series + 1)).astype(np.int64)
