r"""The inverse mass matrix :math:`\Sigma = A A'` in three shapes behind one interface: apply, colour, whiten.

A kernel needs :math:`\Sigma g` once per gradient (`apply`) and :math:`A \xi` once per trajectory (`colour`); adaptation and
diagnostics need :math:`A^{-1} x` (`whiten`) and :math:`A' g` (`whiten_gradient`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Metric(Protocol):
    """What kernels and adaptation need of an inverse mass matrix; all blocks have shape (dim, column)."""

    kind: str
    dim: int

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Sigma g."""
        ...

    def colour(self, noise: np.ndarray) -> np.ndarray:
        """A xi; ``noise`` may be overwritten."""
        ...

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Inverse of A, times x."""
        ...

    def whiten_gradient(self, block: np.ndarray) -> np.ndarray:
        """A' g."""
        ...

    def scales(self) -> np.ndarray:
        """Square roots of the diagonal of Sigma, shape (dim,)."""
        ...


class Diagonal:
    """A diagonal inverse mass matrix.

    Parameters
    ----------
    variance : ndarray, shape (dim,)
    """

    kind = "diagonal"

    def __init__(self, variance: np.ndarray):
        self.dim = variance.size
        self._variance = variance[:, None].copy()
        self._sd = np.sqrt(self._variance)

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Sigma g."""
        return self._variance * gradient

    def colour(self, noise: np.ndarray) -> np.ndarray:
        """A xi."""
        noise *= self._sd
        return noise

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Inverse of A, times x."""
        return block / self._sd

    def whiten_gradient(self, block: np.ndarray) -> np.ndarray:
        """A' g."""
        return block * self._sd

    def scales(self) -> np.ndarray:
        """Square roots of the diagonal of Sigma."""
        return self._sd[:, 0]


class Dense:
    """A dense inverse mass matrix, given by a factor and its inverse.

    Parameters
    ----------
    factor, inverse_factor : ndarray, shape (dim, dim)
        A and its inverse.
    """

    kind = "dense"

    def __init__(self, factor: np.ndarray, inverse_factor: np.ndarray):
        self.dim = factor.shape[0]
        self._factor = np.ascontiguousarray(factor)
        self._inverse = inverse_factor
        product = factor @ factor.T
        # exactly symmetric, as the integrator must be to be reversible
        self._matrix = 0.5 * (product + product.T)

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Sigma g."""
        return self._matrix @ gradient

    def colour(self, noise: np.ndarray) -> np.ndarray:
        """A xi."""
        return self._factor @ noise

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Inverse of A, times x."""
        return self._inverse @ block

    def whiten_gradient(self, block: np.ndarray) -> np.ndarray:
        """A' g."""
        return self._factor.T @ block

    def scales(self) -> np.ndarray:
        """Square roots of the diagonal of Sigma."""
        return np.sqrt(np.diag(self._matrix))


class Core:
    """Dense on some coordinates, diagonal on the others.

    Parameters
    ----------
    core : ndarray of int
        Coordinates of the dense part.
    dense : Dense
        Metric of these coordinates.
    variance : ndarray, shape (dim,)
        Of all coordinates; the core's entries are not used.
    """

    kind = "core"

    def __init__(self, core: np.ndarray, dense: Dense, variance: np.ndarray):
        self.dim = variance.size
        self._core, self._dense, self._rest = core, dense, Diagonal(variance)

    def _joined(self, whole: np.ndarray, part: np.ndarray) -> np.ndarray:
        whole[self._core] = part
        return whole

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Sigma g."""
        return self._joined(self._rest.apply(gradient), self._dense.apply(gradient[self._core]))

    def colour(self, noise: np.ndarray) -> np.ndarray:
        """A xi."""
        part = self._dense.colour(noise[self._core])
        return self._joined(self._rest.colour(noise), part)

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Inverse of A, times x."""
        return self._joined(self._rest.whiten(block), self._dense.whiten(block[self._core]))

    def whiten_gradient(self, block: np.ndarray) -> np.ndarray:
        """A' g."""
        return self._joined(self._rest.whiten_gradient(block), self._dense.whiten_gradient(block[self._core]))

    def scales(self) -> np.ndarray:
        """Square roots of the diagonal of Sigma."""
        return self._joined(self._rest.scales().copy(), self._dense.scales())


class LowRank:
    r"""Scales and a few stretched directions: A = S (I + V (L^{1/2} - I) V'), V orthonormal.

    Parameters
    ----------
    scale : ndarray, shape (dim,)
        Diagonal of S.
    vectors : ndarray, shape (dim, rank)
        V, in scaled coordinates.
    values : ndarray, shape (rank,)
        Diagonal of L.
    """

    kind = "low_rank"

    def __init__(self, scale: np.ndarray, vectors: np.ndarray, values: np.ndarray):
        self.dim = scale.size
        self.rank = values.size
        self._scale = scale[:, None].copy()
        self._vectors = np.ascontiguousarray(vectors)
        self._values = values[:, None].copy()

    def _stretch(self, block: np.ndarray, values: np.ndarray) -> np.ndarray:
        return block + self._vectors @ ((values - 1.0) * (self._vectors.T @ block))

    def apply(self, gradient: np.ndarray) -> np.ndarray:
        """Sigma g."""
        out = self._stretch(self._scale * gradient, self._values)
        out *= self._scale
        return out

    def colour(self, noise: np.ndarray) -> np.ndarray:
        """A xi."""
        out = self._stretch(noise, np.sqrt(self._values))
        out *= self._scale
        return out

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Inverse of A, times x."""
        return self._stretch(block / self._scale, 1.0 / np.sqrt(self._values))

    def whiten_gradient(self, block: np.ndarray) -> np.ndarray:
        """A' g."""
        return self._stretch(block * self._scale, np.sqrt(self._values))

    def scales(self) -> np.ndarray:
        """Square roots of the diagonal of Sigma."""
        stretch = 1.0 + self._vectors**2 @ (self._values[:, 0] - 1.0)
        return self._scale[:, 0] * np.sqrt(stretch)
