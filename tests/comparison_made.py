"""A comparison whose every number is given."""

from __future__ import annotations

import numpy as np
import pandas as pd

import forcest as fc
from forcest.checks.comparison import is_firm


def comparison_of(medians, kinds=("old", "time", "claims", "claims"), mcse=2.0):
    """A comparison of one measure with the medians of its path; HUR comes before NIS."""
    steps = {
        "old": "then",
        "time": "to 28 February 2025",
        "claims": "HUR",
        "model": "new model: other start",
        "corrections": "corrections",
    }
    shift = np.diff(medians, prepend=np.nan)
    error = np.where(np.isnan(shift), np.nan, np.hypot(mcse, mcse))
    table = pd.DataFrame(
        {
            "measure": "killed",
            "kind": kinds,
            "step": [steps.get(kind, kind) if kinds[:i].count(kind) == 0 else "NIS" for i, kind in enumerate(kinds)],
            "n_claims": 1,
            "median": medians,
            "low": 200.0,
            "high": 900.0,
            "mcse": mcse,
            "shift": shift,
            "shift_mcse": error,
            "firm": [is_firm(x, e) for x, e in zip(shift, error, strict=True)],
            "converged": True,
        }
    )
    return fc.Comparison(table, ("2025-01-31", "2025-02-28"), ("The force",))
