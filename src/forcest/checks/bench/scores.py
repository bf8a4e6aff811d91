"""Scores of draws of a quantity against the range that was established later."""

from __future__ import annotations

import numpy as np

HALF_A_PERSON = 0.5
"""Draws below it count as this on the log scale, where nobody has no place."""
NARROWEST = 1e-3
"""Least width of the kernel, on the log scale: draws that are all one number would have no density."""
LEVELS = {"in50": 0.5, "in80": 0.8, "inside": 0.9}
SCORES = ("median", "low_90", "high_90", "rank", *LEVELS, "overlaps", "log_score", "crps", "width")


def middle_of(low: float, high: float) -> float:
    """The geometric middle of an established range, of at least one person."""
    return float(np.sqrt(max(low, 1.0) * max(high, 1.0)))


def scores_of(draws: np.ndarray, low: float, high: float) -> dict[str, float | bool]:
    """Scores of one quantity.

    Parameters
    ----------
    draws : ndarray, shape (draw,)  [persons]
        Of a posterior or predictive distribution.
    low, high : float  [persons]
        What was established.

    Returns
    -------
    dict
        `median, low_90, high_90` [persons]; `rank`, the share of draws below the geometric middle of the range; `in50, in80,
        inside`, whether that middle lies in the equal-tailed 50, 80 and 90 % interval; `overlaps`, whether any of the range lies in
        the 90 % interval; `log_score`, the log density of the log of the middle (larger is better); `crps` of log(1 + persons)
        (smaller is better); `width`, the 95 % over the 5 % quantile.
    """
    import scoringrules

    middle = middle_of(low, high)
    rank = float((draws < middle).mean())
    low_90, median, high_90 = np.quantile(draws, [0.05, 0.5, 0.95])
    return {
        "median": float(median),
        "low_90": float(low_90),
        "high_90": float(high_90),
        "rank": rank,
        **{name: bool(round((1 - p) / 2, 4) <= rank <= round((1 + p) / 2, 4)) for name, p in LEVELS.items()},
        "overlaps": bool(low <= high_90 and low_90 <= high),
        "log_score": log_density(draws, middle),
        "crps": float(scoringrules.crps_ensemble(np.log1p(middle), np.log1p(draws))),
        "width": float(max(high_90, HALF_A_PERSON) / max(low_90, HALF_A_PERSON)),
    }


def log_density(draws: np.ndarray, value: float) -> float:
    """Log of a kernel estimate of the density of log draws at a log value; its kernel is normal, Silverman's width."""
    z = np.log(np.maximum(draws, HALF_A_PERSON))
    width = max(1.06 * float(z.std()) * len(z) ** -0.2, NARROWEST)
    density = np.mean(np.exp(-0.5 * ((np.log(value) - z) / width) ** 2)) / (width * np.sqrt(2 * np.pi))
    return float(np.log(density + 1e-12))
