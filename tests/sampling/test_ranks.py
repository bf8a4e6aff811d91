"""Rank tests of the kernels at exact stationarity, with wrong twins that must be rejected.

A chain is started from an exact draw at a random place of its own path: forwards and, since the kernels are reversible,
backwards by the same kernel. If the kernel leaves the target alone, the rank of the exact draw among the path is uniform
:cite:p:`gandy2021`. The target is bounded and asymmetric: a beta and a gamma variable and a Gumbel one, on the real line by
transforms, and correlated by a shear. Each case tests 4 quantities by chi squared at 2.5e-5, so that a sound kernel fails one
time in 10,000; seeds are fixed.
"""

import numpy as np
import pytest
from scipy.special import expit, log_expit
from scipy.stats import chi2

from forcest.sampling.density import Density
from forcest.sampling.kernel import HMC, MAMS, Move, transition
from forcest.sampling.metric import Dense
from forcest.sampling.state import Key, State

A, B, SHAPE = 0.6, 2.0, 1.5
CHAINS, LENGTH, FALSE_ALARM = 6000, 7, 1e-4
FACTOR = np.array([[1.5, 0.0, 0.0], [0.4, 0.8, 0.0], [0.2, -0.3, 1.1]])


def exact_draws(rng):
    """(dim, chain) on the real line: logit of a beta, log of a gamma, Gumbel plus half the logit."""
    logit = np.log(rng.gamma(A, size=CHAINS)) - np.log(rng.gamma(B, size=CHAINS))
    return np.stack((logit, np.log(rng.gamma(SHAPE, size=CHAINS)), rng.gumbel(size=CHAINS) + 0.5 * logit))


def logdensity(position, jacobian=1.0):
    x, y, z = position.T
    w = z - 0.5 * x
    e, f = np.exp(y), np.exp(-w)
    a, b, shape = A - 1 + jacobian, B - 1 + jacobian, SHAPE - 1 + jacobian
    value = a * log_expit(x) + b * log_expit(-x) + shape * y - e - w - f
    return value, np.stack((a * expit(-x) - b * expit(x) + 0.5 - 0.5 * f, shape - e, f - 1.0), axis=1)


def ranks_are_uniform(kernel, density):
    """True unless one of four quantities has non-uniform ranks."""
    rng = np.random.default_rng(1)
    move = Move(kernel, Dense(FACTOR, np.linalg.inv(FACTOR)), 0.9, 3)
    chains = np.arange(CHAINS, dtype=np.int64)
    place = rng.integers(0, LENGTH, CHAINS)
    start = density.state(exact_draws(rng))
    current, path = start, [np.vstack((start.position, start.logdensity))]
    for step in range(1, LENGTH):
        # chains whose place has been reached backwards go on forwards from the exact draw: the order of a path is immaterial
        turn = place == step
        current = State(*(np.where(turn, s, c) for s, c in zip(start, current, strict=True)))
        current, _ = transition(move, Key(5, chains, step), current, density)
        path.append(np.vstack((current.position, current.logdensity)))
    values = np.stack(path)  # (LENGTH, quantity, chain), the exact draw first
    below = (values[1:] < values[0]).sum(axis=0)
    ties = (values[1:] == values[0]).sum(axis=0)
    ranks = below + np.floor(rng.random(ties.shape) * (ties + 1)).astype(int)
    counts = np.stack([np.bincount(r, minlength=LENGTH) for r in ranks])
    statistic = ((counts - CHAINS / LENGTH) ** 2 / (CHAINS / LENGTH)).sum(axis=1)
    return bool(np.all(chi2.sf(statistic, LENGTH - 1) > FALSE_ALARM / len(statistic)))


def with_energy(kernel, change):
    """The kernel with its kinetic energy gains passed through ``change``."""

    def kick_drift(position, velocity, value, gradient, direction, kinetic, alive, kick, drift):
        before = kinetic.copy()
        kernel.kick_drift(position, velocity, value, gradient, direction, kinetic, alive, kick, drift)
        kinetic[:] = before + change(kinetic - before)

    return kernel._replace(kick_drift=kick_drift)


KERNEL = pytest.mark.parametrize("kernel", [MAMS, HMC], ids=lambda k: k.name)


@KERNEL
def test_ranks_of_exact_draws_are_uniform(kernel):
    assert ranks_are_uniform(kernel, Density(logdensity, 3))


@KERNEL
def test_a_dropped_jacobian_is_rejected(kernel):
    assert not ranks_are_uniform(kernel, Density(lambda x: logdensity(x, jacobian=0.9), 3))


@KERNEL
def test_a_flipped_sign_of_the_energy_is_rejected(kernel):
    assert not ranks_are_uniform(with_energy(kernel, np.negative), Density(logdensity, 3))


@KERNEL
def test_accepting_everything_is_rejected(kernel):
    assert not ranks_are_uniform(with_energy(kernel, lambda gain: gain - 1e6), Density(logdensity, 3))


@KERNEL
def test_a_half_forgotten_energy_is_rejected(kernel):
    assert not ranks_are_uniform(with_energy(kernel, lambda gain: 0.8 * gain), Density(logdensity, 3))


@KERNEL
def test_a_wrong_gradient_is_harmless_but_a_wrong_value_is_not(kernel):
    """The Metropolis test corrects any gradient that is a function of the position alone; nothing corrects a wrong value."""

    def bent(position):
        value, gradient = logdensity(position)
        return value, 1.05 * gradient

    def tilted(position):
        value, gradient = logdensity(position)
        return value + 0.1 * position[:, 1], gradient

    if kernel is HMC:
        assert ranks_are_uniform(kernel, Density(bent, 3))
    assert not ranks_are_uniform(kernel, Density(tilted, 3))
