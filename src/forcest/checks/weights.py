"""Draws of a fit that stand in for those of another one: Pareto-smoothed importance weights, and when they may be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forcest.checks.predictive import parameters_of

if TYPE_CHECKING:
    from forcest.models.density.bound import BoundModel

RELIABLE = 0.7
"""Largest Pareto k at which importance weights stand in for a refit (Vehtari et al. 2024, JMLR 25:72)."""
LEAST_DRAWS = 100
"""Effective draws that must be left for a weighted median or standard deviation to mean something."""


def log_likelihood(bound: BoundModel, fit: xr.DataTree, rng: np.random.Generator) -> np.ndarray:
    """Log likelihood of the claims of a bound model in every draw of a fit, shape (draw,).

    Parameters that the fit does not have, such as those of a new source, are drawn from their priors. These do not depend on other
    parameters, so that the draws stay draws from the posterior of the fit.
    """
    p = parameters_of(bound, fit, rng)
    variants = bound.likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data)
    return bound.likelihood.total(variants, bound.data)


def smoothed_weights(log_ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pareto-smoothed weights of draws, and how far they may be relied on.

    Parameters
    ----------
    log_ratios : ndarray, shape (draw, target)
        Log of the density of each target over that of the draws, up to a constant.

    Returns
    -------
    weights : ndarray, shape (draw, target)
        They sum to 1 over the draws.
    pareto_k : ndarray, shape (target,)
        Minus infinity where all ratios are the same.
    """
    from arviz_stats.base.array import array_stats

    log_weights, k = np.zeros(log_ratios.shape), np.full(log_ratios.shape[1], -np.inf)
    varied = np.ptp(log_ratios, axis=0) > 0
    if varied.any():
        smoothed, k[varied] = array_stats.psislw(-log_ratios[:, varied].T)  # ArviZ weights by the inverse of a likelihood
        log_weights[:, varied] = np.asarray(smoothed).T
    weights = np.exp(log_weights - log_weights.max(axis=0))
    return weights / weights.sum(axis=0), k


def effective_draws(weights: np.ndarray) -> np.ndarray:
    """Number of equally weighted draws that are worth as much, shape (target,), from weights (draw, target) that sum to 1."""
    return 1 / (weights**2).sum(axis=0)


def are_reliable(weights: np.ndarray, pareto_k: np.ndarray) -> np.ndarray:
    """Whether the weights of each target stand in for a fit."""
    return (pareto_k <= RELIABLE) & (effective_draws(weights) >= LEAST_DRAWS)


def weighted_quantiles(values: np.ndarray, probs: float | tuple[float, ...], weights: np.ndarray | None = None) -> np.ndarray:
    """Quantiles of draws; with weights, of the distribution that puts on each draw its weight."""
    if weights is None:
        return np.quantile(values, probs)
    return np.quantile(values.ravel(), probs, weights=weights.ravel(), method="inverted_cdf")
