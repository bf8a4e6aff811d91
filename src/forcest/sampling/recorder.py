"""Storage of the draws, which grows; all chains and draws of one coordinate are contiguous."""

from __future__ import annotations

import numpy as np

from forcest.sampling.result import Infos
from forcest.sampling.state import Info, State

_GRADIENTS_PER_DRAW = 20_000
"""Entries of a gradient (dim x chain) above which only that of every n-th draw is kept."""


class Recorder:
    """Draws of all chains; each tile writes its own columns, so no lock is needed.

    Parameters
    ----------
    dim, n_chain : int
    precision : type
        Of the stored draws.
    """

    def __init__(self, dim: int, n_chain: int, precision: type[np.floating] = np.float64):
        self._dim, self._n_chain = dim, n_chain
        self._capacity = 0
        self.n_draws = 0
        self._draws = np.empty((dim + 1, n_chain, 0), dtype=precision)
        self._every = max(1, dim * n_chain // _GRADIENTS_PER_DRAW)
        self._gradients: list[np.ndarray] = []
        self._rates = np.empty((2, n_chain, 0))
        self._flags = np.empty((3, n_chain, 0), dtype=bool)
        self._steps = np.empty(0, dtype=np.int64)

    def reserve(self, count: int) -> None:
        """Make room for ``count`` draws per chain in total."""
        if count <= self._capacity:
            return
        capacity = max(count, min(2 * self._capacity, self._capacity + 500))
        for name in ("_draws", "_rates", "_flags", "_steps"):
            old = getattr(self, name)
            new = np.empty((*old.shape[:-1], capacity), dtype=old.dtype)
            new[..., : self.n_draws] = old[..., : self.n_draws]
            setattr(self, name, new)
        self._capacity = capacity

        while len(self._gradients) * self._every < capacity:
            self._gradients.append(np.empty((self._dim, self._n_chain)))

    def write(self, draw: int, chains: np.ndarray, state: State, info: Info) -> None:
        """Store one draw of the chains of one tile."""
        tile = slice(chains[0], chains[-1] + 1)
        self._draws[:-1, tile, draw] = state.position
        self._draws[-1, tile, draw] = state.logdensity
        self._rates[0, tile, draw] = info.acceptance_rate
        self._rates[1, tile, draw] = info.energy_error
        self._flags[0, tile, draw] = info.is_accepted
        self._flags[1, tile, draw] = info.is_divergent
        self._flags[2, tile, draw] = info.is_nonfinite
        self._steps[draw] = info.n_steps
        if draw % self._every == 0:
            self._gradients[draw // self._every][:, tile] = state.logdensity_grad

    @property
    def columns(self) -> np.ndarray:
        """Draws of every coordinate and of the log density (last), shape (dim + 1, chain, draw); a view."""
        return self._draws[..., : self.n_draws]

    @property
    def draws(self) -> np.ndarray:
        """Draws, shape (chain, draw, dim); a view."""
        return np.moveaxis(self.columns[:-1], 0, 2)

    def with_gradients(self) -> tuple[np.ndarray, np.ndarray]:
        """The draws whose gradients were kept, and these gradients, each (dim, chain, draw)."""
        kept = -(-self.n_draws // self._every)
        return self.columns[:-1, :, :: self._every], np.stack(self._gradients[:kept], axis=2)

    @property
    def infos(self) -> Infos:
        """Per-draw records."""
        n = self.n_draws
        return Infos(
            self._rates[0, :, :n],
            self._rates[1, :, :n],
            self._flags[0, :, :n],
            self._flags[1, :, :n],
            self._flags[2, :, :n],
            self._steps[:n],
        )
