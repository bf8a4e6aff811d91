"""Claims as the lists that the batched likelihood iterates over: the series that they read, their points, their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forcest.models.parameters.coordinates import Coordinates
from forcest.models.reporting.arrays import NOTHING, ClaimArrays
from forcest.models.reporting.bias import Bias
from forcest.models.reporting.description import GRIDS, Reporting
from forcest.models.reporting.layout import Layout
from forcest.models.reporting.likelihood import GROSS_WIDTH
from forcest.models.reporting.likelihood_kernels import ClaimConstants
from forcest.models.reporting.readings import Curve

OPEN = 1e8  # stands for an open bound [log persons]: beyond every mean, and finite
CONSTANT = -1  # the series that is 1 at every step

Product = tuple[float, int, int]
"""Factor, scalar, series; a curve is a sum of such products."""

Read = tuple[float, int, int]
"""Weight, scalar, row of the reads."""


@dataclass(frozen=True)
class ReadTable:
    """Nodes of series that claims read.

    Parameters
    ----------
    table : ndarray of int, shape (series, date)
        Row that takes a series' value at a step; -1 where no claim reads it. Row 0 is constantly 1.
    n_rows : int
    first_nodes : ndarray of int, shape (node,)
        Nodes of the series whose rows come first, from row 1 on.
    """

    table: np.ndarray
    n_rows: int
    first_nodes: np.ndarray


class Curves(Protocol):
    """Curves of a model as sums of products of a scalar and a series.

    Attributes
    ----------
    size : int
        Number of nodes.
    n_series : int
    first_series : int, optional
        The series whose rows come first, in one block.
    """

    size: int
    n_series: int
    first_series: int | None

    def products(self, curve: Curve) -> list[Product]:
        """The products that add up to a curve."""
        ...


@dataclass(frozen=True)
class ClaimTerm:
    """Claims, their layout and their reporting model: the input of the likelihood kernels."""

    data: ClaimArrays
    layout: Layout
    reporting: Reporting

    def reads(self, curves: Curves) -> tuple[ReadTable, list[list[Read]]]:
        """The nodes that claims read, and each reading as a list of (weight, scalar, row of the reads)."""
        wanted = [self._nodes(nodes, weights, curves) for nodes, weights in self._readings()]
        table = _read_table({(series, node) for terms in wanted for _, series, node in terms if series != CONSTANT}, curves)

        def row(series: int, node: int) -> int:
            return 0 if series == CONSTANT else int(table.table[series, node])

        rows = [[(weight, scalar, row(series, node)) for (scalar, series, node), weight in terms.items()] for terms in wanted]
        return table, rows

    def _readings(self) -> Iterator[tuple[list[int], list[float]]]:
        return zip(self.data.reading_nodes.tolist(), self.data.reading_weights.tolist(), strict=True)

    def _nodes(self, nodes: list[int], weights: list[float], curves: Curves) -> dict[tuple[int, int, int], float]:
        """Weight of every scalar, series and node of one reading."""
        terms: dict[tuple[int, int, int], float] = {}
        for flat, weight in zip(nodes, weights, strict=True):
            curve, node = divmod(flat, curves.size)
            if weight:
                for factor, scalar, series in curves.products(self.layout.curves[curve]):
                    key = (scalar, series, node if series != CONSTANT else 0)
                    terms[key] = terms.get(key, 0.0) + weight * factor
        return terms

    def constants(self, readings: list[list[Read]], coordinates: Coordinates) -> ClaimConstants:
        """Constants of the kernels, for readings as :meth:`reads` gives them."""
        data = self.data
        flat = [term for terms in readings for term in terms]
        place = _Places(coordinates)
        rounding = coordinates.by_name.get("rounding")
        n_sources = rounding.parameter.shape[0] if rounding else 0
        return ClaimConstants(
            reading_start=_starts([len(terms) for terms in readings]),
            read_scalar=np.array([scalar for _, scalar, _ in flat], dtype=np.int64),
            read_row=np.array([row for _, _, row in flat], dtype=np.int64),
            read_weight=np.array([weight for weight, _, _ in flat], dtype=float),
            **_point_lists(data, place),
            **self._drift(place),
            vague=data.vague,
            own_share=data.own_share,
            counted=1.0 - data.is_ratio,
            expected=data.is_expected,
            **_cell_lists(data, coordinates),
            **_variant_lists(data),
            used=np.ascontiguousarray(data.used, dtype=float),
            scales=np.array([place.first(name) for name in ("source_scale", "source_class_scale", "drift_scale")], dtype=np.int64),
            rounding=np.array([max(coordinates.row("rounding"), 0), n_sources, len(GRIDS)], dtype=np.int64),
            widths=_widths(self.reporting),
        )

    def _drift(self, place: _Places) -> dict:
        kept, new = Bias(self.reporting, self.layout).drift_recursion() if self.layout.bulletins else (np.zeros(0), np.zeros(0))
        return {"drift_at": self.data.drift, "drift_first": place.first("drift_offset"), "drift_kept": kept, "drift_new": new}


def _read_table(wanted: set[tuple[int, int]], curves: Curves) -> ReadTable:
    table = np.full((curves.n_series, curves.size), -1, dtype=np.int64)
    ordered = sorted(wanted, key=lambda read: (read[0] != curves.first_series, read[1], read[0]))
    for row, (series, node) in enumerate(ordered, start=1):
        table[series, node] = row
    first = np.array([node for series, node in ordered if series == curves.first_series], dtype=np.int64)
    return ReadTable(table, 1 + len(ordered), first)


class _Places:
    """Rows of parameters among the values; a missing parameter has the row of zeros after the last one."""

    def __init__(self, coordinates: Coordinates):
        self._coordinates = coordinates

    def first(self, name: str) -> int:
        row = self._coordinates.row(name)
        return row if row >= 0 else self._coordinates.n_values

    def rows(self, name: str, index: np.ndarray) -> np.ndarray:
        none = self._coordinates.n_values
        first = self._coordinates.row(name)
        return np.where(index >= 0, first + index, none) if first >= 0 else np.full(index.shape, none, dtype=np.int64)


def _starts(lengths: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.int64))]).astype(np.int64)


def _point_lists(data: ClaimArrays, place: _Places) -> dict[str, np.ndarray]:
    groups = [[r] for r in data.single.tolist()] + [[r for r in row if r >= 0] for row in data.highest.tolist()]
    index = {
        "stance_level": data.level,
        "source_offset": data.source,
        "source_class_offset": data.source_class,
        "error_scale": data.error_class,
        "origin_error": data.group,
    }
    rows = np.stack([place.rows(name, at) for name, at in index.items()], axis=1)
    return {
        "point_start": _starts([len(group) for group in groups]),
        "point_reading": np.array([r for group in groups for r in group], dtype=np.int64),
        "point_rows": np.ascontiguousarray(rows),
    }


def _cell_lists(data: ClaimArrays, coordinates: Coordinates) -> dict[str, np.ndarray]:
    real = data.log_weight > NOTHING / 2
    low, high = np.clip(data.low, -OPEN, OPEN), np.clip(data.high, -OPEN, OPEN)
    cell = np.stack([low[real], high[real], np.exp(data.log_weight[real])], axis=1)
    learned = (data.rounding >= 0)[real]
    share = coordinates.row("rounding") + data.rounding[real] * len(GRIDS) + data.grid[real]
    allowed = data.rounding[real] * len(GRIDS) + data.n_grids[real] - 1
    hull = np.stack([np.where(real, low, OPEN).min(axis=1), np.where(real, high, -OPEN).max(axis=1)], axis=1)
    return {
        "hull": hull,
        "cell_start": _starts(real.sum(axis=1).tolist()),
        "cell": cell,
        "cell_share": np.where(learned, share, -1),
        "cell_allowed": np.where(learned, allowed, -1),
    }


def _variant_lists(data: ClaimArrays) -> dict:
    real = data.variant_log_weight > NOTHING / 2
    double = data.variant_meaning >= 0
    sources = np.unique(data.variant_source[double])
    side = 2 * np.searchsorted(sources, data.variant_source) + data.variant_meaning
    return {
        "variant_start": _starts(real.sum(axis=1).tolist()),
        "variant_point": data.variant_points[real],
        "variant_weight": np.exp(data.variant_log_weight[real]),
        "variant_side": np.where(double, side, -1),
        "n_sides": len(sources),
    }


def _widths(reporting: Reporting) -> np.ndarray:
    share = reporting.gross_error_share
    return np.array([[1.0, 1 - share], [GROSS_WIDTH, share]]) if share else np.array([[1.0, 1.0]])
