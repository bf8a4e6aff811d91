"""Comparison of draws of two samplers: differences in Monte Carlo standard errors, tested together."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from arviz_stats.base import array_stats
from scipy.stats import norm

from forcest.inference.family import holm

QUANTILES = (0.05, 0.95)
FAMILY = 0.05


def read(path: Path) -> dict[str, np.ndarray]:
    """Draws (chain, draw) of each quantity."""
    with np.load(path) as file:
        return dict(zip(file["names"].tolist(), file["draws"], strict=True))


def figures(draws: np.ndarray) -> dict[str, tuple[float, float]]:
    """Mean, sd and quantiles of (chain, draw), each with its standard error (ArviZ, from the effective sample size of each)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        errors = {
            "mean": array_stats.mcse(draws, method="mean"),
            "sd": array_stats.mcse(draws, method="sd"),
            **{f"q{q:g}": array_stats.mcse(draws, method="quantile", prob=q) for q in QUANTILES},
        }
    values = {"mean": draws.mean(), "sd": draws.std(), **{f"q{q:g}": np.quantile(draws, q) for q in QUANTILES}}
    return {name: (float(values[name]), float(errors[name])) for name in values}


def compare(first: Path, second: Path) -> dict:
    """Differences in standard errors, and the verdict on all of them (Holm's rule, valid under any dependence)."""
    a, b = read(first), read(second)
    names, z = [], []
    for name in [name for name in a if name in b]:
        one, other = figures(a[name]), figures(b[name])
        for figure, (value, error) in one.items():
            names.append(f"{figure} of {name}")
            z.append((value - other[figure][0]) / np.hypot(error, other[figure][1]))
    z = np.array(z)
    p = holm(2 * norm.sf(np.abs(z)))
    worst = [{"figure": names[i], "z": round(float(z[i]), 2), "p_holm": float(p[i])} for i in np.argsort(-np.abs(z))[:5]]
    return {
        "quantities": len(names) // 4,
        "figures": len(names),
        "only_in_one": sorted(set(a) ^ set(b)),
        "rms_z": float(np.sqrt(np.mean(z**2))),
        "rejected_at_5_percent": int(np.sum(p <= FAMILY)),
        "is_same": bool(np.all(p > FAMILY)),
        "worst": worst,
    }
