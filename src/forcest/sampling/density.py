"""The user's log density on blocks of shape (dim, chain), with its shapes and types checked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forcest.errors import SamplingError
from forcest.sampling.state import State

LogDensity = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class Density:
    """Calls ``logdensity`` on the transposed view of a block, which needs no copy.

    Parameters
    ----------
    logdensity : callable
        Takes a position of shape (chain, dim), returns value (chain,) and gradient (chain, dim), both float64. The gradient
        is cheapest when its transpose is C-contiguous. Buffers may be reused from call to call of one thread.
    dim : int
    """

    def __init__(self, logdensity: LogDensity, dim: int):
        self._logdensity = logdensity
        self.dim = dim

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and gradient.

        Parameters
        ----------
        position : ndarray, shape (dim, chain)

        Returns
        -------
        value : ndarray, shape (chain,)
        gradient : ndarray, shape (dim, chain), C-contiguous
        """
        value, gradient = self._logdensity(position.T)
        dim, n_chain = position.shape
        if value.shape != (n_chain,) or value.dtype != np.float64:
            raise SamplingError(
                f"logdensity must return a float64 value of shape ({n_chain},) for a position of shape ({n_chain}, {dim}); "
                f"got {value.dtype} of shape {value.shape}."
            )
        if gradient.shape != (n_chain, dim) or gradient.dtype != np.float64:
            raise SamplingError(
                f"logdensity must return a float64 gradient of shape ({n_chain}, {dim}); got {gradient.dtype} of shape "
                f"{gradient.shape}."
            )
        return value, np.ascontiguousarray(gradient.T)

    def state(self, position: np.ndarray) -> State:
        """State at ``position``; value and gradient are copied, because ``logdensity`` may reuse its buffers.

        Parameters
        ----------
        position : ndarray, shape (dim, chain)

        Returns
        -------
        State
        """
        value, gradient = self(position)
        return State(position, value.copy(), gradient.copy())


def is_finite(state: State) -> np.ndarray:
    """Chains whose value and gradient are finite; a trajectory can start from these only.

    Parameters
    ----------
    state : State

    Returns
    -------
    ndarray of bool, shape (chain,)
    """
    with np.errstate(all="ignore"):
        return np.isfinite(state.logdensity) & np.isfinite(state.logdensity_grad).all(axis=0)
