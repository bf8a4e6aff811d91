"""States of the chains, records of their transitions, and keys of their random streams."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DIVERGENCE = 1000.0
"""An energy error beyond this [nats] is called a divergence; such a proposal is practically never accepted."""


class State(NamedTuple):
    """Positions of some chains, with value and gradient of the log density there, so that these are never computed twice.

    Attributes
    ----------
    position : ndarray, shape (dim, chain)
    logdensity : ndarray, shape (chain,)
    logdensity_grad : ndarray, shape (dim, chain)
    """

    position: np.ndarray
    logdensity: np.ndarray
    logdensity_grad: np.ndarray

    def of_chains(self, chains: np.ndarray) -> State:
        """The states of some chains, given by number or by a mask."""
        return State(self.position[:, chains], self.logdensity[chains], self.logdensity_grad[:, chains])


class Info(NamedTuple):
    """Record of one transition of some chains.

    Attributes
    ----------
    acceptance_rate : ndarray, shape (chain,)
        Metropolis probability of the proposal; 0 where the trajectory reached a non-finite density.
    energy_error : ndarray, shape (chain,)
        Log of the Metropolis ratio (positive is favourable); -inf where a non-finite density was reached.
    is_accepted, is_divergent, is_nonfinite : ndarray of bool, shape (chain,)
    n_steps : int
        Leapfrog steps of every chain, each with one gradient.
    """

    acceptance_rate: np.ndarray
    energy_error: np.ndarray
    is_accepted: np.ndarray
    is_divergent: np.ndarray
    is_nonfinite: np.ndarray
    n_steps: int


class Key(NamedTuple):
    """Key of the random streams of one transition: one per (seed, chain, iteration).

    Attributes
    ----------
    seed : int
    chains : ndarray of int64, shape (chain,)
        Numbers of the chains in the whole run, so that a chain draws the same numbers in any tile.
    iteration : int
    """

    seed: int
    chains: np.ndarray
    iteration: int
