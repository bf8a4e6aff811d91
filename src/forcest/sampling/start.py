"""Starting points: redrawn where the density is not finite, then moved uphill, no further than the typical set."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from forcest.errors import SamplingError
from forcest.sampling.density import Density, is_finite
from forcest.sampling.state import State

Initial = np.ndarray | Callable[[np.random.Generator, int], np.ndarray]
FEW_CHAINS = 16
"""Up to this number of chains, each chain has its own starting point."""
_REDRAWS = 10
_FIRST_MOVE = 0.1


class Start(NamedTuple):
    """States to start from, and the work to find them.

    Attributes
    ----------
    state : State
    n_redrawn : int
        Starting points that were replaced because the density was not finite there.
    n_gradients : int
        Summed over chains.
    """

    state: State
    n_redrawn: int
    n_gradients: int


def _problems_at(state: State) -> str:
    """What was not finite at the last starting points tried."""
    value, gradient = state.logdensity, state.logdensity_grad
    kinds = {"nan": np.isnan(value), "-inf": np.isneginf(value), "+inf": np.isposinf(value)}
    parts = [f"the log density was {name} at {hit.sum()}" for name, hit in kinds.items() if hit.any()]
    rows = np.flatnonzero(~np.isfinite(gradient).all(axis=1))
    if rows.size:
        shown = ", ".join(map(str, rows[:10])) + (", ..." if rows.size > 10 else "")
        parts.append(f"the gradient was not finite in coordinate{'s' if rows.size > 1 else ''} {shown}")
    return "; ".join(parts)


def group_size(chains: int) -> int:
    """Chains that share a start: 4 where nested R-hat will be used, else 1.

    Four make nested R-hat ask for 12 effective draws per chain, less than rank R-hat <= 1.03 does, and leave chains / 4
    different starts to discover modes.
    """
    if chains <= FEW_CHAINS:
        return 1
    return next((size for size in (4, 5, 3, 2) if chains % size == 0), 1)


def _rows(initial: Initial, rng: np.random.Generator, count: int) -> np.ndarray:
    rows = np.asarray(initial(rng, count) if callable(initial) else initial)
    if rows.ndim != 2 or rows.shape[1] == 0 or rows.dtype != np.float64:
        raise SamplingError(f"initial must be float64 of shape (chain, dim) with dim >= 1; got {rows.dtype} {rows.shape}.")
    return rows


def starting_rows(initial: Initial, chains: int, groups: int, rng: np.random.Generator) -> np.ndarray:
    """One starting point for each group of chains, shape (group, dim).

    Parameters
    ----------
    initial : ndarray, shape (chain, dim), or callable
        Of an array with a row for each chain, the first row of each group is used.
    chains, groups : int
    rng : numpy.random.Generator

    Raises
    ------
    SamplingError
        If ``initial`` has the wrong shape or type.
    """
    rows = _rows(initial, rng, groups)
    if rows.shape[0] < groups:
        raise SamplingError(f"initial must have at least {groups} rows for {chains} chains; got {rows.shape[0]}.")
    return rows[:: chains // groups] if rows.shape[0] == chains else rows[:groups]


def _blend(keep: np.ndarray, new: State, old: State) -> State:
    return State(*(np.where(keep, a, b) for a, b in zip(new, old, strict=True)))


def first_points(density: Density, initial: Initial, rows: np.ndarray, rng: np.random.Generator) -> Start:
    """States at ``rows``, each replaced until its density is finite.

    Parameters
    ----------
    density : Density
    initial : ndarray, shape (chain, dim), or callable
        New points come from the callable, or are other rows of the array.
    rows : ndarray, shape (point, dim)
    rng : numpy.random.Generator

    Returns
    -------
    Start

    Raises
    ------
    SamplingError
        If no replacement has a finite density; the message says what was not finite.
    """
    state = density.state(np.ascontiguousarray(rows.T))
    n_gradients, n_redrawn = rows.shape[0], int((~is_finite(state)).sum())
    for _ in range(_REDRAWS if n_redrawn else 0):
        bad = np.flatnonzero(~is_finite(state))
        if not bad.size:
            break
        position = state.position.copy()
        supply = _rows(initial, rng, bad.size)
        position[:, bad] = (
            supply[: bad.size].T if callable(initial) else rng.permutation(supply)[np.arange(bad.size) % len(supply)].T
        )
        state = _blend(is_finite(state), state, density.state(position))
        n_gradients += rows.shape[0]
    bad = ~is_finite(state)
    if bad.any():
        raise SamplingError(
            f"No usable starting point for {bad.sum()} of {bad.size} chains after {_REDRAWS} re-draws: "
            f"{_problems_at(state.of_chains(bad))} of these points. "
            "Give starting points inside the support, or check the log density there."
        )
    return Start(state, n_redrawn, n_gradients)


def ascend(density: Density, state: State, max_steps: int = 120) -> tuple[State, int]:
    """Move chains that are far out uphill to the typical set, and leave the others where they are.

    Ascent by the signs of the gradient with a step size for each coordinate, which grows while the sign stays the same and
    shrinks when it changes (Rprop) :cite:p:`riedmiller1993`. It needs no scales, and a log density of -1e60 takes no longer than
    one of -1e6. A chain stops as soon as its next step promises a gain of less than dim / 2, the difference between twice the
    typical energy and the typical one, so that starts stay dispersed; a step that loses is undone.

    Parameters
    ----------
    density : Density
    state : State
    max_steps : int

    Returns
    -------
    State
        With a density nowhere below that of ``state``.
    int
        Gradients used, summed over chains.
    """
    dim, n_chain = state.position.shape
    moving, steps, last = np.ones(n_chain, dtype=bool), np.full((dim, n_chain), _FIRST_MOVE), np.zeros((dim, n_chain))
    for used in range(max_steps):
        sign = np.sign(state.logdensity_grad)
        steps *= np.where(sign * last > 0, 1.5, np.where(sign * last < 0, 0.5, 1.0))
        moving &= np.sum(np.abs(state.logdensity_grad) * steps, axis=0) > 0.5 * dim
        if not moving.any():
            return state, used * n_chain
        tried = density.state(np.where(moving, state.position + sign * steps, state.position))
        better = is_finite(tried) & (tried.logdensity >= state.logdensity)
        last = np.where(better, sign, 0.0)
        steps *= np.where(better, 1.0, 0.3)
        state = _blend(better, tried, state)
    return state, max_steps * n_chain


def find_start(density: Density, initial: Initial, rows: np.ndarray, rng: np.random.Generator, tile: int) -> Start:
    """Finite states in or near the typical set for ``rows``, tile by tile.

    Parameters
    ----------
    density, initial, rows, rng
        As for `first_points`.
    tile : int
        Points evaluated at a time.

    Returns
    -------
    Start
    """
    parts, n_redrawn, n_gradients = [], 0, 0
    for a in range(0, rows.shape[0], tile):
        found = first_points(density, initial, rows[a : a + tile], rng)
        with np.errstate(all="ignore"):
            state, used = ascend(density, found.state)
        parts.append(state)
        n_redrawn += found.n_redrawn
        n_gradients += found.n_gradients + used
    return Start(State(*(np.concatenate(p, axis=-1) for p in zip(*parts, strict=True))), n_redrawn, n_gradients)
