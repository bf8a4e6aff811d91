"""How many leapfrog steps a transition takes: one length for all chains, jittered by a Halton sequence."""

from __future__ import annotations

import math

MOST_STEPS = 512


def halton(index: int) -> float:
    """Member ``index`` (from 1) of the base-2 Halton sequence, in (0, 1)."""
    value, fraction = 0.0, 0.5
    while index:
        value += fraction * (index & 1)
        index >>= 1
        fraction *= 0.5
    return value


def n_steps(length: float, step_size: float, iteration: int, cap: int = MOST_STEPS) -> int:
    """Leapfrog steps of one transition, uniform between 0 and twice the mean length in the long run.

    Parameters
    ----------
    length : float
        Mean trajectory length in whitened units.
    step_size : float
    iteration : int
        From 1.
    cap : int
        Largest number of steps.

    Returns
    -------
    int
    """
    return max(1, min(cap, math.ceil(2.0 * halton(iteration) * length / step_size)))


def length_for(largest_variance: float) -> float:
    """Mean trajectory length: a quarter of the period of the direction with the largest variance after whitening.

    Parameters
    ----------
    largest_variance : float
        Values below 1 count as 1.

    Returns
    -------
    float
    """
    return 0.5 * math.pi * math.sqrt(max(1.0, largest_variance))
