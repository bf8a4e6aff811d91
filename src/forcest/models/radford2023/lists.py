"""Reports as the lists that the kernels iterate over: shared reads and bias cells, and reports sorted by series."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.coordinates_kernels import coordinate_constants
from forcest.models.process.loss_rates import LossRates
from forcest.models.process.loss_rates_kernels import rate_constants
from forcest.models.radford2023.kernels import STIRLING_FROM, Constants, Places
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES, Reports


def constants_of(r: Reports, rates: LossRates, coordinates: Coordinates) -> Constants:
    """Constants of the kernels."""
    reads, n_series = r.reads, len(r.series)
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
        rates=rate_constants(rates, coordinates, daily_table),
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
    """Positions of the reads of cumulative and of daily losses within their series, each (series, date)."""
    tables = np.full((2, len(r.series), r.n_days), -1, dtype=np.int64)
    reads = r.reads
    tables[reads.is_daily.astype(int), reads.series, reads.day] = np.arange(len(reads.series)) - reads.start[reads.series]
    return tables[0], tables[1]


def _cells(r: Reports, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bias cells with reports, shape (cell, 5), the cell of each report, and the first cell of each series."""
    pair = r.source * len(COUNTRIES) + r.country
    place = first + pair * len(CATEGORIES) + r.category
    keys = np.stack([r.kind, pair, place, r.source, r.is_minimum, r.is_maximum], axis=1)
    cells, cell = np.unique(keys, axis=0, return_inverse=True)
    start = np.searchsorted(cells[:, 0], np.arange(len(r.series) + 1)).astype(np.int64)
    return np.ascontiguousarray(cells[:, 1:], dtype=np.int64), cell.ravel(), start


def _by_series(lists: np.ndarray, kind: np.ndarray, chosen: np.ndarray, n_series: int) -> tuple[np.ndarray, np.ndarray]:
    """Chosen reports sorted by series and read, and the first report of each series."""
    at = np.flatnonzero(chosen)
    at = at[np.lexsort((lists[at, 0], kind[at]))]
    return np.ascontiguousarray(lists[at]), np.searchsorted(kind[at], np.arange(n_series + 1)).astype(np.int64)
