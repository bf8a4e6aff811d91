"""Rows of sixteen numbers: made, cleared, filled from columns and given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forcest.models.lanes.compile import kernel
from forcest.models.lanes.vector import LANES, spread, store

_ALIGNMENT = 64


@kernel
def clear(rows):
    """Set all rows to zero."""
    for i in range(len(rows)):
        store(rows, i, spread(0.0))


@kernel
def take(columns, first, n, rows):
    """Fill rows (row, lane) from ``n`` columns of (row, chain); lanes without a chain repeat the last one."""
    for i in range(columns.shape[0]):
        for c in range(n):
            rows[i, c] = columns[i, first + c]
        for c in range(n, LANES):
            rows[i, c] = columns[i, first + n - 1]


@kernel
def give(rows, columns, first, n):
    """Fill ``n`` columns of (row, chain) from rows (row, lane)."""
    for i in range(columns.shape[0]):
        for c in range(n):
            columns[i, first + c] = rows[i, c]


def aligned_empty(shape: tuple[int, int]) -> np.ndarray:
    """An array that begins at the start of a cache line, its values not set."""
    size = shape[0] * shape[1]
    raw = np.empty(size + _ALIGNMENT // 8)
    start = (-raw.ctypes.data % _ALIGNMENT) // 8
    return raw[start : start + size].reshape(shape)


def aligned_rows(rows: int) -> np.ndarray:
    """Zeros of shape (row, lane) that begin at the start of a cache line."""
    made = aligned_empty((rows, LANES))
    made[:] = 0.0
    return made


def workspace_of[T](kind: Callable[..., T], **fields: Any) -> T:
    """A workspace, a NamedTuple whose fields are given by name.

    Parameters
    ----------
    kind : type
        The NamedTuple.
    **fields : int or anything else
        A number makes rows of zeros, shape (number, lane); anything else is taken as it is, such as rows shared with another
        workspace.

    Raises
    ------
    TypeError
        Where a field is missing, or is none of the workspace's.
    """
    return kind(**{name: aligned_rows(max(rows, 1)) if isinstance(rows, int) else rows for name, rows in fields.items()})
