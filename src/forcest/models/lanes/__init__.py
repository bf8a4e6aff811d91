"""Sixteen chains as one number: the vector type, its mathematics, and how kernels are compiled."""

from forcest.models.lanes.compile import entry, inner, kernel
from forcest.models.lanes.math import exp, exp_bounded, exp_minus_one, larger, log, sigmoid, smaller
from forcest.models.lanes.rows import aligned_empty, aligned_rows, clear, give, take, workspace_of
from forcest.models.lanes.vector import (
    LANES,
    LanesType,
    add_to,
    any_less,
    lanes,
    load,
    magnitude,
    spread,
    square_root,
    store,
    where_equal,
    where_less,
)

__all__ = [
    "LANES",
    "LanesType",
    "add_to",
    "aligned_empty",
    "aligned_rows",
    "any_less",
    "clear",
    "entry",
    "exp",
    "exp_bounded",
    "exp_minus_one",
    "give",
    "inner",
    "kernel",
    "lanes",
    "larger",
    "load",
    "log",
    "magnitude",
    "sigmoid",
    "smaller",
    "spread",
    "square_root",
    "store",
    "take",
    "where_equal",
    "where_less",
    "workspace_of",
]
