"""Counter-based random streams: Philox 4x32-10 with one stream per (seed, chain, iteration) :cite:p:`salmon2011`.

Nothing is stored between draws, so a chain sees the same numbers whichever tile, thread or order it runs in.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from forcest.sampling.state import Key

_NORMALS, _UNIFORMS = 0, 1


@njit(cache=True, nogil=True, inline="always")
def _round(c0, c1, c2, c3, k0, k1):
    mask = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    p0 = np.uint64(0xD2511F53) * c0
    p1 = np.uint64(0xCD9E8D57) * c2
    return (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask


@njit(cache=True, nogil=True)
def philox(c0, c1, c2, c3, k0, k1):
    """One block of Philox 4x32-10.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : uint64
        Counter and key words, each below 2**32.

    Returns
    -------
    tuple of four uint64
        Each below 2**32.
    """
    mask = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return c0, c1, c2, c3


@njit(cache=True, nogil=True, inline="always")
def _unit(high, low):
    """A double in (0, 1) from 53 random bits; never 0, so that its logarithm is finite."""
    bits = ((high << np.uint64(32)) | low) >> np.uint64(11)
    return (float(bits) + 0.5) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def _fill_normals(seed, iteration, chains, out):
    dim, n_chain = out.shape
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64((seed >> 32) & 0x7FFFFFFF)
    for pair in range((dim + 1) // 2):
        row = 2 * pair
        for k in range(n_chain):
            a, b, c, e = philox(np.uint64(pair), np.uint64(iteration), np.uint64(chains[k]), np.uint64(_NORMALS), k0, k1)
            radius = math.sqrt(-2.0 * math.log(_unit(a, b)))
            angle = 2.0 * math.pi * _unit(c, e)
            out[row, k] = radius * math.cos(angle)
            if row + 1 < dim:
                out[row + 1, k] = radius * math.sin(angle)


@njit(cache=True, nogil=True)
def _fill_uniforms(seed, iteration, chains, out):
    k0, k1 = np.uint64(seed & 0xFFFFFFFF), np.uint64((seed >> 32) & 0x7FFFFFFF)
    for k in range(out.shape[1]):
        for pair in range(out.shape[0] // 2):
            a, b, c, e = philox(np.uint64(pair), np.uint64(iteration), np.uint64(chains[k]), np.uint64(_UNIFORMS), k0, k1)
            out[2 * pair, k] = _unit(a, b)
            out[2 * pair + 1, k] = _unit(c, e)


def normals(key: Key, dim: int) -> np.ndarray:
    """Standard normal numbers of the streams named by ``key``.

    Parameters
    ----------
    key : Key
    dim : int

    Returns
    -------
    ndarray, shape (dim, chain)
    """
    out = np.empty((dim, key.chains.size))
    _fill_normals(key.seed, key.iteration, key.chains, out)
    return out


def uniforms(key: Key, count: int) -> np.ndarray:
    """Uniform numbers in (0, 1) of the streams named by ``key``, independent of its normals.

    Parameters
    ----------
    key : Key
    count : int
        Even.

    Returns
    -------
    ndarray, shape (count, chain)
    """
    out = np.empty((count, key.chains.size))
    _fill_uniforms(key.seed, key.iteration, key.chains, out)
    return out
