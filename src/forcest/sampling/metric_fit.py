r"""Inverse mass matrices from pooled draws and gradients, which minimise the Fisher divergence to a standard normal.

For a normal target the gradient is a linear map of the draw, so that :math:`\Sigma = \mathrm{Cov}(x) \# \mathrm{Cov}(g)^{-1}`
(geometric mean) is exact from more than dim draws, whether or not the chains have mixed :cite:p:`seyboldt2026`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from forcest.sampling.metric import Core, Dense, Diagonal, LowRank, Metric

RIDGE = 1e-8
"""Added to both covariances in scaled coordinates; directions that the pool does not span keep the value 1."""
CUTOFF = 1.5
"""Stretched directions are kept when their value lies outside [1/CUTOFF, CUTOFF]."""


class Fit(NamedTuple):
    """A metric and the largest variance of the pool after whitening with it (sampling noise included)."""

    metric: Metric
    largest_variance: float


def _scaled(draws: np.ndarray, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, and scale each coordinate by sigma = sqrt(sd(x) / sd(g)), which gives draws and gradients equal variance.

    sigma**2 is the diagonal Fisher estimate of Sigma.
    """
    x = draws - draws.mean(axis=1, keepdims=True)
    g = gradients - gradients.mean(axis=1, keepdims=True)
    sd_x, sd_g = np.sqrt(np.mean(x * x, axis=1)), np.sqrt(np.mean(g * g, axis=1))
    with np.errstate(all="ignore"):
        scale = np.sqrt(sd_x / sd_g)
    scale = np.clip(np.where(np.isfinite(scale) & (scale > 0), scale, 1.0), 1e-10, 1e10)
    x /= scale[:, None]
    g *= scale[:, None]
    return scale, x, g


def _leading(matrix: np.ndarray, rank: int) -> np.ndarray:
    """Orthonormal basis close to the leading left singular vectors, by a randomised range finder with two power steps."""
    sketch = matrix @ (matrix.T @ np.random.default_rng(0).standard_normal((matrix.shape[0], rank)))
    for _ in range(2):
        sketch = matrix @ (matrix.T @ np.linalg.qr(sketch)[0])
    return np.linalg.qr(sketch)[0]


def _geometric(cov_x: np.ndarray, cov_g: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Factor A of cov_x # inv(cov_g), its inverse, and the largest eigenvalue of the whitened cov_x.

    With cov_g = L L' and L' cov_x L = Q W Q', A = inv(L') Q W**(1/4); the whitened covariance is then W**(1/2).
    """
    # relative to the trace, since far from the typical set rounding may leave a covariance indefinite
    ridge = max(RIDGE, 1e-13 * float(np.trace(cov_x) + np.trace(cov_g))) * np.eye(cov_x.shape[0])
    lower = np.linalg.cholesky(cov_g + ridge)
    values, vectors = np.linalg.eigh(lower.T @ (cov_x + ridge) @ lower)
    root = np.maximum(values, 1e-14 * values[-1]) ** 0.25
    factor = solve_triangular(lower.T, vectors) * root
    return factor, (lower @ (vectors / root)).T, float(root[-1] ** 2)


def fit_diagonal(draws: np.ndarray, gradients: np.ndarray) -> Fit:
    """Diagonal metric: variance sd(x) / sd(g).

    Parameters
    ----------
    draws, gradients : ndarray, shape (dim, column)

    Returns
    -------
    Fit
    """
    scale, x, _ = _scaled(draws, gradients)
    leading = _leading(x, min(8, x.shape[0])).T @ x
    return Fit(Diagonal(scale**2), float(np.linalg.eigvalsh(leading @ leading.T / x.shape[1])[-1]))


def fit_dense(draws: np.ndarray, gradients: np.ndarray) -> Fit:
    """Dense metric; wants at least twice as many columns as dimensions.

    Parameters
    ----------
    draws, gradients : ndarray, shape (dim, column)

    Returns
    -------
    Fit
    """
    scale, x, g = _scaled(draws, gradients)
    n = x.shape[1]
    factor, inverse, largest_variance = _geometric(x @ x.T / n, g @ g.T / n)
    return Fit(Dense(scale[:, None] * factor, inverse / scale), largest_variance)


def fit_core(draws: np.ndarray, gradients: np.ndarray, core: np.ndarray) -> Fit:
    """Dense on the core, diagonal elsewhere; wants at least twice as many columns as the core has coordinates.

    Parameters
    ----------
    draws, gradients : ndarray, shape (dim, column)
    core : ndarray of int

    Returns
    -------
    Fit
        ``largest_variance`` is that of the core.
    """
    dense = fit_dense(draws[core], gradients[core])
    rest = fit_diagonal(draws, gradients)
    assert isinstance(dense.metric, Dense)
    return Fit(Core(core, dense.metric, rest.metric.scales() ** 2), dense.largest_variance)


def fit_low_rank(draws: np.ndarray, gradients: np.ndarray, rank: int) -> Fit:
    """Scales, and the directions in which draws or gradients stretch most.

    Parameters
    ----------
    draws, gradients : ndarray, shape (dim, column)
    rank : int
        Leading directions taken of the draws (slow) and as many of the gradients (stiff).

    Returns
    -------
    Fit
    """
    scale, x, g = _scaled(draws, gradients)
    n = x.shape[1]
    rank = max(1, min(rank, x.shape[0] // 2, n // 8))
    basis = np.linalg.qr(np.hstack((_leading(x, rank), _leading(g, rank))))[0]
    x, g = basis.T @ x, basis.T @ g
    factor, _, largest_variance = _geometric(x @ x.T / n, g @ g.T / n)
    values, vectors = np.linalg.eigh(factor @ factor.T)
    kept = (values > CUTOFF) | (values < 1.0 / CUTOFF)
    return Fit(LowRank(scale, basis @ vectors[:, kept], values[kept]), largest_variance)


def largest_variance_under(metric: Metric, draws: np.ndarray, gradients: np.ndarray) -> float:
    """Largest variance that ``metric`` leaves in draws it was not fitted to.

    With fewer draws than dimensions a metric whitens its own pool perfectly, while a slow direction that it has missed by some
    angle keeps the squared sine of that angle times its whole variance. New draws show what is left, and the gradients along the
    same directions distinguish it from sampling noise, which inflates both.

    Parameters
    ----------
    metric : Metric
    draws, gradients : ndarray, shape (dim, column)

    Returns
    -------
    float
    """
    z = metric.whiten(draws - draws.mean(axis=1, keepdims=True))
    w = metric.whiten_gradient(gradients - gradients.mean(axis=1, keepdims=True))
    basis = _leading(z, max(1, min(16, z.shape[0], z.shape[1] // 8)))
    z, w = basis.T @ z, basis.T @ w
    factor, _, _ = _geometric(z @ z.T / z.shape[1], w @ w.T / z.shape[1])
    return float(np.linalg.eigvalsh(factor @ factor.T)[-1])
