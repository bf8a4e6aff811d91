r"""One kick (velocity) and one drift (position) for all chains of a tile, in one pass over memory.

Both integrators work on the position x and the velocity v = A u (u the velocity in the coordinates where the inverse mass
matrix :math:`\Sigma = A A'` is the identity, of length about sqrt(dim)). With the gradient g and :math:`s = \Sigma g` every
inner product of the whitened space is one of g and s, or g and v, so a step needs a single product with the metric:
:math:`|A'g|^2 = g's` and :math:`u'A'g = v'g`.

Consecutive half kicks along the same gradient compose exactly into one, so a trajectory of n steps is n + 1 kicks.

The compiled functions take their arrays one by one: Numba looks up the types of plain arrays much faster than those of tuples.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def _inner(gradient, other, out):
    dim, n_chain = gradient.shape
    for k in range(n_chain):
        out[k] = 0.0
    for i in range(dim):
        for k in range(n_chain):
            out[k] += gradient[i, k] * other[i, k]


@njit(cache=True, nogil=True, error_model="numpy")
def _move(position, velocity, direction, along, keep, drift, alive):
    """V <- along * direction + keep * v and x <- x + drift * v, dead chains held where they are."""
    dim, n_chain = position.shape
    n_alive = 0
    for k in range(n_chain):
        n_alive += alive[k]
    if n_alive == n_chain:
        for i in range(dim):
            for k in range(n_chain):
                velocity[i, k] = along[k] * direction[i, k] + keep[k] * velocity[i, k]
                position[i, k] += drift[k] * velocity[i, k]
        return
    for i in range(dim):
        for k in range(n_chain):
            if alive[k]:
                velocity[i, k] = along[k] * direction[i, k] + keep[k] * velocity[i, k]
                position[i, k] += drift[k] * velocity[i, k]


@njit(cache=True, nogil=True, error_model="numpy")
def euclidean_kick_drift(position, velocity, logdensity, gradient, direction, kinetic, alive, kick, drift):
    r"""Kick and drift of Hamiltonian dynamics: :math:`v \leftarrow v + h s`, :math:`x \leftarrow x + e v`.

    Parameters
    ----------
    position, velocity : ndarray, shape (dim, chain)
        Changed in place.
    logdensity : ndarray, shape (chain,)
    gradient, direction : ndarray, shape (dim, chain)
        g and s at ``position``.
    kinetic : ndarray, shape (chain,)
        Kinetic energy gained since the start [nats]; changed in place, by h g'v + h**2 g's / 2.
    alive : ndarray of bool, shape (chain,)
        Set to False where the density or its gradient is not finite: the proposal will be rejected.
    kick, drift : ndarray, shape (chain,)
        h and e.
    """
    n_chain = logdensity.size
    gs, gv, keep = np.empty(n_chain), np.empty(n_chain), np.ones(n_chain)
    _inner(gradient, direction, gs)
    _inner(gradient, velocity, gv)
    for k in range(n_chain):
        alive[k] = alive[k] and math.isfinite(gs[k]) and math.isfinite(logdensity[k])
        if alive[k]:
            kinetic[k] += kick[k] * (gv[k] + 0.5 * kick[k] * gs[k])
    _move(position, velocity, direction, kick, keep, drift, alive)


@njit(cache=True, nogil=True, error_model="numpy")
def isokinetic_kick_drift(position, velocity, logdensity, gradient, direction, kinetic, alive, kick, drift):
    r"""Kick and drift of isokinetic (microcanonical) dynamics: the whitened velocity keeps its length sqrt(dim).

    With :math:`w = A'g`, :math:`c = u'w / |w|` for unit u, :math:`D = h \sqrt{dim} |w| / (dim - 1)` and :math:`q = e^{-D}`
    the exact flow along w is :math:`u \leftarrow \{(1-q)(1+q+c(1-q)) w/|w| + 2 q u\} / N`, :math:`N = 1 + c + (1-c) q^2`,
    with kinetic energy gain :math:`(dim - 1)(D + \log(N/2))` :cite:p:`robnik2024,robnik2025`.

    Parameters
    ----------
    position, velocity, logdensity, gradient, direction, kinetic, alive, kick, drift
        As for `euclidean_kick_drift`.
    """
    dim, n_chain = position.shape
    gs, gv = np.empty(n_chain), np.empty(n_chain)
    along, keep = np.zeros(n_chain), np.ones(n_chain)
    _inner(gradient, direction, gs)
    _inner(gradient, velocity, gv)
    root = math.sqrt(dim)
    for k in range(n_chain):
        alive[k] = alive[k] and math.isfinite(gs[k]) and math.isfinite(logdensity[k])
        if not alive[k] or gs[k] <= 0.0:
            continue
        length = math.sqrt(gs[k])
        cosine = min(1.0, max(-1.0, gv[k] / (root * length)))
        delta = kick[k] * root * length / (dim - 1)
        q = math.exp(-delta)
        norm = max(1.0 + cosine + (1.0 - cosine) * q * q, 1e-300)
        along[k] = root / length * (1.0 - q) * (1.0 + q + cosine * (1.0 - q)) / norm
        keep[k] = 2.0 * q / norm
        kinetic[k] += (dim - 1) * (delta + math.log(0.5 * norm))
    _move(position, velocity, direction, along, keep, drift, alive)
