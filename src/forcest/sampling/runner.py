"""All chains, cut into tiles that threads advance."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

import numpy as np

from forcest.sampling.blas import single_threaded_blas
from forcest.sampling.density import Density
from forcest.sampling.kernel import Move, transition
from forcest.sampling.state import Info, Key, State


def merge(infos: Sequence[Info]) -> Info:
    """One Info of all chains from those of the tiles, in tile order."""
    parts = [np.concatenate(part) for part in zip(*(info[:5] for info in infos), strict=True)]
    return Info(parts[0], parts[1], parts[2], parts[3], parts[4], infos[0].n_steps)


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workers(threads: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads for tiles, with the linear algebra library limited to one thread each."""
    with single_threaded_blas(), ThreadPoolExecutor(threads, thread_name_prefix="forcest") as executor:
        yield executor


class Ensemble:
    """States of all chains, cut into tiles.

    Parameters
    ----------
    density : Density
    seed : int
    state : State
        Of all chains, shape (dim, chain).
    tile : int
        Chains per tile, whatever the number of threads.
    executor : ThreadPoolExecutor
    """

    def __init__(self, density: Density, seed: int, state: State, tile: int, executor: ThreadPoolExecutor):
        self._density, self._seed, self._executor = density, seed, executor
        n_chain = state.logdensity.size
        self.chains = [np.arange(a, min(a + tile, n_chain), dtype=np.int64) for a in range(0, n_chain, tile)]
        self._gradients = [0] * len(self.chains)
        self._stop = Event()
        self.set_state(state)

    @property
    def n_gradients(self) -> int:
        """Gradients computed so far, summed over chains."""
        return sum(self._gradients)

    def set_state(self, state: State) -> None:
        """Put all chains at ``state``, shape (dim, chain)."""
        self._states = [
            State(
                np.ascontiguousarray(state.position[:, c]),
                state.logdensity[c],
                np.ascontiguousarray(state.logdensity_grad[:, c]),
            )
            for c in self.chains
        ]

    def state(self) -> State:
        """State of all chains, shape (dim, chain)."""
        return State(*(np.concatenate(parts, axis=-1) for parts in zip(*self._states, strict=True)))

    def _step(self, tile: int, move: Move, iteration: int) -> Info:
        key = Key(self._seed, self.chains[tile], iteration)
        self._states[tile], info = transition(move, key, self._states[tile], self._density)
        self._gradients[tile] += move.n_steps * self.chains[tile].size
        return info

    def advance(self, move: Move, iteration: int) -> Info:
        """One transition of every chain; returns when all tiles are done."""
        return merge(self._each_tile(lambda tile: self._step(tile, move, iteration)))

    def advance_many(self, moves: Sequence[Move], first: int, record: Callable[[int, np.ndarray, State, Info], bool]) -> None:
        """Many transitions; tiles do not wait for each other.

        Parameters
        ----------
        moves : sequence of Move
        first : int
            Iteration of the first move; the others follow it one by one.
        record : callable
            Gets (number of the move, chains, state, info) after each transition, on the thread of the tile; False stops
            that tile.
        """

        def run(tile: int) -> None:
            for number, move in enumerate(moves):
                if self._stop.is_set():
                    return
                info = self._step(tile, move, first + number)
                if not record(number, self.chains[tile], self._states[tile], info):
                    return

        self._each_tile(run)

    def _each_tile(self, work: Callable) -> list:
        """``work(tile)`` of every tile on the threads, results in tile order.

        An interrupt or an error stops the other tiles after their current transition, so that no state is left half written.
        """
        futures = [self._executor.submit(work, tile) for tile in range(len(self.chains))]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            return [future.result() for future in futures]
        except BaseException:
            self._stop.set()
            wait(futures)
            raise
        finally:
            self._stop.clear()
