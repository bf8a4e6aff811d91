"""The two Markov kernels, which differ in how a velocity is drawn and how it is kicked.

``hmc`` is Hamiltonian Monte Carlo; ``mams`` is the Metropolis-adjusted microcanonical sampler, whose velocity keeps its length
:cite:p:`robnik2025`. Both draw a fresh velocity, integrate a fixed number of steps and accept by one Metropolis test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from forcest.sampling.density import Density
from forcest.sampling.integrator import euclidean_kick_drift, isokinetic_kick_drift
from forcest.sampling.metric import Metric
from forcest.sampling.state import DIVERGENCE, Info, Key, State
from forcest.sampling.streams import normals, uniforms

SMALLEST_MULTIPLIER = 1 / 20


class Kernel(NamedTuple):
    """A kernel: its name, its integrator, and the share of transitions that use a smaller step.

    Attributes
    ----------
    name : str
    kick_drift : callable
    is_unit : bool
        Whether the whitened velocity has fixed length.
    short_share : float
        Probability, per chain and transition and independent of the state, of a step multiplied by a log-uniform number in
        [1/20, 1], so that chains can leave regions where the common step is too long.
    """

    name: str
    kick_drift: Callable[..., None]
    is_unit: bool
    short_share: float


MAMS = Kernel("mams", isokinetic_kick_drift, True, 0.05)
HMC = Kernel("hmc", euclidean_kick_drift, False, 0.10)
KERNELS = {"mams": MAMS, "hmc": HMC}


class Move(NamedTuple):
    """Settings of one transition, equal for all chains.

    Attributes
    ----------
    kernel : Kernel
    metric : Metric
    step_size : float
        In whitened units.
    n_steps : int
        Leapfrog steps.
    """

    kernel: Kernel
    metric: Metric
    step_size: float
    n_steps: int


def draw_velocity(kernel: Kernel, metric: Metric, noise: np.ndarray) -> np.ndarray:
    """A fresh velocity: normal with covariance Sigma, or uniform on its ellipsoid of whitened radius sqrt(dim).

    Parameters
    ----------
    kernel : Kernel
    metric : Metric
    noise : ndarray, shape (dim, chain)
        Standard normal; may be overwritten.

    Returns
    -------
    ndarray, shape (dim, chain)
    """
    if kernel.is_unit:
        noise *= np.sqrt(noise.shape[0] / np.einsum("ik,ik->k", noise, noise))
    return metric.colour(noise)


def step_sizes(kernel: Kernel, step_size: float, uniform: np.ndarray) -> np.ndarray:
    """Step of each chain in this transition.

    Parameters
    ----------
    kernel : Kernel
    step_size : float
    uniform : ndarray, shape (2, chain)

    Returns
    -------
    ndarray, shape (chain,)
    """
    return np.where(uniform[0] < kernel.short_share, step_size * SMALLEST_MULTIPLIER ** uniform[1], step_size)


def integrate(move: Move, density: Density, state: State, velocity: np.ndarray, steps: np.ndarray):
    """Trajectory of ``move.n_steps`` leapfrog steps; ``velocity`` is changed in place to the one at its end.

    Parameters
    ----------
    move : Move
    density : Density
    state : State
    velocity : ndarray, shape (dim, chain)
    steps : ndarray, shape (chain,)
        Step size of each chain, in place of ``move.step_size``.

    Returns
    -------
    position : ndarray, shape (dim, chain)
    logdensity : ndarray, shape (chain,)
    gradient : ndarray, shape (dim, chain)
    kinetic : ndarray, shape (chain,)
        Gain of kinetic energy [nats].
    alive : ndarray of bool, shape (chain,)
        False where a non-finite density was reached.
    """
    n_chain = steps.size
    position, logdensity, gradient = state.position.copy(), state.logdensity, state.logdensity_grad
    kinetic, alive = np.zeros(n_chain), np.ones(n_chain, dtype=np.bool_)
    half, nothing = 0.5 * steps, np.zeros(n_chain)
    direction = move.metric.apply(gradient)
    kick_drift = move.kernel.kick_drift
    kick_drift(position, velocity, logdensity, gradient, direction, kinetic, alive, half, steps)
    for left in range(move.n_steps - 1, -1, -1):
        logdensity, gradient = density(position)
        direction = move.metric.apply(gradient)
        kick, drift = (steps, steps) if left else (half, nothing)
        kick_drift(position, velocity, logdensity, gradient, direction, kinetic, alive, kick, drift)
    return position, logdensity, gradient, kinetic, alive


def transition(move: Move, key: Key, state: State, density: Density) -> tuple[State, Info]:
    """One Metropolis-adjusted transition of every chain of a tile.

    Parameters
    ----------
    move : Move
    key : Key
    state : State
        Finite everywhere; unchanged.
    density : Density

    Returns
    -------
    State, Info
    """
    uniform = uniforms(key, 4)
    velocity = draw_velocity(move.kernel, move.metric, normals(key, state.position.shape[0]))
    steps = step_sizes(move.kernel, move.step_size, uniform[:2])
    with np.errstate(all="ignore"):
        position, logdensity, gradient, kinetic, alive = integrate(move, density, state, velocity, steps)
        energy_error = logdensity - state.logdensity - kinetic
    # a non-finite number anywhere in a trajectory is a rejection
    alive &= np.isfinite(energy_error)
    energy_error = np.where(alive, energy_error, -np.inf)
    accepted = np.log(uniform[2]) < energy_error
    moved = State(
        np.where(accepted, position, state.position),
        np.where(accepted, logdensity, state.logdensity),
        np.where(accepted, gradient, state.logdensity_grad),
    )
    rate = np.exp(np.minimum(energy_error, 0.0))
    return moved, Info(rate, energy_error, accepted, energy_error < -DIVERGENCE, ~alive, move.n_steps)
