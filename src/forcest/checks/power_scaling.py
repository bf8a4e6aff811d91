"""Sensitivity of quantities to making one part of the model slightly stronger or weaker, without refitting.

Power-scaling of Kallioinen, Paananen, Bürkner and Vehtari (2024, Statistics and Computing 34:57), by ArviZ.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import xarray as xr


def power_scaled(values: Mapping[str, np.ndarray], parts: Mapping[str, np.ndarray]) -> dict[tuple[str, str], float]:
    """Sensitivity of quantities to parts of the log density.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (chain, draw)
    parts : mapping of str to ndarray, shape (chain, draw)
        Log prior of one parameter, or log likelihood of some claims.

    Returns
    -------
    dict of (part, quantity) to float
        Cumulative Jensen-Shannon distance per log2 change of the power; above 0.05 it deserves attention; 0 for a part that is
        the same in every draw.
    """
    from arviz_stats.psense import psense

    names = list(values)
    posterior = xr.Dataset({f"q{i}": (("chain", "draw"), values[name]) for i, name in enumerate(names)})
    found = {}
    for part, log_density in parts.items():
        if np.ptp(log_density) == 0:  # ArviZ has no weights for it
            found |= {(part, name): 0.0 for name in names}
            continue
        tree = xr.DataTree.from_dict({"posterior": posterior, "log_prior": xr.Dataset({"part": (("chain", "draw"), log_density)})})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # powers of 0.99 and 1.01 need no warning about weights
            moved = psense(tree, group="prior")
        found |= {(part, name): float(moved[f"q{i}"]) for i, name in enumerate(names)}
    return found
