"""Nodes of series that claims read, for sixteen chains; of cumulative curves, only these nodes are stored."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forcest.models.lanes import inner, load, spread, store, workspace_of


class Reads(NamedTuple):
    """Nodes that claims read, their values, and the slopes in them.

    Attributes
    ----------
    table : ndarray of int, shape (series, date)
        Row of the value of a series at a step; -1 where no claim reads it.
    value, bar : ndarray, shape (read, lane)
        Row 0 is constantly 1.
    """

    table: np.ndarray
    value: np.ndarray
    bar: np.ndarray


def reads_of(table: np.ndarray, n_rows: int) -> Reads:
    """Rows of one thread."""
    reads = workspace_of(Reads, table=table, value=n_rows, bar=n_rows)
    reads.value[0] = 1.0
    return reads


@inner
def keep(reads, series, t, value):
    """Keep a series' value where a claim reads it."""
    if reads.table[series, t] >= 0:
        store(reads.value, reads.table[series, t], value)


@inner
def slope_of(reads, series, t):
    """Slope in the value of a series at a step; zero where no claim reads it."""
    slope = spread(0.0)
    if reads.table[series, t] >= 0:
        slope = load(reads.bar, reads.table[series, t])
    return slope
