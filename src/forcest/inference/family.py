"""Many comparisons held to one probability of a false alarm."""

from __future__ import annotations

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """P-values that hold for the whole family (Holm 1979), in the order given."""
    order = np.argsort(p, kind="stable")
    held = np.empty_like(p, dtype=float)
    held[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return held
